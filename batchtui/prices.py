"""What tokens cost: a dated table that the user can edit, and estimates made from it.

The table is `prices.toml` beside this module; a file of the user's adds to it and replaces prices
in it. A model that stands in neither has no price: its cost is unknown, never zero.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from batchtui.untrusted import visible

_DATED = re.compile(r"(?:[-@]\d{8})?(?:-v\d+(?::\d+)?)?|-latest")
"""What may follow a name in a model's id."""
_FAMILY = "claude-"
_MILLION = 1_000_000
_CENT = 0.01

NOTES = (
    "Estimated from a price list; the invoice decides.",
    "Fees for web searches and code execution, and surcharges for regions, are not counted.",
)
"""What to say beside every estimate."""


class TokenUse(Struct, frozen=True):
    """Tokens of some rows of one model, whose prompts cost the same."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    cache_write_unknown: int = 0
    """Written to the cache for a time that is not known."""

    def __add__(self, other: "TokenUse") -> "TokenUse":
        return TokenUse(
            self.input + other.input,
            self.output + other.output,
            self.cache_read + other.cache_read,
            self.cache_write_5m + other.cache_write_5m,
            self.cache_write_1h + other.cache_write_1h,
            self.cache_write_unknown + other.cache_write_unknown,
        )

    @property
    def cache_write(self) -> int:
        """Written to the cache for whatever time."""
        return self.cache_write_5m + self.cache_write_1h + self.cache_write_unknown

    @property
    def prompt(self) -> int:
        """All of the prompts, from the cache or not."""
        return self.input + self.cache_read + self.cache_write


class Cost(Struct, frozen=True):
    """An estimate in US dollars; a range where something needed is not known."""

    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.low + other.low, self.high + other.high)

    def __str__(self) -> str:
        if _format_dollars(self.low) == _format_dollars(self.high):
            return f"about {_format_dollars(self.high)}"
        if self.low < _CENT:
            return f"at most about {_format_dollars(self.high)}"
        return f"about {_format_dollars(self.low)} to {_format_dollars(self.high)}"

    @property
    def brief(self) -> str:
        """The most it may be, for a table: ``~$1.23``."""
        return f"~{_format_dollars(self.high)}" if self.high >= 0.01 else "<$0.01"


def _format_dollars(amount: float) -> str:
    if 0 < amount < _CENT:
        return "$0.01 or less"
    return f"${amount:,.2f}"


class Rates(Struct, frozen=True):
    """Prices in US dollars per million tokens, without any discount."""

    input: float
    output: float


class Price(Struct, frozen=True):
    """What one model costs."""

    name: str
    """The model's name without a date."""
    rates: Rates
    """The usual prices."""
    cache_read: float
    """Times the input price."""
    cache_write_5m: float
    """Times the input price."""
    cache_write_1h: float
    """Times the input price."""
    cache_minimum: int = 1024
    """Tokens of a prompt's beginning from which the model caches it."""
    long_above: int | None = None
    """Prompt tokens of a request above which `long_rates` hold; None if they never do."""
    long_rates: Rates | None = None
    """The prices of long prompts."""

    def estimate(self, use: TokenUse, *, discount: float, is_long: bool = False) -> Cost:
        """Return what some tokens cost.

        Args:
            use: The tokens.
            discount: The share taken off, 0 to 1.
            is_long: Whether they belong to requests with long prompts.
        """
        rates = self.long_rates if is_long and self.long_rates is not None else self.rates
        factor = (1.0 - discount) / _MILLION
        prompt = use.input + use.cache_read * self.cache_read
        prompt += use.cache_write_5m * self.cache_write_5m
        prompt += use.cache_write_1h * self.cache_write_1h
        sure = prompt * rates.input + use.output * rates.output
        unsure = use.cache_write_unknown * rates.input
        lifetimes = (self.cache_write_5m, self.cache_write_1h)
        low, high = unsure * min(lifetimes), unsure * max(lifetimes)
        return Cost((sure + low) * factor, (sure + high) * factor)


class PriceFileError(ValueError):
    """A price file has something in it that is not a price; its text says what."""


