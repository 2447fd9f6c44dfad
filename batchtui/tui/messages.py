"""What screens ask of the app, and how panes run what may fail."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError

if TYPE_CHECKING:
    from batchtui.batches.notices import Notice
    from batchtui.submission.merge import MergedResults


@dataclass
class CopyWanted(Message):
    """A text should go to the clipboard."""

    text: str
    """The text, as it is."""
    what: str
    """What it is, in a word or two, for the answer to the user."""


@dataclass
class Failed(Message):
    """A pane cannot read or search what it shows."""

    error: BatchtuiError
    """Why."""


def start_work(pane: Widget, work: Callable[[], Awaitable[None]], group: str) -> Worker[None]:
    """Run something beside a pane; where it ends with an error of ours, the pane posts `Failed`.

    Args:
        pane: Whose work it is.
        work: What to run; not called at all if it is replaced before its turn came.
        group: Its name; what runs in the group ends.
    """
    reported = partial(attempt, work, lambda error: pane.post_message(Failed(error)))
    return pane.run_worker(reported, group=group, exclusive=True)


async def attempt(
    work: Callable[[], Awaitable[None]], report: Callable[[BatchtuiError], object]
) -> None:
    """Do something; where it ends with an error of ours, report that instead."""
    try:
        await work()
    except BatchtuiError as error:
        report(error)


@dataclass
class ResultsWanted(Message):
    """The results of a batch should be shown."""

    batch: MessageBatch
    """Whose."""


class ResultsReturned(Message):
    """Results are read no more: those that are not to be kept are gone from this disk."""


@dataclass
class MergedWanted(Message):
    """The merged results of a line of tries should be shown."""

    merged: "MergedResults"
    """What they are, and where."""


@dataclass
class CompareWanted(Message):
    """Two batches should be compared."""

    a: MessageBatch
    """The first run."""
    b: MessageBatch
    """The second run."""


class Cards(Protocol):
    """What is judged, and the pane that shows a card."""

    @property
    def widget(self) -> Widget:
        """The pane."""

    @property
    def verdicts(self) -> Sequence[str]:
        """What can be said of a card; nothing where the user's own verdicts are meant."""

    def show(self, custom_id: str) -> None:
        """Show a card."""

    def scroll(self, step: int) -> None:
        """Scroll the card by half a screen."""

    def switch_view(self) -> None:
        """Show the card in another way."""

    def as_kept(self, verdict: str, custom_id: str) -> str:
        """Return what is kept for a verdict that was given to what is seen."""

    def as_shown(self, verdict: str, custom_id: str) -> str:
        """Return the verdict to show for one that is kept."""

    def summary(self, counts: Mapping[str, int]) -> str:
        """Say what came out, given how often each kept verdict was given."""


@dataclass
class ReviewWanted(Message):
    """Answers should be judged one after the other."""

    cards: Cards
    """Shows them."""
    title: str
    """What is judged; untrusted text."""
    subject: str
    """What the verdicts are kept under."""
    custom_ids: Sequence[str]
    """The cards, in order; untrusted text."""


class FlowWanted(Message):
    """Base of what leads through the way in: new batches, second tries, their files."""


@dataclass
class CreateWanted(FlowWanted):
    """A batch should be created."""


@dataclass
class RetryWanted(FlowWanted):
    """Rows of a batch should be sent again."""

    batch: MessageBatch
    """Whose rows."""


@dataclass
class ResendWanted(FlowWanted):
    """Chosen rows of a batch should be sent again."""

    batch: MessageBatch
    """Whose rows."""
    custom_ids: tuple[str, ...]
    """Of the rows; untrusted text."""
    what: str
    """What was chosen, in a few words, such as ``12 marked rows``; untrusted text."""
    meant: tuple[str, ...] | None = None
    """Those of them that were meant, worth it or not; ``None`` for all. Without any, those that are
    worth it are chosen."""


@dataclass
class MergeWanted(FlowWanted):
    """All tries of a batch should be merged into one file."""

    batch: MessageBatch
    """One of the tries."""


@dataclass
class SourceWanted(FlowWanted):
    """The user should say which file of requests a batch was made from."""

    batch: MessageBatch
    """Whose source."""


@dataclass
class UnfinishedWanted(FlowWanted):
    """What was being sent and never finished should be listed."""


@dataclass
class ReopenWanted(Message):
    """The account should be opened again: its key may have changed."""

    selected: str | None
    """The batch under the cursor."""


@dataclass
class EndNoticed(Message):
    """A batch, or several, ended while being watched."""

    notice: "Notice"
    """What to show."""
