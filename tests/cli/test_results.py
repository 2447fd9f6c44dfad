"""``batchtui results``: bytes as received, whole or not at all."""

import csv
import gzip
import io
import json
import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from batchtui.simulator.faults import Fault
from tests.cli.running import Program, command, run_process
from tests.cli.service import Service, rows_of


def test_bytes_as_received_and_then_from_this_disk(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = service.add(succeeded=40, errored=3)
    got = program("results", batch.id)
    assert got.code == 0
    assert got.out == service.content(batch)
    assert got.err == ""
    calls = len(service.paths())
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    assert program("results", batch.id).out == got.out
    assert len(service.paths()) == calls


def test_what_is_written_next_does_not_go_on_in_the_last_row(
    service: Service, program: Program, tmp_path: Path
) -> None:
    batch = service.add(succeeded=3)
    file = tmp_path / "results.jsonl"
    file.write_bytes(service.content(batch).rstrip(b"\n"))
    for asked in (file, batch.id):
        twice = program("results", asked).out * 2
        assert len([json.loads(line) for line in twice.splitlines()]) == 6


def test_half_a_line_at_the_end_is_a_row_that_cannot_be_read_and_not_left_out(
    service: Service, program: Program, tmp_path: Path
) -> None:
    whole = service.content(service.add(succeeded=3))
    file = tmp_path / "cut.jsonl"
    file.write_bytes(whole[:-40])  # just now: it might still be written
    groups = program("results", file, "--group", "type").records
    assert {one["value"]: one["rows"] for one in groups} == {"succeeded": 2, "unreadable": 1}


def test_a_query_and_types(service: Service, program: Program) -> None:
    batch = service.add(succeeded=4, errored=2, expired=1)
    assert len(program("results", batch.id, "--type", "errored").records) == 2
    both = program("results", batch.id, "--type", "errored", "--type", "expired")
    assert [one["custom_id"] for one in both.records] == ["row-4", "row-5", "row-6"]
    found = program("results", batch.id, "--query", "error:overloaded sort:-id")
    assert [one["custom_id"] for one in found.records] == ["row-5", "row-4"]
    crossed = program("results", batch.id, "--query", "type:succeeded", "--type", "errored")
    assert (crossed.code, crossed.out) == (0, b"")


def test_a_type_is_a_part_of_the_query(service: Service, program: Program) -> None:
    batch = service.add(succeeded=30, errored=4)
    sample = program("results", batch.id, "--query", "sample:3", "--type", "errored")
    assert len(sample.records) == 3
    either = program("results", batch.id, "--query", "row:1 or row:31", "--type", "errored")
    assert [one["custom_id"] for one in either.records] == ["row-30"]


def test_a_query_that_cannot_be_read_points_at_the_place(program: Program) -> None:
    outcome = program("results", "any", "--query", "type:errored (stop:x")
    assert outcome.code == 2
    lines = outcome.err.splitlines()
    place = lines.index("  type:errored (stop:x")
    assert lines[place + 1].index("^") == 2 + len("type:errored ")
    wide = program("results", "any", "--query", "日本 (stop:x").err.splitlines()
    assert wide[wide.index("  日本 (stop:x") + 1].index("^") == 2 + len("日本 ") + 2
    typed = program("results", "any", "--query", "a or (stop:x", "--type", "errored")
    assert "  a or (stop:x" in typed.err.splitlines()


def test_a_table_for_a_spreadsheet(service: Service, program: Program) -> None:
    batch = service.add(succeeded=1, errored=1)
    got = program("results", batch.id, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(got.out.decode())))
    assert [row["type"] for row in rows] == ["succeeded", "errored"]
    assert rows[1]["error_type"] == "overloaded_error"


def test_a_file_is_not_overwritten_unawares(
    service: Service, program: Program, tmp_path: Path
) -> None:
    batch = service.add(succeeded=5)
    target = tmp_path / "out put.jsonl"
    written = program("results", batch.id, "--output", target)
    assert (written.code, written.out) == (0, b"")
    assert target.read_bytes() == service.content(batch)
    target.write_bytes(b"precious")
    assert program("results", batch.id, "--output", target).code == 2
    assert target.read_bytes() == b"precious"
    assert program("results", batch.id, "--output", target, "--force").code == 0
    assert target.read_bytes() == service.content(batch)


def test_what_is_not_whole_is_never_passed_as_whole(service: Service, program: Program) -> None:
    batch = service.add(succeeded=2_000)
    service.world.faults.add(
        Fault("truncate", operation="results", at_byte=100_000, at_line_end=True)
    )
    outcome = program("results", batch.id)
    assert outcome.code == 1
    assert outcome.out == b""
    assert "not complete" in outcome.err
    assert "of 2,000 rows are kept" in outcome.err
    whole = program("results", batch.id)
    assert whole.code == 0
    assert whole.out == service.content(batch)


