"""From match to match of the query in the row that is read, and on to that of another row."""

from collections.abc import Callable

from batchtui.tui.widgets.reader_view import ReaderView


class Matches:
    """Goes through the matches of a text.

    Attributes:
        line: The line of the match that was gone to last; ``None`` before the first.

    Args:
        view: Shows the text.
        on_end: Called where there is no further match: with 1 behind the last, -1 before the first.
    """

    def __init__(self, view: ReaderView, on_end: Callable[[int], object]) -> None:
        self.line: int | None = None
        self._wanted = 0
        self._view = view
        self._on_end = on_end

    def begin(self) -> None:
        """Begin again: the text is about to be another."""
        self.line = None

    def want(self, step: int) -> None:
        """Go to a match of the next row: its first one for 1, its last one for -1."""
        self._wanted = step

    @property
    def is_wanted(self) -> bool:
        """Whether a match is what the row is shown for."""
        return self._wanted != 0

    def next_match(self) -> None:
        """To the next match in this row."""
        found = self._view.document.match_after(-1 if self.line is None else self.line)
        self._go_to(found, 1)

    def previous_match(self) -> None:
        """To the previous match in this row."""
        found = None
        if self.line is not None:
            found = self._view.document.match_before(self.line)
        self._go_to(found, -1)

    def _go_to(self, found: int | None, step: int) -> None:
        if found is None:
            self._on_end(step)
        else:
            self.line = found
            self._view.go_to(found)

    def go_to_wanted(self) -> None:
        """Go to the match for which a row is shown: the first, or the last on the way back."""
        document = self._view.document
        found = document.match_before(len(document)) if self._wanted < 0 else None
        found = document.match_after(-1) if found is None else found
        self._wanted = 0
        if found is not None:
            self.line = found
            self._view.go_to(found)
