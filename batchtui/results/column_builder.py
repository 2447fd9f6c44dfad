"""From decoded lines to the index's columns: names and causes become small numbers."""

import re
from array import array

from batchtui.results.decoding import DecodedLines
from batchtui.results.id_column import MAX_ID
from batchtui.results.index import (
    EMPTY_ANSWER,
    ERRORED,
    NO_MESSAGE,
    ODD_ID,
    RESULT_TYPES,
    UNKNOWN,
    UNKNOWN_TOKENS,
    UNREADABLE,
    ErrorCause,
    NewRows,
    ResultsIndex,
)
from batchtui.results.result_line import (
    NOT_A_RESULT,
    CacheCreation,
    Message,
    Result,
    ResultLine,
    Usage,
    answer_shape,
)
from batchtui.untrusted import visible

_MAX_TOKENS = 0x7FFF_FFFF
_NO_ERROR = ("unknown", "(no error was given)")

_TYPE_NUMBERS = {name: number for number, name in enumerate(RESULT_TYPES[:UNKNOWN])}
_NO_RESULT = Result()
_NO_MESSAGE = Message()
_NO_USAGE = Usage()
_NO_LIFETIMES = CacheCreation()

_MAX_NAME = 200
_MAX_MESSAGE = 2_000
_MAX_CAUSES = 1_000
_MAX_REMEMBERED = 4_096

_FOLDED = re.compile(
    r"""
    [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}                 # a UUID
    | (?<![\w-])\d{4}-\d\d-\d\d(?:[T\ ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?    # a time
    | (?<![\w-])[A-Za-z]+(?:_[A-Za-z]+)*_(?=[A-Za-z]*\d)[A-Za-z0-9]{6,}(?![\w-])  # req_011CSHo...
    | (?<![\w-])[A-Za-z]+[-_]\d+(?![\w-])                                # doc-17
    | (?<![\w-])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?![\w-])                     # a hash
    | (?<![\w-])-?\d+(?:[.,:]\d+)*(?=[A-Za-z]{0,3}(?![\w-]))             # 17, 1,024, 0.5, 30s
    """,
    re.VERBOSE,
)


def fold_message(message: str) -> str:
    """Replace ids, numbers, hashes and times by ``…``, so that like messages become the same.

    Names with a version, such as ``claude-sonnet-4-5-20250929``, are kept: they tell causes apart.
    """
    return _FOLDED.sub("…", message[:_MAX_MESSAGE])


class Numbering(dict[str | None, int]):
    """Gives each name the next number; ``None`` and "" are 0.

    A dictionary with ``__missing__``, since the indexer asks it once a row.
    """

    __slots__ = ("_limit", "_names")

    def __init__(self, names: list[str], limit: int) -> None:
        """Start numbering.

        Args:
            names: The list to append names to; its first is "".
            limit: How many numbers there are; the last one stands for all further names.
        """
        super().__init__({None: 0, "": 0})
        self._names = names
        self._limit = limit

    def __missing__(self, name: str | None) -> int:
        short = visible(name or "")[:_MAX_NAME]
        if short != name and short in self:
            return self[short]
        number = len(self._names)
        if number >= self._limit - 1:
            if number == self._limit - 1:
                self._names.append("(others)")
            return self._limit - 1
        self._names.append(short)
        self[short] = number
        if name is not None and len(name) <= _MAX_NAME:
            self[name] = number
        return number


class CauseNumbering:
    """Gives each kind of error a number."""

    def __init__(self, causes: list[ErrorCause]) -> None:
        """Start numbering.

        Args:
            causes: The list to append to; its first stands for no cause.
        """
        self._causes = causes
        self._by_message: dict[tuple[str, str], int] = {}
        self._by_pattern: dict[tuple[str, str], int] = {}

    def number(self, kind: str, message: str) -> int:
        """Return the number of an error of this type and message."""
        key = (kind, message)
        known = self._by_message.get(key)
        if known is not None:
            return known
        number = self._number(kind[:_MAX_NAME], message)
        if len(self._by_message) < _MAX_REMEMBERED and len(message) <= _MAX_NAME:
            self._by_message[key] = number
        return number

    def _number(self, kind: str, message: str) -> int:
        pattern = fold_message(message)
        known = self._by_pattern.get((kind, pattern))
        if known is not None:
            return known
        if len(self._causes) > _MAX_CAUSES:
            kind, pattern, message = "other", "(further errors, each with another text)", ""
            if ("other", pattern) in self._by_pattern:
                return self._by_pattern["other", pattern]
        self._causes.append(ErrorCause(kind, pattern, message[:_MAX_MESSAGE]))
        self._by_pattern[kind, pattern] = len(self._causes) - 1
        return len(self._causes) - 1


