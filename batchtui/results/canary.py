"""What a canary's results say of the requests that were not sent yet, with intervals."""

import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist, fmean, stdev

from msgspec import Struct

from batchtui.formatting import format_count, plural
from batchtui.prices import Cost, Price, PriceTable
from batchtui.results.index import SUCCEEDED, UNKNOWN_TOKENS, ResultsIndex
from batchtui.results.records.registry import records_of
from batchtui.results.request_schemas import schema_of_request
from batchtui.results.review_flags import NOT_WHOLE
from batchtui.results.row_block import LineSource
from batchtui.results.summary import use_of

_SURE = 0.95
_Z = NormalDist().inv_cdf((1 + _SURE) / 2)


class Share(Struct, frozen=True):
    """How many rows share something, and what that says of all."""

    name: str
    """What they share."""
    rows: int
    """How many do."""
    low: float
    """The share among all is most likely not below this, 0 to 1."""
    high: float
    """Nor above this."""


class CanaryReport(Struct, frozen=True):
    """What is to be known before the rest is sent."""

    rows: int
    """Requests of the canary."""
    shares: tuple[Share, ...]
    """What went wrong in which share; those that occurred first."""
    cost: Cost | None
    """What the rest will cost, as far as that can be said; None where no price is known."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing went wrong."""
        return not any(share.rows for share in self.shares)

    def sentences(self, rest: int) -> Iterator[str]:
        """Say how it went, each in one sentence.

        Args:
            rest: Requests that were not sent yet.
        """
        rows = format_count(self.rows)
        if self.is_clean:
            most = _percent(max(share.high for share in self.shares))
            yield (
                f"All {rows} of the canary were answered whole; most likely no more than {most} of"
                " all are not."
            )
        for share in self.shares:
            if share.rows:
                of_all = f"{_percent(share.low)} to {_percent(share.high)} of all"
                yield f"{format_count(share.rows)} of {rows} {share.name}: most likely {of_all}."
        if self.cost is not None:
            yield f"The other {plural(rest, 'request')} will cost {self.cost}."


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def report_canary(
    index: ResultsIndex, prices: PriceTable, rest: int, unfit: int | None = None
) -> CanaryReport:
    """Sum up the results of a canary.

    Args:
        index: All its rows.
        prices: What tokens cost.
        rest: Requests that were not sent yet.
        unfit: Answers that do not fit their schema, as `count_unfit` gives it.
    """
    names = [index.stop_names[stop] for stop in index.stop_reasons]
    answers = [kind == SUCCEEDED for kind in index.types]
    counts = {
        "failed": answers.count(False),
        "cut at max_tokens": names.count("max_tokens"),
        "refused": names.count("refusal"),
    }
    if unfit is not None:
        counts["not fitting their schema"] = unfit
    rows = len(index)
    shares = [Share(name, count, *interval(count, rows)) for name, count in counts.items()]
    shares.sort(key=lambda share: -share.rows)
    return CanaryReport(rows, tuple(shares), project_cost(list(_costs(index, prices)), rest))


def count_unfit(
    index: ResultsIndex, source: LineSource, request_of: Callable[[str], bytes | None]
) -> int | None:
    """Return how many whole answers do not fit the schema that their request asks for.

    Args:
        index: All rows of the canary.
        source: Where their bytes are.
        request_of: Finds a request by custom_id.

    Returns:
        None if no request asks for a schema.

    Raises:
        SchemaError: What a request asks for is not a schema.
        BatchtuiError: The results or the requests cannot be read.
    """
    records = records_of(index)
    asked = unfit = 0
    for row in index.rows_by_type[SUCCEEDED]:
        if index.stop_names[index.stop_reasons[row]] in NOT_WHOLE:
            continue
        request = request_of(index.custom_id(row))
        schema = schema_of_request(request) if request is not None else None
        if schema is None:
            continue
        asked += 1
        records.fill(source, row + 1)
        text = records.text(source, row)
        unfit += text is None or not schema.fits(text)
    return unfit if asked else None


def interval(count: int, of_all: int) -> tuple[float, float]:
    """Return between which shares the truth most likely lies (Wilson's interval)."""
    if not of_all:
        return 0.0, 1.0
    share = count / of_all
    spread = _Z * _Z / of_all
    middle = (share + spread / 2) / (1 + spread)
    reach = _Z * math.sqrt(share * (1 - share) / of_all + spread / (4 * of_all)) / (1 + spread)
    low = 0.0 if count == 0 else max(0.0, middle - reach)
    return low, 1.0 if count == of_all else min(1.0, middle + reach)


def _costs(index: ResultsIndex, prices: PriceTable) -> Iterator[float | None]:
    """Yield what each row cost; None where that is not known."""
    found: dict[int, Price | None] = {}
    for row in range(len(index)):
        if index.types[row] != SUCCEEDED:
            yield 0.0  # not billed
            continue
        code = index.models[row]
        if code not in found:
            found[code] = prices.find(index.model_names[code])
        price = found[code]
        if price is None or index.input_tokens[row] == UNKNOWN_TOKENS:
            yield None
            continue
        use = use_of(index, row)
        is_long = price.is_long(use.prompt)
        yield price.estimate(use, discount=prices.batch_discount, is_long=is_long).high


def project_cost(costs: Sequence[float | None], rest: int) -> Cost | None:
    """Return what further requests will cost; None where that cannot be said.

    Args:
        costs: What each request of a sample cost, in US dollars; None where that is not known.
        rest: How many more there are.
    """
    known = [cost for cost in costs if cost is not None]
    if len(known) < max(2, len(costs)):
        return None
    count = len(known)
    # a little more than the normal distribution's reach, since the spread is itself estimated
    factor = _Z * (1 + 1.2 / count)
    reach = factor * stdev(known) * math.sqrt(rest * rest / count + rest)
    total = fmean(known) * rest
    return Cost(max(0.0, total - reach), total + reach)
