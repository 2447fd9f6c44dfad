"""What is said in place of the rows: on their way, none, none here, nothing found. Pure."""

from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import Phase, SourceStatus
from batchtui.untrusted import visible

_NONE = {
    Tab.SUCCEEDED: "No request succeeded",
    Tab.ERRORED: "No request errored",
    Tab.CANCELED: "No request was canceled",
    Tab.EXPIRED: "No request expired",
    Tab.LOOK: "No answer needs a look",
    Tab.ALL: "There are no rows",
}


def note_lines(
    status: SourceStatus, rows: int, tab: Tab, query: str, *, is_searching: bool, is_gone: bool
) -> tuple[Line, ...]:
    """Say why no rows are shown.

    Args:
        status: How far the rows are.
        rows: How many there are in all.
        tab: The tab.
        query: The query; untrusted text.
        is_searching: Whether the query is still at work.
        is_gone: Whether the server keeps the results no longer.
    """
    if not rows:
        return _no_rows(status, is_gone=is_gone)
    if is_searching:
        return (line(("Searching …", "muted")),)
    if query:
        return (
            line(("Nothing matches the query", "heading")),
            BLANK,
            line((visible(query), "accent")),
            BLANK,
            line("Press ", ("Esc", "key"), " to clear it, ", ("/", "key"), " to change it."),
        )
    moving = [line(("More rows are on their way.", "muted"))] if status.is_moving else []
    return (line((_NONE[tab], "heading")), *moving)


def _no_rows(status: SourceStatus, *, is_gone: bool) -> tuple[Line, ...]:
    if status.phase is Phase.BROKEN:
        return _nothing_came(status, is_gone=is_gone)
    if status.phase is Phase.DOWNLOADING:
        return (line(("Asking for the results …", "muted")),)
    if status.phase is Phase.WAITING:
        return (
            line(("Another batchtui is downloading these results", "heading")),
            BLANK,
            line("Rows show here as they arrive there."),
        )
    if status.phase is Phase.READY:
        return (line(("There are no rows", "heading")), BLANK, line("The file has no results."))
    return (line(("Opening …", "muted")),)


def _nothing_came(status: SourceStatus, *, is_gone: bool) -> tuple[Line, ...]:
    if is_gone:
        return (
            line(("These results are gone", "heading")),
            BLANK,
            line("The server keeps results for 29 days, and there is no copy on this disk."),
            line((visible(status.problem), "muted")),
        )
    again = line("Press ", ("r", "key"), " to try again.") if status.can_go_on else BLANK
    return (
        line(("The results could not be loaded", "heading")),
        BLANK,
        line((visible(status.problem), "problem")),
        line(visible(status.hint)),
        BLANK,
        again,
    )
