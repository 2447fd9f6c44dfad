"""Tables for a terminal: aligned by cells, cut where the terminal is narrower."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

_GAP = "  "


class TextColumn(Struct, frozen=True):
    """One column."""

    title: str
    """Its heading."""
    is_number: bool = False
    """Whether it is aligned to the right."""
    can_shrink: bool = False
    """Whether its texts may be cut where the terminal is too narrow."""


def cell_width(text: str) -> int:
    """Return how many cells a terminal takes for a text that is safe to show."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # takes longer to load than most verbs have to wait

    return cell_len(text)


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """Cut a text to ``width`` cells; what is cut ends in an ellipsis."""
    if cell_width(text) <= width:
        return text
    room = width - len(ellipsis)
    if room <= 0:
        return ellipsis[:width]
    from rich.cells import set_cell_size

    kept = set_cell_size(text, room)
    # half of a wide character is a space
    return (kept if text.startswith(kept) else kept[:-1]) + ellipsis


def render_table(
    columns: Sequence[TextColumn],
    rows: Iterable[Sequence[str]],
    width: int,
    *,
    ellipsis: str = "…",
) -> list[str]:
    """Write a table.

    Args:
        columns: Its columns; those that can shrink do so one after the other, from the last.
        rows: A text for every column, safe to show.
        width: Cells of a line.
        ellipsis: The sign for what was cut.

    Returns:
        The heading and the rows, without spaces at the ends of lines.
    """
    rows = list(rows)
    widths = _natural_widths(columns, rows)
    _shrink(columns, widths, width)
    titles = [column.title for column in columns]
    return [_line(columns, widths, row, ellipsis) for row in (titles, *rows)]


def natural_width(columns: Sequence[TextColumn], rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells a line of the table takes if nothing is cut."""
    return sum(_natural_widths(columns, rows)) + len(_GAP) * (len(columns) - 1)


def _natural_widths(columns: Sequence[TextColumn], rows: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(cell_width(column.title), *(cell_width(row[place]) for row in rows), 0)
        for place, column in enumerate(columns)
    ]


def _shrink(columns: Sequence[TextColumn], widths: list[int], width: int) -> None:
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    for place in reversed(range(len(columns))):
        if excess > 0 and columns[place].can_shrink:
            less = min(excess, widths[place] - max(len(columns[place].title), 4))
            widths[place] -= max(less, 0)
            excess -= max(less, 0)


def _line(
    columns: Sequence[TextColumn], widths: Sequence[int], texts: Sequence[str], ellipsis: str
) -> str:
    parts = []
    for column, width, text in zip(columns, widths, texts, strict=True):
        shown = fit(text, width, ellipsis)
        space = " " * (width - cell_width(shown))
        parts.append(space + shown if column.is_number else shown + space)
    return _GAP.join(parts).rstrip()
