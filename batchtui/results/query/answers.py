"""What a free word is searched in: the answer's text and the input of its tool calls.

Ids, keys, usage, thinking, tool results and error messages are not the answer.
"""

import json
from collections.abc import Callable

import msgspec

from batchtui.results.rows import UnreadableLineError, decode, read_carefully


class _Block(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None
    input: msgspec.Raw = msgspec.Raw(b"")


class _Message(msgspec.Struct, gc=False):
    content: list[_Block] | None = None


class _Result(msgspec.Struct, gc=False):
    message: _Message | None = None


class _Line(msgspec.Struct, gc=False):
    result: _Result | None = None


class _RawBlock(msgspec.Struct, gc=False):
    type: str = ""
    text: msgspec.Raw = msgspec.Raw(b"")


class _RawMessage(msgspec.Struct, gc=False):
    content: list[_RawBlock] | None = None


class _RawResult(msgspec.Struct, gc=False):
    message: _RawMessage | None = None


class _RawLine(msgspec.Struct, gc=False):
    result: _RawResult | None = None


_decode_raw: Callable[[bytes], _RawLine] = msgspec.json.Decoder(_RawLine).decode
_decode: Callable[[bytes], _Line] = msgspec.json.Decoder(_Line).decode
_decode_input: Callable[[msgspec.Raw], object] = msgspec.json.Decoder(float_hook=str).decode
"""Numbers with a point stay as written, so that ``12.50`` is found."""

MAX_CAREFUL = 32 * 1024 * 1024
"""Bytes above which a line that the fast way refuses is not searched."""


def answer_text(line: bytes) -> str:
    """Return what a line answered, its parts joined by newlines; empty if nothing.

    Args:
        line: The line as received; anything at all.
    """
    try:
        decoded = _decode(line)
        message = decoded.result.message if decoded.result is not None else None
        content = message.content if message is not None else None
        if content is None:
            return ""
        if len(content) == 1 and content[0].type == "text":
            return content[0].text or ""
        return "\n".join(part for block in content for part in _block_parts(block))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return _answer_carefully(line)


def raw_texts(line: bytes) -> list[bytes] | None:
    """Return the JSON of the answer's texts, undecoded; None if they are not all of the answer."""
    try:
        decoded = _decode_raw(line)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
    message = decoded.result.message if decoded.result is not None else None
    content = message.content if message is not None else None
    if content is None:
        return []
    if any(block.type.endswith("tool_use") for block in content):
        return None
    texts = (bytes(block.text) for block in content if block.type == "text")
    return [text for text in texts if text.startswith(b'"')]


def _block_parts(block: _Block) -> list[str]:
    if block.type == "text":
        return [block.text] if block.text else []
    if not block.type.endswith("tool_use"):
        return []
    return _leaves(_decode_input(block.input)) if block.input else []


def _leaves(value: object) -> list[str]:
    """Return the texts and numbers of a JSON value, keys left out, in order."""
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


def _write_number(number: int) -> str:
    return str(number) if number.bit_length() < 10_000 else ""


def _answer_carefully(line: bytes) -> str:
    """Read a line the fast way refuses: odd types, lone surrogates, NaN, invalid UTF-8."""
    if len(line) > MAX_CAREFUL:
        return ""
    try:
        value: object = json.loads(
            line.decode("utf-8-sig", errors="replace"), parse_float=str, parse_int=str
        )
    except (ValueError, RecursionError):
        return ""
    content = _get(_get(_get(value, "result"), "message"), "content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(part for block in blocks for part in _careful_parts(block))


def _careful_parts(block: object) -> list[str]:
    kind = _get(block, "type")
    if kind == "text":
        text = _get(block, "text")
        return [text] if isinstance(text, str) else []
    if isinstance(kind, str) and kind.endswith("tool_use"):
        return _leaves(_get(block, "input"))
    return []


def _get(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def error_text(line: bytes) -> tuple[str, str]:
    """Return the type and the message of a line's error; empty texts if it has none.

    Args:
        line: The line as received; anything at all.
    """
    try:
        result = decode(line).result
    except (msgspec.DecodeError, ValueError, RecursionError):
        try:
            result = read_carefully(line).result
        except UnreadableLineError:
            return "", ""
    detail = result.error.error if result is not None and result.error is not None else None
    if detail is None:
        return "", ""
    return detail.type or "", detail.message or ""
