"""The Message Batches API: its six calls, and the one that counts tokens.

Nothing here knows how a request travels (`clients`), when it is repeated (`sender`, `retry`) or
what a refusal means (`refusals`).
"""

import contextlib
import random as system_random
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Final, Self, TypeAlias

import httpx
from msgspec import Struct
from msgspec.structs import replace

from batchtui.api import paths
from batchtui.api.calls import Call
from batchtui.api.connection import AccountIds, Connection
from batchtui.api.decoding import decode_json
from batchtui.api.errors import (
    AmbiguousCreate,
    ApiError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    InvalidConnection,
    InvalidUpload,
    NotFound,
    ServerError,
    StatusError,
    UnexpectedAnswer,
)
from batchtui.api.models import (
    LARGEST_PAGE,
    BatchPage,
    DeletedMessageBatch,
    MessageBatch,
    decode_batch,
    decode_deleted,
    decode_page,
)
from batchtui.api.refusals import unreadable_response
from batchtui.api.requests import ApiRequest, Upload
from batchtui.api.responses import ApiResponse
from batchtui.api.results_places import ResultsPlaces
from batchtui.api.results_stream import ResultsStream, ResumePoint
from batchtui.api.retry import was_answer_lost
from batchtui.api.sender import RetryingSender
from batchtui.clock import Clock, SystemClock

__all__ = ["BatchesClient", "ResultsStream", "ResumePoint", "Transport"]

Transport: TypeAlias = httpx.AsyncBaseTransport
"""What takes the requests."""
_SETTLING_SECONDS: Final = 10.0
"""How long after its creation a batch may still be unknown to the server's other machines."""


class _TokenCount(Struct, frozen=True):
    input_tokens: int


