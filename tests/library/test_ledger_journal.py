"""The journal of submissions: no part is ever owned twice, nothing is forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batchtui.library.ledger import Ledger
from batchtui.library.ledger_database import LedgerError
from batchtui.library.ledger_values import (
    PartState,
    PlannedPart,
    SourceFile,
    SubmissionPlan,
)

SOURCE = SourceFile(Path("/tmp/big.jsonl"), "ef" * 32, 1000)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    ledger = Ledger(None)
    yield ledger
    ledger.close()


def plan(name: str = "s1", parts: int = 2) -> SubmissionPlan:
    return SubmissionPlan(
        name,
        "big",
        SOURCE,
        tuple(PlannedPart(n, (n - 1) * 10, 10, 500, (n - 1) * 480) for n in range(1, parts + 1)),
        parents=("old",),
        betas=("beta-1",),
        scope="here",
        made_from="me@host",
    )


def states(ledger: Ledger, name: str = "s1") -> list[PartState]:
    record = ledger.journal.submission(name)
    assert record is not None
    return [part.state for part in record.parts]


def test_a_plan_is_read_back_as_written(ledger: Ledger) -> None:
    ledger.journal.plan(plan())
    record = ledger.journal.submission("s1")
    assert record is not None
    assert record.plan == plan()
    assert record.is_open
    assert ledger.journal.submission("s2") is None
    assert ledger.journal.submissions_of("ef" * 32) == (record,)


def test_a_plan_is_written_once(ledger: Ledger) -> None:
    ledger.journal.plan(plan())
    with pytest.raises(LedgerError):
        ledger.journal.plan(plan())


def test_a_part_is_begun_once(ledger: Ledger) -> None:
    journal = ledger.journal
    journal.plan(plan())
    assert journal.begin_sending("s1", 1)
    assert not journal.begin_sending("s1", 1)
    assert journal.mark_sent("s1", 1)
    assert not journal.begin_sending("s1", 1)
    assert states(ledger) == [PartState.SENT, PartState.PLANNED]
    assert [part.plan.number for part in journal.unresolved_parts()] == [1]


def test_a_failed_part_may_be_begun_again(ledger: Ledger) -> None:
    journal = ledger.journal
    journal.plan(plan())
    journal.begin_sending("s1", 1)
    assert journal.mark_failed("s1", 1, "HTTP 400")
    record = journal.submission("s1")
    assert record is not None
    assert record.parts[0].detail == "HTTP 400"
    assert journal.begin_sending("s1", 1)


def test_a_refused_part_closes_its_submission(ledger: Ledger) -> None:
    journal = ledger.journal
    journal.plan(plan())
    journal.begin_sending("s1", 1)
    journal.mark_sent("s1", 1)
    assert journal.mark_refused("s1", 1, "no")
    record = journal.submission("s1")
    assert record is not None
    assert record.is_refused
    assert not record.is_open
    assert not journal.submissions(open_only=True)
    assert not journal.unresolved_parts()
    assert not journal.begin_sending("s1", 1)


def test_completing_records_the_batch_with_label_group_and_parents(ledger: Ledger) -> None:
    journal = ledger.journal
    journal.plan(plan())
    for number, batch_id in ((1, "batch-a"), (2, "batch-b")):
        journal.begin_sending("s1", number)
        journal.mark_sent("s1", number)
        assert journal.complete("s1", number, batch_id)
    assert not journal.complete("s1", 2, "batch-c")
    record = journal.submission("s1")
    assert record is not None
    assert record.is_done
    assert record.batch_ids == ("batch-a", "batch-b")
    batch = ledger.record("batch-b")
    assert batch is not None
    assert (batch.label, batch.group_id, batch.part_number) == ("big", "s1", 2)
    assert batch.parents == ("old",)
    known = ledger.records(["batch-a", "batch-b", "old"])
    assert {one.batch_id: (one.group_id, one.part_number) for one in known.values()} == {
        "batch-a": ("s1", 1),
        "batch-b": ("s1", 2),
    }
    assert [one.batch_id for one in ledger.lineage("batch-a").tries] == ["batch-a", "batch-b"]
    assert journal.submissions(open_only=True) == ()


def test_one_batch_never_stands_for_two_parts(ledger: Ledger) -> None:
    journal = ledger.journal
    journal.plan(plan())
    assert journal.complete("s1", 1, "batch-a")
    with pytest.raises(LedgerError):
        journal.complete("s1", 2, "batch-a")
    assert states(ledger) == [PartState.CREATED, PartState.PLANNED]


def test_a_single_part_is_no_group(ledger: Ledger) -> None:
    ledger.journal.plan(plan(parts=1))
    ledger.journal.complete("s1", 1, "batch-a", adopted=True)
    assert states(ledger) == [PartState.ADOPTED]
    record = ledger.record("batch-a")
    assert record is not None
    assert record.group_id is None


def test_ambiguous_is_released_or_adopted(ledger: Ledger) -> None:
    journal = ledger.journal
    journal.plan(plan())
    journal.begin_sending("s1", 1)
    journal.mark_sent("s1", 1)
    assert journal.mark_ambiguous("s1", 1, "connection lost")
    assert journal.release("s1", 1)
    assert not journal.release("s1", 1)
    assert journal.begin_sending("s1", 1)


def test_giving_up_closes_a_submission(ledger: Ledger) -> None:
    ledger.journal.plan(plan())
    ledger.journal.give_up("s1")
    assert ledger.journal.submissions(open_only=True) == ()
    assert len(ledger.journal.submissions()) == 1
