"""Terminals without Unicode get ASCII, cell for cell."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from batchtui.tui.glyphs import ASCII, UNICODE
from batchtui.tui.line_filters import AsciiFilter, VisibleFilter, to_ascii
from batchtui.untrusted import visible


@given(st.text())
def test_every_text_becomes_ascii_of_the_same_width(text: str) -> None:
    shown = visible(text)
    drawn = to_ascii(shown)
    assert drawn.isascii()
    # what joins others changes their width together, which Rich knows and a cell does not
    if not any(unicodedata.combining(one) or one in "\u200d\ufe0f" for one in shown):
        assert cell_len(drawn) == sum(map(cell_len, shown))


def test_what_has_a_twin_is_drawn_as_that() -> None:
    assert to_ascii("╭─╮│ “näive” – 5 × 3 …") == '---| "naive" - 5 x 3 ~'
    assert to_ascii("漢字 ok") == "???? ok"
    assert to_ascii("e\u0301") == "e"


def test_what_is_ascii_stays_the_same_object() -> None:
    plain, other = Segment("plain"), Segment("…")
    drawn = AsciiFilter().apply([plain, other], Color(0, 0, 0))
    assert drawn[0] is plain
    assert drawn[1].text == "~"


def test_our_own_signs_have_ascii_twins() -> None:
    signs = "".join((UNICODE.cursor, UNICODE.ellipsis, UNICODE.dash, *UNICODE.bars.values()))
    assert "?" not in to_ascii(signs)
    assert "".join((ASCII.cursor, ASCII.ellipsis, ASCII.dash, *ASCII.bars.values())).isascii()


def test_what_acts_is_taken_out_of_any_line() -> None:
    plain = [Segment("plain é 日本"), Segment("[b]")]
    assert VisibleFilter().apply(plain, Color(0, 0, 0)) is plain
    acting = [Segment("a\x1b[2J\x9b\u202eb\t\n"), Segment("c", Style(bold=True))]
    cleaned = VisibleFilter().apply(acting, Color(0, 0, 0))
    assert [segment.text for segment in cleaned] == ["a[2Jb", "c"]
    assert cleaned[1].style == Style(bold=True)
