"""How the user chose to see the answers of a batch: its columns, its own pattern for records."""

import contextlib
from collections.abc import Collection, Iterable
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from batchtui.config.document import replace_file

_KEPT = 200


class _Choice(Struct, frozen=True):
    subject: str
    """The id of the batch, or the path of the file."""
    columns: tuple[str, ...] | None = None
    """The columns; None where none were chosen."""
    pattern: str = ""
    """The pattern that finds the records, or ""."""
    exported: tuple[str, ...] | None = None
    """The fields that were written to a file the last time; None where none were chosen."""


class AnswerChoices:
    """Remembers choices in a small file; without it nothing is lost but convenience.

    Args:
        path: The file; ``None`` remembers for as long as the program runs.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._choices: list[_Choice] | None = None

    def load(self) -> None:
        """Read the file, so that nothing else of this waits for the disk but what is remembered."""
        self._read()

    def columns_of(self, subject: str, fields: Collection[str]) -> tuple[str, ...] | None:
        """Return the columns of a batch or file, else of the last one with the same fields.

        Args:
            subject: The id of the batch, or the path of the file.
            fields: The columns that there are.
        """
        own = self._own(subject).columns
        if own is not None:
            return own
        return _first_of(fields, (one.columns for one in self._read()))

    def exported_of(self, subject: str, fields: Collection[str]) -> tuple[str, ...] | None:
        """Return the fields that were written of it, or of the last one with the same fields.

        Args:
            subject: The id of the batch, or the path of the file.
            fields: The fields that there are.
        """
        own = self._own(subject).exported
        return _first_of(fields, [own, *(one.exported for one in self._read())])

    def pattern_of(self, subject: str) -> str:
        """Return the pattern that finds the records of a batch or file, or ``""``."""
        return self._own(subject).pattern

    def remember_columns(self, subject: str, columns: tuple[str, ...]) -> None:
        """Keep which columns were chosen."""
        self._remember(replace(self._own(subject), columns=columns))

    def remember_exported(self, subject: str, fields: tuple[str, ...]) -> None:
        """Keep which fields were written."""
        self._remember(replace(self._own(subject), exported=fields))

    def remember_pattern(self, subject: str, pattern: str) -> None:
        """Keep the pattern that finds records; the columns go, for they are of other fields."""
        self._remember(_Choice(subject, pattern=pattern))

    def _own(self, subject: str) -> _Choice:
        own = (one for one in self._read() if one.subject == subject)
        return next(own, _Choice(subject))

    def _remember(self, choice: _Choice) -> None:
        others = [one for one in self._read() if one.subject != choice.subject]
        self._choices = [choice, *others[: _KEPT - 1]]
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


def _first_of(
    fields: Collection[str], chosen: Iterable[tuple[str, ...] | None]
) -> tuple[str, ...] | None:
    """Return the first choice of which all is there."""
    there = set(fields)
    return next((one for one in chosen if one and there.issuperset(one)), None)
