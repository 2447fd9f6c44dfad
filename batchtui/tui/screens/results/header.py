"""The lines around the rows: what they are, how far they are, tabs, query, problems. Pure."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from msgspec import Struct
from rich.cells import cell_len, set_cell_size

from batchtui.formatting import format_count, format_duration, format_size, plural
from batchtui.results.errors import QueryError
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line, spans
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import Phase, SourceStatus
from batchtui.tui.widgets.painting import cut_cells
from batchtui.tui.widgets.reader_wrapping import cells_of, wrap_runs
from batchtui.untrusted import visible

_SHORT_TITLES = {
    Tab.SUCCEEDED: "Ok",
    Tab.ERRORED: "Err",
    Tab.CANCELED: "Canc",
    Tab.EXPIRED: "Exp",
    Tab.LOOK: "Look",
}
_TAB_STYLES = {
    Tab.ERRORED: "failed",
    Tab.EXPIRED: "expired",
    Tab.CANCELED: "canceled",
    Tab.LOOK: "warning",
}


_LEAST_PROBLEM, _MOST_PROBLEM = 20, 4
"""Cells of a line that says what is wrong, at least, and how many lines it takes at most."""


class Heading(Struct, frozen=True):
    """What the header says."""

    title: str
    """What the user calls the results; untrusted text."""
    name: str
    """Their id or path, if that is another; untrusted text."""
    status: SourceStatus
    """How far they are."""
    rows: int
    """How many rows there are."""
    failed: int
    """How many failed."""
    odd: int = 0
    """How many cannot be told: of unknown types, or no results at all."""
    canceled: int = 0
    """How many were canceled before they were answered."""


def header_line(heading: Heading, glyphs: Glyphs, width: int) -> Line:
    """Say what is shown and how far it is; at the right how it ended."""
    right = outcome_spans(heading, glyphs)
    room = width - sum(cell_len(span.text) for span in right) - 2
    parts = progress_parts(heading, glyphs)
    title_room = min(40, room - 12) if room >= 36 else room
    title = cut_cells(visible(heading.title), max(8, title_room), glyphs.ellipsis)
    left = list(spans((title, "strong")))
    room -= cell_len(title)
    needed = sum(cell_len(text) + 3 for text, _ in parts)
    if heading.name and room - needed >= 15:
        name = cut_cells(visible(heading.name), min(42, room - needed - 2), glyphs.ellipsis)
        left += spans("  ", (name, "muted"))
        room -= cell_len(name) + 2
    for text, style in parts:
        if cell_len(text) + 3 > room:
            break
        left += spans("   ", (text, style))
        room -= cell_len(text) + 3
    return Line(tuple(left), right)


def progress_parts(heading: Heading, glyphs: Glyphs) -> list[tuple[str, str]]:
    """Return how far the rows are, the most important first."""
    status = heading.status
    rows = format_count(heading.rows)
    if status.phase is Phase.OPENING:
        return [(f"opening {glyphs.ellipsis}", "muted")]
    if status.is_verified:
        return [(f"{rows} verified", "ok"), (f"{format_size(status.size)} on this disk", "muted")]
    expected = format_count(status.expected_rows or 0)
    # what stands behind the number does not move while that grows
    of_all = f"{rows:>{len(expected)}} of {expected}"
    if not status.expected_rows:
        of_all = plural(heading.rows, "row")
    if status.phase in {Phase.DOWNLOADING, Phase.WAITING}:
        style = "running" if status.phase is Phase.DOWNLOADING else "warning"
        return [(of_all, style), *_speed_parts(status)]
    if status.phase is Phase.BROKEN:
        here = f"{of_all}: not complete" if heading.rows else "nothing here"
        return [(here, "problem"), (format_size(status.size), "muted")]
    vendor = [(status.vendor, "muted")] if status.vendor else []
    if status.phase is Phase.LOADING and status.expected_size:
        share = int(100 * status.size / status.expected_size)
        reading = (f"reading {share} %", "running")
        return [(plural(heading.rows, "row"), "running"), *vendor, reading]
    return [(plural(heading.rows, "row"), ""), *vendor, (format_size(status.size), "muted")]


def _speed_parts(status: SourceStatus) -> list[tuple[str, str]]:
    size = format_size(status.size)
    if status.expected_size:
        size += f" of {format_size(status.expected_size)}"
    parts = [(size, "muted")]
    if status.phase is Phase.WAITING:
        return [*parts, ("another batchtui downloads it", "warning")]
    if status.speed > 0:
        parts.append((f"{format_size(status.speed)}/s", "muted"))
    if status.seconds_left is not None and status.seconds_left >= 2:
        left = format_duration(timedelta(seconds=status.seconds_left))
        parts.append((f"{left} left", "muted"))
    return parts


def outcome_spans(heading: Heading, glyphs: Glyphs) -> tuple[Span, ...]:
    """Return how the requests ended: the number that needs a person, or that all is well."""
    if not heading.rows:
        return ()
    if heading.failed:
        sign = "✗" if glyphs.is_unicode else "x"
        return spans((f"{sign} {format_count(heading.failed)} failed", "failed"))
    if heading.odd or heading.status.is_moving or heading.status.phase is Phase.BROKEN:
        return ()
    if heading.canceled:
        sign = "⊘" if glyphs.is_unicode else "o"
        return spans((f"{sign} {format_count(heading.canceled)} canceled", "muted"))
    return spans((f"{'✓' if glyphs.is_unicode else '+'} none failed", "ok"))


def tabs_line(
    counts: Mapping[Tab, int], current: Tab, width: int, expected: Mapping[Tab, int]
) -> Line:
    """Write the tabs with how many rows each has; short titles where it is narrow.

    Where even these have no room, tabs without rows are left out. While rows come in, the numbers
    grow and nothing moves.

    Args:
        counts: How many rows each tab has.
        current: The tab that is open.
        width: Cells of the line.
        expected: How many rows a tab will have, where that is known.
    """
    most = {tab: max(count, expected.get(tab, 0)) for tab, count in counts.items()}
    numbers = {
        tab: f"{format_count(count):>{len(format_count(most[tab]))}}"
        for tab, count in counts.items()
    }
    everything = list(Tab)
    needed = [tab for tab in everything if most[tab] or tab in {Tab.ALL, current}]
    forms = (
        _tab_spans(everything, {}, numbers, current, 3),
        _tab_spans(everything, {}, numbers, current, 1),
        _tab_spans(everything, _SHORT_TITLES, numbers, current, 1),
        _tab_spans(needed, _SHORT_TITLES, numbers, current, 0),
    )
    # the last number may become as long as the first one
    room = width - len(numbers[Tab.ALL]) + len(numbers[Tab.LOOK])
    return Line(next((form for form in forms if cells_of(form) <= room), forms[-1]))


def _tab_spans(
    tabs: Sequence[Tab],
    titles: Mapping[Tab, str],
    numbers: Mapping[Tab, str],
    current: Tab,
    gap: int,
) -> tuple[Span, ...]:
    """Write tabs beside each other."""
    parts = [_tab(tab, titles.get(tab, tab.value), numbers[tab], current) for tab in tabs]
    joined = [span for part in parts for span in (Span(" " * gap), *part) if span.text]
    return tuple(joined[bool(gap) :])


def _record_spans(found: int, answers: int) -> tuple[Span, ...]:
    """Say how many answers have a record; a click shows those that have none."""
    if not found:
        return ()
    if found == answers:
        return spans((plural(found, "record"), "muted"))
    text = f"{format_count(found)} of {format_count(answers)} have a record"
    return (Span(text, "warning", "screen.show_without_record"),)


def _tab(tab: Tab, title: str, number: str, current: Tab) -> tuple[Span, ...]:
    action = f"screen.show_tab('{tab.name}')"
    if tab is current:
        return (Span(f" {title} {number} ", "tab", action),)
    style = "muted" if number.strip() == "0" else _TAB_STYLES.get(tab, "")
    shown = (Span(f"{title} ", "muted", action), Span(number, style, action))
    return (Span(" "), *shown, Span(" "))


class Finding(Struct, frozen=True):
    """How the query is doing."""

    query: str
    """As typed; untrusted text."""
    shown: int
    """Rows that are shown."""
    among: int
    """Rows of the tab."""
    is_done: bool = True
    """Whether all rows were looked at."""
    share_done: float = 1.0
    """How much of the rows was looked at, 0 to 1."""
    seconds: float = 0.0
    """How long it took."""
    marked: int = 0
    """How many rows are marked."""
    records: tuple[int, int] = (0, 0)
    """How many answers have a record, of how many; said where there is no query."""


def query_line(finding: Finding, *, key: str) -> Line:
    """Write the query while it is not being typed.

    Args:
        finding: How the query is doing.
        key: The key that begins to type one.
    """
    shown = (visible(finding.query), "accent") if finding.query else ("query", "muted")
    return Line(spans((f"{key} ", "key"), shown), finding_spans(finding))


def finding_spans(finding: Finding) -> tuple[Span, ...]:
    """Return how many rows match, and how far the search is."""
    parts: list[Span] = []
    if finding.marked:
        parts += spans((f"{format_count(finding.marked)} marked", "accent"), "   ")
    if not finding.query:
        return (*parts, *_record_spans(*finding.records))
    parts += spans(f"{format_count(finding.shown)} of {format_count(finding.among)}")
    if not finding.is_done:
        parts += spans((f"   searching {int(100 * finding.share_done)} %", "running"))
    elif finding.seconds >= 0.0005:
        parts += spans((f"   {_milliseconds(finding.seconds)}", "muted"))
    return tuple(parts)


def _milliseconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.9995 else f"{max(1, round(1000 * seconds))} ms"


def caret_line(error: QueryError, query: str, offset: int, width: int) -> Line:
    """Point at the place of the query where it cannot be understood, and say why.

    Args:
        error: What is wrong.
        query: The query.
        offset: Cells before the first character of the query.
        width: Cells of the line.
    """
    end = error.position + error.length
    place = min(max(0, offset + cell_len(query[: error.position])), width - 1)
    caret = "^" * max(1, min(cell_len(query[error.position : end]), width - place))
    text = visible(error.sentence)
    room = width - place - len(caret) - 1
    if cell_len(text) > room and place > room:
        before = set_cell_size(text, place - 1) + " "
        return line((before, "problem"), (caret, "problem"))
    return line(" " * place, (caret, "problem"), " ", (text, "problem"))


def problem_lines(status: SourceStatus, *, go_on: str, width: int) -> tuple[Line, ...]:
    """Return what is wrong and what to do about it; else what is worth a look; none if nothing is.

    Args:
        status: How the rows are.
        go_on: The key that tries again.
        width: Cells of a line.
    """
    if status.problem:
        text = visible(status.problem)
        sentence = text[:1].upper() + text[1:]
        hint = visible(status.hint)
        again = spans("  ", (go_on, "key"), " goes on") if status.can_go_on else ()
        runs = [(sentence, "problem"), (f"  {hint}" if hint else "", "")]
        wrapped = wrap_runs(runs, max(_LEAST_PROBLEM, width - cells_of(again)))
        first, *others = wrapped[:_MOST_PROBLEM]
        return (Line(first.left, again), *others)
    if status.remarks:
        remarks = ", ".join(map(visible, status.remarks))
        wrapped = wrap_runs([(remarks, "warning")], max(_LEAST_PROBLEM, width))
        return tuple(wrapped[:_MOST_PROBLEM])
    return ()


def position_spans(place: int, shown: int) -> tuple[Span, ...]:
    """Say which of the shown rows the cursor is on.

    In the plain style of the rows: a key that moves the cursor sends no color more for it.
    """
    return spans(f"   row {format_count(place + 1)}/{format_count(shown)}") if shown else ()
