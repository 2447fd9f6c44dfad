"""What is known of every row of a results file, in columns of plain numbers.

One row costs tens of bytes whatever its line weighs, so a file of several GB fits in a small
program; filters and sorts work on the columns and only what is looked at is read from the file.

The index grows while a download runs. Rows are published by `len(index)`: take it once, then read
the columns up to it. Rules for readers, in another thread too: never write to a column, and never
hold a `memoryview` of one (an array that is viewed cannot grow); a slice is a cheap copy.

Columns of an index that was kept are read one by one, when they are first used: the first frame
needs half of them, and with millions of rows each takes milliseconds. Any access to a column can
then raise `ResultsFileError`.
"""

import threading
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from batchtui.library.ledger_values import Review
from batchtui.results.id_column import IdColumn

if TYPE_CHECKING:
    from batchtui.results.request_schemas import RequestSchemas

RESULT_TYPES = ("succeeded", "errored", "canceled", "expired", "unknown", "unreadable")
"""What a row can be. ``unknown``: a result of a type we have not heard of; ``unreadable``: a line
that is no result. ``types`` holds positions in this tuple."""

SUCCEEDED, ERRORED, CANCELED, EXPIRED, UNKNOWN, UNREADABLE = range(6)
FAILED = (ERRORED, EXPIRED)
"""What failed means of a row, as of a batch: it should have been answered and was not."""

EMPTY_ANSWER = 1
"""Succeeded, and the answer has no text but spaces and no other block than thinking."""
JSON_ANSWER = 2
"""The answer starts and ends like a JSON object or array (the middle is not checked)."""
DUPLICATE_ID = 4
"""Another row has the same custom id; set on all of them, once `Indexer.finish` has run."""
ODD_ID = 8
"""The custom id is absent, is not a string, or is longer than what the index keeps of it."""
ODD_LINE = 16
"""Wrong types, NaN, lone surrogates or the like: read the careful way."""
NO_MESSAGE = 32
"""Succeeded without a message, or errored without an error."""
SEVERAL_TEXTS = 64
"""The answer's text comes in several blocks."""
SEVERAL_BLOCKS = 128
"""The answer is not just one block of text. With this, all eight bits of `flags` are taken."""

NO_CAUSE = 0
UNKNOWN_TOKENS = -1


class ErrorCause(Struct, frozen=True):
    """Why rows failed: all rows with the same type and the same message but for ids and numbers.

    Rows of the types ``unknown`` and ``unreadable`` have a cause as well, of these types.
    """

    type: str
    """The API's error type, such as ``overloaded_error``; or ``unknown``, ``unreadable``."""
    message_pattern: str
    """The message with ids, numbers and the like folded into ``…``; untrusted text."""
    example: str
    """The first such message as it came, cut at 2,000 characters; untrusted text."""


@dataclass(slots=True, eq=False)
class RowColumns:
    """A number a row in each column; a column that is added here is kept and restored."""

    offsets: "array[int]" = field(default_factory=lambda: array("Q"))
    """Where the line starts in the file, in bytes."""
    lengths: "array[int]" = field(default_factory=lambda: array("I"))
    """Bytes of the line without its line ending."""
    types: "array[int]" = field(default_factory=lambda: array("B"))
    """Position in `RESULT_TYPES`."""
    stop_reasons: "array[int]" = field(default_factory=lambda: array("B"))
    """Position in `ResultsIndex.stop_names`; 0 is none."""
    models: "array[int]" = field(default_factory=lambda: array("H"))
    """Position in `ResultsIndex.model_names`; 0 is none."""
    causes: "array[int]" = field(default_factory=lambda: array("H"))
    """Position in `ResultsIndex.cause_list`; 0 is none."""
    input_tokens: "array[int]" = field(default_factory=lambda: array("i"))
    """Uncached input tokens; -1 is unknown, here and in the following columns."""
    output_tokens: "array[int]" = field(default_factory=lambda: array("i"))
    cache_read: "array[int]" = field(default_factory=lambda: array("i"))
    cache_write: "array[int]" = field(default_factory=lambda: array("i"))
    """All tokens written to the cache, whatever their lifetime."""
    cache_write_1h: "array[int]" = field(default_factory=lambda: array("i"))
    """Those of `cache_write` that live one hour (another price); -1 where not told."""
    flags: "array[int]" = field(default_factory=lambda: array("B"))
    """Sum of `EMPTY_ANSWER`, `JSON_ANSWER`, `DUPLICATE_ID`, ..."""
    text_lengths: "array[int]" = field(default_factory=lambda: array("I"))
    """Bytes of the answer's text between its quotes in the line, where it is one block of text and
    nothing else, in a line that is not odd; else 0. What is found in the line by its bytes then
    needs no look at every quote to tell where the text ends."""