class PriceTable(Struct, frozen=True):
    """Prices as of a day."""

    as_of: date
    """When the prices were looked up."""
    source: str
    """Where they are from: a page, or the user's file."""
    batch_discount: float
    """The share taken off in a batch, 0 to 1."""
    prices: Mapping[str, Price]
    """By name, aliases included."""
    retired: Mapping[str, date] = {}
    """The day from which a model answers no more, by name."""
    problem: str = ""
    """Why the user's file was not used, or an empty string."""

    def find(self, model: str) -> Price | None:
        """Return the price of a model by its id, or None if it is not known.

        A name stands for itself and its dated forms only: ``claude-opus-4`` is not the price of
        ``claude-opus-4-9``.
        """
        start = model.find(_FAMILY)
        names = {model, model[start:]} if start > 0 else {model}
        for name in names:
            for known in _prefixes(name):
                price = self.prices.get(known)
                if price is not None and _DATED.fullmatch(name, len(known)):
                    return price
        return None

    def find_retired(self, model: str) -> date | None:
        """Return the day from which a model answers no more, or None if it still does."""
        for known in _prefixes(model):
            day = self.retired.get(known)
            if day is not None and _DATED.fullmatch(model, len(known)):
                return day if day <= self.as_of else None
        return None

    def updated(self, other: Self) -> Self:
        """Return this table with the prices of another in front."""
        prices = {**self.prices, **other.prices}
        retired = {**self.retired, **other.retired}
        return replace(other, prices=prices, retired=retired)


def _prefixes(name: str) -> Iterator[str]:
    """Yield a name and ever shorter beginnings of it, cut at its separators."""
    yield name
    for position in range(len(name) - 1, 0, -1):
        if name[position] in "-@":
            yield name[:position]


def load_prices(user_file: Path | None = None) -> PriceTable:
    """Read the prices.

    Args:
        user_file: The user's own prices; it need not exist.

    Returns:
        The table; where the user's file cannot be used, the one that came with the program, and
        why in its ``problem``.
    """
    text = resources.files("batchtui").joinpath("prices.toml").read_text("utf-8")
    table = read_prices(text)
    if user_file is None or not user_file.exists():
        return table
    try:
        own = read_prices(user_file.read_text("utf-8"), base=table)
    except (OSError, ValueError) as error:
        reason = f"{user_file.name} was not used: {visible(str(error))}"
        return replace(table, problem=reason)
    return table.updated(own)


def read_prices(text: str, *, base: PriceTable | None = None) -> PriceTable:
    """Read a table from TOML.

    Args:
        text: The file's text.
        base: Where what the file leaves out is taken from.

    Raises:
        PriceFileError: Something in it is not a price.
        tomllib.TOMLDecodeError: It is not TOML.
    """
    fields: dict[str, object] = tomllib.loads(text)
    as_of = fields.get("as_of", base.as_of if base else None)
    if not isinstance(as_of, date):
        raise PriceFileError("as_of must be a day, such as 2026-10-24")
    default = 0.5 if base is None else base.batch_discount
    discount = _number(fields, "batch_discount", default)
    if discount > 1:
        raise PriceFileError("batch_discount must be between 0 and 1")
    source = fields.get("source")
    prices = {name: price for item in _models(fields) for name, price in _read_price(item, fields)}
    source = source if isinstance(source, str) else "your file"
    return PriceTable(as_of, source, discount, prices, _retired(fields))


def _retired(fields: Mapping[str, object]) -> dict[str, date]:
    days = fields.get("retired", {})
    if not isinstance(days, dict) or not all(isinstance(day, date) for day in days.values()):
        raise PriceFileError('retired models are written as [retired] with "name" = day')
    return days


def _models(fields: Mapping[str, object]) -> Sequence[dict[str, object]]:
    models = fields.get("model", [])
    if not isinstance(models, list) or not all(isinstance(item, dict) for item in models):
        raise PriceFileError("models are written as [[model]]")
    return models


def _read_price(item: dict[str, object], defaults: Mapping[str, object]) -> list[tuple[str, Price]]:
    name, aliases, long_prompt = item.get("name"), item.get("aliases", []), item.get("long_prompt")
    if not isinstance(name, str) or not name:
        raise PriceFileError("a [[model]] has no name")
    price = Price(
        name,
        _read_rates(item, name),
        cache_read=_number(item, "cache_read", _number(defaults, "cache_read", 0.1)),
        cache_write_5m=_number(item, "cache_write_5m", _number(defaults, "cache_write_5m", 1.25)),
        cache_write_1h=_number(item, "cache_write_1h", _number(defaults, "cache_write_1h", 2.0)),
        cache_minimum=int(_number(item, "cache_minimum", _number(defaults, "cache_minimum", 1024))),
    )
    if isinstance(long_prompt, dict):
        above = int(_number(long_prompt, "above", None))
        price = replace(price, long_above=above, long_rates=_read_rates(long_prompt, name))
    others = aliases if isinstance(aliases, list) else []
    return [(alias, price) for alias in (name, *others) if isinstance(alias, str)]


def _read_rates(item: Mapping[str, object], name: str) -> Rates:
    try:
        return Rates(_number(item, "input", None), _number(item, "output", None))
    except PriceFileError as error:
        raise PriceFileError(f"{name}: {error}") from None


def _number(fields: Mapping[str, object], key: str, default: float | None) -> float:
    value = fields.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise PriceFileError(f"{key} must be a number")
    return float(value)
