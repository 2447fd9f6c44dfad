"""What the screen of two runs knows at one moment: how pairs are looked at, and both runs."""

from collections.abc import Mapping, Sequence
from enum import Enum

from msgspec import Struct

from batchtui.results.comparison.answers import DIFFERENCES, Change
from batchtui.results.comparison.side import RunTotals


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


_CHANGES_OF = {
    ChangeTab.ANY: DIFFERENCES,
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


class PairsState(Struct, frozen=True):
    """How the pairs are looked at."""

    load: LoadState = LoadState()
    """How far the comparison is."""
    tab: ChangeTab = ChangeTab.ANY
    text: str = ""
    """The query; untrusted text."""
    absent: tuple[str, ...] = ()
    """Which of the fields that it names no answer has; untrusted text."""
    pairs: Sequence[int] = ()
    """What is shown, by number of the pair."""
    is_reading: bool = False
    """Whether the pair under the cursor has the whole screen."""


class BothRuns(Struct, frozen=True):
    """What is known of both runs."""

    names: tuple[str, str]
    """What the user calls them; untrusted text."""
    counts: Mapping[ChangeTab, int]
    """How many of the compared pairs each tab has."""
    models: tuple[str, ...] = ()
    """Which models answered in each, once both are here; untrusted text."""
    totals: tuple[RunTotals, ...] = ()
    """Each in numbers, once both are here."""
    reviews: int = 0
    """How many pairs were reviewed."""
