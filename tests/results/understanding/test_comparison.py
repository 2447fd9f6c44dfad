"""Two runs joined by custom_id: what is the same, what changed how, what a query means."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.library.ledger_values import Review
from batchtui.prices import load_prices
from batchtui.results.comparison.answer_block import AnswerBlock, compare_rows
from batchtui.results.comparison.answers import Change, compare_answers, field_changes
from batchtui.results.comparison.export import pair_record, write_pairs
from batchtui.results.comparison.pairs import NO_ROW, ResultsComparison
from batchtui.results.comparison.query import (
    asks_for_changes,
    asks_for_requests,
    asks_for_reviews,
    match_pairs,
)
from batchtui.results.comparison.side import Side, run_totals
from batchtui.results.errors import QueryError
from batchtui.results.indexing import Indexer
from batchtui.results.opening import open_results
from batchtui.results.records.paths import read_path
from batchtui.results.records.registry import find_by_pattern


def answer(custom_id: str, text: str, *, stop: str = "end_turn", out: int = 5) -> dict[str, object]:
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": text}],
        "stop_reason": stop,
        "usage": {"input_tokens": 1, "output_tokens": out},
    }
    return {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}


def errored(custom_id: str, message: str) -> dict[str, object]:
    error = {"type": "error", "error": {"type": "api_error", "message": message}}
    return {"custom_id": custom_id, "result": {"type": "errored", "error": error}}


@contextmanager
def compared(
    folder: Path, a: Sequence[object], b: Sequence[object], fields: Sequence[str] = ()
) -> Iterator[ResultsComparison]:
    files = []
    for name, lines in (("a", a), ("b", b)):
        path = folder / f"{name}.jsonl"
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        files.append(open_results(path))
    with closing(files[0]), closing(files[1]):
        for file in files:
            asyncio.run(file.load())
        with files[0].reader() as reader_a, files[1].reader() as reader_b:
            comparison = ResultsComparison(
                Side("first", files[0].index, reader_a),
                Side("second", files[1].index, reader_b),
                fields=fields,
            )
            for _ in comparison.run():
                pass
            yield comparison


def change_of(tmp_path: Path, a: object, b: object) -> Change:
    with compared(tmp_path, [a], [b]) as comparison:
        return comparison.change(0)


FENCED = 'Here:\n```json\n{"a": 1, "b": [2]}\n```'


@pytest.mark.parametrize(
    ("a", "b", "change"),
    [
        ("Yes.", "Yes.", Change.SAME),
        ("Yes,  it\nis.", "Yes, it is.", Change.NORMALIZED),
        ("Yes.", "No.", Change.TEXT),
        ('{"a": 1, "b": [2]}', '{"b":[2.0],"a":1}', Change.NORMALIZED),
        ('{"a": 0.1}', '{"a": 0.10000000000000000}', Change.NORMALIZED),
        ('{"a": 0.1}', '{"a": 0.10000000000000001}', Change.FIELDS),
        ('```json\n{"a": 1}\n```', '{"a":1}', Change.NORMALIZED),
        (FENCED, FENCED.replace("1", "3"), Change.FIELDS),
        (FENCED, FENCED.replace("Here", "There"), Change.TEXT),
        ('{"n": 12345678901234567890}', '{"n": 12345678901234567891}', Change.FIELDS),
        ('{"n": 123456789012345678901234567890}', '{"n": 1e400}', Change.FIELDS),
        ('{"n": 1e400}', '{"n": 1e401}', Change.FIELDS),
        ('{"n": 1}', '{"n": true}', Change.FIELDS),
        (r'{"n": "\u00e9"}', '{"n": "é"}', Change.NORMALIZED),
        ("Written in json", "Written in", Change.TEXT),
        ('{"n": 1} and so on', '{"n": 1} and on', Change.TEXT),
        (FENCED + "\nSo be it.", FENCED + " So  be it.", Change.NORMALIZED),
        (FENCED + "\nSo be it.", FENCED + "\nSo be that.", Change.TEXT),
        ('{"n": ' + "[" * 1_500 + "]" * 1_500 + "}", '{"n": [ ]}', Change.FIELDS),
    ],
)
def test_how_answers_differ(tmp_path: Path, a: str, b: str, change: Change) -> None:
    assert change_of(tmp_path, answer("x", a), answer("x", b)) is change


PIECES = st.sampled_from(
    [
        "Yes",
        " no\n",
        "json",
        '"',
        "\\",
        "é",
        "`",
        "```json\n",
        "\n```",
        '{"a": 1}',
        '{"a":true}',
        "[1]",
        "<b>",
    ]
)
ANSWERS = st.lists(PIECES, max_size=8).map("".join)


@settings(max_examples=200)
@given(ANSWERS, ANSWERS, st.booleans(), st.booleans())
def test_what_is_compared_in_the_bytes_is_what_reading_the_answers_finds(
    a: str, b: str, is_compact: bool, is_ascii: bool
) -> None:
    separators = (",", ":") if is_compact else (", ", ": ")
    lines = [
        json.dumps(answer("x", text), separators=separators, ensure_ascii=is_ascii).encode()
        for text in (a, b, b, a)
    ]
    block_a, block_b = block_of(lines[:2]), block_of(lines[2:])
    for place in range(2):
        expected = compare_answers(lines[place], lines[place + 2])
        assert compare_rows(block_a, block_b, place) == expected


def block_of(lines: Sequence[bytes]) -> AnswerBlock:
    data = b"".join(line + b"\n" for line in lines)
    indexer = Indexer()
    for _ in indexer.feed(data):
        pass
    return AnswerBlock(indexer.index, _Bytes(data), range(len(lines)))


class _Bytes:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def span(self, offset: int, length: int) -> bytes:
        return self._data[offset : offset + length]


def test_what_became_of_the_row_is_a_flip(tmp_path: Path) -> None:
    good = answer("x", "Yes.")
    for other in (
        errored("x", "no"),
        answer("x", "Yes.", stop="max_tokens"),
        answer("x", "Yes.", stop="refusal"),
        {"custom_id": "x", "result": {"type": "expired"}},
    ):
        assert change_of(tmp_path, good, other) is Change.TYPE
    assert change_of(tmp_path, errored("x", "no"), errored("x", "no")) is Change.SAME
    assert change_of(tmp_path, errored("x", "no"), errored("x", "other")) is Change.TEXT


def test_ids_are_joined_whatever_the_order_and_however_often(tmp_path: Path) -> None:
    a = [answer(one, one + str(place)) for place, one in enumerate(["x", "y", "x", "z", "x"])]
    b = [answer("q", "1"), answer("x", "x0"), answer("z", "z3"), answer("x", "other")]
    with compared(tmp_path, a, b) as comparison:
        pairs = [(comparison.custom_id(pair), comparison.change(pair)) for pair in range(6)]
        assert pairs == [
            ("x", Change.SAME),
            ("y", Change.ONLY_A),
            ("x", Change.TEXT),
            ("z", Change.SAME),
            ("x", Change.ONLY_A),
            ("q", Change.ONLY_B),
        ]
        assert comparison.counts()[Change.ONLY_A] == 2


IDS = st.sampled_from(["a", "b", "c", "d", "é"])
TEXTS = st.sampled_from(["Yes.", "No.", '{"v": 1}', '{"v": 2}', '{ "v":1 }'])


@settings(max_examples=40)
@given(st.dictionaries(IDS, TEXTS), st.dictionaries(IDS, TEXTS))
def test_the_counts_are_those_of_a_plain_script(
    tmp_path_factory: pytest.TempPathFactory, a: dict[str, str], b: dict[str, str]
) -> None:
    def plain(one: str | None, other: str | None) -> str:
        if one is None or other is None:
            return "only_b" if one is None else "only_a"
        if one == other:
            return "same"
        if not (one.startswith("{") and other.startswith("{")):
            return "text"
        return "normalized" if json.loads(one) == json.loads(other) else "fields"

    expected = Counter(plain(a.get(one), b.get(one)) for one in {*a, *b})
    folder = tmp_path_factory.mktemp("runs")
    lines_a, lines_b = ([answer(*item) for item in run.items()] for run in (a, b))
    with compared(folder, lines_a, lines_b) as comparison:
        counts = {change.value: count for change, count in comparison.counts().items() if count}
    assert counts == expected


def test_fields_that_differ_by_path_with_both_values() -> None:
    a = b'{"v": "A", "n": 1.0, "lines": [{"q": 1}, {"q": 2}], "gone": null}'
    b = b'{"n": 1, "v": "B", "lines": [{"q": 1}, {"q": 3}, 4]}'
    found = {
        one.path: (one.a and bytes(one.a), one.b and bytes(one.b)) for one in field_changes(a, b)
    }
    assert found == {
        ".v": (b'"A"', b'"B"'),
        ".lines[1].q": (b"2", b"3"),
        ".lines[2]": (None, b"4"),
        ".gone": (b"null", None),
    }
    lists = field_changes(b'[{"a b": 1}, [2]]', b'[{"a b": 3}, [4]]')
    paths = [one.path for one in lists]
    assert paths == ['.[0]."a b"', ".[1][0]"], "as queries and --fields take them"
    assert all(read_path(path) for path in paths)
    assert [one.path for one in field_changes(b"[1]", b"1")] == ["."]


RUN_A = [
    answer("one", '{"score": 1, "vendor": "ACME"}', out=5),
    answer("two", '{"score": 5, "vendor": "ACME"}', out=5),
    answer("three", '{"score": 5, "vendor": "Foo"}', out=5),
    errored("four", "overloaded"),
]
RUN_B = [
    answer("one", '{"score": 3, "vendor": "ACME"}', out=50),
    answer("two", '{"score": 4, "vendor": "ACME"}', out=6),
    answer("three", '{"score": 5, "vendor": "Bar"}', out=7),
    answer("four", '{"score": 9, "vendor": "ACME"}', out=8),
]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", ["one", "two", "three", "four"]),
        ("change:flip", ["four"]),
        ("change:fields", ["one", "two", "three"]),
        ("-change:any", []),
        ("a.score>b.score", ["two"]),
        ("a.score=b.score", ["three"]),
        ("a.score<2", ["one"]),
        ("b.vendor=ACME", ["one", "two", "four"]),
        ("delta:.score", ["one", "two"]),
        ("delta:.score>0", ["one"]),
        ("delta:.score<-0.5", ["two"]),
        ("type:errored", ["four"]),
        ("-type:errored .vendor:bar", ["three"]),
        ("change:fields sort:-delta:.score", ["one", "two", "three"]),
        ("change:fields sort:delta", ["two", "three", "one"]),
    ],
)
def test_which_pairs_a_query_means(tmp_path: Path, query: str, ids: list[str]) -> None:
    with compared(tmp_path, RUN_A, RUN_B) as comparison:
        pairs = match_pairs(query, comparison)
        assert [comparison.custom_id(pair) for pair in pairs] == ids


@pytest.mark.parametrize(
    "query", [".v=1 or .v=2", "a.v=1 OR b.v=1", "(.v=1 .v=2)", "x -(foo bar)", "x and y"]
)
def test_a_query_that_joins_terms_says_that_it_cannot(tmp_path: Path, query: str) -> None:
    with compared(tmp_path, RUN_A, RUN_B) as comparison:
        for read in (lambda: match_pairs(query, comparison), lambda: asks_for_changes(query)):
            with pytest.raises(QueryError, match="knows neither “or”"):
                read()
        assert not match_pairs('"or" "(no" (foo)', comparison)  # texts, and a group of one term


@pytest.mark.parametrize(("query", "place"), [("x change:none", 2), ("type:nothing", 0)])
def test_a_query_that_is_not_understood_is_pointed_at(
    tmp_path: Path, query: str, place: int
) -> None:
    with compared(tmp_path, RUN_A, RUN_B) as comparison, pytest.raises(QueryError) as caught:
        match_pairs(query, comparison)
    assert caught.value.position == place


@pytest.mark.parametrize(
    ("query", "ids"),
    [("review:a", ["one"]), ("-has:review", ["four", "three"]), ("note:odd change:any", ["two"])],
)
def test_a_query_looks_at_reviews_of_the_comparison(
    tmp_path: Path, query: str, ids: list[str]
) -> None:
    with compared(tmp_path, RUN_A, RUN_B) as comparison:
        with pytest.raises(QueryError, match="only known in the app"):
            match_pairs(query, comparison)
        reviews = (Review("one", "a"), Review("two", "tie", "odd"))
        comparison.reviews = {one.custom_id: one for one in reviews}
        pairs = match_pairs(query, comparison)
        assert sorted(comparison.custom_id(pair) for pair in pairs) == ids


@pytest.mark.parametrize(
    ("query", "asks"),
    [
        ("-review:a", True),
        ("x has:note", True),
        ("has:.x,note", True),
        ("review", False),
        ("change:any a.x=1", False),
    ],
)
def test_it_is_known_whether_a_query_asks_for_reviews(query: str, asks: bool) -> None:
    assert asks_for_reviews(query) is asks


def test_what_a_query_asks_for_is_known_without_its_files(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text("{}")
    query = f"fits:{path} review:a"
    assert asks_for_reviews(query)
    path.unlink()
    assert asks_for_reviews(query), "the screen asks that whenever it is painted"
    assert not asks_for_requests(query)
    with pytest.raises(QueryError) as caught:
        asks_for_requests("some nothing:else")
    assert (caught.value.position, caught.value.length) == (5, 12)


def test_only_the_fields_that_are_asked_for_are_compared(tmp_path: Path) -> None:
    with compared(tmp_path, RUN_A, RUN_B, [".vendor"]) as comparison:
        assert [comparison.change(pair) for pair in range(4)] == [
            Change.SAME,
            Change.SAME,
            Change.FIELDS,
            Change.TYPE,
        ]
        assert comparison.field_counts() == {".vendor": 1}
        assert [one.path for one in comparison.detail(2).fields] == [".vendor"]


def test_records_that_the_users_pattern_finds_are_compared(tmp_path: Path) -> None:
    lines = [answer("id", f'{{"other": 1}} SCORE {score} of 9') for score in (1, 2)]
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for path, one in zip(paths, lines, strict=True):
        path.write_text(json.dumps(one))
    files = [open_results(path) for path in paths]
    for file in files:
        asyncio.run(file.load())
        find_by_pattern(file.index, r"SCORE (?P<score>\d)")
    with files[0].reader() as reader_a, files[1].reader() as reader_b:
        sides = (Side("a", files[0].index, reader_a), Side("b", files[1].index, reader_b))
        comparison = ResultsComparison(*sides)
        for _ in comparison.run():
            pass
        assert comparison.change(0) is Change.FIELDS
        assert comparison.field_counts() == {".score": 1}
        assert [one.path for one in comparison.detail(0).fields] == [".score"]
    for file in files:
        file.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 400 + "a", "x" * 400 + "b"),
        ({"k": 1}, {"k": 2}),
        ([{"k": 1}], [{"k": 2}]),
        ([1, {"k": 1}], [1, {"k": 2}]),
        ([[1], 2], [1, [2]]),
        (list(range(100)), [*range(99), 0]),
    ],
)
def test_a_field_differs_wherever_it_differs(tmp_path: Path, one: object, other: object) -> None:
    a, b, c = (
        answer("id", json.dumps({"field": value, "other": number}))
        for number, value in enumerate((one, other, one))
    )
    with compared(tmp_path, [a], [b], [".field"]) as comparison:
        assert comparison.change(0) is Change.FIELDS
        assert comparison.field_counts() == {".field": 1}
    with compared(tmp_path, [a], [c], [".field"]) as comparison:
        assert comparison.change(0) is Change.SAME


def test_pairs_are_written_with_both_values(tmp_path: Path) -> None:
    with compared(tmp_path, RUN_A, RUN_B) as comparison:
        record = json.loads(pair_record(comparison.detail(0)))
        assert record == {
            "custom_id": "one",
            "change": "fields",
            "fields": {".score": {"a": 1, "b": 3}},
        }
        flipped = json.loads(pair_record(comparison.detail(3)))
        assert (flipped["a"], flipped["b"]) == ("errored", "succeeded")
        first = write_pairs(comparison, [0, 3], tmp_path)
        second = write_pairs(comparison, [0], tmp_path)
        assert first != second
        assert [json.loads(one)["custom_id"] for one in first.read_text().splitlines()] == [
            "one",
            "four",
        ]


def test_a_pair_is_one_line_however_its_values_were_written(tmp_path: Path) -> None:
    a = answer("x", '{"lines": [\n  {"q": 1.10}\n],\n "n": [1,\n2]}')
    b = answer("x", '{"n": 3}')
    with compared(tmp_path, [a], [b]) as comparison:
        record = pair_record(comparison.detail(0))
        assert b"\n" not in record
        assert b'"a":[{"q":1.10}]' in record
        assert json.loads(record)["fields"][".n"] == {"a": [1, 2], "b": 3}


def test_runs_in_numbers(tmp_path: Path) -> None:
    with compared(tmp_path, RUN_A, RUN_B) as comparison:
        totals = run_totals(comparison.a, load_prices())
        assert (totals.rows, totals.succeeded, totals.output_tokens) == (4, 3, 15)
        assert totals.mean_output == 5
        assert list(comparison.rows_a).count(NO_ROW) == 0


def test_what_a_run_cost_is_estimated_as_far_as_prices_are_known(tmp_path: Path) -> None:
    def by(model: str, custom_id: str) -> dict[str, object]:
        message = {
            "model": model,
            "content": [{"type": "text", "text": "x"}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 1_000_000, "output_tokens": 1_000_000},
        }
        return {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}

    ours = by("claude-haiku-4-5", "one")
    with compared(tmp_path, [ours, by("gpt-4o", "two")], [by("gpt-4o", "one")]) as comparison:
        prices = load_prices()
        words = [run_totals(side, prices).cost_words for side in (comparison.a, comparison.b)]
        assert words == ["~$3.00 for all but 1 row", "price not known"]


def test_pairs_are_sorted_as_rows_are(tmp_path: Path) -> None:
    a = [answer(name, f'{{"n": {n}}}') for name, n in [("x", 2), ("y", 30), ("z", 1)]]
    b = [answer(name, f'{{"n": {n}}}') for name, n in [("z", 7), ("y", 6), ("x", 5), ("w", 9)]]
    with compared(tmp_path, [*a, answer("v", "no")], b) as comparison:
        for query, expected in {
            "sort:.n": "zxyvw",
            "sort:-.n": "yxzvw",
            "sort:a.n": "zxyvw",
            "sort:b.n": "xyzwv",
            "sort:id": "vxyzw",
            "change:fields sort:-.n": "yxz",
        }.items():
            pairs = match_pairs(query, comparison)
            assert "".join(map(comparison.custom_id, pairs)) == expected, query
            assert not asks_for_reviews(query)
        with pytest.raises(QueryError) as caught:
            match_pairs("x sort:b.nothing-at-all sort:what", comparison)
        assert caught.value.position == 24


def test_changes_of_numbers_are_those_of_what_was_written(tmp_path: Path) -> None:
    pairs = [("p", "0.82", "0.52"), ("q", "0.97", "0.67"), ("r", "0.3", "0.6"), ("s", "0.1", "0.3")]
    pairs += [("t", "12345678901234567890", "12345678901234567891"), ("u", "1e999", "2e999")]
    pairs += [("v", "0.1", "0.10000000000000000"), ("w", "0.1", "0.1000000000000000001")]
    a, b = ([answer(one[0], f'{{"n": {one[side]}}}') for one in pairs] for side in (1, 2))
    with compared(tmp_path, a, b) as comparison:
        for query, expected in {
            "sort:-delta:.n": "utpqrswv",
            "sort:delta:.n": "vwspqrtu",
            "delta:.n=-0.3": "pq",
            "delta:.n>=0.3": "rtu",
            "delta:.n": "pqrstuw",
            "delta:.n=1": "t",
            "a.n<b.n": "rstuw",
            "a.n=b.n": "v",
        }.items():
            found = match_pairs(query, comparison)
            assert "".join(map(comparison.custom_id, found)) == expected, query


def test_half_a_sign_is_kept_in_a_pair(tmp_path: Path) -> None:
    a, b = answer("x", '{"n": "\ud800"}'), answer("x", '{"n": "y"}')
    with compared(tmp_path, [a], [b]) as comparison:
        record = json.loads(pair_record(comparison.detail(0), has_texts=True))
    assert record["fields"] == {".n": {"a": "\ud800", "b": "y"}}
    assert record["text_a"] == '{"n": "\ud800"}'
