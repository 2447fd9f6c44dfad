"""``batchtui create``: checked first, sent once, continued where it stopped."""

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from batchtui.cli.checking import check_file
from batchtui.cli.output import Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.sending import Sender
from batchtui.cli.sending_options import SendOptions
from batchtui.config.loading import load_settings
from batchtui.config.paths import Paths
from batchtui.config.saving import save_settings
from batchtui.library.ledger import Ledger
from batchtui.prices import Cost
from batchtui.session import Session, SessionOptions, open_session
from batchtui.simulator.app import create_app
from batchtui.simulator.failures import NO_FAILURES, SOME_FAILURES, FailureMix
from batchtui.simulator.faults import Fault
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World
from batchtui.submission.earlier import look_up_earlier
from batchtui.submission.limits import Limits
from batchtui.submission.prepare import prepare
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from tests.cli.running import Program, finished, interrupt, on_terminal, started, wait_until
from tests.cli.service import HOUR, Service
from tests.json_values import inside
from tests.submission.world import QuickClock, make_world


def request_lines(ids: Sequence[str], **params: object) -> bytes:
    usual = {
        "model": "claude-haiku-4-5",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    lines = [json.dumps({"custom_id": one, "params": {**usual, **params}}) for one in ids]
    return "".join(f"{line}\n" for line in lines).encode()


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "evals-march.jsonl"
    path.write_bytes(request_lines(["a", "b", "c"]))
    return path


def test_a_file_becomes_a_batch(service: Service, program: Program, requests: Path) -> None:
    outcome = program("create", requests)
    assert outcome.code == 0
    (made,) = outcome.records
    (view,) = service.world.views()
    sent = service.world.received(view.batch.id)
    assert made["id"] == view.batch.id
    assert made["label"] == "evals-march"
    assert made["file"] == str(requests)
    assert (made["part"], made["parts"], made["adopted"], made["parents"]) == (1, 1, False, [])
    assert [inside(one, "custom_id") for one in sent] == ["a", "b", "c"]
    (shown,) = program("show", made["id"]).records
    assert str(shown["made_from"]).partition("@")[2]
    refused = program("create", requests, "--label", "again")
    assert (refused.code, refused.records) == (1, [])
    assert "--again" in refused.err
    assert len(service.world.views()) == 1
    again = program("create", requests, "--label", "again", "--again")
    assert again.records[0]["label"] == "again"
    assert len(service.world.views()) == 2


def test_what_is_interrupted_says_what_may_have_been_made(
    service: Service, program: Program, requests: Path
) -> None:
    service.world.faults.add(Fault("stall", operation="create", after_effect=True, seconds=60))
    with started("create", requests, stdin=subprocess.DEVNULL) as sending:
        wait_until(lambda: bool(service.world.views()))
        interrupt(sending)
        stopped = finished(sending)
    assert (stopped.code, stopped.out) == (130, b"")
    assert "a request was on its way: it may have made a batch" in stopped.err
    (made,) = program("create", requests).records
    assert [view.batch.id for view in service.world.views()] == [made["id"]]


def test_a_dry_run_needs_no_key_and_sends_nothing(program: Program, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.jsonl", tmp_path / "bad.jsonl"
    good.write_bytes(request_lines(["a"]))
    bad.write_bytes(request_lines(["a", "a"]) + request_lines(["c"], temperature=7))
    outcome = program("create", "--dry-run", good, bad)
    assert outcome.code == 1
    first, second = outcome.records
    assert (first["requests"], first["sendable"], first["errors"]) == (1, True, 0)
    assert second["sendable"] is False
    problems = second["problems"]
    assert isinstance(problems, list)
    assert [(one["line"], one["kind"], one["severity"]) for one in problems] == [
        (2, "custom_id_twice", "fatal"),
        (3, "temperature", "error"),
    ]
    assert program("create", "--dry-run", good).code == 0
    assert program("create", "--dry-run", tmp_path / "none").code == 2


def test_mistakes_are_told_and_nothing_is_sent(
    service: Service, program: Program, requests: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_bytes(request_lines(["ok", "not ok"]))
    outcome = program("create", requests, bad)
    assert outcome.code == 1
    assert "bad.jsonl:2: fatal:" in outcome.err
    assert service.world.views() == ()


def test_requests_that_will_fail_need_a_yes(
    service: Service, program: Program, tmp_path: Path
) -> None:
    doubtful = tmp_path / "doubtful.jsonl"
    doubtful.write_bytes(request_lines(["a"], temperature=7) + request_lines(["b"]))
    outcome = program("create", doubtful)
    assert outcome.code == 1
    assert "--yes" in outcome.err
    assert service.world.views() == ()
    assert program("create", doubtful, "--yes").code == 0
    assert len(service.world.views()) == 1


def test_a_person_is_asked(service: Service, tmp_path: Path) -> None:
    doubtful = tmp_path / "doubtful.jsonl"
    doubtful.write_bytes(request_lines(["a"], temperature=7))
    for answer, count in (("n\r", 0), ("y\r", 1)):
        with on_terminal("create", doubtful) as asked:
            asked.wait_for("[y/N]")
            asked.send(answer)
            asked.wait_for_exit()
        assert len(service.world.views()) == count


def test_a_person_sees_the_price_before_anything_goes(
    service: Service, requests: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.jsonl"
    other.write_bytes(request_lines(["d"], model="claude-sonnet-4-5", max_tokens=64_000))
    for answer, count in (("n\r", 0), ("y\r", 2)):
        with on_terminal("create", requests, other) as asked:
            asked.wait_for("Send 4 requests? [y/N]")
            assert "in all: at most about $0.48" in asked.text
            assert "evals-march.jsonl: 3 requests, claude-haiku-4-5, about $0.01 or" in asked.text
            assert "other.jsonl: 1 request, claude-sonnet-4-5, at most about $0.48" in asked.text
            assert "Input tokens guessed" in asked.text
            asked.send(answer)
            asked.wait_for_exit()
        assert len(service.world.views()) == count
    requests.write_bytes(request_lines(["e"], model="mystery"))
    with on_terminal("create", requests) as asked:
        asked.wait_for("Send 1 request? [y/N]")
        assert "1 request, mystery, cost not known" in asked.text
        asked.send("y\r")
        asked.wait_for_exit()
    requests.write_bytes(request_lines(["f"]))
    with on_terminal("create", requests, "--yes") as sent:
        sent.wait_for_exit()
        assert "[y/N]" not in sent.text
    assert len(service.world.views()) == 4


def test_the_price_rests_on_the_same_history_everywhere(
    service: Service, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_bytes(request_lines([f"r{n}" for n in range(40)], max_tokens=4_000))
    second.write_bytes(request_lines([f"s{n}" for n in range(40)], max_tokens=4_000))
    (made,) = program("create", first).records
    service.world.timeline.skip(HOUR)
    assert program("results", made["id"], "--output", tmp_path / "got.jsonl").code == 0
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-another-key-of-the-same-profile")
    cost = program("create", "--dry-run", second).records[0]["cost"]
    assert isinstance(cost, dict)
    assert "Input tokens as measured on 40 requests" in str(cost["assumed"])
    with on_terminal("create", second) as asked:
        asked.wait_for("Send 40 requests? [y/N]")
        words = str(Cost(float(cost["low"]), float(cost["high"])))
        assert f"second.jsonl: 40 requests, claude-haiku-4-5, {words}" in asked.text
        assert "as measured on 40 requests" in asked.text
        asked.send("n\r")
        asked.wait_for_exit()


def test_standard_input_is_a_file_too(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Standard(io.TextIOWrapper):
        pass

    monkeypatch.setattr(sys, "stdin", Standard(io.BytesIO(request_lines(["a", "b"]))))
    outcome = program("create", "-", "--label", "piped")
    assert outcome.code == 0
    assert outcome.records[0]["label"] == "piped"
    assert service.world.views()[0].batch.work.total == 2


@pytest.mark.parametrize("dry", [True, False])
def test_a_pipe_is_read_once_and_whole(
    service: Service, program: Program, tmp_path: Path, dry: bool
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = request_lines([f"r{number}" for number in range(3_000)])
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    outcome = program("create", *(["--dry-run"] if dry else []), pipe)
    writer.join()
    assert outcome.code == 0
    assert outcome.records[0]["requests"] == 3_000
    assert len(service.world.views()) == (not dry)


def test_more_than_a_batch_takes_goes_on_where_it_stopped(
    service: Service, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = tmp_path / "large.jsonl"
    large.write_bytes(request_lines([f"r{number}" for number in range(100_001)]))
    too_large = program("create", large)
    assert too_large.code == 1
    assert "--split" in too_large.err
    assert service.world.views() == ()
    service.world.faults.add(Fault("delay", operation="create"))  # the first comes through
    service.world.faults.add(Fault(status=401, operation="create"))
    begun = program("create", large, "--split")
    assert begun.code == 2
    assert len(begun.records) == 1
    assert "1 of 2 batches made. Run the same command again" in begun.err
    assert "a batch takes" not in begun.err, "it is split: that is no fault"
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-another-key-9876")
    refused = program("create", large, "--split")
    assert refused.code == 2
    assert "--continue" in refused.err
    done = program("create", large, "--split", "--continue", "--label", "all of it")
    assert done.code == 0
    assert "1 of 2 batches were made before" in done.err
    assert [one["part"] for one in done.records] == [1, 2]
    assert done.records[0]["id"] == begun.records[0]["id"]
    assert sum(view.batch.work.total for view in service.world.views()) == 100_001
    assert {one["label"] for one in program("list").records} == {"all of it"}


def test_a_refusal_names_the_line_and_is_not_gone_on_with(
    service: Service, program: Program, requests: Path
) -> None:
    said = "requests.1.params.max_tokens: Field required"
    service.world.faults.add(Fault(status=400, operation="create", message=said))
    refused = program("create", requests)
    assert refused.code == 1
    assert "line 2 (b): max_tokens: Field required" in refused.err
    assert "Nothing was made." in refused.err
    sent = program("create", requests)
    assert sent.code == 0
    assert "was sent" not in sent.err
    assert len(service.world.views()) == 1


def test_what_is_left_of_a_refused_file_can_be_sent(
    service: Service, program: Program, tmp_path: Path
) -> None:
    large = tmp_path / "large.jsonl"
    large.write_bytes(request_lines([f"r{number}" for number in range(100_002)]))
    service.world.faults.add(Fault("delay", operation="create"))  # the first comes through
    said = "requests.1.params.max_tokens: Field required"
    service.world.faults.add(Fault(status=400, operation="create", message=said))
    refused = program("create", large, "--split")
    assert refused.code == 1
    assert "line 100,002 (r100001): max_tokens: Field required" in refused.err
    assert "1 of 2 batches was made and stays. 2 requests not sent" in refused.err
    again = program("create", large, "--split")
    assert again.code == 1
    assert "1 of 2 parts of large.jsonl was sent" in again.err
    assert len(service.world.views()) == 1
    rest = Path(refused.err.partition("correct and send ")[2].strip())
    assert f"Correct and send {rest};" in again.err
    assert rest.read_bytes() == request_lines(["r100000", "r100001"])
    assert rest.stat().st_mode & 0o077 == 0
    assert program("create", rest).code == 0
    assert sum(view.batch.work.total for view in service.world.views()) == 100_002


def test_what_another_profile_sent_with_the_same_key_is_told(
    service: Service, program: Program, requests: Path
) -> None:
    (first,) = program("create", requests).records
    paths = Paths.from_environment(os.environ)
    save_settings(paths, {"base_url": service.url}, profile="dev")
    refused = program("create", requests, "--profile", "dev")
    assert refused.code == 1
    assert f"({first['id']}) from profile default" in refused.err
    assert "--again" in refused.err
    assert len(service.world.views()) == 1
    assert program("create", requests, "--profile", "dev", "--again").code == 0
    assert len(service.world.views()) == 2


def test_what_was_sent_before_is_told(service: Service, program: Program, requests: Path) -> None:
    first = program("create", requests)
    assert "was sent" not in first.err
    batch_id = str(first.records[0]["id"])
    copy = requests.with_name("copy.jsonl")
    copy.write_bytes(requests.read_bytes())
    second = program("create", copy, "--again")
    assert second.code == 0
    assert f"copy.jsonl was sent 0 s ago as evals-march ({batch_id})" in second.err
    for made in (first, second):
        service.world.timeline.skip(HOUR)
        assert program("delete", made.records[0]["id"], "--yes").code == 0
    assert "was sent" not in program("create", requests).err


def test_a_person_is_asked_before_a_file_is_sent_again(
    service: Service, program: Program, requests: Path
) -> None:
    assert program("create", requests).code == 0
    for answer, count in (("n\r", 1), ("y\r", 2)):
        with on_terminal("create", requests) as asked:
            asked.wait_for("Send all of evals-march.jsonl again? [y/N]")
            asked.send(answer)
            asked.wait_for_exit()
        assert len(service.world.views()) == count


def test_a_file_is_named_once(service: Service, program: Program, requests: Path) -> None:
    link = requests.with_name("link.jsonl")
    link.symlink_to(requests)
    for other in (requests, link):
        twice = program("create", requests, other)
        assert twice.code == 2
        assert "is named twice" in twice.err
    assert service.world.views() == ()
    copy = requests.with_name("copy.jsonl")
    copy.write_bytes(requests.read_bytes())
    copied = program("create", requests, copy)
    assert "copy.jsonl holds the same as evals-march.jsonl" in copied.err
    assert (copied.code, service.world.views()) == (1, ())
    assert program("create", requests, copy, "--again").code == 0
    assert len(service.world.views()) == 2


def test_a_read_only_profile_creates_nothing(
    service: Service, program: Program, requests: Path
) -> None:
    outcome = program("create", "--read-only", requests)
    assert outcome.code == 2
    assert "read-only" in outcome.err
    assert service.world.views() == ()


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[tuple[World, Session]]:
    """An account whose clock goes as fast as it is asked to."""
    clock = QuickClock()
    world = make_world(clock)
    app = create_app(world)
    loaded = load_settings(Paths(tmp_path / "config", tmp_path / "data"), {})
    options = SessionOptions(
        {}, transport=lambda: SimulatorTransport(app), clock=clock, is_demo=True
    )
    session = open_session(loaded, options)
    yield world, session
    await session.aclose()


async def send_with(session: Session, path: Path, options: SendOptions | None = None) -> bool:
    """Send a file as the verb does."""
    validation = check_file(path, session.loaded)
    earlier = look_up_earlier(session.ledger, validation.source, session.scope)
    sender = Sender(session, Output(as_json=True), ProgressLine())
    return await sender.send(validation, options or SendOptions(), earlier)


async def test_a_lost_answer_is_probable_until_its_ids_decide(
    requests: Path,
    quick: tuple[World, Session],
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    world, session = quick
    world.faults.add(Fault("drop", operation="create", after_effect=True))
    assert not await send_with(session, requests)
    (view,) = world.views()
    out, err = capsysbinary.readouterr()
    made = json.loads(out)
    assert (made["id"], made["adopted"], made["probable"]) == (view.batch.id, True, True)
    assert b"was found in the list: it is probably what the lost answer was about" in err
    assert f"--adopt {view.batch.id}".encode() in err
    assert not await send_with(session, requests)  # it still runs
    clock = session.clock
    assert isinstance(clock, QuickClock)
    clock.moment += timedelta(hours=25)
    capsysbinary.readouterr()
    assert await send_with(session, requests)
    made = json.loads(capsysbinary.readouterr().out)
    assert (made["id"], made["adopted"], made["probable"]) == (view.batch.id, True, False)
    assert len(world.views()) == 1


async def test_a_probable_batch_is_taken_or_not_on_the_users_word(
    requests: Path, quick: tuple[World, Session]
) -> None:
    world, session = quick
    world.faults.add(Fault("drop", operation="create", after_effect=True))
    assert not await send_with(session, requests)
    (view,) = world.views()
    assert await send_with(session, requests, SendOptions(adopt=view.batch.id))
    assert len(world.views()) == 1
    world.faults.add(Fault("drop", operation="create", after_effect=True))
    assert not await send_with(session, requests, SendOptions(again=True))
    assert await send_with(session, requests, SendOptions(anyway=True))
    assert len(world.views()) == 3


async def test_each_probable_part_is_taken_for_its_own_batch(
    requests: Path, quick: tuple[World, Session]
) -> None:
    world, session = quick
    world.faults.add(Fault("drop", operation="create", after_effect=True, times=2))
    validation = replace(check_file(requests, session.loaded), limits=Limits(requests=2))

    async def send(adopt: str = "") -> bool:
        earlier = look_up_earlier(session.ledger, validation.source, session.scope)
        sender = Sender(session, Output(as_json=True), ProgressLine())
        options = SendOptions(may_split=True, adopt=adopt)
        return await sender.send(validation, options, earlier)

    assert not await send()
    second, first = (view.batch.id for view in world.views())
    assert await send(second)  # the other has ended meanwhile: its ids decide
    (record,) = session.ledger.journal.submissions()
    assert [part.batch_id for part in record.parts] == [first, second]


async def test_what_cannot_be_decided_is_left_to_the_user(
    requests: Path,
    quick: tuple[World, Session],
    capsysbinary: pytest.CaptureFixture[bytes],
) -> None:
    world, session = quick
    world.faults.add(Fault("answer", operation="create", status=504, body="html"))
    assert not await send_with(session, requests)
    err = capsysbinary.readouterr().err.decode()
    first, *others = err.splitlines()
    assert "504" in first
    assert first.endswith(
        "The list is looked at for the batch that it may have made, 120 s at most."
    )
    assert not any("looked at" in one for one in others)  # said once
    assert "--anyway" in err
    assert world.views() == ()
    assert await send_with(session, requests, SendOptions(anyway=True))
    assert len(world.views()) == 1


def test_an_error_of_the_api_is_told_and_safe_to_repeat(
    service: Service, program: Program, requests: Path
) -> None:
    service.world.faults.add(Fault(status=529, operation="create", message="Overloaded"))
    refused = program("create", requests)
    assert refused.code == 2
    assert "The API refused it (529 overloaded_error): " in refused.err
    assert "no answer came" not in refused.err
    assert service.world.views() == ()
    assert program("create", requests).code == 0
    assert len(service.world.views()) == 1


def test_a_run_that_ended_before_it_could_report_is_not_repeated(
    service: Service, program: Program, requests: Path, tmp_path: Path
) -> None:
    first = program("create", requests)
    data = Path(os.environ["BATCHTUI_DATA_DIR"])
    (ledger_file,) = data.rglob("ledger.db")
    with contextlib.closing(sqlite3.connect(ledger_file)) as connection, connection:
        connection.execute("UPDATE submissions SET reported_at = NULL")
    second = program("create", requests)
    assert second.code == 0
    assert [one["id"] for one in second.records] == [first.records[0]["id"]]
    assert "This file was sent before" in second.err
    assert len(service.world.views()) == 1
    assert program("create", requests).code == 1


def test_again_repeats_no_run_that_ended_before_it_could_report(
    service: Service, program: Program, requests: Path
) -> None:
    program("create", requests)
    (ledger_file,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    second = program("create", requests, "--again")
    with contextlib.closing(sqlite3.connect(ledger_file)) as connection, connection:
        connection.execute(
            "UPDATE submissions SET reported_at = NULL WHERE submission_id ="
            " (SELECT submission_id FROM parts WHERE batch_id = ?)",
            [second.records[0]["id"]],
        )
    third = program("create", requests, "--again")
    assert third.code == 0
    assert [one["id"] for one in third.records] == [second.records[0]["id"]]
    assert "the same command once more sends it again" in third.err
    assert len(service.world.views()) == 2


def test_after_a_damaged_ledger_an_older_file_is_asked_about(
    service: Service, program: Program, requests: Path
) -> None:
    assert program("create", requests).code == 0
    (ledger_file,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    ledger_file.write_bytes(b"no database at all" * 100)
    for suffix in ("-wal", "-shm"):
        ledger_file.with_name(ledger_file.name + suffix).unlink(missing_ok=True)
    refused = program("create", requests)
    assert refused.code == 1
    assert "was sent before that is not known" in refused.err
    assert len(service.world.views()) == 1
    newer = requests.with_name("newer.jsonl")
    newer.write_bytes(request_lines(["new"]))
    assert program("create", newer).code == 0
    assert program("create", requests, "--again").code == 0
    assert len(service.world.views()) == 3


def test_a_dry_run_says_what_was_sent_before(
    service: Service, program: Program, requests: Path
) -> None:
    assert program("create", "--dry-run", requests).records[0]["sent_before"] is None
    made = program("create", requests).records[0]
    (checked,) = program("create", "--dry-run", requests).records
    before = checked["sent_before"]
    assert isinstance(before, dict)
    assert (before["batches"], before["parts"], before["finished"]) == ([made["id"]], 1, True)


def test_failed_rows_go_again_and_merge(service: Service, program: Program, tmp_path: Path) -> None:
    ids = [f"r{number}" for number in range(400)]
    path = tmp_path / "first.jsonl"
    path.write_bytes(request_lines(ids))
    service.world.behavior.failures = SOME_FAILURES
    (first,) = program("create", path).records
    service.world.timeline.skip(HOUR)
    failed = program("results", first["id"], "--type", "errored").records
    assert 0 < len(failed) < 100
    dry = program("retry", first["id"], "--dry-run", "--all", "--set", "max_tokens=77")
    assert dry.records[0]["chosen"] == len(failed)
    assert dry.records[0]["requests"] == len(failed)
    again = program("retry", first["id"], "--all", "--set", "max_tokens=77", "--remove", "top_k")
    assert again.code == 0
    (second,) = again.records
    assert second["parents"] == [first["id"]]
    assert second["label"] == "first again"
    sent = service.world.received(str(second["id"]))
    assert {inside(one, "custom_id") for one in sent} == {one["custom_id"] for one in failed}
    assert program("merge", first["id"]).code == 1  # the second is live
    service.world.timeline.skip(HOUR)
    target = tmp_path / "merged.jsonl"
    merged = program("merge", second["id"], "--output", target)
    assert merged.code == 0
    rows = [json.loads(line) for line in target.read_bytes().splitlines()]
    assert sorted(row["custom_id"] for row in rows) == sorted(ids)
    assert program("merge", second["id"], "--output", target).code == 2
    piped = program("merge", first["id"], "--succeeded")
    assert {inside(row, "result", "type") for row in piped.records} == {"succeeded"}
    (shown,) = program("show", second["id"]).records
    assert shown["tries"] == [first["id"], second["id"]]


def test_a_retry_left_half_sent_is_gone_on_with(
    service: Service, program: Program, tmp_path: Path
) -> None:
    service.world.behavior.failures = SOME_FAILURES
    path = tmp_path / "first.jsonl"
    path.write_bytes(request_lines([f"r{number}" for number in range(400)]))
    (first,) = program("create", path).records
    service.world.timeline.skip(HOUR)
    service.world.behavior.failures = NO_FAILURES
    (dry,) = program("retry", first["id"], "--dry-run", "--all").records
    (written,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("retry-*.jsonl")
    limits = Limits(requests=int(str(dry["chosen"])) // 2 + 1)
    (ledger_file,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    with contextlib.closing(Ledger(ledger_file)) as ledger:
        (sent_first,) = ledger.journal.submissions()
        plan = prepare(
            validate(RequestSource(written), limits=limits),
            split=True,
            parents=[str(first["id"])],
            scope=sent_first.plan.scope,
        )
        ledger.journal.plan(plan)
    outcome = program("retry", first["id"], "--all")
    assert outcome.code == 0
    assert "was begun and is not finished" in outcome.err
    assert [one["part"] for one in outcome.records] == [1, 2]
    views = service.world.views()[:-1]
    sent = [one for view in views for one in service.world.digests(view.batch.id)]
    assert len(sent) == len(set(sent)) == dry["chosen"]


def test_a_retry_too_large_for_one_batch_is_split_as_any_file(
    service: Service, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "first.jsonl"
    path.write_bytes(request_lines([f"r{number}" for number in range(30)]))
    service.world.behavior.failures = FailureMix({"overloaded": 1.0}, once=False)
    (first,) = program("create", path).records
    service.world.timeline.skip(HOUR)
    monkeypatch.setattr("batchtui.submission.validate.Limits", lambda: Limits(requests=20))
    refused = program("retry", first["id"])
    assert refused.code == 1
    assert "--split makes 2 batches of it" in refused.err
    split = program("retry", first["id"], "--split")
    assert split.code == 0
    assert [(one["part"], one["parts"], one["parents"]) for one in split.records] == [
        (1, 2, [first["id"]]),
        (2, 2, [first["id"]]),
    ]


def test_retry_needs_to_know_the_file(service: Service, program: Program) -> None:
    batch = service.add(errored=1)
    outcome = program("retry", batch.id)
    assert outcome.code == 2
    assert f"batchtui attach {batch.id}" in outcome.err
    assert program("retry", batch.id, "--truncated").code == 2
    assert program("retry", batch.id, "--set", "nonsense").code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--set", "max_token=1"), 'Did you mean "max_tokens"'),
        (("--set", "custom_id=1"), "cannot be changed"),
        (("--set", "top_k=1", "--remove", "top_k"), "is both set and removed"),
        (("--set", "model=\udcff"), "not UTF-8"),
    ],
)
def test_retry_refuses_changes_that_cannot_be(
    service: Service, program: Program, options: tuple[str, ...], said: str
) -> None:
    outcome = program("retry", service.add(errored=1).id, *options)
    assert outcome.code == 2
    assert said in outcome.err


def test_the_cost_is_said_and_limited(
    service: Service,
    program: Program,
    requests: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cost = program("create", "--dry-run", requests).records[0]["cost"]
    assert isinstance(cost, dict)
    assert cost["currency"] == "USD"
    assert 0 < cost["low"] < cost["high"] < 0.01
    dear = tmp_path / "dear.jsonl"
    dear.write_bytes(request_lines([f"r{n}" for n in range(100)], max_tokens=64_000))
    refused = program("create", dear, "--max-cost", "1.5")
    assert refused.code == 1
    assert "max_cost is $1.50" in refused.err
    assert service.world.views() == ()
    assert program("create", requests, "--max-cost", "1").code == 0
    service.world.behavior.failures = FailureMix({"overloaded": 1.0}, once=False)
    (made,) = program("create", dear, "--max-cost", "$100").records
    service.world.timeline.skip(HOUR)
    refused = program("retry", made["id"], "--max-cost", "1.5")
    assert refused.code == 1
    assert "max_cost is $1.50" in refused.err
    monkeypatch.setenv("BATCHTUI_MAX_COST", "1")
    refused = program("retry", made["id"])
    assert refused.code == 1
    assert "max_cost is $1.00" in refused.err
    assert len(service.world.views()) == 2
    assert program("retry", made["id"], "--max-cost", "0").code == 0


def test_the_betas_of_a_batch_are_written_down(
    service: Service, program: Program, requests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHTUI_BETAS", "some-beta-2025-01-01")
    assert program("create", requests).code == 0
    (ledger_file,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    with contextlib.closing(Ledger(ledger_file)) as ledger:
        (submission,) = ledger.journal.submissions()
    assert submission.plan.betas == ("some-beta-2025-01-01",)


def test_tokens_are_measured_on_own_batches(
    service: Service, program: Program, requests: Path, tmp_path: Path
) -> None:
    (made,) = program("create", requests).records
    service.world.timeline.skip(HOUR)
    assert program("results", made["id"], "--output", tmp_path / "results.jsonl").code == 0
    other = tmp_path / "other.jsonl"
    other.write_bytes(request_lines(["x", "y"]))
    cost = program("create", "--dry-run", other).records[0]["cost"]
    assert isinstance(cost, dict)
    assert str(cost["assumed"][0]).startswith("Input tokens as measured on 3 requests")


def test_the_api_counts_tokens_where_it_is_asked_to(
    service: Service, program: Program, tmp_path: Path
) -> None:
    path = tmp_path / "many.jsonl"
    ids = [f"r{n}" for n in range(200)]
    path.write_bytes(b"".join(request_lines([one], system="x " * len(one) * 90) for one in ids))
    guessed = program("create", "--dry-run", path).records[0]["cost"]
    counted = program("create", "--dry-run", "--count-tokens", 10, path).records[0]["cost"]
    assert isinstance(guessed, dict)
    assert isinstance(counted, dict)
    assert "Input tokens as the API counted them on 10 requests" in str(counted["assumed"])
    assert [seen.path for seen in service.world.requests] == ["/v1/messages/count_tokens"] * 10
    assert counted["high"] - counted["low"] < guessed["high"] - guessed["low"]
    service.world.faults.add(Fault(status=403, operation="count_tokens", message="not for you"))
    refused = program("create", "--dry-run", "--count-tokens", 10, path)
    assert refused.code == 0
    assert "The tokens were not counted: " in refused.err
    assert "not for you" in refused.err
    assert refused.records[0]["cost"] == guessed
    assert program("create", "--count-tokens", 10, path).code == 2
    assert service.world.views() == ()


def test_a_dry_run_needs_no_data_folder(
    program: Program, requests: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("BATCHTUI_DATA_DIR", str(tmp_path / "file" / "data"))
    outcome = program("create", "--dry-run", requests)
    assert outcome.code == 0
    (checked,) = outcome.records
    assert checked["sent_before"] is None
    assert checked["cost"] is not None
    assert "is not known" in outcome.err