class BatchesClient:
    """The calls, for one base URL and key. Open connections end with `aclose`.

    Args:
        connection: Where and as whom.
        transport: Takes the requests instead of the network.
        clock: For waits and the times of calls.
        random: 0 to 1, spreads the waits between attempts.
        on_call: Called with every attempt when it is over.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
        random: Callable[[], float] = system_random.random,
        on_call: Callable[[Call], None] | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._connection = connection
        self._sender = RetryingSender(
            connection, transport=transport, clock=self._clock, random=random, on_call=on_call
        )
        self._results_places = ResultsPlaces(connection, self._sender)
        self._beta = connection.use_beta_endpoints
        self._settling: dict[str, float] = {}  # batches just created, and when

    @property
    def connection(self) -> Connection:
        """Where and as whom this client calls."""
        return self._connection

    @property
    def account(self) -> AccountIds:
        """Organization and workspace as answers last named them, and the key's last four."""
        return self._sender.account

    @property
    def server_offset(self) -> timedelta | None:
        """How far the server's clock is ahead of ours, to a few seconds; None if unknown."""
        return self._sender.server_offset

    async def create(
        self,
        body: bytes | AsyncIterable[bytes],
        *,
        content_length: int | None = None,
        betas: Sequence[str] = (),
    ) -> MessageBatch:
        """Create a batch. Sent once, whatever happens.

        A canceled call may have created the batch anyway, and what the body's iterator
        raises comes out as it is (the request was incomplete then, so there is no batch).

        Args:
            body: `{"requests": [...]}` as JSON, whole or in pieces.
            content_length: Bytes of all pieces; without it they are sent in chunks.
            betas: Beta features for this batch, besides the connection's.

        Raises:
            AmbiguousCreate: If it failed after sending began and there may be a batch. Where its
                `reason.is_from_api`, the API answered: a look at the list makes sure.
            StatusError: If the API refused it: there is no batch.
            ConnectionFailed: If nothing of the body was sent: there is no batch.
            UnexpectedAnswer: If the server redirects: there is no batch.
            InvalidUpload: If the body is not as long as announced: there is no batch.
        """
        upload = Upload(body, content_length)
        request = ApiRequest(
            method="POST",
            url=self._sender.url(paths.collection(beta=self._beta)),
            role="create",
            betas=tuple(betas),
            upload=upload,
        )
        try:
            batch = _read_batch(await self._sender.send_once(request))
        except ApiError as error:
            if not upload.has_started or _is_clean_refusal(error, upload):
                raise
            raise AmbiguousCreate(error, is_body_complete=upload.is_complete) from error
        self._settling = {**self._still_settling(), batch.id: self._clock.monotonic()}
        return batch

    async def retrieve(self, batch_id: str) -> MessageBatch:
        """Return one batch as it is now, under the id that it was asked for with.

        Some gateways answer with another id than theirs: it would be looked for in vain.

        Raises:
            NotFound: If the key's workspace has no such batch.
            ApiError: If it cannot be had now.
        """
        request = self._request("GET", paths.batch(batch_id, beta=self._beta))
        try:
            return _read_batch(await self._sender.send(request), batch_id)
        except NotFound:
            self._settling = self._still_settling()
            if self._settling.pop(batch_id, None) is None:
                raise
        await self._clock.sleep(1.0)
        return _read_batch(await self._sender.send(request), batch_id)

    async def list_page(self, *, limit: int = 20, after_id: str | None = None) -> BatchPage:
        """Return a page of the list, newest first.

        Args:
            limit: Batches on it, brought into 1 to 1000.
            after_id: Gives the older ones next to this one.

        Raises:
            ApiError: If it cannot be had now.
        """
        parameters = {"limit": str(min(max(limit, 1), LARGEST_PAGE))}
        if after_id is not None:
            parameters["after_id"] = after_id
        request = self._request("GET", paths.collection(parameters, beta=self._beta))
        response = await self._sender.send(request)
        try:
            return decode_page(response.body)
        except ValueError as error:
            raise unreadable_response(response, "a page of batches", str(error)) from error

    async def cancel(self, batch_id: str) -> MessageBatch:
        """Ask the server to cancel a batch; return it as it is now.

        Where an answer was lost and the repetition is refused, the batch itself tells whether the
        first one was heard.

        Raises:
            NotFound: If the key's workspace has no such batch.
            BadRequest: If it cannot be canceled (400 or, as `Conflict`, 409): it has ended.
            ApiError: If the call failed; it may have been heard anyway.
        """
        request = self._request("POST", paths.batch(batch_id, "cancel", beta=self._beta))
        try:
            response = await self._sender.send(request)
        except (BadRequest, Conflict, NotFound) as error:
            if not any(map(was_answer_lost, error.earlier)):
                raise
            batch = await self.retrieve(batch_id)
            if batch.cancel_initiated_at is None and not batch.is_canceling:
                raise
            return batch
        if not response.body.strip():
            return await self.retrieve(batch_id)
        return _read_batch(response, batch_id)

    async def delete(self, batch_id: str) -> DeletedMessageBatch:
        """Delete a batch that has ended. Any success counts, with or without a body.

        Where an answer was lost and the repetition finds nothing, the first one was heard. Only a
        status or type says that for sure: words are guessed at.

        Raises:
            NotFound: If there was no such batch in the key's workspace (any more).
            BadRequest: If it cannot be deleted (400 or, as `Conflict`, 409): it has not ended.
            ApiError: If the call failed; it may have been heard anyway.
        """
        request = self._request("DELETE", paths.batch(batch_id, beta=self._beta))
        try:
            response = await self._sender.send(request)
        except NotFound as error:
            is_gone = error.status in {404, 410} or error.type == "not_found_error"
            if not (is_gone and any(map(was_answer_lost, error.earlier))):
                raise
            return DeletedMessageBatch(batch_id)
        return decode_deleted(response.body, batch_id)

    @contextlib.asynccontextmanager
    async def results(
        self, batch: MessageBatch, *, resume: ResumePoint | None = None
    ) -> AsyncIterator[ResultsStream]:
        """Return a batch's results as a stream of bytes; leaving the context closes the socket.

        Args:
            batch: Names where its results are.
            resume: What is here already; used only where the server proves that the rest fits.

        Raises:
            ResultsUnavailable: On entering, if there are none (yet, any more).
            ApiError: On entering, if they cannot be had now.
        """
        stream = await self._results_places.open(batch, resume)
        try:
            yield stream
        finally:
            await stream.aclose()

    async def count_tokens(self, body: bytes) -> int:
        """Return how many tokens a message would have, as the API counts; it costs nothing.

        Args:
            body: What the API's `count_tokens` takes: model, messages, and what goes with them.

        Raises:
            ApiError: If it was not counted.
        """
        request = ApiRequest(
            method="POST",
            url=self._sender.url(paths.COUNT_TOKENS),
            upload=Upload(body, len(body)),
        )
        response = await self._sender.send_once(request)
        try:
            return decode_json(response.body, _TokenCount).input_tokens
        except ValueError as error:
            raise unreadable_response(response, "a number of tokens", str(error)) from error

    async def aclose(self) -> None:
        """Close every connection."""
        await self._sender.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _still_settling(self) -> dict[str, float]:
        earliest = self._clock.monotonic() - _SETTLING_SECONDS
        return {name: at for name, at in self._settling.items() if at >= earliest}

    def _request(self, method: str, path: str) -> ApiRequest:
        return ApiRequest(method=method, url=self._sender.url(path))


def _read_batch(response: ApiResponse, batch_id: str | None = None) -> MessageBatch:
    try:
        batch = decode_batch(response.body)
    except ValueError as error:
        raise unreadable_response(response, "a batch", str(error)) from error
    return batch if batch_id is None else replace(batch, id=batch_id)


def _is_clean_refusal(error: ApiError, upload: Upload) -> bool:
    """Return whether a failed create surely made no batch.

    A refusal with a status of the 400s says so, but for those that mean "gave up waiting" and are
    not of the API's own shape; so does a redirect that is not "see the result over there", and a
    body that we did not finish ourselves.
    """
    if isinstance(error, InvalidUpload):
        return not upload.is_complete
    if isinstance(error, StatusError):
        has_given_up = error.status in {408, 499} and not error.is_from_api
        return not (has_given_up or isinstance(error, ServerError))
    if isinstance(error, ConnectionFailed):
        return error.cause == "proxy"
    if isinstance(error, UnexpectedAnswer):
        return error.status is not None and 300 <= error.status < 400 and error.status != 303
    return isinstance(error, InvalidConnection)
