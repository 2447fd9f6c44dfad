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
from batchtui.api.asking import Asker
from batchtui.api.connection import Connection
from batchtui.api.errors import (
    ApiError,
    BadRequest,
    NotFound,
    ResultsUnavailable,
    StatusError,
    UnexpectedAnswer,
)
from batchtui.api.exchange import Exchanger, OpenAnswer
from batchtui.api.models import MessageBatch
from batchtui.api.question import Question
from batchtui.api.results import ResultsStream, ResumePoint, check_encoding

_NO_SUCH_PATH: Final = frozenset({404, 405, 501})
_GONE: Final = frozenset({400, 404, 410})


class ResultsFetcher:
    """Opens results streams of one connection."""

    def __init__(self, connection: Connection, exchanger: Exchanger, asker: Asker) -> None:
        self._connection = connection
        self._exchanger = exchanger
        self._asker = asker

    async def open(self, batch: MessageBatch, resume: ResumePoint | None) -> ResultsStream:
        """The stream of a batch's results.

        Raises:
            ResultsUnavailable: If there are none (yet, any more), or the link is dead.
            ApiError: If they cannot be fetched now.
        """
        if batch.results_url is None:
            raise _without_url(batch)
        questions = self._questions(batch, batch.results_url)
        for question in questions[:-1]:
            try:
                return await self._stream(question, resume)
            except StatusError as error:
                if error.status not in _NO_SUCH_PATH:
                    raise self._explained(error, question) from error
        try:
            return await self._stream(questions[-1], resume)
        except StatusError as error:
            raise self._explained(error, questions[-1]) from error

    def _questions(self, batch: MessageBatch, results_url: str) -> list[Question]:
        """What to ask, in this order, until something exists."""
        base = httpx.URL(self._connection.base_url + "/")
        canonical = self._question(
            self._exchanger.url(paths.batch(batch.id, "results", beta=False))
        )
        try:
            url = base.join(results_url).copy_with(fragment=None)
        except httpx.InvalidURL:
            return [canonical]
        if url.scheme not in {"http", "https"} or not url.host:
            return [canonical]
        if not self._exchanger.is_home(url):
            return [canonical, msgspec.structs.replace(self._question(url), role="foreign")]
        prefix = self._connection.prefix
        if url.path.startswith(f"{prefix}/"):
            return [self._question(url)]
        if results_url.startswith("/"):
            joined = self._exchanger.url(results_url)
            return [self._question(joined), self._question(url)]
        return [self._question(url), canonical]

    def _question(self, url: httpx.URL) -> Question:
        return Question(method="GET", url=url, accept="application/binary", may_leave=True)

    async def _stream(self, question: Question, resume: ResumePoint | None) -> ResultsStream:
        """The stream of one place, resumed where the server proves that the rest fits."""
        start = 0
        answer = await self._resumed(question, resume) if resume and resume.offset else None
        if answer is None:
            answer = await self._asker.open(question)
        elif answer.response.status_code == 206 and resume:
            start = resume.offset
        try:
            _check_head(answer, is_partial_fine=start > 0)
        except ApiError as error:
            await answer.aclose(error.message)
            raise
        return ResultsStream(
            answer, account=self._exchanger.account, start=start, notice=_notice(answer)
        )

    async def _resumed(self, question: Question, resume: ResumePoint) -> OpenAnswer | None:
        """The rest of the file, or the whole of it, or None where only asking anew helps."""
        asking = msgspec.structs.replace(question, headers=resume.headers)
        try:
            answer = await self._asker.open(asking)
        except StatusError as error:
            if error.status == 416:
                return None
            raise
        response = answer.response
        if response.status_code != 206 or resume.is_proven_by(206, response.headers):
            return answer
        await answer.aclose("not the rest of what is here")
        return None

    def _explained(self, error: StatusError, question: Question) -> ApiError:
        """A refusal in terms of results."""
        if question.is_foreign and error.status is not None and error.status < 500:
            return ResultsUnavailable(
                f"{question.host}, where the results are said to be, refused: {error.message}",
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


def _check_head(answer: OpenAnswer, *, is_partial_fine: bool) -> None:
    check_encoding(answer)
    status = answer.response.status_code
    if status != 200 and not (status == 206 and is_partial_fine):
        raise UnexpectedAnswer(
            f"{answer.question.host} answered {status} where the results should have been.",
            status=status,
            method=answer.question.method,
            path=answer.question.path,
        )


def _notice(answer: OpenAnswer) -> str:
    if not answer.question.is_foreign:
        return ""
    where = f"{answer.question.url.scheme}://{answer.question.host}"
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
