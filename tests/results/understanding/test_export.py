"""Rows taken out: as received or as a table, whole or not at all, never over another file."""

import csv
import io
import os
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from batchtui.results import export_formats
from batchtui.results.cell_guard import CellGuard
from batchtui.results.errors import ResultsFileError
from batchtui.results.export import Export, ExportCanceled, ExportProgress
from batchtui.results.export_formats import COLUMNS
from batchtui.results.target import (
    ExportFormat,
    copy_results,
    mark_partial,
    resolve_target,
    suggest_name,
)
from batchtui.whole_files import FileExists
from tests.results.understanding.files import ResultsFile, answered, failed, not_run

LINES = [
    answered("doc-1", 'two\nlines, "quoted" 請求書', ensure_ascii=False),
    failed("-x", "invalid_request_error", "=cmd|' /C calc'!A0"),
    not_run("c", "expired"),
    b"not json \xff",
    answered("=1+1", "@SUM(1)", content=[{"type": "tool_use", "name": "f", "input": {"a": 1.50}}]),
    answered("odd", "lone \ud800"),
]


@pytest.fixture
def file(tmp_path: Path) -> ResultsFile:
    return ResultsFile(tmp_path / "r.jsonl", LINES).finish()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def export_all(
    file: ResultsFile,
    form: ExportFormat = "jsonl",
    on_progress: Callable[[ExportProgress], None] | None = None,
    is_canceled: Callable[[], bool] | None = None,
) -> Export:
    rows = array("I", range(len(file.index)))
    return Export(file.index, file.reader, rows, form, on_progress, is_canceled)


def test_lines_come_out_as_received(file: ResultsFile, out: Path) -> None:
    target = export_all(file).write_file(out / "x.jsonl")
    assert target.read_bytes() == b"".join(line + b"\n" for line in LINES)
    some = Export(file.index, file.reader, iter([3, 0, 1]))
    stream = io.BytesIO()
    progress = some.write_to(stream)
    assert stream.getvalue() == b"".join(LINES[row] + b"\n" for row in (3, 0, 1))
    assert progress == ExportProgress(3, None, len(stream.getvalue()))


def test_line_endings_and_blank_lines_are_made_plain(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [LINES[0] + b"\r", b"", LINES[2] + b"\r", b" "])
    stream = io.BytesIO()
    export_all(file).write_to(stream)
    assert stream.getvalue() == LINES[0] + b"\n" + LINES[2] + b"\n"


def test_long_lines_are_copied_in_pieces(
    file: ResultsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_formats, "_PIECE", 50)
    stream = io.BytesIO()
    seen: list[ExportProgress] = []
    export_all(file, on_progress=seen.append).write_to(stream)
    assert stream.getvalue() == b"".join(line + b"\n" for line in LINES)
    assert seen[-1] == ExportProgress(len(LINES), len(LINES), len(stream.getvalue()))


