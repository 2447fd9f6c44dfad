"""What can be asked of a row by name: its id, its answer, its tokens, a field of its record.

Tables, lines of JSON and columns on the screen take their values here, with the numbers of an
answer exactly as they were written there.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Raw

from batchtui.formatting import nearest
from batchtui.results.answer import Answer, ToolCall, read_error
from batchtui.results.errors import ResultsError
from batchtui.results.index import RESULT_TYPES, UNKNOWN_TOKENS, ResultsIndex
from batchtui.results.json_text import NOT_JSON, write_as_parsed
from batchtui.results.lines import MAX_LINE
from batchtui.results.records.json_scan import BrokenJsonError, read_exactly
from batchtui.results.records.paths import (
    EACH,
    PATH_STARTS,
    FieldPath,
    path_hint,
    path_of,
    values_at,
)
from batchtui.results.records.registry import records_of
from batchtui.results.row_block import LineSource, read_answer_of, read_line

FieldValue: TypeAlias = str | int | bool | Raw | None
"""A value of a row: `Raw` is JSON as it was written, a number or a list or an object."""

_ALIASES = {
    "id": "custom_id",
    "result": "type",
    "stop": "stop_reason",
    "in": "input_tokens",
    "out": "output_tokens",
    "cached": "cache_read_tokens",
    "written": "cache_write_tokens",
    "answer": "text",
}


def _known(number: int) -> int | None:
    return None if number == UNKNOWN_TOKENS else number


_PLAIN: dict[str, Callable[[ResultsIndex, int], FieldValue]] = {
    "row": lambda _, row: row + 1,
    "type": lambda index, row: RESULT_TYPES[index.types[row]],
    "stop_reason": lambda index, row: index.stop_names[index.stop_reasons[row]],
    "model": lambda index, row: index.model_names[index.models[row]],
    "size": lambda index, row: index.lengths[row],
    "input_tokens": lambda index, row: _known(index.input_tokens[row]),
    "output_tokens": lambda index, row: _known(index.output_tokens[row]),
    "cache_read_tokens": lambda index, row: _known(index.cache_read[row]),
    "cache_write_tokens": lambda index, row: _known(index.cache_write[row]),
}
_LINE = ("custom_id", "error_type", "error_message", "text", "tool_calls", "record")
BESIDE = ("question", "label", "review", "note")
"""What is not in the results themselves: whoever has it gives it to `RowFields`."""
FIELD_NAMES = (*_PLAIN, *_LINE, *BESIDE)
"""All names, but for the fields of answers, which start with a dot."""


_Fields = TypeVar("_Fields", bound="RowFields")


class UnknownFieldError(ResultsError):
    """There is no field of this name."""


class RowFields:
    """Reads fields of rows, in the order in which they were asked for.

    Attributes:
        names: The fields as typed.
    """

    def __init__(
        self,
        index: ResultsIndex,
        source: LineSource,
        names: Sequence[str],
        beside: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:
        """Understand the names.

        Args:
            index: The rows.
            source: Where their bytes are.
            names: Such as ``custom_id``, ``text`` or ``.vendor``.
            beside: What belongs to a custom_id but is not in the results, by its name in `BESIDE`.

        Raises:
            UnknownFieldError: There is no such field.
        """
        self.names = tuple(names)
        self._index = index
        self._source = source
        self._beside = beside or {}
        self._paths = {name: _read_path(name) for name in names if name.startswith(PATH_STARTS)}
        self._known = [_ALIASES.get(name, name) for name in names]
        for name in self._known:
            if name not in self._paths:
                self._check(name)
        wanted = set(self._known)
        self._needs_line = bool(wanted & {"text", "tool_calls", "custom_id"})
        self._needs_record = bool(self._paths) or "record" in wanted

    def like(self, kind: type[_Fields]) -> _Fields:
        """Return another reader of the same fields."""
        return kind(self._index, self._source, self.names, self._beside)

    def values(self, row: int) -> list[FieldValue]:
        """Return the fields of a row.

        Raises:
            ResultsFileError: The file cannot be read.
        """
        answer = Answer()
        if self._needs_line:
            answer = read_answer_of(self._index, self._source, row)
        text = records_of(self._index).text(self._source, row) if self._needs_record else None
        record: object = None
        if text is not None and self._paths:
            try:
                record = read_exactly(text)
            except BrokenJsonError:
                text = None
        return [
            _take(record, self._paths[name], text or "")
            if name in self._paths
            else self._value(name, row, answer, text)
            for name in self._known
        ]

    def _check(self, name: str) -> None:
        if name in FIELD_NAMES and (name not in BESIDE or name in self._beside):
            return
        if name in BESIDE:
            raise UnknownFieldError(
                f"there is no {name} beside these rows",
                hint="Attach the request file first: batchtui attach ID|RESULTS FILE."
                if name == "question"
                else "It belongs to a batch: give the batch's id, not a file.",
            )
        near = nearest(name, FIELD_NAMES)
        hint = f"Did you mean {near}? " if near else ""
        raise UnknownFieldError(
            f"there is no field {name}",
            hint=f"{hint}A field of the answers starts with a dot, as in .{name}.",
        )

    def _value(self, name: str, row: int, answer: Answer, text: str | None) -> FieldValue:
        index = self._index
        if name in _PLAIN:
            return _PLAIN[name](index, row)
        match name:
            case "text" | "tool_calls":
                return answer.text if name == "text" else write_calls(answer.calls)
            case "record":
                return None if text is None else on_one_line(text)
            case "error_type" | "error_message":
                return self._error(row)[name == "error_message"]
            case "custom_id":
                return answer.custom_id or index.custom_id(row)
            case _:
                return self._beside[name](index.custom_id(row))

    def _error(self, row: int) -> tuple[str, str]:
        cause = self._index.causes[row]
        if not cause:
            return "", ""
        kind = message = ""
        if self._index.lengths[row] <= MAX_LINE:
            kind, message = read_error(read_line(self._index, self._source, row))
        known = self._index.cause_list[cause]
        return kind or known.type, message or known.example


def write_calls(calls: Sequence[ToolCall]) -> str:
    """Write tool calls as a JSON list, their inputs as they were written."""
    if not calls:
        return ""
    values = [{"name": call.name, "input": Raw(call.input or b"null")} for call in calls]
    return write_as_parsed(values).decode(errors="replace")


def on_one_line(text: str) -> Raw:
    """Return a record on one line: what was written, without the spaces between.

    Where it has faults that were let pass, or is nested very deeply, it is written again.
    """
    data = text.encode(errors="backslashreplace")  # a lone surrogate as JSON escapes it
    try:
        msgspec.json.decode(data, type=Raw)
        return Raw(msgspec.json.format(data, indent=-1))
    except NOT_JSON:
        pass
    try:
        return Raw(write_as_parsed(read_exactly(text)))
    except BrokenJsonError:
        return Raw(b"null")


def _read_path(name: str) -> FieldPath:
    path = path_of(name)
    if path is None:
        raise UnknownFieldError(f"{name} is not a field of the answers", hint=path_hint(name))
    return path


def _take(record: object, path: FieldPath, text: str) -> FieldValue:
    """Return a record's field; None for one that is not there, or null.

    Args:
        record: What was read.
        path: Where the field is.
        text: The record as written, to be read again for objects: they may repeat a name.
    """
    found = values_at(record, path.steps)
    if not found:
        return None
    value = found if EACH in path.steps else found[0]
    if value is None or isinstance(value, str | bool | Raw):
        return value
    if text and _may_hold_objects(value):
        return _take(read_exactly(text, keep_all=True), path, "")
    return Raw(write_as_parsed(value))


def _may_hold_objects(value: object) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict | list) for item in items)
