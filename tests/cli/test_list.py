"""``batchtui list`` and ``show``."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.simulator.faults import Fault
from batchtui.simulator.workspace import DEFAULT_ACCOUNT
from tests.cli.running import Program, command, on_terminal, run_process
from tests.cli.service import HOUR, Service, served

BATCH_FIELDS = {
    "id",
    "type",
    "label",
    "state",
    "processing_status",
    "requests",
    "request_counts",
    "created_at",
    "expires_at",
    "ended_at",
    "cancel_initiated_at",
    "archived_at",
    "results_url",
    "results",
    "results_until",
    "results_path",
}


def test_one_object_a_line_newest_first(service: Service, program: Program) -> None:
    older = service.add(succeeded=2, errored=1)
    newer = service.add(age=timedelta(minutes=1))
    program("label", older.id, "evals \x1b[31m märz")
    listed = program("list")
    assert listed.code == 0
    assert [one["id"] for one in listed.records] == [newer.id, older.id]
    first, second = listed.records
    assert set(first) == set(second) == BATCH_FIELDS
    assert first["state"] == "running"
    assert first["label"] is None
    assert first["results"] == "not_yet"
    assert second["state"] == "failed"
    assert second["label"] == "evals \x1b[31m märz"
    assert second["requests"] == 3
    assert second["request_counts"] == {
        "processing": 0,
        "succeeded": 2,
        "errored": 1,
        "canceled": 0,
        "expired": 0,
    }
    assert str(second["created_at"]).endswith("Z")
    assert second["results"] == "available"
    assert listed.out.isascii()
    assert b"\x1b" not in listed.out


def test_limit_all_and_status(service: Service, program: Program) -> None:
    for number in range(25):
        service.add(age=HOUR * (30 - number), errored=number % 2)
    live = service.add(age=timedelta(seconds=9))
    assert len(program("list").records) == 20
    assert len(program("list", "--limit", "3").records) == 3
    assert len(program("list", "--all").records) == 26
    assert [one["id"] for one in program("list", "--status", "live").records] == [live.id]
    assert [one["id"] for one in program("list", "--status", "in_progress").records] == [live.id]
    assert len(program("list", "--status", "failed", "--all").records) == 12
    assert len(program("list", "--status", "all_ok", "--limit", "5").records) == 5


@pytest.mark.parametrize(
    "words",
    [
        ("list", "--limit", "0"),
        ("list", "--status", "done"),
        ("list", "--limit", "3", "--all"),
        ("list", "extra"),
        ("show",),
        ("list", "--profile", "nobody"),
    ],
)
def test_wrong_usage_is_told_on_stderr(program: Program, words: tuple[str, ...]) -> None:
    outcome = program(*words)
    assert outcome.code == 2
    assert outcome.out == b""
    assert outcome.err


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("list", "--limit", "0"), "argument --limit: must be a whole number of 1 or more"),
        (("list", "--limit", "ten"), "argument --limit: must be a whole number of 1 or more"),
        (("simulator", "--port", "65536"), "--port: must be a whole number from 0 to 65535"),
        (("simulator", "--seed", "x"), "--seed: must be a whole number"),
        (("simulator", "--speed", "0"), "--speed: must be a number above 0"),
        (("simulator", "--speed", "nan"), "--speed: must be a number above 0"),
    ],
)
def test_what_a_number_must_be_is_said(
    program: Program, words: tuple[str, ...], expected: str
) -> None:
    outcome = program(*words)
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1].endswith(expected)


def test_an_empty_workspace_is_told_as_such(service: Service) -> None:
    workspace = DEFAULT_ACCOUNT.workspace_id
    with on_terminal("list") as listed:
        listed.wait_for(f"This workspace ({workspace}) has no batches yet.")
    with on_terminal("list", "--status", "live") as listed:
        listed.wait_for("There are no such batches.")


def test_pages_are_read_to_the_end(service: Service, program: Program) -> None:
    service.world.behavior.extra_fields = True
    for number in range(45):
        service.add(age=timedelta(minutes=number + 20))
    assert len(program("list", "--limit", "45").records) == 45


def test_a_reader_that_has_seen_enough(service: Service) -> None:
    for number in range(300):
        service.add(age=timedelta(minutes=number + 20))
    line = " ".join(command("list", "--all", "--json"))
    piped = subprocess.run(
        ["bash", "-c", f"{line} | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert piped.returncode == 0
    assert piped.stderr == b""
    assert json.loads(piped.stdout)["type"] == "message_batch"


def test_a_table_on_a_terminal_with_hostile_labels(service: Service) -> None:
    batch = service.add(errored=2)
    run_process("label", batch.id, "red \x1b[31m[link=x]y[/] 日本語")
    with on_terminal("list") as listed:
        listed.wait_for("LABEL")
        listed.wait_for(lambda: "red \\x1b[31m[link=x]y[/]" in "\n".join(listed.lines))
        row = next(line for line in listed.lines if batch.id in line)
        assert "✗ 2 failed" in row
        assert "28 d left" in row


def test_show_says_what_this_disk_knows(service: Service, program: Program) -> None:
    batch = service.add()
    program("label", batch.id, "mine")
    shown = program("show", batch.id, "--json")
    assert shown.code == 0
    (fields,) = shown.records
    extra = {"note", "source", "tries", "group_id", "part_number", "made_at", "made_from"}
    assert set(fields) == BATCH_FIELDS | extra | {"forecast"}
    assert fields["label"] == "mine"
    assert fields["tries"] == [batch.id]


def test_what_is_not_there_is_a_no(service: Service, program: Program) -> None:
    outcome = program("show", "msgbatch_nowhere")
    assert outcome.code == 1
    assert "another workspace" in outcome.err
    assert outcome.out == b""


def test_a_refused_key_and_no_server_are_2(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.world.faults.add(Fault(status=401, operation="list"))
    outcome = program("list")
    assert outcome.code == 2
    assert "401" in outcome.err
    assert "sk-ant-test" not in outcome.err
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    assert program("list").code == 2
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    outcome = program("list")
    assert outcome.code == 2
    assert "ANTHROPIC_API_KEY" in outcome.err


def test_two_profiles_share_nothing(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(os.environ["BATCHTUI_CONFIG_DIR"])
    folder.mkdir(parents=True)
    with served() as other:
        (folder / "settings.toml").write_text(
            f'[profiles.one]\nbase_url = "{service.url}"\n'
            f'[profiles.two]\nbase_url = "{other.url}"\nkey_env = "OTHER_KEY"\n'
        )
        monkeypatch.delenv("ANTHROPIC_BASE_URL")
        monkeypatch.setenv("OTHER_KEY", "sk-ant-of-the-other")
        mine, theirs = service.add(), other.add(succeeded=9)
        for name, batch in (("one", mine), ("two", theirs)):
            program("label", "msgbatch_same", f"label of {name}", "--profile", name)
            program("sync", "--profile", name)
            (listed,) = program("list", "--profile", name).records
            assert listed["id"] == batch.id
            assert f"/{name}@" in str(listed["results_path"])
        keys = {request.header("x-api-key") for request in other.world.requests}
        assert keys == {"sk-ant-of-the-other"}
        assert program("results", mine.id, "--profile", "two").out == other.content(theirs)
