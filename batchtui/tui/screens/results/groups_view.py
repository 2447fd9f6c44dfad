"""From groups of rows to lines: fields, values with their share, where numbers lie. Pure."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from rich.cells import cell_len

from batchtui.formatting import format_count, format_share, plural
from batchtui.results.grouping import Grouping, RowGroup, Spread
from batchtui.results.groups import INDEX_FIELDS
from batchtui.results.query.syntax import SortKey
from batchtui.results.records.columns import write_scalar
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.results.summary_view import bar
from batchtui.tui.widgets.columns import (
    Column,
    PlacedColumn,
    place_columns,
    table_line,
)
from batchtui.tui.widgets.painting import fit
from batchtui.untrusted import visible

_LONGEST = 60
_BAR = 12
_MEASURED = 200
"""Groups whose values decide how wide the first column is."""


class GroupPlace(Struct, frozen=True):
    """Where the cursor stands among groups."""

    by: str
    """The field that the rows are grouped by."""
    key: tuple[str, str, bool] | None = None
    """The `RowGroup.key` of the group; ``None`` for the first one."""


class GroupsState(Struct, frozen=True):
    """What rows are grouped by, and their groups."""

    place: GroupPlace
    fields: tuple[str, ...] = ()
    """The fields of the answers."""
    misfits: str = ""
    """The field of what does not fit a schema, where one is known."""
    is_part: bool = False
    """Whether a query or a tab leaves rows out."""
    grouping: Grouping | None = None
    """The groups; those by the field before until there are others."""
    percent_read: int | None = None
    """Of how many rows the value of the field is known, while it is being read."""

    @property
    def names(self) -> tuple[str, ...]:
        """What rows can be grouped by: fields of the answers, and what every row has."""
        return (*self.fields, *filter(None, [self.misfits]), *INDEX_FIELDS)


def first_field(fields: Sequence[str], sort: Iterable[SortKey]) -> str:
    """Return what rows are grouped by at first: a field they are sorted by, or the first one."""
    names = (*fields, *INDEX_FIELDS)
    return next((key.field for key in sort if key.field in names), names[0])


def fields_line(names: tuple[str, ...], current: str, width: int) -> Line:
    """Write the fields beside each other, as many as fit around the current one."""
    place = names.index(current) if current in names else 0
    first = place
    room = width - cell_len(visible(current)) - 2
    while first > 0 and room - cell_len(visible(names[first - 1])) - 2 > width // 2:
        first -= 1
        room -= cell_len(visible(names[first])) + 2
    spans: list[Span] = []
    used = 0
    for at in range(first, len(names)):
        text = f" {visible(names[at])} "
        if used + cell_len(text) > width and at > place:
            break
        spans.append(Span(text, "tab" if at == place else "muted", f"screen.group_by({at})"))
        used += cell_len(text)
    return Line(tuple(spans))


def place_group_columns(grouping: Grouping, width: int) -> tuple[PlacedColumn, ...]:
    """Return the columns of the list of groups, for a width."""
    values = (shown_value(group) for group in grouping.groups[:_MEASURED])
    longest = max(map(cell_len, [visible(grouping.by), *values]), default=0)
    name = max(8, min(longest, _LONGEST, width - 32))
    columns = (
        Column("value", visible(grouping.by), name, gap=0),
        Column("rows", "ROWS", 9, "right"),
        Column("share", "SHARE", 8, "right", rank=2),
        Column("bar", "", _BAR, grows=True, rank=1),
    )
    return place_columns(columns, width)


def shown_value(group: RowGroup) -> str:
    """Return the value of a group as one safe line."""
    return visible(" ".join(group.value.split())) or ("(none)" if group.is_missing else "(empty)")


def group_line(
    group: RowGroup, grouping: Grouping, placed: Sequence[PlacedColumn], glyphs: Glyphs
) -> Line:
    """Write one group.

    Args:
        group: Which.
        grouping: All of them.
        placed: The columns.
        glyphs: The signs to draw with.
    """
    room = next((one.width for one in placed if one.column.key == "bar"), 0)
    greatest = max((one.rows for one in grouping.groups), default=0)
    style = "muted" if group.is_missing else ""
    shown = bar(group.rows, greatest, min(room, 60), glyphs)
    return table_line(
        placed,
        {
            "value": Span(shown_value(group), style),
            "rows": Span(format_count(group.rows), style),
            "share": Span(format_share(group.rows, grouping.rows), "muted"),
            "bar": Span(shown, "muted" if group.is_missing else "running"),
        },
    )


def groups_header(state: GroupsState) -> Line:
    """Say what is grouped by what, or how much of a field was read."""
    grouping, percent = state.grouping, state.percent_read
    if percent is not None:
        by = visible(state.place.by)
        return line(("Groups by ", "strong"), by, (f"   reading {percent} %", "running"))
    if grouping is None:
        return BLANK
    values = plural(grouping.values, "value")
    listed = sum(not group.is_missing for group in grouping.groups)
    if listed < grouping.values:
        values += f", the {format_count(listed)} largest listed,"
    count = plural(grouping.rows, "row") + (" shown" if state.is_part else "")
    return line(
        ("Groups by ", "strong"), (visible(grouping.by), "accent strong"), f"   {values} in {count}"
    )


def spread_lines(spread: Spread | None, width: int, glyphs: Glyphs) -> tuple[Line, ...]:
    """Say where numbers lie, with a histogram.

    Args:
        spread: Of the numbers; ``None`` where there are none.
        width: Cells of a line.
        glyphs: The signs to draw with.
    """
    if spread is None:
        return ()
    facts = (
        ("least", write_scalar(spread.least)),
        ("median", write_scalar(spread.median)),
        ("mean", _rounded(spread.mean)),
        ("greatest", write_scalar(spread.greatest)),
    )
    lines = [
        line(
            (f"{plural(spread.count, 'number')}", "strong"),
            *(part for name, value in facts for part in ((f"   {name} ", "muted"), value)),
        ),
        BLANK,
    ]
    names = [f"{_rounded(one.low)} {glyphs.dash} {_rounded(one.high)}" for one in spread.buckets]
    room = max(map(len, names))
    most = max(one.rows for one in spread.buckets)
    for name, one in zip(names, spread.buckets, strict=True):
        cells = max(4, min(60, width - room - 14))
        lines.append(
            line(
                fit(name, room, "right"),
                f"{format_count(one.rows):>9}  ",
                (bar(one.rows, most, cells, glyphs), "running"),
            )
        )
    return tuple(lines)


def _rounded(number: float) -> str:
    return f"{number:,.6g}"
