import pytest

from batchtui.tui.terminal.cells import is_doubtful, read_line, split_cells
from batchtui.tui.terminal.screen import Screen
from batchtui.tui.terminal.styles import PLAIN, UnrecognizedError, apply_sgr

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("ab", ("a", "b")),
        ("漢a", ("漢", "", "a")),
        ("e\u0301x", ("e\u0301", "x")),
        (f"{FAMILY}!", (FAMILY, "", "!")),
        ("\u0301a", ("a",)),
        ("a\x07\x9b2J\x7fb", ("a", "2", "J", "b")),
        ("", ()),
    ],
)
def test_text_is_split_into_cells(text: str, cells: tuple[str, ...]) -> None:
    assert split_cells(text) == cells


@pytest.mark.parametrize("cluster", [FAMILY, "❤\ufe0f", "🎉", "🇩🇪", "क्षि"])
def test_clusters_that_terminals_draw_differently_are_doubtful(cluster: str) -> None:
    assert is_doubtful(cluster)


@pytest.mark.parametrize("cluster", ["a", "漢", "e\u0301", "가", "█", "✓", "ก\u0e33"[:1]])
def test_others_are_not(cluster: str) -> None:
    assert not is_doubtful(cluster)


def test_a_line_is_read_with_its_styles_and_links() -> None:
    text = "a\x1b[1mb\x1b[0m\x1b]8;id=7;http://x\x1b\\\x1b[4mc\x1b[0m\x1b]8;;\x1b\\d\n"
    line = read_line(text, PLAIN)
    assert "".join(line.texts) == "abcd"
    assert line.styles[0] is PLAIN
    assert line.styles[1] is apply_sgr(PLAIN, "1")
    assert line.styles[2].link == "id=7;http://x"
    assert line.styles[2].attributes == ("4",)
    assert line.styles[3] == PLAIN


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("\x1b[1m|\x1b[0m\x1b[2m\u0301tude\x1b[0m", ["|\u0301", *"tude"]),
        ("\x1b[1m漢\x1b[0m\x1b[2m\u0301x\x1b[0m", ["漢\u0301", "", "x"]),
        ("\x1b[2m\u0301x\x1b[0m", ["x"]),
    ],
)
def test_marks_without_their_letter_stand_on_what_is_before_them(
    text: str, cells: list[str]
) -> None:
    assert read_line(text, PLAIN).texts == cells


@pytest.mark.parametrize("text", ["a\x1b[2Kb", "a\x1bMb", "a\nb", "\x1b]0;x\x07"])
def test_anything_else_in_a_line_is_unknown(text: str) -> None:
    with pytest.raises(UnrecognizedError):
        read_line(text, PLAIN)


def texts(screen: Screen, row: int = 0) -> str:
    return "".join(text or "_" for text in screen.texts[row])


def test_half_a_wide_character_is_a_blank() -> None:
    screen = Screen(6, 1)
    screen.put(0, 0, read_line("漢字漢", PLAIN))
    assert texts(screen) == "漢_字_漢_"
    screen.put(0, 1, read_line("xy", PLAIN))
    assert texts(screen) == " xy 漢_"
    screen.put(0, 5, read_line("漢", PLAIN))
    assert texts(screen) == " xy   "


def test_what_lies_outside_is_cut_off() -> None:
    screen = Screen(4, 2)
    screen.put(0, 2, read_line("abcdef", PLAIN))
    screen.put(5, 0, read_line("x", PLAIN))
    screen.put(1, 9, read_line("x", PLAIN))
    assert texts(screen) == "  ab"
    assert texts(screen, 1) == "    "
    assert len(screen.styles[0]) == 4


def test_a_smaller_screen_keeps_what_fits() -> None:
    screen = Screen(4, 2)
    screen.put(0, 0, read_line("a漢b", PLAIN))
    screen.resize(2, 1)
    assert texts(screen) == "a "
    screen.resize(3, 2)
    assert texts(screen) == "a  "
    assert texts(screen, 1) == "   "
