r"""Finds, in the bytes of a file, the few lines that may hold a text, without decoding any.

A JSON text may write any character in several ways: itself in UTF-8, or ``\uXXXX`` with digits of
either case, and some only with a backslash. So of what is looked for, a run of characters is
taken that has no backslash form. A line that holds the text then either holds that run as UTF-8,
or at least one of the run's characters as ``\uXXXX``: both are looked for, and no match is lost.
What is found is only a candidate: the answer's decoded text decides.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

Finder: TypeAlias = Callable[[bytes, int, int], int]
"""Looks for something in bytes from a place up to another; returns where it is, or -1."""

_BACKSLASHED = frozenset('"\\/')
_MAX_WIDE = 3
"""Characters beyond ASCII in a run: each needs a look of its own for its escape."""
_ESCAPE_REACH = 5
r"""An escape such as ``\u00e9`` has no more bytes behind its backslash."""
_TEXT = b'"text":"'
_GOOD_ASCII = 3
"""An ASCII run of this length is selective enough not to look further."""


class Prefilter(Struct, frozen=True):
    """Finds the candidate lines for one text."""

    run: bytes
    """The run of characters in UTF-8."""
    escapes: tuple[Finder, ...]
    """Find a character of the run written in another way."""
    lowers: bool
    """Whether bytes must be lowered (``bytes.lower``) before they are looked at."""
    is_whole: bool
    """Whether the run is all of the text that is looked for."""

    def prepare(self, data: bytes) -> bytes:
        """Return the bytes as the finders want them."""
        return data.lower() if self.lowers else data

    def may_hold(self, line: bytes) -> bool:
        """Return whether one line, or a part of one, not yet prepared, is a candidate."""
        data = self.prepare(line)
        return self.run in data or self._holds_escape(data)

    def judge(self, texts: list[bytes]) -> bool | None:
        """Tell from the JSON of some texts whether one of them holds the text looked for.

        Returns:
            None if only decoding can tell: that is rare, and takes four times as long.
        """
        is_sure = True
        for text in texts:
            data = self.prepare(text)
            place = data.find(self.run)
            if place < 0:
                is_sure = is_sure and not self._holds_escape(data)
            elif self.is_whole and b"\\" not in data[max(0, place - _ESCAPE_REACH) : place]:
                return True  # the run does not start inside of an escape
            else:
                is_sure = False
        return False if is_sure else None

    def _holds_escape(self, data: bytes) -> bool:
        return any(find(data, 0, len(data)) >= 0 for find in self.escapes)

    def sort_out(
        self,
        data: bytes,
        starts: Sequence[int],
        base: int,
        rows: range,
        text_lengths: Sequence[int],
    ) -> tuple[list[int], set[int]]:
        """Find the rows in a block of prepared bytes that hold the text.

        Args:
            data: The bytes of the rows, prepared.
            starts: Where each row of the file starts, in bytes.
            base: Where ``data`` starts in the file, in bytes.
            rows: The rows in ``data``.
            text_lengths: Of each of these rows, as `ResultsIndex.text_lengths` has it; 0 where the
                place of a run does not tell whether the row holds the text.

        Returns:
            The rows whose answer holds it for sure, and those that have to be looked at.
        """
        sure: list[int] = []
        unsure: set[int] = set()
        first, stop = rows.start, rows.stop
        find, run = data.find, self.run
        position = find(run)
        while position >= 0:
            following = bisect_right(starts, base + position, first, stop)
            row = following - 1
            start = starts[row] - base
            end = starts[following] - base if following < stop else len(data)
            length = text_lengths[row - first]
            decision = self._judge_place(data, position, start, end, length) if length else None
            if decision is None:
                unsure.add(row)
            elif decision:
                sure.append(row)
            position = find(run, end) if following < stop else -1
        # a word of nearly every row leaves few rows to look through for escapes
        for before, behind in pairwise([first - 1, *sure, stop]):
            unsure |= self._rows_with_escapes(data, starts, base, range(before + 1, behind))
        return sure, unsure

    def _judge_place(
        self, data: bytes, position: int, start: int, end: int, length: int
    ) -> bool | None:
        """Tell from where a row first holds the run whether its answer holds the text.

        Args:
            data: Prepared bytes, the row among them.
            position: Where the run is.
            start: Where the row starts.
            end: And where it ends.
            length: How long its text is, in bytes.

        Returns:
            None if only the row itself can tell.
        """
        found = data.find(_TEXT, start, end)
        text, run = found + len(_TEXT), self.run
        stop = text + length
        if found < 0 or not self.is_whole or not _is_only_text(data, stop, end):
            return None
        if position < text or position + len(run) > stop:
            position = data.find(run, text, stop)
        if position < 0:
            return False
        # after a backslash, the run may start inside of an escape
        reach = max(text, position - _ESCAPE_REACH)
        return True if data.find(b"\\", reach, position) < 0 else None

    def _rows_with_escapes(
        self, data: bytes, starts: Sequence[int], base: int, rows: range
    ) -> set[int]:
        """Find the rows that may hold the run written in another way."""
        found: set[int] = set()
        if not rows:
            return found
        end = starts[rows.stop] - base if rows.stop < len(starts) else len(data)
        for find in self.escapes:
            position = find(data, starts[rows.start] - base, end)
            while position >= 0:
                following = bisect_right(starts, base + position, rows.start, rows.stop)
                found.add(following - 1)
                is_last = following == rows.stop
                position = -1 if is_last else find(data, starts[following] - base, end)
        return found


def _is_only_text(data: bytes, stop: int, end: int) -> bool:
    """Return whether the first text of a row is its answer, as gateways put others before it.

    Args:
        data: Prepared bytes.
        stop: Where the text ends if it is: at a quote then. Further on in the right text, a quote
            stands behind a backslash, and in front of it stands how it begins.
        end: Where the row ends.
    """
    is_end = data[stop : stop + 1] == b'"' and data[stop - 1 : stop] != b"\\"
    return is_end and data.find(_TEXT, stop - len(_TEXT), end) < 0


def plan_prefilter(text: str, *, ignore_case: bool, escaped: bool = True) -> Prefilter | None:
    """Choose how to find the lines that may hold a text.

    Args:
        text: What every match contains, in lower case where case is ignored.
        ignore_case: Whether ASCII letters match in either case. Other letters that have two
            cases are then left out of the run that is looked for.
        escaped: Whether the text stands inside JSON strings; False where raw bytes are searched.

    Returns:
        None if nothing usable is left of the text: then every line is a candidate.
    """
    run = _choose_run(text, ignore_case=ignore_case, escaped=escaped)
    if not run:
        return None
    escapes: list[Finder] = []
    if escaped:
        narrow = sorted({sign for sign in run if sign.isascii()})
        if narrow:
            escapes.append(_narrow_escape_finder(narrow, ignore_case=ignore_case))
        escapes += [_wide_escape_finder(sign) for sign in sorted(set(run)) if not sign.isascii()]
    return Prefilter(run.encode(), tuple(escapes), lowers=ignore_case, is_whole=run == text)


def _choose_run(text: str, *, ignore_case: bool, escaped: bool) -> str:
    def usable(sign: str) -> bool:
        if not sign.isprintable() or (escaped and sign in _BACKSLASHED):
            return False
        return sign.isascii() or not ignore_case or sign.lower() == sign.upper()

    narrow = _longest([sign if sign.isascii() and usable(sign) else "" for sign in text])
    if len(narrow) >= _GOOD_ASCII or text.isascii():
        return narrow
    wide = _longest([sign if usable(sign) else "" for sign in text])
    return max(narrow, _trim(wide), key=lambda run: len(run.encode()))


def _longest(signs: list[str]) -> str:
    runs: list[str] = [""]
    for sign in signs:
        if sign:
            runs[-1] += sign
        else:
            runs.append("")
    return max(runs, key=len)


def _trim(run: str) -> str:
    """Cut a run behind its third character beyond ASCII."""
    seen = 0
    for position, sign in enumerate(run):
        seen += not sign.isascii()
        if seen > _MAX_WIDE:
            return run[:position]
    return run


def _regex_finder(pattern: bytes) -> Finder:
    search = re.compile(pattern).search

    def find(data: bytes, start: int, stop: int) -> int:
        match = search(data, start, stop)
        return match.start() if match else -1

    return find


def _narrow_escape_finder(signs: list[str], *, ignore_case: bool) -> Finder:
    r"""Find ``\u00XX`` for any of some ASCII characters."""
    letters = {letter for sign in signs for letter in (sign, sign.upper() if ignore_case else sign)}
    codes = sorted({f"{ord(letter):02x}" for letter in letters})
    return _regex_finder(rb"\\u00(?:%s)" % b"|".join(_any_case(code) for code in codes))


def _wide_escape_finder(sign: str) -> Finder:
    r"""Find ``\uXXXX`` for a character beyond ASCII, or the first half of its pair."""
    first = sign.encode("utf-16-be", "surrogatepass")[:2]
    return _regex_finder(rb"\\u" + _any_case(first.hex()))


def _any_case(digits: str) -> bytes:
    """Return a pattern for hexadecimal digits in either case."""
    return b"".join(
        b"[%s%s]" % (digit.encode(), digit.upper().encode()) if digit.isalpha() else digit.encode()
        for digit in digits
    )
