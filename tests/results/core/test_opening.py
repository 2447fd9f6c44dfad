"""Any results file on disk: plain, gzip, odd at its ends, still growing."""

import asyncio
import bz2
import gzip
import lzma
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui import folders
from batchtui.results.blocks import PlainBlocks
from batchtui.results.errors import ResultsFileError, RewrittenError
from batchtui.results.foreign import NotResultsError
from batchtui.results.opening import LoadProgress, ResultsFile, open_results
from tests.batches.fakes import FastClock
from tests.results.core.making import errored, succeeded, type_names

LINES = [succeeded(f"id-{number}", "word " * 200) for number in range(2_000)]
DATA = b"\n".join(LINES) + b"\n"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def ids(file: ResultsFile) -> list[str]:
    return file.index.custom_ids(0, len(file.index))


async def check_whole(file: ResultsFile) -> None:
    assert 0 < len(file.index) < len(LINES)
    seen: list[LoadProgress] = []
    await file.load(seen.append)
    assert seen[-1] == file.progress
    assert file.progress.is_loaded
    assert file.progress.rows == len(LINES)
    assert file.progress.bytes_read == file.progress.bytes_total
    assert ids(file) == [f"id-{number}" for number in range(len(LINES))]
    with file.reader() as reader:
        file.close()
        assert reader.raw(1_234) == LINES[1_234]


async def test_a_plain_file(tmp_path: Path) -> None:
    await check_whole(open_results(write(tmp_path / "r.jsonl", DATA)))


