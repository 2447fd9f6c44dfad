"""Where the rows on the screen come from: a file, or a batch whose results are on their way."""

from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.library.reviews import file_subject
from batchtui.results.index import ResultsIndex
from batchtui.results.reader import RowReader


class Phase(Enum):
    """How far the rows are."""

    OPENING = auto()
    """Nothing is known yet."""
    DOWNLOADING = auto()
    """They come from the server."""
    WAITING = auto()
    """Another batchtui downloads them; what it has so far is read along."""
    LOADING = auto()
    """They are on this disk and are being indexed."""
    READY = auto()
    """All that there is for now is here."""
    BROKEN = auto()
    """They are not, or not all, here; the problem says why."""


class SourceStatus(Struct, frozen=True):
    """A moment of a source."""

    phase: Phase = Phase.OPENING
    """How far it is."""
    is_verified: bool = False
    """Whether the rows are proven to be all, and right."""
    expected_rows: int | None = None
    """How many there will be, if that is known."""
    size: int = 0
    """Bytes here."""
    expected_size: int | None = None
    """Bytes there will be, if that is known."""
    speed: float = 0.0
    """Bytes per second, 0 if there is nothing to say."""
    seconds_left: float | None = None
    """A guess at how long it will take."""
    problem: str = ""
    """What is wrong; untrusted text, one sentence."""
    hint: str = ""
    """What to do about it; untrusted text."""
    can_go_on: bool = False
    """Whether trying again is of use."""
    vendor: str = ""
    """Whose answers they are, in words; empty for this API's own."""
    remarks: tuple[str, ...] = ()
    """What is worth a look although it is no problem."""

    @property
    def is_moving(self) -> bool:
        """Whether rows are arriving."""
        return self.phase in {Phase.OPENING, Phase.DOWNLOADING, Phase.WAITING, Phase.LOADING}


class ResultsSource(Protocol):
    """Rows and how far they are. `open` and `run` it, then `close` it."""

    title: str
    """What the user calls it; untrusted text."""
    name: str
    """Its id or path, if that is another; untrusted text."""
    status: SourceStatus
    """How far it is."""

    @property
    def batch(self) -> MessageBatch | None:
        """Whose results they are, ``None`` for a file."""

    @property
    def label(self) -> str | None:
        """The batch's label, ``""`` where it has none; ``None`` for a file."""

    @property
    def index(self) -> ResultsIndex:
        """The rows so far; another object where they had to be read again."""

    @property
    def reader(self) -> RowReader | None:
        """Reads the rows of `index`; ``None`` while there is nothing to read."""

    @property
    def path(self) -> Path | None:
        """The file with the rows, where there is one."""

    def batch_of(self, custom_id: str) -> str | None:
        """Return the batch that answered an id; ``None`` for a file that no account knows."""

    def open(self) -> None:
        """Get the first rows, if that takes no more than some milliseconds; blocks for as long."""

    async def run(self, on_change: Callable[[], None]) -> None:
        """Get all rows, and go on as long as more may come.

        Args:
            on_change: Called when there are more rows or the status is another.
        """

    async def close(self) -> None:
        """Give everything back."""


def review_subject(source: ResultsSource) -> str:
    """Return what reviews of the rows are kept under."""
    if source.batch is not None:
        return source.batch.id
    return file_subject(source.path or Path(source.title))


def asked_of(source: ResultsSource, custom_id: str) -> str:
    """Return what the request of an id is found by: its batch, or what a file is named by."""
    return source.batch_of(custom_id) or review_subject(source)
