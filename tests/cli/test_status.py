"""``batchtui status``: what needs a person, in three shapes."""

from datetime import timedelta

from tests.cli.running import Program, on_terminal
from tests.cli.service import HOUR, Service

DAY = timedelta(days=1)


def test_nothing_needs_anybody(service: Service, program: Program) -> None:
    service.add()
    service.add(age=timedelta(seconds=5))
    status = program("status")
    assert status.code == 0
    [fields] = status.records
    assert (fields["live"], fields["running"], fields["ended"], fields["failed"]) == (1, 1, 1, 0)
    assert fields["expiring"] == []
    assert program("status", "--line").out.endswith(b" 1 live\n")


def test_what_failed_and_what_expires_does(service: Service, program: Program) -> None:
    service.add(errored=2)
    service.add(errored=2, age=3 * DAY)
    old = service.add(age=28 * DAY, succeeded=7)
    program("label", old.id, "nearly gone")
    status = program("status")
    assert status.code == 1
    [fields] = status.records
    assert fields["failed"] == 1
    assert isinstance(fields["expiring"], list)
    [expiring] = fields["expiring"]
    assert expiring["id"] == old.id
    assert (expiring["label"], expiring["requests"]) == ("nearly gone", 7)
    assert expiring["hours_left"] == 23
    assert b"1 failed" in program("status", "--line").out
    program("sync")
    assert program("status").records[0]["expiring"] == []


def test_on_a_terminal_it_is_said_in_words(service: Service) -> None:
    old = service.add(age=28 * DAY)
    service.add(age=HOUR, takes=2 * HOUR)
    with on_terminal("status") as terminal:
        terminal.wait_for("1 batch live, the oldest for 1 h")
        terminal.wait_for("1 result not saved here expires within 48 h:")
        terminal.wait_for(old.id)