def test_the_part_that_is_here_can_be_asked_for(
    service: Service, program: Program, tmp_path: Path
) -> None:
    batch = service.add(succeeded=500)
    cut = Fault("truncate", operation="results", at_byte=20_000, at_line_end=True, times=None)
    service.world.faults.add(cut)
    outcome = program("results", batch.id, "--partial")
    assert outcome.code == 1
    assert service.content(batch).startswith(outcome.out)
    assert 50 < len(outcome.records) < 500
    program("results", batch.id, "--partial", "--output", tmp_path / "some.jsonl")
    assert (tmp_path / "some.partial.jsonl").exists()
    assert not (tmp_path / "some.jsonl").exists()


def test_a_dropped_stream_is_taken_up_again_by_itself(service: Service, program: Program) -> None:
    batch = service.add(succeeded=2_000)
    service.world.behavior.results_ranges = service.world.behavior.results_etag = True
    service.world.faults.add(Fault("cut", operation="results", at_byte=200_000))
    outcome = program("results", batch.id)
    assert outcome.code == 0
    assert outcome.out == service.content(batch)


def test_a_live_batch_has_none(service: Service, program: Program) -> None:
    from datetime import timedelta

    batch = service.add(age=timedelta(seconds=5))
    outcome = program("results", batch.id)
    assert (outcome.code, outcome.out) == (1, b"")
    assert "Still running" in outcome.err


