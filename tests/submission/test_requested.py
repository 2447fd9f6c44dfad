"""Rows that answer no request of their batch, where its request file is here."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.library.ledger import Ledger
from batchtui.submission.limits import Limits
from batchtui.submission.prepare import prepare
from batchtui.submission.requested import count_unasked
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from tests.submission.making import Json, line, lines, request, write

REQUESTS = [request(number) for number in range(5)]
"""Sent as two batches: "a" has r0 to r2, "b" has r3 and r4."""
LINES = lines(*REQUESTS)
BODY = b'{"requests": [' + b",\n".join(map(line, REQUESTS)) + b"]}"


def attached(path: Path) -> Ledger:
    ledger = Ledger(None)
    ledger.attach_source("a", RequestSource(path).fingerprint)
    return ledger


def sent(path: Path, *, is_adopted: bool = False) -> Ledger:
    ledger = Ledger(None)
    plan = prepare(validate(RequestSource(path), limits=Limits(requests=3)), split=True)
    ledger.journal.plan(plan)
    for part, batch_id in zip(plan.parts, "ab", strict=True):
        ledger.journal.complete(plan.submission_id, part.number, batch_id, adopted=is_adopted)
    return ledger


@pytest.mark.parametrize(
    ("custom_ids", "unasked"),
    [
        (["r4", "r3", "r2", "r1", "r0"], 0),
        (["r0", "r1", "r2", "r3", "x"], 1),
        (["r0", "r1"], 0),  # a batch of some of them
        (["r0", "x", "y"], 2),
        (["x", "y", "z"], 0),  # attached by mistake
        (["r0", "r1", "r2", "r3", "r4", "r5"], 0),  # not its file either: it has fewer requests
        ([], 0),
    ],
)
def test_results_against_an_attached_file(
    tmp_path: Path, custom_ids: list[str], unasked: int
) -> None:
    ledger = attached(write(tmp_path, LINES))
    assert count_unasked(ledger, "a", custom_ids) == unasked
    assert count_unasked(ledger, "of no known file", custom_ids) == 0


@pytest.mark.parametrize(
    ("batch_id", "custom_ids", "unasked"),
    [
        ("a", ["r2", "r0", "r1"], 0),
        ("a", ["r0", "r1", "r3"], 1),  # a row of the other part
        ("b", ["r3", "r4"], 0),
        ("b", ["r3", "r0"], 1),
        ("b", ["r0", "r1"], 2),  # of another batch, all of them
    ],
)
@pytest.mark.parametrize(
    ("name", "content", "pack"),
    [("f.jsonl", LINES, bytes), ("f.json", BODY, bytes), ("f.jsonl.gz", LINES, gzip.compress)],
)
def test_results_of_a_part_are_of_its_requests_alone(
    tmp_path: Path,
    name: str,
    content: bytes,
    pack: Callable[[bytes], bytes],
    batch_id: str,
    custom_ids: list[str],
    unasked: int,
) -> None:
    ledger = sent(write(tmp_path, pack(content), name))
    assert count_unasked(ledger, batch_id, custom_ids) == unasked


def test_a_batch_found_in_the_list_may_be_of_other_requests(tmp_path: Path) -> None:
    ledger = sent(write(tmp_path, LINES), is_adopted=True)
    assert count_unasked(ledger, "b", ["x", "y"]) == 0
    assert count_unasked(ledger, "b", ["r3", "x"]) == 1


def test_a_file_that_was_moved_and_attached_again_still_has_the_parts(tmp_path: Path) -> None:
    path = write(tmp_path, LINES)
    ledger = sent(path)
    moved = RequestSource(path.rename(tmp_path / "elsewhere.jsonl")).fingerprint
    ledger.attach_source("b", moved)
    assert count_unasked(ledger, "b", ["r3", "r0"]) == 1


def test_another_file_attached_to_a_part_is_taken_whole(tmp_path: Path) -> None:
    ledger = sent(write(tmp_path, LINES))
    other: list[Json] = [request(number) for number in range(7, 3, -1)]
    path = write(tmp_path, lines(*other), "other.jsonl")
    ledger.attach_source("b", RequestSource(path).fingerprint)
    assert count_unasked(ledger, "b", ["r4", "r7"]) == 0
    assert count_unasked(ledger, "b", ["r3", "r4"]) == 1


@pytest.mark.parametrize(
    "change",
    [
        Path.unlink,
        lambda path: path.write_bytes(LINES.replace(b"r0", b"r9")),
        lambda path: path.write_bytes(LINES + b"\n"),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["gone", "of the same size", "longer", "a folder"],
)
def test_nothing_is_said_of_a_file_that_is_not_as_it_was(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    path = write(tmp_path, LINES)
    of_file, of_part = attached(path), sent(path)
    assert count_unasked(of_file, "a", ["r0", "r1", "x"]) == 1
    change(path)
    assert count_unasked(of_file, "a", ["r0", "r1", "x"]) == 0
    assert count_unasked(of_part, "a", ["r0", "r1", "x"]) == 0


def test_a_file_that_breaks_off_says_nothing(tmp_path: Path) -> None:
    packed = gzip.compress(LINES)
    path = write(tmp_path, packed[:-9], "cut.jsonl.gz")
    assert count_unasked(attached(path), "a", ["r0", "x"]) == 0


def test_a_ledger_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    ledger = attached(write(tmp_path, LINES))
    ledger.close()
    assert count_unasked(ledger, "a", ["r0", "x"]) == 0


def test_long_ids_are_compared_as_far_as_the_index_keeps_them(tmp_path: Path) -> None:
    long = "i" * 300
    path = write(tmp_path, lines({**request(1), "custom_id": long}, request(2)))
    assert count_unasked(attached(path), "a", [long[:256], "r2"]) == 0
