"""``batchtui sync``: all that has ended, verified, one run at a time."""

from datetime import timedelta

from batchtui.simulator.faults import Fault
from tests.cli.running import Program, finished, interrupt, started, wait_until
from tests.cli.service import HOUR, Service

DAY = timedelta(days=1)


def test_nearest_loss_first_and_then_nothing(service: Service, program: Program) -> None:
    young = service.add()
    oldest = service.add(age=28 * DAY + HOUR / 2, succeeded=7)
    service.add(age=timedelta(seconds=5))
    service.add(age=31 * DAY)
    missing = program("sync", "--dry-run")
    assert missing.code == 1
    assert [one["outcome"] for one in missing.records] == ["missing", "missing"]
    outcome = program("sync")
    assert outcome.code == 0
    assert [one["id"] for one in outcome.records] == [oldest.id, young.id]
    first = outcome.records[0]
    assert (first["outcome"], first["rows"], first["requests"]) == ("downloaded", 7, 7)
    assert first["bytes"] == len(service.content(oldest))
    assert "1 result expires within 48 h, the first in 23 h" in outcome.err
    again = program("sync")
    assert (again.code, again.out) == (0, b"")
    assert program("sync", "--dry-run").code == 0


def test_what_is_not_whole_is_told_and_the_rest_comes(service: Service, program: Program) -> None:
    odd = service.add(succeeded=50, age=2 * HOUR, content=b'{"custom_id":"row-0"}\n')
    fine = service.add()
    outcome = program("sync")
    assert outcome.code == 1
    assert [(one["id"], one["outcome"]) for one in outcome.records] == [
        (odd.id, "incomplete"),
        (fine.id, "downloaded"),
    ]
    assert "1 of 50 rows" in str(outcome.records[0]["reason"])


def test_a_refused_key_stops_it(service: Service, program: Program) -> None:
    service.add()
    service.add()
    service.world.faults.add(Fault(status=403, operation="results", times=None))
    outcome = program("sync")
    assert outcome.code == 2
    assert len(outcome.records) == 1


def test_two_at_once(service: Service, program: Program) -> None:
    batch = service.add(succeeded=500)
    service.world.behavior.results_rate = 150_000
    with started("sync") as first:
        wait_until(lambda: any("results" in path for path in service.paths()))
        second = program("sync")
        assert (second.code, second.out) == (75, b"")
        assert "is running" in second.err
        service.world.behavior.results_rate = None
        done = finished(first)
    assert done.code == 0
    assert [one["outcome"] for one in done.records] == ["downloaded"]
    assert program("results", batch.id).out == service.content(batch)


def test_interrupted_it_leaves_what_can_be_gone_on_with(service: Service, program: Program) -> None:
    batch = service.add(succeeded=20_000)
    service.world.behavior.results_rate = 200_000
    with started("sync") as running:
        wait_until(lambda: any("results" in path for path in service.paths()))
        interrupt(running)
        stopped = finished(running)
    assert stopped.code == 130
    assert "Traceback" not in stopped.err
    service.world.behavior.results_rate = None
    assert program("sync").code == 0
    assert program("results", batch.id).out == service.content(batch)