@dataclass(slots=True, eq=False)
class NewRows(RowColumns):
    """Rows to append; made by the indexer."""

    ids: list[str] = field(default_factory=list)
    """The custom id of each, "" where there is none."""


_COLUMN_NAMES = tuple(column.name for column in fields(RowColumns))


class TokenTotals(Struct, frozen=True):
    """Sums over the rows where the number is known."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    """All cache writes, those of one hour included."""
    cache_write_1h: int = 0


class KeptColumns(Protocol):
    """The columns of an index as they were kept, named as `ResultsIndex.columns` does."""

    def shape(self, name: str) -> tuple[str, int]:
        """Return the type code and the number of items of a column.

        Raises:
            KeyError: There is no such column.
        """

    def read(self, name: str) -> "array[int]":
        """Return a column.

        Raises:
            ResultsFileError: It cannot be read.
        """


_BY_TYPE = tuple(f"rows_by_type {name}" for name in RESULT_TYPES)
_IDS, _ID_ENDS = "ids", "id ends"
_READ_LATER = frozenset([*_COLUMN_NAMES, "rows_by_type", "ids"])
"""What of a kept index is read when it is first asked for."""
_reading = threading.Lock()
"""Keeps two threads from reading one column twice: each would then change its own copy."""


def _columns_by_type() -> "tuple[array[int], ...]":
    return tuple(array("I") for _ in RESULT_TYPES)


@dataclass(slots=True, eq=False, weakref_slot=True)
class ResultsIndex(RowColumns):
    """The rows of one results file, in the order of its non-blank lines."""

    rows_by_type: "tuple[array[int], ...]" = field(default_factory=_columns_by_type)
    """For each of `RESULT_TYPES` its row numbers, ascending."""

    ids: IdColumn = field(default_factory=IdColumn)
    """The custom ids: untrusted text."""

    stop_names: list[str] = field(default_factory=lambda: [""])
    model_names: list[str] = field(default_factory=lambda: [""])
    cause_list: list[ErrorCause] = field(default_factory=lambda: [ErrorCause("", "", "")])

    reviews: Mapping[str, Review] = field(default_factory=dict)
    """What a person said of rows, by custom_id; whoever opened the file puts it here."""
    schemas: "RequestSchemas | None" = None
    """What the requests ask of the answers; put here like reviews. None if no request is known."""

    duplicate_rows: int = 0
    """Rows beyond the first of their custom id; known once `Indexer.finish` has run."""
    bytes_indexed: int = 0
    """How far into the file the index reaches."""

    _count: int = 0
    _counts: list[int] = field(default_factory=lambda: [0] * len(RESULT_TYPES))
    _summed: tuple[int, TokenTotals] = (0, TokenTotals())
    _kept: KeptColumns | None = None

    def __len__(self) -> int:
        return self._count

    @property
    def totals(self) -> TokenTotals:
        """Sums over all rows; only those since the last time are added up."""
        (start, old), stop = self._summed, self._count
        if start < stop:
            new = TokenTotals(
                old.input + sum_known(self.input_tokens[start:stop]),
                old.output + sum_known(self.output_tokens[start:stop]),
                old.cache_read + sum_known(self.cache_read[start:stop]),
                old.cache_write + sum_known(self.cache_write[start:stop]),
                old.cache_write_1h + sum_known(self.cache_write_1h[start:stop]),
            )
            self._summed = (stop, new)
            return new
        return old

    def custom_id(self, row: int) -> str:
        """Return the custom id of a row: untrusted text, "" where there is none.

        Raises:
            IndexError: There is no such row.
        """
        if not 0 <= row < self._count:
            raise IndexError(row)
        return self.ids.at(row)

    def outcomes(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield of each row its custom id, its type, the type of its error, its stop reason.

        Ids and types of errors are untrusted text; what a row does not have is "".
        """
        for row, kind in enumerate(self.types[: self._count]):
            cause = self.cause_list[self.causes[row]]
            yield (
                self.custom_id(row),
                RESULT_TYPES[kind],
                cause.type,
                self.stop_names[self.stop_reasons[row]],
            )

    def custom_ids(self, start: int, stop: int) -> list[str]:
        """Return the custom ids of rows from ``start`` up to ``stop``, faster than one by one."""
        return self.ids.between(start, min(stop, self._count))

    def count_of(self, result_type: int) -> int:
        """Return how many rows are of a type (a position in `RESULT_TYPES`)."""
        return self._counts[result_type]

    def failed_rows(self) -> list[int]:
        """Return the rows that failed, ascending."""
        return sorted(row for kind in FAILED for row in self.rows_by_type[kind][:])

    def columns(self) -> "dict[str, array[int]]":
        """Return all columns by name, to be kept."""
        return {
            **{name: getattr(self, name) for name in _COLUMN_NAMES},
            **dict(zip(_BY_TYPE, self.rows_by_type, strict=True)),
            _IDS: self.ids.data,
            _ID_ENDS: self.ids.ends,
        }

    def restore(
        self,
        kept: KeptColumns,
        *,
        stop_names: list[str],
        model_names: list[str],
        cause_list: list[ErrorCause],
        totals: TokenTotals,
    ) -> None:
        """Take over what was kept; the index is empty before.

        Args:
            kept: What `columns` returned, and maybe others.
            stop_names: The attribute, as are the following.
            model_names: The same.
            cause_list: The same.
            totals: The same.

        Raises:
            ValueError: The columns do not fit each other.
            KeyError: A column is missing.
        """
        rows = kept.shape("types")[1]
        expected = {name: (getattr(self, name).typecode, rows) for name in _COLUMN_NAMES}
        expected[_ID_ENDS] = (self.ids.ends.typecode, rows + 1)
        if any(kept.shape(name) != shape for name, shape in expected.items()):
            raise ValueError("the columns do not fit each other")
        self._counts = [kept.shape(name)[1] for name in _BY_TYPE]
        if sum(self._counts) != rows:
            raise ValueError("the rows by type are not all rows")
        self._kept = kept
        for name in _READ_LATER:
            delattr(self, name)
        self.stop_names, self.model_names, self.cause_list = stop_names, model_names, cause_list
        self._count, self._summed = rows, (rows, totals)

    if not TYPE_CHECKING:  # to a type checker, any misspelled name would be a column

        def __getattr__(self, name: str) -> object:
            """Read a kept column at its first use; those that are here never come this way."""
            if name not in _READ_LATER:
                raise AttributeError(name, name=name, obj=self)
            with _reading:
                try:
                    return object.__getattribute__(self, name)
                except AttributeError:
                    setattr(self, name, self._read_kept(name))
            return object.__getattribute__(self, name)

    def _read_kept(self, name: str) -> "array[int] | tuple[array[int], ...] | IdColumn":
        kept = self._kept
        if kept is None:
            raise AttributeError(name, name=name, obj=self)
        if name == "rows_by_type":
            return tuple(map(kept.read, _BY_TYPE))
        if name == "ids":
            return IdColumn(kept.read(_IDS), kept.read(_ID_ENDS))
        return kept.read(name)

    def append(self, rows: NewRows) -> None:
        """Take in rows; they count once all columns have them. Only the indexer calls this."""
        start = self._count
        for name in _COLUMN_NAMES:
            getattr(self, name).extend(getattr(rows, name))
        self.ids.extend(rows.ids)
        self._append_by_type(start, rows.types)
        self._count = start + len(rows.types)

    def _append_by_type(self, start: int, types: "array[int]") -> None:
        kinds = types.tobytes()
        self._counts = [count + kinds.count(kind) for kind, count in enumerate(self._counts)]
        if kinds.count(0) == len(kinds):
            self.rows_by_type[SUCCEEDED].extend(array("I", range(start, start + len(kinds))))
            return
        for row, kind in enumerate(kinds, start):
            self.rows_by_type[kind].append(row)


def sum_known(numbers: "array[int]") -> int:
    """Add up what is known: an unknown number is -1, and counts as nothing."""
    return sum(numbers) + numbers.count(UNKNOWN_TOKENS)
