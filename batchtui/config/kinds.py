"""The kinds of value a setting can have, and what is declared about a setting.

msgspec checks types, limits, choices and patterns. What it does not know is how a person writes a
value: a kind reads text (environment, command line, settings screen) and writes it back.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Annotated, Literal

from msgspec import Meta, Struct, ValidationError, convert

from batchtui.endpoint import STANDARD_URL, find_url_fault

Value = str | int | float | bool | tuple[str, ...] | Mapping[str, str]
"""What a setting can be."""

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_SPELLINGS = {"api": "API", "env": "variable", "dir": "folder", "osc": "by OSC", "url": "URL"}
"""Words of setting names as the screen writes them."""


def _as_it_is(value: object) -> object:
    return value


class SettingKind(Struct, frozen=True):
    """One kind of value."""

    expected: str
    """What a value must be, to complete "it must be ..."."""
    type: object
    """What msgspec converts to."""
    choices: tuple[str, ...] = ()
    """All possible texts where they are few, else empty."""
    is_switch: bool = False
    """Whether it is yes or no."""
    clean: Callable[[object], object] = _as_it_is
    """Puts a typed value into its canonical form before msgspec checks it."""
    read: Callable[[str], object] = str.strip
    """Makes a typed value from what a person wrote."""
    write: Callable[[Value], str] = str
    """Writes a valid value so that `parse` reads it back."""
    find_fault: Callable[[str], str] | None = None
    """Says what is wrong with a text, "it ...", where more can be said than what is expected."""

    def explain(self, value: object, name: str = "") -> str:
        """Say why a value is not possible, in a sentence about that name, or about "it"."""
        fault = self.find_fault(value) if self.find_fault and isinstance(value, str) else ""
        about_fault = f"{name}: {fault}" if name else fault
        sentence = about_fault if fault else f"{name or 'it'} must be {self.expected}"
        return sentence if sentence.endswith("?") else f"{sentence}."

    def check(self, value: object) -> Value:
        """Return a typed value in its canonical form.

        Raises:
            ValueError: It is not possible; `expected` says what is.
        """
        try:
            checked: Value = convert(self.clean(value), self.type)
        except (ValidationError, OverflowError):
            raise ValueError(self.expected) from None
        return checked

    def parse(self, text: str) -> Value:
        """Return the value that a text stands for.

        Raises:
            ValueError: The text stands for no possible value.
        """
        try:
            return self.check(self.read(text))
        except ValueError:
            raise ValueError(self.expected) from None

    def format(self, value: object) -> str:
        """Write a valid value so that `parse` reads it back."""
        return self.write(self.check(value))


def switch() -> SettingKind:
    """Return the kind of a yes or no."""

    def read(text: str) -> object:
        word = text.strip().lower()
        return word in _TRUE if word in (*_TRUE, *_FALSE) else word

    return SettingKind(
        "true or false",
        bool,
        choices=("true", "false"),
        is_switch=True,
        read=read,
        write=lambda value: "true" if value else "false",
    )


def whole(low: int, high: int, *, word: str = "") -> SettingKind:
    """Return the kind of a whole number within limits, both included.

    Args:
        low: The lowest.
        high: The highest.
        word: A word that may stand instead of a number, or an empty string.
    """

    def read(text: str) -> object:
        digits = text.strip().replace(",", "")
        return int(digits) if re.fullmatch(r"-?[0-9]{1,12}", digits) else text.strip().lower()

    number = Annotated[int, Meta(ge=low, le=high)]
    if not word:
        return SettingKind(f"a whole number from {low:,} to {high:,}", number, read=read)
    expected = f"{word}, or a whole number from {low:,} to {high:,}"
    return SettingKind(expected, number | Literal[word], read=read)


def seconds(low: float, high: float) -> SettingKind:
    """Return the kind of a length of time in seconds within limits, both included."""

    def read(text: str) -> object:
        number = text.strip().removesuffix("s").rstrip()
        return float(number) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,20})?", number) else text

    return SettingKind(
        f"a number of seconds from {low:g} to {high:g}",
        Annotated[float, Meta(ge=low, le=high)],
        read=read,
        write=lambda value: str(value).removesuffix(".0"),
    )


def choice(*words: str) -> SettingKind:
    """Return the kind of one of a few words, read in any case."""
    return SettingKind(
        "one of " + ", ".join(words),
        Literal[words],
        choices=words,
        read=lambda text: text.strip().lower(),
    )


def line(expected: str, pattern: str = ".*") -> SettingKind:
    """Return the kind of one line of text that matches a pattern."""
    one_line = rf"\A(?![\s\S]*[\x00-\x1f\x7f-\x9f\ud800-\udfff])(?:{pattern})\Z"
    return SettingKind(expected, Annotated[str, Meta(pattern=one_line)], clean=_stripped)


def url() -> SettingKind:
    """Return the kind of a server's address, with or without a path before the API's own."""

    def clean(value: object) -> object:
        text = value.strip().rstrip("/") if isinstance(value, str) else ""
        return None if find_url_fault(text) else text

    expected = (
        f"an address with http:// or https:// in front, such as {STANDARD_URL}, and without name,"
        " password, ? or #"
    )
    return SettingKind(
        expected, str, clean=clean, find_fault=lambda text: find_url_fault(text.strip())
    )


def words(example: str) -> SettingKind:
    """Return the kind of a command as a list of words; no shell ever reads it."""

    def clean(value: object) -> object:
        texts = _texts(value)
        return texts if texts is None or not texts or texts[0].strip() else None

    word = Annotated[str, Meta(pattern=r"\A[^\x00\ud800-\udfff]*\Z")]
    return SettingKind(
        f"a list of words such as {example}, not one string",
        tuple[word, ...],
        clean=clean,
        read=shlex.split,
        write=lambda value: shlex.join(_texts(value) or ()),
    )


def names() -> SettingKind:
    """Return the kind of a list of names, each once."""

    def clean(value: object) -> object:
        texts = _texts(value)
        return None if texts is None else tuple(dict.fromkeys(texts))

    name = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]+\Z")]
    return SettingKind(
        "a list of names made of letters, digits, '.', '-' and '_'",
        tuple[name, ...],
        clean=clean,
        read=lambda text: text.replace(",", " ").split(),
        write=lambda value: ", ".join(_texts(value) or ()),
    )


def key_list() -> SettingKind:
    """Return the kind of the keys of one command, as one text with commas."""

    def clean(value: object) -> object:
        texts = _texts(value.split(",") if isinstance(value, str) else value)
        return None if texts is None else ",".join(text.strip() for text in texts)

    key = r"[!-+\--~]+"  # what can be typed, but the comma
    return SettingKind(
        'a key such as "x", several as "x,ctrl+d" or ["x", "ctrl+d"]',
        Annotated[str, Meta(pattern=rf"\A{key}(?:,{key})*\Z")],
        clean=clean,
    )


def key_table() -> SettingKind:
    """Return the kind of a table of command ids and the keys that are to run them."""
    keys = key_list()

    def clean(value: object) -> object:
        if not isinstance(value, Mapping):
            return None
        return {str(command): keys.check(one) for command, one in value.items()}

    def read(text: str) -> object:
        pairs = [pair.partition("=") for pair in text.split()]
        return {command: one for command, _, one in pairs}

    def write(value: Value) -> str:
        assert isinstance(value, Mapping)
        return " ".join(f"{command}={one}" for command, one in value.items())

    expected = "a table of command ids and keys"
    return SettingKind(expected, dict[str, str], clean=clean, read=read, write=write)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _texts(value: object) -> tuple[str, ...] | None:
    """Return a list of texts as such, or ``None`` if it is something else."""
    if not isinstance(value, list | tuple):
        return None
    texts = tuple(text for text in value if isinstance(text, str))
    return texts if len(texts) == len(value) else None


class Setting(Struct, frozen=True):
    """One setting, as everybody sees it."""

    kind: SettingKind
    """How its values are checked, read and written."""
    group: str
    """The heading it stands under."""
    help: str
    """What it does, in one line for a person."""
    words: str = ""
    """Other words that find it."""
    unit: str = ""
    """What its number counts, as ``s``; empty where nothing is counted."""
    in_profile: bool = True
    """Whether a profile may have its own value."""
    protects: bool = False
    """Whether it guards something or says where things go: where it cannot be understood, nothing
    is changed."""
    in_environment: bool = True
    """Whether environment variables set it."""
    other_variable: str = ""
    """A variable of other programs that sets it too, weaker than our own."""
    key: str = ""
    """Its name in the file, and the name of the field in `Settings`."""
    default: Value = ""
    """Its value where nobody says otherwise."""

    @property
    def title(self) -> str:
        """Its name for the screen: ``Page size``."""
        spelled = [_SPELLINGS.get(word, word) for word in self.key.split("_")]
        return " ".join([spelled[0][0].upper() + spelled[0][1:], *spelled[1:]])

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that set it, the strongest first."""
        if not self.in_environment:
            return ()
        own = f"BATCHTUI_{self.key.upper()}"
        return (own, self.other_variable) if self.other_variable else (own,)
