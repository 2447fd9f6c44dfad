"""What later tries have of a batch's rows: found in their results, else by what the server says."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from itertools import starmap
from typing import TypeAlias

from msgspec import Struct

from batchtui.api.errors import NotFound
from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.library.ledger import Ledger
from batchtui.library.store import ResultsStore, StoredResults
from batchtui.results.index import ResultsIndex
from batchtui.results.opening import index_whole
from batchtui.submission.later import (
    Candidates,
    LaterRows,
    LaterTry,
    Standing,
    each_once,
    later_tries,
    rows_by_counts,
    rows_by_results,
)
from batchtui.submission.retry import RowFacts

_Retrieve: TypeAlias = Callable[[str], Awaitable[MessageBatch | None]]
_OnError: TypeAlias = Callable[[BatchtuiError], object]


async def _read_all(stored: StoredResults) -> ResultsIndex:
    return await index_whole(stored.path)


class LaterTries(Struct, frozen=True):
    """The tries that may have answered rows of a batch after it did not."""

    tries: tuple[LaterTry, ...]
    """Oldest first."""
    here: Mapping[str, StoredResults]
    """The results of those whose results are on this disk, by id."""

    @classmethod
    def of(cls, batch_id: str, ledger: Ledger, store: ResultsStore) -> "LaterTries":
        """Look up the later tries of a batch; works in a thread."""
        tries = later_tries(ledger, batch_id)
        stored = (store.stored(one.batch_id) for one in tries)
        return cls(tries, {one.batch_id: one for one in stored if one is not None})

    async def find(
        self,
        candidates: Candidates,
        *,
        read: Callable[[StoredResults], Awaitable[ResultsIndex | None]] = _read_all,
        retrieve: _Retrieve | None = None,
        on_error: _OnError | None = None,
        fetch: Callable[[MessageBatch], Awaitable[ResultsIndex | None]] | None = None,
    ) -> tuple[LaterRows, ...]:
        """Find out what the tries have of some rows, each row once.

        Args:
            candidates: The rows.
            read: Reads results that are here; ``None`` where they are not to be read.
            retrieve: Asks the server for a batch as it is now; ``None`` if that is not known.
                Without it, only tries whose results can be read here count.
            on_error: Takes what the server did not answer, which is then not known; without it,
                that is raised.
            fetch: Returns results that have to come first, where only they say which rows a try
                answered; ``None`` if they do not come.

        Raises:
            BatchtuiError: As the arguments do.
        """
        found: list[LaterRows] = []
        for one in self.tries:
            stored = self.here.get(one.batch_id)
            index = None if stored is None else await read(stored)
            if index is None and retrieve is not None:
                batch = await _ask(retrieve, one.batch_id, on_error)
                by_counts = await asyncio.to_thread(rows_by_counts, one, batch, candidates)
                is_unclear = any(some.standing is Standing.UNCLEAR for some in by_counts)
                if is_unclear and batch is not None and fetch is not None:
                    index = await fetch(batch)
                if index is None:
                    found += by_counts
            if index is not None:
                rows = starmap(RowFacts, index.outcomes())
                found += await asyncio.to_thread(rows_by_results, one, rows, candidates)
        return each_once(found)


async def _ask(
    retrieve: _Retrieve, batch_id: str, on_error: _OnError | None
) -> MessageBatch | None:
    """Return a batch as it is now; ``None`` if the server has it no more or does not say."""
    try:
        return await retrieve(batch_id)
    except NotFound:
        return None
    except BatchtuiError as error:
        if on_error is None:
            raise
        on_error(error)
        return None
