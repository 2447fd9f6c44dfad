"""One view over a line of tries: for each custom_id the newest success, else the newest row.

Successes are taken over byte for byte from the results they are in.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from batchtui.submission.written_files import new_file, own_file


class TryRow(Struct, frozen=True):
    """One row of one try's results."""

    custom_id: str
    """Untrusted text."""
    is_success: bool
    """Whether it is an answer worth keeping."""
    row: int
    """What `Try.raw` takes."""


class Try(Struct, frozen=True):
    """One batch of the line."""

    batch_id: str
    """Which."""
    rows: Iterable[TryRow]
    """Its rows; gone through once."""
    raw: Callable[[int], bytes]
    """Returns the bytes of a row without the end of the line."""


def try_rows(outcomes: Iterable[tuple[str, str, str, str]]) -> Iterator[TryRow]:
    """Yield the rows of one try; lines that are no results have no id to be merged by.

    Args:
        outcomes: As `ResultsIndex.outcomes` yields them, of all rows.
    """
    for row, (custom_id, kind, _, _) in enumerate(outcomes):
        if kind != "unreadable":
            yield TryRow(custom_id, kind == "succeeded", row)


class MergedRow(Struct, frozen=True):
    """Where the row of an id is taken from."""

    custom_id: str
    """Untrusted text."""
    try_number: int
    """Position in the line, from 0 for the oldest."""
    row: int
    """What that try's ``raw`` takes."""
    is_success: bool
    """Whether it has its answer."""


class Merged(Struct, frozen=True):
    """The merged view, in the order in which ids were first seen."""

    line: tuple[Try, ...]
    """Oldest first."""
    rows: tuple[MergedRow, ...]
    """One per custom_id."""

    @property
    def successes(self) -> int:
        """How many ids have their answer."""
        return sum(row.is_success for row in self.rows)

    @property
    def from_each_try(self) -> tuple[int, ...]:
        """How many answers come from each try."""
        counts = [0] * len(self.line)
        for row in self.rows:
            counts[row.try_number] += row.is_success
        return tuple(counts)

    def raw(self, row: MergedRow) -> bytes:
        """Return the bytes of a row as they stand in its results."""
        return self.line[row.try_number].raw(row.row)

    def lines(self, *, only_successes: bool = False) -> Iterator[bytes]:
        """Yield the merged results line by line, each with its newline."""
        for row in self.rows:
            if row.is_success or not only_successes:
                yield self.raw(row) + b"\n"


class MergedResults(Struct, frozen=True):
    """Merged results, written into a file of ours."""

    path: Path
    """The file."""
    title: str
    """What the user calls the batch; safe to show."""
    tries: str
    """How many tries are in it, in words."""
    batches: Mapping[str, str]
    """The batch that each row was taken from, by custom_id."""


def merge(line: Sequence[Try]) -> Merged:
    """Merge a line of tries.

    Args:
        line: Oldest first. Where one try has an id twice, a success counts before a failure, and
            the later of two before the earlier.
    """
    best: dict[str, MergedRow] = {}
    for number, one in enumerate(line):
        for row in one.rows:
            before = best.get(row.custom_id)
            if before is None or row.is_success or not before.is_success:
                best[row.custom_id] = MergedRow(row.custom_id, number, row.row, row.is_success)
    return Merged(tuple(line), tuple(best.values()))


def export_merged(
    merged: Merged, path: Path, *, only_successes: bool = False, is_ours: bool = False
) -> int:
    """Write the merged results as one file; works in a thread.

    Args:
        merged: What to write.
        path: Must not exist, unless it is ours.
        only_successes: Leave out ids without an answer.
        is_ours: Whether it is a file of the program's own, which nobody else may read.

    Returns:
        The number of lines written.

    Raises:
        FileExists: There is such a file.
        SubmissionError: It cannot be written; nothing is left of it then.
    """
    count = 0
    with own_file(path) if is_ours else new_file(path) as file:
        for line in merged.lines(only_successes=only_successes):
            file.write(line)
            count += 1
    return count
