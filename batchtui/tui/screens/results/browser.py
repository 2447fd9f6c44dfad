"""The rows as they are looked at: tab, query, order, cursor and marks. No widgets."""

import asyncio
from array import array
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from batchtui.library.answer_choices import AnswerChoices
from batchtui.library.ledger_values import Review
from batchtui.results.errors import PatternFaulty
from batchtui.results.index import (
    SUCCEEDED,
    UNKNOWN,
    UNREADABLE,
    ResultsIndex,
)
from batchtui.results.query.engine import Query
from batchtui.results.reader import RowReader
from batchtui.results.records.registry import find_by_pattern
from batchtui.results.review_flags import ReviewFlags
from batchtui.tui.screens.results.field_columns import FieldColumns
from batchtui.tui.screens.results.search import Found, Search
from batchtui.tui.screens.results.selection import (
    LostMarks,
    Rows,
    Tab,
    place_of,
    select_rows,
    tab_counts,
)
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.screens.results.source import ResultsSource, review_subject
from batchtui.tui.screens.results.state import AllRows, ResultsState

if TYPE_CHECKING:
    from batchtui.results.request_schemas import RequestSchemas


_TURN, _REST = 0.006, 0.001
"""Seconds of looking for records, and those in which others have their turn."""


FindSchemas: TypeAlias = Callable[[Iterable[str]], Awaitable["RequestSchemas | None"]]

FindOrder: TypeAlias = Callable[[Iterable[str]], Awaitable[Mapping[str, int]]]


async def find_no_schemas(_ids: Iterable[str]) -> "RequestSchemas | None":
    """Find none: no request is known."""
    return None


