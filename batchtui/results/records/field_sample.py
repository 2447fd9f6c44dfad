"""The fields of a file's records, learnt from some of them while all are being found."""

from collections.abc import Callable, Sequence

from batchtui.results.records.catalog import FieldCatalog, FieldInfo
from batchtui.results.records.field_reader import DecodedRecords, RecordBlock
from batchtui.results.records.finder import NoRecord, Record
from batchtui.results.records.paths import read_path

_ALL_KNOWN = 200
"""Records of which all fields are learnt; of further ones a sample is enough."""
_SAMPLE = 2
"""Records of a block that are looked at then."""
_MOST_KNOWN = 600


class FieldSample:
    """What is known of the fields.

    Attributes:
        catalog: What the records that were looked at have.
    """

    def __init__(self, catalog: FieldCatalog | None = None) -> None:
        """Begin with nothing.

        Args:
            catalog: Or with what was kept of a file all of whose records were found.
        """
        self.catalog = FieldCatalog() if catalog is None else catalog
        self._fields: tuple[FieldInfo, ...] = ()
        self._fields_of: tuple[FieldCatalog, int, int] | None = None

    def fields(self, found: int) -> tuple[FieldInfo, ...]:
        """Return the fields in the order in which records have them.

        Args:
            found: How many records the file has.
        """
        state = (self.catalog, self.catalog.records, found)
        if self._fields_of != state:
            self._fields, self._fields_of = state[0].fields(found), state
        return self._fields

    def has(self, path: str, found: int) -> bool:
        """Return whether there is the outermost field on the way to another."""
        return _outermost(path) in {_outermost(info.path) for info in self.fields(found)}

    def learn(self, block: RecordBlock, decoded: DecodedRecords) -> None:
        """Add the fields of some of a block's records."""
        known = self.catalog.records
        if known >= _MOST_KNOWN:
            return
        rows = sorted([*decoded.rows, *decoded.others])
        if known >= _ALL_KNOWN:
            rows = rows[:: max(1, len(rows) // _SAMPLE)]
        for row in rows[: _MOST_KNOWN - known]:
            if row in decoded.others:
                self.catalog.add(decoded.others[row])
            else:
                self.catalog.add_escaped(block.piece(row))

    def spread(
        self, forms: Sequence[int], found: int, read: Callable[[int], Record | NoRecord]
    ) -> None:
        """Learn the fields once more, from records all over the file: the first may be unlike.

        Args:
            forms: Of all rows, 0 where there is no record.
            found: How many records there are.
            read: Finds the record of a row.
        """
        if self.catalog.is_spread or found <= _MOST_KNOWN:
            return
        rows = [row for row, form in enumerate(forms) if form]
        catalog = FieldCatalog(is_spread=True)
        for step in range(_MOST_KNOWN):
            record = read(rows[step * len(rows) // _MOST_KNOWN])
            if isinstance(record, Record):
                catalog.add(record.value)
        self.catalog = catalog


def _outermost(path: str) -> str:
    """Return the name of the outermost field on the way to another; "" if none has a name."""
    read = read_path(path)
    names = [step for step in read[0].steps if isinstance(step, str)] if read else []
    return names[0] if names else ""
