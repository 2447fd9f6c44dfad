"""Lines of another vendor: taken block by block, however they are cut, packed or still written."""

import gzip
import json
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from batchtui.results import relined
from batchtui.results.blocks import PlainBlocks
from batchtui.results.lines import LineSplitter
from batchtui.results.opening import ResultsFile, open_results
from batchtui.results.relined import RelinedBlocks
from tests.results.core.making import type_names


def answer(name: object, text: str = "Hello") -> bytes:
    """A row of a script, which is a vendor's shape too."""
    return json.dumps({"custom_id": str(name), "text": text}).encode() + b"\n"


def ids(file: ResultsFile) -> list[str]:
    return file.index.custom_ids(0, len(file.index))


def pieces(blocks: RelinedBlocks, size: int) -> Iterator[bytes]:
    with closing(blocks):
        while data := blocks.read(size):
            yield data


def converted(path: Path, size: int) -> list[bytes]:
    return b"".join(pieces(RelinedBlocks(PlainBlocks(path), path), size)).splitlines()


def test_no_more_of_a_file_is_read_than_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(b"".join(answer(number, "x" * 1_000) for number in range(3_000)))
    source = PlainBlocks(path)
    with closing(RelinedBlocks(source, path)) as blocks:
        assert len(blocks.read(1_000)) == 1_000
        assert source.position() < 500_000 < source.total()


@pytest.mark.parametrize("size", [7, 100_000])
def test_lines_are_the_same_however_they_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(relined, "LOOKED_AT", 60)
    path = tmp_path / "r"
    rows = [answer("a"), b"\r\n", b"no json\r\n", answer("b", "請求書"), b" \n", answer("c")[:-1]]
    path.write_bytes(BOM_UTF8 + b"".join(rows))
    lines = converted(path, size)
    assert [json.loads(lines[row])["custom_id"] for row in (0, 2, 3)] == ["a", "b", "c"]
    assert lines[1] == b"no json"
    assert len(lines) == 4


@pytest.mark.parametrize("is_packed", [False, True])
async def test_rows_written_later_are_added(tmp_path: Path, is_packed: bool) -> None:
    path = tmp_path / "r"
    pack = gzip.compress if is_packed else bytes
    path.write_bytes(pack(answer("a") + answer("b")))
    file = open_results(path)
    await file.load()
    index = file.index
    for name in ("c", "d"):
        with path.open("ab") as writer:
            writer.write(pack(answer(name)))
        assert file.has_changed()
        await file.load()
        assert not file.has_changed()
    assert file.index is index
    assert ids(file) == ["a", "b", "c", "d"]
    assert file.progress.bytes_read == file.progress.bytes_total == path.stat().st_size
    file.close()


async def test_a_last_line_that_was_not_whole_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(answer("a") + answer("b")[:20])
    file = open_results(path)
    await file.load()
    assert type_names(file.index) == ["succeeded", "unreadable"]
    with path.open("ab") as writer:
        writer.write(answer("b")[20:])
    await file.load()
    assert ids(file) == ["a", "b"]
    assert type_names(file.index) == ["succeeded", "succeeded"]
    file.close()


async def test_a_file_that_became_a_list_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.write_bytes(answer("a") + answer("b"))
    file = open_results(path)
    await file.load()
    other = tmp_path / "other"
    other.write_bytes(b"[" + answer("c") + b"," + answer("d") + b"]")
    other.replace(path)
    await file.load()
    assert ids(file) == ["c", "d"]
    file.close()


def test_a_line_too_long_for_a_result_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relined, "LineSplitter", partial(LineSplitter, max_line=200))
    monkeypatch.setattr(relined, "LOOKED_AT", 60)
    path = tmp_path / "r"
    long = answer("long", "x" * 1_000)
    path.write_bytes(answer("a") + long + answer("b"))
    lines = converted(path, 100)
    assert lines[1] == long[:-1]
    assert [json.loads(lines[row])["custom_id"] for row in (0, 2)] == ["a", "b"]