class Browser:
    """The rows of a source as they are looked at; only its methods change how.

    Attributes:
        state: How they are looked at now.
        review_flags: Knows the rows that need a look.
        columns: The fields of answers that are columns.
        lacks_order: Whether the order of the requests was asked for last, and is not known.

    Args:
        source: Where the rows come from.
        choices: Remembers which columns the user chose.
        find_schemas: Finds out what the requests of some rows ask of their answers.
        find_order: Finds the place of each custom_id among the requests.
    """

    def __init__(
        self,
        source: ResultsSource,
        choices: AnswerChoices | None = None,
        find_schemas: FindSchemas = find_no_schemas,
        find_order: FindOrder | None = None,
    ) -> None:
        self._find_order = find_order
        self._source = source
        self._find_schemas = find_schemas
        self._choices = choices or AnswerChoices(None)
        self._index = source.index
        self._status = source.status
        """How far the source was when its rows were taken in: what is said fits the rows."""
        self.state = ResultsState()
        self._search: Search | None = None
        """Found what is shown, and goes on when there are more rows."""
        self.review_flags = ReviewFlags()
        self.lacks_order = False
        self._lost_marks = LostMarks()
        self._looked_at = -1
        """How many rows there were when all were looked at; -1 before that."""
        self.columns = self._make_columns()
        self._snippets = Snippets(self._index, None)
        self._reviews: Mapping[str, Review] = {}

    def _make_columns(self) -> FieldColumns:
        subject = review_subject(self._source)
        return FieldColumns(self._index, subject, self._choices, self._source.label or "")

    @property
    def index(self) -> ResultsIndex:
        """All rows."""
        return self._index

    @property
    def reader(self) -> RowReader | None:
        """Reads them."""
        return self._source.reader

    @property
    def expected_rows(self) -> int:
        """How many rows there will be; 0 where that is not known."""
        return self._status.expected_rows or 0

    @property
    def is_whole(self) -> bool:
        """Whether no more rows come for now."""
        return not self._status.is_moving

    @property
    def snippets(self) -> Snippets:
        """The beginnings of their answers."""
        if not self._snippets.is_of(self._index, self.reader):
            self._snippets = Snippets(self._index, self.reader)
        return self._snippets

    def all_rows(self) -> AllRows:
        """Return what is known of all rows now."""
        source, index, records = self._source, self._index, self.columns.records
        is_counted = records.found and records.looked >= len(index)
        return AllRows(
            source.title,
            source.name,
            source.batch,
            self._status,
            tab_counts(index, self.review_flags),
            odd=index.count_of(UNKNOWN) + index.count_of(UNREADABLE),
            records=(records.found, index.count_of(SUCCEEDED)) if is_counted else (0, 0),
        )

    # Rows as they arrive

    def open(self) -> None:
        """Get the first rows, and how they were looked at before; blocks."""
        self._source.open()
        self._choices.load()
        self._find_as_chosen()

    @property
    def pattern(self) -> str:
        """The user's own pattern that finds the records, or ""."""
        return self._choices.pattern_of(review_subject(self._source))

    def use_pattern(self, pattern: str) -> None:
        """Find the records by a pattern of the user's, now and the next time; blocks.

        Args:
            pattern: As typed; "" for all the ways that are known.

        Raises:
            PatternFaulty: It is no pattern with named groups.
        """
        find_by_pattern(self._index, pattern)
        self._choices.remember_pattern(review_subject(self._source), pattern)
        self.review_flags = ReviewFlags()
        self.columns = self._make_columns()
        self._snippets = Snippets(self._index, None)

    def _find_as_chosen(self) -> None:
        with suppress(PatternFaulty):  # of a newer version: the usual ways are better than nothing
            find_by_pattern(self._source.index, self.pattern)

    def take_in(self) -> bool:
        """Take in what the source has now.

        Returns:
            Whether the rows are others than before, so that a search must begin again.
        """
        self._status = self._source.status
        is_other = self._source.index is not self._index
        if is_other:
            self._lost_marks.lose(self._index, self.state.marked)
            self.state = replace(self.state, marked=frozenset(), found=None)
            self._search = None
            self._index = self._source.index
            self._index.reviews = self._reviews
            self._find_as_chosen()
            self.review_flags = ReviewFlags()
            self.columns = self._make_columns()
        self.review_flags.update(self._index)
        marked = self.state.marked | self._lost_marks.find(self._index)
        self.state = replace(self.state, marked=marked)
        return is_other

    def take_reviews(self, reviews: Mapping[str, Review]) -> bool:
        """Take in what was said of the rows, by custom_id; return whether that is new."""
        is_new = reviews != self._reviews
        self._reviews = self._index.reviews = reviews
        return is_new

    async def find_records(self) -> None:
        """Find the records of all rows, the values of columns, and which answers are unlike others.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        self._looked_at, has_more = -1, True
        try:
            while has_more and (reader := self.reader) is not None:
                has_more = self.columns.find_more(reader, _TURN)
                await asyncio.sleep(_REST)
            if self.reader is not None and self.is_whole:
                await asyncio.to_thread(self.columns.survey, self.reader)
        finally:
            self.review_flags.update(self._index)
            self._looked_at = len(self._index)

    @property
    def knows_odd_rows(self) -> bool:
        """Whether all rows are here and were looked at: no more of them will need a look."""
        return self.is_whole and self._looked_at == len(self._index)

    # The query

    def ask(self, text: str, query: Query | None, tab: Tab | None = None) -> None:
        """Make another query the one that counts; the rows stay until `run_search` finds others.

        Args:
            text: As typed.
            query: The same, understood; ``None`` for all rows.
            tab: In which tab; ``None`` for the one that is shown.
        """
        self.state = replace(self.state, text=text, query=query, tab=tab or self.state.tab)

    def way_back(self) -> Callable[[], None]:
        """Return what looks at the rows again that are looked at now."""
        before, search, index = self.state, self._search, self._index

        def go_back() -> None:
            is_same = self._index is index
            self._search = search if is_same else None
            self.state = replace(
                self.state,
                tab=before.tab,
                text=before.text,
                query=before.query,
                found=before.found if is_same else None,
            )

        return go_back

    async def run_search(self, on_step: Callable[[], None]) -> None:
        """Look for the rows of the query, among all rows known by now.

        The rows of before stay until there are others.

        Args:
            on_step: Called a few times a second while more matches are found, and at the end.

        Raises:
            QueryError: A pattern takes too long, or no request is known and the query needs it.
            BatchtuiError: The file cannot be read, or not the requests.
        """
        query, reader = self.state.query, self.reader
        if query is None or reader is None or not self.state.needs_search:
            self.state, self._search = replace(self.state, found=None), None
            return
        if query.asks_for_requests:
            await self.has_schemas()
        await self._look(Search(query, self._index, reader), on_step)

    async def has_schemas(self) -> bool:
        """Return whether a request asks its answer to fit a schema; then queries know it, too.

        Raises:
            BatchtuiError: The requests cannot be read.
        """
        index = self._index
        schemas = index.schemas = await self._find_schemas(index.custom_ids(0, len(index)))
        return schemas is not None and schemas.has_any

    async def resume_search(self, on_step: Callable[[], None]) -> None:
        """Look through the rows that have come since, as `run_search` does."""
        if self._search is not None and self.has_rows_to_search:
            await self._look(self._search, on_step)

    @property
    def is_searched(self) -> bool:
        """Whether what was found is what the query finds among all rows known by now."""
        if not self.state.needs_search:
            return True
        is_of_query = self._search is not None and self._search.query is self.state.query
        return is_of_query and not self.has_rows_to_search

    @property
    def has_rows_to_search(self) -> bool:
        """Whether there are rows that the search has not looked at."""
        found = self.state.found
        return found is not None and found.rows_done < len(self._index)

    async def _look(self, search: Search, on_step: Callable[[], None]) -> None:
        def step(found: Found) -> None:
            self.state, self._search = replace(self.state, found=found), search
            on_step()

        await search.run(step)

    # Which rows are shown

    def select(self) -> Rows:
        """Return the rows of tab and query in the order of the file."""
        state = self.state
        matches = state.found.matches if state.found else None
        return select_rows(self._index, self.review_flags, state.tab, matches)

    async def order(self, rows: Rows) -> Rows:
        """Put rows into the order that the query asks for; away from the event loop."""
        query = self.state.query
        if query is None or not query.reorders:
            return rows
        asked = await self._find_asked() if query.is_as_asked else {}
        return await asyncio.to_thread(query.order, self._index, array("I", rows), asked)

    async def _find_asked(self) -> Mapping[str, int]:
        find, index = self._find_order, self._index
        found = {} if find is None else await find(index.custom_ids(0, len(index)))
        self.lacks_order = not found
        return found

    def show(self, rows: Rows, *, from_top: bool = False) -> int:
        """Show these rows.

        Args:
            rows: Their numbers.
            from_top: Whether the cursor goes to the first one.

        Returns:
            Where the cursor stands: on its row if that is there, else as near as can be.
        """
        row, place = None if from_top else self.state.row, 0
        if row is not None:
            place = place_of(rows, row, is_ascending=not self.state.is_ordered)
            place = max(0, min(place, len(rows) - 1))
        self.state = replace(self.state, rows=rows, row=rows[place] if len(rows) else row)
        return place

    def show_tab(self, tab: Tab) -> None:
        """Look at another tab."""
        self.state = replace(self.state, tab=tab)

    def note_cursor(self, place: int) -> bool:
        """Note where the cursor stands, and return whether that is another row."""
        state = self.state
        if place >= len(state.rows) or state.rows[place] == state.row:
            return False
        self.state = replace(state, row=state.rows[place])
        return True

    def set_reading(self, *, is_reading: bool) -> None:
        """Give the row under the cursor the whole screen, or take it back."""
        self.state = replace(self.state, is_reading=is_reading)

    def toggle_reader(self) -> None:
        """Show the row beside the others, or not."""
        self.state = replace(self.state, has_reader=not self.state.has_reader)

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        if self.state.row is not None:
            self.state = replace(self.state, marked=self.state.marked ^ {self.state.row})