class ColumnBuilder:
    """Makes the rows to append to one index."""

    def __init__(self, index: ResultsIndex) -> None:
        """Start numbering names and causes.

        Args:
            index: Whose lists of names to extend.
        """
        self._stops = Numbering(index.stop_names, 0x100)
        self._models = Numbering(index.model_names, 0x10000)
        self._causes = CauseNumbering(index.cause_list)

    def make(self, lines: DecodedLines) -> NewRows:
        """Return the rows to append for some lines; there must be one at least."""
        results = [row.result or _NO_RESULT for row in lines.rows]
        messages = [result.message or _NO_MESSAGE for result in results]
        usages = [message.usage or _NO_USAGE for message in messages]
        types = array("B", [_TYPE_NUMBERS.get(result.type, UNKNOWN) for result in results])
        flags = lines.flags
        text_lengths = _add_shapes(messages, types, flags)
        causes = self._explain(lines, types)
        ids = _identify(lines.rows, flags)
        stops, models = self._stops, self._models
        return NewRows(
            offsets=lines.offsets,
            lengths=lines.lengths,
            types=types,
            stop_reasons=array("B", [stops[message.stop_reason] for message in messages]),
            models=array("H", [models[message.model] for message in messages]),
            causes=causes,
            input_tokens=_tokens([-1 if (n := use.input_tokens) is None else n for use in usages]),
            output_tokens=_tokens(
                [-1 if (n := use.output_tokens) is None else n for use in usages]
            ),
            cache_read=_tokens(
                [-1 if (n := use.cache_read_input_tokens) is None else n for use in usages]
            ),
            cache_write=_tokens(
                [-1 if (n := use.cache_creation_input_tokens) is None else n for use in usages]
            ),
            cache_write_1h=_tokens([_one_hour(use) for use in usages]),
            flags=array("B", flags),
            text_lengths=text_lengths,
            ids=ids,
        )

    def _explain(self, lines: DecodedLines, types: "array[int]") -> "array[int]":
        """Return the causes of rows that are no answer; settles which of them are unreadable."""
        causes = array("H", bytes(2 * len(types)))
        for place, kind in enumerate(types):
            if kind == ERRORED:
                error = _error_of(lines.rows[place])
                causes[place] = self._causes.number(*error)
                if error == _NO_ERROR:
                    lines.flags[place] |= NO_MESSAGE
            elif kind == UNKNOWN:
                result = lines.rows[place].result
                if result is None:
                    types[place] = UNREADABLE
                    reason = lines.reasons.get(place, NOT_A_RESULT)
                    causes[place] = self._causes.number("unreadable", reason)
                else:
                    causes[place] = self._causes.number("unknown", f"result type {result.type!r}")
        return causes


def _error_of(row: ResultLine) -> tuple[str, str]:
    body = row.result.error if row.result else None
    detail = body.error if body else None
    if detail is None or not (detail.type or detail.message):
        return _NO_ERROR
    return detail.type or "unknown", detail.message or ""


def _add_shapes(messages: list[Message], types: "array[int]", flags: bytearray) -> "array[int]":
    """Add to the flags what the answers look like; return `text_lengths`."""
    lengths = array("I", bytes(4 * len(messages)))
    for place, message in enumerate(messages):
        shape, length = answer_shape(message.content)
        if types[place]:
            continue
        if not flags[place]:  # the line is not odd
            lengths[place] = length
        if shape:
            flags[place] |= shape
            if message is _NO_MESSAGE:
                flags[place] |= NO_MESSAGE | EMPTY_ANSWER
    return lengths


def _identify(rows: list[ResultLine], flags: bytearray) -> list[str]:
    ids = [row.custom_id or "" for row in rows]
    if not all(ids) or max(map(len, ids)) > MAX_ID:
        for place, name in enumerate(ids):
            if not name or len(name) > MAX_ID:
                flags[place] |= ODD_ID
    return ids


def _one_hour(usage: Usage) -> int:
    number = (usage.cache_creation or _NO_LIFETIMES).ephemeral_1h_input_tokens
    return UNKNOWN_TOKENS if number is None else number


def _tokens(numbers: list[int]) -> "array[int]":
    """Return a column; what nobody can have used is unknown."""
    if min(numbers) < UNKNOWN_TOKENS or max(numbers) > _MAX_TOKENS:
        numbers = [number if 0 <= number <= _MAX_TOKENS else UNKNOWN_TOKENS for number in numbers]
    return array("i", numbers)
