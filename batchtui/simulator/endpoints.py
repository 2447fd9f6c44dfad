"""The six calls, and the counting of tokens, from a parsed request to an answer."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from batchtui.simulator.faults import Operation
from batchtui.simulator.http import Request, Response
from batchtui.simulator.lifecycle import BatchView
from batchtui.simulator.refusals import RefusalError
from batchtui.simulator.rules import Json
from batchtui.simulator.shapes import estimate_tokens
from batchtui.simulator.streaming import results_answer, signed_url
from batchtui.simulator.wire import batch_object, deletion_object, encode, page_object
from batchtui.simulator.workspace import Account
from batchtui.simulator.world import World

BATCHES = ["v1", "messages", "batches"]
COUNT_TOKENS = ["v1", "messages", "count_tokens"]


@dataclass(frozen=True, slots=True)
class RoutedCall:
    """Which call a request is."""

    operation: Operation
    """The kind of call."""
    batch_id: str = ""
    """Of which batch, if it is about one."""
    prefix: str = ""
    """The path before ``/v1``, as gateways have it."""
    is_signed: bool = False
    """Whether it came by a signed link, which needs no key."""


def recognize(request: Request) -> RoutedCall:
    """Find out which call a request is.

    Raises:
        RefusalError: 404 or 405.
    """
    segments = request.segments()
    if segments[:1] == ["signed"] and len(segments) == 3:
        return RoutedCall("results", segments[1], is_signed=True)
    if segments[-3:] == COUNT_TOKENS:
        if request.method != "POST":
            raise RefusalError(405, "Method Not Allowed")
        return RoutedCall("count_tokens")
    start = next(
        (place for place in range(len(segments)) if segments[place : place + 3] == BATCHES), None
    )
    if start is None:
        raise RefusalError(404, "Not found")
    prefix = "".join(f"/{quote(part, safe='')}" for part in segments[:start])
    rest = segments[start + 3 :]
    operation = _operation(request.method, rest)
    return RoutedCall(operation, rest[0] if rest else "", prefix)


def _operation(method: str, rest: list[str]) -> Operation:
    tail = tuple(rest[1:])
    table: dict[tuple[bool, tuple[str, ...]], dict[str, Operation]] = {
        (False, ()): {"POST": "create", "GET": "list"},
        (True, ()): {"GET": "retrieve", "DELETE": "delete"},
        (True, ("cancel",)): {"POST": "cancel"},
        (True, ("results",)): {"GET": "results"},
    }
    methods = table.get((bool(rest and rest[0]), tail))
    if methods is None:
        raise RefusalError(404, "Not found")
    if method not in methods:
        raise RefusalError(405, "Method Not Allowed")
    return methods[method]


async def carry_out(world: World, request: Request, call: RoutedCall, account: Account) -> Response:
    """Do what the call asks for.

    Raises:
        RefusalError: The API refuses.
        DisconnectedError: The client went away while sending.
    """
    if call.operation == "create":
        return await _create(world, request, call, account)
    if call.operation == "count_tokens":
        return await _count_tokens(world, request)
    if call.operation == "list":
        return _list(world, request, call, account)
    if call.operation == "results":
        return await results_answer(
            world, request, call.batch_id, account, is_signed=call.is_signed
        )
    if call.operation == "delete":
        return _delete(world, call.batch_id, account)
    look = world.cancel if call.operation == "cancel" else world.retrieve
    return _json(_batch(world, request, call, look(call.batch_id, account)))


async def _create(world: World, request: Request, call: RoutedCall, account: Account) -> Response:
    body = request.body()
    try:
        intake = world.intake(account)
        intake.expect(request.header("content-length"))
        async for piece in body:
            intake.feed(piece)
        return _json(_batch(world, request, call, world.accept(intake, account)))
    except RefusalError:
        await _drain(body, world.behavior.max_body)
        raise


async def _count_tokens(world: World, request: Request) -> Response:
    body = bytearray()
    async for piece in request.body():
        body += piece
        if len(body) > world.behavior.max_body:
            raise RefusalError(413, "Request exceeds the maximum allowed number of bytes")
    try:
        params = json.loads(body)
    except ValueError as error:
        raise RefusalError(400, "The request body is not valid JSON") from error
    if not isinstance(params, dict):
        raise RefusalError(400, "Input should be an object")
    for name in ("model", "messages"):
        if name not in params:
            raise RefusalError(400, f"{name}: Field required")
    return _json({"input_tokens": estimate_tokens(params)})


async def _drain(body: AsyncIterator[bytes], most: int) -> None:
    """Read on for a while: an answer given while the client still sends may never be read."""
    async for piece in body:
        most -= len(piece)
        if most <= 0:
            return


def _list(world: World, request: Request, call: RoutedCall, account: Account) -> Response:
    limit = request.argument("limit") or "20"
    if not limit.isascii() or not limit.isdecimal():
        raise RefusalError(400, "limit: Input should be a valid integer")
    page = world.page(
        limit=int(limit),
        after_id=request.argument("after_id") or None,
        before_id=request.argument("before_id") or None,
        account=account,
    )
    batches: list[Json] = [_batch(world, request, call, view) for view in page.views]
    return _json(page_object(page, batches, world.behavior))


def _delete(world: World, batch_id: str, account: Account) -> Response:
    status = world.behavior.delete_status
    if status == 405:
        raise RefusalError(405, "Method Not Allowed")
    world.delete(batch_id, account)
    if status == 204:
        return Response(204)
    return _json(deletion_object(batch_id, world.behavior))


def _batch(world: World, request: Request, call: RoutedCall, view: BatchView) -> dict[str, Json]:
    return batch_object(view, _results_url(world, request, call, view.batch.id), world.behavior)


def _results_url(world: World, request: Request, call: RoutedCall, batch_id: str) -> str:
    kind = world.behavior.results_url
    if kind == "other_origin":
        return signed_url(world.behavior.other_origin, batch_id)
    path = f"{call.prefix}/v1/messages/batches/{quote(batch_id, safe='')}/results"
    if kind == "relative":
        return path
    return f"{request.scheme}://{request.header('host') or 'localhost'}{path}"


def _json(value: dict[str, Json]) -> Response:
    return Response(200, encode(value), (("content-type", "application/json"),))
