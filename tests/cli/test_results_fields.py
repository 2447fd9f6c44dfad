"""``batchtui results`` with fields and groups, from files and pipes of all kinds."""

import bz2
import csv
import gzip
import io
import json
import lzma
import os
import shlex
import subprocess
import threading
from pathlib import Path

import pytest

from tests.cli.running import Program, command, on_terminal, terminal_environ
from tests.cli.service import rows_of
from tests.results.understanding.files import answered, failed
from tests.terminal_harness import TerminalProgram

ROWS = [
    {"vendor": "Acme", "total": 120.50, "lines": [{"sku": "A6", "qty": 7}]},
    {"vendor": "Globex", "total": 99, "lines": []},
    {"vendor": "Acme", "total": None},
]
LINES = [
    *(
        answered(f"doc-{n}", f"Here:\n\n```json\n{json.dumps(row, indent=2)}\n```\nDone.")
        for n, row in enumerate(ROWS)
    ),
    answered("prose", "no data"),
    failed("bad", "api_error", "x"),
]
DATA = b"\n".join(LINES)  # real downloads do not end their last line


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    path.write_bytes(DATA)
    return path


def table(out: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(out.decode(), newline="")))


def test_fields_as_a_table(program: Program, file: Path) -> None:
    got = program(
        "results", file, "--format", "csv", "--fields", "custom_id,.vendor,.total,.lines[0].sku"
    )
    assert got.code == 0
    rows = table(got.out)
    assert list(rows[0]) == ["custom_id", ".vendor", ".total", ".lines[0].sku"]
    assert list(rows[0].values()) == ["doc-0", "Acme", "120.5", "A6"]
    assert list(rows[2].values()) == ["doc-2", "Acme", "", ""]
    assert len(rows) == 5


def test_a_query_may_begin_with_a_minus(program: Program, file: Path) -> None:
    got = program("results", file, "--query", "-type:errored", "--fields", "id")
    assert [one["id"] for one in got.records] == ["doc-0", "doc-1", "doc-2", "prose"]
    got = program("results", file, "--query", "-has:.total type:succeeded", "--fields", "id")
    assert [one["id"] for one in got.records] == ["prose"]


def test_groups_are_one_object_a_line(program: Program, file: Path) -> None:
    got = program("results", file, "--group", ".vendor", "--json")
    assert got.records == [
        {"value": "Acme", "rows": 2, "share": 0.4},
        {"value": None, "rows": 2, "share": 0.4, "absent": True},
        {"value": "Globex", "rows": 1, "share": 0.2},
    ]
    got = program("results", file, "--group", ".total", "--query", "has:.total", "--json")
    assert [one["value"] for one in got.records] == [120.5, 99, None]
    got = program("results", file, "--group", "type", "--json")
    assert [one["value"] for one in got.records] == ["succeeded", "errored"]
    refused = program("results", file, "--group", "vendr")
    assert refused.code == 2
    assert ".vendor" in refused.err


def test_the_last_line_is_ended(program: Program, file: Path, tmp_path: Path) -> None:
    assert program("results", file).out == DATA + b"\n"
    target = tmp_path / "copy.jsonl"
    assert program("results", file, "--output", target).code == 0
    assert target.read_bytes() == DATA + b"\n"
    assert program("results", file, "--output", target).code == 2


def test_what_was_guarded_is_said(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b"\n".join([answered("-0-0", "=1+1"), answered("-1", "-1"), b""]))
    got = program("results", path, "--format", "csv", "--fields", "custom_id,text")
    assert table(got.out) == [
        {"custom_id": "'-0-0", "text": "'=1+1"},
        {"custom_id": "-1", "text": "-1"},
    ]
    assert "2 texts that a spreadsheet would run" in got.err
    path.write_bytes(answered("a", '{"vendor": "@acme"}') + b"\n")
    groups = program("results", path, "--group", ".vendor", "--format", "csv")
    assert table(groups.out)[0]["value"] == "'@acme"
    assert "1 text that a spreadsheet would run" in groups.err


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(DATA[:900]) + gzip.compress(DATA[900:]),
        bz2.compress(DATA),
        lzma.compress(DATA),
        json.dumps([json.loads(line) for line in LINES], indent=1).encode(),
        b"\n".join(json.dumps(json.loads(line), indent=2).encode() for line in LINES),
        b"".join(LINES),
        b"\xef\xbb\xbf" + DATA.replace(b"\n", b"\r\n"),
    ],
    ids=["gzip", "bzip2", "xz", "list", "pretty", "glued", "bom and crlf"],
)
def test_any_way_of_keeping_results_can_be_read(
    program: Program, tmp_path: Path, packed: bytes
) -> None:
    path = tmp_path / "results"
    path.write_bytes(packed)
    got = program("results", path, "--query", ".total>100", "--fields", "custom_id,.total")
    assert got.records == [{"custom_id": "doc-0", ".total": 120.5}]
    assert len(program("results", path).records) == 5


