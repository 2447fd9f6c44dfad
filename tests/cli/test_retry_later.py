"""``batchtui retry``: rows that a later try has answered, or has under way, are not sent again."""

import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from batchtui.simulator.failures import NO_FAILURES, FailureMix
from batchtui.simulator.faults import Fault
from tests.cli.running import Program
from tests.cli.service import HOUR, Service
from tests.cli.test_create import request_lines

ALL_OVERLOADED = FailureMix({"overloaded": 1.0}, once=False)
HALF_OVERLOADED = FailureMix({"overloaded": 0.5}, once=False)
ROWS = 40


@pytest.fixture
def failed(service: Service, program: Program, tmp_path: Path) -> str:
    """A batch whose rows failed, all worth sending again."""
    path = tmp_path / "first.jsonl"
    path.write_bytes(request_lines([f"r{number}" for number in range(ROWS)]))
    service.world.behavior.failures = ALL_OVERLOADED
    (made,) = program("create", path).records
    service.world.timeline.skip(HOUR)
    return str(made["id"])


def send_again(service: Service, program: Program, batch_id: str, failures: FailureMix) -> str:
    """Retry a batch, with rows that fail as said; gives the id of the new one."""
    service.world.behavior.failures = failures
    outcome = program("retry", batch_id)
    assert outcome.code == 0, outcome.err
    (made,) = outcome.records
    return str(made["id"])


def sent_ids(service: Service, batch_id: str) -> set[object]:
    return {one["custom_id"] for one in service.world.received(batch_id) if isinstance(one, dict)}


def test_rows_that_a_retry_answered_are_not_sent_twice(
    service: Service, program: Program, failed: str
) -> None:
    again = send_again(service, program, failed, NO_FAILURES)
    service.world.timeline.skip(HOUR)
    batches = len(service.world.views())
    for words in ((), ("--all",), ("--type", "errored"), ("--dry-run",)):
        outcome = program("retry", failed, *words)
        assert outcome.code == 0
        assert outcome.out == b""
        assert (
            f"Nothing is left to send again: 40 rows answered in the retry {again}" in outcome.err
        )
    assert len(service.world.views()) == batches
    program("sync")  # by its results it is the same
    assert "Nothing is left to send again" in program("retry", failed).err
    assert len(service.world.views()) == batches
    outcome = program("retry", failed, "--again")
    assert outcome.code == 0
    assert len(sent_ids(service, str(outcome.records[0]["id"]))) == ROWS


def test_a_sample_is_one_of_the_rows_of_a_type(
    service: Service, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "half.jsonl"
    path.write_bytes(request_lines([f"r{number}" for number in range(ROWS)]))
    service.world.behavior.failures = HALF_OVERLOADED
    (made,) = program("create", path).records
    service.world.timeline.skip(HOUR)
    chosen = ("--query", "sample:10", "--type", "errored")
    (dry,) = program("retry", made["id"], "--dry-run", *chosen).records
    assert dry["chosen"] == 10


def test_rows_under_way_in_a_retry_are_left_out(
    service: Service, program: Program, failed: str
) -> None:
    again = send_again(service, program, failed, NO_FAILURES)
    outcome = program("retry", failed)
    assert outcome.code == 0
    assert f"40 rows still under way in the retry {again}" in outcome.err
    assert len(service.world.views()) == 2


def test_only_what_the_retries_left_goes_again(
    service: Service, program: Program, failed: str
) -> None:
    again = send_again(service, program, failed, HALF_OVERLOADED)
    service.world.timeline.skip(HOUR)
    left = {row["custom_id"] for row in program("results", again, "--type", "errored").records}
    assert 0 < len(left) < ROWS
    dry = program("retry", failed, "--dry-run")
    assert dry.code == 0
    (record,) = dry.records
    assert (record["chosen"], record["requests"]) == (len(left), len(left))
    answered = ROWS - len(left)
    assert record["later"] == [{"batch": again, "standing": "answered", "rows": answered}]
    assert f"{answered} rows left out: answered in the retry {again}." in dry.err
    third = send_again(service, program, failed, NO_FAILURES)
    assert sent_ids(service, third) == left
    # the rows of the first retry that failed are under way beside it
    beside = program("retry", again)
    assert f"{len(left)} rows still under way in the retry {third}" in beside.err
    both = program("retry", failed)
    assert f"{answered} rows answered in the retry {again}, {len(left)} rows still" in both.err
    assert len(service.world.views()) == 3


def test_where_it_is_not_known_what_was_answered_nothing_goes(
    service: Service, program: Program, failed: str
) -> None:
    again = send_again(service, program, failed, HALF_OVERLOADED)
    service.world.timeline.skip(HOUR)
    outcome = program("retry", failed)
    assert outcome.code == 1
    assert f"It is not known which of 40 rows the retry {again} answered" in outcome.err
    assert f"batchtui results {again}" in outcome.err
    assert len(service.world.views()) == 2
    dry = program("retry", failed, "--dry-run")
    assert "It is not known" in dry.err
    assert dry.records[0]["later"] == [{"batch": again, "standing": "unclear", "rows": 40}]
    assert program("retry", failed, "--again").code == 0


def test_a_retry_that_answered_nothing_changes_nothing(
    service: Service, program: Program, failed: str
) -> None:
    send_again(service, program, failed, ALL_OVERLOADED)
    service.world.timeline.skip(HOUR)
    third = send_again(service, program, failed, NO_FAILURES)
    assert len(sent_ids(service, third)) == ROWS


def test_a_dry_run_lists_what_is_wrong(
    program: Program, failed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda stream: stream is sys.stdout)
    outcome = program("retry", failed, "--set", "max_tokens=abc", "--dry-run")
    assert outcome.code == 1
    assert outcome.err.count(": error: r") == 20
    assert "20 more" in outcome.err
    text = outcome.out.decode()
    assert "40 errors" in text
    assert "sendable    only with --yes" in text


def test_again_sends_nothing_twice_that_an_earlier_run_could_not_report(
    service: Service, program: Program, failed: str
) -> None:
    again = send_again(service, program, failed, NO_FAILURES)
    (ledger_file,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    with closing(sqlite3.connect(ledger_file)) as connection, connection:
        connection.execute("UPDATE submissions SET reported_at = NULL")  # as if killed before it
    outcome = program("retry", failed, "--again")
    assert outcome.code == 0, outcome.err
    assert [one["id"] for one in outcome.records] == [again]
    assert "was sent before" in outcome.err
    assert len(service.world.views()) == 2
    assert program("retry", failed, "--again").code == 0  # now it is known, and meant
    assert len(service.world.views()) == 3


def test_again_goes_on_with_what_was_begun_and_sends_it_once(
    service: Service, program: Program, failed: str
) -> None:
    service.world.behavior.failures = NO_FAILURES
    service.world.faults.add(Fault(status=401, operation="create"))
    assert program("retry", failed, "--again").code == 2
    outcome = program("retry", failed, "--again")
    assert outcome.code == 0, outcome.err
    assert "was begun and is not finished" in outcome.err
    assert "the same command once more" in outcome.err
    assert len(outcome.records) == 1
    assert len(service.world.views()) == 2
    assert program("retry", failed, "--again").code == 0
    assert len(service.world.views()) == 3
