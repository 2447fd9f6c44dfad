"""What this account's own requests came to in tokens, measured where their results are here."""

import asyncio
from collections.abc import Mapping

from batchtui.clock import Clock
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_database import LedgerError
from batchtui.library.ledger_values import PartRecord, TokenUseRecord
from batchtui.library.store import ResultsStore
from batchtui.prices import load_prices
from batchtui.results.errors import ResultsFileError
from batchtui.results.opening import open_results
from batchtui.results.summary import Summary, summarize
from batchtui.submission.cost import ModelHistory, history_of

_MEASURED = 5
"""Batches that are measured in one go, the latest first; more would be waited for."""


async def token_history(
    ledger: Ledger, store: ResultsStore, clock: Clock, scope: str | None
) -> Mapping[str, ModelHistory]:
    """Return what requests of each model came to before; measures what was not measured yet.

    Args:
        ledger: Where that is kept.
        store: The results that are here.
        clock: For reading them.
        scope: Whose account; None for any.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    parts = await asyncio.to_thread(ledger.token_uses.unmeasured_parts, scope)
    measured = 0
    for part in parts:
        stored = await asyncio.to_thread(store.stored, part.batch_id or "")
        if stored is None:
            continue
        try:
            file = await asyncio.to_thread(open_results, stored.path, clock=clock)
            try:
                await file.load()
                summary = await asyncio.to_thread(summarize, file.index, load_prices())
            finally:
                file.close()
        except ResultsFileError:
            continue
        try:
            await asyncio.to_thread(ledger.token_uses.note, _use_of(part, summary))
        except LedgerError:
            break  # a ledger that cannot be written keeps nobody from an estimate
        measured += 1
        if measured == _MEASURED:
            break
    return history_of(await asyncio.to_thread(ledger.token_uses.known, scope))


def _use_of(part: PartRecord, summary: Summary) -> TokenUseRecord:
    """Return what a batch says; nothing where several models answered, or it is not known how."""
    batch_id = part.batch_id or ""
    if len(summary.models) != 1 or summary.rows_without_usage or not summary.models[0].rows:
        return TokenUseRecord(batch_id, "", 0, 0, 0, 0)
    model = summary.models[0]
    # requests of a batch are much alike: those that were answered had their share of the bytes
    size = part.plan.body_bytes * model.rows // max(1, part.plan.requests)
    return TokenUseRecord(
        batch_id, model.model, model.rows, size, model.use.prompt, model.use.output
    )
