"""The simulated service as an ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from batchtui.simulator.endpoints import RoutedCall, carry_out, recognize
from batchtui.simulator.faults import Fault
from batchtui.simulator.http import (
    Application,
    DisconnectedError,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    read_request,
)
from batchtui.simulator.refusals import RefusalError, error_type
from batchtui.simulator.sabotage import fault_answer, shortened, swallow_upload
from batchtui.simulator.wire import encode, error_object, http_date
from batchtui.simulator.workspace import DEFAULT_ACCOUNT, Account, account_of
from batchtui.simulator.world import SeenRequest, World

Control: TypeAlias = Callable[[World, Request], Awaitable[Response | None]]


def create_app(world: World, *, control: Control | None = None) -> Application:
    """Make the ASGI application of a world.

    Args:
        world: What it serves.
        control: Asked first: `control.control_answer` lets other processes set faults and habits.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            request = read_request(scope, receive)
            try:
                await _Exchange(world, request, send).run(control=control)
            except DisconnectedError:
                return

    return app


class _Exchange:
    """One request and its answer.

    Args:
        world: What is asked.
        request: The question.
        send: The ASGI function.
    """

    def __init__(self, world: World, request: Request, send: Send) -> None:
        self._world = world
        self._request = request
        self._send = send
        self._id = world.next_id("req_011C")
        self._account: Account | None = None

    async def run(self, *, control: Control | None) -> None:
        """Answer the request.

        Raises:
            DisconnectedError: The connection is gone.
        """
        if control is not None and (answer := await control(self._world, self._request)):
            await self._answer(answer)
            return
        self._note()
        try:
            call = recognize(self._request)
            self._account = self._authenticate(call)
        except RefusalError as refusal:
            await self._answer(self._refusal(refusal))
            return
        fault = self._world.faults.take(call.operation)
        if fault is None:
            await self._answer(await self._outcome(call))
        else:
            await self._fail(call, fault)

    async def _outcome(self, call: RoutedCall) -> Response:
        try:
            return await carry_out(
                self._world, self._request, call, self._account or DEFAULT_ACCOUNT
            )
        except RefusalError as refusal:
            return self._refusal(refusal)

    async def _fail(self, call: RoutedCall, fault: Fault) -> None:
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            await self._answer(await self._outcome(call))
        elif fault.kind in {"cut", "truncate"} or (
            fault.kind == "stall" and fault.at_byte is not None
        ):
            await self._answer(await self._outcome(call), fault)
        else:
            await self._lose(call, fault)

    async def _lose(self, call: RoutedCall, fault: Fault) -> None:
        """Give no answer, or another one than the right one."""
        if fault.after_effect:
            await self._outcome(call)
        else:
            await swallow_upload(self._request, fault)
        if fault.kind == "answer":
            await self._answer(fault_answer(fault, self._id))
        elif fault.kind == "drop":
            await self._break()
        else:
            await self._until_gone()

    async def _answer(self, answer: Response, fault: Fault | None = None) -> None:
        headers = [*self._headers(), *answer.headers]
        if fault is not None and fault.kind == "truncate":
            # A clean end that is too early is possible only if no length was announced.
            headers = [pair for pair in headers if pair[0] != "content-length"]
        if isinstance(answer.body, bytes) and answer.status != 204 and fault is None:
            headers.append(("content-length", str(len(answer.body))))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await self._send({"type": "http.response.start", "status": answer.status, "headers": raw})
        if isinstance(answer.body, bytes) and fault is None:
            await self._send({"type": "http.response.body", "body": answer.body})
            return
        body = _stream(answer.body) if isinstance(answer.body, bytes) else answer.body
        await self._send_stream(shortened(body, fault) if fault else body)
        if fault is not None and fault.kind == "stall":
            await self._until_gone()
        elif fault is not None and fault.kind == "cut":
            await self._break()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_stream(self, body: AsyncIterator[bytes]) -> None:
        """Send piece by piece, and stop when the client is gone, which servers do not say."""
        gone = asyncio.ensure_future(self._until_gone())
        try:
            async for piece in body:
                if gone.done():
                    raise DisconnectedError
                await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            gone.cancel()

    async def _break(self) -> None:
        self._request.drop()
        await self._until_gone()
        raise DisconnectedError

    async def _until_gone(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass

    def _authenticate(self, call: RoutedCall) -> Account:
        if call.is_signed:
            return self._world.owner(call.batch_id)
        scheme, _, token = self._request.header("authorization").partition(" ")
        bearer = token.strip() if scheme.lower() == "bearer" else ""
        account = account_of(self._request.header("x-api-key") or bearer, self._world.keys)
        if not self._request.header("anthropic-version"):
            raise RefusalError(400, "anthropic-version: header is required")
        return account

    def _refusal(self, refusal: RefusalError) -> Response:
        envelope = error_object(
            refusal.type or error_type(refusal.status), refusal.message, self._id
        )
        return Response(refusal.status, encode(envelope), (("content-type", "application/json"),))

    def _headers(self) -> list[tuple[str, str]]:
        headers = [("date", http_date(self._world.now())), ("request-id", self._id)]
        if self._account is not None:
            headers.append(("anthropic-organization-id", self._account.organization_id))
            headers.append(("anthropic-workspace-id", self._account.workspace_id))
        return headers

    def _note(self) -> None:
        request = self._request
        self._world.requests.append(
            SeenRequest(
                request.method,
                request.path,
                request.raw_query,
                request.header("host"),
                request.headers,
            )
        )


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    if body:
        yield body


async def _live(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] == "lifespan.startup":
        await send({"type": "lifespan.startup.complete"})
    if message["type"] == "lifespan.shutdown":
        await send({"type": "lifespan.shutdown.complete"})
