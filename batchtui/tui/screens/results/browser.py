"""What is looked at: the tab, the query, the order, the cursor and the marks. No widgets."""

import asyncio
import re
from array import array
from collections.abc import Callable, Mapping

from msgspec import Struct

from batchtui.library.column_choices import ColumnChoices
from batchtui.library.ledger_values import Review
from batchtui.results.index import (
    ERRORED,
    EXPIRED,
    SUCCEEDED,
    UNKNOWN,
    UNREADABLE,
    ResultsIndex,
)
from batchtui.results.query.engine import Query
from batchtui.results.query.syntax import SortKey
from batchtui.results.reader import RowReader
from batchtui.results.review_flags import ReviewFlags
from batchtui.tui.screens.results.field_columns import FieldColumns
from batchtui.tui.screens.results.rows import Needed, short_reason
from batchtui.tui.screens.results.searching import Search
from batchtui.tui.screens.results.selection import Rows, Tab, place_of, select_rows, tab_counts
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.screens.results.source import ResultsSource

ORDERS = ("", "-out", "-in", "id", "-size")
"""The orders that one key goes through; the first is that of the file."""

_NUMBERS = {"in", "out", "size"}
"""Fields of which the largest values are worth most."""
_TURN, _REST = 0.006, 0.001
"""Seconds of looking for records, and those in which others have their turn."""
_SAMPLE = 300
"""Rows whose ids tell how wide ids are."""
_SORT = re.compile(r"(?:^|(?<=\s))sort:\S*\s*")


class Selection(Struct, frozen=True):
    """Which rows are looked at: a tab, and a query with what it found."""

    tab: Tab
    text: str
    query: Query | None
    search: Search | None


