"""From what is looked at to the values of the panes. Pure."""

from collections.abc import Mapping

from msgspec import Struct

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.tui.commands import results as commands
from batchtui.tui.commands.command import KeyOf, Need, default_key
from batchtui.tui.commands.reading import ResultNeed, StepBack
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.results.header import (
    Finding,
    Heading,
    finding_spans,
    header_line,
    problem_lines,
    query_line,
    tabs_line,
)
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import Phase, SourceStatus
from batchtui.tui.screens.results.state import AllRows, ResultsState
from batchtui.tui.widgets.reader_wrapping import wrap_lines
from batchtui.untrusted import visible

_ROOMY = 58
"""Cells of a line from which there is room for more than the query and the place."""


class ResultsViewSetup(Struct, frozen=True):
    """What the view depends on besides the state."""

    glyphs: Glyphs
    width: int
    """Cells of a line across the screen."""
    table_width: int
    """Cells of a line of the table."""
    key_of: KeyOf = default_key
    is_typing: bool = False
    """Whether a query is being typed."""


class ResultsView(Struct, frozen=True):
    """What is shown around the panes."""

    header: Line = BLANK
    tabs: Line = BLANK
    query: Line = BLANK
    found: Line = BLANK
    """What the query found, while it is being typed."""
    problem: tuple[Line, ...] = ()
    note: tuple[Line, ...] = ()
    """What is said in place of rows."""
    needs: Mapping[Need, Availability] = {}
    is_reading: bool = False
    """Whether the row under the cursor has the whole screen."""
    has_reader: bool = True
    """Whether it is shown beside the rows."""


def results_view(state: ResultsState, rows: AllRows, setup: ResultsViewSetup) -> ResultsView:
    """Write everything that is on the screen but the rows and the reader."""
    finding = _finding(state, rows, setup.width)
    go_on = setup.key_of(commands.ReloadResults)
    problem = problem_lines(rows.status, go_on=go_on, width=setup.width)
    return ResultsView(
        header=header_line(_heading(rows), setup.glyphs, setup.width),
        tabs=tabs_line(rows.counts, state.tab, setup.width, rows.expected),
        query=query_line(finding, key=setup.key_of(commands.FilterRows)),
        found=Line(right=finding_spans(finding)),
        problem=problem if rows.count else (),
        note=_note(state, rows, finding, setup),
        needs=result_needs(state, rows),
        is_reading=state.is_reading,
        has_reader=state.has_reader,
    )


def _heading(rows: AllRows) -> Heading:
    canceled = rows.counts[Tab.CANCELED]
    return Heading(rows.title, rows.name, rows.status, rows.count, rows.failed, rows.odd, canceled)


def _finding(state: ResultsState, rows: AllRows, width: int) -> Finding:
    found = state.found
    return Finding(
        query=state.text,
        shown=len(state.rows),
        among=rows.counts[state.tab],
        is_done=found is None or found.rows_done >= rows.count,
        share_done=found.rows_done / max(1, rows.count) if found else 1.0,
        seconds=found.seconds if found else 0.0,
        marked=len(state.marked),
        records=rows.records if width >= _ROOMY else (0, 0),
    )


# What is possible

_NO_ROW = Availability("There is no row here")
_NO_ROWS = Availability("There are no rows yet")
_NO_FAILURES = Availability("Nothing failed")
_NO_QUERY = Availability("There is no query to match")
_NO_TARGETS = Availability("Nothing to send again: no row failed or is marked")
_NO_BATCH = Availability("Only the results of a batch can be sent again")
_ATTACHED_OUTSIDE = Availability("For a file there is batchtui attach FILE REQUESTS")
_MOVING = Availability("They are on their way already")
_NOTHING_TO_FETCH = Availability("All results are here")


def result_needs(state: ResultsState, rows: AllRows) -> Mapping[Need, Availability]:
    """Say which needs of the commands are met, and why the others are not."""
    status = rows.status
    unfetchable = _MOVING if status.is_moving else _NOTHING_TO_FETCH
    targets = len(state.marked) or (len(state.rows) if state.is_part else rows.failed)
    met = {
        ResultNeed.ROW: (state.row is not None and len(state.rows) > 0, _NO_ROW),
        ResultNeed.ROWS: (rows.count > 0, _NO_ROWS),
        ResultNeed.FAILURES: (rows.counts[Tab.SUCCEEDED] < rows.count, _NO_FAILURES),
        ResultNeed.QUERY: (state.query is not None, _NO_QUERY),
        ResultNeed.BATCH: (rows.batch is not None, _NO_BATCH),
        ResultNeed.ATTACHABLE: (rows.batch is not None, _ATTACHED_OUTSIDE),
        ResultNeed.TARGETS: (targets > 0, _NO_TARGETS),
        ResultNeed.FETCHABLE: (status.can_go_on and not status.is_moving, unfetchable),
    }
    return {need: ALLOWED if is_met else refusal for need, (is_met, refusal) in met.items()}


