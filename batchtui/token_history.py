"""What requests came to in tokens, measured on results that are here; what files cost by that.

Every price of a file that is shown or asked about comes from `estimate_costs`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from batchtui.clock import Clock
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_database import LedgerError
from batchtui.library.ledger_values import PartRecord, TokenUseRecord
from batchtui.library.store import ResultsStore
from batchtui.prices import PriceTable
from batchtui.results.errors import ResultsFileError
from batchtui.results.opening import index_whole
from batchtui.results.summary import Summary, summarize
from batchtui.submission.cost import (
    CostEstimate,
    ModelHistory,
    TokenCount,
    estimate_cost,
    sum_by_model,
)
from batchtui.submission.validate import Validation

_MEASURED = 5
"""Batches that are measured in one go, the latest first; more would be waited for."""


async def estimate_costs(
    validations: Sequence[Validation],
    prices: PriceTable,
    ledger: Ledger,
    store: ResultsStore,
    clock: Clock,
    *,
    counted: Mapping[str, TokenCount] = MappingProxyType({}),
) -> list[CostEstimate | None]:
    """Return what each file costs, by what the profile's requests came to before.

    Args:
        validations: The files.
        prices: What tokens cost.
        ledger: Where it is kept what requests came to.
        store: The results that are here; what was not measured yet is measured.
        clock: For reading them.
        counted: What the API counted on requests of the files, by the model's id.

    Raises:
        LedgerError: The ledger cannot be read.
    """
    history = await _token_history(ledger, store, clock, prices)
    return [estimate_cost(one.stats, prices, history, counted) for one in validations]


async def _token_history(
    ledger: Ledger, store: ResultsStore, clock: Clock, prices: PriceTable
) -> Mapping[str, ModelHistory]:
    """Return what requests of each model came to before; measures what was not measured yet."""
    parts = await asyncio.to_thread(ledger.token_uses.unmeasured_parts)
    measured = 0
    for part in parts:
        stored = await asyncio.to_thread(store.stored, part.batch_id or "")
        if stored is None:
            continue
        try:
            index = await index_whole(stored.path, clock=clock)
        except ResultsFileError:
            continue
        summary = await asyncio.to_thread(summarize, index, prices)
        try:
            await asyncio.to_thread(ledger.token_uses.note, _use_of(part, summary))
        except LedgerError:
            break  # a ledger that cannot be written keeps nobody from an estimate
        measured += 1
        if measured == _MEASURED:
            break
    return sum_by_model(await asyncio.to_thread(ledger.token_uses.known))


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
