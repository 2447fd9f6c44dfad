"""Nothing that is not ours acts on a terminal, whatever it is made of."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.untrusted import visible, visible_lines

ATTACKS = {
    "\x1b[2J": "\\x1b[2J",
    "\x1b]0;title\x07": "\\x1b]0;title\\x07",
    "\x1b]52;c;aGk=\x1b\\": "\\x1b]52;c;aGk=\\x1b\\",
    "\x1bPq\x9c": "\\x1bPq\\x9c",
    "\x9b31m": "\\x9b31m",
    "over\x08\x08\x7f": "over\\x08\\x08\\x7f",
    "a\u202egpj.exe": "a\\u202egpj.exe",
    "a\u2066b\u2069": "a\\u2066b\\u2069",
    "zero\u200bwidth\ufeff": "zero\\u200bwidth\\ufeff",
    "a\u2028b\u0085c": "a\\u2028b\\x85c",
    "\ud800": "\\ud800",
    "tag\U000e0041": "tag\\U000e0041",
    "filler\u3164\uffa0": "filler\\u3164\\uffa0",
}
PLAIN = ["", "Ünïcödé", "漢字", "👨‍👩‍👧‍👦", "❤️", "עִבְרִית", "ไทยนี้", "[link=x]y[/link]", "[@click=z]"]


@pytest.mark.parametrize(("text", "shown"), ATTACKS.items())
def test_what_acts_becomes_visible(text: str, shown: str) -> None:
    assert visible(text) == visible_lines(text) == shown


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == visible_lines(text) == text


def test_one_line_is_one_line_and_lines_stay_lines() -> None:
    assert visible("a\tb\r\nc") == "a\\tb\\r\\nc"
    assert visible_lines("a\tb\r\nc\rd") == "a\tb\nc\\rd"


@pytest.mark.parametrize("mark", ["\u0301", "\u0e49", "\u0651", "\u200d", "\ufe0f", "\u20dd"])
def test_floods_of_marks_are_cut(mark: str) -> None:
    assert visible("e" + mark * 500 + "x") == "e" + mark * 8 + "x"


@given(st.text())
def test_nothing_is_left_that_controls(text: str) -> None:
    for shown in (visible(text), visible_lines(text).replace("\n", "").replace("\t", "")):
        assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
        assert visible(shown) == shown
        shown.encode()
