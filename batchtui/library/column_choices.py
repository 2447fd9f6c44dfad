"""Which columns the user chose for the answers of a batch, so that the next one shows them too."""

import contextlib
from collections.abc import Collection
from pathlib import Path

import msgspec
from msgspec import Struct

from batchtui.config.document import replace_file

_KEPT = 200


class _Choice(Struct):
    subject: str
    """The id of the batch, or the path of the file."""
    columns: tuple[str, ...]


class ColumnChoices:
    """Remembers choices of columns in a small file; without it nothing is lost but convenience.

    Args:
        path: The file; ``None`` remembers for as long as the program runs.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._choices: list[_Choice] | None = None

    def load(self) -> None:
        """Read the file, so that nothing else of this waits for the disk but `remember`."""
        self._read()

    def of(self, subject: str, fields: Collection[str]) -> tuple[str, ...] | None:
        """Return what was chosen for a batch or file, else for the last one with the same fields.

        Args:
            subject: The id of the batch, or the path of the file.
            fields: The columns that there are.
        """
        choices = self._read()
        own = next((one.columns for one in choices if one.subject == subject), None)
        if own is not None:
            return own
        there = set(fields)
        others = (one.columns for one in choices if one.columns)
        return next((columns for columns in others if there.issuperset(columns)), None)

    def remember(self, subject: str, columns: tuple[str, ...]) -> None:
        """Keep a choice."""
        others = [one for one in self._read() if one.subject != subject]
        self._choices = [_Choice(subject, columns), *others[: _KEPT - 1]]
        if self._path is not None:
            with contextlib.suppress(OSError):
                replace_file(self._path, msgspec.json.encode(self._choices), mode=0o600)

    def _read(self) -> list[_Choice]:
        if self._choices is None:
            self._choices = []
            if self._path is not None:
                with contextlib.suppress(OSError, msgspec.DecodeError, ValueError):
                    self._choices = msgspec.json.decode(self._path.read_bytes(), type=list[_Choice])
        return self._choices
