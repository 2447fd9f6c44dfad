"""Plain text of any length as a section: what is kept of a line is where it stands in the text."""

from array import array
from collections.abc import Callable, Iterator, Sequence

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.reader_wrapping import LONGEST, StyledRun, break_text, cut_runs, mark_runs

Spans = Sequence[tuple[int, int]]
Finder = Callable[[str], Spans]
"""Finds where in a text something was searched for."""
Colorer = Callable[[str], Sequence[StyledRun]]
"""Cuts a line of text, as it stands in its source, into styled pieces."""

_STEP = 400
"""Lines laid out between two pauses: below a millisecond."""


def find_nothing(text: str) -> Spans:
    """Nothing is searched for."""
    del text
    return ()


class WrappedText:
    """Text in lines of a width. Use `lay_out`."""

    def __init__(
        self, text: str, style: str, before: Sequence[Span], color: Colorer | None
    ) -> None:
        self._text = text
        self._style = style
        self._before = tuple(before)
        self._color = color
        self._starts = array("I")
        self._ends = array("I")
        self._logical = array("I")
        """For each line, where the line of the source begins of which it is a piece."""
        self._found: Spans = ()
        self._matches = array("I")

    def __len__(self) -> int:
        return len(self._starts)

    def line(self, number: int) -> Line:
        """Make one of its lines."""
        start, end = self._starts[number], self._ends[number]
        runs: Sequence[StyledRun]
        if self._color is None:
            runs = [(self._text[start:end], self._style)]
        else:
            begin = self._logical[number]
            stop = self._text.find("\n", end)
            whole = self._text[begin : len(self._text) if stop < 0 else stop]
            pieces = cut_runs(self._color(whole), start - begin, end - begin)
            runs = [(span.text, span.style) for span in pieces]
        marks = [
            (max(begin, start) - start, min(stop, end) - start)
            for begin, stop in self._marks_between(start, end)
        ]
        return Line((*self._before, *(Span(*run) for run in mark_runs(runs, marks))))

    def matches(self) -> Sequence[int]:
        """Return the numbers of the lines in which a match begins."""
        return self._matches

    def _marks_between(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        low, high = 0, len(self._found)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._found[middle][1] <= start else (low, middle)
        while low < len(self._found) and self._found[low][0] < end:
            yield self._found[low]
            low += 1

    def fill(self, width: int, find: Finder) -> Iterator[None]:
        """Find out where the lines are; yields to make pauses.

        Args:
            width: Cells of a line.
            find: What to highlight.
        """
        self._found = find(self._text)
        text, position, count = self._text, 0, 0
        while position <= len(text):
            stop = text.find("\n", position)
            stop = len(text) if stop < 0 else stop
            for start, end in break_text(text[position:stop], width):
                self._starts.append(position + start)
                self._ends.append(position + end)
                self._logical.append(position)
                count += 1
                if count % _STEP == 0:
                    yield
            position = stop + 1
        self._place_matches()
        yield

    def _place_matches(self) -> None:
        line = 0
        for start, _ in self._found:
            while line + 1 < len(self._starts) and self._starts[line + 1] <= start:
                line += 1
            if not self._matches or self._matches[-1] != line:
                self._matches.append(line)


def lay_out(
    text: str,
    width: int,
    *,
    style: str = "",
    before: Sequence[Span] = (),
    color: Colorer | None = None,
    find: Finder = find_nothing,
    is_wrapped: bool = True,
) -> Iterator[WrappedText | None]:
    """Lay a text out; yields ``None`` to make pauses, and at last the section.

    Args:
        text: Safe text of any length.
        width: Cells of a line, ``before`` included.
        style: The styles of all of it.
        before: What stands before every line.
        color: Gives pieces of a line other styles; it must not change the text.
        find: What to highlight.
        is_wrapped: Whether long lines are broken.
    """
    section = WrappedText(text.expandtabs(4), style, before, color)
    room = max(2, width - sum(len(span.text) for span in before)) if is_wrapped else LONGEST
    for _ in section.fill(room, find):
        yield None
    yield section
