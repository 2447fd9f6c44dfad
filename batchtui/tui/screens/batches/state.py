"""What the batch list knows and shows at one moment: the one state of its screen."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from msgspec import Struct, field

from batchtui.api.models import MessageBatch
from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.tui.commands.command import KeyOf, default_key
from batchtui.tui.glyphs import UNICODE, Glyphs

if TYPE_CHECKING:
    from batchtui.batches.durations import Typical
    from batchtui.batches.expiring import ExpiringResult
    from batchtui.library.ledger_values import BatchRecord
    from batchtui.prices import Cost
    from batchtui.submission.grouping import GroupSummary


class ListFacts(Struct, frozen=True):
    """What this disk knows of the batches that are shown."""

    saved: frozenset[str] = frozenset()
    """Ids of those whose verified results are on this disk."""
    at_risk: "tuple[ExpiringResult, ...]" = ()
    """Those of the account whose results the server drops soon and that are not on this disk, the
    nearest loss first; not only of those that are shown."""
    tries: frozenset[str] = frozenset()
    """Ids of those that send rows of another batch again."""
    parts: Mapping[str, int] = field(default_factory=dict)
    """Which part of a split file a batch is, by id."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Names of the files that batches were made from, by id; untrusted text."""
    notes: Mapping[str, str] = field(default_factory=dict)
    """The first line of the note on a batch, by id; untrusted text."""
    usual: "Mapping[str, Typical]" = field(default_factory=dict)
    """How long batches like a live one take, by id."""


class BatchOrigin(Struct, frozen=True):
    """What this disk knows of where a batch comes from."""

    record: "BatchRecord"
    """What the ledger has."""
    children: tuple[str, ...] = ()
    """Ids of the batches that send rows of it again."""
    group: "GroupSummary | None" = None
    """The split file it is a part of."""


class Cause(Struct, frozen=True):
    """Why rows of a batch failed."""

    count: int
    """How many rows."""
    text: str
    """The API's message, or its type where there is none; untrusted text."""


class ResultsGist(Struct, frozen=True):
    """What the results on this disk say, in short."""

    causes: tuple[Cause, ...] = ()
    """Why rows failed, the most frequent first."""
    models: tuple[str, ...] = ()
    """The models that answered, the most used first; untrusted text."""
    tokens_in: int = 0
    """Tokens of the prompts."""
    tokens_out: int = 0
    """Tokens of the answers."""
    cost: "Cost | None" = None
    """What they cost by the price list; ``None`` where that is not known of all of them."""


class ModelUse(Struct, frozen=True):
    """Who answers a batch, and for how much."""

    models: tuple[str, ...]
    """The models that answered, the most used first, or that are asked; untrusted text."""
    cost: "Cost | None" = None
    """What the answers cost by the price list; ``None`` where it is not known."""


class DetailFacts(Struct, frozen=True):
    """What is known of one batch besides what the server says."""

    batch_id: str = ""
    """Whose facts they are."""
    origin: BatchOrigin | None = None
    """Where it comes from, as far as the ledger knows."""
    gist: ResultsGist | None = None
    """What its results say, where they are on this disk and not huge."""
    answered_since: int = 0
    """How many of the rows that failed later tries have answered, by their results here."""
    warning: str = ""
    """That it may not make it in time, or an empty string."""


class DownloadState(Struct, frozen=True):
    """How far the downloads in the background are."""

    shares: Mapping[str, int | None] = field(default_factory=dict)
    """Per cent of each that is coming, by batch id; ``None`` while it waits."""
    done: int = 0
    """How many have ended since nothing was coming."""

    @property
    def total(self) -> int:
        """How many there are, those that have ended included."""
        return self.done + len(self.shares)

    @property
    def percent(self) -> int:
        """How far they are together; each counts the same."""
        parts = 100 * self.done + sum(share or 0 for share in self.shares.values())
        return parts // self.total if self.total else 0


class BatchListState(Struct, frozen=True):
    """Everything the screen shows, but for the time and the sizes."""

    listing: Listing = field(default_factory=Listing)
    """The batches, with filter, order, page, cursor and marks; the labels as well."""
    status: PollStatus = field(default_factory=PollStatus)
    """How fresh they are."""
    known: ListFacts = field(default_factory=ListFacts)
    """What this disk knows of those on the page."""
    model_uses: Mapping[str, ModelUse] = field(default_factory=dict)
    """Who answers those on the page, and for how much, by id, as far as it was looked up."""
    facts: DetailFacts | None = None
    """What is known of the batch that the cursor rested on last."""
    downloads: DownloadState = field(default_factory=DownloadState)
    """How far downloads are."""
    zone: tzinfo | None = None
    """The zone to write times in; ``None`` is the machine's own."""
    tour: int | None = None
    """Which hint of the demo is shown, from 0; ``None`` for none."""
    moves: int = 0
    """How often commands came to act on other batches without the user's doing."""
    is_remembered: bool = False
    """Whether the batches are those of the last start, and none of the server's yet."""

    @property
    def targets(self) -> tuple[MessageBatch, ...]:
        """What a command acts on: the marked batches, or the one under the cursor."""
        selected = self.listing.selected_batch
        return self.listing.marked_batches or ((selected,) if selected else ())

    @property
    def described(self) -> MessageBatch | None:
        """The batch that the detail shows: the cursor's own once it has come to rest."""
        batches = self.listing.cache.batches
        rested = None if self.facts is None else batches.get(self.facts.batch_id)
        return rested or self.listing.selected_batch

    @property
    def is_at_rest(self) -> bool:
        """Whether the detail is of the batch under the cursor."""
        selected = self.listing.selected
        return selected is None or (self.facts is not None and self.facts.batch_id == selected)


class ViewContext(Struct, frozen=True):
    """What the view functions write a batch with, besides the batch itself."""

    now: datetime
    """The server's present moment."""
    zone: tzinfo | None = None
    """The zone to write times in; ``None`` is the machine's own."""
    glyphs: Glyphs = UNICODE
    """The signs to draw with."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels by batch id; untrusted text."""
    known: ListFacts = field(default_factory=ListFacts)
    """What this disk knows of the batches."""
    model_uses: Mapping[str, ModelUse] = field(default_factory=dict)
    """Who answers the batches, and for how much, by id."""
    downloads: DownloadState = field(default_factory=DownloadState)
    """How far downloads are."""
    key_of: KeyOf = default_key
    """The key of a command as it is set now."""
    keeps_results: bool = True
    """Whether the settings keep results on this disk."""

    @property
    def is_utc(self) -> bool:
        """Whether times are written in UTC."""
        return self.zone is UTC
