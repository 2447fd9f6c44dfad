"""The ledger's file: opening, repairing by setting aside, and transactions.

One connection behind a lock serves all threads; WAL and a busy timeout serve several processes;
``synchronous=FULL`` makes what was said to be written survive ``kill -9`` and a power cut.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batchtui.folders import make_private_folder
from batchtui.library.errors import LibraryError
from batchtui.library.locks import FileLock
from batchtui.library.migrations import NEWEST, migrate, version_of
from batchtui.patience import try_for

Value = str | int | bytes | None
"""What a column holds."""

_BUSY_SECONDS = 10.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = _EPOCH
"""Stands in for a moment that a row should have and lacks."""
_MICROSECOND = timedelta(microseconds=1)


class LedgerError(LibraryError):
    """The ledger could not be read or written."""


class LedgerTooNewError(LedgerError):
    """The file was written by a newer version of this program."""


class LedgerDatabase:
    """The open file. Use `read` and `write`; both are safe from any thread."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, making, migrating or replacing it as needed.

        Args:
            path: Where it lies; its folder is made. ``None`` keeps everything in memory.

        Raises:
            LedgerTooNewError: It has a newer version than this program.
            LedgerError: It cannot be opened, made or written.
        """
        self.problem = ""
        """What the user must be told about the opening, or ``""``."""
        self._lock = threading.RLock()
        with _translated(path):
            if path is None:
                self._connection = _connect(":memory:")
                migrate(self._connection)
                return
            make_private_folder(path.parent)
            with _alone(path):
                self._connection, self.problem = _open(path)

    def read(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Run a query and return all its rows.

        Raises:
            LedgerError: The file cannot be read.
        """
        with self._lock, _translated(None):
            return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Hold one transaction: committed at the end, rolled back if the block raises.

        Raises:
            LedgerError: The file cannot be written.
        """
        with self._lock, _translated(None):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Close the file. Nothing can be read or written afterwards."""
        with self._lock:
            self._connection.close()


def to_micros(moment: datetime | None) -> int | None:
    """Turn an aware moment into what a column holds."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def to_moment(value: Value) -> datetime | None:
    """Turn a column into a moment; an absurd number is none."""
    try:
        return _EPOCH + timedelta(microseconds=value) if isinstance(value, int) else None
    except OverflowError:
        return None


def to_text(value: Value) -> str:
    """Turn a column into text; NULL is empty."""
    return value if isinstance(value, str) else ""


def to_int(value: Value) -> int:
    """Turn a column into a number; NULL is 0."""
    return value if isinstance(value, int) else 0


def storable(text: str) -> str:
    """Make any text storable: lone surrogates become visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _connect(target: str) -> sqlite3.Connection:
    return sqlite3.connect(
        target, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _open(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open a file that may be damaged; return it and what to tell the user."""
    try:
        return _open_sound(path), ""
    except sqlite3.OperationalError:
        raise  # locked, full, not writable: the file itself may be sound
    except sqlite3.DatabaseError as error:
        kept = _set_aside(path)
        return _open_sound(path), (
            f"The ledger was damaged ({error}): a new one was begun; labels and notes of before"
            f" are not shown. The damaged file is kept as {kept}."
        )


def _open_sound(path: Path) -> sqlite3.Connection:
    connection = _connect(os.fspath(path))
    try:
        _refuse_newer(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        _refuse_damaged(connection)
        migrate(connection)
        path.chmod(0o600)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    version = version_of(connection)
    if version > NEWEST:
        raise LedgerTooNewError(
            f"The ledger {path} was written by a newer version of batchtui"
            f" (version {version} of its tables, this program knows {NEWEST}).",
            hint="Start the newer batchtui, or set BATCHTUI_DATA_DIR to another folder.",
        )


def _refuse_damaged(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise sqlite3.DatabaseError(verdict)


def _set_aside(path: Path) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    kept = path.with_name(f"{path.name}.damaged-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold off other processes that open the same file, so that only one repairs it."""
    lock = FileLock(path.with_name(path.name + ".lock"))
    if not try_for(_BUSY_SECONDS, lock.acquire):
        raise LedgerError(
            f"The ledger {path} is being opened by another batchtui, for too long.",
            hint="Close the other one, or see whether it hangs.",
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _translated(path: Path | None) -> Iterator[None]:
    where = f" {path}" if path else ""
    try:
        yield
    except sqlite3.Error as error:
        raise LedgerError(
            f"The ledger{where} cannot be used: {str(error).rstrip('.')}.",
            hint="Check free space and permissions of the data folder (batchtui paths).",
        ) from error
    except OSError as error:
        raise LedgerError(
            f"The ledger{where} cannot be opened: {error.strerror or error}.",
            hint="Check the data folder (batchtui paths), or set BATCHTUI_DATA_DIR.",
        ) from error
