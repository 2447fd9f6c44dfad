"""What a person reads where a program gets JSON: tables, facts, and words."""

from datetime import timedelta

import pytest

from tests.cli.running import Program
from tests.cli.service import HOUR, Service

DAY = timedelta(days=1)
pytestmark = pytest.mark.usefixtures("_person")


@pytest.fixture
def _person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stdout counts as a terminal."""
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    monkeypatch.setenv("COLUMNS", "120")


def test_a_list_is_a_table_with_a_warning(service: Service, program: Program) -> None:
    assert "has no batches yet" in program("list").err
    old = service.add(age=28 * DAY + 1.5 * HOUR)
    service.add(errored=1)
    program("label", old.id, "last \x1b[31mmonth")
    listed = program("list")
    lines = listed.out.decode().splitlines()
    assert {"ID", "STATE", "AGE", "RESULTS", "LABEL"} <= set(lines[0].split())
    assert "1 failed" in lines[1]
    assert "last \\x1b[31mmonth" in lines[2]
    assert "1 result not saved here expires within 48 h, the first in 22 h" in listed.err
    assert "no such batches" in program("list", "--status", "live").err


def test_all_that_is_known_of_a_batch_is_shown(service: Service, program: Program) -> None:
    batch = service.add(succeeded=2, expired=1)
    program("label", batch.id, "extract")
    shown = program("show", "extract").out.decode()
    names = [line.split()[0] for line in shown.splitlines()]
    assert names[:4] == ["label", "id", "state", "requests"]
    assert "2 succeeded, 1 expired" in shown
    assert "took 10 m" in shown
    program("results", batch.id)
    assert "here, verified" in program("show", batch.id).out.decode()


def test_a_running_batch_says_until_when(service: Service, program: Program) -> None:
    batch = service.add(age=HOUR, takes=5 * HOUR)
    shown = program("show", batch.id).out.decode()
    assert "1 h of 24 h" in shown
    assert "expires" in shown


def test_what_became_of_an_act_is_said_in_words(service: Service, program: Program) -> None:
    live, ended = service.add(takes=5 * HOUR), service.add()
    outcome = program("cancel", live.id, ended.id, "msgbatch_nowhere")
    said = outcome.out.decode().splitlines()
    assert said[0].startswith("done")
    assert said[1].startswith("already ended")
    assert said[2].startswith("not found")
    assert "1 of 3 canceled" in outcome.err


def test_a_sync_says_what_came(service: Service, program: Program) -> None:
    batch = service.add()
    assert program("sync", "--dry-run").out.decode().startswith("missing")
    synced = program("sync")
    assert synced.out.decode().startswith(f"downloaded  {batch.id}  3 rows")
    assert "1 of 1 downloaded" in synced.err
    assert "All that has ended is here." in program("sync").err
    assert f"{batch.id}:" in program("forget", batch.id, "--yes").out.decode()


def test_the_status_in_words(service: Service, program: Program) -> None:
    service.add(takes=5 * HOUR)
    for number in range(7):
        service.add(age=28 * DAY + number * timedelta(minutes=1), errored=1)
    said = program("status").out.decode()
    assert said.startswith("1 batch live, the oldest for ")
    assert "7 results not saved here expire within 48 h:" in said
    assert said.endswith("and 2 more\n")


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_a_watch_shows_each_end(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch, term: str
) -> None:
    monkeypatch.setenv("TERM", term)
    batch = service.add(errored=1)
    watched = program("watch", batch.id, "msgbatch_nowhere")
    assert watched.code == 2
    said = watched.out.decode()
    assert "3 succeeded, 1 errored" in said or "1 failed" in said
    assert "not found" in said
    assert "gone" not in said.replace("1 gone", "")


def test_a_label_is_said_back(service: Service, program: Program) -> None:
    batch = service.add()
    assert program("label", batch.id, "new", "name").out.decode() == f"{batch.id}: new name\n"
    assert program("label", "new name", "").out.decode() == f"{batch.id}: no label\n"
