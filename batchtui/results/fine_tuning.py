"""Rows as conversations for fine-tuning: the messages of the request, then the answer."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import msgspec
from msgspec import Raw

from batchtui.request_line import RequestParams, params_of
from batchtui.results.answer import Answer
from batchtui.results.export_formats import ExportPiece
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.json_text import (
    UnreadableJsonError,
    decode_text,
    members_of,
    parse_json,
    write_as_parsed,
)
from batchtui.results.row_block import LineSource, read_answer_of


class _Params(msgspec.Struct, gc=False):
    messages: list[Raw] = []
    system: Raw = Raw(b"")


_Block: TypeAlias = dict[str, object]
_Content: TypeAlias = str | list[_Block]

_PARAMS = msgspec.json.Decoder(RequestParams[_Params])


def message_pieces(
    index: ResultsIndex,
    source: LineSource,
    rows: Iterable[int],
    question: Callable[[str], bytes | None],
) -> Iterator[ExportPiece]:
    """Yield conversations, one a line.

    Rows without an answer, or whose request is not known or has no messages, are left out.

    Args:
        index: The rows.
        source: Where their bytes are.
        rows: Which.
        question: Returns the request of a custom_id.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    for row in rows:
        if index.types[row] != SUCCEEDED:
            continue
        answer = read_answer_of(index, source, row)
        content = _content_of(answer)
        request = question(answer.custom_id or index.custom_id(row)) if content else None
        if request is None:
            continue
        messages = _write_messages(request, content)
        if messages:
            yield b'{"messages":[%b]}\n' % b",".join(messages), 1


def _write_messages(request: bytes, content: _Content) -> list[bytes]:
    """Return the messages of a request and the answer, one with what it had to begin with."""
    messages = _read_messages(request)
    if not messages:
        return []
    begun = _read_begun(messages[-1])
    if begun is not None:
        messages.pop()
        content = _join(begun, content)
    return [*messages, write_as_parsed({"role": "assistant", "content": content})]


def _read_begun(message: bytes) -> _Content | None:
    """Return what the answer had to begin with; None if the last message is not the assistant's."""
    if b"assistant" not in message:  # as in nearly all requests, however long they are
        return None
    try:
        last = members_of(parse_json(decode_text(message)))
    except UnreadableJsonError:  # nested deeply
        return None
    begun = last.get("content")
    if last.get("role") != "assistant":
        return None
    return begun if isinstance(begun, str) else _blocks_of(begun)


def _join(begun: _Content, answer: _Content) -> _Content:
    """Join two contents; the text that one ends with and the other starts with are one."""
    if isinstance(begun, str) and isinstance(answer, str):
        return begun + answer
    before, after = _blocks_of(begun), _blocks_of(answer)
    if before and after:
        last, first = before[-1].get("text"), after[0].get("text")
        if isinstance(last, str) and isinstance(first, str):
            return [*before[:-1], {**before[-1], "text": last + first}, *after[1:]]
    return before + after


def _blocks_of(content: object) -> list[_Block]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return [members_of(block) for block in content] if isinstance(content, list) else []


def _content_of(answer: Answer) -> _Content:
    """Return an answer as the content of a message: its text, or blocks where it calls tools."""
    calls: list[_Block] = [
        {
            "type": "tool_use",
            **({"id": call.id} if call.id else {}),
            "name": call.name,
            "input": Raw(call.input or b"{}"),
        }
        for call in answer.calls
        if call.is_own
    ]
    if not calls:
        return answer.text
    return [*_blocks_of(answer.text), *calls]


def _read_messages(request: bytes) -> list[bytes]:
    params = params_of(request, _PARAMS)
    if params is None:
        params = _read_carefully(request)
    if not params.messages:
        return []
    system = bytes(params.system)
    before = [b'{"role":"system","content":%b}' % system] if system and system != b"null" else []
    return [*before, *(bytes(message) for message in params.messages)]


def _read_carefully(request: bytes) -> _Params:
    """Read a request that the fast way refuses, as it does lone surrogates."""
    try:
        params = members_of(members_of(parse_json(decode_text(request))).get("params"))
    except UnreadableJsonError:
        return _Params()
    messages = params.get("messages")
    return _Params(
        [Raw(write_as_parsed(message)) for message in messages]
        if isinstance(messages, list)
        else [],
        Raw(write_as_parsed(params.get("system"))),
    )
