from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.tui.terminal.input_lexer import ESC, InputLexer, Pasted

DELAY = 0.1
ANSWERS = [
    "\x1b[?61;4;6;22c",
    "\x1b[>0;276;0c",
    "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]52;c;cXVpdA==\x07",
    "\x1bP>|xterm(390)\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1b_Gi=1;OK\x1b\\",
    "\x1b[?1u",
    "\x1b[M !!",
]
"""What terminals say without a key having been pressed."""
KNOWN_TO_TEXTUAL = "\x1b["
"""The lexer hands on whole control sequences; what they mean is asked elsewhere."""


@dataclass
class Typed:
    """A lexer and a clock that the test moves."""

    now: float = 0.0
    units: list[str | Pasted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lexer = InputLexer(DELAY, lambda: self.now)

    def come(self, *pieces: str, after: float = 0.0) -> list[str | Pasted]:
        """Let pieces come, each after a time, and return the units that they give."""
        units: list[str | Pasted] = []
        for piece in pieces:
            if self.lexer.wait is not None and self.lexer.wait <= after:
                units += self._wait_in_vain()
            self.now += after
            units += self.lexer.feed(piece)
        return units

    def rest(self) -> list[str | Pasted]:
        """Let time pass, and return what is a unit now."""
        self.now += 10
        return list(self.lexer.feed(""))

    def _wait_in_vain(self) -> list[str | Pasted]:
        wait = self.lexer.wait or 0.0
        self.now += wait
        units = list(self.lexer.feed(""))
        self.now -= wait
        return units


def is_key(unit: str | Pasted) -> bool:
    """Whether the unit is one character, or such a one with Alt: what may be a command."""
    return isinstance(unit, str) and not unit.startswith(KNOWN_TO_TEXTUAL)


def come_and_rest(*pieces: str) -> list[str | Pasted]:
    """Let pieces come at once, and nothing more."""
    typed = Typed()
    return [*typed.come(*pieces), *typed.rest()]


@pytest.mark.parametrize("answer", ANSWERS)
@given(data=st.data())
@settings(max_examples=15)
def test_an_answer_cut_anywhere_and_late_gives_no_key(answer: str, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(2, len(answer) - 1), max_size=2, unique=True))
    assert_no_key(answer, cuts, after=data.draw(st.sampled_from([0.0, 0.5])))


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("after", [DELAY / 2, DELAY * 2, 5.0])
def test_the_rest_of_an_answer_is_no_key_although_its_escape_was(answer: str, after: float) -> None:
    assert_no_key(answer, [1], after=after)


@pytest.mark.parametrize(
    ("late", "keys"), [("[A", ["\x1b[A"]), ("[A\x1b[A", ["\x1b[A"] * 2), ("[5~", ["\x1b[5~"])]
)
def test_the_rest_of_a_key_that_comes_late_is_that_key(late: str, keys: list[str]) -> None:
    assert Typed().come(ESC, late, after=2) == [ESC, *keys]


@pytest.mark.parametrize("keys", ["[", "]", "[q", "[[", "Oq", "P1", "]x", "x"])
def test_what_is_typed_after_an_escape_is_keys(keys: str) -> None:
    assert Typed().come(ESC, keys, after=2) == [ESC, *keys]


def assert_no_key(answer: str, cuts: Sequence[int], *, after: float) -> None:
    """Let an answer come in pieces: nothing of it is a key, but for an escape that came alone."""
    places = [0, *sorted(cuts), len(answer)]
    pieces = [answer[a:b] for a, b in pairwise(places)]
    typed = Typed()
    units = typed.come(*pieces, after=after)
    assert not [unit for unit in units if is_key(unit) and unit != ESC]
    assert typed.come("q") == ["q"]


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_never_ends_takes_one_key_along(answer: str) -> None:
    typed = Typed()
    typed.come(answer[:4])
    typed.come("x", after=5)
    assert typed.come("q", after=0.2) == ["q"]


TEXT = st.text(st.sampled_from("xyc\n\r\x1b[]A~0é;"), max_size=30)


@given(TEXT, st.lists(st.integers(0, 60), max_size=4))
@settings(max_examples=60)
def test_a_paste_is_one_text_however_it_comes(text: str, cuts: list[int]) -> None:
    sent = f"\x1b[200~{text}\x1b[201~j"
    places = [0, *sorted(min(cut, len(sent)) for cut in cuts), len(sent)]
    pieces = [sent[a:b] for a, b in pairwise(places) if sent[a:b]]
    assert come_and_rest(*pieces) == [Pasted(text), "j"]


