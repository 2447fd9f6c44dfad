"""From styled lines to strips: the one way text of ours gets on the screen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.looks import styles_of

_ELLIPSIS = "…"
_SELECTED = Style(reverse=True)
"""It is seen in every theme, and without colors."""
_LEAST_HEAD = 2
"""Cells that stay before a cut."""
_MOST_SELECTED = 10_000
"""Lines; those of a list are made to be read out."""
_LOOK = attrgetter("style", "action")


class Painter:
    """Paints `Line` values in the styles that the theme gives their names.

    Args:
        widget: Who paints.
    """

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._variables: Mapping[str, str] = {}
        self._styles: dict[str, Style] = {}
        self._base: Style | None = None
        self._selection: Selection | None = None

    @property
    def base(self) -> Style:
        """The widget's own style."""
        return self._widget.rich_style if self._base is None else self._base

    @contextmanager
    def painting(self) -> Iterator[None]:
        """Paint many lines: Textual works the widget's own style out again whenever it is asked."""
        self._base = self._widget.rich_style
        self._selection = self._widget.text_selection
        try:
            yield
        finally:
            self._base = self._selection = None

    def selectable(self, strip: Strip, number: int) -> Strip:
        """Let a painted line be selected with the mouse, and show what is.

        Args:
            strip: The line.
            number: Its number among all lines of the widget.
        """
        if self._base is None:
            # Textual asks for one line to find out where the mouse is in it.
            return strip.apply_offsets(0, number)
        span = self._selection.get_span(number) if self._selection is not None else None
        if span is None:
            return strip
        text = strip.text
        start, end = (cell_len(text[:place]) for place in span)
        end = strip.cell_length if span[1] == -1 else end
        shown = strip.crop(start, end).apply_style(_SELECTED)
        return Strip.join([strip.crop(0, start), shown, strip.crop(end)])

    def style_named(self, names: str) -> Style:
        """Return the style of ``names`` (separated by spaces), without the widget's background."""
        variables = self._widget.app.theme_variables
        if variables is not self._variables:
            # another theme: Textual makes a new mapping for each
            self._variables, self._styles = variables, styles_of(variables)
        style = self._styles.get(names)
        if style is None:
            parts = [self._styles.get(name, Style.null()) for name in names.split()]
            style = self._styles[names] = Style.combine(parts)
        return style

    def paint(self, content: Line, width: int, base: Style | None = None) -> Strip:
        """Paint one line ``width`` cells wide over ``base``, the widget's own style by default."""
        background = self.base if base is None else base
        right = self._segments(content.right, background)
        room = width - sum(cell_len(segment.text) for segment in right)
        if right and room < 1:
            return Strip(right).adjust_cell_length(width, background)
        left = cut_segments(self._segments(content.left, background), room, background)
        return Strip([*left, *right], width)

    def _segments(self, parts: Sequence[Span], base: Style) -> list[Segment]:
        segments = []
        # Textual works on every segment several times on its way: neighbors alike become one
        for (names, action), alike in groupby(parts, _LOOK):
            style = base + self.style_named(names) if names else base
            if action:
                style += Style.from_meta({"@click": action})
            text = "".join([part.text for part in alike])
            if text:
                segments.append(Segment(text, style))
        return segments


def selected_text(selection: Selection, lines: Callable[[int], str], count: int) -> tuple[str, str]:
    """Return the text that is selected, as `Widget.get_selection` does.

    Args:
        selection: From where to where.
        lines: Gives a line by its number.
        count: How many lines there are.
    """
    first = 0 if selection.start is None else selection.start.y
    last = count - 1 if selection.end is None else min(selection.end.y, count - 1)
    last = min(last, first + _MOST_SELECTED)
    texts = []
    for number in range(first, last + 1):
        start, end = selection.get_span(number) or (0, 0)
        text = lines(number)
        texts.append((text[start:] if end == -1 else text[start:end]).rstrip())
    return "\n".join(texts), "\n"


def cut_segments(segments: list[Segment], width: int, base: Style) -> list[Segment]:
    """Cut or fill ``segments`` to exactly ``width`` cells, with an ellipsis where text is lost."""
    room = width
    kept: list[Segment] = []
    for position, segment in enumerate(segments):
        length = cell_len(segment.text)
        is_last = position == len(segments) - 1
        if length < room or (length == room and is_last):
            kept.append(segment)
            room -= length
            continue
        kept.append(Segment(fit(segment.text + " " * (not is_last), room), segment.style))
        return kept
    if room > 0:
        kept.append(Segment(" " * room, base))
    return kept


@lru_cache(4096)
def fit(text: str, width: int, align: str = "left") -> str:
    """Cut ``text`` at its end, or fill it, to exactly ``width`` cells.

    Args:
        text: One line of safe text; wide characters and clusters count their cells.
        width: Cells to fill.
        align: ``left`` or ``right``.
    """
    length = cell_len(text)
    if length > width:
        if width <= 0:
            return ""
        kept = set_cell_size(text, width - 1).rstrip(f" {_ELLIPSIS}")
        return set_cell_size(kept + _ELLIPSIS, width)
    padding = " " * (width - length)
    return padding + text if align == "right" else text + padding


@lru_cache(1024)
def cut_cells(text: str, width: int, ellipsis: str = _ELLIPSIS, shared: int = 0) -> str:
    """Shorten ``text`` to at most ``width`` cells by cutting its middle: both ends stay.

    `formatting.cut_characters` does the same by characters, where nothing has to fit.

    Args:
        text: One line of safe text.
        width: Cells to fill at most.
        ellipsis: The sign for what is cut.
        shared: Characters that tell it from nothing beside it: where all the others fit behind
            some of these, they stay.
    """
    if cell_len(text) <= width:
        return text
    room = width - cell_len(ellipsis)
    if room <= 1:
        return set_cell_size(text, max(0, width))
    tail = room * 2 // 5
    own = cell_len(text[shared:])
    if shared and own <= room - _LEAST_HEAD:
        tail = max(tail, own)
    start, taken = len(text), 0
    while start and taken + cell_len(text[start - 1]) <= tail:
        start -= 1
        taken += cell_len(text[start])
    return f"{set_cell_size(text, room - tail).rstrip()}{ellipsis}{text[start:]}"