def test_zstd_can_be_read(program: Program, tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    path = tmp_path / "results.zst"
    pack = zstandard.ZstdCompressor().compress
    path.write_bytes(pack(DATA[:900]) + pack(DATA[900:]))
    assert len(program("results", path).records) == 5


def test_pipes_can_be_read(file: Path, tmp_path: Path) -> None:
    words = command("results", "-", "--query", ".vendor=Acme", "--fields", "id")
    piped = subprocess.run(
        words, input=gzip.compress(DATA), stdout=subprocess.PIPE, check=True, timeout=60
    )
    assert [json.loads(line)["id"] for line in piped.stdout.splitlines()] == ["doc-0", "doc-2"]
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    writer = threading.Thread(target=lambda: fifo.write_bytes(file.read_bytes()), daemon=True)
    writer.start()
    named = subprocess.run(
        command("results", str(fifo)), stdout=subprocess.PIPE, check=True, timeout=60
    )
    assert named.stdout == DATA + b"\n"
    writer.join()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"SQLite format 3\0" + bytes(100), "SQLite"),
        (b'{"custom_id":"a","params":{"model":"m"}}\n', "request file"),
        (b'{\n "id": "msgbatch_1",\n "type": "message_batch"\n}', "batchtui msgbatch_1"),
        (b'{"id":"b","object":"batch","output_file_id":"f"}', "output_file_id"),
        (b"\xff\xfe{\0", "UTF-16"),
    ],
)
def test_what_is_not_results_is_named(
    program: Program, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)
    for verb in ("results", "open"):
        outcome = program(verb, path)
        assert outcome.code == 2
        assert words in outcome.err


def test_what_no_terminal_can_show_is_refused_with_the_way_out(
    program: Program, file: Path
) -> None:
    refusal = "There is no terminal that can show it."
    outcome = program("open", file)
    assert outcome.code == 2
    assert refusal in outcome.err
    assert "`batchtui results FILE --format text` writes it." in outcome.err
    environ = {**terminal_environ(), "TERM": "dumb"}
    with TerminalProgram(command("open", file), columns=100, environ=environ) as refused:
        assert refused.wait_for_exit() == 2
        assert refusal in refused.text
        assert b"\x1b" not in refused.output


def test_keys_come_from_the_terminal_where_a_pipe_brings_the_file(file: Path) -> None:
    line = f"cat {shlex.quote(str(file))} | {shlex.join(command('open', '-'))}"
    with TerminalProgram(["sh", "-c", line], columns=100, environ=terminal_environ()) as shown:
        shown.wait_for("doc-1")
        shown.press("q")
        assert shown.wait_for_exit() == 0


def test_a_file_that_is_not_there_is_told(program: Program) -> None:
    outcome = program("results", "./no/such/file.jsonl")
    assert outcome.code == 2
    assert "file.jsonl" in outcome.err


