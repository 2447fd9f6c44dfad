"""Having results here: what is taken up again, what is waited for, and what is said."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from batchtui.api.errors import ApiError, ConnectionFailed, ServerError
from batchtui.api.models import MessageBatch
from batchtui.api.results_stream import ResumePoint
from batchtui.library.store import PartialResults, ResultsStore
from batchtui.results.obtain import describe_incomplete, obtain
from batchtui.results.outcome import Busy, Incomplete, Verified
from tests.batches.fakes import FastClock
from tests.results.core.making import succeeded
from tests.results.core.scripted import ScriptedSource, ScriptedStream, ended_batch

DATA = b"".join(succeeded(f"id-{n}") + b"\n" for n in range(300))
BATCH = ended_batch(300)


def cut() -> ConnectionFailed:
    return ConnectionFailed("The connection was cut.", cause="protocol", hint="Try again.")


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    return ResultsStore(tmp_path / "results")


@dataclass
class BrokenSource(ScriptedSource):
    """Breaks each stream after ``step`` bytes more than the one before, ``breaks`` times."""

    step: int = 5_000
    breaks: int = 2
    reason: ApiError | None = None

    def results(
        self, batch: MessageBatch, *, resume: ResumePoint | None = None
    ) -> AbstractAsyncContextManager[ScriptedStream]:
        is_broken = len(self.asked) < self.breaks
        self.fail_at = 2_000 + len(self.asked) * self.step if is_broken else None
        self.error = (self.reason or cut()) if is_broken else None
        return super().results(batch, resume=resume)


async def test_what_breaks_off_is_taken_up_again(store: ResultsStore) -> None:
    source = BrokenSource(DATA, validator='"same"')
    outcome = await obtain(source, BATCH, store)
    assert isinstance(outcome, Verified)
    assert outcome.results.path.read_bytes() == DATA
    assert len(source.asked) == 3
    assert source.asked[0] is None
    assert source.asked[2] is not None


@pytest.mark.parametrize(
    ("source", "tries"),
    [
        (BrokenSource(DATA, validator='"same"', breaks=9), 3),
        (BrokenSource(DATA, validator='"same"', breaks=9, step=0), 2),
        (BrokenSource(DATA, breaks=9, reason=ServerError("It failed.", status=500)), 1),
    ],
    ids=["it breaks off again and again", "it gets no further", "the server refuses"],
)
async def test_it_is_given_up(store: ResultsStore, source: BrokenSource, tries: int) -> None:
    outcome = await obtain(source, BATCH, store)
    assert isinstance(outcome, Incomplete)
    assert len(source.asked) == tries


async def test_another_download_is_waited_for_where_asked(store: ResultsStore) -> None:
    lock = store.lock(BATCH.id)
    assert lock.acquire()
    source = ScriptedSource(DATA)
    assert isinstance(await obtain(source, BATCH, store), Busy)
    waits = 0

    async def wait(_partial: PartialResults | None) -> None:
        nonlocal waits
        waits += 1
        if waits == 3:
            lock.release()

    clock = FastClock()
    outcome = await obtain(source, BATCH, store, clock=clock, on_waiting=wait)
    assert isinstance(outcome, Verified)
    assert (waits, clock.steady) == (3, 1003.0)


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        (None, ""),
        (PartialResults(batch_id="b", rows=0, expected_rows=9), ""),
        (
            PartialResults(batch_id="b", rows=3, expected_rows=9, validator='"v"'),
            " 3 of 9 rows are kept; the next try goes on from there.",
        ),
        (
            PartialResults(batch_id="b", rows=3, expected_rows=9),
            " 3 of 9 rows are kept until a whole copy is here.",
        ),
        (
            PartialResults(batch_id="b", rows=1, expected_rows=9),
            " 1 of 9 rows is kept until a whole copy is here.",
        ),
        (
            PartialResults(batch_id="b", rows=3, expected_rows=2),
            " 3 rows are kept until a whole copy is here.",
        ),
    ],
)
def test_what_is_kept_is_said_and_never_more_than_there_is(
    part: PartialResults | None, kept: str
) -> None:
    outcome = Incomplete("network", "it broke off.", partial=part)
    assert describe_incomplete(outcome) == f"The results are not complete: it broke off.{kept}"
