"""What tokens cost: a dated table that the user can edit, and estimates made from it.

The table is `prices.toml` beside this module; a file of the user's adds to it and replaces prices
in it. A model that stands in neither has no price: its cost is unknown, never zero.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Annotated, Self, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from batchtui.regular_files import read_regular
from batchtui.untrusted import visible

_DATED = re.compile(r"(?:[-@]\d{8})?(?:-v\d+(?::\d+)?)?|-latest")
"""What may follow a name in a model's id."""
_FAMILY = "claude-"
_MILLION = 1_000_000
_CENT = 0.01
_SHARED = ("cache_read", "cache_write_5m", "cache_write_1h", "cache_minimum")
"""What the head of a file may say for all its models."""

_Kind = TypeVar("_Kind")

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


_Amount: TypeAlias = Annotated[float, Meta(ge=0, lt=1e12)]
_Count: TypeAlias = Annotated[int, Meta(ge=0)]


class Rates(Struct, frozen=True):
    """Prices in US dollars per million tokens, without any discount."""

    input: _Amount
    output: _Amount


class LongPromptRates(Rates, frozen=True):
    """The prices of requests with long prompts."""

    above: _Count
    """Prompt tokens of a request above which they hold."""


class Price(Rates, frozen=True):
    """What one model costs: its usual prices, and all else as it stands in a file."""

    name: Annotated[str, Meta(min_length=1)]
    """The model's name without a date."""
    cache_read: _Amount = 0.1
    """Times the input price."""
    cache_write_5m: _Amount = 1.25
    """Times the input price."""
    cache_write_1h: _Amount = 2.0
    """Times the input price."""
    cache_minimum: _Count = 1024
    """Tokens of a prompt's beginning from which the model caches it."""
    aliases: tuple[str, ...] = ()
    """Other names of the model."""
    long_prompt: LongPromptRates | None = None
    """The prices of long prompts; None if they cost the same."""

    def is_long(self, prompt: int) -> bool:
        """Return whether a request with so many prompt tokens costs what long prompts cost."""
        return self.long_prompt is not None and prompt > self.long_prompt.above

    def estimate(self, use: TokenUse, *, discount: float, is_long: bool = False) -> Cost:
        """Return what some tokens cost.

        Args:
            use: The tokens.
            discount: The share taken off, 0 to 1.
            is_long: Whether they belong to requests with long prompts.
        """
        rates = self.long_prompt if is_long and self.long_prompt is not None else self
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
        own = read_prices(read_regular(user_file).decode(), base=table)
    except (OSError, ValueError) as error:
        reason = f"{user_file.name} was not used: {visible(str(error))}"
        return replace(table, problem=reason)
    return table.updated(own)


class _PriceFile(Struct):
    """A file of prices, its models not looked at yet."""

    as_of: date | None = None
    source: str = "your file"
    batch_discount: Annotated[float, Meta(ge=0, le=1)] | None = None
    model: list[dict[str, object]] = []
    retired: dict[str, date] = {}


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
    file = _convert(fields, _PriceFile)
    as_of = file.as_of or (base.as_of if base else None)
    if as_of is None:
        raise PriceFileError("as_of must be a day, such as 2026-10-24")
    discount = file.batch_discount
    if discount is None:
        discount = base.batch_discount if base else 0.5
    shared = {name: fields[name] for name in _SHARED if name in fields}
    prices = [
        _convert({**shared, **item}, Price, where=f"{item.get('name', 'a [[model]]')}: ")
        for item in file.model
    ]
    by_name = {name: price for price in prices for name in (price.name, *price.aliases)}
    return PriceTable(as_of, file.source, discount, by_name, file.retired)


def _convert(value: object, kind: type[_Kind], *, where: str = "") -> _Kind:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise PriceFileError(f"{where}{error}") from None
