"""From a line of tries to the lines of the merged view. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum

from msgspec import Struct
from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.formatting import format_count, plural
from batchtui.results.index import RESULT_TYPES, ResultsIndex
from batchtui.submission.merge import Merged
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.submission.words import paragraph
from batchtui.tui.widgets.columns import Cell, Column, header_line, place_columns, table_line
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible

_COLUMNS = (
    Column("number", "TRY", 3, align="right", gap=0),
    Column("name", "BATCH", 12, grows=True, cuts_middle=True),
    Column("requests", "REQUESTS", 10, align="right", rank=1),
    Column("answers", "ANSWERS TAKEN", 13, align="right"),
    Column("place", "RESULTS", 18, rank=2),
)
_CAUSES, _NUMBER = 5, 11
"""Causes that are listed at most, and the cells of their numbers."""


class Place(Enum):
    """Where the results of a try are; the value is what the list says."""

    HERE = "on this disk"
    SERVER = "on the server"
    RUNNING = "still running"
    GONE = "gone"


class TryState(Struct, frozen=True):
    """One try as it is shown."""

    batch_id: str
    """Which."""
    name: str
    """Its label or id; safe to show."""
    place: Place
    """Where its results are."""
    batch: MessageBatch | None = None
    """As the server showed it; ``None`` where it was not asked, or does not know it."""
    requests: int | None = None
    """How many it has, where that is known."""
    answers: int | None = None
    """How many answers are taken from it."""


class MergeState(Struct, frozen=True):
    """A line of tries, and what it comes to."""

    name: str
    """Of the batch asked about; safe to show."""
    tries: tuple[TryState, ...]
    """The line, oldest first."""
    rows: int = 0
    """How many ids there are."""
    successes: int = 0
    """How many have their answer."""
    causes: tuple[tuple[str, int], ...] = ()
    """Why the others have none, with their numbers, the most frequent first; untrusted."""

    @property
    def missing(self) -> tuple[TryState, ...]:
        """The tries whose results can be had and are not here."""
        return tuple(one for one in self.tries if one.place is Place.SERVER)

    def with_try(self, one: TryState) -> "MergeState":
        """Return this with one of the tries as it is now."""
        tries = tuple(one if old.batch_id == one.batch_id else old for old in self.tries)
        return replace(self, tries=tries)

    @property
    def has_results(self) -> bool:
        """Whether there is something to merge."""
        return self.rows > 0


def with_merged(state: MergeState, merged: Merged, indexes: dict[str, ResultsIndex]) -> MergeState:
    """Return the state with what the merging brought."""
    taken = {
        one.batch_id: count for one, count in zip(merged.line, merged.from_each_try, strict=True)
    }
    causes: Counter[str] = Counter()
    for row in merged.rows:
        if not row.is_success:
            causes[_cause(indexes[merged.line[row.try_number].batch_id], row.row)] += 1
    return replace(
        state,
        tries=tuple(replace(one, answers=taken.get(one.batch_id)) for one in state.tries),
        rows=len(merged.rows),
        successes=merged.successes,
        causes=tuple(causes.most_common()),
    )


def _cause(index: ResultsIndex, row: int) -> str:
    cause = index.cause_list[index.causes[row]]
    name = cause.type or RESULT_TYPES[index.types[row]]
    return f"{name}  {cause.message_pattern}".strip()


def export_name(name: str) -> str:
    """Return a file name made of a label: nothing in it may mean a folder."""
    kept = "".join(one if one.isalnum() or one in "-_." else "-" for one in name).strip("-.")
    return f"{kept[:80] or 'batch'}-merged.jsonl"


def tries_heading(width: int) -> Line:
    """Return the titles of the columns."""
    return header_line(place_columns(_COLUMNS, width))


_STYLES = {
    Place.HERE: "ok",
    Place.SERVER: "warning",
    Place.RUNNING: "running",
    Place.GONE: "muted",
}


def try_line(number: int, one: TryState, width: int, dash: str, fetch: str) -> Line:
    """Paint one try ``width`` cells wide.

    Args:
        number: Of the try, from 1.
        one: The try.
        width: Cells of the line.
        dash: For what is not known.
        fetch: The key that downloads what lacks.
    """
    place = f"{one.place.value}: {fetch}" if one.place is Place.SERVER else one.place.value
    cells: dict[str, Cell] = {
        "number": str(number),
        "name": one.name,
        "requests": dash if one.requests is None else format_count(one.requests),
        "answers": Span(dash if one.answers is None else format_count(one.answers), "strong"),
        "place": Span(place, _STYLES[one.place]),
    }
    return table_line(place_columns(_COLUMNS, width), cells)


def merge_summary(state: MergeState, fetch: str, width: int) -> Iterator[Line]:
    """Say what the merged view holds, and what it still lacks.

    Args:
        state: The tries, and what they come to.
        fetch: The key that downloads what lacks.
        width: Cells that a line may have.
    """
    if not state.has_results:
        yield line(("Nothing to merge yet: no results of this line are on this disk.", "warning"))
        yield from _lacks(state.missing, fetch, width)
        return
    failing = state.rows - state.successes
    yield line(
        (plural(state.rows, "request"), "strong"),
        "   ",
        (f"{format_count(state.successes)} answered", "ok"),
        "   ",
        (f"{format_count(failing)} still without an answer", "failed")
        if failing
        else ("every one has its answer", "ok"),
    )
    for cause, count in state.causes[:_CAUSES]:
        number = (Span(f"{format_count(count):>{_NUMBER}}  "),)
        indent = (Span(" " * (_NUMBER + 2)),)
        yield from wrap_runs([(visible(cause), "muted")], width, number, indent)
    rest = sum(count for _, count in state.causes[_CAUSES:])
    if rest:
        yield line(f"{format_count(rest):>{_NUMBER}}  ", ("other causes", "muted"))
    yield from _lacks(state.missing, fetch, width)
    running = sum(one.place is Place.RUNNING for one in state.tries)
    if running:
        still = plural(running, "try is", "tries are")
        yield line((f"{still} still running: nothing of that is in it yet", "warning"))
    yield BLANK
    words = (
        "The export has every custom_id once: its newest answer, or its newest row where it has"
        " none. Rows keep their bytes."
    )
    yield from paragraph(words, width, "muted")


def _lacks(missing: Iterable[TryState], fetch: str, width: int) -> Iterator[Line]:
    names = ", ".join(one.name for one in missing)
    if names:
        yield from paragraph(
            f"Not on this disk yet: {names}. {fetch} downloads them.", width, "warning"
        )
