"""Finds the record of an answer: the one JSON value that it was asked for.

In this order: the input of the last tool call; the answer that is JSON; the first fenced block that
parses; the first object or array in the text; tags such as ``<answer>``. A pattern of the user's
takes the place of all that. Half of a broken value is never taken for a record.
"""

import re
from bisect import bisect_right
from operator import itemgetter
from typing import Literal, TypeAlias

from msgspec import Struct

from batchtui.results.answer import Answer
from batchtui.results.json_text import write_as_parsed
from batchtui.results.records.json_scan import BrokenJsonError, TextWithoutLines, scan_json
from batchtui.results.records.own_pattern import PatternTooSlow, RecordPattern
from batchtui.results.records.tags import find_tags, list_thoughts

RecordForm: TypeAlias = Literal["tool", "json", "fence", "text", "tags", "pattern"]
"""How a record was written: as a tool's input, as the whole answer, in a code fence, amid the
text, as tags, or as the user's pattern finds it."""

_FENCE = re.compile(r"(?P<fence>`{3,}|~{3,})(?P<language>[^\n`{\[]*)\s*")
_FENCE_END = re.compile(r"\s*(?:`{3,}|~{3,}|\Z)")
_CANDIDATE = re.compile(r"""\{|\[(?=[\s\ufeff/"\d\[\]{tfnNI-])""")
"""What may start a value; words in brackets, of which there may be thousands, do not."""
_OBJECT = re.compile(r'\{\s*(?:"|//|/\*)')
_OBJECTS = re.compile(r'\[\s*\{\s*"')
_JSON_LANGUAGE = re.compile(r"\s*(?:json\w*)?\s*", re.IGNORECASE)
_MARKS = re.compile(r'[{}\[\]]|"(?:[^"\\]|\\.)*"?', re.DOTALL)
_BEFORE_LIST = re.compile(
    r"(?!.*\b(?:cf|cited|notes?|refs?|references?|see|sources?)\W*\Z)(?:.*[:=])?[\s*_>-]*",
    re.IGNORECASE,
)
"""What stands before a list of numbers that is meant: nothing, or what it is, as in ``Answer:``."""
_NEAR = 200
"""Characters around a list that are looked at: a line may have a million lists."""
_AFTER_LIST = re.compile(r"[\s*_.;]*")
_BETWEEN = re.compile(r"\s*(?:,\s*)?")
_SEEN = re.compile(r"\S")
_PATIENCE = 1_000_000
"""Characters beyond those of the text that are read of values that break: each is read to where it
breaks, and a line may begin thousands of them."""
_FIRST = itemgetter(0)
_NOTHING = "there is no JSON in this answer"


class Record(Struct, frozen=True):
    """The record of one answer."""

    form: RecordForm
    """How it was written."""
    text: str
    """Its JSON exactly as written; made here for tags and patterns."""
    value: object
    """The same as values, with exact numbers."""
    start: int = -1
    """Where it starts in the answer's text, in characters; -1 for a tool's input."""
    end: int = -1
    """Where it ends, exclusive."""


class NoRecord(Struct, frozen=True):
    """Why an answer has no record."""

    reason: str
    """What is wrong, in a few words."""
    position: int = -1
    """Where the JSON breaks in the answer's text, in characters; -1 if there is none."""
    line: int = 0
    """The same place as a line, from 1."""
    column: int = 0
    """And the character in it, from 1."""

    def __str__(self) -> str:
        """Say it in a sentence without its stop."""
        if self.position < 0:
            return self.reason
        return f"the JSON breaks at line {self.line:,}, character {self.column:,}: {self.reason}"


def find_record(answer: Answer, pattern: RecordPattern | None = None) -> Record | NoRecord:
    """Find the record of an answer.

    Args:
        answer: What was answered.
        pattern: The user's own way to find it; None for all the ways that are known.
    """
    if pattern is not None:
        return _find_by_pattern(answer.text, pattern)
    called = [call for call in answer.calls if call.is_own and call.input]
    if called:
        return _read_call(called[-1].input)
    return find_in_text(answer.text)


