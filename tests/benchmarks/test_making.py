"""The benchmark's own file and table are what they say."""

import asyncio
from pathlib import Path

import pytest

from batchtui.results.opening import open_results
from tests.benchmarks.making import make_file
from tests.benchmarks.table import Row, print_table


def test_the_file_is_the_same_for_the_same_seed_and_all_of_it_is_results(tmp_path: Path) -> None:
    one, two = tmp_path / "1", tmp_path / "2"
    make_file(one, 2_500)
    make_file(two, 2_500)
    assert one.read_bytes() == two.read_bytes()
    file = open_results(one)
    asyncio.run(file.load())
    counts = [len(rows) for rows in file.index.rows_by_type]
    assert sum(counts) == 2_500
    assert counts[0] > 2_300
    assert counts[1] > 10
    assert counts[4:] == [0, 0]
    assert file.index.duplicate_rows == 0
    file.close()


def test_the_table_says_whether_all_promises_hold(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [Row("one", "1 s", "x 2 s", "2.0×", "≥ 1×", holds=True), Row("two", "3 s")]
    assert print_table("title", rows)
    assert not print_table("title", [*rows, Row("three", "9 s", target="≤ 1 s", holds=False)])
    printed = capsys.readouterr().out
    assert "yes" in printed
    assert "NO" in printed
