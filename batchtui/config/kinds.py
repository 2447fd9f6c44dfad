"""The kinds of value a setting can have: how each is checked, read from text, written as text.

A kind serves three readers: the settings file gives typed values (`Kind.check`), the environment,
the command line and the settings screen give text (`Kind.parse`), and the screen shows text
(`Kind.format`). A value that cannot be raises `ValueError`; `Kind.expected` completes the sentence
"it must be ..." and is all there is to say about it.
"""

import re
import shlex
from collections.abc import Mapping
from math import isfinite

from batchtui.endpoint import STANDARD_URL, find_url_fault

Value = str | int | float | bool | tuple[str, ...] | Mapping[str, str]
"""What a setting can be."""

_UNWRITABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNWRITABLE_WORD = re.compile("[\x00\ud800-\udfff]")
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class Kind:
    """One kind of value.

    Plain classes, not dataclasses: ten of those would cost each start five milliseconds.
    """

    expected: str
    """What a value must be, to complete "it must be ..."."""

    choices: tuple[str, ...] = ()
    """All possible texts where they are few, else empty."""

    def check(self, value: object) -> Value:
        """Return a typed value in its canonical form, or raise `ValueError`."""
        raise NotImplementedError

    def parse(self, text: str) -> Value:
        """Return the value that a text stands for, or raise `ValueError`."""
        return self.check(text)

    def format(self, value: object) -> str:
        """Write a valid value so that `parse` reads it back."""
        return str(value)


class Switch(Kind):
    """Yes or no."""

    expected = "true or false"
    choices = ("true", "false")

    def check(self, value: object) -> bool:
        """Return the truth value."""
        if isinstance(value, bool):
            return value
        raise ValueError(self.expected)

    def parse(self, text: str) -> bool:
        """Read ``true``, ``yes``, ``on``, ``1`` and their opposites."""
        word = text.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise ValueError(self.expected)

    def format(self, value: object) -> str:
        """Write ``true`` or ``false``."""
        return "true" if value is True else "false"


class Whole(Kind):
    """A whole number within limits, both included."""

    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high
        self.expected = f"a whole number from {low:,} to {high:,}"

    def check(self, value: object) -> int:
        """Return the number."""
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        ):
            return value
        raise ValueError(self.expected)

    def parse(self, text: str) -> int:
        """Read decimal digits; groups may be set apart by commas."""
        digits = text.strip().replace(",", "")
        if not re.fullmatch(r"-?[0-9]{1,12}", digits):
            raise ValueError(self.expected)
        return self.check(int(digits))


class Seconds(Kind):
    """A length of time in seconds within limits, both included."""

    def __init__(self, low: float, high: float) -> None:
        self.low = low
        self.high = high
        self.expected = f"a number of seconds from {low:g} to {high:g}"

    def check(self, value: object) -> float:
        """Return the seconds."""
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise ValueError(self.expected)
        if self.low <= value <= self.high:
            return float(value)
        raise ValueError(self.expected)

    def parse(self, text: str) -> float:
        """Read a decimal number, with or without an ``s`` behind it."""
        number = text.strip().removesuffix("s").rstrip()
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,20})?", number):
            raise ValueError(self.expected)
        return self.check(float(number))

    def format(self, value: object) -> str:
        """Write the number without needless zeros."""
        return str(value).removesuffix(".0")


class Choice(Kind):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices
        self.expected = "one of " + ", ".join(choices)

    def check(self, value: object) -> str:
        """Return the word."""
        if isinstance(value, str) and value in self.choices:
            return value
        raise ValueError(self.expected)

    def parse(self, text: str) -> str:
        """Read the word, in any case."""
        return self.check(text.strip().lower())


class Line(Kind):
    """One line of text that matches a pattern."""

    def __init__(self, expected: str, pattern: str = ".*") -> None:
        self.expected = expected
        self.pattern = pattern

    def check(self, value: object) -> str:
        """Return the text without white space around it."""
        if isinstance(value, str) and not _UNWRITABLE.search(value.strip()):
            text = value.strip()
            if re.fullmatch(self.pattern, text):
                return text
        raise ValueError(self.expected)


class Url(Kind):
    """The address of a server, with or without a path in front of the API's own."""

    expected = f"an address such as {STANDARD_URL}, without name, password, ? or # in it"

    def check(self, value: object) -> str:
        """Return the address without a slash at its end."""
        text = value.strip().rstrip("/") if isinstance(value, str) else ""
        if find_url_fault(text):
            raise ValueError(self.expected)
        return text


class Words(Kind):
    """A command as a list of words; no shell ever reads it."""

    def __init__(self, example: str) -> None:
        self.expected = f"a list of words such as {example}, not one string"

    def check(self, value: object) -> tuple[str, ...]:
        """Return the words."""
        words = _texts(value)
        if words is None or any(map(_UNWRITABLE_WORD.search, words)):
            raise ValueError(self.expected)
        if words and not words[0].strip():
            raise ValueError(self.expected)
        return words

    def parse(self, text: str) -> tuple[str, ...]:
        """Split a line into words at white space, quotes keeping some together."""
        try:
            return self.check(shlex.split(text))
        except ValueError:
            raise ValueError("words, with every quote closed") from None

    def format(self, value: object) -> str:
        """Write the words on one line, quoted where needed."""
        return shlex.join(self.check(value))


class Names(Kind):
    """A list of names made of letters, digits, dots, dashes and underscores."""

    expected = "a list of names made of letters, digits, '.', '-' and '_'"

    def check(self, value: object) -> tuple[str, ...]:
        """Return the names, each once, in the order given."""
        names = _texts(value)
        if names is None or not all(re.fullmatch(r"[A-Za-z0-9_.-]+", name) for name in names):
            raise ValueError(self.expected)
        return tuple(dict.fromkeys(names))

    def parse(self, text: str) -> tuple[str, ...]:
        """Split at commas and white space."""
        return self.check(text.replace(",", " ").split())

    def format(self, value: object) -> str:
        """Write the names with commas between them."""
        return ", ".join(self.check(value))


class KeyTable(Kind):
    """Command ids with the keys that are to run them."""

    expected = 'a key such as "x", several as "x,ctrl+d" or ["x", "ctrl+d"]'

    def check(self, value: object) -> dict[str, str]:
        """Return the table with every list of keys as one text, commas between."""
        if isinstance(value, Mapping):
            return {str(command): self.check_keys(keys) for command, keys in value.items()}
        raise ValueError("a table of command ids and keys")

    def check_keys(self, value: object) -> str:
        """Return the keys of one command as one text, commas between."""
        parts = _texts(value.split(",") if isinstance(value, str) else value)
        keys = [part.strip() for part in parts or ()]
        if keys and all(re.fullmatch(r"[!-+\--~]+", key) for key in keys):  # all but the comma
            return ",".join(keys)
        raise ValueError(self.expected)

    def parse(self, text: str) -> dict[str, str]:
        """Read ``command=key`` pairs with white space between."""
        pairs = [pair.partition("=") for pair in text.split()]
        return self.check({command: keys for command, _, keys in pairs})

    def format(self, value: object) -> str:
        """Write ``command=key`` pairs."""
        return " ".join(f"{command}={keys}" for command, keys in self.check(value).items())


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a list of texts as such, or ``None`` if it is something else."""
    if not isinstance(value, list | tuple):
        return None
    texts = tuple(text for text in value if isinstance(text, str))
    return texts if len(texts) == len(value) else None