def test_damage_is_told(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "r.gz"
    path.write_bytes(gzip.compress(DATA)[:60])
    outcome = program("results", path)
    assert "ends in the middle" in outcome.err
    assert outcome.code == 1


def test_a_pattern_of_ones_own_finds_the_fields(program: Program, tmp_path: Path) -> None:
    data = b"".join(
        answered(f"doc-{n}", f"Tier: {'AB'[n % 2]}\nScore: {n}") + b"\n" for n in range(4)
    )
    file = tmp_path / "sections.jsonl"
    file.write_bytes(data)
    pattern = r"(?P<key>\w+): (?P<value>.+)"
    got = program("results", file, "--record-pattern", pattern, "--group", ".Tier", "--json")
    assert [(one["value"], one["rows"]) for one in got.records] == [("A", 2), ("B", 2)]
    found = program(
        "results", file, "--record-pattern", pattern, "--query", ".Score>1", "--fields", "custom_id"
    )
    assert [one["custom_id"] for one in found.records] == ["doc-2", "doc-3"]
    refused = program("results", file, "--record-pattern", r"\d+", "--group", "type")
    assert refused.code == 2
    assert "no named group" in refused.err
    # the whole file as it is has no need of records
    whole = program("results", file, "--record-pattern", pattern)
    assert whole.out == data


def test_another_vendors_answers_are_named(program: Program, tmp_path: Path) -> None:
    lost = {"custom_id": "b", "response": None, "error": {"message": "lost", "code": "c"}}
    names = {}
    for model in ("gpt-4o", "mistral-small-latest"):
        choice = {"message": {"content": "A"}, "finish_reason": "stop"}
        body = {"model": model, "choices": [choice]}
        answer = {"custom_id": "a", "response": {"status_code": 200, "body": body}}
        file = names[model] = tmp_path / f"{model}.jsonl"
        file.write_text("".join(f"{json.dumps(line)}\n" for line in (lost, answer)))
    gpt, mistral = names.values()
    assert "gpt-4o.jsonl is read as OpenAI chat completions." in program("results", gpt).err
    said = program("diff", gpt, mistral).err
    assert "mistral-small-latest.jsonl is read as Mistral." in said


def test_one_of_a_thing_is_written_in_the_singular(program: Program, tmp_path: Path) -> None:
    line = rows_of(1, 0, 0, 0).decode()
    results = tmp_path / "r.jsonl"
    results.write_text(line.replace("Fine", "=Fine"))
    outcome = program("results", results, "--format", "csv", "--output", tmp_path / "o.csv")
    assert "1 row written" in outcome.err
    assert "1 text that a spreadsheet would run as a formula begins" in outcome.err


def test_a_field_without_its_dot_is_told_apart_from_a_slip(program: Program, file: Path) -> None:
    assert ".vendor" in program("results", file, "--query", "vendor:acme").err
    assert "Did you mean “error”?" in program("results", file, "--query", "eror:x").err
    assert "“succeeded”" in program("results", file, "--query", "type:succeded").err


def test_a_field_of_few_answers_is_not_said_to_be_in_none(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "many.jsonl"
    records = [{"n": number, **({"rare": 1} if number == 2500 else {})} for number in range(3000)]
    lines = (answered(f"id-{one['n']}", json.dumps(one)) for one in records)
    file.write_bytes(b"\n".join(lines))
    outcome = program("results", file, "--fields", ".rare,.rrae", "--format", "csv")
    assert outcome.out.decode().split().count("1,") == 1
    assert "No answer has .rare." not in outcome.err
    assert "No answer has .rrae." in outcome.err


@pytest.mark.parametrize(
    "words",
    [
        ("--query", ".vendr:acme"),
        ("--query", "has:.vendr"),
        ("--query", "has:.vendor,.vendr"),
        ("--query", "sort:.vendr"),
        ("--group", ".vendr"),
        ("--fields", "custom_id,.vendr", "--format", "csv"),
    ],
)
def test_a_field_that_no_answer_has_is_told_with_what_was_meant(
    program: Program, file: Path, words: tuple[str, ...]
) -> None:
    assert "No answer has .vendr. Did you mean .vendor?" in program("results", file, *words).err
    meant = (word.replace("vendr", "vendor") for word in words)
    assert "No answer has" not in program("results", file, *meant).err


def test_groups_go_where_they_are_wanted(program: Program, file: Path, tmp_path: Path) -> None:
    words = ("results", file, "--group", ".vendor")
    sheet, lines = tmp_path / "g.csv", tmp_path / "g.jsonl"
    got = program(*words, "--output", sheet, "--format", "csv")
    assert (got.code, got.out) == (0, b"")
    assert sheet.read_bytes() == b"value,rows,share\r\nAcme,2,0.4\r\n,2,0.4\r\nGlobex,1,0.2\r\n"
    assert f"3 groups written to {sheet}." in got.err
    assert program(*words, "--format", "csv").out == sheet.read_bytes()
    again = program(*words, "--output", sheet, "--format", "csv")
    assert again.code == 2
    assert again.err.endswith(
        "exists already\n  Choose another name, or replace it with --force.\n"
    )
    assert program(*words, "--output", file, "--force").code == 2  # it is read
    assert program(*words, "--output", lines).code == 0
    assert lines.read_bytes() == program(*words, "--json").out


def test_a_group_of_nulls_is_an_empty_cell_in_a_table(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    values = [None, None, None, "null", "null", False]
    lines = (answered(f"r{n}", json.dumps({"v": value})) for n, value in enumerate(values))
    file.write_bytes(b"\n".join(lines))
    written = program("results", file, "--group", ".v", "--format", "csv").out
    assert [row["value"] for row in table(written)] == ["", "null", "false"]


@pytest.mark.parametrize(
    ("words", "name", "form"),
    [
        ((), "t.csv", "csv"),
        ((), "t.CSV", "csv"),
        ((), "t.txt", "text"),
        ((), "t.jsonl", "jsonl"),
        ((), "t.json", "jsonl"),
        ((), "t", "jsonl"),
        (("--fields", ".vendor,.total"), "t.csv", "csv"),
        (("--fields", ".vendor", "--query", ".total>0"), "t.txt", "text"),
        (("--fields", ".vendor", "--json"), "t.csv", "jsonl"),
        (("--fields", ".vendor", "--format", "jsonl"), "t.csv", "jsonl"),
        (("--fields", ".vendor", "--format", "csv"), "t.jsonl", "csv"),
        (("--group", ".vendor"), "g.csv", "csv"),
        (("--group", ".vendor"), "g.txt", "jsonl"),
        (("--group", ".vendor", "--json"), "g.csv", "jsonl"),
    ],
)
def test_a_file_is_written_as_its_ending_says(
    program: Program, file: Path, tmp_path: Path, words: tuple[str, ...], name: str, form: str
) -> None:
    target = tmp_path / name
    assert program("results", file, *words, "--output", target).code == 0
    format_words = () if "--format" in words or "--json" in words else ("--format", form)
    assert target.read_bytes() == program("results", file, *words, *format_words).out
    is_json = target.read_bytes().startswith(b"{")
    assert is_json == (form == "jsonl")


def test_a_table_and_chats_are_written_as_the_ending_says(
    program: Program, file: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "t.parquet"
    words = ("results", file, "--fields", ".vendor", "--output", sheet)
    assert program(*words).code == 0
    assert sheet.read_bytes().startswith(b"PAR1")
    chats = program("results", file, "--output", tmp_path / "t.messages.jsonl")
    assert "messages need the requests" in chats.err
    refused = program("results", file, "--group", ".vendor", "--output", tmp_path / "g.parquet")
    assert refused.code == 2
    assert "--group cannot be used with --output" in refused.err
    folder = tmp_path / "answers.csv"
    folder.mkdir()
    assert program("results", file, "--output", folder).code == 0
    (within,) = folder.iterdir()
    assert within.suffix == ".jsonl"


@pytest.mark.parametrize(
    "words",
    [
        ("--fields", ".total"),
        ("--format", "parquet"),
        ("--format", "messages"),
        ("--format", "text"),
        ("--format", "csv", "--json"),
        ("--join", "table.csv"),
    ],
)
def test_what_groups_cannot_have_is_refused(
    program: Program, file: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    target = tmp_path / "g"
    got = program("results", file, "--group", ".vendor", *words, "--output", target)
    assert (got.code, got.out, target.exists()) == (2, b"", False)
    assert "--group cannot be used with --" in got.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--record-pattern", "(?P<a>"), "This is not a valid pattern"),
        (("--record-pattern", r"\d+"), "no named group"),
        (("--record-pattern", r"\d+", "--format", "text"), "no named group"),
        (("--group", ""), "--group needs a field"),
        (("--fields", ""), "--fields needs a field"),
        (("--fields", " ,", "--format", "csv"), "--fields needs a field"),
    ],
)
def test_nothing_is_written_where_an_option_says_nothing(
    program: Program, file: Path, words: tuple[str, ...], said: str
) -> None:
    got = program("results", file, *words)
    assert (got.code, got.out) == (2, b"")
    assert said in got.err


def test_a_file_is_not_called_a_batch(program: Program, file: Path) -> None:
    got = program("results", file, "--format", "messages")
    assert got.code == 2
    assert "no request file is attached\n" in got.err
    assert "batch " not in got.err.splitlines()[0].replace("batchtui", "")


@pytest.mark.parametrize("words", [(), ("--query", "type:succeeded")])
def test_a_binary_table_is_not_written_to_a_terminal(file: Path, words: tuple[str, ...]) -> None:
    with on_terminal("results", file, "--format", "parquet", *words) as refused:
        assert refused.wait_for_exit() == 2
        assert "Use --output FILE." in refused.text


def test_half_a_sign_is_the_value_of_a_group(program: Program, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(answered("a", r'{"v": "\ud800"}'))
    assert program("results", path, "--group", ".v", "--json").records[0]["value"] == "\ud800"
    assert b"\\ud800," in program("results", path, "--group", ".v", "--format", "csv").out
