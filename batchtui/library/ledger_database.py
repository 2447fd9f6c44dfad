"""The ledger's file: opening, repairing by setting aside, and transactions.

One connection behind a lock serves all threads; WAL and a busy timeout serve several processes;
``synchronous=FULL`` makes what was said to be written survive ``kill -9`` and a power cut.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from batchtui.folders import make_private_folder
from batchtui.library.errors import LibraryError
from batchtui.library.locks import FileLock
from batchtui.library.migrations import NEWEST, migrate, version_of

Value = str | int | bytes | None
"""What a column holds."""

_BUSY_SECONDS = 10.0
_DAMAGED = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What a damaged file raises; the second where what SQLite says of it quotes the damage."""
_UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
"""The same, and all else that SQLite raises."""
_STAMP = "%Y%m%dT%H%M%S.%f"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = _EPOCH
"""Stands in for a moment that a row should have and lacks."""
MICROSECOND = timedelta(microseconds=1)
"""The unit of moments and lengths of time in columns."""


class LedgerError(LibraryError):
    """The ledger could not be read or written."""


class LedgerTooNewError(LedgerError):
    """The file was written by a newer version of this program."""


class LedgerDatabase:
    """The open file. Use `read` and `write`; both are safe from any thread.

    Attributes:
        problem: What the user must know about the opening, or ``""``.
        refusal: Why nothing can be written, as a sentence; ``""`` where it can.
    """

    def __init__(self, path: Path | None, *, must_write: bool = True) -> None:
        """Open the file, making, migrating or replacing it as needed.

        Args:
            path: Where it lies; its folder is made. ``None`` keeps everything in memory.
            must_write: Whether to fail where nothing can be written. Otherwise what is there is
                read, and every `write` refuses.

        Raises:
            LedgerTooNewError: It has a newer version than this program.
            LedgerError: It cannot be opened, made or written.
        """
        self.problem = self.refusal = ""
        self._path = path
        self._lock = threading.RLock()
        if path is None:
            self._connection = _open_memory()
            return
        try:
            with _translated(path):
                make_private_folder(path.parent)
                self._connection, self.problem = _open(path)
        except LedgerTooNewError:
            raise
        except LibraryError as error:
            if must_write:
                raise
            self._connection = _open_for_reading(path)
            self.refusal = error.message
            self.problem = (
                f"{error.message} Nothing new is kept: no label, no submission. {error.hint}"
            )
        self._identity = _identity(path)

    def read(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Run a query and return all its rows.

        Raises:
            LedgerError: The file cannot be read.
        """
        with self._lock, _translated(self._path):
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if "decode to UTF-8" not in str(error):
                    raise
                # a damaged text is shown as far as it goes, with all that is not damaged
                self._connection.text_factory = _decode_leniently
                return self._connection.execute(sql, values).fetchall()

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Hold one transaction: committed at the end, rolled back if the block raises.

        Raises:
            LedgerError: The file cannot be written, or is not there any more.
        """
        self._refuse_lost()
        with self._lock, _translated(self._path):
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

    def _refuse_lost(self) -> None:
        """Refuse to write where it would be lost.

        Raises:
            LedgerError: The file was not to be opened for writing, or was removed since.
        """
        if self.refusal:
            raise LedgerError(self.refusal, hint="Start batchtui again once that is mended.")
        if self._path is not None and _identity(self._path) != self._identity:
            raise LedgerError(
                f"The ledger {self._path} was removed or replaced while batchtui was running.",
                hint="Nothing more can be kept in it: start batchtui again.",
            )


def to_micros(moment: datetime | None) -> int | None:
    """Turn an aware moment into what a column holds."""
    return None if moment is None else (moment - _EPOCH) // MICROSECOND


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


def _decode_leniently(text: bytes) -> str:
    return text.decode(errors="replace")


def _said(error: Exception) -> str:
    return "it cannot be read" if isinstance(error, UnicodeDecodeError) else str(error)


def storable(text: str) -> str:
    """Make any text storable: lone surrogates become visible escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _connect(target: str, *, is_uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(
        target,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        uri=is_uri,
    )


def _open_memory() -> sqlite3.Connection:
    connection = _connect(":memory:")
    migrate(connection)
    return connection


def _open_for_reading(path: Path) -> sqlite3.Connection:
    """Open what there is, to be read alone; nothing in memory where that cannot be had either."""
    for options in ("mode=ro", "mode=ro&immutable=1"):  # the second where no folder is writable
        with suppress(*_UNREADABLE):
            connection = _connect(f"{path.absolute().as_uri()}?{options}", is_uri=True)
            with suppress(*_UNREADABLE):
                if version_of(connection) == NEWEST:
                    return connection
            connection.close()
    return _open_memory()


def _open(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open a file that may be missing, old or damaged; return it and what the user must know."""
    with suppress(*_DAMAGED):
        connection = _open_as_it_is(path)
        if connection is not None:
            return connection, ""
    with _alone(path):
        try:
            return _open_sound(path), ""
        except sqlite3.OperationalError:
            raise  # locked, full, not writable: the file itself may be sound
        except _DAMAGED as error:
            kept = _set_aside(path)
            return _open_sound(path), (
                f"The ledger was damaged ({_said(error)}): a new one was started. Labels, notes and"
                " submissions that were not finished are forgotten; what was sent before is not"
                f" known. The damaged file is kept as {kept}."
            )


def _open_as_it_is(path: Path) -> sqlite3.Connection | None:
    """Open a file that nothing has to be done to, as on nearly every start; else ``None``."""
    if not path.exists() or not path.stat().st_size:
        return None
    connection = _connect(os.fspath(path))
    try:
        mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        is_newest = version_of(connection) == NEWEST
        if mode == "wal" and is_newest and os.access(path, os.W_OK):
            _prepare(connection)
            return connection
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _open_sound(path: Path) -> sqlite3.Connection:
    if path.exists() and not path.stat().st_size:
        # SQLite would take it for a new one, and nobody would hear of what was in it
        raise sqlite3.DatabaseError("it is empty")
    connection = _connect(os.fspath(path))
    try:
        _refuse_newer(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        _prepare(connection)
        migrate(connection)
        path.chmod(0o600)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    version = version_of(connection)
    if version > NEWEST:
        raise LedgerTooNewError(
            f"The ledger {path} was written by a newer version of batchtui"
            f" (version {version} of its tables, this program knows {NEWEST}).",
            hint="Start the newer batchtui, or set BATCHTUI_DATA_DIR to another folder.",
        )


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another of its name; ``None`` where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def damaged_at(path: Path) -> datetime | None:
    """Return when the ledger at a path was last found damaged and a new one was started.

    As long as the damaged file is kept, there is no telling what was sent before.
    """
    stamps = (kept.name.rpartition("-")[2] for kept in path.parent.glob(f"{path.name}.damaged-*"))
    moments = []
    for stamp in stamps:
        with suppress(ValueError):
            moments.append(datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC))
    return max(moments, default=None)


def _set_aside(path: Path) -> Path:
    kept = path.with_name(f"{path.name}.damaged-{datetime.now(UTC).strftime(_STAMP)}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(kept.with_name(kept.name + suffix))
    return kept


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold off other processes that open the same file, so that only one repairs it."""
    lock = FileLock(path.with_name(path.name + ".lock"))
    if not lock.acquire(_BUSY_SECONDS):
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
    except _UNREADABLE as error:
        raise LedgerError(
            f"The ledger{where} cannot be used: {_said(error).rstrip('.')}.",
            hint="Check free space and permissions of the data folder (batchtui paths).",
        ) from error
    except OSError as error:
        raise LedgerError(
            f"The ledger{where} cannot be opened: {error.strerror or error}.",
            hint="Check the data folder (batchtui paths), or set BATCHTUI_DATA_DIR.",
        ) from error
