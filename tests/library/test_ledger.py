"""The ledger: names, lineage, what was seen, what was told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.library.ledger import Ledger
from batchtui.library.ledger_rows import MAX_LABEL
from batchtui.library.ledger_values import (
    PlannedPart,
    SeenBatch,
    SourceFile,
    SubmissionPlan,
)
from tests.batches.fakes import FastClock

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FastClock:
    clock = FastClock()
    clock.wall = NOON
    return clock


@pytest.fixture
def ledger(tmp_path: Path, clock: FastClock) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "data" / "ledger.db", clock=clock)
    yield ledger
    ledger.close()


def seen(name: str, hours: int = 0, took: timedelta | None = None, requests: int = 3) -> SeenBatch:
    created = NOON + hours * HOUR
    ended = None if took is None else created + took
    return SeenBatch(name, f'{{"id":"{name}"}}'.encode(), created, ended, requests)


def make(ledger: Ledger, name: str, *, label: str = "", parents: tuple[str, ...] = ()) -> None:
    """Write down that a batch was made here, as a submission of one part does."""
    source = SourceFile(Path("/tmp/requests.jsonl"), "ab" * 32, 10)
    part = PlannedPart(1, 0, 10, 500, 0)
    plan = SubmissionPlan(f"of {name}", label, source, (part,), parents, made_from="me@host:/tmp")
    ledger.journal.plan(plan)
    assert ledger.journal.complete(plan.submission_id, 1, name)


def test_last_list_is_newest_first_and_by_account(ledger: Ledger) -> None:
    ledger.seen.remember([seen("a", 0), seen("b", 2), seen("c", 1)], scope="one")
    ledger.seen.remember([seen("x", 5)], scope="two")
    assert [batch.batch_id for batch in ledger.seen.last_list(scope="one")] == ["b", "c", "a"]
    assert ledger.seen.last_list(1, scope="one") == (seen("b", 2),)
    assert [batch.batch_id for batch in ledger.seen.last_list(scope="two")] == ["x"]


def test_a_batch_without_times_is_kept(ledger: Ledger) -> None:
    odd = SeenBatch("odd", b"{}", None, None, 0)
    ledger.seen.remember([odd])
    assert ledger.seen.last_list() == (odd,)


def test_remembering_again_updates_and_keeps_the_label(ledger: Ledger) -> None:
    ledger.seen.remember([seen("a")])
    ledger.set_label("a", "nightly")
    ledger.seen.remember([seen("a", 0, HOUR)])
    assert ledger.seen.last_list()[0].ended_at == NOON + HOUR
    assert ledger.labels(["a"]) == {"a": "nightly"}


def test_gone_batches_leave_the_list_but_not_the_ledger(ledger: Ledger) -> None:
    ledger.seen.remember([seen("a"), seen("b")])
    ledger.set_label("a", "kept")
    ledger.seen.mark_gone(["a", "never heard of"])
    assert [batch.batch_id for batch in ledger.seen.last_list()] == ["b"]
    record = ledger.record("a")
    assert record is not None
    assert record.label == "kept"
    ledger.seen.remember([seen("a")])
    assert {batch.batch_id for batch in ledger.seen.last_list()} == {"a", "b"}


def test_ended_batches_are_known_though_gone_but_not_with_garbage_times(ledger: Ledger) -> None:
    ledger.seen.remember([seen("a", 0, HOUR, 7), seen("b", 1), seen("c", 2, -HOUR)])
    ledger.seen.mark_gone(["a"])
    assert [one.batch_id for one in ledger.seen.ended()] == ["a"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  evals  march ", "evals march"),
        ("two\nlines", "two lines"),
        ("[link=x]\x1b[31m", "[link=x]\x1b[31m"),
        ("lone \ud800 surrogate", "lone \\ud800 surrogate"),
        ("x" * 999, "x" * MAX_LABEL),
    ],
)
def test_labels_are_plain_text(ledger: Ledger, given: str, kept: str) -> None:
    assert ledger.set_label("a", given) == kept
    assert ledger.labels() == {"a": kept}


def test_a_label_given_with_the_creation_is_plain_text_too(ledger: Ledger) -> None:
    make(ledger, "a", label=" two\nlines " + "x" * 999)
    assert ledger.labels() == {"a": ("two lines " + "x" * 999)[:MAX_LABEL]}


def test_an_empty_label_takes_the_name_away(ledger: Ledger) -> None:
    ledger.set_label("a", "x")
    ledger.set_label("a", " ")
    assert ledger.labels() == {}


def test_many_labels_at_once(ledger: Ledger) -> None:
    names = [f"batch{number}" for number in range(1234)]
    for name in (names[0], names[700], names[1233]):
        ledger.set_label(name, name.upper())
    assert len(ledger.labels(names)) == 3
    assert ledger.seen.known_ids(names) == {names[0], names[700], names[1233]}


def test_note(ledger: Ledger) -> None:
    ledger.set_note("a", "first\nsecond\n")
    record = ledger.record("a")
    assert record is not None
    assert record.note == "first\nsecond"
    assert ledger.record("b") is None


def test_creation_keeps_what_the_user_named(ledger: Ledger) -> None:
    ledger.set_label("a", "mine")
    make(ledger, "a", label="requests")
    make(ledger, "b", label="requests")
    assert ledger.labels(["a", "b"]) == {"a": "mine", "b": "requests"}
    record = ledger.record("b")
    assert record is not None
    assert record.source == SourceFile(Path("/tmp/requests.jsonl"), "ab" * 32, 10)
    assert record.made_from == "me@host:/tmp"
    assert record.made_at == NOON


def test_attaching_a_source_whose_name_is_no_text(ledger: Ledger) -> None:
    source = SourceFile(Path("/tmp/\udcff.jsonl"), "00", 1)
    ledger.attach_source("elsewhere", source)
    record = ledger.record("elsewhere")
    assert record is not None
    assert record.source == source


def test_lineage_is_the_whole_line_oldest_first(ledger: Ledger, clock: FastClock) -> None:
    made: list[tuple[str, int, tuple[str, ...]]] = [
        ("second", 1, ("first",)),
        ("first", 0, ()),
        ("third", 2, ("second",)),
        ("other third", 3, ("second",)),
        ("stranger", 4, ()),
    ]
    for name, hours, parents in made:
        clock.wall = NOON + hours * HOUR
        make(ledger, name, parents=parents)
    line = ledger.lineage("third")
    assert [one.batch_id for one in line.tries] == ["first", "second", "third", "other third"]
    assert line.tries[1].parents == ("first",)
    assert [one.batch_id for one in ledger.lineage("stranger").tries] == ["stranger"]
    assert ledger.lineage("never heard of").tries == ()


def test_notification_is_claimed_once_over_restarts(tmp_path: Path) -> None:
    first, second = Ledger(tmp_path / "l.db"), Ledger(tmp_path / "l.db")
    assert first.claim_notification("a")
    assert not second.claim_notification("a")
    first.close()
    second.close()
    third = Ledger(tmp_path / "l.db")
    assert not third.claim_notification("a")
    assert third.claim_notification("b")
    third.close()


def test_parents_are_kept_whatever_their_ids_hold(ledger: Ledger) -> None:
    odd = ("a\nb", 'c"', "\\d", "e,f")
    make(ledger, "a", parents=odd)
    record = ledger.record("a")
    assert record is not None
    assert set(record.parents) == set(odd)


def test_labels_and_beginnings_name_batches(ledger: Ledger) -> None:
    ledger.seen.remember([seen("alpha1"), seen("alpha2", 1), seen("beta", 2)])
    for name in ("alpha1", "alpha2"):
        ledger.set_label(name, "Twin Name")
    assert ledger.labeled("twin  name") == ("alpha2", "alpha1")
    assert ledger.labeled("") == ledger.labeled("twin") == ()
    assert ledger.ids_beginning("alpha") == ("alpha2", "alpha1")
    assert ledger.ids_beginning("%") == ledger.ids_beginning("ALPHA") == ()
    ledger.seen.mark_gone(["alpha2"])
    assert ledger.labeled("twin name") == ledger.ids_beginning("alpha") == ("alpha1",)
    ledger.seen.mark_gone(["alpha1"])
    assert ledger.labeled("twin name") == ("alpha2", "alpha1")


def test_what_was_just_made_is_the_newest_before_any_list_shows_it(
    ledger: Ledger, clock: FastClock
) -> None:
    ledger.seen.remember([seen("old", -2), seen("older", -3)], scope="")
    make(ledger, "made")
    assert ledger.seen.recent_ids(1) == ("made",)
    clock.advance(60)
    ledger.seen.remember([seen("newer", 1)], scope="")
    assert ledger.seen.recent_ids(2) == ("newer", "made")


def test_what_was_sent_stays_known_whatever_is_attached_since(ledger: Ledger) -> None:
    make(ledger, "made")
    ledger.attach_source("made", SourceFile(Path("/tmp/other.jsonl"), "cd" * 32, 20))
    assert [use.record.batch_id for use in ledger.made_from("ab" * 32)] == ["made"]
    assert [use.record.batch_id for use in ledger.made_from("cd" * 32)] == ["made"]