@pytest.mark.parametrize("parts", [1, 3])
async def test_a_gzip_file_of_one_or_several_parts(
    tmp_path: Path, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(DATA) // parts + 1
    packed = b"".join(gzip.compress(DATA[n : n + size]) for n in range(0, len(DATA), size))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(folders, "_ROOMY", scratch)
    await check_whole(open_results(write(tmp_path / "r.jsonl.gz", packed)))
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "garbage"])
@pytest.mark.parametrize(
    ("name", "pack"), [("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)]
)
async def test_a_damaged_packed_file_shows_what_it_has(
    tmp_path: Path, name: str, pack: Callable[[bytes], bytes], damage: str
) -> None:
    # bzip2 unpacks nothing of a block of 900 kB that is not whole
    packed = pack(DATA * 4)
    most = packed[: len(packed) * 3 // 4]
    file = open_results(
        write(tmp_path / "r.packed", most if damage == "cut" else most + b"\x00" * 3_000)
    )
    await file.load()
    assert 0 < len(file.index) < len(LINES) * 4
    assert name in file.progress.problem
    file.close()


async def test_bom_crlf_blank_lines_and_no_final_newline(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + b"\r\n\r\n".join([succeeded("a"), errored("b"), succeeded("c")])
    file = open_results(write(tmp_path / "r", data))
    await file.load()
    assert ids(file) == ["a", "b", "c"]
    assert type_names(file.index) == ["succeeded", "errored", "succeeded"]
    file.close()


async def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    file = open_results(write(tmp_path / "r", b""))
    await file.load()
    assert len(file.index) == 0
    assert file.progress.is_loaded
    assert not file.has_changed()
    file.close()


async def test_rows_written_later_are_found(tmp_path: Path) -> None:
    path = write(tmp_path / "r", succeeded("a") + b"\n" + succeeded("b")[:20])
    file = open_results(path, clock=FastClock(datetime.now(UTC)))
    await file.load()
    assert ids(file) == ["a"]
    assert file.progress.unfinished == 20
    with path.open("ab") as writer:
        writer.write(succeeded("b")[20:] + b"\n" + succeeded("c"))
    assert file.has_changed()
    await file.load()
    assert ids(file) == ["a", "b", "c"]  # the last one is whole, though its line end is to come
    with path.open("ab") as writer:
        writer.write(b"\n" + succeeded("a") + b"\n")
    await file.load()
    assert ids(file) == ["a", "b", "c", "a"]
    assert file.index.duplicate_rows == 1
    assert not file.has_changed()
    file.close()


async def test_a_torn_end_becomes_a_row_once_nobody_writes_any_more(tmp_path: Path) -> None:
    path = write(tmp_path / "r", succeeded("a") + b"\n" + succeeded("b")[:20])
    clock = FastClock(datetime.now(UTC))
    file = open_results(path, clock=clock)
    await file.load()
    assert not file.has_changed()
    clock.suspend(60)
    assert file.has_changed()
    await file.load()
    assert type_names(file.index) == ["succeeded", "unreadable"]
    assert not file.has_changed()
    with path.open("ab") as writer:  # and if somebody does after all, it is read again
        writer.write(succeeded("b")[20:] + b"\n")
    await file.load()
    assert ids(file) == ["a", "b"]
    assert type_names(file.index) == ["succeeded", "succeeded"]
    file.close()


async def test_a_torn_end_is_a_row_in_a_file_whose_date_is_to_come(tmp_path: Path) -> None:
    path = write(tmp_path / "r", succeeded("a") + b"\n" + succeeded("b")[:20])
    file = open_results(path, clock=FastClock(datetime.now(UTC) - timedelta(hours=1)))
    await file.load()
    assert type_names(file.index) == ["succeeded", "unreadable"]
    file.close()


async def test_a_file_overwritten_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path / "r", succeeded("a") + b"\n" + succeeded("b") + b"\n")
    file = open_results(path)
    await file.load()
    before = file.index
    path.write_bytes(succeeded("c") + b"\n")
    assert file.has_changed()
    await file.load()
    assert ids(file) == ["c"]
    assert file.index is not before
    file.close()


def rewrite(path: Path, data: bytes, how: str) -> None:
    """Put other bytes under a name, as other programs do."""
    if how == "by rename":
        other = path.with_name("other")
        other.write_bytes(data)
        other.replace(path)
        return
    status = path.stat()
    with path.open("r+b") as file:
        file.write(data)
        file.truncate(len(data))
    later = 0 if how == "in place, date put back" else 1_000_000
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + later))


@pytest.mark.parametrize("how", ["in place", "in place, date put back", "by rename"])
@pytest.mark.parametrize("change", ["same size", "longer", "longer, same ends", "shorter"])
async def test_a_rewritten_file_never_gives_a_wrong_row(
    tmp_path: Path, how: str, change: str
) -> None:
    old = [succeeded(f"old-{number}", "x" * 50) for number in range(500)]
    new = [succeeded(f"new-{number}", "y" * 50) for number in range(500)]
    new = {
        "longer": [*new, succeeded("more")],
        "longer, same ends": [*old[:200], *new[200:400], *old[400:], succeeded("more")],
        "shorter": new[:400],
    }.get(change, new)
    path = write(tmp_path / "r", b"\n".join(old) + b"\n")
    file = open_results(path)
    await file.load()
    before, reader = file.index, file.reader()
    assert reader.span(before.offsets[7], before.lengths[7]) == old[7]
    rewrite(path, b"\n".join(new) + b"\n", how)
    for row in (0, 250, 350):
        try:
            line = reader.span(file.index.offsets[row], file.index.lengths[row])
        except RewrittenError:
            continue
        assert line == old[row]
    assert file.has_changed()
    await file.load()
    assert file.index is not before
    assert ids(file)[350] == "new-350"
    assert len(file.index) == len(new)
    try:  # the reader of before knows the rows of before, or none
        assert reader.raw(499) == old[499]
    except RewrittenError:
        assert how != "by rename"
    with file.reader() as fresh:
        assert fresh.raw(350) == new[350]
    assert not file.has_changed()
    reader.close()
    file.close()


@pytest.mark.parametrize("change", ["same size", "longer"])
async def test_a_row_rewritten_far_from_the_end_of_a_large_file_is_found(
    tmp_path: Path, change: str
) -> None:
    rows = [succeeded(f"id-{number}", "x" * 80_000) for number in range(150)]
    path = write(tmp_path / "r", b"\n".join(rows) + b"\n")
    file = open_results(path)
    await file.load()
    rows[20] = succeeded("other", "x" * (80_000 - len("other") + len("id-20")))
    if change == "longer":
        rows[20:21] = [rows[20], succeeded("more")]
    rewrite(path, b"\n".join(rows) + b"\n", "in place")
    with file.reader() as reader, pytest.raises(RewrittenError):
        reader.raw(20)
    file.close()


async def test_a_large_file_rewritten_after_its_first_rows_were_read_is_read_again(
    tmp_path: Path,
) -> None:
    old, new = (
        b"".join(succeeded(f"{name}-{number}", "x" * 1_000) + b"\n" for number in range(12_000))
        for name in ("old", "new")
    )
    path = write(tmp_path / "r", old)
    file = open_results(path)
    assert file.progress.bytes_read < len(old) - 8 * 1024 * 1024
    rewrite(path, new + succeeded("more") + b"\n", "in place")
    await file.load()
    assert ids(file)[0] == "new-0"
    assert len(file.index) == 12_001
    file.close()


def test_blocks_rewritten_while_later_ones_are_read_are_noticed(tmp_path: Path) -> None:
    megabyte = 1024 * 1024
    path = write(tmp_path / "r", b"old " * (5 * megabyte))
    blocks = PlainBlocks(path)
    while blocks.read(megabyte):
        if blocks.position() == 10 * megabyte:
            rewrite(path, b"new " * (5 * megabyte) + b"more", "in place")
    assert blocks.is_rewritten()
    blocks.close()


async def test_a_file_rewritten_before_the_first_row_is_read_gives_none(tmp_path: Path) -> None:
    path = write(tmp_path / "r", succeeded("old", "x") + b"\n")
    file = open_results(path)
    await file.load()
    rewrite(path, succeeded("new", "y") + b"\n", "in place")
    with file.reader() as reader, pytest.raises(RewrittenError):
        reader.raw(0)
    file.close()


async def test_a_file_that_only_grows_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path / "r", DATA)
    file = open_results(path)
    await file.load()
    index, reader = file.index, file.reader()
    with path.open("ab") as writer:
        writer.write(succeeded("more") + b"\n")
    assert reader.raw(5) == LINES[5]
    await file.load()
    assert file.index is index
    assert len(file.index) == len(LINES) + 1
    reader.close()
    file.close()


