"""``batchtui cancel``, ``delete``, ``forget`` and ``label``."""

import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from batchtui.simulator.faults import Fault
from tests.cli.running import Program, command, on_terminal
from tests.cli.service import Service

NOW = timedelta(seconds=5)


def test_cancel_says_what_became_of_each(service: Service, program: Program) -> None:
    live, ended = service.add(age=NOW), service.add()
    outcome = program("cancel", live.id, ended.id, "msgbatch_nowhere", live.id)
    assert outcome.code == 1
    assert [(one["id"], one["outcome"]) for one in outcome.records] == [
        (live.id, "done"),
        (ended.id, "already_ended"),
        ("msgbatch_nowhere", "gone"),
    ]
    batch = outcome.records[0]["batch"]
    assert isinstance(batch, dict)
    assert batch["state"] == "canceling"
    assert "1 of 3 canceled" in outcome.err
    assert "1 not found" in outcome.err


def test_what_is_not_found_is_said_once(service: Service) -> None:
    with on_terminal("cancel", "msgbatch_nowhere") as told:
        told.wait_for("another workspace")
        told.wait_for_exit()
        shown = " ".join("\n".join(told.lines).split())
    assert shown.startswith(
        "not found msgbatch_nowhere: It was deleted, or belongs to another workspace"
    )
    assert shown.count("deleted") == 1
    assert "already gone" not in shown


def test_delete_needs_a_yes(service: Service, program: Program) -> None:
    batch = service.add()
    refused = program("delete", batch.id)
    assert refused.code == 2
    assert "--yes" in refused.err
    assert "will be lost" in refused.err
    assert len(service.world.views()) == 1
    outcome = program("delete", batch.id, "--yes")
    assert outcome.code == 0
    assert service.world.views() == ()
    assert program("delete", batch.id, "--yes").code == 1


def test_delete_warns_of_no_results_that_there_are_none_of(
    service: Service, program: Program
) -> None:
    archived, other = service.add(age=timedelta(days=40)), service.add()
    program("list")
    assert "will be lost" not in program("delete", archived.id).err
    assert "The results of 1 are" in program("delete", archived.id, other.id).err


def test_delete_asks_a_person(service: Service, program: Program) -> None:
    batch = service.add()
    program("results", batch.id)
    for answer, left in (("\r", 1), ("yes\r", 0)):
        with on_terminal("delete", batch.id) as asked:
            asked.wait_for("for good? [y/N]")
            assert not asked.shows("will be lost")
            asked.send(answer)
            asked.wait_for_exit()
        assert len(service.world.views()) == left
    assert program("results", batch.id).out == service.content(batch)


def test_a_live_batch_is_not_deleted(service: Service, program: Program) -> None:
    live = service.add(age=NOW)
    outcome = program("delete", live.id, "--yes")
    assert outcome.code == 1
    (told,) = outcome.records
    assert told["outcome"] == "refused"
    assert "cancel it first" in str(told["message"])


def test_a_refused_key_ends_the_run(service: Service, program: Program) -> None:
    first, second = service.add(), service.add()
    service.world.faults.add(Fault(status=401, operation="delete"))
    outcome = program("delete", first.id, second.id, "--yes")
    assert outcome.code == 2
    assert [one["outcome"] for one in outcome.records] == ["failed", "not_sent"]
    assert len(service.world.views()) == 2


@pytest.mark.parametrize("verb", ["cancel", "delete"])
def test_read_only_refuses(service: Service, program: Program, verb: str) -> None:
    batch = service.add()
    assert program(verb, batch.id, "--read-only").code == 2
    assert not any(path.startswith(("POST", "DELETE")) for path in service.paths())


def test_read_only_says_who_said_so(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(os.environ["BATCHTUI_CONFIG_DIR"])
    folder.mkdir(parents=True)
    file = folder / "settings.toml"
    file.write_text("[profiles.careful]\nread_only = true\n")
    by_option = program("cancel", "any", "--read-only").err
    assert "The option --read-only makes batchtui read-only: it does not cancel" in by_option
    assert "settings" not in by_option
    by_profile = program("cancel", "any", "--profile", "careful").err
    assert "The profile careful is read-only" in by_profile
    file.write_text("read_only = true\n")
    assert f"Change read_only in {file}" in program("cancel", "any").err
    monkeypatch.setenv("BATCHTUI_READ_ONLY", "true")
    by_variable = program("delete", "any").err
    assert "The variable BATCHTUI_READ_ONLY makes batchtui read-only" in by_variable
    assert service.paths() == []


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("page_size = 5\ntheme = paper\n", 2),
        ("\n\nread_onyl = true\n", 3),
        ('profile = "acm"\n[profiles.acme]\n', 1),
    ],
)
def test_nothing_is_changed_while_the_settings_are_not_understood(
    service: Service, program: Program, tmp_path: Path, content: str, line: int
) -> None:
    settings = Path(os.environ["BATCHTUI_CONFIG_DIR"]) / "settings.toml"
    settings.parent.mkdir()
    settings.write_text(content)
    requests = tmp_path / "requests.jsonl"
    message = {"role": "user", "content": "Hi"}
    params = {"model": "claude-haiku-4-5", "max_tokens": 9, "messages": [message]}
    requests.write_text(json.dumps({"custom_id": "a", "params": params}) + "\n")
    ended, live = service.add(errored=1), service.add(age=NOW)
    for words in (
        ("delete", ended.id, "--yes"),
        ("cancel", live.id),
        ("create", requests),
        ("retry", ended.id),
        ("label", ended.id, "text"),
        ("forget", ended.id),
        ("sync",),
    ):
        outcome = program(*words)
        assert (outcome.code, outcome.out) == (2, b""), words
        assert f"{settings}:{line}" in outcome.err
    assert {one["id"] for one in program("list").records} == {
        ended.id,
        live.id,
    }


def test_work_is_done_though_nobody_reads_of_it(service: Service) -> None:
    ids = [service.add().id for _ in range(4)]
    line = " ".join(command("delete", "--yes", *ids))
    piped = subprocess.run(
        ["bash", "-c", f"{line} | true; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert piped.returncode == 0
    assert service.world.views() == ()


def test_forget_removes_the_copy_and_nothing_else(service: Service, program: Program) -> None:
    batch = service.add()
    program("results", batch.id)
    assert program("forget", batch.id).code == 2
    outcome = program("forget", batch.id, "--yes")
    assert outcome.code == 0
    (freed,) = outcome.records
    assert freed["id"] == batch.id
    assert isinstance(freed["bytes"], int)
    assert freed["bytes"] >= len(service.content(batch))
    assert program("forget", batch.id, "--yes").code == 1
    assert program("forget", "--all").code == 0
    assert program("forget").code == 2
    assert program("show", batch.id).records[0]["results"] == "available"


def test_labels_need_no_key(program: Program) -> None:
    first = program("label", "msgbatch_any", "two", "words")
    assert first.code == 0
    assert first.records == [{"id": "msgbatch_any", "label": "two words"}]
    assert "not seen here before" in first.err
    second = program("label", "msgbatch_any", "")
    assert second.records == [{"id": "msgbatch_any", "label": None}]
    assert second.err == ""
