"""One row per id over a line of tries: the newest success, byte for byte."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.api.client import BatchesClient
from batchtui.library.ledger import Ledger
from batchtui.simulator.failures import FailureMix
from batchtui.submission.errors import SubmissionError
from batchtui.submission.merge import Merged, Try, TryRow, export_merged, merge
from batchtui.submission.prepare import prepare
from batchtui.submission.retry import RowFacts, choose, write_retry
from batchtui.submission.runner import SubmissionRunner
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from batchtui.whole_files import FileExists
from tests.submission.making import lines, request, write
from tests.submission.world import QuickClock, make_client, make_world


def make_try(name: str, rows: list[tuple[str, bool]]) -> Try:
    def raw(row: int) -> bytes:
        return f"{name}:{row}:{rows[row][0]}:{rows[row][1]}".encode()

    return Try(name, [TryRow(id_, good, at) for at, (id_, good) in enumerate(rows)], raw)


def outcome(merged: Merged) -> dict[str, tuple[int, bool]]:
    return {row.custom_id: (row.try_number, row.is_success) for row in merged.rows}


def test_the_newest_success_counts_then_the_newest_row() -> None:
    merged = merge(
        [
            make_try("one", [("a", True), ("b", False), ("c", True), ("d", False)]),
            make_try("two", [("b", True), ("c", False), ("d", False)]),
            make_try("three", [("c", True), ("e", True)]),
        ]
    )
    assert outcome(merged) == {
        "a": (0, True),
        "b": (1, True),
        "c": (2, True),
        "d": (1, False),
        "e": (2, True),
    }
    assert merged.successes == 4
    assert merged.from_each_try == (1, 1, 2)


def test_an_id_twice_in_one_try() -> None:
    merged = merge([make_try("one", [("a", True), ("a", False), ("b", False), ("b", True)])])
    assert [merged.raw(row) for row in merged.rows] == [b"one:0:a:True", b"one:3:b:True"]


@given(
    st.lists(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=6), max_size=4)
)
def test_every_id_is_there_once_and_a_success_is_never_lost(
    tries: list[list[tuple[str, bool]]],
) -> None:
    merged = merge([make_try(str(number), rows) for number, rows in enumerate(tries)])
    found = outcome(merged)
    assert len(found) == len(merged.rows)
    assert set(found) == {id_ for rows in tries for id_, _ in rows}
    for id_, (number, success) in found.items():
        winners = [at for at, rows in enumerate(tries) if (id_, True) in rows]
        seen = [at for at, rows in enumerate(tries) if any(row[0] == id_ for row in rows)]
        assert success == bool(winners)
        assert number == (winners[-1] if winners else seen[-1])


def test_export_never_replaces_a_file(tmp_path: Path) -> None:
    merged = merge([make_try("one", [("a", True), ("b", False)])])
    path = tmp_path / "merged.jsonl"
    assert export_merged(merged, path, only_successes=True) == 1
    assert path.read_bytes() == b"one:0:a:True\n"
    with pytest.raises(FileExists):
        export_merged(merged, path)
    assert path.read_bytes() == b"one:0:a:True\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_export_leaves_nothing(tmp_path: Path) -> None:
    def broken(_: int) -> bytes:
        raise OSError("disk gone")

    merged = merge([Try("one", [TryRow("a", is_success=True, row=0)], broken)])
    with pytest.raises(SubmissionError, match="disk gone"):
        export_merged(merged, tmp_path / "merged.jsonl")
    assert list(tmp_path.iterdir()) == []


class Results:
    """A batch's results, in memory."""

    def __init__(self, batch_id: str, content: bytes) -> None:
        self.batch_id = batch_id
        # as the API ends them: no newline behind the last row
        self.rows = [row for row in content.split(b"\n") if row]
        self.decoded = [json.loads(row) for row in self.rows]

    def facts(self) -> Iterator[RowFacts]:
        for row in self.decoded:
            result = row["result"]
            error = result.get("error", {}).get("error", {})
            stop = result.get("message", {}).get("stop_reason", "")
            yield RowFacts(row["custom_id"], result["type"], error.get("type", ""), stop)

    def as_try(self) -> Try:
        rows = [
            TryRow(row["custom_id"], row["result"]["type"] == "succeeded", number)
            for number, row in enumerate(self.decoded)
        ]
        return Try(self.batch_id, rows, self.rows.__getitem__)


async def download(client: BatchesClient, clock: QuickClock, batch_id: str) -> Results:
    while (batch := await client.retrieve(batch_id)).is_live:
        await clock.sleep(60)
    async with client.results(batch) as stream:
        return Results(batch_id, b"".join([chunk async for chunk in stream.chunks()]))


async def test_five_percent_failures_are_sent_again_and_merged(tmp_path: Path) -> None:
    clock = QuickClock()
    world = make_world(clock)
    world.behavior.failures = FailureMix(
        {"overloaded": 0.02, "internal": 0.01, "rate_limit": 0.01, "prompt_too_long": 0.01}
    )
    rows = [request(number) for number in range(2000)]
    file = write(tmp_path, lines(*rows))
    ledger = Ledger(tmp_path / "ledger.db", clock=clock)
    line: list[Results] = []
    async with make_client(world, clock) as client:
        runner = SubmissionRunner(client, ledger, clock=clock)
        while True:
            parents = [line[-1].batch_id] if line else []
            plan = prepare(validate(RequestSource(file)), parents=parents, label="evals")
            record = await runner.start(plan)
            line.append(await download(client, clock, record.batch_ids[0]))
            again = choose(line[-1].facts())
            if not again:
                break
            file = write_retry([RequestSource(file)], again, tmp_path / "kept").path
    tries = ledger.lineage(line[0].batch_id).tries
    ledger.close()
    assert [one.batch_id for one in tries] == [one.batch_id for one in line]
    assert all(child.parents == (parent.batch_id,) for parent, child in pairwise(tries))
    assert len(line) > 1
    merged = merge([one.as_try() for one in line])
    assert export_merged(merged, tmp_path / "merged.jsonl") == 2000
    written = (tmp_path / "merged.jsonl").read_bytes().split(b"\n")[:-1]
    assert sorted(json.loads(row)["custom_id"] for row in written) == sorted(
        str(row["custom_id"]) for row in rows
    )
    assert set(written) <= {row for one in line for row in one.rows}
    lasting = [row for row in merged.rows if not row.is_success]
    assert 0 < len(lasting) < 60
    assert all(b"prompt is too long" in merged.raw(row) for row in lasting)
