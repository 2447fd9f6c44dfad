"""Groups: counted, described, and each with a query that finds exactly its rows."""

import json
from array import array
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.grouping import RowGroup, measure_spread
from batchtui.results.groups import INDEX_FIELDS, group_rows
from batchtui.results.query.engine import compile_query
from batchtui.results.query.parser import narrow_query
from batchtui.results.records.json_scan import Number
from tests.results.understanding.files import ResultsFile, answered, failed, not_run

VALUES: list[object] = [
    {"v": "Acme GmbH"},
    {"v": "Acme GmbH", "n": 1},
    {"v": "5", "n": 2.5},
    {"v": 5, "n": 10},
    {"v": 5.0, "n": -3},
    {"v": True},
    {"v": "true"},
    {"v": "1..5"},
    {"v": "TRUE"},
    {"v": "null"},
    {"v": ["null", None]},
    {"v": None},
    {"v": ["a", "b", "a"]},
    {"v": ["a"]},
    {"v": 'say "x", a..b'},
    {"v": "x" * 400},
    {"v": "y" + "x" * 400},
    {"v": "x" * 399 + "z"},
    {"w": 1},
    {"v": {"deep": 1}},
    {"v": {}},
    {"v": []},
    {"v": []},
    {"v": [{"deep": 1}]},
    {"v": "/a.b\nc/ " * 99},
]


def test_each_group_has_the_query_for_its_rows(tmp_path: Path) -> None:
    lines = [answered(f"r{n}", json.dumps(value)) for n, value in enumerate(VALUES)]
    lines += [
        failed("e", "api_error", "x"),
        answered("p", "prose", stop=None),
        not_run("z", "expired"),
    ]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    every = array("I", range(len(file.index)))
    for by in (".v", *INDEX_FIELDS):
        grouping = group_rows(file.index, file.reader, every, by)
        assert grouping.groups
        for group in grouping.groups:
            rows = compile_query(group.query).match_rows(file.index, file.reader)
            assert len(rows) == group.rows, group.query
    groups = group_rows(file.index, file.reader, every, ".v").groups
    values = {group.value: group.rows for group in groups}
    assert values["Acme GmbH"] == 2
    assert values["a"] == 2
    assert values[""] == 4
    assert values["(empty list)"] == 2


def test_a_group_of_a_sample_has_the_query_for_its_rows_of_the_sample(tmp_path: Path) -> None:
    lines = [answered(f"r{n}", json.dumps({"v": n % 4, "w": [n % 3]})) for n in range(200)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    text = "sample:30@7 sort:-.v"
    query = compile_query(text)
    sample = query.order(file.index, query.match_rows(file.index, file.reader))
    assert len(sample) == 30
    for by in (".v", ".w", ".none", "type", "stop"):
        grouping = group_rows(file.index, file.reader, sample, by, is_sample=True)
        for group in grouping.groups:
            narrowed = compile_query(narrow_query(text, group.query))
            rows = narrowed.order(file.index, narrowed.match_rows(file.index, file.reader))
            assert len(rows) == group.rows, group
            assert set(rows) <= set(sample)


def test_numbers_of_any_size_are_grouped(tmp_path: Path) -> None:
    numbers = ["1e999999999999", "-1e400", "1e-400", "1", "1000"]
    lines = [answered(f"r{n}", f'{{"v": {number}}}') for n, number in enumerate(numbers)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    every = array("I", range(len(numbers)))
    grouping = group_rows(file.index, file.reader, every, ".v")
    assert len(grouping.groups) == 5
    for group in grouping.groups:
        rows = compile_query(group.query).match_rows(file.index, file.reader)
        assert len(rows) == 1, group.query


@pytest.mark.parametrize(
    ("numbers", "median"),
    [
        ({1: 1, 1000: 1}, 500.5),
        ({1: 1, 3: 1}, 2),
        ({0.1: 1, 0.2: 1}, 0.15),
        ({1: 2, 5: 1}, 1),
        ({1: 3, 5: 3}, 3),
        ({Decimal("1e300"): 1}, Decimal("1e300")),
    ],
)
def test_the_median_lies_in_the_middle(numbers: dict[Number, int], median: Number) -> None:
    spread = measure_spread(numbers)
    assert spread is not None
    assert spread.median == median


def test_the_largest_group_comes_first_and_few_rows_can_be_grouped(tmp_path: Path) -> None:
    lines = [answered(f"r{n}", json.dumps({"v": "ab"[n % 3 == 0], "n": n})) for n in range(9)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    grouping = group_rows(file.index, file.reader, array("I", [0, 1, 2, 3, 4]), ".v")
    assert grouping.groups == (RowGroup("a", 3, 0.6, ".v=a"), RowGroup("b", 2, 0.4, ".v=b"))
    numbers = group_rows(file.index, file.reader, array("I", range(9)), ".n", limit=2)
    assert (len(numbers.groups), numbers.values, numbers.rows) == (2, 9, 9)
    spread = numbers.spread
    assert spread is not None
    assert (spread.least, spread.median, spread.mean, spread.greatest) == (0, 4, 4.0, 8)
    with pytest.raises(ValueError, match="nothing"):
        group_rows(file.index, file.reader, array("I", [0]), "nothing")


@settings(max_examples=60)
@given(st.dictionaries(st.floats(-1e9, 1e9) | st.integers(-99, 99), st.integers(1, 9), min_size=1))
def test_every_number_is_in_a_bucket(numbers: dict[Number, int]) -> None:
    spread = measure_spread(dict(numbers))
    assert spread is not None
    assert sum(bucket.rows for bucket in spread.buckets) == spread.count == sum(numbers.values())
    assert spread.least <= spread.median <= spread.greatest
    assert len(spread.buckets) <= 12


def test_long_lists_count_by_element_as_short_ones_do(tmp_path: Path) -> None:
    long = [f"e{n}" for n in range(70)]
    values: list[object] = [["z", "b", "a"], [*long, "a"], ["y" * 300, "b"], [{"w": 1}] * 70]
    lines = [answered(f"r{n}", json.dumps({"v": value})) for n, value in enumerate(values)]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    every = array("I", range(len(file.index)))
    groups = group_rows(file.index, file.reader, every, ".v").groups
    # those of equal size as they were met
    shown = [(group.value, group.rows) for group in groups]
    assert shown[:4] == [("b", 2), ("a", 2), ("z", 1), ("e0", 1)]
    assert shown[-2:] == [("y" * 256 + "…", 1), ("(list of 70)", 1)]
    for group in groups[:-1]:
        found = compile_query(group.query).match_rows(file.index, file.reader)
        assert len(found) == group.rows, group.query
    some = group_rows(file.index, file.reader, array("I", [1]), ".v[]").groups
    assert [group.value for group in some] == [*long, "a"]
