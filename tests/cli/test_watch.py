"""``batchtui watch``: until the end, whatever comes between."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.simulator.faults import Fault
from batchtui.simulator.workspace import DEFAULT_ACCOUNT
from tests.cli.running import (
    Program,
    command,
    finished,
    interrupt,
    next_line,
    on_terminal,
    run_process,
    started,
    wait_until,
)
from tests.cli.service import HOUR, Service, served

YOUNG = timedelta(seconds=30)
"""Batches of this age are asked about as often as the settings allow."""


def soon(seconds: float) -> timedelta:
    """How long a young batch takes to end so many seconds from now."""
    return YOUNG + timedelta(seconds=seconds)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A settings file to be written by the test: asks as often as possible."""
    folder = Path(os.environ["BATCHTUI_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.toml"
    path.write_text("poll_interval = 2.0\n")
    return path


def test_three_that_end_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    with served(speed=40) as service:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", service.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test")
        monkeypatch.setenv("BATCHTUI_POLL_INTERVAL", "2")
        batches = [
            service.add(age=YOUNG, takes=soon(40)),
            service.add(age=YOUNG, takes=soon(60), errored=1),
            service.add(age=YOUNG, takes=soon(80), succeeded=0, expired=4),
        ]
        watched = run_process("watch", *(batch.id for batch in batches))
    assert watched.code == 1
    ended = {one["id"]: one for one in watched.records}
    assert len(watched.records) == 3
    assert [ended[batch.id]["state"] for batch in batches] == ["all_ok", "failed", "expired"]
    assert {one["event"] for one in watched.records} == {"ended"}
    assert watched.err == ""


def test_all_ok_gone_and_nothing(service: Service, program: Program) -> None:
    fine, bad = service.add(), service.add(errored=1)
    assert program("watch", fine.id).code == 0
    assert program("watch", fine.id, bad.id).code == 1
    gone = program("watch", fine.id, "msgbatch_nowhere")
    assert gone.code == 2
    assert {(one["id"], one["event"]) for one in gone.records} == {
        (fine.id, "ended"),
        ("msgbatch_nowhere", "gone"),
    }
    nothing = program("watch")
    assert (nothing.code, nothing.out) == (0, b"")
    assert "Nothing is live" in nothing.err


def test_killed_and_restarted_it_announces_once(
    service: Service, settings: Path, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    script = tmp_path / "tell.py"
    script.write_text(
        "import os, sys\n"
        "name = os.environ['BATCHTUI_BATCH_ID'] + ' ' + os.environ['BATCHTUI_BATCH_OUTCOME']\n"
        "assert not any('sk-ant' in value for value in os.environ.values())\n"
        "open(sys.argv[1], 'a').write(name + '\\n')\n"
    )
    words = json.dumps([sys.executable, str(script), str(told)])
    settings.write_text(f"poll_interval = 2.0\non_done = {words}\n")
    first = service.add(errored=1)
    second = service.add(age=YOUNG, takes=soon(3_000))
    with started("watch", first.id, second.id) as watching:
        assert json.loads(next_line(watching.stdout))["id"] == first.id
        wait_until(lambda: told.exists() and told.read_text().endswith("\n"))
        watching.kill()
    service.world.timeline.skip(HOUR)
    again = run_process("watch", first.id, second.id)
    assert again.code == 1
    assert {one["id"] for one in again.records} == {first.id, second.id}
    assert told.read_text().splitlines() == [f"{first.id} failed", f"{second.id} all_ok"]


def test_a_failing_command_is_told_and_harms_nothing(
    service: Service, settings: Path, program: Program
) -> None:
    settings.write_text('on_done = ["/nowhere/at-all"]\n')
    outcome = program("watch", service.add().id)
    assert outcome.code == 0
    assert "/nowhere/at-all could not be started" in outcome.err


def test_a_refused_key_stops_it_and_says_why(service: Service, settings: Path) -> None:
    batch = service.add(age=YOUNG, takes=soon(3_000))
    with started("watch", batch.id) as watching:
        wait_until(lambda: bool(service.paths()))
        service.world.faults.add(Fault(status=401, times=None))
        stopped = finished(watching)
    assert stopped.code == 2
    assert stopped.out == b""
    assert "The watch has stopped" in stopped.err
    assert "401" in stopped.err


def test_a_key_that_was_renewed_is_picked_up(
    service: Service, settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    key = tmp_path / "key"
    key.write_text("sk-ant-old-0123456789")
    settings.write_text(f"poll_interval = 2.0\nkey_command = {json.dumps(['cat', str(key)])}\n")
    service.world.keys = {"sk-ant-old-0123456789": DEFAULT_ACCOUNT}
    batch = service.add(age=YOUNG, takes=soon(3_000))
    with started("watch", batch.id) as watching:
        wait_until(lambda: bool(service.paths()))
        key.write_text("sk-ant-new-0123456789")
        service.world.keys = {"sk-ant-new-0123456789": DEFAULT_ACCOUNT}
        service.world.timeline.skip(HOUR)
        done = finished(watching)
    assert done.code == 0
    assert [one["event"] for one in done.records] == ["ended"]
    assert "going on" in done.err
    assert "sk-ant-new" not in done.err


def test_trouble_on_the_way_is_told_and_does_not_end_it(service: Service, settings: Path) -> None:
    batch = service.add(age=YOUNG, takes=soon(3_000))
    with started("watch", batch.id) as watching:
        wait_until(lambda: bool(service.paths()))
        service.world.faults.add(Fault(status=529, times=None, should_retry="false"))
        assert b"Trying again" in next_line(watching.stderr)
        interrupt(watching)
        assert finished(watching).code == 130


def test_interrupted(service: Service) -> None:
    service.add(age=YOUNG, takes=soon(3_000))
    with started("watch") as watching:
        wait_until(lambda: bool(service.paths()))
        interrupt(watching)
        stopped = finished(watching)
    assert (stopped.code, stopped.out, stopped.err) == (130, b"", "")


def test_a_terminal_is_painted_in_place(service: Service, settings: Path) -> None:
    first = service.add(age=YOUNG, takes=soon(3_000))
    second = service.add(age=YOUNG, takes=soon(9_000), errored=1)
    words = ("watch", first.id, second.id)
    with on_terminal(*words) as watching:
        watching.wait_for("0 of 2 ended")
        service.world.timeline.skip(HOUR)
        watching.wait_for("1 of 2 ended")
        shown = [line for line in watching.lines if first.id in line]
        assert len(shown) == 1
        assert "✓ all ok" in shown[0]
        service.world.timeline.skip(2 * HOUR)
        watching.wait_for("2 of 2 ended")
        assert watching.wait_for_exit() == 1
        assert sum(second.id in line for line in watching.lines) == 1


def test_the_bell_rings_once_for_a_terminal(service: Service, settings: Path) -> None:
    settings.write_text("notify_bell = true\n")
    batch = service.add()
    assert [bells(batch.id), bells(batch.id)] == [1, 0]


def bells(batch_id: str) -> int:
    """How often a watch rings the bell of the terminal that its stderr is."""
    master, slave = os.openpty()
    watching = subprocess.run(
        command("watch", batch_id), stdout=subprocess.DEVNULL, stderr=slave, check=False
    )
    assert watching.returncode == 0
    os.write(slave, b"end")
    written = b""
    while not written.endswith(b"end"):
        written += os.read(master, 4096)
    os.close(slave)
    os.close(master)
    return written.count(b"\a")
