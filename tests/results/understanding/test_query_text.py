"""Searching answers: no match is lost however it is written, and nothing else matches."""

import json
import random
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from batchtui.results.answer import read_answer
from batchtui.results.errors import QueryError
from batchtui.results.query import matchers, run
from batchtui.results.query.binding import contains
from batchtui.results.query.engine import compile_query
from batchtui.results.query.matchers import Pattern, fold, required_literal
from batchtui.results.query.prefilter import plan_prefilter
from tests.results.understanding.files import ResultsFile, answered, failed

SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "/": "\\/", "\b": "\\b", "\f": "\\f"}


def write_string(text: str, choose: random.Random, *, escapes: float) -> str:
    """Write a JSON string, each character in any of the ways JSON allows."""
    pieces = []
    for sign in text:
        must = sign in {'"', "\\"} or ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000
        if not must and choose.random() >= escapes:
            pieces.append(sign)
        elif sign in SHORT and choose.random() < 0.7:
            pieces.append(SHORT[sign])
        else:
            units = sign.encode("utf-16-be", "surrogatepass").hex()
            units = units.upper() if choose.random() < 0.5 else units
            pieces += [f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)]
    return '"' + "".join(pieces) + '"'


def line_of(text: str, choose: random.Random, *, escapes: float) -> bytes:
    """A line whose ids and keys hold every letter, so that only the text can tell."""
    written = write_string(text, choose, escapes=escapes)
    line = (
        '{"custom_id":"the quick sorry invoice k i s","result":{"type":"succeeded","message":'
        '{"id":"abc xyz","model":"m","content":[{"type":"text","text":%s}],"usage":{}}}}'
    )
    return (line % written).encode("utf-8", "surrogatepass")


def find(file: ResultsFile, text: str) -> list[int]:
    return list(compile_query(text).match_rows(file.index, file.reader))


def quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


SIGNS = st.sampled_from([*'abkisKISéÉßſıİK請求書😀σςΣ"\\/\n\t .&<u0', "\u2028", "\u00a0", "\ud800"])
TEXTS = st.text(SIGNS, max_size=12) | st.text(max_size=12)


