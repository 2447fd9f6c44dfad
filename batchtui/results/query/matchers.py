"""The ways in which one text is compared with a value, and where in the text it matches."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from msgspec import Struct

WINDOW = 65_536
"""Characters of a long text that one pattern search looks at; bounds the time of one search."""
OVERLAP = 8_192
"""Characters shared by neighbouring windows: the longest match sure to be found in a long text."""

_MARGIN = 1024
"""A match that ends this close to a window's end is left to the next window, which sees what
follows it."""
_KELVIN = str.maketrans("\u212a", "\ufffe")
"""The Kelvin sign is the one sign whose lower case is an ASCII letter; it stays itself here."""

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


class Pattern(Struct, frozen=True):
    """A regular expression, or a glob made into one, matches somewhere in the text."""

    regex: re.Pattern[str]
    """The compiled pattern."""
    literal: str = ""
    """A text every match contains, in any case; empty if none is known."""

    def test(self, text: str) -> bool:
        """Return whether the text matches."""
        if len(text) <= WINDOW:
            return self.regex.search(text) is not None
        return next(self._search_windows(text), None) is not None

    def spans(self, text: str) -> list[Span]:
        """Return every match that is not empty, left to right, without overlaps."""
        if len(text) <= WINDOW:
            found = self.regex.finditer(text)
            return [match.span() for match in found if match.end() > match.start()]
        return [span for span in self._search_windows(text) if span[1] > span[0]]

    def _search_windows(self, text: str) -> Iterator[Span]:
        """Yield the matches in a long text, window by window."""
        start = last = 0
        while start < len(text):
            end = min(start + WINDOW, len(text))
            sure = end if end == len(text) else end - _MARGIN
            for match in self.regex.finditer(text, start, end):
                if match.end() > sure:
                    break
                last = match.end()
                yield match.span()
            start = len(text) if end == len(text) else max(last, end - OVERLAP)


class AnyOf(Struct, frozen=True):
    """Any of several ways matches."""

    matchers: "tuple[Matcher, ...]"
    """The ways."""

    def test(self, text: str) -> bool:
        """Return whether the text matches."""
        return any(matcher.test(text) for matcher in self.matchers)

    def spans(self, text: str) -> list[Span]:
        """Return every match of the first way that has any."""
        return next(filter(None, (matcher.spans(text) for matcher in self.matchers)), [])


Matcher: TypeAlias = Contains | Equals | Pattern | AnyOf


def _find_all(text: str, needle: str) -> list[Span]:
    spans: list[Span] = []
    position = text.find(needle)
    while position >= 0:
        end = position + len(needle)
        spans.append((position, end))
        position = text.find(needle, end)
    return spans
