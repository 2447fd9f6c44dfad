"""From the failures by cause to the lines of their screen. Pure."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from batchtui.formatting import format_count, format_share, plural
from batchtui.results.triage import FailureGroup
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line, spans, whole_parts
from batchtui.tui.screens.results.later_rows import Since
from batchtui.tui.widgets.columns import (
    Column,
    PlacedColumn,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible, visible_lines

_COLUMNS = (
    Column("count", "ROWS", 7, "right", gap=0),
    Column("share", "OF ALL", 7, "right", rank=2),
    Column("remedy", "WHAT HELPS", 15, rank=3),
    Column("cause", "CAUSE", 40, grows=True),
)
_REMEDY_STYLES = {
    "fix the request": "warning",
    "send again": "ok",
    "account": "problem",
    "look": "accent",
}


_ROOMY = 100
"""Cells from which a cause begins with its type; below that the message has the room."""


class FailuresState(Struct, frozen=True):
    """Why rows failed, as far as they are here."""

    groups: tuple[FailureGroup, ...] = ()
    """The largest first."""
    rows: int = 0
    """How many rows there are, failed or not."""
    is_moving: bool = False
    """Whether more of them are on their way."""
    since: Mapping[str, Since] = {}
    """What later tries have of the rows of a group, by its query."""


def failures_header(state: FailuresState, width: int) -> Line:
    """Say how many rows failed, in as many parts as fit whole."""
    failed = sum(group.count for group in state.groups)
    so_far = " so far" if state.is_moving else ""
    count = f"{format_count(failed)} of {format_count(state.rows)} rows{so_far}"
    causes = plural(len(state.groups), "cause")
    since = str(sum(state.since.values(), Since()))
    parts = spans(("Failures by cause", "strong"), (count, "failed"), causes, (since, "accent"))
    return whole_parts(parts, width)


def place_group_columns(width: int) -> tuple[PlacedColumn, ...]:
    """Return the columns of the list of groups, for a width."""
    return place_columns(_COLUMNS, width)


def cause_line(group: FailureGroup, rows: int, width: int) -> Line:
    """Return one group.

    Args:
        group: Which.
        rows: How many rows there are in all.
        width: Cells of the line.
    """
    message = visible(group.message)
    kind = visible(group.type)
    cause = f"{kind}: {message}" if message and width >= _ROOMY else message or kind
    return table_line(
        place_group_columns(width),
        {
            "count": Span(format_count(group.count), "failed"),
            "share": Span(format_share(group.count, rows), "muted"),
            "remedy": Span(group.remedy, _REMEDY_STYLES[group.remedy]),
            "cause": cause,
        },
    )


def cause_detail(
    group: FailureGroup,
    ids: Sequence[str],
    width: int,
    glyphs: Glyphs,
    *,
    since: str = "",
    key: str = "",
) -> tuple[Line, ...]:
    """Return all that is known of a group: the whole message, what to do, examples.

    Args:
        group: Which.
        ids: The ids of its first rows; untrusted text.
        width: Cells of a line.
        glyphs: The signs to draw with.
        since: What later tries have of its rows, in words.
        key: The key that sends its rows again; empty where that is not possible.
    """
    count = f"  {plural(group.count, 'row')}"
    later = f", {since}" if since else ""
    lines = [line((visible(group.type), "heading"), count, (later, "accent")), BLANK]
    if group.example:
        lines += _wrapped(visible_lines(group.example), width)
        lines.append(BLANK)
    sends = (("   ", ""), (key, "key"), (" sends them again", "muted")) if key else ()
    lines.append(line(("What to do", "heading"), "  ", (group.remedy, "accent"), *sends))
    lines += _wrapped(group.advice, width)
    more = f" {glyphs.ellipsis}" if group.count > len(ids) else ""
    names = ", ".join(visible(one) or "(no custom_id)" for one in ids)
    lines += [BLANK, *_wrapped(f"{names}{more}", width, "muted", "such as ")]
    lines += [BLANK, *_wrapped(group.query, width, "accent", "/ ")]
    return tuple(lines)


def _wrapped(text: str, width: int, style: str = "", before: str = "") -> list[Line]:
    first = (Span(before, "muted"),) if before else ()
    rest = (Span(" " * len(before)),) if before else ()
    return wrap_runs([(text, style)], width, first, rest)
