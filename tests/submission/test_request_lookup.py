"""Each answer beside its question."""

import gc
import gzip
import json
from pathlib import Path
from typing import BinaryIO

import pytest

from batchtui.library.ledger_values import SourceFile
from batchtui.submission.errors import SourceError
from batchtui.submission.request_lookup import open_lookup
from batchtui.submission.source import RequestSource, open_file
from tests.submission.making import line, lines, request, write

ROWS = [request(number, system="ü" * (number % 7)) for number in range(500)]


@pytest.mark.parametrize("form", ["lines", "body", "gzip"])
def test_a_request_is_found_by_its_id(tmp_path: Path, form: str) -> None:
    content = {
        "lines": lines(*ROWS),
        "body": json.dumps({"requests": ROWS}).encode(),
        "gzip": gzip.compress(lines(*ROWS)),
    }[form]
    lookup = open_lookup(RequestSource(write(tmp_path, content)))
    assert len(lookup) == 500
    for number in (0, 250, 499):
        found = lookup.find(f"r{number}")
        assert found is not None
        assert json.loads(found) == ROWS[number]
    assert lookup.find("r500") is None
    assert lookup.find("") is None


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_file_is_opened_once_however_many_requests_are_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_packed: bool
) -> None:
    rows = [request(number, system="x" * 10_000) for number in range(300)]
    content = lines(*rows)
    path = write(tmp_path, gzip.compress(content, 1) if is_packed else content)
    lookup = open_lookup(RequestSource(path))
    opened: list[Path] = []

    def open_counted(path: Path) -> BinaryIO:
        opened.append(path)
        return open_file(path)

    monkeypatch.setattr("batchtui.submission.source.open_file", open_counted)
    for number in (150, 299, 0, 298, 151):
        assert lookup.find(f"r{number}") == line(rows[number])
    assert opened == [path]


def count_open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.mark.parametrize("is_packed", [False, True])
def test_what_was_opened_is_closed_with_the_last_user(tmp_path: Path, is_packed: bool) -> None:
    content = lines(*ROWS)
    path = write(tmp_path, gzip.compress(content, 1) if is_packed else content)
    gc.collect()
    before = count_open_files()
    find = open_lookup(RequestSource(path)).find
    assert find("r0") is not None
    assert count_open_files() > before
    del find
    assert count_open_files() == before


def test_of_an_id_used_twice_the_first_is_found(tmp_path: Path) -> None:
    other = {"custom_id": "r1", "params": {}}
    lookup = open_lookup(RequestSource(write(tmp_path, lines(ROWS[0], ROWS[1], other))))
    assert lookup.find("r1") == line(ROWS[1])


def test_a_file_that_is_another_by_now_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, lines(*ROWS))
    expected = RequestSource(path).fingerprint
    assert not open_lookup(expected).has_changed
    path.write_bytes(lines(*ROWS[:-1]))
    lookup = open_lookup(expected)
    assert lookup.has_changed
    path.write_bytes(b"")
    with pytest.raises(SourceError, match="has changed"):
        lookup.find("r1")


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        open_lookup(SourceFile(tmp_path / "gone.jsonl", "00", 1))
