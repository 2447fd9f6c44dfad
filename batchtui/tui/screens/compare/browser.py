"""What is looked at of a comparison: the tab, the query, the order. No widgets."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace
from textual.cache import LRUCache

from batchtui.library.answer_choices import AnswerChoices
from batchtui.library.ledger_values import Review
from batchtui.library.reviews import pair_subject
from batchtui.prices import load_prices
from batchtui.results.comparison.absent import say_absent
from batchtui.results.comparison.pairs import PairDetail, ResultsComparison
from batchtui.results.comparison.query import (
    asked_fields,
    asks_for_requests,
    asks_for_reviews,
    match_pairs,
)
from batchtui.results.comparison.side import RunTotals, Side, run_totals
from batchtui.results.errors import PatternFaulty, ResultsFileError
from batchtui.results.records.registry import find_by_pattern
from batchtui.tui.screens.compare.pair_columns import PairColumns
from batchtui.tui.screens.compare.runs import ComparedRun
from batchtui.tui.screens.compare.state import BothRuns, ChangeTab, LoadState, PairsState

ReviewsOf = Callable[[str], Mapping[str, Review]]

LONG_PAIR = 64 * 1024
"""Bytes of both lines from which a pair is read in a thread only."""
_DETAILS = 200
"""Pairs kept as they were read: some screens."""
_BY_LENGTH = "sort:-delta"


def no_reviews(subject: str) -> Mapping[str, Review]:
    """Nothing was said of the pairs of any subject."""
    del subject
    return {}


class PairBrowser:
    """Two runs as they are looked at; only its methods change how.

    Attributes:
        a: The first run.
        b: The second run.
        state: How they are looked at now.
        comparison: The pairs, once both runs are here.
        columns: The fields that are columns, once they are compared.

    Args:
        a: The first run.
        b: The second run.
        reviews_of: Reads what was said of the pairs of a subject; blocks.
        choices: Knows the patterns by which the user finds records.
        prices_file: The user's own prices; need not exist.
    """

    def __init__(
        self,
        a: ComparedRun,
        b: ComparedRun,
        reviews_of: ReviewsOf = no_reviews,
        choices: AnswerChoices | None = None,
        prices_file: Path | None = None,
    ) -> None:
        self.a, self.b = a, b
        self._choices = choices or AnswerChoices(None)
        self._prices_file = prices_file
        self._reviews_of = reviews_of
        self.state = PairsState()
        self.comparison: ResultsComparison | None = None
        self.columns: PairColumns | None = None
        self._totals: tuple[RunTotals, ...] = ()
        self._matched: Sequence[int] | None = None
        self._details: LRUCache[int, PairDetail] = LRUCache(_DETAILS)

    def both_runs(self) -> BothRuns:
        """Return what is known of both runs now."""
        names, comparison = (self.a.name, self.b.name), self.comparison
        if comparison is None:
            return BothRuns(names, dict.fromkeys(ChangeTab, 0))
        counted = comparison.counts()
        return BothRuns(
            names,
            {tab: sum(counted[change] for change in tab.changes) for tab in ChangeTab},
            models=tuple(
                ", ".join(name for name in side.index.model_names if name)
                for side in (comparison.a, comparison.b)
            ),
            totals=self._totals,
            reviews=len(comparison.reviews or ()),
        )

    async def run(self, on_change: Callable[[], None]) -> None:
        """Have both runs here and compare them.

        Args:
            on_change: Called whenever there is something new to show.

        Raises:
            BatchtuiError: A run cannot be had or read.
        """

        def note(doing: str) -> None:
            self.state = replace(self.state, load=LoadState(doing))
            on_change()

        side_a, side_b = await self.a.load(note), await self.b.load(note)
        await asyncio.to_thread(self._find_as_chosen, side_a, side_b)
        comparison = await asyncio.to_thread(ResultsComparison, side_a, side_b)
        prices = await asyncio.to_thread(load_prices, self._prices_file)
        self._totals = (
            await asyncio.to_thread(run_totals, side_a, prices),
            await asyncio.to_thread(run_totals, side_b, prices),
        )
        self.comparison = comparison
        await self.take_reviews()
        steps = comparison.run()
        while await asyncio.to_thread(_step, steps):
            note(f"{comparison.compared:,} of {len(comparison):,} pairs compared")
        self.columns = await asyncio.to_thread(PairColumns, comparison, self.subject, self._choices)
        self._select(replace(self.state, load=LoadState("")))
        on_change()

    def _find_as_chosen(self, side_a: Side, side_b: Side) -> None:
        """Find the records of each run as its user has chosen."""
        for run, side in ((self.a, side_a), (self.b, side_b)):
            with suppress(PatternFaulty):
                find_by_pattern(side.index, self._choices.pattern_of(run.subject))

    @property
    def subject(self) -> str:
        """What reviews of the pairs are kept under."""
        return pair_subject(self.a.subject, self.b.subject)

    async def take_reviews(self) -> bool:
        """Read what was said of the pairs; return whether that changes what is shown.

        Raises:
            LedgerError: It cannot be read.
        """
        comparison = self.comparison
        if comparison is None:
            return False
        reviews = await asyncio.to_thread(self._reviews_of, self.subject)
        is_new, comparison.reviews = reviews != comparison.reviews, reviews
        if is_new and asks_for_reviews(self.state.text):
            await self.ask(self.state.text)
        return is_new

    def fail(self, problem: str, hint: str) -> None:
        """Note why there is no comparison."""
        self.state = replace(self.state, load=LoadState("", problem, hint))

    async def ask(self, text: str) -> None:
        """Make a text the query; reads the fields it names from both files.

        Raises:
            QueryError: It is not understood; the old query stays.
            BatchtuiError: A file cannot be read.
        """
        if self.comparison is None:
            return
        if asks_for_requests(text):
            for run, side in ((self.a, self.comparison.a), (self.b, self.comparison.b)):
                ids = side.index.custom_ids(0, len(side.index))
                side.index.schemas = await run.requests.find_schemas(ids)
        is_query = bool(text.strip())
        matched = await asyncio.to_thread(match_pairs, text, self.comparison) if is_query else None
        self._matched = matched
        a, b = self.comparison.a, self.comparison.b
        absent = await asyncio.to_thread(say_absent, a, b, asked_fields(text))
        self._select(replace(self.state, text=text, absent=tuple(absent)))

    def in_next_order(self) -> str:
        """Return the query in the next order.

        That of the file, then the largest change first: of the length, of each column of numbers.
        """
        numbers = self.columns.numbers if self.columns is not None else ()
        orders = ["", _BY_LENGTH, *(f"{_BY_LENGTH}:{path}" for path in numbers)]
        text = f" {self.state.text.strip()}"
        place = next((at for at, one in enumerate(orders) if one and text.endswith(f" {one}")), 0)
        return f"{text.removesuffix(orders[place])} {orders[(place + 1) % len(orders)]}".strip()

    def show_tab(self, tab: ChangeTab) -> None:
        """Show the pairs of a tab."""
        self._select(replace(self.state, tab=tab))

    def set_reading(self, *, is_reading: bool) -> None:
        """Give the pair under the cursor the whole screen, or take it back."""
        self.state = replace(self.state, is_reading=is_reading)

    def _select(self, state: PairsState) -> None:
        """Look at the pairs in another way, and choose those of tab and query."""
        if self.comparison is not None:
            pairs = self.comparison.select(state.tab.changes, self._matched)
            state = replace(state, pairs=pairs)
        self.state = state

    def glance(self, pair: int) -> PairDetail | None:
        """Return a pair for its line in the list: ``None`` if it is long, or cannot be read."""
        comparison = self.comparison
        if comparison is None:
            return None
        if pair not in self._details and comparison.size(pair) > LONG_PAIR:
            return None
        try:
            return self.detail(pair)
        except ResultsFileError:
            return None

    def detail(self, pair: int) -> PairDetail | None:
        """Return a pair to read it; blocks for as long as its answers are long.

        Raises:
            ResultsFileError: A file cannot be read.
        """
        if self.comparison is None:
            return None
        found = self._details.get(pair)
        if found is None:
            found = self._details[pair] = self.comparison.detail(pair)
        return found

    def close(self) -> None:
        """Close both files."""
        self.a.close()
        self.b.close()


def _step(steps: Iterator[None]) -> bool:
    """Compare some pairs; return whether there were any left."""
    for _ in steps:
        return True
    return False
