"""The record of one attempt while it is under way."""

from collections.abc import Callable

import httpx

from batchtui.api.answers import request_id_of
from batchtui.api.connection import Call
from batchtui.api.question import Question
from batchtui.clock import Clock


class Record:
    """A call being made, to become a `Call`."""

    def __init__(
        self,
        question: Question,
        attempt: int,
        clock: Clock,
        on_call: Callable[[Call], None] | None,
        headers: tuple[tuple[str, str], ...],
    ) -> None:
        self._question = question
        self._attempt = attempt
        self._clock = clock
        self._on_call = on_call
        self._headers = headers
        self._started = clock.monotonic()
        self.started_at = clock.now()
        self.received = 0

    def close(self, error: str, response: httpx.Response | None = None) -> None:
        """Tell the listener."""
        if self._on_call is None:
            return
        question = self._question
        url = question.url
        call = Call(
            method=question.method,
            path=question.path,
            started_at=self.started_at,
            seconds=self._clock.monotonic() - self._started,
            attempt=self._attempt,
            status=response.status_code if response is not None else None,
            request_id=request_id_of(response.headers) if response is not None else None,
            bytes_sent=question.upload.sent if question.upload else 0,
            bytes_received=self.received,
            error=error,
            origin=f"{url.scheme}://{question.host}" if question.is_foreign else "",
            headers=self._headers,
        )
        self._on_call(call)
