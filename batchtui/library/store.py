"""The results files of one profile on this disk.

::

    <name>.jsonl         results proven complete
    <name>.json          what is known of them: size, checksum, counts (the manifest)
    <name>.jsonl.part    a download under way, or one that broke off
    <name>.part.json     where it came from and why it broke off
    <name>.index         the index of the complete results, made again when it is missing
    <name>.jsonl.fresh   a second download, beside the older part until it has grown past it
    locks/<name>.lock    held while a download writes

A manifest is on the disk before its file gets the final name, and its file before it: after a
power cut at any moment, what has a manifest, the final name and the manifest's size is whole.
"""

import contextlib
import os
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from batchtui.filenames import file_name
from batchtui.library.errors import BusyError, StorageError
from batchtui.library.locks import FileLock


class StoredResults(msgspec.Struct, frozen=True, kw_only=True):
    """Results on this disk, proven complete when they were downloaded."""

    batch_id: str
    """Whose results they are; untrusted text."""
    size: int
    """Bytes of the file."""
    sha256: str
    """Checksum of the file, in hex."""
    rows: int
    """Rows in it, as many as the batch has requests."""
    counts: dict[str, int]
    """Rows by result type; the types of `results.index.RESULT_TYPES`, those that occur."""
    duplicate_rows: int = 0
    """Rows beyond the first of their custom id."""
    request_id: str | None = None
    """The request that brought them, for the provider's support."""
    downloaded_at: datetime | None = None
    """When the download was done (UTC)."""
    path: Path = Path()
    """Where the file is; not part of the manifest."""


class PartialResults(msgspec.Struct, frozen=True, kw_only=True):
    """Results on this disk that are not proven complete."""

    batch_id: str
    """Whose results they are; untrusted text."""
    reason: str = ""
    """Why they are not complete; "" while a download runs, or when it was killed."""
    expected_rows: int = 0
    """Requests of the batch."""
    rows: int = 0
    """Rows in the file when the download stopped; 0 if it could not say."""
    validator: str | None = None
    """What proves to the server that a resumed download is of the same file."""
    request_id: str | None = None
    """The request that brought them."""
    started_at: datetime | None = None
    """When the download started (UTC)."""
    size: int = 0
    """Bytes there now; not part of the file beside it."""
    path: Path = Path()
    """Where the file is; not part of the file beside it."""


_Known = TypeVar("_Known", StoredResults, PartialResults)


