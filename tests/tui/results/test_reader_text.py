"""Lines of text: nothing is lost, nothing is too wide, matches are where they are."""

import itertools
import re

from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from batchtui.tui.lines import line
from batchtui.tui.widgets.reader_document import Document, Lines
from batchtui.tui.widgets.reader_markdown import cut_pieces, lay_out_markdown
from batchtui.tui.widgets.reader_tables import share_width
from batchtui.tui.widgets.reader_text import WrappedText, lay_out
from batchtui.tui.widgets.reader_wrapping import LONGEST, break_text, mark_runs, wrap_runs
from batchtui.untrusted import visible_lines

LINE = st.text(alphabet=st.sampled_from("ab  日é👩🏽\u0301-x"), max_size=80)
TEXT = st.text(max_size=400).map(visible_lines)


def laid_out(text: str, width: int, pattern: str = "$^") -> WrappedText:
    steps = lay_out(
        text, width, find=lambda text: [match.span() for match in re.finditer(pattern, text)]
    )
    return next(step for step in steps if step is not None)


@given(LINE, st.integers(2, 40))
@example("\u0301 a日", 2)
def test_breaking_loses_nothing_but_spaces(text: str, width: int) -> None:
    pieces = list(break_text(text, width))
    assert pieces[0][0] == 0
    assert pieces[-1][1] == len(text)
    for (_, end), (start, _) in itertools.pairwise(pieces):
        assert start - end in {0, 1}
        assert not text[end:start].strip(" ")
    assert all(cell_len(text[start:end]) <= width for start, end in pieces)


@given(TEXT, st.integers(2, 60))
def test_a_wrapped_text_is_the_text(text: str, width: int) -> None:
    section = laid_out(text, width)
    shown = "".join(section.line(number).text for number in range(len(section)))
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)
    assert len(section) >= text.count("\n") + 1


@given(TEXT, st.integers(8, 60))
def test_markdown_never_fails_and_never_acts(text: str, width: int) -> None:
    for section in lay_out_markdown(text, width):
        for number in range(len(section) if section else 0):
            shown = section.line(number).text if section else ""
            assert visible_lines(shown) == shown
            assert "\n" not in shown


@given(st.lists(st.text(max_size=60), max_size=60), st.integers(1, 60))
def test_pieces_are_all_of_the_text(parts: list[str], repeat: int) -> None:
    text = "\n\n".join(parts * repeat)
    pieces = list(cut_pieces(text))
    assert "".join(text[start:end] for start, end in pieces) == text


def test_code_is_not_cut_into_pieces() -> None:
    code = "```\n" + "x = 1\n\n" * 2_000 + "```\n"
    assert len(list(cut_pieces(code + "\n" + "after " * 10))) <= 2


def markdown(text: str, width: int = 40) -> list[str]:
    found: list[str] = []
    for section in lay_out_markdown(text, width):
        found += [section.line(number).text for number in range(len(section))] if section else []
    return found


def test_markdown_is_set_for_a_terminal() -> None:
    text = (
        "# Title\n\nSome **bold** and `code`.\nA new line.\n\n1. one\n   - nested\n2. two\n\n"
        "> quoted\n\n```python\nif x:\n    pass\n```\n\n[here](https://a.b) <b>html</b>"
    )
    assert markdown(text) == [
        "Title",
        "",
        "Some bold and code.",
        "A new line.",
        "",
        "1. one",
        "   • nested",
        "2. two",
        "",
        "│ quoted",
        "",
        "  if x:",
        "      pass",
        "",
        "here (https://a.b) <b>html</b>",
    ]


def test_a_table_fits_its_width() -> None:
    rows = markdown("| name | value |\n|---|--:|\n| a | 1 |\n| " + "long " * 12 + "| 22 |", 30)
    assert rows[0].startswith("name")
    assert rows[1] == "─" * 30
    assert all(cell_len(row) <= 30 for row in rows)
    assert rows[2].endswith(" 1")


def test_entities_do_not_bring_back_what_was_taken_out() -> None:
    shown = "".join(markdown("a &#27;[31m b &#8238; c ![&#8238;](&#x202e;) `&#x9b;`"))
    assert not set("\x1b\x9b\u202e") & set(shown)
    assert "\\u202e" in shown


def test_columns_share_what_there_is() -> None:
    assert share_width([5, 5], 40) == [5, 5]
    assert sum(share_width([50, 10], 33)) == 30
    assert share_width([50, 10], 33)[1] == 10
    assert min(share_width([50] * 20, 30)) >= 1


def test_matches_are_marked_across_styles_and_lines() -> None:
    runs = mark_runs([("one ", "strong"), ("two three", "")], [(2, 6), (8, 9)])
    assert runs == [
        ("on", "strong"),
        ("e ", "strong match"),
        ("tw", "match"),
        ("o ", ""),
        ("t", "match"),
        ("hree", ""),
    ]
    section = laid_out("apples and\npears and apples", 8, "apples")
    marked = [
        number
        for number in range(len(section))
        if any("match" in span.style for span in section.line(number).left)
    ]
    assert list(section.matches()) == marked


def test_a_document_finds_the_next_and_the_last_match() -> None:
    document = Document()
    document.append(Lines([line("a")] * 5, [1, 3]))
    document.append(laid_out("b\nmatch\nc\nmatch", 20, "match"))
    assert list(document.matches()) == [1, 3, 6, 8]
    assert document.match_after(-1) == 1
    assert document.match_after(3) == 6
    assert document.match_after(8) is None
    assert document.match_before(6) == 3
    assert document.match_before(1) is None
    assert document.line(6).text == "match"
    assert document.line(99).text == ""


def test_without_wrapping_only_monsters_break() -> None:
    steps = lay_out("x" * (LONGEST * 2 + 1), 20, is_wrapped=False)
    section = next(step for step in steps if step is not None)
    assert len(section) == 3


def test_what_stands_before_lines_counts() -> None:
    lines = wrap_runs([("aaa bbb ccc", "")], 6, wrap_runs([("1. ", "")], 9)[0].left, ())
    assert lines[0].text.startswith("1. ")
