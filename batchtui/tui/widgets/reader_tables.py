"""Tables of Markdown as lines: columns as wide as they need, cells that wrap where they must."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len

from batchtui.tui.lines import Line, Span, line
from batchtui.tui.widgets.reader_wrapping import StyledRun, cells_of, wrap_runs

_LEAST = 4
_GAP = 3


@dataclass(slots=True)
class MarkdownRow:
    """One row."""

    cells: list[list[StyledRun]]
    """Their text."""
    is_right: list[bool]
    """For each whether it stands at the right of its column."""
    is_header: bool = False
    """Whether a rule follows."""


def table_lines(rows: Sequence[MarkdownRow], width: int, *, is_unicode: bool) -> Iterator[Line]:
    """Lay a table out.

    Args:
        rows: Its rows; rows may have fewer cells than others.
        width: Cells of a line.
        is_unicode: Whether signs beyond ASCII may be used.
    """
    count = max((len(row.cells) for row in rows), default=0)
    if not count:
        return
    widths = share_width([_natural(rows, column) for column in range(count)], width)
    bar, rule = ("│", "─") if is_unicode else ("|", "-")
    for row in rows:
        cells = [wrap_runs(cell, column) for cell, column in zip(row.cells, widths, strict=False)]
        for number in range(max(map(len, cells), default=1)):
            yield _line(row, cells, widths, number, bar)
        if row.is_header:
            yield line((rule * min(width, sum(widths) + _GAP * (count - 1)), "muted"))


def share_width(natural: Sequence[int], width: int) -> list[int]:
    """Give columns what they need, and where that is too much, the wide ones less."""
    room = width - _GAP * (len(natural) - 1)
    widths = [max(1, one) for one in natural]
    while sum(widths) > room:
        widest = max(widths)
        if widest <= _LEAST:
            break
        place = widths.index(widest)
        second = max((one for one in widths if one < widest), default=_LEAST)
        excess = sum(widths) - room
        widths[place] = max(_LEAST, widest - max(1, min(excess, widest - second)))
    return widths


def _natural(rows: Sequence[MarkdownRow], column: int) -> int:
    lines = (
        one
        for row in rows
        if column < len(row.cells)
        for one in "".join(text for text, _ in row.cells[column]).split("\n")
    )
    return max(map(cell_len, lines), default=1)


def _line(
    row: MarkdownRow,
    cells: Sequence[Sequence[Line]],
    widths: Sequence[int],
    number: int,
    bar: str,
) -> Line:
    spans: list[Span] = []
    for place, lines in enumerate(cells):
        content = lines[number].left if number < len(lines) else ()
        padding = Span(" " * max(0, widths[place] - cells_of(content)))
        if place:
            spans.append(Span(f" {bar} ", "muted"))
        spans += (padding, *content) if row.is_right[place] else (*content, padding)
    return Line(tuple(span for span in spans if span.text))
