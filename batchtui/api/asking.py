"""Asking until there is an answer: repetition, redirects, and refusals as errors."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import httpx
import msgspec

from batchtui.api.answers import Answer, disguised_error, error_of
from batchtui.api.errors import ApiError
from batchtui.api.exchange import Exchanger, OpenAnswer
from batchtui.api.question import Question
from batchtui.api.retry import decide
from batchtui.clock import Clock

Result = TypeVar("Result")

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS: Final = 5


class Asker:
    """Asks on behalf of the calls that may be repeated, and once for the one that may not.

    Args:
        exchanger: Sends.
        clock: Waits.
        random: 0 to 1, spreads the waits.
    """

    def __init__(self, exchanger: Exchanger, clock: Clock, random: Callable[[], float]) -> None:
        self._exchanger = exchanger
        self._clock = clock
        self._random = random

    async def ask(self, question: Question) -> Answer:
        """The whole answer, repeating where that may help.

        Raises:
            ApiError: The last attempt's, with those before it in `earlier`.
        """

        async def once(attempt: int) -> Answer:
            return await self._read(await self._open(question, attempt))

        return await self._repeat(once)

    async def ask_once(self, question: Question) -> Answer:
        """The whole answer to a single attempt.

        Raises:
            ApiError: What that attempt gave.
        """
        return await self._read(await self._open(question, 1))

    async def open(self, question: Question) -> OpenAnswer:
        """The head of a successful answer, repeating where that may help.

        Raises:
            ApiError: The last attempt's, with those before it in `earlier`.
        """

        async def once(attempt: int) -> OpenAnswer:
            return await self._open(question, attempt)

        return await self._repeat(once)

    async def _repeat(self, once: Callable[[int], Awaitable[Result]]) -> Result:
        failures: list[ApiError] = []
        while True:
            attempt = len(failures) + 1
            try:
                return await once(attempt)
            except ApiError as error:
                wait = decide(attempt, error, jitter=self._random())
                if wait is None:
                    error.earlier = tuple(failures)
                    raise
                failures.append(error)
            await self._clock.sleep(wait)

    async def _read(self, answer: OpenAnswer) -> Answer:
        whole = await answer.read()
        error = disguised_error(whole, self._exchanger.account)
        if error is not None:
            raise error
        return whole

    async def _open(self, question: Question, attempt: int) -> OpenAnswer:
        for _ in range(_MOST_REDIRECTS):
            answer = await self._exchanger.open(question, attempt)
            if answer.response.status_code < 300:
                return answer
            following = self._following(question, answer.response)
            whole = await answer.read()
            if following is None:
                break
            question = following
        raise error_of(whole, self._exchanger.account)

    def _following(self, question: Question, response: httpx.Response) -> Question | None:
        """Where a redirect leads, if it may be followed there.

        Only GETs are; to another origin only where the question allows it, and then for good
        without a key, even if the next redirect leads back.
        """
        location = response.headers.get("location", "")
        if question.method != "GET" or response.status_code not in _REDIRECTS or not location:
            return None
        try:
            url = question.url.join(location).copy_with(fragment=None)
        except httpx.InvalidURL:
            return None
        if url.scheme not in {"http", "https"} or not url.host:
            return None
        if question.is_foreign or self._exchanger.is_home(url):
            return msgspec.structs.replace(question, url=url)
        if not question.may_leave:
            return None
        return msgspec.structs.replace(question, url=url, role="foreign")