def test_nothing_is_kept_where_the_settings_say_so(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHTUI_KEEP_RESULTS", "false")
    batch = service.add()
    assert program("results", batch.id).out == service.content(batch)
    (shown,) = program("show", batch.id).records
    assert shown["results"] == "available"
    sync = program("sync")
    assert sync.code == 2
    assert "keep_results is off" in sync.err


def test_a_part_that_is_not_to_be_kept_is_not_promised(
    service: Service, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BATCHTUI_KEEP_RESULTS", "false")
    batch = service.add(succeeded=2000)
    service.world.faults.add(Fault(kind="cut", operation="results", at_byte=70_000, times=None))
    outcome = program("results", batch.id)
    assert outcome.code == 1
    assert "are not complete" in outcome.err
    assert "kept" not in outcome.err
    assert not list(Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("results/*.part*"))


def test_a_pipe_that_closes_early(service: Service) -> None:
    batch = service.add(succeeded=20_000)
    for words in (("results", batch.id), ("results", batch.id, "--type", "succeeded")):
        piped = subprocess.run(
            ["bash", "-c", f"{' '.join(command(*words))} | head -1; exit ${{PIPESTATUS[0]}}"],
            capture_output=True,
            check=False,
            timeout=60,
        )
        assert piped.returncode == 0
        assert piped.stderr == b""
        assert json.loads(piped.stdout)["custom_id"] == "row-0"


def test_a_full_disk_behind_stdout_is_told(service: Service) -> None:
    batch = service.add(succeeded=5_000)
    with Path("/dev/full").open("wb") as full:
        piped = subprocess.run(
            command("results", batch.id), stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert piped.returncode == 2
    assert b"No space left" in piped.stderr
    assert b"Traceback" not in piped.stderr


def test_attach_holds_results_against_the_file(
    service: Service, program: Program, tmp_path: Path
) -> None:
    batch = service.add(succeeded=3)
    program("results", batch.id)
    requests = tmp_path / "requests.jsonl.gz"
    params = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}]}
    lines = [json.dumps({"custom_id": f"row-{one}", "params": params}) for one in (0, 1, 7)]
    requests.write_bytes(gzip.compress("\n".join(lines).encode()))
    outcome = program("attach", batch.id, requests)
    assert outcome.code == 0
    (fields,) = outcome.records
    assert {name: fields[name] for name in ("requests", "missing", "extra", "twice")} == {
        "requests": 3,
        "missing": 1,
        "extra": 1,
        "twice": 0,
    }
    assert "1 request has no answer" in outcome.err
    (shown,) = program("show", batch.id).records
    source = shown["source"]
    assert isinstance(source, dict)
    assert source["path"] == str(requests)
    assert program("attach", batch.id, tmp_path / "none").code == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a\x00b",
        b"\xff\xfea\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\n{}\n",
        b'{"custom_id": "row-0", "result": {"type": "canceled"}}\n',
        b"[]",
    ],
)
def test_attach_refuses_a_file_without_requests(
    program: Program, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "bin.jsonl"
    file.write_bytes(content)
    outcome = program("attach", "msgbatch_any", file)
    assert (outcome.code, outcome.out) == (2, b"")
    assert "UTF-16" in outcome.err or "holds no request that can be read" in outcome.err


def test_attach_takes_a_file_with_some_requests(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "some.jsonl"
    file.write_bytes(b'no json\n{"custom_id": "a", "params": {}}\n')
    assert program("attach", "msgbatch_any", file).code == 0


def test_attach_warns_of_the_file_of_another_batch(
    service: Service, program: Program, tmp_path: Path
) -> None:
    batch = service.add(succeeded=2)
    program("results", batch.id)
    file = tmp_path / "other.jsonl"
    file.write_bytes(b'{"custom_id": "other", "params": {}}\n')
    outcome = program("attach", batch.id, file)
    assert outcome.code == 0
    assert "This does not look like its file" in outcome.err


def attach_requests(program: Program, batch_id: str, path: Path, ids: Iterable[str]) -> None:
    """Attach a file of requests with these ids."""
    path.write_text("".join(f'{{"custom_id": "{one}", "params": {{}}}}\n' for one in ids))
    assert program("attach", batch_id, path).code == 0


@pytest.mark.parametrize("verb", ["results", "sync", "merge"])
def test_results_have_to_be_those_of_the_attached_requests(
    service: Service, program: Program, tmp_path: Path, verb: str
) -> None:
    batch = service.add(succeeded=3)
    words = (verb,) if verb == "sync" else (verb, batch.id)
    file = tmp_path / "requests.jsonl"
    attach_requests(program, batch.id, file, ["row-0", "row-1", "exchanged"])
    outcome = program(*words)
    assert outcome.code == 1
    assert "1 row has an id that is not in the batch's request file" in outcome.err
    assert "3 of 3 rows are kept until a whole copy is here" in outcome.err
    assert "batchtui attach" in outcome.err
    assert program("results", batch.id, "--partial").out == service.content(batch)
    attach_requests(program, batch.id, file, ["row-2", "row-1", "row-0"])
    assert program(*words).code == 0


@pytest.mark.parametrize("becomes", ["changed", "gone", "none of it"])
def test_a_file_that_cannot_tell_keeps_nobody_from_results(
    service: Service, program: Program, tmp_path: Path, becomes: str
) -> None:
    batch = service.add(succeeded=3)
    file = tmp_path / "requests.jsonl"
    stem = "another" if becomes == "none of it" else "row"
    attach_requests(program, batch.id, file, [f"{stem}-0", f"{stem}-1", f"{stem}-9"])
    if becomes == "changed":
        file.write_bytes(file.read_bytes().replace(b"row-9", b"row-8"))
    elif becomes == "gone":
        file.unlink()
    outcome = program("results", batch.id)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == service.content(batch)


def test_the_demo_has_results_too() -> None:
    listed = run_process("list", "--demo", "--status", "all_ok", "--limit", "1")
    (batch,) = listed.records
    got = run_process("--demo", "results", batch["id"])
    assert got.code == 0
    assert len(got.records) == batch["requests"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", b"id,text\n1,one\n2,two\n"),
        ("gen.py", b"import json\n\nprint(json.dumps({}))\n"),
        ("j.json", b'{"a": 1, "b": [1, 2]}\n'),
        ("list.json", b"[1, 2]"),
        ("rows.jsonl", b'{"a": 1}\n{"a": 2}\n'),
        ("r.bin", bytes(range(256)) * 8),
    ],
)
@pytest.mark.parametrize("words", [(), ("--group", "type"), ("--output", "out")])
def test_what_is_no_results_is_named_and_not_copied(
    program: Program,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    data: bytes,
    words: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(data)
    outcome = program("results", name, *words)
    assert (outcome.code, outcome.out) == (2, b"")
    assert f"{name} holds no results" in outcome.err
    assert not Path("out").exists()
    for verb in (("diff", name, name), ("review", name, "--set", "good", "--query", "out>1")):
        named = program(*verb)
        assert named.code == 2
        assert f"{name} holds no results" in named.err


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_named_too(
    program: Program, tmp_path: Path, encoding: str
) -> None:
    path = tmp_path / "wide.jsonl"
    path.write_bytes(rows_of(2, 0, 0, 0).decode().encode(encoding))
    outcome = program("results", path)
    assert outcome.code == 2
    assert "wide.jsonl is text in UTF-16" in outcome.err


def test_results_are_copied_whatever_is_between_them_or_how_long_they_are(
    program: Program, tmp_path: Path
) -> None:
    (line,) = rows_of(1, 0, 0, 0).splitlines(keepends=True)
    for data in (b"", b"\n", b"odd\n" + line, line.replace(b"Fine", b"Fine" * 200_000)):
        file = tmp_path / "r.jsonl"
        file.write_bytes(data)
        outcome = program("results", file)
        assert outcome.code == 0
        assert outcome.out.strip() == data.strip()


@pytest.mark.parametrize(
    "name", ["missing.jsonl", "my missing.CSV", "x.json.gz", "no/where", "nofile"]
)
def test_a_file_that_is_not_there_is_said_to_be_missing(
    program: Program, tmp_path: Path, name: str
) -> None:
    here = tmp_path / "r.jsonl"
    here.write_bytes(rows_of(1, 0, 0, 0))
    for words in (("results", name), ("diff", here, name), ("results", name, "--group", "type")):
        outcome = program(*words)
        assert outcome.code == 2
        assert f"no file {name}" in outcome.err or "no/where: " in outcome.err
        assert "No API key" not in outcome.err


def test_a_batch_may_be_labeled_as_a_file(service: Service, program: Program) -> None:
    batch = service.add()
    program("label", batch.id, "evals", "may.jsonl")
    assert program("results", "evals may.jsonl").out == service.content(batch)