def test_a_table_holds_what_the_rows_say(file: ResultsFile) -> None:
    stream = io.BytesIO()
    export_all(file, form="csv").write_to(stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue().decode(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["text"] == 'two\nlines, "quoted" 請求書'
    assert rows[0]["input_tokens"] == "10"
    assert rows[0]["cache_read_tokens"] == ""
    assert rows[1]["custom_id"] == "'-x"
    assert rows[1]["error_message"] == "'=cmd|' /C calc'!A0"
    assert rows[1]["error_type"] == "invalid_request_error"
    assert rows[2]["type"] == "expired"
    assert rows[3]["type"] == "unreadable"
    assert rows[4]["custom_id"] == "'=1+1"
    assert rows[4]["tool_calls"] == '[{"name":"f","input":{"a": 1.5}}]'
    assert rows[5]["text"] == "lone \\ud800"


@given(st.text() | st.text(st.sampled_from("-+=@0.1e "), max_size=6))
@example("++0")
@example("+ 0")
@example("\0=1+1")
def test_no_cell_is_a_formula(text: str) -> None:
    cell = CellGuard().write(text).lstrip("\0")
    if cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        float(cell)  # a number stays one


@pytest.mark.parametrize("text", ["-1", "-0.5", "+5", "-1e3", "007", "plain", "a=1", "", "a\0b"])
def test_numbers_and_usual_texts_stay_as_they_are(text: str) -> None:
    guard = CellGuard()
    assert guard.write(text) == text
    assert guard.remark == ""


@given(st.lists(st.text() | st.text(st.sampled_from("-+=@0'\t\0"), max_size=4)))
def test_no_cell_is_altered_without_a_word(texts: list[str]) -> None:
    guard = CellGuard()
    assert sum(guard.write(text) != text for text in texts) == guard.altered


def test_an_existing_file_is_kept_unless_told(file: ResultsFile, out: Path) -> None:
    target = out / "x.jsonl"
    target.write_text("mine")
    with pytest.raises(FileExists) as caught:
        export_all(file).write_file(target)
    assert caught.value.path == target
    assert caught.value.hint
    assert target.read_text() == "mine"
    export_all(file).write_file(target, overwrite=True)
    assert target.read_bytes().startswith(LINES[0])
    assert list(out.iterdir()) == [target]


def test_a_file_that_appears_meanwhile_is_kept(file: ResultsFile, out: Path) -> None:
    target = out / "x.jsonl"

    def meddle(_: ExportProgress) -> None:
        target.write_text("theirs")

    with pytest.raises(FileExists):
        export_all(file, on_progress=meddle).write_file(target)
    assert target.read_text() == "theirs"
    assert list(out.iterdir()) == [target]


def test_a_stopped_export_leaves_nothing(file: ResultsFile, out: Path) -> None:
    with pytest.raises(ExportCanceled):
        export_all(file, is_canceled=lambda: True).write_file(out / "x.jsonl")
    assert list(out.iterdir()) == []


def test_a_folder_gets_a_named_file(file: ResultsFile, out: Path) -> None:
    target = export_all(file, form="csv").write_file(out, title="May / été: 5")
    assert target == out / "May-été-5.csv"
    partial = export_all(file).write_file(out, title="x", is_partial=True)
    assert partial.name == "x.partial.jsonl"
    named = export_all(file).write_file(out / "mine.jsonl", is_partial=True)
    assert named.name == "mine.partial.jsonl"


def test_home_and_links_are_followed(
    file: ResultsFile, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(out))
    assert export_all(file).write_file("~/a b.jsonl") == out / "a b.jsonl"
    link = out / "link"
    link.symlink_to(out / "a b.jsonl")
    with pytest.raises(FileExists):
        export_all(file).write_file(link)
    export_all(file).write_file(link, overwrite=True)
    assert link.is_symlink()


def test_devices_take_what_they_are_given(file: ResultsFile) -> None:
    assert export_all(file).write_file("/dev/null") == Path("/dev/null")


@pytest.mark.parametrize("target", ["", "  ", "a\0b", "/no/such/folder/x", "/no/such/"])
def test_a_bad_target_is_told(file: ResultsFile, target: str) -> None:
    with pytest.raises(ResultsFileError):
        export_all(file).write_file(target)


def test_a_folder_without_permission_is_told(file: ResultsFile) -> None:
    with pytest.raises(ResultsFileError):
        export_all(file).write_file("/proc/x.jsonl")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("", "results.jsonl"),
        ("...", "results.jsonl"),
        ("../../etc/passwd", "etc-passwd.jsonl"),
        ("a\x1b[31m\n/b", "a-31m-b.jsonl"),
        ("x" * 500, "x" * 100 + ".jsonl"),
        ("msgbatch_01Hk", "msgbatch_01Hk.jsonl"),
    ],
)
def test_names_are_safe(title: str, name: str) -> None:
    assert suggest_name(title, "jsonl") == name


def test_partial_is_said_once(tmp_path: Path) -> None:
    assert mark_partial(Path("a/x.partial.jsonl")) == Path("a/x.partial.jsonl")
    assert mark_partial(Path("a/x")) == Path("a/x.partial")
    assert resolve_target(tmp_path, "n.csv") == tmp_path / "n.csv"


@pytest.mark.parametrize("copied", [0, 60])
def test_a_file_is_whole_though_the_kernel_copies_only_some_of_it(
    monkeypatch: pytest.MonkeyPatch, file: ResultsFile, out: Path, copied: int
) -> None:
    def copy_some(source: int, target: int, count: int, offset: int) -> int:
        return os.write(target, os.pread(source, min(count, copied - offset), offset))

    monkeypatch.setattr(os, "copy_file_range", copy_some)
    target = copy_results(file.path, out / "x.jsonl", title="", overwrite=False)
    assert target.read_bytes() == file.path.read_bytes()


def test_a_file_is_copied_into_a_pipe(file: ResultsFile, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as beside:
        read = beside.submit(pipe.read_bytes)
        copy_results(file.path, pipe, title="", overwrite=False)
        assert read.result(10) == file.path.read_bytes()
