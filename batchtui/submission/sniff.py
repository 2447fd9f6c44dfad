"""How a request file is laid out, by its first bytes."""

import json
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from enum import StrEnum

from msgspec import Struct

from batchtui.submission.errors import SourceError

ENOUGH = 1 << 20
"""Bytes that are looked at."""

_WIDE_BOMS = (BOM_UTF16_LE, BOM_UTF16_BE)
_KEY = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*:\s*')
_FOLLOWED = re.compile(r"[ \t,]*\{")
"""Another object on the same line."""
_DECODER = json.JSONDecoder()


class Layout(StrEnum):
    """How requests stand in a file."""

    LINES = "JSONL"
    """One request a line."""
    BODY = "requests body"
    """``{"requests": [...]}``, as the API takes it."""
    LIST = "JSON list"
    """``[...]``."""
    OBJECTS = "JSON objects"
    """One after the other, over several lines or without any end of line between them."""


class Head(Struct, frozen=True):
    """What the first bytes tell."""

    layout: Layout
    """How the requests stand."""
    start: int
    """Where the first request may begin, in bytes: behind a byte order mark and an opening."""
    line: int
    """The line that is on, from 1."""


def sniff(taken: bytes) -> Head:
    """Tell the layout.

    Args:
        taken: The first `ENOUGH` bytes of the file, or all of a smaller one.

    Raises:
        SourceError: The file is in another encoding.
    """
    if taken.startswith(_WIDE_BOMS):
        raise SourceError(
            "The file is UTF-16: requests must be UTF-8.", hint="Save it again as UTF-8."
        )
    begin = len(BOM_UTF8) if taken.startswith(BOM_UTF8) else 0
    first = _first_byte(taken, begin)
    if first is None:
        return Head(Layout.LINES, begin, 1)
    if taken[first : first + 1] == b"[":
        return _after(taken, Layout.LIST, first + 1)
    if taken[first : first + 1] != b"{":
        return Head(Layout.LINES, begin, 1)
    return _sniff_object(taken, begin, first)


def _sniff_object(taken: bytes, begin: int, first: int) -> Head:
    # Latin-1 keeps one character per byte, so that places in the text are places in the file.
    text = taken[first:].decode("latin-1")
    opening = _requests_opening(text)
    if opening:
        return _after(taken, Layout.BODY, first + opening)
    if _is_no_line(text):
        return _after(taken, Layout.OBJECTS, first)
    return Head(Layout.LINES, begin, 1)


def _requests_opening(text: str) -> int:
    """Return what is behind ``{... "requests": [``, or 0 if the object is no body."""
    at = 1
    while key := _KEY.match(text, at):
        if key.group(1) == "requests" and text[key.end() : key.end() + 1] == "[":
            return key.end() + 1
        try:
            _, end = _DECODER.raw_decode(text, key.end())
        except (ValueError, RecursionError):
            return 0
        comma = re.compile(r"\s*,").match(text, end)
        if comma is None:
            return 0
        at = comma.end()
    return 0


def _is_no_line(text: str) -> bool:
    """Tell whether the first object stands on several lines, or not alone on its own."""
    try:
        _, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return False
    return "\n" in text[:end] or _FOLLOWED.match(text, end) is not None


def _first_byte(taken: bytes, begin: int) -> int | None:
    stripped = taken[begin:].lstrip()
    return len(taken) - len(stripped) if stripped else None


def _after(taken: bytes, layout: Layout, start: int) -> Head:
    return Head(layout, start, 1 + taken.count(b"\n", 0, start))
