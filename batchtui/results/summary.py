"""The whole batch in numbers: how rows ended, tokens, cache, lengths of answers, estimated cost.

`SummaryBuilder` follows an index while it grows; `summarize` does it all at once.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress

from msgspec import Struct

from batchtui.prices import Cost, Price, PriceTable, TokenUse
from batchtui.results.index import RESULT_TYPES, SUCCEEDED, UNKNOWN_TOKENS, ResultsIndex, sum_known

_STEP = 16_384
"""Rows taken in in one go."""


class Count(Struct, frozen=True):
    """How many rows share something."""

    name: str
    """What they share; a stop reason may be "" for none."""
    rows: int


class LengthBucket(Struct, frozen=True):
    """Answers of about the same length."""

    low: int
    """Output tokens of the shortest, inclusive."""
    high: int
    """Output tokens of the longest, inclusive."""
    rows: int


class Lengths(Struct, frozen=True):
    """How long the answers are, in output tokens."""

    buckets: tuple[LengthBucket, ...] = ()
    """From short to long, each reaching to double the last; without gaps."""
    median: int = 0
    p95: int = 0
    longest: int = 0


class ModelSummary(Struct, frozen=True):
    """What one model did."""

    model: str
    """Its id; "" where the API gave none."""
    rows: int
    use: TokenUse
    cost: Cost | None
    """None if its price is not known."""


class Summary(Struct, frozen=True):
    """The whole batch in numbers."""

    rows: int
    types: tuple[Count, ...]
    """All of `RESULT_TYPES`, zeros included, in their order."""
    stops: tuple[Count, ...]
    """Stop reasons of the answers, the most frequent first."""
    models: tuple[ModelSummary, ...]
    """The most used first."""
    use: TokenUse
    """Tokens of all rows."""
    lengths: Lengths
    cost: Cost | None
    """Of the models whose price is known; None if there is none. Zero only if nothing was used."""
    rows_without_price: int
    """Answers by models whose price is not known: their cost is missing in `cost`."""
    rows_without_usage: int
    """Answers whose tokens are not known: their cost is missing in `cost`."""
    prices_as_of: date
    """The day of the price list."""

    @property
    def cache_hit_rate(self) -> float | None:
        """The share of prompt tokens that were read from the cache, 0 to 1; None without any."""
        prompt = self.use.prompt
        return self.use.cache_read / prompt if prompt else None


def summarize(index: ResultsIndex, prices: PriceTable) -> Summary:
    """Sum up all rows of an index.

    Args:
        index: The rows.
        prices: To estimate costs with.
    """
    builder = SummaryBuilder(prices)
    builder.update(index)
    return builder.summary(index)


def use_of(index: ResultsIndex, row: int) -> TokenUse:
    """Return the tokens of one row; an unknown number counts as nothing."""
    return _Columns.cut(index, row, row + 1, [True]).use()


@dataclass(slots=True)
class _ModelSums:
    """What is known of one model so far."""

    rows: int = 0
    short: TokenUse = field(default_factory=TokenUse)
    long: TokenUse = field(default_factory=TokenUse)


class SummaryBuilder:
    """Keeps sums up to date while an index grows."""

    def __init__(self, prices: PriceTable) -> None:
        self._prices = prices
        self._seen = 0
        self._models: dict[int, _ModelSums] = {}
        self._stops: Counter[int] = Counter()
        self._lengths: Counter[int] = Counter()
        self._without_usage = 0

    def update(self, index: ResultsIndex) -> None:
        """Take in the rows that came since the last call: a tenth of a second for 100,000."""
        while self.step(index):
            pass

    def step(self, index: ResultsIndex) -> bool:
        """Take in some of the rows that came since: about ten milliseconds.

        Returns:
            Whether there are more.
        """
        start, stop = self._seen, min(self._seen + _STEP, len(index))
        if start < stop:
            self._take(index, start, stop)
            self._seen = stop
        return stop < len(index)

    def summary(self, index: ResultsIndex) -> Summary:
        """Return the numbers of the rows taken in so far."""
        models = [
            self._sum_up_model(index.model_names[code], sums) for code, sums in self._models.items()
        ]
        models.sort(key=lambda model: (-model.rows, model.model))
        priced = [model.cost for model in models if model.cost is not None]
        return Summary(
            rows=self._seen,
            types=tuple(
                Count(name, len(rows))
                for name, rows in zip(RESULT_TYPES, index.rows_by_type, strict=True)
            ),
            stops=tuple(
                Count(index.stop_names[code], rows) for code, rows in self._stops.most_common()
            ),
            models=tuple(models),
            use=sum((model.use for model in models), TokenUse()),
            lengths=measure_lengths(self._lengths),
            cost=sum(priced, Cost()) if priced or not models else None,
            rows_without_price=sum(model.rows for model in models if model.cost is None),
            rows_without_usage=self._without_usage,
            prices_as_of=self._prices.as_of,
        )

    def _sum_up_model(self, name: str, sums: _ModelSums) -> ModelSummary:
        price = self._prices.find(name)
        cost = None
        if price is not None:
            discount = self._prices.batch_discount
            cost = price.estimate(sums.short, discount=discount)
            cost += price.estimate(sums.long, discount=discount, is_long=True)
        return ModelSummary(name, sums.rows, sums.short + sums.long, cost)

    def _take(self, index: ResultsIndex, start: int, stop: int) -> None:
        kinds = index.types[start:stop]
        answered = [kind == SUCCEEDED for kind in kinds]
        outputs = array("i", compress(index.output_tokens[start:stop], answered))
        self._stops.update(compress(index.stop_reasons[start:stop], answered))
        self._without_usage += outputs.count(UNKNOWN_TOKENS)
        self._lengths.update(outputs)
        del self._lengths[UNKNOWN_TOKENS]
        models = index.models[start:stop]
        for code in set(compress(models, answered)):
            chosen = [
                model == code and is_answer
                for model, is_answer in zip(models, answered, strict=True)
            ]
            sums = self._models.setdefault(code, _ModelSums())
            sums.rows += sum(chosen)
            price = self._prices.find(index.model_names[code])
            self._add_use(sums, _Columns.cut(index, start, stop, chosen), price)

    def _add_use(self, sums: _ModelSums, columns: "_Columns", price: Price | None) -> None:
        if price is None or price.long_prompt is None:
            sums.short += columns.use()
            return
        above = price.long_prompt.above  # as `Price.is_long` says, for all of them at once
        is_long = [prompt > above for prompt in columns.prompts()]
        if any(is_long):
            sums.long += columns.only(is_long).use()
            sums.short += columns.only([not long for long in is_long]).use()
        else:
            sums.short += columns.use()


class _Columns(Struct, frozen=True):
    """The token columns of some rows; unknown numbers are -1."""

    input: "array[int]"
    output: "array[int]"
    cache_read: "array[int]"
    cache_write: "array[int]"
    cache_write_1h: "array[int]"

    @classmethod
    def cut(cls, index: ResultsIndex, start: int, stop: int, chosen: Sequence[bool]) -> "_Columns":
        """Take some rows out of an index."""
        return cls(
            index.input_tokens[start:stop],
            index.output_tokens[start:stop],
            index.cache_read[start:stop],
            index.cache_write[start:stop],
            index.cache_write_1h[start:stop],
        ).only(chosen)

    def only(self, chosen: Sequence[bool]) -> "_Columns":
        """Take some rows out of these."""
        columns = (
            self.input, self.output, self.cache_read, self.cache_write, self.cache_write_1h
        )  # fmt: skip
        return _Columns(*(array("i", compress(column, chosen)) for column in columns))

    def prompts(self) -> Iterable[int]:
        """Return the tokens of each row's prompt."""
        parts = zip(self.input, self.cache_read, self.cache_write, strict=True)
        return (sum(n for n in part if n > 0) for part in parts)

    def use(self) -> TokenUse:
        """Add up; an unknown number counts as nothing."""
        one_hour = sum_known(self.cache_write_1h)
        pairs = zip(self.cache_write, self.cache_write_1h, strict=True)
        unknown = sum(all_ for all_, long in pairs if long == UNKNOWN_TOKENS and all_ > 0)
        return TokenUse(
            sum_known(self.input),
            sum_known(self.output),
            sum_known(self.cache_read),
            max(0, sum_known(self.cache_write) - one_hour - unknown),
            one_hour,
            unknown,
        )


def measure_lengths(lengths: Counter[int]) -> Lengths:
    """Describe how long answers are.

    Args:
        lengths: How many answers there are of each number of output tokens.
    """
    if not lengths:
        return Lengths()
    counts: Counter[int] = Counter()
    for length, rows in lengths.items():
        counts[length.bit_length()] += rows
    buckets = tuple(
        LengthBucket((1 << bits) >> 1, (1 << bits) - 1, counts[bits])
        for bits in range(min(counts), max(counts) + 1)
    )
    ordered = sorted(lengths.items())
    return Lengths(
        buckets, _quantile(ordered, 0.5), _quantile(ordered, 0.95), longest=ordered[-1][0]
    )


def _quantile(ordered: Sequence[tuple[int, int]], share: float) -> int:
    """Return the smallest length that at least this share of answers do not exceed."""
    wanted = share * sum(rows for _, rows in ordered)
    for length, rows in ordered:
        wanted -= rows
        if wanted <= 0:
            return length
    return ordered[-1][0]
