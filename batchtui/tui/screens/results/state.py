"""What the screen of the results knows at one moment: how rows are looked at, and all of them."""

from collections.abc import Mapping

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.results.query.engine import Query
from batchtui.results.query.syntax import SortKey
from batchtui.tui.screens.results.search import Found
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.screens.results.source import SourceStatus


class ResultsState(Struct, frozen=True):
    """How the rows are looked at."""

    tab: Tab = Tab.ALL
    text: str = ""
    """The query as typed, understood or not; untrusted text."""
    query: Query | None = None
    """The query that counts; ``None`` for all rows in the order of the file."""
    found: Found | None = None
    """What matches it; ``None`` where every row does."""
    rows: Rows = ()
    """What is shown."""
    row: int | None = None
    """The row under the cursor, by its number in the file."""
    marked: frozenset[int] = frozenset()
    """The rows that the user marked."""
    is_reading: bool = False
    """Whether the row under the cursor has the whole screen."""
    has_reader: bool = True
    """Whether it is shown beside the rows."""

    @property
    def sort(self) -> tuple[SortKey, ...]:
        """What the rows are sorted by; empty for the order of the file."""
        return self.query.sort if self.query else ()

    @property
    def is_ordered(self) -> bool:
        """Whether the rows are in another order than that of the file."""
        return self.query is not None and self.query.reorders

    @property
    def needs_search(self) -> bool:
        """Whether rows must be looked at, to choose among them or to sort by a field of theirs."""
        if self.query is None:
            return False
        return not self.query.is_everything or any(key.field.startswith(".") for key in self.sort)

    @property
    def is_part(self) -> bool:
        """Whether a query or a tab leaves rows out."""
        return self.found is not None or self.tab is not Tab.ALL


class AllRows(Struct, frozen=True):
    """What is known of all rows, shown or not."""

    title: str
    """What the user calls them; untrusted text."""
    name: str
    """Their id or path, if that is another; untrusted text."""
    batch: MessageBatch | None
    """Whose results they are, ``None`` for a file."""
    status: SourceStatus
    """How far they are."""
    counts: Mapping[Tab, int]
    """How many each tab has."""
    odd: int = 0
    """How many are no results, or of a type that is not known."""
    records: tuple[int, int] = (0, 0)
    """How many answers have a record, of how many; zeros until all were looked at."""

    @property
    def expected(self) -> Mapping[Tab, int]:
        """How many a tab will have when all rows are here, where that is known."""
        if self.batch is None:
            return {}
        counts = self.batch.request_counts
        return {
            Tab.ALL: counts.total,
            Tab.SUCCEEDED: counts.succeeded,
            Tab.ERRORED: counts.errored,
            Tab.CANCELED: counts.canceled,
            Tab.EXPIRED: counts.expired,
        }

    @property
    def count(self) -> int:
        """How many there are."""
        return self.counts[Tab.ALL]

    @property
    def failed(self) -> int:
        """How many failed."""
        return self.counts[Tab.ERRORED] + self.counts[Tab.EXPIRED]
