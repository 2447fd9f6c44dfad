"""What a person said of rows, in queries and as groups."""

import asyncio
import json
from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from batchtui.library.ledger_values import Review
from batchtui.results.groups import group_rows
from batchtui.results.opening import ResultsFile, open_results
from batchtui.results.query.engine import compile_query
from tests.results.understanding.test_comparison import answer


@pytest.fixture
def file(tmp_path: Path) -> Iterator[ResultsFile]:
    path = tmp_path / "results.jsonl"
    lines = [answer(one, "Yes.") for one in ("a", "b", "c", "d")]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with closing(open_results(path)) as opened:
        asyncio.run(opened.load())
        reviews = [Review("a", "good"), Review("b", "bad", "unclear, too long"), Review("d", "bad")]
        opened.index.reviews = {review.custom_id: review for review in reviews}
        yield opened


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("review:bad", "bd"),
        ("-review:bad", "ac"),
        ("review=good", "a"),
        ("review:good,bad", "abd"),
        ("has:review", "abd"),
        ("-has:review", "c"),
        ("has:note", "b"),
        ("note~clear", "b"),
        ('note:"too long" review:bad', "b"),
    ],
)
def test_reviews_are_asked_for_like_any_field(file: ResultsFile, query: str, ids: str) -> None:
    with file.reader() as reader:
        rows = compile_query(query).match_rows(file.index, reader)
        assert "".join(file.index.custom_id(row) for row in rows) == ids


def test_rows_are_grouped_by_their_review(file: ResultsFile) -> None:
    with file.reader() as reader:
        grouping = group_rows(file.index, reader, array("I", range(4)), "review")
        found = [(group.value, group.rows, group.query) for group in grouping.groups]
        assert found[:2] == [("bad", 2, "review=bad"), ("good", 1, "review=good")]
        assert grouping.groups[2].is_missing
