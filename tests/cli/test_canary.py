"""``batchtui create --canary``: a few first, the others after a look, nothing twice."""

import os
import re
from contextlib import closing
from pathlib import Path

import pytest

from batchtui.library.ledger import Ledger
from batchtui.simulator.failures import SOME_FAILURES, FailureMix
from batchtui.simulator.faults import Fault
from tests.cli.running import Program, on_terminal
from tests.cli.service import HOUR, Service
from tests.cli.test_create import request_lines
from tests.json_values import inside

COUNT = 200


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.jsonl"
    lines = [request_lines([f"r{n}"], system="x" * n * 7, max_tokens=8000) for n in range(COUNT)]
    path.write_bytes(b"".join(lines))
    return path


def sent_ids(service: Service) -> list[str]:
    return [one for view in service.world.views() for one in service.world.digests(view.batch.id)]


def test_a_canary_goes_first_and_the_rest_joins_it(
    service: Service, program: Program, large: Path, tmp_path: Path
) -> None:
    (canary,) = program("create", large, "--canary", 30).records
    assert (canary["requests"], canary["label"]) == (30, "large canary")
    sizes = sorted(int(one[1:]) for one in sent_ids(service))
    assert sizes[0] < 20
    assert sizes[-1] >= 180
    whole = program("create", large)
    assert whole.code == 1
    assert "30 requests of large.jsonl went as a canary" in whole.err
    early = program("create", large, "--rest")
    assert early.code == 1
    assert "Nothing was sent" in early.err
    service.world.timeline.skip(HOUR)
    rest = program("create", large, "--rest")
    assert rest.code == 0
    assert "All 30 of the canary were answered whole" in rest.err
    assert "The other 170 requests will cost about $" in rest.err
    (others,) = rest.records
    assert (others["requests"], others["label"]) == (170, "large")
    assert others["parents"] == [canary["id"]]
    assert sorted(sent_ids(service)) == sorted(f"r{n}" for n in range(COUNT))
    service.world.timeline.skip(HOUR)
    target = tmp_path / "merged.jsonl"
    assert program("merge", others["id"], "--output", target).code == 0
    assert len(target.read_bytes().splitlines()) == COUNT


