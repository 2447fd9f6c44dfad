"""The settings file as it lies on the disk: reading it, replacing it, keeping others out.

Nothing here knows what a setting is. Reading never fails: a file that cannot be read or parsed is
an empty `SettingsDocument` that says so. Replacing is all or nothing, through a link to its target.
"""

import os
import re
import stat
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from batchtui.config.errors import SettingsNotSaved
from batchtui.folders import make_private_folder
from batchtui.regular_files import read_regular
from batchtui.whole_files import whole_file

if os.name == "posix":
    import fcntl

MAX_BYTES = 250_000
"""A settings file larger than this is something else."""

_MAX_PARTS = 32
_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_LONG_KEY = re.compile(
    rf"(?:^|[,{{\[])[ \t]*(?:{_PART}[ \t]*\.[ \t]*){{{_MAX_PARTS}}}", re.MULTILINE
)
"""A key of so many parts that reading it takes minutes (the parser's time grows with the square of
their number) and that nobody means."""

_LOCK_SECONDS = 3.0
"""How long another program may hold the folder while we want to write."""
_BETWEEN_TRIES = 0.01
"""Seconds. The system's lock can be tried, or waited for without end, but not with a limit.
filelock tries again and again as well, and would leave a file of its own in the folder."""


class SettingsDocument(Struct, frozen=True):
    """What was read."""

    tree: Mapping[str, object]
    """The tables and values; empty if there is no file or it is broken."""
    fault: str = ""
    """What is wrong with the whole file, as a sentence about "it"."""
    text: str = ""
    """The file as text, as far as it is text."""
    broken: bytes | None = None
    """What stood in it, where it is no TOML: to be kept before it is replaced."""

    def line_of(self, *path: str) -> int:
        """Return the number of the line that sets a key, or 0 where it cannot be told.

        Args:
            path: The names of the tables around the key, then its own.
        """
        if not path or self.fault:
            return 0
        table: Sequence[str] = ()
        for number, written in enumerate(self.text.split("\n"), 1):
            if path[-1] not in written:
                table = _header_of(written) or table
                continue
            header = _header_of(written)
            table = header or table
            name, equals, _ = written.partition("=")
            said = header or ((*table, *_parts_of(name)) if equals else ())
            if said[: len(path)] == path:
                return number
        return 0


def read_document(path: Path) -> SettingsDocument:
    """Read a TOML file; a file that is not there is an empty document."""
    try:
        raw = read_regular(path, MAX_BYTES)
    except FileNotFoundError:
        return SettingsDocument({})
    except OSError as error:
        return SettingsDocument({}, f"It could not be read ({error.strerror or error}).")
    text = raw.decode("utf-8-sig", "replace")
    try:
        return SettingsDocument(_parsed(raw.decode("utf-8-sig")), text=text)
    except (ValueError, RecursionError) as error:  # no UTF-8, no TOML, or nested without end
        return SettingsDocument({}, f"It is not valid TOML ({error}).", text, raw)


def _parsed(text: str) -> dict[str, object]:
    long_key = _LONG_KEY.search(text)
    if long_key is not None:
        number = text.count("\n", 0, long_key.end()) + 1
        raise ValueError(f"a key of more than {_MAX_PARTS} parts (at line {number})")
    return tomllib.loads(text)


def _header_of(written: str) -> tuple[str, ...]:
    """Return the parts of a table's heading, or nothing where a line is none."""
    stripped = written.strip()
    if not stripped.startswith("["):
        return ()
    return _parts_of(stripped.partition("#")[0].strip().strip("[]"))


def _parts_of(name: str) -> tuple[str, ...]:
    """Return the parts of a dotted key, or nothing where a text is none."""
    parts: list[str] = []
    try:
        tree: object = _parsed(f"{name} = 0")
    except (ValueError, RecursionError):
        return ()
    while isinstance(tree, dict) and len(tree) == 1:
        [(part, tree)] = tree.items()
        parts.append(part)
    return tuple(parts)


def replace_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write a file so that readers see the old or the new content, whatever happens between.

    A link is followed: its target is replaced and the link stays.

    Args:
        path: The file; its folder is made if it is missing (0700).
        content: All of it.
        mode: The permissions; if not given, those it has, or 0600 for a new file.

    Raises:
        OSError: It could not be written; what was there is untouched.
    """
    target = Path(os.path.realpath(path))
    make_private_folder(target.parent)
    if mode is None:
        mode = _mode_of(target)
    with whole_file(target, mode=mode, is_durable=True) as file:
        file.write(content)


def _mode_of(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return 0o600


def keep_broken(path: Path, raw: bytes) -> Path:
    """Write what a broken file held beside it, under a name that is not taken.

    Returns:
        ``settings.toml.broken-20261123T091407Z`` or the like.

    Raises:
        OSError: It could not be written.
    """
    target = Path(os.path.realpath(path))
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    for number in range(1, 1000):
        again = f"-{number}" if number > 1 else ""
        copy = target.with_name(f"{target.name}.broken-{stamp}{again}")
        try:
            descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
        return copy
    raise OSError(0, "there are a thousand broken copies of this second already")


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other writers of this folder out, also those in other processes.

    The folder itself is locked, so that no lock file is left behind. Where the file system cannot
    lock (some network ones), nothing is locked: replacing is still all or nothing.

    Raises:
        SettingsNotSaved: Somebody else held it for three seconds.
        OSError: The folder cannot be made or opened.
    """
    make_private_folder(folder)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)  # and with it the lock


def _lock(descriptor: int, folder: Path) -> None:
    until = time.monotonic() + _LOCK_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise SettingsNotSaved(
                    f"Another program is still writing in {folder}.",
                    hint="Try again; if it persists, look for a hanging batchtui.",
                ) from None
            time.sleep(_BETWEEN_TRIES)  # flock knows no time limit, see there
        except OSError:
            return  # a file system without locks: the file is replaced as a whole anyway
        else:
            return