async def test_following_tells_of_new_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "r", succeeded("a") + b"\n")
    file = open_results(path, clock=FastClock(datetime.now(UTC)))
    await file.load()
    news: asyncio.Queue[int] = asyncio.Queue()
    following = asyncio.create_task(file.follow(lambda told: news.put_nowait(told.rows)))
    for number in (2, 3, 4):
        with path.open("ab") as writer:
            writer.write(succeeded(str(number)) + b"\n")
        while await news.get() < number:
            pass
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    file.close()


async def test_the_event_loop_answers_while_a_file_is_indexed(tmp_path: Path) -> None:
    file = open_results(write(tmp_path / "r", DATA * 20))
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(count_turns())
    await file.load()
    counting.cancel()
    assert len(file.index) == 20 * len(LINES)
    assert turns > 10
    file.close()


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
def test_what_is_no_file_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "r"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(ResultsFileError, match=r"cannot read .*: (there is no|it is)"):
        open_results(path)


async def test_a_file_of_anything_is_shown_as_unreadable_rows(tmp_path: Path) -> None:
    file = open_results(write(tmp_path / "r", b"\x00\xff\n" * 100 + b"\x1b[31m\n"))
    await file.load()
    assert set(type_names(file.index)) == {"unreadable"}
    assert len(file.index) == 101
    file.close()


@pytest.mark.parametrize(
    ("line", "vendor"),
    [
        ('{"custom_id": "a", "method": "POST", "url": "/v1", "body": {}}', "OpenAI"),
        ('{"key": "a", "request": {"contents": []}}', "Gemini"),
        ('{"custom_id": "a", "method": "POST", "request": {"contents": []}}', "Gemini"),
        ('{"recordId": "a", "modelInput": {"messages": []}}', "Bedrock"),
    ],
)
def test_requests_for_another_vendor_are_named(tmp_path: Path, line: str, vendor: str) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(f"{line}\n{line}\n")
    with pytest.raises(NotResultsError, match=f"is a request file for {vendor}"):
        open_results(path)