class Browser:
    """The rows of a source as they are looked at.

    Attributes:
        tab: The tab.
        text: The query as typed, understood or not.
        query: The query that counts; ``None`` for all rows in the order of the file.
        search: Its matches; ``None`` where every row matches.
        review_flags: Knows the rows that need a look.
        rows: What is shown.
        row: The row under the cursor, by its number in the file.
        marked: The rows that the user marked.
        columns: The fields of answers that are columns.
        is_reading: Whether the row under the cursor has the whole screen.
        has_reader: Whether it is shown beside the rows.

    Args:
        source: Where the rows come from.
        choices: Remembers which columns the user chose.
    """

    def __init__(self, source: ResultsSource, choices: ColumnChoices | None = None) -> None:
        self._source = source
        self._choices = choices or ColumnChoices(None)
        self._index = source.index
        self.tab = Tab.ALL
        self.text = ""
        self.query: Query | None = None
        self.search: Search | None = None
        self.review_flags = ReviewFlags()
        self.rows: Rows = range(0)
        self.row: int | None = None
        self.marked: frozenset[int] = frozenset()
        self.is_reading = False
        self.has_reader = True
        self._lost_marks: set[str] = set()
        self._looked_for_marks = 0
        self.columns = self._make_columns()
        self._snippets = Snippets(self._index, None)
        self._reviews: Mapping[str, Review] = {}

    def _make_columns(self) -> FieldColumns:
        subject = self._source.batch.id if self._source.batch else str(self._source.path or "")
        return FieldColumns(self._index, subject, self._choices)

    @property
    def index(self) -> ResultsIndex:
        """All rows."""
        return self._index

    @property
    def selection(self) -> Selection:
        """Which rows are looked at."""
        return Selection(self.tab, self.text, self.query, self.search)

    @selection.setter
    def selection(self, selection: Selection) -> None:
        self.tab, self.text = selection.tab, selection.text
        self.query, self.search = selection.query, selection.search

    @property
    def reader(self) -> RowReader | None:
        """Reads them."""
        return self._source.reader

    @property
    def is_whole(self) -> bool:
        """Whether no more rows come for now."""
        return not self._source.status.is_moving

    @property
    def snippets(self) -> Snippets:
        """The beginnings of their answers."""
        if not self._snippets.is_of(self._index, self.reader):
            self._snippets = Snippets(self._index, self.reader)
        return self._snippets

    @property
    def sort(self) -> tuple[SortKey, ...]:
        """What the rows are sorted by; empty for the order of the file."""
        return self.query.sort if self.query else ()

    @property
    def is_ordered(self) -> bool:
        """Whether the rows are in another order than that of the file."""
        return self.query is not None and self.query.reorders

    @property
    def _needs_search(self) -> bool:
        """Whether rows must be looked at, to choose among them or to sort by a field of theirs."""
        query = self.query
        if query is None:
            return False
        return not query.is_everything or any(key.field.startswith(".") for key in query.sort)

    def take_in(self) -> bool:
        """Take in what the source has now.

        Returns:
            Whether the rows are others than before, so that a search must begin again.
        """
        is_other = self._source.index is not self._index
        if is_other:
            self._lost_marks |= {self._index.custom_id(row) for row in self.marked}
            self.marked, self._looked_for_marks = frozenset(), 0
            self._index = self._source.index
            self._index.reviews = self._reviews
            self.review_flags = ReviewFlags()
            self.columns = self._make_columns()
            self.search = None
        self.review_flags.update(self._index)
        self._find_marks()
        return is_other

    def _find_marks(self) -> None:
        """Mark the rows again that were marked by another number, before the file was another."""
        index, first = self._index, self._looked_for_marks
        if not self._lost_marks:
            return
        ids = index.custom_ids(first, len(index))
        found = {row for row, name in enumerate(ids, first) if name in self._lost_marks}
        self._looked_for_marks = len(index)
        self._lost_marks -= {index.custom_id(row) for row in found}
        self.marked |= found

    def take_reviews(self, reviews: Mapping[str, Review]) -> bool:
        """Take in what was said of the rows, by custom_id; return whether that is new."""
        is_new = reviews != self._reviews
        self._reviews = self._index.reviews = reviews
        return is_new

    @property
    def record_counts(self) -> tuple[int, int]:
        """How many answers have a record, of how many; zeros until all were looked at."""
        records, answers = self.columns.records, self._index.count_of(SUCCEEDED)
        if not records.found or records.looked < len(self._index):
            return 0, 0
        return records.found, answers

    def counts(self) -> dict[Tab, int]:
        """How many rows each tab has."""
        return tab_counts(self._index, self.review_flags)

    @property
    def failed(self) -> int:
        """How many rows failed."""
        return self._index.count_of(ERRORED) + self._index.count_of(EXPIRED)

    @property
    def odd(self) -> int:
        """How many rows are no results, or of a type that is not known."""
        return self._index.count_of(UNKNOWN) + self._index.count_of(UNREADABLE)

    def needed(self) -> Needed:
        """How wide ids and reasons are, going by the first rows."""
        index = self._index
        ids = max(map(len, index.custom_ids(0, _SAMPLE)), default=0)
        stops = [index.stop_names[one] for one in set(index.stop_reasons[:_SAMPLE])]
        causes = [index.cause_list[one].type for one in set(index.causes[:_SAMPLE])]
        reasons = [*stops, *causes, "succeeded"]
        return Needed(ids, max(len(short_reason(one)) for one in reasons))

    async def find_records(self) -> None:
        """Find the records of all rows, and the values of columns.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        has_more = True
        while has_more and (reader := self.reader) is not None:
            has_more = self.columns.find_more(reader, _TURN)
            await asyncio.sleep(_REST)

    def ask(self, text: str, query: Query | None) -> None:
        """Make another query the one that counts; the rows stay until `run_search` finds others.

        Args:
            text: As typed.
            query: The same, understood; ``None`` for all rows.
        """
        self.text, self.query = text, query

    async def run_search(self, on_step: Callable[[], None]) -> None:
        """Look for the rows of the query, among all rows known by now.

        The rows of before stay until there are others.

        Args:
            on_step: Called a few times a second while more matches are found, and at the end.

        Raises:
            QueryError: A pattern takes too long.
            ResultsFileError: The file cannot be read.
        """
        query, reader = self.query, self.reader
        if query is None or reader is None or not self._needs_search:
            self.search = None
            return
        await self._look(Search(query, self._index, reader), on_step)

    @property
    def has_rows_to_search(self) -> bool:
        """Whether rows have come that the search has not looked at."""
        return self.search is not None and not self.search.is_done

    async def resume_search(self, on_step: Callable[[], None]) -> None:
        """Look through the rows that have come since, as `run_search` does."""
        if self.search is not None and not self.search.is_done:
            await self._look(self.search, on_step)

    async def _look(self, search: Search, on_step: Callable[[], None]) -> None:
        def step() -> None:
            self.search = search
            on_step()

        await search.run(step)
        self.search = search

    def select(self) -> Rows:
        """The rows of tab and query in the order of the file."""
        matches = self.search.matches if self.search else None
        return select_rows(self._index, self.review_flags, self.tab, matches)

    async def order(self, rows: Rows) -> Rows:
        """Put rows into the order that the query asks for; away from the event loop."""
        query = self.query
        if query is None or not query.reorders:
            return rows
        return await asyncio.to_thread(query.order, self._index, array("I", rows))

    def show(self, rows: Rows) -> int:
        """Show these rows.

        Returns:
            Where the cursor stands: on its row if that is there, else as near as can be.
        """
        self.rows = rows
        if not len(rows):
            return 0
        place = 0
        if self.row is not None:
            place, _ = place_of(rows, self.row, is_ascending=not self.is_ordered)
        place = min(place, len(rows) - 1)
        self.row = rows[place]
        return place

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.row is not None:
            self.marked ^= {self.row}

    def target_count(self) -> int:
        """How many rows a command on several rows acts on."""
        if self.marked:
            return len(self.marked)
        if self.search is not None or self.tab is not Tab.ALL:
            return len(self.rows)
        return self.failed

    def targets(self) -> tuple[str, Rows]:
        """What a command on several rows acts on.

        Returns:
            In words, and the rows: the marked ones, else what a query or tab shows, else those
            that failed.
        """
        if self.marked:
            return "marked", array("I", sorted(self.marked))
        if self.search is not None or self.tab is not Tab.ALL:
            return "shown", self.rows
        by_type = self._index.rows_by_type
        return "failed", array("I", sorted([*by_type[ERRORED], *by_type[EXPIRED]]))


def next_order(text: str) -> str:
    """Return the query with the next of `ORDERS` in place of its own."""
    current = _order_of(text)
    place = ORDERS.index(current) if current in ORDERS else -1
    return _ordered_by(text, ORDERS[(place + 1) % len(ORDERS)])


def sorted_by(text: str, field: str, *, is_number: bool = False) -> str:
    """Return the query sorted by a field: numbers largest first, then the other way, then not."""
    is_number = is_number or field in _NUMBERS
    steps = [f"-{field}", field] if is_number else [field, f"-{field}"]
    current = _order_of(text)
    place = steps.index(current) if current in steps else -1
    return _ordered_by(text, steps[place + 1] if place + 1 < len(steps) else "")


def _order_of(text: str) -> str:
    found = _SORT.search(text)
    return found.group().strip().removeprefix("sort:") if found else ""


def _ordered_by(text: str, order: str) -> str:
    kept = _SORT.sub("", text).strip()
    return f"{kept} sort:{order}".strip() if order else kept
