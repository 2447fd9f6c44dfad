"""Where a batch's results are fetched, and from which byte.

The batch names a URL, and what it names is not trusted with the key unless it lies at the base
URL's origin:

- relative: joined to the base URL, prefix included (should that not exist, to its origin alone);
- absolute at the base URL's origin: fetched as it is, with the key;
- anywhere else: `{base}/v1/messages/batches/{id}/results` is asked first, with the key. Only if
  that path does not exist (404, 405, 501) it is fetched from where it points, without a key, as a
  signed link is meant to be, and the user is told.
"""

from typing import Final

import httpx
import msgspec

from batchtui.api import paths
from batchtui.api.connection import Connection
from batchtui.api.errors import (
    ApiError,
    BadRequest,
    NotFound,
    ResultsUnavailable,
    StatusError,
    UnexpectedAnswer,
)
from batchtui.api.models import MessageBatch
from batchtui.api.requests import ApiRequest
from batchtui.api.responses import StreamingResponse
from batchtui.api.results_stream import ResultsStream, ResumePoint, check_encoding
from batchtui.api.sender import RetryingSender

_NO_SUCH_PATH: Final = frozenset({404, 405, 501})
_GONE: Final = frozenset({400, 404, 410})


class ResultsPlaces:
    """Opens results streams of one connection."""

    def __init__(self, connection: Connection, sender: RetryingSender) -> None:
        self._connection = connection
        self._sender = sender

    async def open(self, batch: MessageBatch, resume: ResumePoint | None) -> ResultsStream:
        """Return the stream of a batch's results.

        Raises:
            ResultsUnavailable: If there are none (yet, any more), or the link is dead.
            ApiError: If they cannot be fetched now.
        """
        if batch.results_url is None:
            raise _without_url(batch)
        requests = self._requests(batch, batch.results_url)
        for request in requests[:-1]:
            try:
                return await self._stream(request, resume)
            except StatusError as error:
                if error.status not in _NO_SUCH_PATH:
                    raise self._explained(error, request) from error
        try:
            return await self._stream(requests[-1], resume)
        except StatusError as error:
            raise self._explained(error, requests[-1]) from error

    def _requests(self, batch: MessageBatch, results_url: str) -> list[ApiRequest]:
        """Return what to ask, in this order, until something exists."""
        base = httpx.URL(self._connection.base_url + "/")
        canonical = self._request(self._sender.url(paths.batch(batch.id, "results", beta=False)))
        try:
            url = base.join(results_url).copy_with(fragment=None)
        except httpx.InvalidURL:
            return [canonical]
        if url.scheme not in {"http", "https"} or not url.host:
            return [canonical]
        if not self._sender.is_home(url):
            return [canonical, msgspec.structs.replace(self._request(url), role="foreign")]
        prefix = self._connection.prefix
        if url.path.startswith(f"{prefix}/"):
            return [self._request(url)]
        if results_url.startswith("/"):
            joined = self._sender.url(results_url)
            return [self._request(joined), self._request(url)]
        return [self._request(url), canonical]

    def _request(self, url: httpx.URL) -> ApiRequest:
        return ApiRequest(method="GET", url=url, accept="application/binary", may_leave=True)

    async def _stream(self, request: ApiRequest, resume: ResumePoint | None) -> ResultsStream:
        """Return the stream of one place, resumed where the server proves that the rest fits."""
        start = 0
        response = await self._resumed(request, resume) if resume and resume.offset else None
        if response is None:
            response = await self._sender.open(request)
        elif response.status == 206 and resume:
            start = resume.offset
        try:
            _check_head(response, is_partial_fine=start > 0)
        except ApiError as error:
            await response.aclose(error.message)
            raise
        return ResultsStream(
            response, account=self._sender.account, start=start, notice=_notice(response)
        )

    async def _resumed(self, request: ApiRequest, resume: ResumePoint) -> StreamingResponse | None:
        """Return the rest of the file, or all of it, or None where only asking again helps."""
        asking = msgspec.structs.replace(request, headers=resume.headers)
        try:
            response = await self._sender.open(asking)
        except StatusError as error:
            if error.status == 416:
                return None
            raise
        if response.status != 206 or resume.is_proven_by(response.headers):
            return response
        await response.aclose("not the rest of what is here")
        return None

    def _explained(self, error: StatusError, request: ApiRequest) -> ApiError:
        """Return a refusal in terms of results."""
        if request.is_foreign and error.status is not None and error.status < 500:
            return ResultsUnavailable(
                f"{request.host}, where the results are said to be, refused: {error.message}",
                hint="Such links run out: refresh the batch for a new one, then try again.",
                **error.facts,
            )
        if isinstance(error, BadRequest | NotFound) and error.status in _GONE:
            return ResultsUnavailable(
                f"The server no longer has these results: {error.message}",
                hint="They are kept for 29 days from the batch's creation. " + error.hint,
                **error.facts,
            )
        return error


def _check_head(response: StreamingResponse, *, is_partial_fine: bool) -> None:
    check_encoding(response)
    status = response.status
    if status != 200 and not (status == 206 and is_partial_fine):
        raise UnexpectedAnswer(
            f"{response.request.host} answered {status} where the results should have been.",
            status=status,
            method=response.request.method,
            path=response.request.path,
        )


def _notice(response: StreamingResponse) -> str:
    if not response.request.is_foreign:
        return ""
    where = f"{response.request.url.scheme}://{response.request.host}"
    return f"The results came from {where}, another host than the API's: fetched without the key."


def _without_url(batch: MessageBatch) -> ResultsUnavailable:
    if batch.archived_at is not None:
        return ResultsUnavailable(
            "The results are archived: the server no longer has them.",
            hint="They are kept for 29 days from the batch's creation.",
        )
    if batch.is_live:
        return ResultsUnavailable(
            "There are no results before the batch has ended.", hint="Wait for its end."
        )
    return ResultsUnavailable(
        "The batch has ended, but the server names no results yet.",
        hint="Refresh it and try again in a moment.",
    )
