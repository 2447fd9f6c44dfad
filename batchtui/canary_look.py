"""How the canary of a request file went, and what the others cost by that."""

from msgspec import Struct

from batchtui.prices import PriceTable
from batchtui.results.canary import count_unfit, report_canary
from batchtui.results.index import ResultsIndex
from batchtui.results.row_block import LineSource
from batchtui.submission.cost import CostEstimate, cost_by_canary
from batchtui.submission.request_lookup import open_lookup
from batchtui.submission.validate import Validation


class CanaryLook(Struct, frozen=True):
    """What there is to know before the others are sent."""

    sentences: tuple[str, ...]
    """How it went; safe to show."""
    cost: CostEstimate | None
    """What the others cost; ``None`` where it does not say so."""


def look_at_canary(
    index: ResultsIndex, source: LineSource, whole: Validation, rest: int, prices: PriceTable
) -> CanaryLook:
    """Sum up the results of a canary; works in a thread.

    Args:
        index: All its rows.
        source: Where their bytes are.
        whole: The file that it was taken of.
        rest: Requests of it that were not sent yet.
        prices: What tokens cost.

    Raises:
        SchemaError: What a request asks for is not a schema.
        BatchtuiError: The results or the requests cannot be read.
    """
    unfit = count_unfit(index, source, open_lookup(whole.source).find)
    report = report_canary(index, prices, rest, unfit)
    cost = cost_by_canary(report.cost, report.rows, prices)
    return CanaryLook(tuple(report.sentences(rest)), cost)
