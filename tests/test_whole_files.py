"""Files that appear whole or not at all."""

import os
from pathlib import Path

import pytest

from batchtui.whole_files import FileExists, temporary_file, whole_file


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"before")
    with whole_file(path, is_durable=True) as file:
        file.write(b"after")
        file.flush()
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert names(tmp_path) == ["a.jsonl"]


def test_of_what_fails_nothing_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"before")

    def fail() -> None:
        with whole_file(path) as file:
            file.write(b"after")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert path.read_bytes() == b"before"
    assert names(tmp_path) == ["a.jsonl"]


def test_a_name_that_is_taken_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"

    def write_while_another_does() -> None:
        with whole_file(path, overwrite=False) as file:
            file.write(b"mine")
            path.write_bytes(b"theirs")

    def no_links(*_paths: object) -> None:
        raise OSError

    for _ in range(2):
        with pytest.raises(FileExists):
            write_while_another_does()
        assert path.read_bytes() == b"theirs"
        with pytest.raises(FileExists), whole_file(path, overwrite=False):
            pytest.fail("it is said before anything is written")
        path.unlink()
        with whole_file(path, overwrite=False) as file:
            file.write(b"mine")
        assert path.read_bytes() == b"mine"
        path.unlink()
        monkeypatch.setattr("os.link", no_links)  # once more on a file system without links
    assert names(tmp_path) == []


def test_permissions_are_those_asked_for(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for mode, expected in ((None, 0o644), (0o600, 0o600), (0o666, 0o666)):
            with whole_file(tmp_path / "a", mode=mode) as file:
                file.write(b"a")
            assert mode_of(tmp_path / "a") == expected
    finally:
        os.umask(before)


def test_a_file_is_named_by_what_was_written(tmp_path: Path) -> None:
    with temporary_file(tmp_path, mode=0o600) as (file, temporary):
        file.write(b"abc")
        file.close()
        path = temporary.replace(tmp_path / "abc")
    assert (path.read_bytes(), mode_of(path)) == (b"abc", 0o600)
    with temporary_file(tmp_path) as (file, _):
        file.write(b"d")
    assert names(tmp_path) == ["abc"]


def test_two_at_once_have_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # as in two containers that share a folder: the same process id, and a clock that stands
    monkeypatch.setattr("os.getpid", lambda: 1)
    monkeypatch.setattr("time.monotonic_ns", lambda: 0)
    with temporary_file(tmp_path) as (one, path), temporary_file(tmp_path) as (other, _):
        one.write(b"one")
        other.write(b"other")
        one.flush()
        assert path.read_bytes() == b"one"
    assert names(tmp_path) == []


def test_a_name_that_is_taken_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.urandom", bytes)
    with temporary_file(tmp_path) as (file, path):
        with pytest.raises(FileExistsError), temporary_file(tmp_path):
            pytest.fail("its name is taken")
        file.write(b"mine")
        file.flush()
        assert path.read_bytes() == b"mine"