def find_in_text(text: str) -> Record | NoRecord:
    """Find the record in the text of an answer."""
    values = _Values(text)
    found = _find_whole(values)
    if found is None:
        if "<" in text:
            text = _blank_thoughts(text)
            values = _Values(text)
        found = _find_fenced(values) or _find_amid(values)
    if isinstance(found, Record):
        return found
    tagged = find_tags(text) if found is None or "{" not in text else None
    if tagged is not None:
        fields, first, last = tagged
        return _made("tags", fields, first, last)
    return NoRecord(_NOTHING) if found is None else _explain(text, found)


class _Values:
    """Reads values of one text, and knows which of them are broken.

    Attributes:
        text: Holds them.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._scanned = text
        self._broken: dict[int, BrokenJsonError] = {}
        self._patience = _PATIENCE + len(text)

    @property
    def is_enough(self) -> bool:
        """Whether so much was read of values that break that no other one is worth it."""
        return self._patience <= 0

    def read(self, start: int) -> tuple[object, int] | BrokenJsonError:
        """Return the value that starts at a place, with the place behind it; or how it breaks."""
        if start in self._broken:
            return self._broken[start]
        try:
            return scan_json(self._scanned, start)
        except BrokenJsonError as error:
            end = len(self.text) if error.is_unclosed else error.position
            self._patience -= end - start
            # what is open where a value breaks does so there too, and to read it takes as long
            self._broken.update(dict.fromkeys([start, *error.under_way], error))
            if self._scanned is self.text:
                self._scanned = TextWithoutLines(self.text)
            return error


def _find_whole(values: _Values) -> Record | BrokenJsonError | None:
    """Read the answer that is JSON and nothing else.

    Returns:
        None if it is something else; what is broken to its very end is not looked into any more.
    """
    text = values.text
    start = len(text) - len(text.lstrip())
    found = _read_at(values, start, "json")
    if isinstance(found, BrokenJsonError):
        is_json = _OBJECT.match(text, start) and not _is_passed(text, start)
        return found if is_json else None
    return found


def _blank_thoughts(text: str) -> str:
    """Put spaces in place of what the model thought aloud; what JSON holds of such stays."""
    pieces: list[str] = []
    written = position = 0
    values = _Values(text)
    for start, end in list_thoughts(text):
        if start < position:
            continue
        position = _pass_values(values, position, start)
        if position > start:
            continue
        pieces += (text[written:start], _SEEN.sub(" ", text[start:end]))
        written = position = end
    return "".join((*pieces, text[written:]))


def _pass_values(values: _Values, position: int, stop: int) -> int:
    """Return the place behind the values that start before a place; it may be behind that, too."""
    text = values.text
    while not values.is_enough and (match := _CANDIDATE.search(text, position, stop)) is not None:
        start = position = match.start()
        if text[start] == "{" and not _OBJECT.match(text, start):
            position += 1
            continue
        found = values.read(start)
        if not isinstance(found, BrokenJsonError):
            position = found[1]
        elif found.position > stop and _has_objects(text, start):
            position = found.position
        else:
            position += 1
    return position


def _read_call(data: bytes) -> Record | NoRecord:
    text = data.decode(errors="replace")
    try:
        value, _ = scan_json(text)
    except BrokenJsonError as error:
        return NoRecord(str(error))
    return Record("tool", text, value)


def _read_at(values: _Values, start: int, form: RecordForm) -> Record | BrokenJsonError | None:
    """Read a value, or several with nothing or commas between, that nothing else may follow.

    Returns:
        None if something else follows.
    """
    text = values.text
    pieces: list[tuple[object, str]] = []
    position = start
    while text[position : position + 1] in {"{", "["}:
        found = values.read(position)
        if isinstance(found, BrokenJsonError):
            return found
        value, end = found
        pieces.append((value, text[position:end]))
        behind = _BETWEEN.match(text, end)
        position = end if behind is None else behind.end()
        rest = _FENCE_END.match(text, position) if form == "fence" else None
        if position >= len(text) or rest is not None:
            return _join(form, pieces, start, end)
    return None


def _join(form: RecordForm, pieces: list[tuple[object, str]], start: int, end: int) -> Record:
    """Make one record of values behind one another: a list of them if there are several."""
    if len(pieces) == 1:
        return Record(form, pieces[0][1], pieces[0][0], start, end)
    values = [value for value, _ in pieces]
    return Record(form, f"[{','.join(text for _, text in pieces)}]", values, start, end)


def _find_fenced(values: _Values) -> Record | BrokenJsonError | None:
    """Find the first fenced block that is JSON; else the error of the first that is broken."""
    broken: BrokenJsonError | None = None
    for match in _FENCE.finditer(values.text, _first_fence(values.text)):
        found = _read_at(values, match.end(), "fence")
        if isinstance(found, Record):
            return found
        broken = broken or found
        if values.is_enough:
            break
    return broken


def _find_amid(values: _Values) -> Record | BrokenJsonError | None:
    """Find the first list or object that stands in the text, outside of code."""
    text = values.text
    broken: BrokenJsonError | None = None
    position = 0
    code = _code_parts(text)
    while not values.is_enough and (match := _CANDIDATE.search(text, position)) is not None:
        start = match.start()
        before = bisect_right(code, start, key=_FIRST)
        if before and start < code[before - 1][1]:
            position = code[before - 1][1]
            continue
        if not _OBJECT.match(text, start) and text[start] == "{":
            position = start + 1
            continue
        found = values.read(start)
        if isinstance(found, BrokenJsonError):
            if not _has_objects(text, start):
                position = start + 1
                continue
            broken = broken or found
            after = None if found.is_unclosed else _balanced_end(text, start)
            if after is None:
                return broken
            position = after
            continue
        value, end = found
        if value and (isinstance(value, dict) or _is_meant(text, value, start, end)):
            return Record("text", text[start:end], value, start, end)
        position = end
    return broken


def _has_objects(text: str, start: int) -> bool:
    """Return whether a broken value was meant as objects, and not as words in brackets."""
    return text[start] == "{" or _OBJECTS.match(text, start) is not None


def _is_meant(text: str, value: object, start: int, end: int) -> bool:
    """Return whether a list in a text is meant as one: ``[1]`` may cite a source or name a link."""
    if text.startswith("(", end):
        return False
    items = value if isinstance(value, list) else []
    if any(item is None or isinstance(item, dict | str | bool) for item in items):
        return True
    before = text[max(0, start - _NEAR) : start].rpartition("\n")[2]
    after = text[end : end + _NEAR].partition("\n")[0]
    return bool(_AFTER_LIST.fullmatch(after) and _BEFORE_LIST.fullmatch(before))


def _is_passed(text: str, start: int) -> bool:
    """Return whether a broken value at the start is closed, so that another one may follow it."""
    end = _balanced_end(text, start)
    return end is not None and bool(text[end:].strip())


def _balanced_end(text: str, start: int) -> int | None:
    """Return the place behind the bracket that closes the one at ``start``."""
    depth = 0
    for match in _MARKS.finditer(text, start):
        mark = match.group()
        if mark in {"{", "["}:
            depth += 1
        elif mark in {"}", "]"}:
            depth -= 1
            if not depth:
                return match.end()
    return None


def _code_parts(text: str) -> list[tuple[int, int]]:
    """Return where fenced code in some language but JSON starts and ends."""
    parts: list[tuple[int, int]] = []
    position = _first_fence(text)
    while (match := _FENCE.search(text, position)) is not None:
        fence = match.group("fence")
        close = text.find(fence, match.end("fence"))
        position = len(text) if close < 0 else close + len(fence)
        if not _JSON_LANGUAGE.fullmatch(match.group("language")):
            parts.append((match.start(), position))
    return parts


def _first_fence(text: str) -> int:
    """Return where a fence may begin first, or the end of the text."""
    # to find a text is much faster than to find a pattern
    return min(len(text) if at < 0 else at for at in (text.find("```"), text.find("~~~")))


def _find_by_pattern(text: str, pattern: RecordPattern) -> Record | NoRecord:
    try:
        found = pattern.find(text)
    except PatternTooSlow:
        return NoRecord("the pattern takes too long on this answer")
    return NoRecord("the pattern does not match") if found is None else _made("pattern", *found)


def _made(form: RecordForm, fields: dict[str, object], start: int, end: int) -> Record:
    text = write_as_parsed(fields).decode()
    value, _ = scan_json(text)
    return Record(form, text, value, start, end)


def _explain(text: str, error: BrokenJsonError) -> NoRecord:
    before = text[: error.position]
    line = before.count("\n") + 1
    column = error.position - (before.rfind("\n") + 1) + 1
    return NoRecord(str(error), error.position, line, column)
