"""Which fields the records of a file have, learnt from a sample of them."""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Self, TypeGuard

from msgspec import Struct

from batchtui.results.records.columns import describe_kind, write_scalar
from batchtui.results.records.json_scan import scan_json
from batchtui.results.records.locate import unescape
from batchtui.results.records.paths import NULL, Cell, PartialValue, Scalar, scalar, write_name

_MAX_FIELDS = 300
_MAX_DEPTH = 5
_MAX_ITEMS = 10
_MAX_VALUES = 1_000
_MAX_TEXT = 80
_FREQUENT = 20
_MOST_WAITING = 64 * 1024
"""Bytes of a record that is not kept until its fields are asked for."""
_NO_SCALAR = (tuple, PartialValue)


class FieldInfo(Struct, frozen=True):
    """What is known of one field."""

    path: str
    """Where it is, as typed in a query."""
    kinds: tuple[tuple[str, int], ...]
    """Types as JSON calls them, with how many records have each; the most frequent first."""
    share: float
    """The share of records that have a value there other than null, 0 to 1."""
    values: tuple[tuple[str, int], ...]
    """The most frequent values, with how many records have each."""
    has_more_values: bool
    """Whether there are others."""
    is_sampled: bool
    """Whether the numbers are of a part of the records."""


class KeptField(Struct):
    """What is kept of one field."""

    path: str
    records: int
    kinds: dict[str, int]
    values: dict[str, int]
    """The most frequent ones, and one more where there are others."""


class KeptCatalog(Struct):
    """What is kept of a catalog, so that it need not be made again."""

    records: int
    fields: Sequence[KeptField]
    is_spread: bool


class _Field:
    """The counts of one field."""

    __slots__ = ("kinds", "records", "values")

    def __init__(self) -> None:
        self.records = 0
        self.kinds: Counter[str] = Counter()
        self.values: Counter[str] = Counter()


class FieldCatalog:
    """Collects the fields of records.

    Attributes:
        records: How many were added.
        is_spread: Whether they are from all over the file, not only its first ones.
    """

    def __init__(self, *, is_spread: bool = False) -> None:
        self.records = 0
        self.is_spread = is_spread
        self._waiting: list[bytes] = []
        self._fields: dict[str, _Field] = {}
        self._paths: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def add(self, record: object) -> None:
        """Look at one more record."""
        self.settle()
        self.records += 1
        self._look_at(record)

    def add_escaped(self, piece: bytes) -> None:
        """Take one more record, escaped in a JSON string; it is read once fields are asked for."""
        self.records += 1
        self._waiting.append(piece)
        if len(piece) > _MOST_WAITING:
            self.settle()

    def settle(self) -> None:
        """Look at the records that wait for it; they may be kept in a thread meanwhile."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            for piece in waiting:
                self._look_at(scan_json(unescape(piece))[0])

    def _look_at(self, record: object) -> None:
        seen: dict[str, list[Cell]] = {}
        self._walk("", record, 0, seen)
        for path, cells in seen.items():
            field = self._fields.get(path)
            if field is None:
                if len(self._fields) >= _MAX_FIELDS:
                    continue
                field = self._fields[path] = _Field()
            field.records += cells.count(NULL) < len(cells)
            # in the order of the record, not of a set: what is as frequent comes as it was met
            for kind in dict.fromkeys(map(describe_kind, cells)):
                field.kinds[kind] += 1
            shown = [write_scalar(cell) for cell in cells if _is_shown(cell)]
            for value in dict.fromkeys(shown):
                if len(value) <= _MAX_TEXT and len(field.values) < _MAX_VALUES:
                    field.values[value] += 1

    def merge(self, other: "FieldCatalog") -> None:
        """Take over what another one has collected."""
        self.settle()
        other.settle()
        self.records += other.records
        for path, theirs in other._fields.items():
            field = self._fields.setdefault(path, _Field())
            field.records += theirs.records
            field.kinds.update(theirs.kinds)
            field.values.update(theirs.values)

    def dump(self) -> KeptCatalog:
        """Return all that `fields` tells, to be kept."""
        self.settle()
        fields = [
            KeptField(path, one.records, one.kinds, dict(one.values.most_common(_FREQUENT + 1)))
            for path, one in self._fields.items()
        ]
        return KeptCatalog(self.records, fields, self.is_spread)

    @classmethod
    def restore(cls, kept: KeptCatalog) -> Self:
        """Return a catalog that was kept."""
        catalog = cls(is_spread=kept.is_spread)
        catalog.records = kept.records
        for one in kept.fields:
            field = catalog._fields[one.path] = _Field()
            field.records = one.records
            field.kinds.update(one.kinds)
            field.values.update(one.values)
        return catalog

    def fields(self, found: int) -> tuple[FieldInfo, ...]:
        """Return the fields in the order in which they were met.

        Args:
            found: How many records the file has.
        """
        self.settle()
        return tuple(
            FieldInfo(
                path,
                tuple(field.kinds.most_common()),
                field.records / self.records,
                tuple(field.values.most_common(_FREQUENT)),
                len(field.values) > _FREQUENT,
                self.records < found,
            )
            for path, field in self._fields.items()
        )

    def _walk(self, path: str, value: object, depth: int, seen: dict[str, list[Cell]]) -> None:
        if isinstance(value, dict) and depth >= _MAX_DEPTH:
            seen.setdefault(path, []).append(PartialValue("object", f"{len(value)}"))
        elif isinstance(value, dict):
            for name, item in value.items():
                inner = self._paths.get((path, name)) or self._path_of(path, str(name))
                if isinstance(item, str):
                    seen.setdefault(inner, []).append(item)
                else:
                    self._walk(inner, item, depth + 1, seen)
        elif isinstance(value, list):
            self._walk_list(path, value, depth, seen)
        elif path:
            seen.setdefault(path, []).append(scalar(value))

    def _path_of(self, path: str, name: str) -> str:
        """Write the path of a field; those met first are kept, for records are alike."""
        inner = path + write_name(name)
        if len(self._paths) < _MAX_FIELDS:
            self._paths[path, name] = inner
        return inner

    def _walk_list(
        self, path: str, items: list[object], depth: int, seen: dict[str, list[Cell]]
    ) -> None:
        if path:
            seen.setdefault(path, []).append(())
        for item in items[:_MAX_ITEMS]:
            if isinstance(item, dict):
                self._walk(f"{path or '.'}[]", item, depth, seen)
            elif path and not isinstance(item, list):
                seen[path].append(scalar(item))


def _is_shown(cell: Cell) -> TypeGuard[Scalar]:
    return cell is not NULL and not isinstance(cell, _NO_SCALAR)
