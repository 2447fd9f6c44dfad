"""How a download ended, and what proves that it is complete."""

from typing import Literal

from msgspec import Struct

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_count, plural
from batchtui.library.store import PartialResults, StoredResults
from batchtui.results.index import RESULT_TYPES, UNKNOWN, UNREADABLE, ResultsIndex

IncompleteKind = Literal["network", "stalled", "refused", "unavailable", "count", "disk", "stopped"]
"""Where it broke: the connection failed or was cut (network) or went silent (stalled), the server
said no (refused) or has no results (unavailable), the stream ended well with another number of
rows than the batch has requests (count), the disk (disk), or the user (stopped)."""


class Verified(Struct, frozen=True):
    """The results are on disk and proven complete."""

    results: StoredResults
    remarks: tuple[str, ...] = ()
    """What is worth a look anyway: rows that do not parse, ids that come twice, ..."""


class Incomplete(Struct, frozen=True):
    """The results are not, or not all, on disk; what has arrived is readable."""

    kind: IncompleteKind
    reason: str
    """One sentence; may quote untrusted text."""
    hint: str = ""
    partial: PartialResults | None = None
    """What is here, if anything is."""
    error: BatchtuiError | None = None
    """The failure behind it, if there was one."""
    remarks: tuple[str, ...] = ()

    @property
    def can_resume(self) -> bool:
        """Whether the next try may ask the server for the rest alone."""
        return bool(self.partial and self.partial.validator and self.kind != "count")


class Busy(Struct, frozen=True):
    """Another batchtui downloads these results; what it has so far can be read."""

    partial: PartialResults | None = None


Outcome = Verified | Incomplete | Busy


def find_gap(index: ResultsIndex, expected_rows: int, *, is_torn: bool) -> str:
    """Tell why a stream that ended well is not complete anyway.

    Complete are as many rows as requests, each of them a result, with as many different ids.

    Args:
        index: All its rows.
        expected_rows: Requests of the batch.
        is_torn: Whether its last line has no line end and breaks off.

    Returns:
        The reason, or "" if it is complete.
    """
    rows = len(index)
    if is_torn and rows and index.types[rows - 1] == UNREADABLE:
        return f"the last line is torn: the stream was cut in row {format_count(rows)}"
    if rows == expected_rows:
        return _find_wrong_rows(index)
    if rows < expected_rows:
        return (
            f"{format_count(rows)} of {format_count(expected_rows)} rows came, though the stream "
            "ended as if it were complete"
        )
    if expected_rows == 0:
        return f"{plural(rows, 'row')} came, and the batch tells no counts to compare with"
    return f"{plural(rows, 'row')} came, more than the batch's {format_count(expected_rows)}"


def _find_wrong_rows(index: ResultsIndex) -> str:
    unreadable = index.count_of(UNREADABLE)
    if unreadable:
        lines = plural(unreadable, "line is", "lines are")
        return f"as many rows came as there are requests, but {lines} no result"
    if index.duplicate_rows:
        ids = plural(index.duplicate_rows, "row has", "rows have")
        return (
            f"as many rows came as there are requests, but {ids} an id that came before: the rows "
            "of others are missing"
        )
    return ""


def list_remarks(index: ResultsIndex) -> tuple[str, ...]:
    """Say what is worth a look in a file, complete or not; each is counted in the index."""
    found = (
        (index.count_of(UNREADABLE), "row does not parse", "rows do not parse"),
        (index.count_of(UNKNOWN), "row of an unknown type", "rows of an unknown type"),
        (index.duplicate_rows, "row with an id that came before", "rows with ids that came before"),
    )
    return tuple(plural(count, one, many) for count, one, many in found if count)


def count_by_type(index: ResultsIndex) -> dict[str, int]:
    """Return how many rows there are of each type that occurs, by its name."""
    counts = ((name, index.count_of(place)) for place, name in enumerate(RESULT_TYPES))
    return {name: count for name, count in counts if count}
