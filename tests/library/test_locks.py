"""One holder at a time, across processes, and none after a death."""

import os
import subprocess
import sys
import threading
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
    (tmp_path / "occupied").write_text("a file, not a folder")
    with pytest.raises(StorageError, match="cannot lock"):
        FileLock(tmp_path / "occupied" / "x.lock").acquire()


@pytest.mark.parametrize("mask", [0o000, 0o777])
def test_the_folder_is_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with FileLock(tmp_path / "data" / "deep" / "x.lock"):
            modes = {
                folder.stat().st_mode & 0o777
                for folder in (tmp_path / "data").rglob("*")
                if folder.is_dir()
            }
    finally:
        os.umask(before)
    assert modes | {(tmp_path / "data").stat().st_mode & 0o777} == {0o700}


def test_it_waits_for_as_long_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with start_holder(path) as holder:
        lock = FileLock(path)
        assert not lock.acquire(0.05)
        threading.Timer(0.1, holder.kill).start()
        assert lock.acquire(30)
    lock.release()
