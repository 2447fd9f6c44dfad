"""Canceling and deleting, one batch or five hundred, and telling plainly what became of each.

What is known to be impossible is refused without a call. What the server refuses is looked up, so
that a race is reported as what it is: it ended meanwhile, it is gone. "Not found" alone says
nothing of the batch: a gateway may lack the call. Bulk runs keep to the rate the API allows and can
be stopped at any moment, knowing what was sent and what was not.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

from batchtui.api.errors import ApiError, BadRequest, Conflict, NotFound
from batchtui.api.models import MessageBatch
from batchtui.batches.calls import BatchCalls
from batchtui.batches.rules import Availability, can_cancel, can_delete, describe_outcome
from batchtui.untrusted import visible


class Action(StrEnum):
    """What can be done to a batch on the server."""

    CANCEL = "cancel"
    DELETE = "delete"

    @property
    def past(self) -> str:
        """``canceled`` or ``deleted``."""
        return "canceled" if self is Action.CANCEL else "deleted"


class OutcomeKind(StrEnum):
    """What became of one batch of an action."""

    DONE = "done"
    ALREADY_ENDED = "already ended"
    """It had ended before the cancel arrived."""
    GONE = "not found"
    """The server does not know it: deleted before, of another workspace, or never there."""
    REFUSED = "refused"
    """Not possible in its state; `ItemOutcome.words` says why."""
    FAILED = "failed"
    """The call failed; whether it had an effect may be unknown."""
    NOT_SENT = "not sent"
    """The run was stopped, or broke off, before its turn."""


class ItemOutcome(Struct, frozen=True):
    """What became of one batch."""

    action: Action
    batch_id: str
    kind: OutcomeKind
    words: str
    """The same as a sentence, safe to show."""
    batch: MessageBatch | None = None
    """The batch as it is now, where the server said so: it replaces the one that is shown."""
    error: ApiError | None = None
    """Why it failed."""
    was_sent: bool = True
    """Whether anything was sent to the server."""

    @property
    def is_off_the_list(self) -> bool:
        """Whether the batch is not on the server any more."""
        is_deleted = self.action is Action.DELETE and self.kind is OutcomeKind.DONE
        return is_deleted or self.kind is OutcomeKind.GONE


_NO_SUCH_CALL: Final = frozenset({404, 405, 501})
"""Statuses that, of a batch that is there, say that what answers does not offer the call."""
_RULES = {Action.CANCEL: can_cancel, Action.DELETE: can_delete}


def may(action: Action, batch: MessageBatch) -> Availability:
    """Return whether ``action`` is possible for ``batch`` as it is known."""
    return _RULES[action](batch)


class Actions:
    """Acts on one batch at a time; `bulk.BulkRun` does it for many.

    Args:
        calls: Where batches are acted on.
    """

    def __init__(self, calls: BatchCalls) -> None:
        self._calls = calls

    async def act(
        self, action: Action, batch_id: str, *, known: MessageBatch | None = None
    ) -> ItemOutcome:
        """Cancel or delete a batch. Never raises `ApiError`: failures are outcomes too.

        Args:
            action: What to do.
            batch_id: To which batch.
            known: The batch as it is known here; what it rules out is not sent.
        """
        if known is not None and not (availability := may(action, known)):
            has_ended = action is Action.CANCEL and known.has_ended
            kind = OutcomeKind.ALREADY_ENDED if has_ended else OutcomeKind.REFUSED
            return ItemOutcome(action, batch_id, kind, availability.reason, known, was_sent=False)
        try:
            if action is Action.CANCEL:
                return _canceled(await self._calls.cancel(batch_id))
            await self._calls.delete(batch_id)
        except ApiError as error:
            is_about_the_batch = isinstance(error, BadRequest | Conflict | NotFound)
            if is_about_the_batch or error.status in _NO_SUCH_CALL:
                return await self._explain(action, batch_id, error)
            return _failed(action, batch_id, error)
        return ItemOutcome(action, batch_id, OutcomeKind.DONE, "Deleted")

    async def _explain(self, action: Action, batch_id: str, refusal: ApiError) -> ItemOutcome:
        """Look up why the server refused: what it says differs, the batch's state does not.

        A batch that is there anyway stays on the list, whatever the refusal said.
        """
        try:
            batch = await self._calls.retrieve(batch_id)
        except NotFound as error:
            return _gone(action, batch_id, error)
        except ApiError:
            return _failed(action, batch_id, refusal)
        if action is Action.CANCEL and batch.has_ended:
            words = f"It has ended: {describe_outcome(batch)}"
            return ItemOutcome(action, batch_id, OutcomeKind.ALREADY_ENDED, words, batch)
        return ItemOutcome(
            action,
            batch_id,
            OutcomeKind.REFUSED,
            _why_refused(action, batch, refusal),
            batch,
            refusal,
        )


def not_sent(action: Action, batch_id: str, reason: str) -> ItemOutcome:
    """Return the outcome of a batch whose turn never came."""
    words = f"Not sent: {visible(reason)}"
    return ItemOutcome(action, batch_id, OutcomeKind.NOT_SENT, words, was_sent=False)


def _why_refused(action: Action, batch: MessageBatch, refusal: ApiError) -> str:
    if refusal.status in _NO_SUCH_CALL:
        return visible(
            f"The batch is there, but the server does not {action} it: {refusal.message}"
        )
    return may(action, batch).reason or visible(f"The server refused: {refusal.message}")


def _canceled(batch: MessageBatch) -> ItemOutcome:
    if batch.has_ended:
        words = f"It has ended: {describe_outcome(batch)}"
    else:
        words = "Canceling: requests in flight may still finish"
    return ItemOutcome(Action.CANCEL, batch.id, OutcomeKind.DONE, words, batch)


def _gone(action: Action, batch_id: str, error: ApiError) -> ItemOutcome:
    words = "It is not there: deleted before, or of another workspace"
    return ItemOutcome(action, batch_id, OutcomeKind.GONE, words, error=error)


def _failed(action: Action, batch_id: str, error: ApiError) -> ItemOutcome:
    words = visible(error.message)
    return ItemOutcome(action, batch_id, OutcomeKind.FAILED, words, error=error)
