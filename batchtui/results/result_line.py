"""One results line: the few things the index wants to know about it.

`decode` is the fast way: typed Structs that name only what is needed, so that everything else in
the line is skipped without becoming a Python object. It is strict; a line it refuses goes to
`read_carefully`, which takes what it can from a line of wrong types, NaN, lone surrogates,
invalid UTF-8 or a byte order mark, and gives the reason where the line is no result at all.
"""

import json
import re
from collections.abc import Callable

import msgspec

from batchtui.results.index import (
    EMPTY_ANSWER,
    JSON_ANSWER,
    SEVERAL_BLOCKS,
    SEVERAL_TEXTS,
)
from batchtui.results.json_text import UnreadableJsonError, members_of, parse_line

NOT_A_RESULT = "JSON, but not a result line"
"""The reason given for a line that parses and has no result in it."""

_MAX_CAREFUL = 32 * 1024 * 1024
"""Bytes above which a line that the fast way refuses is not parsed a second time: it would stop
the program for a second. Its bytes stay readable."""


class ContentBlock(msgspec.Struct, gc=False):
    """A content block of an answer."""

    type: str = ""
    text: msgspec.Raw = msgspec.Raw(b"")
    """The JSON of the ``text`` field, undecoded: only its ends are looked at."""


class CacheCreation(msgspec.Struct, gc=False):
    """Tokens written to the cache, by lifetime."""

    ephemeral_1h_input_tokens: int | None = None


class Usage(msgspec.Struct, gc=False):
    """Tokens of one answer; any may be unknown."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: CacheCreation | None = None


class Message(msgspec.Struct, gc=False):
    """The answer of a succeeded request."""

    model: str | None = None
    stop_reason: str | None = None
    usage: Usage | None = None
    content: list[ContentBlock] | None = None


class ErrorDetail(msgspec.Struct, gc=False):
    """What went wrong with one request."""

    type: str | None = None
    message: str | None = None


class ErrorBody(msgspec.Struct, gc=False):
    """The envelope around the error, as the API sends it everywhere."""

    error: ErrorDetail | None = None


class Result(msgspec.Struct, gc=False):
    """What became of one request."""

    type: str = ""
    message: Message | None = None
    error: ErrorBody | None = None


class ResultLine(msgspec.Struct, gc=False):
    """One line of a results file."""

    custom_id: str | None = None
    result: Result | None = None


class UnreadableLineError(ValueError):
    """A line is not a result; its text is the reason, for the user."""


_DECODER = msgspec.json.Decoder(ResultLine)
decode_lines: Callable[[bytes | memoryview], list[ResultLine]] = _DECODER.decode_lines
"""Decode JSON values that follow each other, fast; raises as `decode`."""
decode: Callable[[bytes], ResultLine] = _DECODER.decode
"""Decode one line the fast way.

Raises:
    msgspec.DecodeError: It is not JSON, or has other types than expected.
    UnicodeDecodeError, RecursionError, ValueError: It is odd in another way.
