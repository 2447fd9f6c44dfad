"""The batches of one workspace, in order."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from batchtui.simulator.lifecycle import Batch
from batchtui.simulator.refusals import RefusalError

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom a key belongs to."""

    organization_id: str = "0b7c2f0e-5d1a-4f57-9a3e-6c8f2d4b1e90"
    """Given back in a header."""
    workspace_id: str = "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ"
    """Given back in a header; batches are seen only from their own workspace."""


DEFAULT_ACCOUNT = Account()


def account_of(key: str, accepted: Mapping[str, Account] | None) -> Account:
    """Find whose key this is.

    Args:
        key: As it was sent; empty if none was.
        accepted: The keys that are accepted; None accepts any.

    Raises:
        RefusalError: There is no key, or it is not accepted.
    """
    if not key:
        raise RefusalError(401, "x-api-key header is required")
    if accepted is None:
        return DEFAULT_ACCOUNT
    if key not in accepted:
        raise RefusalError(401, "invalid x-api-key")
    return accepted[key]


class Workspace:
    """Batches with their order of creation.

    Args:
        account: Whose they are.

    Attributes:
        account: Whose they are.
        failed_before: Custom ids of requests that failed of something that passes.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.failed_before: set[str] = set()
        self._batches: dict[str, Batch] = {}
        self._keys: list[tuple[datetime, str]] = []

    def __contains__(self, batch_id: str) -> bool:
        return batch_id in self._batches

    def __getitem__(self, batch_id: str) -> Batch:
        return self._batches[batch_id]

    def newest_first(self) -> list[Batch]:
        """Return all batches."""
        return [self._batches[key[1]] for key in reversed(self._keys)]

    def free_moment(self, moment: datetime) -> datetime:
        """Return this moment, or one just after the newest batch: two must still have an order."""
        return max(moment, self._keys[-1][0] + _TICK) if self._keys else moment

    def put(self, batch: Batch) -> None:
        """Add a batch, or replace the one of its id, which keeps its place."""
        if batch.id not in self._batches:
            key = (batch.created_at, batch.id)
            self._keys.insert(bisect_left(self._keys, key), key)
        self._batches[batch.id] = batch

    def remove(self, batch_id: str) -> None:
        """Take a batch out.

        Raises:
            KeyError: It is not there.
        """
        del self._keys[self._place(batch_id)]
        del self._batches[batch_id]

    def page(
        self, limit: int, after_id: str | None, before_id: str | None
    ) -> tuple[list[Batch], bool]:
        """Return some batches, newest first, and whether there are more in the same direction.

        Args:
            limit: How many at most.
            after_id: Those next older than this one.
            before_id: Those next newer than this one; with neither, the newest of all.

        Raises:
            KeyError: The batch to start from is not there.
        """
        if before_id is not None:
            start = self._place(before_id) + 1
            end = min(len(self._keys), start + limit)
            more = end < len(self._keys)
        else:
            end = len(self._keys) if after_id is None else self._place(after_id)
            start = max(0, end - limit)
            more = start > 0
        return [self._batches[key[1]] for key in reversed(self._keys[start:end])], more

    def _place(self, batch_id: str) -> int:
        return bisect_left(self._keys, (self._batches[batch_id].created_at, batch_id))
