"""JSON as models write it: read from any place in a text, to any depth, with its small faults.

Strict JSON is read by the standard library. Where that refuses, comments, commas too many, NaN and
raw line ends in strings are let pass, since everyone sees what is meant; anything else is an error
that knows its place, and whether the text just ends too early. Numbers are exact.
"""

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from msgspec import Raw

Number: TypeAlias = int | float | Decimal
"""A number of an answer: a `Decimal` only where a float would not be the same number."""

_SPACE = re.compile(r"(?:[ \t\r\n\ufeff\u00a0]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_WORD = re.compile(r"true|false|null|NaN|-?Infinity")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_INFINITE = math.inf
_SURE_DIGITS = 15
"""A number of so many digits is the same number as a float."""
_INT_DIGITS = 4_000
"""Python refuses to make integers of more digits than some thousand."""


class BrokenJsonError(ValueError):
    """A text is not JSON; the error's text is the reason.

    Attributes:
        position: Where it breaks, in characters.
        is_unclosed: Whether the text ends too early, and what is there is fine.
        under_way: Where the lists and objects start that are not closed there: each of them, read
            by itself, breaks at the same place.
    """

    def __init__(self, reason: str, position: int, *, is_unclosed: bool = False) -> None:
        super().__init__(reason)
        self.position = position
        self.is_unclosed = is_unclosed
        self.under_way: tuple[int, ...] = ()


def read_number(text: str) -> Number | str:
    """Return an exact number for how JSON writes it; the text itself where none can hold it.

    It is a float wherever that is written the same, so that 0.10 and 0.10000000000000000 are equal.
    """
    if text.lstrip("-").isdigit():
        return int(text) if len(text) <= _INT_DIGITS else Decimal(text)
    return read_fraction(text)


def read_fraction(text: str) -> Number | str:
    """Return the same for a number that is written with a point or an exponent."""
    number = float(text)
    is_held = number and -_INFINITE < number < _INFINITE
    if (len(text) <= _SURE_DIGITS and is_held) or repr(number) == text:
        return number
    try:
        exact = Decimal(text)
    except InvalidOperation:
        return text
    return number if exact == as_written(number) else exact


def as_written(number: Number) -> Decimal:
    """Return the number that was written; a float has more digits than that."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def order_of(left: Number, right: Number) -> int:
    """Return 1, 0 or -1 as the left number is larger, the same or smaller."""
    if isinstance(left, Decimal) or isinstance(right, Decimal):
        one, other = as_written(left), as_written(right)
        return (one > other) - (one < other)
    return (left > right) - (left < right)


class TextWithoutLines(str):
    """A text as one line.

    Errors of `json` tell the line, for which all before it is counted: nothing tells it here, and
    of a text that breaks in thousands of places it takes seconds.
    """

    __slots__ = ()

    def count(self, *_: object) -> int:
        """Return 0: of line ends there is none."""
        return 0

    def rfind(self, *_: object) -> int:
        """Return -1, likewise."""
        return -1


_loose = json.JSONDecoder(strict=False)
_strict = json.JSONDecoder(parse_float=read_fraction, parse_int=read_number, parse_constant=str)


def read_exactly(text: str, *, keep_all: bool = False) -> object:
    """Read a JSON text into values that `msgspec` writes with their numbers as they were written.

    Args:
        text: What to read.
        keep_all: Whether members of one name are all written, as they were, and not the last one
            alone, as where the text is not strict JSON. It takes half as long again.

    Raises:
        BrokenJsonError: It is not JSON.
    """
    try:
        value: object = json.loads(
            text,
            parse_float=_as_written,
            parse_int=_as_written,
            parse_constant=str,
            strict=False,
            object_pairs_hook=_keep_all if keep_all else None,
        )
    except (ValueError, RecursionError):
        return _Scanner(text, len(text) - len(text.lstrip()), _as_written).scan()[0]
    return value


class _Overridden(str):
    """The name of a member that a later one of the same name takes the place of."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        """Return whether it is the same member: it is found by nobody, but written."""
        return self is other


def _keep_all(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    last = {name: place for place, (name, _) in enumerate(pairs)}
    return {
        name if last[name] == place else _Overridden(name): value
        for place, (name, value) in enumerate(pairs)
    }


def _as_written(number: str) -> Raw:
    return Raw(number.encode())


def scan_json(text: str, start: int = 0) -> tuple[object, int]:
    """Read the JSON value that starts at a place.

    Args:
        text: Holds it; anything may follow.
        start: Where its first sign is.

    Returns:
        The value, and the place behind it.

    Raises:
        BrokenJsonError: There is no whole value.
    """
    try:
        value, end = _strict.raw_decode(text, start)
    except (ValueError, RecursionError):
        return _Scanner(text, start).scan()
    return value, end


class _Scanner:
    """Reads one value without recursion: containers under way are on a stack."""

    def __init__(
        self, text: str, start: int, read_number: Callable[[str], object] = read_number
    ) -> None:
        self._text = text
        self._read_number = read_number
        self._position = start
        self._open: list[dict[str, object] | list[object]] = []
        self._starts: list[int] = []
        self._keys: list[str] = []

    def scan(self) -> tuple[object, int]:
        """Return the value and the place behind it."""
        try:
            return self._scan()
        except BrokenJsonError as error:
            error.under_way = tuple(self._starts)
            raise

    def _scan(self) -> tuple[object, int]:
        while True:
            self._skip()
            start = self._position
            value, is_container = self._read_value()
            if is_container and not self._closes(value):
                self._starts.append(start)
                self._enter(value)
                continue
            while self._open:
                self._attach(value)
                if self._goes_on():
                    break
                value = self._open.pop()
                self._starts.pop()
            else:
                return value, self._position

    def _enter(self, value: object) -> None:
        if isinstance(value, dict):
            self._open.append(value)
            self._keys.append("")
            self._read_key()
        elif isinstance(value, list):
            self._open.append(value)

    def _closes(self, container: object) -> bool:
        """Return whether a container that was just opened is empty."""
        self._skip()
        end = "}" if isinstance(container, dict) else "]"
        if self._text.startswith(end, self._position):
            self._position += 1
            return True
        return False

    def _attach(self, value: object) -> None:
        parent = self._open[-1]
        if isinstance(parent, dict):
            parent[self._keys[-1]] = value
        else:
            parent.append(value)

    def _goes_on(self) -> bool:
        """Step over what follows a member; whether another one comes."""
        parent = self._open[-1]
        end = "}" if isinstance(parent, dict) else "]"
        self._skip()
        sign = self._sign()
        if sign == ",":
            self._position += 1
            self._skip()
            sign = self._sign()
            if sign != end:
                if isinstance(parent, dict):
                    self._read_key()
                return True
        if sign != end:
            raise self._broken(f"expected , or {end}")
        self._position += 1
        if isinstance(parent, dict):
            self._keys.pop()
        return False

    def _read_key(self) -> None:
        self._skip()
        if self._sign() != '"':
            raise self._broken("expected a name in quotes")
        self._keys[-1] = self._read_string()
        self._skip()
        if self._sign() != ":":
            raise self._broken("expected : behind the name")
        self._position += 1

    def _read_value(self) -> tuple[object, bool]:
        sign = self._sign()
        if sign in {"{", "["}:
            self._position += 1
            container: object = {} if sign == "{" else []
            return container, True
        if sign == '"':
            return self._read_string(), False
        for pattern in (_NUMBER, _WORD):
            match = pattern.match(self._text, self._position)
            if match:
                self._position = match.end()
                word = match.group()
                is_number = pattern is _NUMBER
                return (self._read_number(word) if is_number else _WORDS.get(word, word)), False
        raise self._broken("expected a value")

    def _read_string(self) -> str:
        try:
            value, self._position = _loose.raw_decode(self._text, self._position)
        except json.JSONDecodeError as error:
            is_unclosed = error.msg.startswith("Unterminated")
            place = len(self._text) if is_unclosed else error.pos
            reason = "a string without an end" if is_unclosed else error.msg
            raise BrokenJsonError(reason, place, is_unclosed=is_unclosed) from None
        return str(value)

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._position)
        self._position = match.end() if match else self._position
        if self._text.startswith("/*", self._position):
            raise BrokenJsonError("the comment does not end", self._position, is_unclosed=True)

    def _sign(self) -> str:
        if self._position >= len(self._text):
            raise BrokenJsonError("the text ends here", len(self._text), is_unclosed=True)
        return self._text[self._position]

    def _broken(self, reason: str) -> BrokenJsonError:
        return BrokenJsonError(reason, self._position)
