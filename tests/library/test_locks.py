"""One holder at a time, across processes, and none after a death."""

import subprocess
import sys
from pathlib import Path

import pytest

from batchtui.library.errors import BusyError, StorageError
from batchtui.library.locks import FileLock

HOLDER = """
import sys
from pathlib import Path
from batchtui.library.locks import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def start_holder(path: Path) -> "subprocess.Popen[str]":
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    return holder


def test_another_process_holds_it_until_it_dies(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with start_holder(path) as holder:
        lock = FileLock(path)
        assert not lock.acquire()
        with pytest.raises(BusyError), lock:
            pass
        holder.kill()
    assert lock.acquire()
    lock.release()


def test_two_holders_in_one_process_exclude_each_other(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first, second = FileLock(path), FileLock(path)
    with first:
        assert first.acquire()
        assert not second.acquire()
    with second:
        assert not first.acquire()


def test_removing_and_making_again(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    first, second = FileLock(path), FileLock(path)
    assert first.acquire()
    first.remove()
    assert not path.exists()
    assert second.acquire()
    assert not first.acquire()
    first.remove()  # not the holder: nothing happens
    assert path.exists()
    second.release()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot lock"):
        FileLock(tmp_path / "missing" / "x.lock").acquire()
