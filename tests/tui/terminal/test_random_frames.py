"""The differences give the same screen as everything, whatever is painted."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.terminal.sessions import Twins

STYLES = [
    "1",
    "2;3",
    "4;31;44",
    "7",
    "9;38;5;200",
    "1;38;2;224;224;224;48;2;18;18;18",
    "38;2;224;224;224;48;2;1;120;212",
    "48;2;18;18;18",
    "38;2;224;224;224;48;2;18;18;18",
]
NARROW = st.text("abcdefgh 01 -│█●é", min_size=1, max_size=12)
BLANKS = st.integers(1, 30).map(" ".__mul__)
WIDE = st.text("一二漢字가나", min_size=1, max_size=4)
COMBINING = st.text("aeo", min_size=1, max_size=4).map("e\u0301".join)


@dataclass(frozen=True)
class Segment:
    text: str
    style: str | None

    def render(self) -> str:
        if self.style is None:
            return self.text
        return f"\x1b[{self.style}m{self.text}\x1b[0m"


SEGMENTS = st.builds(
    Segment, st.one_of(NARROW, NARROW, BLANKS, WIDE, COMBINING), st.sampled_from([None, *STYLES])
)
PIECES = st.tuples(st.integers(0, 9), st.integers(0, 39), st.lists(SEGMENTS, max_size=4))
SIZES = st.tuples(st.integers(20, 60), st.integers(5, 16))
PAINT = st.tuples(st.just("paint"), st.lists(PIECES, min_size=1, max_size=8))
LIST = st.tuples(st.just("list"), st.tuples(st.integers(0, 40), st.integers(0, 8)))
RESIZE = st.tuples(st.just("resize"), SIZES)
CONTROL = st.tuples(
    st.just("control"),
    st.sampled_from(["\x07", "\x1b]52;c;YWJj\x07", "\x1b]22;pointer\x07", "\x1b[?25l"]),
)
STEPS = st.lists(
    st.tuples(st.one_of(PAINT, PAINT, LIST, LIST, LIST, RESIZE, CONTROL), st.booleans()),
    max_size=12,
)


class Painter:
    """Paints as Textual does: pieces that fit, each from a place of its own."""

    def __init__(self, columns: int, lines: int) -> None:
        self.columns, self.lines = columns, lines
        self.twins = Twins(columns, lines)
        self.twins.feed("\x1b[?1049h")
        self.twins.feed("\x1b[?7l")
        self.blank()

    def blank(self) -> None:
        rows = [f"\x1b[{row + 1};1H{' ' * self.columns}" for row in range(self.lines)]
        self.twins.feed("\n".join(rows) + "\x1b[1;1H")

    def paint(self, pieces: list[tuple[int, int, list[Segment]]]) -> None:
        output = []
        for row, column, segments in pieces:
            if row < self.lines and column < self.columns:
                output.append(f"\x1b[{row + 1};{column + 1}H")
                output += self.fitting(segments, self.columns - column)
        self.twins.feed("".join(output) + "\x1b[3;4H")

    @staticmethod
    def fitting(segments: list[Segment], room: int) -> list[str]:
        output = []
        for segment in segments:
            width = sum(
                0 if c == "\u0301" else 2 if c in "一二漢字가나" else 1 for c in segment.text
            )
            if width <= room:
                room -= width
                output.append(segment.render())
        return output

    def list(self, first_and_cursor: tuple[int, int]) -> None:
        """Paint a list that is scrolled to an item, over the left two thirds."""
        first, cursor = first_and_cursor
        width = self.columns * 2 // 3
        pieces = []
        for row in range(1, self.lines - 1):
            item = first + row
            text = f"item {item} 漢 {item * 7919 % 10007} {'x' * (item % 5)}".ljust(width - 1)
            style = STYLES[5] if row - 1 == cursor else STYLES[8]
            pieces.append((row, 0, [Segment(text[: width - 1], style)]))
        self.paint(pieces)

    def resize(self, size: tuple[int, int]) -> None:
        self.columns, self.lines = size
        self.twins.resize(*size)
        self.blank()

    def control(self, data: str) -> None:
        self.twins.feed(data)


@settings(max_examples=150, deadline=None)
@given(SIZES, STEPS)
def test_the_screen_after_the_differences_is_the_screen(
    size: tuple[int, int], steps: list[tuple[tuple[str, object], bool]]
) -> None:
    painter = Painter(*size)
    painter.twins.catch_up()
    for (kind, argument), is_shown in steps:
        getattr(painter, kind)(argument)
        # A slow terminal misses frames; what it shows in the end is the newest one all the same.
        if is_shown:
            painter.twins.catch_up()
            painter.twins.assert_equal()
    painter.twins.catch_up()
    painter.twins.assert_equal()
    assert painter.twins.thin.strings == painter.twins.plain.strings
    assert painter.twins.thin.bells == painter.twins.plain.bells
    assert painter.twins.catch_up() == ""
