"""The one reader of what a result line answered.

Search, export, records, the rows' snippets and the index take the answer from here, so that they
agree on it: the answer's text is its text blocks joined with nothing between them (citations cut a
sentence into blocks), and beside it stand its tool calls, with their input as it was written.
Thinking, results of tools, usage and ids are not the answer.

Lines of other vendors are to be read here too: whoever adds one chooses by the line itself and
returns an `Answer`; nothing above this module looks at a line's shape.
"""

import json
from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Raw, Struct

from batchtui.results.json_text import NOT_JSON, decode_text, members_of, write_as_parsed
from batchtui.results.lines import MAX_LINE
from batchtui.results.result_line import UnreadableLineError, decode, read_carefully


class ToolCall(Struct, frozen=True, gc=False):
    """A tool the model called."""

    name: str
    """The tool; empty if the line does not say."""
    input: bytes
    """Its arguments: the JSON as written; empty if there is none."""
    is_own: bool = True
    """Whether the caller runs the tool, rather than the API."""
    id: str = ""
    """What its result refers to; empty if the line does not say."""


class Answer(Struct, frozen=True, gc=False):
    """What one line answered."""

    custom_id: str = ""
    """As received; empty if absent."""
    text: str = ""
    """All of its text blocks, with nothing between them."""
    calls: tuple[ToolCall, ...] = ()
    """Its tool calls, in order."""

    @property
    def searched(self) -> str:
        """The text and the values in the input of the tool calls, on lines of their own."""
        if not self.calls:
            return self.text
        values = (value for call in self.calls for value in _leaves(call.input))
        return "\n".join([self.text, *values] if self.text else values)


class _Block(Struct, gc=False):
    type: str = ""
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: Raw = Raw(b"")


class _Message(Struct, gc=False):
    content: list[_Block] | None = None


class _Result(Struct, gc=False):
    message: _Message | None = None


class _Line(Struct, gc=False):
    custom_id: str | None = None
    result: _Result | None = None


class _RawBlock(Struct, gc=False):
    type: str = ""
    text: Raw = Raw(b"")


class _RawMessage(Struct, gc=False):
    content: list[_RawBlock] | None = None


class _RawResult(Struct, gc=False):
    message: _RawMessage | None = None


class _RawLine(Struct, gc=False):
    result: _RawResult | None = None


_decode_raw: Callable[[bytes], _RawLine] = msgspec.json.Decoder(_RawLine).decode
_decode: Callable[[bytes], _Line] = msgspec.json.Decoder(_Line).decode
_decode_input: Callable[[bytes], object] = msgspec.json.Decoder(float_hook=str).decode
"""Numbers with a point stay as written, so that ``12.50`` is found."""

_CALL = "tool_use"
"""The type of a call that the caller runs; those that the API runs end so."""


def read_answer(line: bytes) -> Answer:
    """Read what a line answered; empty where there is no answer.

    Args:
        line: The line as received; anything at all.
    """
    try:
        decoded = _decode(line)
    except NOT_JSON:
        return _read_carefully(line)
    message = decoded.result.message if decoded.result is not None else None
    content = message.content if message is not None else None
    custom_id = decoded.custom_id or ""
    if not content:
        return Answer(custom_id)
    if len(content) == 1 and content[0].type == "text":
        return Answer(custom_id, content[0].text or "")
    text = "".join([block.text for block in content if block.type == "text" and block.text])
    calls = [
        ToolCall(block.name or "", bytes(block.input), block.type == _CALL, block.id or "")
        for block in content
        if block.type.endswith(_CALL)
    ]
    return Answer(custom_id, text, tuple(calls))


def raw_texts(line: bytes) -> list[bytes] | None:
    """Return the JSON strings of the answer's texts; None if they are not all of the answer."""
    try:
        decoded = _decode_raw(line)
    except NOT_JSON:
        return None
    message = decoded.result.message if decoded.result is not None else None
    content = message.content if message is not None else None
    if content is None:
        return []
    if any(block.type.endswith(_CALL) for block in content):
        return None
    texts = (bytes(block.text) for block in content if block.type == "text")
    return [text for text in texts if text.startswith(b'"')]


def read_error(line: bytes) -> tuple[str, str]:
    """Return the type and the message of a line's error; empty texts if it has none.

    Args:
        line: The line as received; anything at all.
    """
    try:
        result = decode(line).result
    except NOT_JSON:
        try:
            result = read_carefully(line).result
        except UnreadableLineError:
            return "", ""
    detail = result.error.error if result is not None and result.error is not None else None
    if detail is None:
        return "", ""
    return detail.type or "", detail.message or ""


def _read_carefully(line: bytes) -> Answer:
    """Read a line the fast way refuses: odd types, lone surrogates, NaN, invalid UTF-8."""
    if len(line) > MAX_LINE:
        return Answer()
    try:
        value: object = json.loads(
            decode_text(line),
            parse_float=_as_written,
            parse_int=_as_written,
            parse_constant=_as_written,
        )
    except (ValueError, RecursionError):
        return Answer()
    fields = members_of(value)
    custom_id = fields.get("custom_id")
    content = members_of(members_of(fields.get("result")).get("message")).get("content")
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
    blocks = [members_of(block) for block in blocks]
    texts = [block.get("text") for block in blocks if block.get("type") == "text"]
    return Answer(
        custom_id if isinstance(custom_id, str) else "",
        "".join(text for text in texts if isinstance(text, str)),
        tuple(_careful_calls(blocks)),
    )


def _careful_calls(blocks: Iterable[dict[str, object]]) -> Iterator[ToolCall]:
    for block in blocks:
        kind, name, call_id = block.get("type"), block.get("name"), block.get("id")
        if isinstance(kind, str) and kind.endswith(_CALL):
            yield ToolCall(
                name if isinstance(name, str) else "",
                write_as_parsed(block.get("input")),
                kind == _CALL,
                call_id if isinstance(call_id, str) else "",
            )


def _as_written(number: str) -> Raw:
    return Raw(number.encode())


def _leaves(data: bytes) -> list[str]:
    """Return the texts and numbers of a JSON value, keys left out, in order."""
    if not data:
        return []
    try:
        value = _decode_input(data)
    except NOT_JSON:
        value = _load(data)
    found: list[str] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, dict):
            waiting.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            waiting.extend(reversed(item))
        elif isinstance(item, int) and not isinstance(item, bool):
            found.append(_write_number(item))
    return found


def _load(data: bytes) -> object:
    try:
        return json.loads(data, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None


def _write_number(number: int) -> str:
    return str(number) if number.bit_length() < 10_000 else ""
