"""Groups of rows as lines: values with their share, and where numbers lie. Pure."""

from collections.abc import Sequence

from batchtui.formatting import format_count, format_share, plural
from batchtui.results.grouping import Grouping, RowGroup, Spread
from batchtui.results.records.columns import write_scalar
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.results.summary_lines import bar
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


def place_columns_of(
    grouping: Grouping, width: int, values: Sequence[str]
) -> tuple[PlacedColumn, ...]:
    """Return the columns of the list of groups, for a width.

    Args:
        grouping: What is grouped by what.
        width: Cells of a line.
        values: What stands in the first column.
    """
    longest = max(map(len, [grouping.by, *values]), default=0)
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


def grouping_title(grouping: Grouping, rows: str) -> Line:
    """Say what is grouped by what.

    Args:
        grouping: The groups.
        rows: Which rows they are of, such as ``shown``.
    """
    values = plural(grouping.values, "value")
    listed = sum(not group.is_missing for group in grouping.groups)
    if listed < grouping.values:
        values += f", the {format_count(listed)} largest listed,"
    count = f"{plural(grouping.rows, 'row')} {rows}".strip()
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
