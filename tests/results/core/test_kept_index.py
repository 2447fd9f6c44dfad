"""The index of a verified file is kept, used only for that very file, and made again in doubt."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchtui.library.store import ResultsStore, StoredResults
from batchtui.results import opening
from batchtui.results.errors import ResultsFileError, RewrittenError
from batchtui.results.index import ResultsIndex
from batchtui.results.opening import ResultsFile, open_results
from batchtui.results.records.registry import records_of
from tests.results.core.making import errored, succeeded

ANSWER = '{"n": %d, "kind": "%d"}'
LINES = [
    succeeded(f"ï-{n}", ANSWER % (n, n % 3)) if n % 7 else errored(f"id-{n}") for n in range(300)
]
DATA = b"\n".join(LINES)


@pytest.fixture
def verified(tmp_path: Path) -> Path:
    """A file of the store, proven complete."""
    return verify(tmp_path, LINES)


def verify(tmp_path: Path, lines: list[bytes]) -> Path:
    """Put a file into a store."""
    data = b"\n".join(lines)
    store = ResultsStore(tmp_path / "results")
    lock = store.lock("batch")
    assert lock.acquire()
    part = store.part_path("batch")
    part.write_bytes(data)
    found = store.finish(
        StoredResults(
            batch_id="batch",
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            rows=len(lines),
            counts={},
            duplicate_rows=0,
            request_id=None,
            downloaded_at=datetime.now(UTC),
        ),
        part,
    )
    lock.release()
    return found.path


def load(path: Path) -> ResultsFile:
    file = open_results(path)
    asyncio.run(file.load())
    return file


def contents(index: ResultsIndex) -> list[object]:
    return [
        index.custom_ids(0, len(index)),
        {name: column.tolist() for name, column in index.columns().items()},
        [rows.tolist() for rows in index.rows_by_type],
        index.cause_list,
        index.stop_names,
        index.model_names,
        index.totals,
    ]


def test_a_verified_file_is_opened_without_reading_it(
    verified: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load(verified)
    before = contents(first.index)
    with first.reader() as reader:
        records_of(first.index).fill(reader, len(LINES))
    before[1] = contents(first.index)[1]
    fields = records_of(first.index).fields
    assert [one.path for one in fields] == [".n", ".kind"]
    first.close()
    assert verified.with_suffix(".index").stat().st_mode & 0o077 == 0
    monkeypatch.setattr(opening, "scan", None)  # reading the file would fail
    second = load(verified)
    assert second.progress.is_loaded
    assert second.progress.rows == len(LINES)
    assert contents(second.index) == before
    assert records_of(second.index).looked == len(LINES)
    assert records_of(second.index).found == sum(b'\\"n' in line for line in LINES)
    assert records_of(second.index).fields == fields
    with second.reader() as reader:
        assert reader.raw(123) == LINES[123]
        assert records_of(second.index).text(reader, 123) == ANSWER % (123, 0)
    assert not second.has_changed()
    second.close()


@pytest.mark.parametrize(
    "damage", ["content", "longer", "index", "version", "empty", "manifest", "time"]
)
def test_in_doubt_it_is_made_again(verified: Path, damage: str) -> None:
    load(verified).close()
    index = verified.with_suffix(".index")
    kept = index.read_bytes()
    status = verified.stat()
    match damage:
        case "content":
            verified.write_bytes(DATA.replace(b"id-7", b"ix-7"))
        case "longer":
            verified.write_bytes(DATA + b"\n" + succeeded("more"))
        case "index":
            index.write_bytes(kept[:-9] + b"x" + kept[-8:])
        case "version":
            index.write_bytes(kept.replace(b"batchtui index", b"batchtui iNdex", 1))
        case "empty":
            index.write_bytes(b"")
        case "manifest":
            verified.with_suffix(".json").unlink()
        case _:
            os.utime(verified, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    file = load(verified)
    expected = verified.read_bytes().split(b"\n")
    assert len(file.index) == len(expected)
    assert ("ix-7" in file.index.custom_ids(0, 300)) == (damage == "content")
    file.close()


def test_a_file_written_over_gives_no_row_of_another(verified: Path) -> None:
    load(verified).close()
    file = load(verified)
    with file.reader() as reader:
        with verified.open("r+b") as other:
            other.write(b"\n".join([succeeded("other"), *LINES[::-1]]))
        with pytest.raises(RewrittenError):
            reader.raw(0)
    file.close()


def test_rows_of_bytes_that_were_written_over_are_not_kept(verified: Path) -> None:
    load(verified).close()
    file = load(verified)
    with file.reader() as reader:
        records_of(file.index).fill(reader, len(LINES))  # so that there is more to keep
    verified.write_bytes(DATA.replace(b"id-14", b"xx-14"))
    file.close()
    assert "xx-14" in load(verified).index.custom_ids(0, len(LINES))


def test_fields_of_the_first_rows_that_were_kept_become_those_of_all(tmp_path: Path) -> None:
    answers = ['{"first": 1}'] * 700 + ['{"late": 1}'] * 700
    path = verify(tmp_path, [succeeded(f"id-{n}", text) for n, text in enumerate(answers)])
    for looks_all_over, known in ((False, [".first"]), (True, [".first", ".late"])):
        file = load(path)
        with file.reader() as reader:
            records = records_of(file.index)
            records.fill(reader, len(answers))
            if looks_all_over:
                records.survey(reader)
        assert [one.path for one in records.fields] == known
        file.close()
    file = load(path)
    assert [one.path for one in records_of(file.index).fields] == known
    file.close()


def test_no_other_file_gets_an_index(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_bytes(DATA)
    load(path).close()
    assert list(tmp_path.iterdir()) == [path]


def test_forgetting_takes_the_index_along(verified: Path) -> None:
    load(verified).close()
    ResultsStore(verified.parent).forget("batch")
    assert [path for path in verified.parent.iterdir() if path.is_file()] == []


def test_columns_are_those_of_the_file_that_was_checked(verified: Path) -> None:
    first = load(verified)
    before = contents(first.index)
    first.close()
    kept = verified.with_suffix(".index")
    file = load(verified)
    kept.replace(kept.with_suffix(".old"))
    kept.write_bytes(b"what another program keeps in its place")
    assert contents(file.index) == before
    file.close()


def test_an_index_that_is_cut_while_it_is_open_is_an_error_not_a_crash(verified: Path) -> None:
    load(verified).close()
    file = load(verified)
    os.truncate(verified.with_suffix(".index"), 100)
    with pytest.raises(ResultsFileError, match="was cut while it was open"):
        file.index.custom_id(0)
    file.close()


def test_an_index_that_is_cut_while_it_is_open_is_not_kept_again(verified: Path) -> None:
    load(verified).close()
    file = load(verified)
    with file.reader() as reader:
        records_of(file.index).fill(reader, len(LINES))
    kept = verified.with_suffix(".index")
    os.truncate(kept, 100)
    file.close()
    assert kept.stat().st_size == 100
    assert len(load(verified).index) == len(LINES)
