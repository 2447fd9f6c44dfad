"""What results and request files on this disk say of batches, read away from the event loop."""

import asyncio
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from batchtui.request_line import RequestParams
from batchtui.session import Session
from batchtui.tui.screens.batches.state import Cause, ModelUse, ResultsGist

if TYPE_CHECKING:
    from batchtui.library.ledger_values import SourceFile
    from batchtui.library.store import StoredResults
    from batchtui.results.index import ResultsIndex

_LARGEST_READ = 16_000_000
"""Bytes of results that are read at most for the detail of a batch."""
_KEPT = 400
"""Of how many batches is kept what their results say."""
_REQUESTS_READ = 20
"""Requests of a file that are looked at for their models."""


class _Params(msgspec.Struct):
    model: str = ""


_PARAMS = msgspec.json.Decoder(RequestParams[_Params])


class GistReader:
    """Reads in short what is on this disk, and keeps what it read.

    Args:
        session: The account.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._gists: dict[str, ResultsGist] = {}
        self._models: dict[SourceFile, tuple[str, ...]] = {}

    def known(self, batch_id: str) -> ResultsGist | None:
        """Return what was read of the results of a batch; ``None`` if nothing was."""
        return self._gists.get(batch_id)

    def forget(self, batch_id: str) -> None:
        """The results of a batch are not here any more."""
        self._gists.pop(batch_id, None)

    async def read(self, batch_id: str) -> ResultsGist | None:
        """Read what the results of a batch say; ``None`` where they are not here, or are huge."""
        if batch_id not in self._gists:
            gist = await self._read(batch_id)
            if gist is None:
                return None
            if len(self._gists) >= _KEPT:
                self._gists.clear()
            self._gists[batch_id] = gist
        return self._gists[batch_id]

    async def uses_of(self, batch_ids: Iterable[str]) -> dict[str, ModelUse]:
        """Read which models batches use, and what they cost, of those of which that is known."""
        wanted = tuple(batch_ids)
        models = await asyncio.to_thread(self._models_asked, wanted)
        uses = {batch_id: ModelUse(asked) for batch_id, asked in models.items() if asked}
        for batch_id in wanted:
            gist = await self.read(batch_id)
            if gist is not None and gist.models:
                uses[batch_id] = ModelUse(gist.models, gist.cost)
        return uses

    def _models_asked(self, batch_ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """By request files; where they are gone, by what was measured of their results."""
        ledger = self._session.ledger
        measured = ledger.token_uses.known()
        asked: dict[str, tuple[str, ...]] = {
            one.batch_id: (one.model,) for one in measured if one.model
        }
        for batch_id, record in ledger.records(batch_ids).items():
            if record.source is None:
                continue
            if record.source not in self._models:
                self._models[record.source] = _models_in(record.source)
            asked[batch_id] = self._models[record.source] or asked.get(batch_id, ())
        return asked

    async def answered_since(self, batch_id: str) -> int:
        """Count the rows that failed and that later tries answered, by what results here say.

        It is not kept: the results of a later try may come at any moment.
        """
        from batchtui.later_tries import LaterTries
        from batchtui.submission.later import Candidates, Standing, ids_by_standing

        session = self._session
        later = await asyncio.to_thread(LaterTries.of, batch_id, session.ledger, session.store)
        index = await self._read_index(batch_id) if later.here else None
        if index is None:
            return 0
        failed = await asyncio.to_thread(_ids_of_failed, index)
        found = await later.find(Candidates(failed), read=_index_of)
        return len(ids_by_standing(found)[Standing.ANSWERED])

    async def _read(self, batch_id: str) -> ResultsGist | None:
        index = await self._read_index(batch_id)
        return None if index is None else await asyncio.to_thread(self._sum_up, index)

    async def _read_index(self, batch_id: str) -> "ResultsIndex | None":
        stored = await asyncio.to_thread(self._session.store.stored, batch_id)
        return None if stored is None else await _index_of(stored)

    def _sum_up(self, index: "ResultsIndex") -> ResultsGist:
        from batchtui.prices import load_prices
        from batchtui.results.summary import summarize
        from batchtui.results.triage import triage

        summary = summarize(index, load_prices(self._session.loaded.paths.prices_file))
        is_partial = summary.rows_without_price or summary.rows_without_usage
        return ResultsGist(
            tuple(Cause(one.count, one.message or one.type) for one in triage(index)),
            tuple(one.model for one in summary.models if one.model),
            summary.use.prompt,
            summary.use.output,
            None if is_partial else summary.cost,
        )


async def _index_of(stored: "StoredResults") -> "ResultsIndex | None":
    """Read results; ``None`` where they are huge."""
    if stored.size > _LARGEST_READ:
        return None
    from batchtui.results.errors import ResultsFileError
    from batchtui.results.opening import index_whole

    try:
        return await index_whole(stored.path)
    except ResultsFileError:
        # opening the results says what is wrong with them
        return None


def _ids_of_failed(index: "ResultsIndex") -> frozenset[str]:
    return frozenset(map(index.custom_id, index.failed_rows()))


def _models_in(source: "SourceFile") -> tuple[str, ...]:
    """Return the models that the first requests of a file ask for, in their order.

    Nothing where the file is not the one that was sent any more.
    """
    from batchtui.submission.errors import SourceError
    from batchtui.submission.read import read_requests
    from batchtui.submission.source import RequestSource

    try:
        file = RequestSource(source.path)
        if file.stamp().size != source.size:
            return ()
        requests = islice(read_requests(file.blocks()), _REQUESTS_READ)
        decoded = [_PARAMS.decode(one.data) for one in requests]
    except (SourceError, msgspec.DecodeError, RecursionError):
        # whoever sends such a file again is told what is wrong with it
        return ()
    return tuple(dict.fromkeys(one.params.model for one in decoded if one.params.model))
