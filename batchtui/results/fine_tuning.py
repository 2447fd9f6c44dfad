"""Rows as conversations for fine-tuning: the messages of the request, then the answer."""

from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Raw

from batchtui.request_line import RequestParams, params_of
from batchtui.results.answer import Answer
from batchtui.results.export_formats import ExportPiece
from batchtui.results.index import SUCCEEDED, ResultsIndex
from batchtui.results.json_text import write_as_parsed
from batchtui.results.row_block import LineSource, read_answer_of


class _Params(msgspec.Struct, gc=False):
    messages: list[Raw] = []
    system: Raw = Raw(b"")


_PARAMS = msgspec.json.Decoder(RequestParams[_Params])


def message_pieces(
    index: ResultsIndex,
    source: LineSource,
    rows: Iterable[int],
    question: Callable[[str], bytes | None],
) -> Iterator[ExportPiece]:
    """Yield conversations, one a line.

    Rows without an answer, or whose request is not known, are left out.

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
        messages = _read_messages(request)
        messages.append(write_as_parsed({"role": "assistant", "content": content}))
        yield b'{"messages":[%b]}\n' % b",".join(messages), 1


def _content_of(answer: Answer) -> str | list[dict[str, object]]:
    """Return an answer as the content of a message: its text, or blocks where it calls tools."""
    calls: list[dict[str, object]] = [
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
    return [{"type": "text", "text": answer.text}, *calls] if answer.text else calls


def _read_messages(request: bytes) -> list[bytes]:
    params = params_of(request, _PARAMS)
    if params is None:
        return []
    system = bytes(params.system)
    before = [b'{"role":"system","content":%b}' % system] if system and system != b"null" else []
    return [*before, *(bytes(message) for message in params.messages)]
