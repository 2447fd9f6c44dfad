"""What a request file will cost, before it is sent: a range, and what it assumes.

Input tokens are counted by the API where it was asked, else measured on this account's own batches
of the same model where there are any, else guessed from bytes. Output is at most what
``max_tokens`` allows.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import TokenUseRecord
from batchtui.prices import Cost, PriceTable, TokenUse
from batchtui.submission.cache_plan import advise
from batchtui.submission.file_stats import FileStats, ModelShare

_BYTES_PER_TOKEN = (2.5, 5.0)
"""Of requests whose tokens were never measured: dense and plain text."""
_DATA_TOKENS = (500, 5_000)
"""Of a request that holds an image or a document."""
_SPREAD = 0.1
"""By how much what was measured may differ the next time."""


class ModelHistory(Struct, frozen=True):
    """What requests of one model came to before."""

    size: int
    """Bytes of the requests that were measured."""
    input_tokens: int
    """Tokens they had."""
    requests: int
    """How many."""
    output_tokens: int
    """Tokens of their answers."""


class TokenCount(Struct, frozen=True):
    """What some requests of one model came to, counted by the API."""

    requests: int
    """How many."""
    size: int
    """Their bytes."""
    input_tokens: int
    """Their tokens."""


class CostEstimate(Struct, frozen=True):
    """What a file costs, as far as that can be known."""

    low: float
    """US dollars, of the models whose price is known."""
    high: float
    """US dollars, of the models whose price is known."""
    assumed: tuple[str, ...]
    """What that rests on, each one sentence; may quote untrusted text."""
    advice: tuple[str, ...] = ()
    """How it could cost less, each one sentence; may quote untrusted text."""
    unknown: tuple[str, ...] = ()
    """Models without a price: theirs is not in it; untrusted text."""

    @property
    def words(self) -> str:
        """The range for people, such as ``about $1.20 to $3.00``."""
        return str(Cost(self.low, self.high))

    @property
    def left_out(self) -> tuple[str, ...]:
        """What is not in it, each one sentence; quotes untrusted text."""
        return tuple(f"Without {model}, whose price is not known." for model in self.unknown)


def cost_by_canary(cost: Cost | None, requests: int, prices: PriceTable) -> CostEstimate | None:
    """Return what the rest of a file costs, as its canary says; None where it does not.

    Args:
        cost: What it projects.
        requests: How many the canary had.
        prices: What that rests on.
    """
    if cost is None:
        return None
    assumed = f"They cost as the canary's {plural(requests, 'request')} came to, most likely."
    return CostEstimate(cost.low, cost.high, (assumed, _prices_words(prices)))


def sum_by_model(uses: "list[TokenUseRecord]") -> Mapping[str, ModelHistory]:
    """Sum up what was measured, by model."""
    sums: dict[str, ModelHistory] = {}
    for use in uses:
        before = sums.get(use.model, ModelHistory(0, 0, 0, 0))
        sums[use.model] = ModelHistory(
            before.size + use.size,
            before.input_tokens + use.input_tokens,
            before.requests + use.requests,
            before.output_tokens + use.output_tokens,
        )
    return sums


def estimate_cost(
    stats: FileStats,
    prices: PriceTable,
    history: Mapping[str, ModelHistory],
    counted: Mapping[str, TokenCount] = MappingProxyType({}),
) -> CostEstimate | None:
    """Return what the requests of a file cost; None where no price is known.

    Args:
        stats: What is in the file.
        prices: What tokens cost.
        history: What earlier requests came to, by the model's id.
        counted: What the API counted on requests of the file, by the model's id.
    """
    history = _by_asked_name(history, stats, prices)
    total = Cost()
    known: list[str] = []
    unknown: list[str] = []
    for model, share in stats.shares.items():
        price = prices.find(model)
        if price is None:
            unknown.append(model)
            continue
        known.append(model)
        low, high = _uses(share, history.get(model), counted.get(model))
        cheap = price.estimate(low, discount=prices.batch_discount)
        dear = price.estimate(high, discount=prices.batch_discount)
        total += Cost(cheap.low, dear.high)
    if not known:
        return None
    shares = {model: stats.shares[model] for model in known}
    assumed = tuple(_assumptions(shares, prices, history, counted))
    advice = tuple(advise(stats.spread, stats.models, prices))
    return CostEstimate(total.low, total.high, assumed, advice, tuple(unknown))


def _by_asked_name(
    history: Mapping[str, ModelHistory], stats: FileStats, prices: PriceTable
) -> dict[str, ModelHistory]:
    """Return what is known of the models of a file: those that answered may say a dated name."""
    found = {model: history[model] for model in stats.shares if model in history}
    dated = {price.name: one for model, one in history.items() if (price := prices.find(model))}
    for model in stats.shares.keys() - found.keys():
        price = prices.find(model)
        if price is not None and price.name in dated:
            found[model] = dated[price.name]
    return found


def _uses(
    share: ModelShare, measured: ModelHistory | None, counted: TokenCount | None
) -> tuple[TokenUse, TokenUse]:
    """Return the tokens of some requests, at least and at most."""
    output = 0
    if measured is not None and measured.requests:
        usual = measured.output_tokens / measured.requests * share.requests
        output = min(share.max_tokens, int(usual / 2))
    known = counted or measured
    if known is not None and known.input_tokens and known.size:
        tokens = share.size * known.input_tokens / known.size
        least, most = tokens * (1 - _SPREAD), tokens * (1 + _SPREAD)
    else:
        dense, plain = _BYTES_PER_TOKEN
        least, most = share.size / plain, share.size / dense
    least += share.with_data * _DATA_TOKENS[0]
    most += share.with_data * _DATA_TOKENS[1]
    return TokenUse(int(least), output), TokenUse(int(most), share.max_tokens)


def _assumptions(
    shares: Mapping[str, ModelShare],
    prices: PriceTable,
    history: Mapping[str, ModelHistory],
    counted: Mapping[str, TokenCount],
) -> Iterator[str]:
    asked = [model for model in shares if model in counted]
    if asked:
        count = sum(counted[model].requests for model in asked)
        yield (
            f"Input tokens as the API counted them on {plural(count, 'request')} of the file"
            f" ({', '.join(asked)})."
        )
    measured = [model for model in shares if model in history and model not in counted]
    if measured:
        count = sum(history[model].requests for model in measured)
        yield (
            f"Input tokens as measured on {plural(count, 'request')} of this account"
            f" ({', '.join(measured)})."
        )
    if len(measured) + len(asked) < len(shares):
        dense, plain = _BYTES_PER_TOKEN
        yield f"Input tokens guessed: {dense:g} to {plain:g} bytes a token."
    if data := sum(share.with_data for share in shares.values()):
        low, high = map(format_count, _DATA_TOKENS)
        yield f"{plural(data, 'request')} with images or documents: {low} to {high} tokens each."
    is_usual = all(model in history for model in shares)
    lowest = "half as long as usual" if is_usual else "a word each"
    yield f"Answers from {lowest} to all that max_tokens allows."
    yield f"{_prices_words(prices).removesuffix('.')}, nothing from the cache."


def _prices_words(prices: PriceTable) -> str:
    return f"Prices of {prices.as_of}, {round(prices.batch_discount * 100)} % off in a batch."
