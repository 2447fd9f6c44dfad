"""The body of a create: a stream of bytes of known length, made of the file's own bytes.

A request that holds only ``custom_id`` and ``params`` is passed on byte for byte; of one with more
keys beside them, both are taken over byte for byte and the rest is left out.
"""

from collections.abc import Iterable, Iterator

import msgspec

from batchtui.request_line import read_request
from batchtui.submission.errors import SourceError
from batchtui.submission.read import RawRequest

OPENING = b'{"requests":['
CLOSING = b"]}"
BLOCK = 1 << 18
"""Bytes handed over at once, about."""

_JSON_SPACE = b" \t\r\n"


class _StrictRequest(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    custom_id: msgspec.Raw
    params: msgspec.Raw


_STRICT = msgspec.json.Decoder(_StrictRequest)


def element_of(data: bytes) -> bytes:
    """Return what one request contributes to the body.

    Raises:
        msgspec.DecodeError: It is not JSON, or has no custom_id or params.
        RecursionError: It is nested too deeply.
    """
    try:
        _STRICT.decode(data)
    except msgspec.ValidationError:
        element = read_request(data)
        return _join(element.custom_id, element.params)
    return data.strip(_JSON_SPACE)


def as_line(data: bytes) -> bytes:
    """Return a request as one line with its end; one on several lines has to become one."""
    return (msgspec.json.format(data, indent=-1) if b"\n" in data else data) + b"\n"


def join_element(custom_id: bytes, params: bytes) -> bytes:
    """Make a request of the encoded id and the encoded params."""
    return b'{"custom_id":' + custom_id + b',"params":' + params + b"}"


def body_length(sizes: Iterable[int]) -> int:
    """Return the exact length of a body made of elements of these sizes, in bytes."""
    total = count = 0
    for size in sizes:
        total += size
        count += 1
    return len(OPENING) + total + max(0, count - 1) + len(CLOSING)


def body_blocks(requests: Iterable[RawRequest]) -> Iterator[bytes]:
    """Yield the body of a create in blocks of about `BLOCK` bytes; the last one closes it.

    Raises:
        SourceError: A request cannot be sent at all.
    """
    pending = [OPENING]
    size = len(OPENING)
    separator = b""
    for request in requests:
        element = _sendable(request)
        pending += (separator, element)
        size += len(separator) + len(element)
        separator = b","
        if size >= BLOCK:
            yield b"".join(pending)
            pending, size = [], 0
    yield b"".join([*pending, CLOSING])


def _sendable(request: RawRequest) -> bytes:
    try:
        return element_of(request.data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SourceError(
            f"Line {request.line} cannot be sent: {error}", line=request.line
        ) from error


def _join(custom_id: msgspec.Raw, params: msgspec.Raw) -> bytes:
    return join_element(bytes(custom_id), bytes(params))
