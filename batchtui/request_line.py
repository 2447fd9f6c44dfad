"""One request of a request file, read only as far as it is needed."""

from typing import Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

_Params = TypeVar("_Params")


class RequestLine(Struct, gc=False):
    """A request whose id and params keep their bytes."""

    custom_id: Raw
    params: Raw


class RequestParams(Struct, Generic[_Params], gc=False):
    """A request of which only the params count, read as a type."""

    params: _Params


class _RequestId(Struct, gc=False):
    custom_id: str = ""


_RAW = msgspec.json.Decoder(RequestLine)
_ID = msgspec.json.Decoder(_RequestId)
_NOT_READABLE = (msgspec.DecodeError, ValueError, RecursionError)


def read_request(request: bytes) -> RequestLine:
    """Return the id and the params of a request.

    Raises:
        msgspec.DecodeError: It is not JSON, or has not both.
        RecursionError: It is nested too deeply.
    """
    return _RAW.decode(request)


def custom_id_of(request: bytes) -> str:
    """Return the id of a request, or of a row of results; "" where it has none."""
    try:
        return _ID.decode(request).custom_id
    except _NOT_READABLE:
        return ""


def params_of(
    request: bytes, decoder: "msgspec.json.Decoder[RequestParams[_Params]]"
) -> _Params | None:
    """Return the params of a request as a type; ``None`` where it does not have such."""
    try:
        return decoder.decode(request).params
    except _NOT_READABLE:
        return None


class _Block(Struct, gc=False):
    type: str = ""
    text: str = ""


class _Message(Struct, gc=False):
    role: str = ""
    content: str | list[_Block] = ""


class _Asked(Struct, gc=False):
    messages: list[_Message] = []


_ASKED = msgspec.json.Decoder(RequestParams[_Asked])


def last_question(request: bytes) -> str:
    """Return the text of the last message of the user in a request; empty if there is none."""
    params = params_of(request, _ASKED)
    for message in reversed(params.messages if params is not None else ()):
        if message.role == "user":
            content = message.content
            if isinstance(content, str):
                return content
            return "\n\n".join(block.text for block in content if block.text)
    return ""
