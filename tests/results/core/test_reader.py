"""Rows come back as they were received."""

import os
import threading
from pathlib import Path

import pytest

from batchtui.results.errors import ResultsFileError
from batchtui.results.indexing import Indexer
from batchtui.results.reader import RowReader
from tests.results.core.making import index_chunks, succeeded

LINES = [succeeded(f"id-{number}", "x" * number) for number in range(50)]
DATA = b"\r\n".join(LINES)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "results.jsonl"
    path.write_bytes(DATA)
    return path


def test_each_row_is_its_line(path: Path) -> None:
    with RowReader(path, index_chunks([DATA])) as reader:
        for _ in range(2):
            assert [reader.raw(row) for row in range(50)] == LINES
        for row in (-1, 50):
            with pytest.raises(IndexError):
                reader.raw(row)


def kept_rows(reader: RowReader) -> list[int]:
    """Which rows a reader still has once the file says something else, the last one first."""
    reader.path.write_bytes(b"?" * len(DATA))
    return [row for row in reversed(range(50)) if reader.raw(row) == LINES[row]]


def test_the_cache_is_bounded_by_bytes(path: Path) -> None:
    with RowReader(path, index_chunks([DATA]), cache_bytes=1_000) as reader:
        for row in range(50):
            reader.raw(row)
        kept = kept_rows(reader)
        assert kept == list(range(49, 49 - len(kept), -1))
        size = sum(len(LINES[row]) for row in kept)
        assert size <= 1_000 < size + len(LINES[kept[-1] - 1])


def test_nothing_is_kept_that_was_forgotten(path: Path) -> None:
    with RowReader(path, index_chunks([DATA])) as reader:
        for row in range(50):
            reader.raw(row)
        reader.forget()
        assert kept_rows(reader) == []


def test_a_line_larger_than_the_cache_is_read_all_the_same(path: Path) -> None:
    with RowReader(path, index_chunks([DATA]), cache_bytes=10) as reader:
        assert reader.raw(49) == LINES[49]
        assert kept_rows(reader) == []


def test_a_file_that_grows_and_is_renamed(tmp_path: Path) -> None:
    path, indexer = tmp_path / "x.part", Indexer()
    path.write_bytes(b"")
    with RowReader(path, indexer.index) as reader, path.open("ab") as file:
        for number, line in enumerate(LINES):
            file.write(line + b"\n")
            file.flush()
            list(indexer.feed(line + b"\n"))
            assert reader.raw(number) == line
        path.rename(tmp_path / "x")
        reader.forget()
        assert reader.raw(7) == LINES[7]


def test_a_file_cut_short_is_an_error_that_says_so(path: Path) -> None:
    with RowReader(path, index_chunks([DATA])) as reader:
        os.truncate(path, 100)
        with pytest.raises(ResultsFileError, match="shorter"):
            reader.raw(49)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ResultsFileError, match="there is no such file"):
        RowReader(tmp_path / "none", index_chunks([]))


def test_a_reader_that_was_closed_says_that_the_rows_were_read_again(path: Path) -> None:
    reader = RowReader(path, index_chunks([DATA]))
    reader.close()
    with pytest.raises(ResultsFileError, match="were read again meanwhile"):
        reader.raw(0)


def test_threads_may_read_at_once(path: Path) -> None:
    wrong: list[int] = []
    with RowReader(path, index_chunks([DATA]), cache_bytes=2_000) as reader:

        def read(step: int) -> None:
            wrong.extend(row for row in range(0, 50, step) if reader.raw(row) != LINES[row])

        threads = [threading.Thread(target=read, args=(step,)) for step in (1, 2, 3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        for row in range(50):
            reader.raw(row)
        kept = kept_rows(reader)  # as many as if one alone had read
        size = sum(len(LINES[row]) for row in kept)
        assert size <= 2_000 < size + len(LINES[kept[-1] - 1])
