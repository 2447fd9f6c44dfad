"""Rows that a later try has: which tries count, and what is known of their rows."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import PlannedPart, SourceFile, SubmissionPlan
from batchtui.submission.later import (
    Candidates,
    LaterRows,
    LaterTry,
    Standing,
    each_once,
    later_tries,
    rows_by_counts,
    rows_by_results,
)
from batchtui.submission.retry import RowFacts
from batchtui.submission.source import RequestSource
from tests.submission.making import lines, request, write

ALL = Candidates(frozenset({"r0", "r1", "r2"}), cut=frozenset({"r2"}))


@pytest.fixture
def source(tmp_path: Path) -> SourceFile:
    """A file of four requests, r0 to r3."""
    return RequestSource(write(tmp_path, lines(*map(request, range(4))))).fingerprint


@pytest.fixture
def ledger(source: SourceFile) -> Ledger:
    """The batch a, tried again as b, which was as c, and as d, which was split into d and e."""
    made = Ledger(None)
    note_made(made, source, ["a"])
    note_made(made, source, ["b"], parents=("a",))
    note_made(made, source, ["c"], parents=("b",))
    note_made(made, source, ["d", "e"], parents=("a",))
    return made


def note_made(
    ledger: Ledger, source: SourceFile, ids: Sequence[str], parents: tuple[str, ...] = ()
) -> None:
    each = 4 // len(ids)
    size = source.size // 4
    parts = tuple(
        PlannedPart(number + 1, number * each, each, 100, number * each * size)
        for number in range(len(ids))
    )
    plan = SubmissionPlan(f"sub-{ids[0]}", "x", source, parts, parents=parents)
    ledger.journal.plan(plan)
    for part, batch_id in zip(parts, ids, strict=True):
        ledger.journal.complete(plan.submission_id, part.number, batch_id)


def try_of(ledger: Ledger, batch_id: str, later_id: str) -> LaterTry:
    return next(one for one in later_tries(ledger, batch_id) if one.record.batch_id == later_id)


def batch(**counts: int) -> MessageBatch:
    status = "in_progress" if counts.get("processing") else "ended"
    return MessageBatch(id="x", processing_status=status, request_counts=RequestCounts(**counts))


@pytest.mark.parametrize(
    ("batch_id", "later"),
    [("a", "bcde"), ("b", "cde"), ("c", "de"), ("d", ""), ("e", ""), ("unknown", "")],
)
def test_tries_after_a_batch_count_but_not_the_other_parts_of_its_file(
    ledger: Ledger, batch_id: str, later: str
) -> None:
    assert {one.record.batch_id for one in later_tries(ledger, batch_id)} == set(later)


def test_results_say_what_was_answered(ledger: Ledger) -> None:
    rows = [
        RowFacts("r0", "errored", "overloaded_error"),
        RowFacts("r1", "succeeded", stop_reason="max_tokens"),
        RowFacts("r2", "succeeded", stop_reason="max_tokens"),
        RowFacts("r3", "succeeded", stop_reason="end_turn"),
    ]
    # r2 was cut in the first try too, and needs a whole answer
    (found,) = rows_by_results(try_of(ledger, "a", "b"), rows, ALL)
    assert found == LaterRows("b", Standing.ANSWERED, frozenset({"r1"}))


@pytest.mark.parametrize(
    ("known", "standing"),
    [
        (batch(succeeded=4), Standing.ANSWERED),
        (batch(succeeded=1, processing=3), Standing.UNDER_WAY),
        (batch(succeeded=3, errored=1), Standing.UNCLEAR),
        (batch(succeeded=5), Standing.UNCLEAR),  # more than its source has
        (None, Standing.UNCLEAR),
        (batch(errored=3, expired=1), None),
    ],
)
def test_counts_say_it_for_all_rows_alike(
    ledger: Ledger, known: MessageBatch | None, standing: Standing | None
) -> None:
    found = rows_by_counts(try_of(ledger, "a", "b"), known, ALL)
    assert found == (() if standing is None else (LaterRows("b", standing, ALL.ids),))


def test_a_part_of_a_split_file_has_its_own_rows(ledger: Ledger) -> None:
    (found,) = rows_by_counts(try_of(ledger, "a", "e"), batch(succeeded=2), ALL)
    assert found == LaterRows("e", Standing.ANSWERED, frozenset({"r2"}))
    assert rows_by_counts(try_of(ledger, "a", "e"), None, Candidates(frozenset({"r0"}))) == ()


def test_without_its_source_it_is_not_known_which_rows_a_try_has(
    ledger: Ledger, source: SourceFile
) -> None:
    source.path.unlink()
    (found,) = rows_by_counts(try_of(ledger, "a", "b"), batch(succeeded=4), ALL)
    assert found == LaterRows("b", Standing.UNCLEAR, ALL.ids)


def test_a_row_counts_where_it_stands_best() -> None:
    found = each_once(
        [
            LaterRows("b", Standing.UNCLEAR, frozenset({"r0", "r1", "r2"})),
            LaterRows("c", Standing.UNDER_WAY, frozenset({"r0", "r1"})),
            LaterRows("d", Standing.ANSWERED, frozenset({"r0"})),
        ]
    )
    assert found == (
        LaterRows("d", Standing.ANSWERED, frozenset({"r0"})),
        LaterRows("c", Standing.UNDER_WAY, frozenset({"r1"})),
        LaterRows("b", Standing.UNCLEAR, frozenset({"r2"})),
    )
