"""What later tries have of rows: who is asked, and what counts where nobody says it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchtui.api.errors import ApiError, NotFound
from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.errors import BatchtuiError
from batchtui.later_tries import LaterTries
from batchtui.library.ledger_values import BatchRecord
from batchtui.library.store import StoredResults
from batchtui.results.index import ResultsIndex
from batchtui.submission.later import Candidates, LaterRows, LaterTry, Standing
from tests.results.core.making import errored, index_lines, succeeded

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
ALL = Candidates(frozenset({"r0", "r1"}))
PARTLY = RequestCounts(succeeded=1, errored=1)
RECORD = BatchRecord("b", "", "", None, ("a",), None, None, WHEN, "", WHEN, WHEN)


@pytest.fixture
def elsewhere() -> LaterTries:
    """A later try, b, whose results are not on this disk."""
    return LaterTries((LaterTry(RECORD),), {})


@pytest.fixture
def here(tmp_path: Path) -> LaterTries:
    """The same with its results on this disk: one row answered, one failed."""
    path = tmp_path / "b.jsonl"
    path.write_bytes(b"\n".join((succeeded("r0"), errored("r1"), b"")))
    stored = StoredResults(batch_id="b", size=1, sha256="", rows=2, counts={}, path=path)
    return LaterTries((LaterTry(RECORD),), {"b": stored})


def answering(counts: RequestCounts) -> MessageBatch:
    return MessageBatch(id="b", processing_status="ended", request_counts=counts)


async def ended(_batch_id: str) -> MessageBatch:
    return answering(PARTLY)


async def missing(_batch_id: str) -> MessageBatch:
    raise NotFound("gone")


async def failing(_batch_id: str) -> MessageBatch:
    raise ApiError("no answer")


async def unread(_stored: StoredResults) -> None:
    """Read nothing."""


async def test_results_on_this_disk_say_it_and_nobody_is_asked(here: LaterTries) -> None:
    (found,) = await here.find(ALL, retrieve=failing)
    assert found == LaterRows("b", Standing.ANSWERED, frozenset({"r0"}))


async def test_without_a_server_only_results_that_can_be_read_count(
    here: LaterTries, elsewhere: LaterTries
) -> None:
    assert await elsewhere.find(ALL) == ()
    assert await here.find(ALL, read=unread) == ()
    (found,) = await here.find(ALL, read=unread, retrieve=ended)
    assert found.standing is Standing.UNCLEAR


async def test_what_the_server_has_no_more_is_not_known(elsewhere: LaterTries) -> None:
    (found,) = await elsewhere.find(ALL, retrieve=missing)
    assert found == LaterRows("b", Standing.UNCLEAR, ALL.ids)


async def test_what_the_server_does_not_answer_is_raised_or_reported(
    elsewhere: LaterTries,
) -> None:
    with pytest.raises(ApiError):
        await elsewhere.find(ALL, retrieve=failing)
    reported: list[BatchtuiError] = []
    (found,) = await elsewhere.find(ALL, retrieve=failing, on_error=reported.append)
    assert found.standing is Standing.UNCLEAR
    assert [one.message for one in reported] == ["no answer"]


async def test_results_come_first_only_where_nothing_else_says_it(elsewhere: LaterTries) -> None:
    fetched: list[str] = []

    async def fetch(batch: MessageBatch) -> ResultsIndex:
        fetched.append(batch.id)
        return index_lines(errored("r0"), succeeded("r1"))

    async def none_answered(_batch_id: str) -> MessageBatch:
        return answering(RequestCounts(errored=2))

    (found,) = await elsewhere.find(ALL, retrieve=ended, fetch=fetch)
    assert found == LaterRows("b", Standing.ANSWERED, frozenset({"r1"}))
    assert await elsewhere.find(ALL, retrieve=none_answered, fetch=fetch) == ()
    assert fetched == ["b"]
