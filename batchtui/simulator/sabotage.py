"""Carrying out faults: answers that are wrong and bodies that end too early."""

from collections.abc import AsyncIterator
from typing import Final

from batchtui.simulator.faults import Fault
from batchtui.simulator.http import Request, Response
from batchtui.simulator.refusals import error_type
from batchtui.simulator.wire import encode, error_object

HTML: Final = (
    b"<!DOCTYPE html><html><head><title>Sign in to the network</title></head>"
    b"<body><h1>Welcome</h1><p>Please accept the terms to go on.</p></body></html>"
)


def fault_answer(fault: Fault, request_id: str) -> Response:
    """Return the answer of a fault of kind ``answer``."""
    headers = [
        (name, value)
        for name, value in (
            ("retry-after", fault.retry_after),
            ("retry-after-ms", fault.retry_after_ms),
            ("x-should-retry", fault.should_retry),
            ("location", fault.location),
        )
        if value is not None
    ]
    if fault.body == "empty":
        return Response(fault.status, b"", headers)
    if fault.body == "html":
        return Response(fault.status, HTML, [*headers, ("content-type", "text/html")])
    headers.append(("content-type", "application/json"))
    if fault.body == "given":
        return Response(fault.status, fault.content.encode(), headers)
    if fault.body == "not_json":
        return Response(fault.status, b'{"type": "error", "err', headers)
    kind = fault.error_type or error_type(fault.status)
    return Response(fault.status, encode(error_object(kind, fault.message, request_id)), headers)


async def swallow_upload(request: Request, fault: Fault) -> None:
    """Read as much of the request's body as the fault lets through.

    Raises:
        DisconnectedError: The client went away while sending.
    """
    if fault.kind == "drop" and fault.at_byte is None:
        return
    left = fault.at_byte
    async for piece in request.body():
        if left is not None:
            left -= len(piece)
            if left <= 0:
                return


async def shortened(body: AsyncIterator[bytes], fault: Fault) -> AsyncIterator[bytes]:
    """Return as much of an answer's body as the fault lets through."""
    left = fault.at_byte or 0
    async for piece in body:
        if len(piece) < left:
            left -= len(piece)
            yield piece
        elif not fault.at_line_end:
            yield piece[:left]
            return
        elif (end := piece.find(b"\n", max(0, left - 1))) >= 0:
            yield piece[: end + 1]
            return
        else:
            left = 1
            yield piece