# In place of rows

_NONE = {
    Tab.SUCCEEDED: "No request succeeded",
    Tab.ERRORED: "No request errored",
    Tab.CANCELED: "No request was canceled",
    Tab.EXPIRED: "No request expired",
    Tab.LOOK: "No answer needs a look",
    Tab.ALL: "There are no rows",
}


class Absence(Struct, frozen=True):
    """Why no rows are shown."""

    status: SourceStatus
    """How far the rows are."""
    rows: int
    """How many there are in all."""
    tab: Tab
    query: str = ""
    """Untrusted text."""
    absent: tuple[str, ...] = ()
    """Which of the fields that it names no answer has; untrusted text."""
    is_searching: bool = False
    """Whether the query is still at work."""
    is_typing: bool = False
    """Whether the query is being typed, and what is found so far says little."""
    is_gone: bool = False
    """Whether the server does not keep the results any more."""


def _note(
    state: ResultsState, rows: AllRows, finding: Finding, setup: ResultsViewSetup
) -> tuple[Line, ...]:
    """Say in place of rows why there are none, in lines that fit."""
    if len(state.rows):
        return ()
    absence = Absence(
        rows.status,
        rows.count,
        state.tab,
        state.text,
        state.found.absent if state.found else (),
        is_searching=not finding.is_done,
        is_typing=setup.is_typing,
        is_gone=_is_gone(rows),
    )
    return wrap_lines(note_lines(absence, setup.key_of), max(10, setup.table_width - 4))


def _is_gone(rows: AllRows) -> bool:
    """Return whether the server does not keep these results any more."""
    if rows.batch is None or rows.status.phase is not Phase.BROKEN:
        return False
    return rows.batch.archived_at is not None or not rows.status.can_go_on


def note_lines(absence: Absence, key_of: KeyOf) -> tuple[Line, ...]:
    """Say why no rows are shown.

    Args:
        absence: Why.
        key_of: Gives the key of a command.
    """
    if not absence.rows:
        return _no_rows(absence, key_of)
    if absence.is_searching:
        return (line(("Searching …", "muted")),)
    reasons = [line(visible(reason)) for reason in absence.absent]
    if absence.query and absence.is_typing:
        return (line(("Nothing matches so far", "muted")), *reasons)
    if absence.query:
        clear, change = key_of(StepBack), key_of(commands.FilterRows)
        return (
            line(("Nothing matches the query", "heading")),
            BLANK,
            line((visible(absence.query), "accent")),
            *reasons,
            BLANK,
            line("Press ", (clear, "key"), " to clear it, ", (change, "key"), " to change it."),
        )
    is_moving = absence.status.is_moving
    moving = [line(("More rows are on their way.", "muted"))] if is_moving else []
    return (line((_NONE[absence.tab], "heading")), *moving)


def _no_rows(absence: Absence, key_of: KeyOf) -> tuple[Line, ...]:
    match absence.status.phase:
        case Phase.BROKEN:
            return _nothing_came(absence, key_of)
        case Phase.DOWNLOADING:
            return (line(("Asking for the results …", "muted")),)
        case Phase.WAITING:
            return (
                line(("Another batchtui is downloading these results", "heading")),
                BLANK,
                line("Rows show here as they arrive there."),
            )
        case Phase.READY:
            title = line(("There are no rows", "heading"))
            return (title, BLANK, line("The file has no results."))
        case _:
            return (line(("Opening …", "muted")),)


def _nothing_came(absence: Absence, key_of: KeyOf) -> tuple[Line, ...]:
    status = absence.status
    problem = visible(status.problem)
    if absence.is_gone:
        return (
            line(("These results are gone", "heading")),
            BLANK,
            line("The server keeps results for 29 days, and there is no copy on this disk."),
            line((problem, "muted")),
        )
    reload = key_of(commands.ReloadResults)
    return (
        line(("The results could not be loaded", "heading")),
        BLANK,
        line((problem, "problem")),
        line(visible(status.hint)),
        BLANK,
        line("Press ", (reload, "key"), " to try again.") if status.can_go_on else BLANK,
    )
