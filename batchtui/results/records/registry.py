"""The records of each index that is open: the same ones for everybody who asks."""

from weakref import WeakKeyDictionary

from batchtui.results.index import ResultsIndex
from batchtui.results.records.own_pattern import RecordPattern
from batchtui.results.records.table import Records

_BY_INDEX: WeakKeyDictionary[ResultsIndex, Records] = WeakKeyDictionary()


def records_of(index: ResultsIndex) -> Records:
    """Return the records of an index: the same ones for everybody, so that each is found once."""
    records = _BY_INDEX.get(index)
    if records is None:
        records = Records(index)
        use_records(index, records)
    return records


def use_records(index: ResultsIndex, records: Records) -> None:
    """Have everybody use records that are known already."""
    _BY_INDEX[index] = records


def find_by_pattern(index: ResultsIndex, pattern: str) -> None:
    """Have the records of an index found by a pattern of the user's.

    Args:
        index: The rows.
        pattern: As typed; "" for all the ways that are known.

    Raises:
        PatternFaulty: It is no pattern with named groups.
    """
    if records_of(index).pattern is None and not pattern:
        return
    use_records(index, Records(index, RecordPattern(pattern) if pattern else None))
