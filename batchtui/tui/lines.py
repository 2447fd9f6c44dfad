"""Styled lines as plain values: what view models produce and widgets paint.

A `Line` knows words and the *names* of styles, not colors; `widgets.looks.LOOKS` lists the
names. So a view model is a pure function that a test can read, and a theme decides what a name
looks like.
"""

from collections.abc import Iterable

from msgspec import Struct
from rich.cells import cell_len, set_cell_size


class Span(Struct, frozen=True):
    """A piece of text in one style."""

    text: str
    """Text that is already safe to show (see `untrusted.visible`)."""
    style: str = ""
    """One of `widgets.looks.LOOKS`, several separated by spaces, or empty for plain text."""
    action: str = ""
    """An action to run when clicked, from our own code only, or empty."""


class Line(Struct, frozen=True):
    """One line of a screen: spans from the left, and perhaps some set flush right.

    Where there is no room for both, the right part stays and the left part is cut.
    """

    left: tuple[Span, ...] = ()
    right: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The plain text, left and right, for tests and for copying."""
        left = "".join(span.text for span in self.left)
        right = "".join(span.text for span in self.right)
        return f"{left}  {right}" if right else left

    @property
    def in_one_style(self) -> "Line":
        """The line without styles of its own, such as under a cursor that is cheap to move."""
        left = tuple(Span(span.text, "", span.action) for span in self.left)
        return Line(left, tuple(Span(span.text, "", span.action) for span in self.right))


BLANK = Line()
_GAP = "   "
"""Between parts beside each other."""


def beside(
    left: tuple[Line, ...], right: tuple[Line, ...], width: int, gap: int
) -> tuple[Line, ...]:
    """Put two blocks of lines side by side.

    Args:
        left: The left block.
        right: The right block.
        width: Cells of each block.
        gap: Cells between them.
    """
    height = max(len(left), len(right))
    pairs = zip(
        (*left, *[BLANK] * (height - len(left))),
        (*right, *[BLANK] * (height - len(right))),
        strict=True,
    )
    return tuple(
        Line((*_flat(one, width), Span(" " * gap), *_flat(other, width))) for one, other in pairs
    )


def _flat(content: Line, width: int) -> tuple[Span, ...]:
    """Return the spans of a line with its right part moved to ``width``; too long a text is cut."""
    right = sum(cell_len(span.text) for span in content.right)
    kept: list[Span] = []
    room = width - right
    for span in content.left:
        text = set_cell_size(span.text, min(cell_len(span.text), room))
        kept.append(Span(text, span.style, span.action))
        room -= cell_len(text)
    return (*kept, Span(" " * max(0, room)), *content.right)


def line(*parts: str | Span | tuple[str, str]) -> Line:
    """Make a line from plain strings, ``(text, style)`` pairs and spans."""
    return Line(spans(*parts))


def whole_parts(parts: Iterable[Span], width: int) -> Line:
    """Put parts beside each other; what does not fit whole is left out, but for the first one.

    Args:
        parts: The parts, the most important first.
        width: Cells of the line.
    """
    first, *others = (part for part in parts if part.text)
    kept, room = [first], width - cell_len(first.text)
    for part in others:
        room -= len(_GAP) + cell_len(part.text)
        if room < 0:
            break
        kept += [Span(_GAP), part]
    return Line(tuple(kept))


def spans(*parts: str | Span | tuple[str, str]) -> tuple[Span, ...]:
    """Make spans from plain strings, ``(text, style)`` pairs and spans."""
    return tuple(_span(part) for part in parts if part not in {"", None})


def _span(part: str | Span | tuple[str, str]) -> Span:
    if isinstance(part, Span):
        return part
    if isinstance(part, str):
        return Span(part)
    return Span(*part)