"""

_QUOTE = 34
_JSON_START = re.compile(rb'"(?:\\[nrt]| )*(?:```(?:json|JSON)?(?:\\[nrt]| )*)?[{\[]')
_JSON_END = re.compile(rb'[}\]](?:\\[nrt]| )*(?:```(?:\\[nrt]| )*)?"$')
_BLANK_TEXT = re.compile(
    rb'"(?:\s|\\[nrtfb]|\\u000[9aAbBcCdD]|\\u00[aA]0|\\u20(?:0[0-9a-fA-F]|2[89fF])'
    rb"|\xc2\xa0|\xe3\x80\x80|\xe2\x80[\x80-\x8f\xa8\xa9\xaf])*\"$"
)
"""Nothing but spaces of all kinds, escaped or not, those without width included."""
_PLAIN_STARTS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789*#<(-")
_THOUGHTS = frozenset({"text", "thinking", "redacted_thinking"})


def answer_shape(content: list[ContentBlock] | None) -> tuple[int, int]:
    """Tell, from the ends of its texts, what an answer looks like.

    Returns:
        The sum of `EMPTY_ANSWER`, `JSON_ANSWER` (the middle is not checked), `SEVERAL_BLOCKS` and
        `SEVERAL_TEXTS`, as they apply; and how long the text is between its quotes, 0 where it is
        not all of the answer.
    """
    if not content:
        return EMPTY_ANSWER | SEVERAL_BLOCKS, 0
    first = content[0]
    if len(content) == 1 and first.type == "text":
        # Nearly all answers start with a letter: then there is nothing more to look at.
        text = memoryview(first.text)
        if len(text) > 2 and text[1] in _PLAIN_STARTS and text[0] == _QUOTE:
            return 0, len(text) - 2
    texts = [bytes(block.text) for block in content if block.type == "text"]
    blocks = SEVERAL_BLOCKS * (len(texts) != len(content) or len(texts) > 1)
    blocks |= SEVERAL_TEXTS * (len(texts) > 1)
    is_all = not blocks and texts[0].startswith(b'"')
    return blocks | _text_shape(content, texts), len(texts[0]) - 2 if is_all else 0


def _text_shape(content: list[ContentBlock], texts: list[bytes]) -> int:
    spoken = [text for text in texts if text.startswith(b'"') and not _BLANK_TEXT.match(text)]
    if not spoken:
        return EMPTY_ANSWER if all(block.type in _THOUGHTS for block in content) else 0
    is_json = _JSON_START.match(spoken[0]) and _JSON_END.search(spoken[-1], len(spoken[-1]) - 40)
    return JSON_ANSWER if is_json else 0


def read_carefully(data: bytes) -> ResultLine:
    """Take what can be taken from a line that `decode` refused.

    Raises:
        UnreadableLineError: It is not a result line; the text is the reason.
    """
    if len(data) > _MAX_CAREFUL:
        raise UnreadableLineError(f"odd JSON in a line of {len(data)} bytes")
    try:
        value = parse_line(data)
    except UnreadableJsonError as error:
        raise UnreadableLineError(str(error)) from None
    fields = members_of(value)
    result = members_of(fields.get("result"))
    if not result:
        raise UnreadableLineError(NOT_A_RESULT)
    return ResultLine(custom_id=_identifier(fields.get("custom_id")), result=_result(result))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _identifier(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _result(fields: dict[str, object]) -> Result:
    message, error = fields.get("message"), fields.get("error")
    return Result(
        type=_text(fields.get("type")) or "",
        message=_message(members_of(message)) if isinstance(message, dict) else None,
        error=ErrorBody(error=_error(members_of(error))) if isinstance(error, dict) else None,
    )


def _error(fields: dict[str, object]) -> ErrorDetail:
    inner = members_of(fields.get("error")) or fields
    message = inner.get("message")
    return ErrorDetail(type=_text(inner.get("type")), message=_identifier(message))


def _message(fields: dict[str, object]) -> Message:
    usage = members_of(fields.get("usage"))
    lifetimes = members_of(usage.get("cache_creation"))
    return Message(
        model=_text(fields.get("model")),
        stop_reason=_text(fields.get("stop_reason")),
        usage=Usage(
            input_tokens=_number(usage.get("input_tokens")),
            output_tokens=_number(usage.get("output_tokens")),
            cache_read_input_tokens=_number(usage.get("cache_read_input_tokens")),
            cache_creation_input_tokens=_number(usage.get("cache_creation_input_tokens")),
            cache_creation=CacheCreation(_number(lifetimes.get("ephemeral_1h_input_tokens"))),
        ),
        content=_content(fields.get("content")),
    )


def _content(value: object) -> list[ContentBlock]:
    if isinstance(value, str):
        return [_block({"type": "text", "text": value})]
    return [_block(members_of(item)) for item in value] if isinstance(value, list) else []


def _block(fields: dict[str, object]) -> ContentBlock:
    text = fields.get("text")
    raw = json.dumps(text, ensure_ascii=True).encode() if isinstance(text, str) else b""
    return ContentBlock(type=_text(fields.get("type")) or "", text=msgspec.Raw(raw))