def test_results_of_a_canary_that_are_not_to_be_kept_go_after_the_look(
    service: Service, program: Program, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHTUI_KEEP_RESULTS", "false")
    assert program("create", large, "--canary", 30).code == 0
    service.world.timeline.skip(HOUR)
    rest = program("create", large, "--rest")
    assert rest.code == 0
    assert "All 30 of the canary were answered whole" in rest.err
    assert not list(Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("results/*.jsonl"))


def test_the_rest_is_asked_about_with_the_price_that_the_canary_says(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    service.world.timeline.skip(HOUR)
    with on_terminal("create", large, "--rest") as asked:
        asked.wait_for("[y/N]")
        cost = re.search(r"other 170 requests will cost (about \S+ to \S+)\.\s", asked.text)
        assert cost is not None
        assert f"170 requests, claude-haiku-4-5, {cost[1]}" in " ".join(asked.text.split())
        assert "Send the other 170 requests? [y/N]" in asked.text
        assert "as the canary's 30 requests came to" in asked.text
        asked.send("y\r")
        asked.wait_for_exit()
        assert asked.text.count("[y/N]") == 1
    assert len(sent_ids(service)) == COUNT


def test_the_same_command_again_sends_neither_twice(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    assert program("create", large, "--canary", 30).code == 1
    service.world.timeline.skip(HOUR)
    assert program("create", large, "--rest").code == 0
    assert program("create", large, "--rest").code == 1
    ids = sent_ids(service)
    assert len(ids) == len(set(ids)) == COUNT


def test_another_canary_beside_the_first_is_not_sent_unasked(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    another = program("create", large, "--canary", 50)
    assert another.code == 1
    assert "30 requests of large.jsonl went as a canary" in another.err
    assert len(sent_ids(service)) == 30
    assert program("create", large, "--canary", 50, "--again").code == 0


def test_of_a_file_that_was_sent_whole_no_part_goes_unasked(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    assert program("create", large, "--again").code == 0
    service.world.timeline.skip(HOUR)
    for words in (["--rest"], ["--canary", 20]):
        refused = program("create", large, *words)
        assert refused.code == 1
        assert "was sent" in refused.err
    assert len(sent_ids(service)) == 30 + COUNT


def test_a_rest_that_does_not_complement_the_canary_is_refused(
    service: Service, program: Program, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = frozenset(range(30))
    with monkeypatch.context() as older:
        older.setattr("batchtui.submission.canary.choose_canary", lambda *_: first)
        assert program("create", large, "--canary", 30).code == 0
    service.world.timeline.skip(HOUR)
    rest = program("create", large, "--rest", "--yes")
    assert rest.code != 0
    assert "went as its canary is not certain" in rest.err
    assert len(sent_ids(service)) == 30


def test_after_two_canaries_the_rest_of_one_is_not_sent(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    assert program("create", large, "--canary", 50, "--again").code == 0
    service.world.timeline.skip(HOUR)
    rest = program("create", large, "--rest", "--yes")
    assert rest.code == 2
    assert "Canaries of 50 and 30 requests of large.jsonl were sent" in rest.err
    assert len(sent_ids(service)) == 80


def test_a_canary_after_the_rest_makes_no_second_rest(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    service.world.timeline.skip(HOUR)
    assert program("create", large, "--rest").code == 0
    assert program("create", large, "--canary", 50, "--again").code == 0
    assert program("create", large, "--rest", "--yes").code == 2
    assert len(sent_ids(service)) == COUNT + 50


def test_the_rest_of_a_file_that_changed_is_refused(
    service: Service, program: Program, large: Path
) -> None:
    before = large.read_bytes()
    assert program("create", large, "--canary", 30).code == 0
    service.world.timeline.skip(HOUR)
    large.write_bytes(before + request_lines(["late"]))
    rest = program("create", large, "--rest", "--yes")
    assert rest.code == 2
    assert "No canary has been sent for the current contents of large.jsonl" in rest.err
    assert "If it has changed since, restore it" in rest.err
    assert len(sent_ids(service)) == 30
    large.write_bytes(before)
    assert program("create", large, "--rest").code == 0
    assert sorted(sent_ids(service)) == sorted(f"r{n}" for n in range(COUNT))


def test_a_canary_of_which_some_was_made_still_stands_against_the_whole_file(
    service: Service, program: Program, large: Path
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    (ledger_file,) = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    with closing(Ledger(ledger_file)) as ledger:
        (record,) = ledger.journal.submissions()
        ledger.journal.give_up(record.plan.submission_id)
    whole = program("create", large)
    assert whole.code == 1
    assert "30 requests of large.jsonl went as a canary" in whole.err


def test_a_dry_run_says_that_a_canary_went(
    service: Service, program: Program, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    checked = program("create", large, "--dry-run")
    assert b"30 requests of large.jsonl went as a canary" in checked.out


def test_what_failed_in_the_canary_is_said_with_its_range(
    service: Service, program: Program, large: Path
) -> None:
    service.world.behavior.failures = SOME_FAILURES
    assert program("create", large, "--canary", 150).code == 0
    service.world.timeline.skip(HOUR)
    rest = program("create", large, "--rest", "--yes")
    assert "of 150 failed: most likely" in rest.err
    assert rest.code == 0


def test_a_retry_of_the_canary_does_not_send_the_rest_that_was_begun(
    service: Service, program: Program, large: Path
) -> None:
    service.world.behavior.failures = FailureMix({"overloaded": 1.0}, once=False)
    (canary,) = program("create", large, "--canary", 30).records
    service.world.timeline.skip(HOUR)
    service.world.faults.add(Fault(status=401, operation="create"))
    assert program("create", large, "--rest").code == 2
    outcome = program("retry", canary["id"])
    assert outcome.code == 0, outcome.err
    (again,) = outcome.records
    assert again["requests"] == 30
    assert len(sent_ids(service)) == 60


def test_a_canary_that_makes_no_sense_is_refused(program: Program, large: Path) -> None:
    assert program("create", large, "--canary", COUNT).code == 2
    assert program("create", large, "--canary", 0).code == 2
    assert program("create", large, "--rest").code == 2
    assert program("create", large, large.parent / "x", "--canary", 3).code == 2


def test_a_canary_and_its_rest_are_two_commands(
    service: Service, program: Program, large: Path
) -> None:
    both = program("create", large, "--canary", 30, "--rest")
    assert both.code == 2
    assert "not allowed with" in both.err
    assert not service.world.views()


def test_files_of_our_own_are_called_by_what_is_in_them(
    service: Service, program: Program, large: Path
) -> None:
    with on_terminal("create", large, "--canary", 30) as asked:
        asked.wait_for("[y/N]")
        assert "the canary of large.jsonl: 30 requests, claude-haiku-4-5" in asked.text
        asked.send("y\r")
        asked.wait_for_exit()
    again = program("create", large, "--canary", 30)
    assert "the canary of large.jsonl was sent 0 s ago as large canary" in again.err
    assert "--rest sends the others" in again.err
    assert "canary-30" not in again.err
    service.world.behavior.failures = SOME_FAILURES
    service.world.timeline.skip(HOUR)
    with on_terminal("create", large, "--rest") as asked:
        asked.wait_for("[y/N]")
        assert "the rest of large.jsonl: 170 requests" in " ".join(asked.text.split())
        asked.send("y\r")
        asked.wait_for_exit()
    service.world.timeline.skip(HOUR)
    with on_terminal("retry", "last", "--all") as asked:
        asked.wait_for("[y/N]")
        assert "the rows of large sent again: " in " ".join(asked.text.split())
        asked.send("n\r")
        asked.wait_for_exit()


def test_a_dry_run_says_what_the_canary_and_the_rest_would_be(
    service: Service, program: Program, large: Path
) -> None:
    (dry,) = program("create", large, "--canary", 30, "--dry-run").records
    assert (dry["requests"], dry["file"]) == (COUNT, str(large))
    assert inside(dry, "sends", "part") == "canary"
    assert inside(dry, "sends", "requests") == 30
    assert inside(dry, "sends", "cost", "high") != inside(dry, "cost", "high")
    assert program("create", large, "--rest", "--dry-run").code == 2
    assert program("create", large, "--canary", COUNT, "--dry-run").code == 2
    assert not service.world.views()
    assert program("create", large, "--canary", 30).code == 0
    early = program("create", large, "--rest", "--dry-run")
    assert early.code == 1
    assert inside(early.records, 0, "sends", "requests") == 170
    service.world.timeline.skip(HOUR)
    rest = program("create", large, "--rest", "--dry-run")
    assert rest.code == 0
    assert "All 30 of the canary were answered whole" in rest.err
    assert "as the canary's 30 requests came to" in str(inside(rest.records, 0, "sends", "cost"))
    assert len(sent_ids(service)) == 30
    assert "sends" not in program("create", large, "--dry-run").records[0]


def test_a_dry_run_of_the_rest_needs_no_key(
    service: Service, program: Program, large: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program("create", large, "--canary", 30).code == 0
    monkeypatch.setattr("batchtui.cli.output.is_terminal", lambda _stream: True)
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    for options, line in (["--canary", 30], b"canary      30 requests"), (["--rest"], b"rest  "):
        dry = program("create", large, *options, "--dry-run")
        assert line in dry.out
        assert dry.code == (1 if "--rest" in options else 0)
    assert "How the canary went is not known" in dry.err
