"""The ways in which one text is compared with a value, and where in the text it matches.

The `regex` library runs patterns: it stops at a time limit in whatever thread it runs, which
Python's own engine cannot, and on answers of some kilobytes it is the faster of the two.
"""

import fnmatch
import re
import warnings
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from batchtui.results.errors import QueryError

if TYPE_CHECKING:
    import regex

PATTERN_SECONDS = 0.5
"""How long a pattern may take on one text."""
_SHORT = 512
"""Characters of a text on which a pattern that repeats once at most is never slow."""
_REPEATS = re.compile(r"[*+{]")
_KELVIN = str.maketrans("\u212a", "\ufffe")
"""The Kelvin sign is the one sign whose lower case is an ASCII letter; it stays itself here."""

MAX_PATTERN = 1000
"""Characters in a pattern; more is a pasted text."""

_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}
_LONG_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\(?![bBdDsSwWAZnrtfv])[0-9A-Za-z]")
r"""An escape that what follows belongs to, as in ``\x41``, or may belong to."""
_PLAIN_RUN = re.compile(r"[A-Za-z0-9 _@#%&=:;,<>'!-]+")

Span: TypeAlias = tuple[int, int]
"""A match: its start and its end, exclusive, in characters."""


def has_capitals(text: str) -> bool:
    """Return whether the text holds an upper-case letter, which makes case count."""
    return text != text.lower()


def fold(text: str) -> str:
    """Return the text in lower case, character by character the same length.

    No sign that is not ASCII becomes ASCII: the search relies on it.
    """
    if text.isascii():
        return text.lower()
    lower = text.translate(_KELVIN).lower() if "\u212a" in text else text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)


class Contains(Struct, frozen=True):
    """The value stands somewhere in the text."""

    needle: str
    """What to look for, lower case if case is ignored."""
    ignore_case: bool
    """Whether case is ignored."""

    def test(self, text: str) -> bool:
        """Return whether the text matches."""
        return self.needle in (fold(text) if self.ignore_case else text)

    def spans(self, text: str) -> list[Span]:
        """Return every match, left to right, without overlaps."""
        if not self.needle:
            return []
        if not self.ignore_case:
            return _find_all(text, self.needle)
        return _find_all(fold(text), self.needle)


class Equals(Struct, frozen=True):
    """The text is one of the values."""

    values: frozenset[str]
    """What it may be."""

    def test(self, text: str) -> bool:
        """Return whether the text matches."""
        return text in self.values

    def spans(self, text: str) -> list[Span]:
        """Return the whole text if it matches."""
        return [(0, len(text))] if text and text in self.values else []


class Pattern:
    """A regular expression, or a glob made into one, matches somewhere in the text.

    Args:
        compiled: The pattern.
        literal: A text every match contains, in any case; empty if none is known.
    """

    def __init__(self, compiled: "regex.Pattern[str]", literal: str = "") -> None:
        self.compiled = compiled
        self.literal = literal
        self._is_simple = len(_REPEATS.findall(compiled.pattern)) <= 1

    @property
    def ignores_case(self) -> bool:
        """Whether case is ignored."""
        return bool(self.compiled.flags & re.IGNORECASE)

    def test(self, text: str) -> bool:
        """Return whether the text matches.

        Raises:
            TimeoutError: It takes longer than `PATTERN_SECONDS`.
        """
        if self._is_simple and len(text) <= _SHORT:  # a limit costs a microsecond
            return self.compiled.search(text) is not None
        return self.compiled.search(text, timeout=PATTERN_SECONDS) is not None

    def spans(self, text: str) -> list[Span]:
        """Return every match that is not empty, left to right, without overlaps.

        Raises:
            TimeoutError: It takes longer than `PATTERN_SECONDS`.
        """
        found = self.compiled.finditer(text, timeout=PATTERN_SECONDS)
        return [match.span() for match in found if match.end() > match.start()]


class AnyMatcher(Struct, frozen=True):
    """Any of several ways matches."""

    matchers: "tuple[Matcher, ...]"
    """The ways."""

    def test(self, text: str) -> bool:
        """Return whether the text matches."""
        return any(matcher.test(text) for matcher in self.matchers)

    def spans(self, text: str) -> list[Span]:
        """Return every match of the first way that has any."""
        return next(filter(None, (matcher.spans(text) for matcher in self.matchers)), [])


Matcher: TypeAlias = Contains | Equals | Pattern | AnyMatcher


def _find_all(text: str, needle: str) -> list[Span]:
    spans: list[Span] = []
    position = text.find(needle)
    while position >= 0:
        end = position + len(needle)
        spans.append((position, end))
        position = text.find(needle, end)
    return spans


def compile_pattern(
    pattern: str, *, flags: str, ignore_case: bool, position: int
) -> "regex.Pattern[str]":
    """Compile a pattern.

    Args:
        pattern: As typed, without slashes.
        flags: Letters of ``i``, ``s`` and ``m``.
        ignore_case: Ignore case whatever the flags say.
        position: Where the pattern starts in the query, in characters, for errors.

    Raises:
        QueryError: The pattern is wrong or too long.
    """
    if len(pattern) > MAX_PATTERN:
        raise QueryError(
            f"This pattern has more than {MAX_PATTERN} characters",
            (position, position + len(pattern)),
        )
    options = re.IGNORECASE if ignore_case else re.NOFLAG
    for letter in flags:
        if letter not in _FLAGS:
            raise QueryError(
                f"There is no flag “{letter}”",
                (position, position + len(pattern)),
                hint="Flags are i (ignore case), s (. spans lines) and m (^ and $ at each line).",
            )
        options |= _FLAGS[letter]
    return _compile(pattern, options, position)


def compile_glob(text: str, *, ignore_case: bool) -> "regex.Pattern[str]":
    """Compile a text in which ``*`` and ``?`` stand for anything, and nothing else does."""
    import regex

    pattern = fnmatch.translate(text.replace("[", "[[]"))
    return regex.compile(pattern, re.IGNORECASE if ignore_case else 0)


def required_literal(pattern: str) -> str:
    """Return a text every match of ``pattern`` must contain, ignoring case, or an empty string.

    Only plain runs outside of groups, classes, choices and codes of characters count, so the answer
    may be shorter than it could be but is never wrong.
    """
    if re.search(r"[|(\[{]", pattern) or _LONG_ESCAPE.search(pattern):
        return ""
    runs: list[str] = []
    position = 0
    while position < len(pattern):
        run = _PLAIN_RUN.match(pattern, position)
        if run is None:
            position += 2 if pattern[position] == "\\" else 1
            continue
        position = run.end()
        text = run.group()
        if pattern[position : position + 1] in {"*", "?"}:  # the last one may be absent
            text = text[:-1]
        runs.append(text)
    return max(runs, key=len, default="")


def _compile(pattern: str, options: re.RegexFlag, position: int) -> "regex.Pattern[str]":
    import regex

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" and the like: still patterns
            return regex.compile(pattern, int(options))
    except (regex.error, OverflowError, RecursionError) as error:
        reason, offset = _explain(pattern, str(error))
    raise QueryError(
        f"This pattern is not a regular expression: {reason}",
        (position + offset, position + max(offset + 1, len(pattern))),
        hint="Put \\ before a character to match it literally.",
    )


def _explain(pattern: str, reason: str) -> tuple[str, int]:
    """Return what is wrong and where; Python's own engine says it more precisely."""
    try:
        re.compile(pattern)
    except re.error as error:
        return error.msg, min(error.pos or 0, len(pattern))
    except (OverflowError, RecursionError):
        pass
    return reason, 0