@settings(max_examples=400, deadline=None)
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=8),
    needle=st.text(SIGNS, min_size=1, max_size=4) | st.text(min_size=1, max_size=3),
    inside=st.booleans(),
    seed=st.integers(0, 999),
    escapes=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
)
@example(texts=["x"], needle="Kk", inside=True, seed=1, escapes=0.5)
def test_a_search_finds_exactly_the_rows_whose_answer_holds_the_text(
    texts: list[str],
    needle: str,
    inside: bool,
    seed: int,
    escapes: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    choose = random.Random(seed)
    if inside:
        texts = [
            choose.choice([text, text + needle + text, text + needle.lower()]) for text in texts
        ]
    path = tmp_path_factory.mktemp("search") / "r.jsonl"
    file = ResultsFile(path, [line_of(text, choose, escapes=escapes) for text in texts])
    matcher = contains(needle)
    stored = [read_answer(file.reader.raw(row)).text for row in range(len(texts))]
    expected = [row for row, text in enumerate(stored) if matcher.test(text)]
    assert find(file, f"text:{quote(needle)}") == expected
    assert find(file, f"-text:{quote(needle)}") == [
        r for r in range(len(texts)) if r not in expected
    ]
    if "\ud800" not in "".join(texts):
        assert stored == texts
    file.reader.close()


PATTERNS = [
    "ki",
    "a.b",
    "a?b",
    "ab*",
    "kis+",
    "^a",
    "b$",
    "s\\b",
    "(?:ab)k",
    "[ab]k",
    "a|k",
    "a{2}",
    "\\d",
    "a\\sb",
    "a\\.b",
    "ab?k",
    "x*",
]


@settings(max_examples=200, deadline=None)
@given(
    texts=st.lists(st.text(st.sampled_from("abkisKIſıK é\n1"), max_size=10), max_size=6),
    pattern=st.sampled_from(PATTERNS),
    slashes=st.sampled_from(["", "/", "/i", "/im", "/s"]),
    seed=st.integers(0, 999),
)
def test_a_pattern_finds_exactly_the_rows_it_matches(
    texts: list[str],
    pattern: str,
    slashes: str,
    seed: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    choose = random.Random(seed)
    path = tmp_path_factory.mktemp("search") / "r.jsonl"
    file = ResultsFile(path, [line_of(text, choose, escapes=0.3) for text in texts])
    flags = re.NOFLAG if slashes else re.IGNORECASE
    for letter in slashes[1:]:
        flags |= {"i": re.IGNORECASE, "m": re.MULTILINE, "s": re.DOTALL}[letter]
    expected = [row for row, text in enumerate(texts) if regex.search(pattern, text, int(flags))]
    value = f"/{pattern}{slashes}" if slashes else f'"{pattern}"'.replace("\\", "\\\\")
    assert find(file, f"text~{value}") == expected
    file.reader.close()


def test_folding_never_makes_ascii_of_other_signs() -> None:
    for code in range(128, sys.maxunicode + 1):
        sign = chr(code)
        assert len(fold(sign)) == 1
        assert not fold(sign).isascii(), hex(code)
        folded = fold(sign)
        if folded != sign:  # it has two cases: never part of a run when case is ignored
            assert folded.lower() != folded.upper() or not folded.isprintable()


@pytest.mark.parametrize(
    ("pattern", "literal"),
    [
        ("sorry", "sorry"),
        ("a.*long", "long"),
        ("colou?r", "colo"),
        ("ab*", "a"),
        ("a+b", "a"),
        ("x|y", ""),
        ("(x)", ""),
        ("\\d+ items", " items"),
        ("\\bword\\b", "word"),
        ("a\\.b", "a"),
        ("\\x41bc", ""),
        ("\\101bc", ""),
        ("\\u0041bc", ""),
        ("\\pLower", ""),
        ("\\\\x41bc", "x41bc"),
    ],
)
def test_the_literal_of_a_pattern(pattern: str, literal: str) -> None:
    assert required_literal(pattern) == literal


def test_only_the_answer_counts(tmp_path: Path) -> None:
    call = [{"type": "tool_use", "id": "toolu_x", "name": "save", "input": {"who": ["Ann", 12.50]}}]
    thought = [{"type": "thinking", "thinking": "Ann?"}, {"type": "text", "text": "Bob"}]
    result = [{"type": "mcp_tool_result", "content": [{"type": "text", "text": "Ann"}]}]
    file = ResultsFile(
        tmp_path / "r.jsonl",
        [
            answered("Ann", "Bob", model="Ann"),
            answered("1", content=call),
            answered("2", content=thought),
            answered("3", content=result),
            failed("4", "error", "Ann"),
            answered("5", "Ann"),
            answered("6", content="Ann as a plain text"),
            answered("7", content=[{"type": "text", "text": None}]),
        ],
    )
    assert find(file, "Ann") == [0, 1, 5, 6]  # a word is looked for in the ids as well
    assert find(file, "text:Ann") == [1, 5, 6]
    assert find(file, "12.5") == [1]
    assert find(file, "save") == []
    assert find(file, "who") == []
    assert find(file, "null") == []
    assert find(file, "raw:Ann") == [0, 1, 2, 3, 4, 5, 6]
    assert find(file, "raw~/^.{15}Ann/") == [0]


def test_capitals_make_case_count(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", "Sorry"), answered("b", "sorry")])
    assert find(file, "sorry") == [0, 1]
    assert find(file, "Sorry") == [0]
    assert find(file, "text~sorry") == [0, 1]
    assert find(file, "text~Sorry") == [0]
    assert find(file, "text~/sorry/") == [1]
    assert find(file, "text~/SORRY/i") == [0, 1]


def test_combinations_of_searches(tmp_path: Path) -> None:
    words = ["red green", "green", "red", "blue", "red blue"]
    file = ResultsFile(
        tmp_path / "r.jsonl",
        [answered(f"r{n}", text, output_tokens=n) for n, text in enumerate(words)]
        + [failed("e", "api_error", "red")],
    )
    assert find(file, "red green") == [0]
    assert find(file, "red or blue sort:-out") == [4, 3, 2, 0]
    assert find(file, "red -blue") == [0, 2]
    assert find(file, "-(red or blue)") == [1, 5]
    assert find(file, "type:errored or green") == [0, 1, 5]
    assert find(file, "type:errored red") == []
    assert find(file, "out>=3 (red or green)") == [4]
    assert find(file, "error:red or id:r3") == [3, 5]


def test_a_text_before_the_answer_is_not_taken_for_it(tmp_path: Path) -> None:
    """Gateways put what a model thought, and notes of their own, before the answer."""

    def with_thought(name: str, thought: str, answer: str) -> bytes:
        line = json.loads(answered(name, answer))
        message = line["result"]["message"]
        line["result"]["message"] = {"reasoning": [{"type": "text", "text": thought}], **message}
        return json.dumps(line, separators=(",", ":")).encode()

    lines = [
        with_thought("a", "a long thought of something else, and more than the answer", "zebra"),
        with_thought("b", "zebra or none, that is the question", "none of them"),
        with_thought("c", "zebra", "horse"),
        with_thought("d", "1", 'say \\"z\\" and \\"zebra\\"'),
        answered("e", "zebra"),
    ]
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    assert find(file, "zebra") == [0, 3, 4]
    assert find(file, "text~zebra") == [0, 3, 4]


def test_an_empty_text_in_an_id_is_an_error_not_a_search_without_end(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", "x"), answered("b", "y")])
    for query in ('id:""', '-id:""', 'model:""'):
        with pytest.raises(QueryError, match="needs a value"):
            find(file, query)
    assert find(file, 'id=""') == []


def test_an_odd_line_is_searched_too(tmp_path: Path) -> None:
    lone = answered("a", "x \ud800 needle")
    broken = answered("b", "needle").replace(b"needle", b"nee\xffneedle")
    number = answered("c", "needle", ensure_ascii=False).replace(b"20", b"NaN")
    file = ResultsFile(tmp_path / "r.jsonl", [lone, broken, number, b"needle"])
    assert find(file, "needle") == [0, 1, 2]
    assert find(file, "raw:needle") == [0, 1, 2, 3]


def test_rows_across_many_slabs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_BLOCK_BYTES", 700)
    monkeypatch.setattr(run, "_BLOCK_ROWS", 7)
    lines = [
        answered(f"r{n}", "x" * (n % 90) + (" needle" if n % 13 == 0 else "")) for n in range(500)
    ]
    lines[40] = answered("long", "y" * 5000 + "needle")
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    expected = sorted({*range(0, 500, 13), 40})
    assert find(file, "needle") == expected
    assert find(file, "NEEDLE") == []
    assert find(file, "id:r1 needle") == [row for row in expected if str(row).startswith("1")]


SLOW = "text~(a+)+[d]"
"""It takes ages on a long line of a's."""


@pytest.mark.parametrize("in_thread", [False, True])
def test_a_slow_pattern_is_stopped(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    in_thread: bool,
) -> None:
    monkeypatch.setattr(matchers, "PATTERN_SECONDS", 0.02)
    text = "a" * 5000 + "!"
    file = ResultsFile(tmp_path / "r.jsonl", [answered("x", "d"), answered("a", text)])
    query = compile_query(f"type:succeeded {SLOW}")

    def search() -> QueryError | None:
        try:
            query.match_rows(file.index, file.reader)
        except QueryError as error:
            return error
        return None

    with ThreadPoolExecutor(1) as threads:
        error = threads.submit(search).result() if in_thread else search()
    assert error is not None
    assert "too long" in error.message
    assert (error.position, error.length) == (15, len(SLOW))
    assert query.spans(text) == []


def test_a_pattern_spans_a_long_text() -> None:
    text = "".join(f"{number:05d} " for number in range(20_000))
    pattern = Pattern(regex.compile(r"^00000.*(19999) $"))
    assert pattern.spans(text) == [(0, len(text))]
    assert not Pattern(regex.compile("8888 $")).test(text)


def test_matches_are_marked_where_they_are_shown() -> None:
    query = compile_query('sorry or "I am" or text~\\d+ -never id:doc error:credit')
    assert query.spans("I am SORRY, 17 never") == [(0, 4), (5, 10), (12, 14)]
    assert query.spans("my doc", "id") == [(3, 6)]
    assert query.spans("low credit", "error") == [(4, 10)]
    assert compile_query("ab or bc").spans("abcab") == [(0, 3), (3, 5)]
    assert compile_query("straße").spans("STRAßE") == [(0, 6)]
    assert compile_query("i").spans("İi") == [(1, 2)]


@pytest.mark.parametrize("text", ['"', "\\", "\n", "/", "é" * 0])
def test_nothing_is_planned_for_what_cannot_be_found_in_bytes(text: str) -> None:
    assert plan_prefilter(text, ignore_case=True) is None


def test_answers_of_any_line(tmp_path: Path) -> None:
    for line in (b"", b"{", b"[" * 5000, b"null", b"\xff", json.dumps([1]).encode()):
        assert read_answer(line).searched == ""