@pytest.mark.parametrize("inner", ["\x1b[201~x\ry", "\x1b[201~x\ry\x1b[200~z"])
def test_the_end_of_a_paste_within_the_paste_ends_nothing(inner: str) -> None:
    """However it is cut into pieces, as long as these follow each other."""
    sent = f"\x1b[200~first{inner}\x1b[201~j"
    for cut in range(1, len(sent)):
        typed = Typed()
        units = typed.come(sent[:cut], sent[cut:], after=DELAY / 2)
        assert [*units, *typed.rest()] == [Pasted(f"first{inner}"), "j"]


def test_two_pastes_one_after_the_other_are_two() -> None:
    typed = Typed()
    one, two = "\x1b[200~one\x1b[201~j", "\x1b[200~two\x1b[201~"
    assert typed.come(one, two, after=DELAY * 2) == [Pasted("one"), "j"]
    assert typed.rest() == [Pasted("two")]


def test_a_paste_whose_first_escape_comes_alone_is_a_paste() -> None:
    typed = Typed()
    typed.come(ESC, "[200~x\ry", "\x1b[201~", after=DELAY * 2)
    assert typed.rest() == [Pasted("x\ry")]


def test_what_the_output_waits_for_is_heard_amid_a_paste() -> None:
    probed = "\x1b[?2026;2$y"
    pieces = ["\x1b[200~one ", probed, f"two{probed}\x1b[201~"]
    assert come_and_rest(*pieces) == [probed, probed, Pasted("one two")]
    assert come_and_rest(f"\x1b[200~one{probed}", "\x1b[201~") == [probed, Pasted("one")]


@pytest.mark.parametrize("key", ["q", "\x1b[A"])
def test_a_paste_that_never_ends_is_given_up(key: str) -> None:
    typed = Typed()
    assert typed.come("\x1b[200~some text") == []
    assert typed.come(key, after=2) == [Pasted("some text")]
    assert typed.come(key) == [key]


@pytest.mark.parametrize("broken", ["\x1b[1;\x07", "\x1b[12é", "\x1bO\r", "\x1b[1;5\x1b[A"])
def test_a_sequence_that_something_breaks_off_is_lost_with_it(broken: str) -> None:
    units = Typed().come(f"{broken}q")
    assert units[-1] == "q"
    assert not [unit for unit in units[:-1] if is_key(unit)]


@pytest.mark.parametrize("sequence", ["\x1b[A", "\x1bOP", "\x1b[1;5C", "\x1b[[A", "\x1bx", "\x1b]"])
def test_keys_with_an_escape(sequence: str) -> None:
    typed = Typed()
    assert typed.come(f"a{sequence}b") == ["a", sequence, "b"]


def test_an_escape_is_a_key_when_nothing_follows() -> None:
    typed = Typed()
    assert typed.come(ESC) == []
    assert typed.rest() == [ESC]
    assert typed.lexer.wait is None
    assert typed.come(ESC, "x", after=1) == [ESC, "x"]


@pytest.mark.parametrize("second", ["\r", "\t", "\x03", ESC])
def test_escape_and_another_key_in_one_piece_are_two_keys(second: str) -> None:
    """Else "no, and on" would become "on"."""
    typed = Typed()
    assert [*typed.come(ESC + second), *typed.rest()] == [ESC, second]


def test_a_key_soon_after_escape_is_a_key() -> None:
    typed = Typed()
    assert typed.come(ESC, "q", after=DELAY / 4) == [ESC, "q"]
    assert typed.come(ESC, "[A", after=DELAY / 4) == ["\x1b[A"]


def test_endless_numbers_are_not_kept() -> None:
    typed = Typed()
    typed.come("\x1b[")
    for _ in range(100):
        assert typed.come("1;" * 2000) == []
    assert not [unit for unit in typed.come("c") if is_key(unit)]


@given(st.text(st.sampled_from("\x1b[]OPM<;?0219~\x07\\ \r\x00é\udc9bxq"), max_size=40))
@settings(max_examples=80)
def test_whatever_comes_the_next_keys_count(junk: str) -> None:
    typed = Typed()
    typed.come(junk)
    typed.come("q", after=2)
    typed.come("q", after=2)
    assert typed.come("q") == ["q"]