class ResultsStore:
    """The results files of one profile. Its methods touch the disk, and are quick but for `all`."""

    def __init__(self, root: Path) -> None:
        """Name the folder; it is made when something is written.

        Args:
            root: The folder for this profile's results.
        """
        self.root = root

    def final_path(self, batch_id: str) -> Path:
        """Return where the complete results are, or would be."""
        return self._path(batch_id, ".jsonl")

    def part_path(self, batch_id: str) -> Path:
        """Return where an unfinished download is, or would be."""
        return self._path(batch_id, ".jsonl.part")

    def fresh_path(self, batch_id: str) -> Path:
        """Return where a download beside an older part is, or would be."""
        return self._path(batch_id, ".jsonl.fresh")

    def lock(self, batch_id: str) -> FileLock:
        """Return the lock to hold while writing a batch's files; taking it makes the folders."""
        return FileLock(self.root / "locks" / f"{file_name(batch_id)}.lock")

    def stored(self, batch_id: str) -> StoredResults | None:
        """Return the complete results of a batch, if they are here in the size they should be."""
        manifest = self._path(batch_id, ".json")
        known = _read(manifest, StoredResults)
        if known is None or known.batch_id != batch_id:
            return None
        path = self.final_path(batch_id)
        if _size(path) != known.size:
            return None
        return msgspec.structs.replace(known, path=path)

    def has(self, batch_id: str) -> bool:
        """Return whether the complete results of a batch are here."""
        return self.stored(batch_id) is not None

    def partial(self, batch_id: str) -> PartialResults | None:
        """Return the incomplete results of a batch, if there are any."""
        path = self.part_path(batch_id)
        size = _size(path)
        if not size:
            return None
        known = _read(self._path(batch_id, ".part.json"), PartialResults)
        if known is None or known.batch_id != batch_id:
            known = PartialResults(batch_id=batch_id)
        return msgspec.structs.replace(known, path=path, size=size)

    def all(self) -> Iterator[StoredResults]:
        """Yield all complete results, in no order."""
        with contextlib.suppress(OSError):
            for manifest in self.root.glob("*.json"):
                known = (
                    None if manifest.name.endswith(".part.json") else _read(manifest, StoredResults)
                )
                found = known and self.stored(known.batch_id)
                if found:
                    yield found

    def note_part(self, part: PartialResults) -> None:
        """Write down where a part comes from, or why it broke off.

        Raises:
            StorageError: It cannot be written.
        """
        self._write(self._path(part.batch_id, ".part.json"), part)

    def drop_empty_part(self, batch_id: str) -> None:
        """Delete a part that has nothing in it. Hold the lock.

        Raises:
            StorageError: It cannot be deleted.
        """
        path = self.part_path(batch_id)
        try:
            if not _size(path):
                path.unlink(missing_ok=True)
                self._path(batch_id, ".part.json").unlink(missing_ok=True)
        except OSError as error:
            raise StorageError.from_os(error, path, "delete") from error

    def finish(self, results: StoredResults, source: Path) -> StoredResults:
        """Give a download, whole and on the disk (fsync), its final name. Hold the lock.

        Args:
            results: What to write into the manifest.
            source: Where the download is: `part_path` or `fresh_path`.

        Returns:
            The same with its path.

        Raises:
            StorageError: It cannot be done; the download is kept.
        """
        batch_id = results.batch_id
        self._write(self._path(batch_id, ".json"), results)
        path = self.final_path(batch_id)
        try:
            source.replace(path)
            _sync_folder(self.root)
            for left in (self._path(batch_id, ".part.json"), self.part_path(batch_id)):
                left.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError.from_os(error, path, "write") from error
        return msgspec.structs.replace(results, path=path)

    def recover(self, batch_id: str) -> StoredResults | None:
        """Bring order into what a killed download left. Hold the lock.

        Returns:
            The complete results, if the download was killed after they were proven so.

        Raises:
            StorageError: A file cannot be moved.
        """
        fresh = self.fresh_path(batch_id)
        manifest = self._path(batch_id, ".json")
        known = _read(manifest, StoredResults)
        try:
            if known and known.batch_id == batch_id and _size(self.final_path(batch_id)) is None:
                for source in (fresh, self.part_path(batch_id)):
                    if _size(source) == known.size:
                        return self.finish(known, source)
                manifest.unlink()
        except OSError as error:
            raise StorageError.from_os(error, manifest, "move") from error
        self.keep_longer(batch_id)
        return self.stored(batch_id)

    def keep_longer(self, batch_id: str) -> bool:
        """Of the part and the download beside it, keep the longer as the part. Hold the lock.

        Returns:
            Whether the download beside it became the part.

        Raises:
            StorageError: A file cannot be moved.
        """
        part, fresh = self.part_path(batch_id), self.fresh_path(batch_id)
        new, old = _size(fresh), _size(part)
        try:
            if new is not None and new >= (old or 0):
                # Whatever proved the older part to the server says nothing of this one.
                self._path(batch_id, ".part.json").unlink(missing_ok=True)
                fresh.replace(part)
                return True
            if new is not None:
                fresh.unlink()
        except OSError as error:
            raise StorageError.from_os(error, fresh, "move") from error
        return False

    @contextlib.contextmanager
    def borrowed(
        self, batch_ids: Collection[str], *, is_kept: Callable[[], bool]
    ) -> Iterator[None]:
        """On leaving, delete what was downloaded meanwhile, unless it is to be kept.

        Complete results that were here before stay, and so does a part that is still one.

        Args:
            batch_ids: Whose results are used.
            is_kept: Returns what the settings say of that; asked on leaving.

        Raises:
            StorageError: A file cannot be deleted.
        """
        whole = {one for one in batch_ids if self.has(one)}
        begun = {one for one in batch_ids if self.partial(one) is not None}
        try:
            yield
        finally:
            for one in () if is_kept() else batch_ids:
                is_new = self.has(one) or (one not in begun and self.partial(one) is not None)
                if one not in whole and is_new:
                    # another batchtui that downloads them decides by the same settings
                    with contextlib.suppress(BusyError):
                        self.forget(one)

    def forget(self, batch_id: str) -> int:
        """Delete everything here of a batch's results.

        Returns:
            Bytes freed.

        Raises:
            BusyError: A download of them is under way.
            StorageError: A file cannot be deleted.
        """
        lock = self.lock(batch_id)
        if not lock.acquire():
            raise BusyError("these results are being downloaded", hint="Stop the download first.")
        freed = 0
        try:
            for ending in (
                ".json",
                ".jsonl",
                ".index",
                ".part.json",
                ".jsonl.part",
                ".jsonl.fresh",
            ):
                path = self._path(batch_id, ending)
                freed += _size(path) or 0
                path.unlink(missing_ok=True)
            lock.remove()
        except OSError as error:
            raise StorageError.from_os(error, self.final_path(batch_id), "delete") from error
        finally:
            lock.release()
        return freed

    def _path(self, batch_id: str, ending: str) -> Path:
        return self.root / f"{file_name(batch_id)}{ending}"

    def _write(self, path: Path, value: StoredResults | PartialResults) -> None:
        fields: dict[str, object] = msgspec.to_builtins(value, enc_hook=lambda _path: None)
        del fields["path"]
        # always the same name, unlike that of a `whole_file`: what a kill leaves goes with the next
        temporary = path.with_name(path.name + ".new")
        try:
            with open(temporary, "wb", opener=_open_private) as file:
                file.write(msgspec.json.format(msgspec.json.encode(fields)) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            _sync_folder(path.parent)
        except OSError as error:
            raise StorageError.from_os(error, path, "write") from error


def _read(path: Path, kind: type[_Known]) -> _Known | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, ValueError):
        return None


def _open_private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _size(path: Path) -> int | None:
    """Return bytes of a file, None where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
