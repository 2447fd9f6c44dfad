"""What is looked at of a comparison: the tab, the query, the order. No widgets."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from msgspec import Struct
from textual.cache import LRUCache

from batchtui.results.comparison.answers import Change
from batchtui.results.comparison.pairs import Comparison, PairDetail
from batchtui.results.comparison.query import match_pairs
from batchtui.tui.screens.compare.runs import Run

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
    ChangeTab.SAME: (Change.SAME, Change.NORMALISED),
    ChangeTab.ALL: tuple(Change),
}


class LoadState(Struct, frozen=True):
    """How far the comparison is."""

    doing: str = "Opening …"
    """What is being done; empty when all is done. Untrusted text."""
    problem: str = ""
    """Why there is no comparison; untrusted text."""
    hint: str = ""


class PairBrowser:
    """Two runs as they are looked at.

    Attributes:
        a: The first run.
        b: The second run.
        state: How far the comparison is.
        comparison: The pairs, once both runs are here.
        tab: The tab.
        text: The query.
        pairs: What is shown, by number of the pair.
    """

    def __init__(self, a: Run, b: Run) -> None:
        self.a, self.b = a, b
        self.state = LoadState()
        self.comparison: Comparison | None = None
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
        comparison = await asyncio.to_thread(Comparison, side_a, side_b)
        self.comparison = comparison
        steps = comparison.run()
        while await asyncio.to_thread(_step, steps):
            note(f"{comparison.compared:,} of {len(comparison):,} pairs compared")
        self.state = LoadState("")
        self.select()
        on_change()

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
        self.select()

    def select(self) -> None:
        """Choose the pairs of tab and query."""
        comparison = self.comparison
        if comparison is None:
            return
        wanted = self.tab.changes
        matched = range(comparison.compared) if self._matched is None else self._matched
        self.pairs = [pair for pair in matched if comparison.change(pair) in wanted]

    def counts(self) -> dict[ChangeTab, int]:
        """Return how many pairs each tab has."""
        if self.comparison is None:
            return dict.fromkeys(ChangeTab, 0)
        counted = self.comparison.counts()
        return {tab: sum(counted[change] for change in tab.changes) for tab in ChangeTab}

    def detail(self, pair: int) -> PairDetail | None:
        """Return a pair to show it.

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
