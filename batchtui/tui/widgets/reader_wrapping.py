"""Where lines of text break, by words and by cells."""

from collections.abc import Iterable, Iterator, Sequence

from rich.cells import cell_len, split_graphemes

from batchtui.tui.lines import Line, Span

StyledRun = tuple[str, str]
"""A piece of text and the names of its styles."""

_FIRST_OF_ANOTHER_WIDTH = "\u0300"
"""Every character before this one is a cell wide."""
LONGEST = 4096
"""Cells after which a line breaks even where lines are not to be wrapped."""


def break_text(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield where the lines of a text begin and end, in characters.

    A line ends at a space where there is one, which then belongs to no line. A cluster of
    characters that is painted as one is never broken.

    Args:
        text: Without a newline or tab.
        width: Cells that a line may have, at least 2.
    """
    if not text.isascii() and max(text) >= _FIRST_OF_ANOTHER_WIDTH:
        yield from _break_wide(text, width)
        return
    start, length = 0, len(text)
    while length - start > width:
        cut = text.rfind(" ", start + 1, start + width + 1)
        if cut < 0 or not text[start:cut].strip():
            yield start, start + width
            start += width
        else:
            yield start, cut
            start = cut + 1
    yield start, length


def _break_wide(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield the same where not every character is one cell."""
    start = cells = 0
    space = -1
    cells_to_space = 0
    for begin, end, size in split_graphemes(text)[0]:
        if cells + size > width:
            if text[begin:end] == " ":
                yield start, begin
                start, cells, space = end, 0, -1
                continue
            if space > start and cells_to_space:  # a mark without a letter leaves no room
                yield start, space
                start, cells = space + 1, cells - cells_to_space - 1
            else:
                yield start, begin
                start, cells = begin, 0
            space = -1
        if text[begin:end] == " ":
            space, cells_to_space = begin, cells
        cells += size
    yield start, len(text)


def wrap_runs(
    runs: Sequence[StyledRun], width: int, first: Sequence[Span] = (), rest: Sequence[Span] = ()
) -> list[Line]:
    """Lay styled text out in lines; a newline in it ends a line.

    Args:
        runs: The text, piece by piece.
        width: Cells that a line may have, what stands before it included.
        first: What stands before the first line.
        rest: What stands before the others.
    """
    room = max(2, width - cells_of(rest))
    lines: list[Line] = []
    for logical in split_lines(runs):
        text = "".join(run[0] for run in logical)
        for start, end in break_text(text, room):
            before = rest if lines else first
            lines.append(Line((*before, *cut_runs(logical, start, end))))
    return lines


def wrap_lines(lines: Iterable[Line], width: int) -> tuple[Line, ...]:
    """Break the lines that are too long; those with a part flush right stay as they are.

    Args:
        lines: What is to be read.
        width: Cells of a line.
    """
    wrapped: list[Line] = []
    for one in lines:
        if one.right or cells_of(one.left) <= width:
            wrapped.append(one)
        else:
            wrapped += wrap_runs([(span.text, span.style) for span in one.left], width)
    return tuple(wrapped)


def cells_of(spans: Sequence[Span]) -> int:
    """Return how wide some spans are."""
    return sum(cell_len(span.text) for span in spans)


def split_lines(runs: Sequence[StyledRun]) -> list[list[StyledRun]]:
    """Cut styled text at its newlines; tabs become spaces."""
    lines: list[list[StyledRun]] = [[]]
    for text, style in runs:
        first, *others = text.expandtabs(4).split("\n")
        if first:
            lines[-1].append((first, style))
        lines += ([(other, style)] if other else [] for other in others)
    return lines


def cut_runs(runs: Sequence[StyledRun], start: int, end: int) -> Iterator[Span]:
    """Yield the spans of a piece of styled text, given in characters."""
    position = 0
    for text, style in runs:
        piece = text[max(0, start - position) : max(0, end - position)]
        if piece:
            yield Span(piece, style)
        position += len(text)
        if position >= end:
            return


def mark_runs(runs: Sequence[StyledRun], marks: Sequence[tuple[int, int]]) -> list[StyledRun]:
    """Add the style of a match to pieces of styled text.

    Args:
        runs: The text.
        marks: Where the matches begin and end, in characters, ascending, without overlaps.
    """
    if not marks:
        return list(runs)
    marked: list[StyledRun] = []
    edges = sorted({edge for mark in marks for edge in mark})
    position = 0
    for text, style in runs:
        cuts = [edge - position for edge in edges if 0 < edge - position < len(text)]
        for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
            at = position + begin
            is_match = any(start <= at < stop for start, stop in marks)
            marked.append((text[begin:end], f"{style} match".strip() if is_match else style))
        position += len(text)
    return marked
