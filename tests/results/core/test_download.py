"""What is complete, what is not and why, and what is left on the disk in each case."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

import pytest

from batchtui.api.errors import ApiError, ConnectionFailed, ResultsUnavailable, ServerError
from batchtui.library.store import ResultsStore
from batchtui.results.download import Download
from batchtui.results.outcome import Busy, Incomplete, Verified
from batchtui.results.progress import DownloadProgress
from batchtui.results.reader import RowReader
from tests.batches.fakes import FastClock
from tests.results.core.making import errored, other, small_files, succeeded
from tests.results.core.scripted import ScriptedSource, ended_batch

LINES = [
    errored(f"id-{n}") if n % 9 == 0 else succeeded(f"id-{n}", "text " * (n % 90))
    for n in range(300)
]
DATA = b"".join(line + b"\n" for line in LINES)
BATCH = ended_batch(len(LINES))
CUT = ConnectionFailed("the connection was cut", cause="protocol", hint="try again")


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    return ResultsStore(tmp_path / "results")


def files(store: ResultsStore) -> set[str]:
    return {path.name for path in store.root.iterdir() if path.is_file()}


async def run(source: ScriptedSource, store: ResultsStore, rows: int = 300) -> object:
    return await Download(source, ended_batch(rows), store).run()


async def run_broken(source: ScriptedSource, store: ResultsStore, rows: int = 300) -> Incomplete:
    outcome = await run(source, store, rows)
    assert isinstance(outcome, Incomplete)
    assert store.stored(BATCH.id) is None
    return outcome


async def run_whole(source: ScriptedSource, store: ResultsStore, rows: int = 300) -> Verified:
    outcome = await run(source, store, rows)
    assert isinstance(outcome, Verified)
    assert outcome.results.path.read_bytes() == source.data
    assert files(store) == {f"{BATCH.id}.jsonl", f"{BATCH.id}.json"}
    return outcome


@pytest.mark.parametrize("piece", [7, 1_000, 1_000_000])
async def test_a_whole_stream_is_verified_and_recorded(store: ResultsStore, piece: int) -> None:
    source = ScriptedSource(DATA, piece=piece, length=len(DATA))
    seen: list[DownloadProgress] = []
    download = Download(source, BATCH, store, on_progress=seen.append)
    outcome = await download.run()
    assert isinstance(outcome, Verified)
    results = outcome.results
    assert results.path.read_bytes() == DATA
    assert results.sha256 == hashlib.sha256(DATA).hexdigest()
    assert (results.size, results.rows, results.request_id) == (len(DATA), 300, "req_42")
    assert results.counts == {"succeeded": 266, "errored": 34}
    assert outcome.remarks == ()
    assert store.stored(BATCH.id) == results
    assert len(download.index) == 300
    assert download.path == results.path
    assert (seen[-1].rows, seen[-1].bytes, seen[-1].expected_bytes) == (300, len(DATA), len(DATA))
    assert source.closed == 1


async def test_what_is_here_needs_no_network(store: ResultsStore) -> None:
    first = await run_whole(ScriptedSource(DATA), store)
    source = ScriptedSource(b"other", refuses=CUT)
    second = await run(source, store)
    assert second == first
    assert source.asked == []


async def test_rows_can_be_read_while_they_arrive(store: ResultsStore) -> None:
    counts: list[int] = []

    def read_all(progress: DownloadProgress) -> None:
        with RowReader(download.path, download.index) as reader:
            assert [reader.raw(row) for row in range(progress.rows)] == LINES[: progress.rows]
        counts.append(progress.rows)
        told.set()

    async def pause(_sent: int) -> AsyncGenerator[None, None]:
        clock.advance(0.2)
        told.clear()
        await told.wait()
        yield

    clock, told = FastClock(), asyncio.Event()
    source = ScriptedSource(DATA, piece=len(DATA) // 30, on_piece=pause)
    download = Download(source, BATCH, store, on_progress=read_all, clock=clock)
    assert isinstance(await download.run(), Verified)
    assert counts == sorted(counts)
    assert len(set(counts)) > 20


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (CUT, "network"),
        (ConnectionFailed("no byte for 60 s", cause="stalled"), "stalled"),
        (ServerError("boom", status=500), "refused"),
    ],
)
async def test_a_stream_that_breaks_keeps_what_came(
    store: ResultsStore, error: ApiError, kind: str
) -> None:
    at = DATA.index(LINES[200]) + 10
    source = ScriptedSource(DATA, error=error, fail_at=at, validator='"v1"')
    download = Download(source, BATCH, store)
    outcome = await download.run()
    assert isinstance(outcome, Incomplete)
    assert (outcome.kind, outcome.reason, outcome.hint) == (kind, error.message, error.hint)
    assert outcome.error is error
    assert outcome.can_resume
    part = outcome.partial
    assert part is not None
    assert (part.rows, part.size, part.reason) == (200, at, error.message)
    assert part.path.read_bytes() == DATA[:at]
    with RowReader(part.path, download.index) as reader:
        assert [reader.raw(row) for row in range(200)] == LINES[:200]
    assert store.stored(BATCH.id) is None
    assert store.partial(BATCH.id) == part


@pytest.mark.parametrize(
    "error", [ResultsUnavailable("archived", status=404), ServerError("boom", status=500)]
)
async def test_a_refusal_leaves_nothing(store: ResultsStore, error: ApiError) -> None:
    outcome = await run_broken(ScriptedSource(DATA, refuses=error), store)
    assert outcome.kind == ("unavailable" if isinstance(error, ResultsUnavailable) else "refused")
    assert outcome.partial is None
    assert not outcome.can_resume
    assert files(store) == set()


@pytest.mark.parametrize(
    ("data", "rows", "reason"),
    [
        (b"\n".join(LINES[:299]) + b"\n", 300, "299 of 300 rows came"),
        (b"\n".join(LINES)[:-10], 300, "the last line is torn"),
        (b"\n".join([*LINES[:299], b'{"foo":1}']), 300, "1 line is no result"),
        (b"\n".join([*LINES[:9], b'{"foo":1}']), 300, "10 of 300 rows came"),
        (b"", 300, "0 of 300 rows came"),
        (DATA + LINES[0] + b"\n", 300, "301 rows came, more than the batch's 300"),
        (DATA, 0, "tells no counts"),
    ],
)
async def test_a_clean_end_alone_proves_nothing(
    store: ResultsStore, data: bytes, rows: int, reason: str
) -> None:
    outcome = await run_broken(ScriptedSource(data), store, rows)
    assert outcome.kind == "count"
    assert reason in outcome.reason
    assert outcome.reason.endswith("Request id: req_42.")
    assert not outcome.can_resume


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n", b"\n\n"])
async def test_a_last_line_without_its_end_is_fine(store: ResultsStore, ending: bytes) -> None:
    await run_whole(ScriptedSource(b"\r\n".join(LINES) + ending), store)


async def test_a_batch_without_requests_has_complete_results(store: ResultsStore) -> None:
    await run_whole(ScriptedSource(b""), store, rows=0)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([succeeded("a"), other("b", "postponed"), b"{broken"], "1 line is no result"),
        ([succeeded("a"), b'{"custom_id":"b"}', b"x"], "2 lines are no result"),
        ([succeeded("a"), succeeded("b"), succeeded("a")], "1 row has an id that came before"),
    ],
)
async def test_as_many_lines_as_requests_prove_nothing(
    store: ResultsStore, lines: list[bytes], reason: str
) -> None:
    source = ScriptedSource(b"\n".join(lines) + b"\n", validator='"v1"')
    outcome = await run_broken(source, store, rows=3)
    assert outcome.kind == "count"
    assert reason in outcome.reason
    assert not outcome.can_resume
    honest = [succeeded("a"), succeeded("b"), other("c", "postponed")]
    source = ScriptedSource(b"\n".join(honest) + b"\n", validator='"v1"')
    whole = Download(source, ended_batch(3), store)
    assert isinstance(await whole.run(), Verified)
    assert source.asked == [None]


@pytest.mark.parametrize("unasked", [0, 1, 2])
async def test_rows_that_nobody_asked_for_prove_nothing(store: ResultsStore, unasked: int) -> None:
    seen: list[str] = []

    def count(custom_ids: Iterable[str]) -> int:
        seen.extend(custom_ids)
        return unasked

    source = ScriptedSource(b"\n".join([succeeded("a"), succeeded("b")]), validator='"v1"')
    outcome = await Download(source, ended_batch(2), store, count_unasked=count).run()
    assert seen == ["a", "b"]
    assert isinstance(outcome, Incomplete if unasked else Verified)
    if isinstance(outcome, Incomplete):
        assert (outcome.kind, outcome.can_resume) == ("count", False)
        assert "not in the batch's request file" in outcome.reason
        assert "batchtui attach" in outcome.hint
        assert outcome.partial is not None
        assert outcome.partial.rows == 2


async def test_one_proof_for_two_files_is_found_out(store: ResultsStore) -> None:
    at = DATA.index(LINES[200]) + 10
    await run_broken(ScriptedSource(DATA, error=CUT, fail_at=at, validator='"v1"'), store)
    changed = [line.replace(b"end_turn", b"max_tokens") for line in LINES]
    assert changed != LINES
    source = ScriptedSource(b"\n".join(changed) + b"\n", validator='"v1"')
    outcome = await run(source, store)
    assert isinstance(outcome, Verified)
    assert outcome.results.path.read_bytes() == b"\n".join(changed) + b"\n"
    assert [point is None for point in source.asked] == [False, True]


async def test_resuming_asks_for_the_rest_only(store: ResultsStore) -> None:
    whole_lines = DATA.index(LINES[180])  # some come again, to be compared
    cut = DATA.index(LINES[200]) + 10
    source = ScriptedSource(DATA, error=CUT, fail_at=cut, validator='"v1"')
    await run_broken(source, store)
    source.error = source.fail_at = None
    seen: list[DownloadProgress] = []
    download = Download(source, BATCH, store, on_progress=seen.append)
    outcome = await download.run()
    assert isinstance(outcome, Verified)
    assert outcome.results.path.read_bytes() == DATA
    assert outcome.results.sha256 == hashlib.sha256(DATA).hexdigest()
    assert source.asked[1] is not None
    assert whole_lines < source.asked[1].offset < cut
    assert DATA[source.asked[1].offset - 1 :].startswith(b"\n")
    assert seen[0].bytes >= source.asked[1].offset
    assert len(download.index) == 300
    assert download.index.duplicate_rows == 0


@pytest.mark.parametrize("change", ["no proof", "another file", "no validator"])
async def test_without_proof_a_fresh_copy_is_made_beside_the_old(
    store: ResultsStore, change: str
) -> None:
    at = DATA.index(LINES[200]) + 10
    first = None if change == "no validator" else '"v1"'
    await run_broken(ScriptedSource(DATA, error=CUT, fail_at=at, validator=first), store)
    reversed_data = b"".join(line + b"\n" for line in reversed(LINES))
    old: list[bytes] = []

    async def look(_sent: int) -> AsyncGenerator[None, None]:
        old.append(store.part_path(BATCH.id).read_bytes())
        yield

    source = ScriptedSource(
        reversed_data,
        validator='"v2"' if change == "another file" else '"v1"',
        proves_ranges=change == "another file",
        on_piece=look,
    )
    await run_whole(source, store)
    assert set(old) == {DATA[:at]}
    assert (source.asked == [None]) == (change == "no validator")


@pytest.mark.parametrize(("second", "kept"), [(150, 200), (250, 250)])
async def test_of_two_broken_tries_the_longer_is_kept(
    store: ResultsStore, second: int, kept: int
) -> None:
    for rows in (200, second):
        at = DATA.index(LINES[rows])
        outcome = await run_broken(ScriptedSource(DATA, error=CUT, fail_at=at), store)
    assert outcome.partial is not None
    assert outcome.partial.rows == kept
    assert outcome.partial.path.read_bytes() == DATA[: DATA.index(LINES[kept])]
    assert files(store) == {f"{BATCH.id}.jsonl.part", f"{BATCH.id}.part.json"}


async def test_leaving_closes_the_stream_and_keeps_the_part(store: ResultsStore) -> None:
    reached = asyncio.Event()

    async def wait(sent: int) -> AsyncGenerator[None, None]:
        if sent > len(DATA) // 2:
            reached.set()
            await asyncio.Event().wait()
        yield

    source = ScriptedSource(DATA, on_piece=wait, validator='"v1"')
    task = asyncio.create_task(Download(source, BATCH, store).run())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert source.closed == 1
    part = store.partial(BATCH.id)
    assert part is not None
    assert part.size > len(DATA) // 2
    assert part.reason == "stopped before the end"
    assert part.path.read_bytes() == DATA[: part.size]
    source.on_piece = None
    await run_whole(source, store)


async def test_a_second_download_is_told_that_it_is_busy(store: ResultsStore) -> None:
    outcomes: list[object] = []

    async def try_again(_sent: int) -> AsyncGenerator[None, None]:
        if not outcomes:
            outcomes.append(await run(ScriptedSource(b"other"), store))
        yield

    await run_whole(ScriptedSource(DATA, on_piece=try_again), store)
    assert [type(outcome) for outcome in outcomes] == [Busy]


async def test_a_disk_that_refuses_is_named_and_the_part_kept(store: ResultsStore) -> None:
    with small_files(20_000):
        source = ScriptedSource(DATA, validator='"v1"')
        outcome = await run_broken(source, store)
    assert outcome.kind == "disk"
    assert "cannot write" in outcome.reason
    assert outcome.partial is not None
    assert outcome.partial.size == 20_000
    assert source.closed == 1
    await run_whole(source, store)


async def test_a_disk_known_to_be_too_small_is_told_at_once(store: ResultsStore) -> None:
    source = ScriptedSource(DATA, length=10**18)
    outcome = await run_broken(source, store)
    assert outcome.kind == "disk"
    assert "free" in outcome.reason
    assert outcome.partial is None
    assert files(store) == set()


async def test_a_place_that_cannot_be_written_is_an_outcome(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    outcome = await run(ScriptedSource(DATA), ResultsStore(tmp_path / "file"))
    assert isinstance(outcome, Incomplete)
    assert outcome.kind == "disk"
