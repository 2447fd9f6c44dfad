import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.tui.terminal.styles import (
    PLAIN,
    Style,
    UnrecognizedError,
    apply_sgr,
    erases_as,
    restyle,
)

CODES = st.sampled_from(
    [
        *("", "0", "1", "2", "3", "4", "7", "9", "22", "23", "24", "27", "29", "53", "55"),
        *("31", "39", "44", "49", "97", "38;5;200", "48;5;17", "38;2;1;2;3", "48;2;30;30;30"),
    ]
)
STYLES = st.lists(CODES, max_size=6).map(lambda codes: apply_sgr(PLAIN, ";".join(codes)))


def follow(pen: Style, sequences: str) -> Style:
    for sequence in sequences.split("\x1b[")[1:]:
        assert sequence.endswith("m")
        pen = apply_sgr(pen, sequence[:-1])
    return pen


@given(STYLES, STYLES)
def test_the_way_from_one_style_to_another_ends_there(pen: Style, wanted: Style) -> None:
    way = restyle(pen, wanted)
    assert follow(pen, way) == wanted
    assert (way == "") == (pen == wanted)
    assert len(way) <= len(restyle(None, wanted))


def test_equal_styles_are_one_object() -> None:
    assert apply_sgr(PLAIN, "1;31") is apply_sgr(apply_sgr(PLAIN, "31"), "1")
    assert apply_sgr(apply_sgr(PLAIN, "31"), "0") is PLAIN


def test_only_what_differs_is_said() -> None:
    pen = apply_sgr(PLAIN, "38;2;224;224;224;48;2;18;18;18")
    assert restyle(pen, apply_sgr(pen, "1")) == "\x1b[1m"
    assert restyle(pen, apply_sgr(pen, "38;2;1;1;1")) == "\x1b[38;2;1;1;1m"
    assert restyle(pen, PLAIN) == "\x1b[m"


def test_ends_that_old_terminals_lack_are_not_used() -> None:
    pen = apply_sgr(PLAIN, "3;31")
    assert restyle(pen, apply_sgr(PLAIN, "31")) == "\x1b[;31m"


@pytest.mark.parametrize("parameters", ["99", "4:3", "38;9;1", "38;2;1;2", "2J", "38;5;x"])
def test_unknown_styles_are_said_to_be_unknown(parameters: str) -> None:
    with pytest.raises(UnrecognizedError):
        apply_sgr(PLAIN, parameters)


def test_links_are_opened_and_closed() -> None:
    linked = PLAIN._replace(link="id=1;http://localhost")
    assert restyle(PLAIN, linked) == "\x1b]8;id=1;http://localhost\x1b\\"
    assert restyle(linked, PLAIN) == "\x1b]8;;\x1b\\"


def test_blanks_are_erased_only_where_that_looks_the_same() -> None:
    colored = apply_sgr(PLAIN, "31;44")
    assert erases_as(PLAIN, in_color=False)
    assert erases_as(colored, in_color=True)
    assert not erases_as(colored, in_color=False)
    assert not erases_as(apply_sgr(PLAIN, "4"), in_color=True)
    assert not erases_as(apply_sgr(PLAIN, "7"), in_color=True)
