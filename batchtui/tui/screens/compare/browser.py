"""What is looked at of a comparison: the tab, the query, the order. No widgets."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum

from msgspec import Struct
from textual.cache import LRUCache

from batchtui.library.ledger_values import Review
from batchtui.library.reviews import pair_subject
from batchtui.results.comparison.answers import Change
from batchtui.results.comparison.pairs import PairDetail, ResultsComparison
from batchtui.results.comparison.query import asks_for_reviews, match_pairs
from batchtui.results.comparison.side import RunTotals, run_totals
from batchtui.results.errors import ResultsFileError
from batchtui.tui.screens.compare.runs import ComparedRun

ReviewsOf = Callable[[str], Mapping[str, Review]]

_LONG = 64 * 1024
"""Bytes of both lines from which a pair is read in a thread only."""
_DETAILS = 200
"""Pairs kept as they were read: some screens."""
SORTED_BY_LENGTH = "sort:-delta"


class ChangeTab(Enum):
    """The tabs; the value is the title."""

    ANY = "Differ"
    FLIP = "Flipped"
    FIELDS = "Fields"
    TEXT = "Text"
    ONLY_A = "Only first"
    ONLY_B = "Only second"
    SAME = "Same"
    ALL = "All"

    @property
    def changes(self) -> tuple[Change, ...]:
        """The changes it shows."""
        return _CHANGES_OF[self]

    def beside(self, step: int) -> "ChangeTab":
        """The tab ``step`` further on, around the ends."""
        tabs = list(ChangeTab)
        return tabs[(tabs.index(self) + step) % len(tabs)]


_CHANGES_OF = {
    ChangeTab.ANY: tuple(change for change in Change if change.is_difference),
    ChangeTab.FLIP: (Change.TYPE,),
    ChangeTab.FIELDS: (Change.FIELDS,),
    ChangeTab.TEXT: (Change.TEXT,),
    ChangeTab.ONLY_A: (Change.ONLY_A,),
    ChangeTab.ONLY_B: (Change.ONLY_B,),
    ChangeTab.SAME: (Change.SAME, Change.NORMALIZED),
    ChangeTab.ALL: tuple(Change),
}


class LoadState(Struct, frozen=True):
    """How far the comparison is."""

    doing: str = "Opening …"
    """What is being done; empty when all is done. Untrusted text."""
    problem: str = ""
    """Why there is no comparison; untrusted text."""
    hint: str = ""


def no_reviews(subject: str) -> Mapping[str, Review]:
    """Nothing was said of the pairs of any subject."""
    del subject
    return {}


class PairBrowser:
    """Two runs as they are looked at.

    Attributes:
        a: The first run.
        b: The second run.
        state: How far the comparison is.
        comparison: The pairs, once both runs are here.
        totals: Both runs in numbers, once they are here.
        tab: The tab.
        text: The query.
        pairs: What is shown, by number of the pair.
        is_reading: Whether the pair under the cursor has the whole screen.

    Args:
        a: The first run.
        b: The second run.
        reviews_of: Reads what was said of the pairs of a subject; blocks.
    """

    def __init__(self, a: ComparedRun, b: ComparedRun, reviews_of: ReviewsOf = no_reviews) -> None:
        self.a, self.b = a, b
        self._reviews_of = reviews_of
        self.state = LoadState()
        self.comparison: ResultsComparison | None = None
        self.totals: tuple[RunTotals, ...] = ()
        self.is_reading = False
        self.tab = ChangeTab.ANY
        self.text = ""
        self.pairs: Sequence[int] = ()
        self._matched: Sequence[int] | None = None
        self._details: LRUCache[int, PairDetail] = LRUCache(_DETAILS)

    async def run(self, on_change: Callable[[], None]) -> None:
        """Have both runs here and compare them.

        Args:
            on_change: Called whenever there is something new to show.

        Raises:
            BatchtuiError: A run cannot be had or read.
        """

        def note(doing: str) -> None:
            self.state = LoadState(doing)
            on_change()

        side_a, side_b = await self.a.load(note), await self.b.load(note)
        comparison = await asyncio.to_thread(ResultsComparison, side_a, side_b)
        self.totals = (
            await asyncio.to_thread(run_totals, side_a),
            await asyncio.to_thread(run_totals, side_b),
        )
        self.comparison = comparison
        await asyncio.to_thread(self.take_reviews)
        steps = comparison.run()
        while await asyncio.to_thread(_step, steps):
            note(f"{comparison.compared:,} of {len(comparison):,} pairs compared")
        self.state = LoadState("")
        self._select()
        on_change()

    @property
    def subject(self) -> str:
        """What reviews of the pairs are kept under."""
        return pair_subject(self.a.subject, self.b.subject)

    def take_reviews(self) -> bool:
        """Read what was said of the pairs; blocks. Return whether that changes what is shown.

        Raises:
            LedgerError: It cannot be read.
        """
        comparison = self.comparison
        if comparison is None:
            return False
        reviews = self._reviews_of(self.subject)
        is_new, comparison.reviews = reviews != comparison.reviews, reviews
        if is_new and self.asks_for_reviews:
            self.ask(self.text)
        return is_new

    @property
    def asks_for_reviews(self) -> bool:
        """Whether the query looks at reviews of this comparison."""
        return asks_for_reviews(self.text)

    @property
    def review_count(self) -> int:
        """How many pairs were reviewed."""
        return len(self.comparison.reviews or ()) if self.comparison else 0

    def fail(self, problem: str, hint: str) -> None:
        """Note why there is no comparison."""
        self.state = LoadState("", problem, hint)

    def ask(self, text: str) -> None:
        """Make a text the query; reads the fields it names from both files.

        Raises:
            QueryError: It is not understood; the old query stays.
            ResultsFileError: A file cannot be read.
        """
        if self.comparison is None:
            return
        self._matched = match_pairs(text, self.comparison) if text.strip() else None
        self.text = text
        self._select()

    def show_tab(self, tab: ChangeTab) -> None:
        """Show the pairs of a tab."""
        self.tab = tab
        self._select()

    def _select(self) -> None:
        """Choose the pairs of tab and query."""
        if self.comparison is not None:
            self.pairs = self.comparison.select(self.tab.changes, self._matched)

    def counts(self) -> dict[ChangeTab, int]:
        """Return how many pairs each tab has."""
        if self.comparison is None:
            return dict.fromkeys(ChangeTab, 0)
        counted = self.comparison.counts()
        return {tab: sum(counted[change] for change in tab.changes) for tab in ChangeTab}

    def glance(self, pair: int) -> PairDetail | None:
        """Return a pair for its line in the list: ``None`` if it is long, or cannot be read."""
        comparison = self.comparison
        if comparison is None:
            return None
        if pair not in self._details and comparison.size(pair) > _LONG:
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
