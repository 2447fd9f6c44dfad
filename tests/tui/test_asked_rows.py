"""Results that are not those of the batch's requests: never verified, whichever way they came."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from batchtui.api.models import MessageBatch
from batchtui.simulator.work import LiteralWork
from batchtui.submission.source import RequestSource
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands import batches as commands
from batchtui.tui.messages import ResultsWanted
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.compare.runs import BatchRun, RunUnavailable
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.source import Phase
from tests.results.core.making import errored, succeeded
from tests.submission.making import lines, request, write
from tests.tui.support import (
    WIDE,
    agree,
    make_app,
    make_world,
    notice_text,
    screen_text,
    wait_for_text,
    wait_until,
)

Way = Callable[[Pilot[int], BatchtuiApp, MessageBatch], Awaitable[str]]
"""Has the results of a batch brought here, and returns what is said of it."""
WORDS = "1 row has an id that is not in the batch's request file"


async def by_results_screen(pilot: Pilot[int], app: BatchtuiApp, batch: MessageBatch) -> str:
    app.screen.post_message(ResultsWanted(batch))
    await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))
    screen = app.screen
    assert isinstance(screen, ResultsScreen)
    ends = {Phase.READY, Phase.BROKEN}
    await wait_until(pilot, lambda: screen.source.status.phase in ends)
    status = screen.source.status
    if not status.is_verified:
        await wait_for_text(pilot, "not complete")
        assert "batchtui attach" in status.hint
    await wait_until(pilot, lambda: len(screen.browser.state.rows) == 3, "what came, to be read")
    return status.problem


async def in_the_background(pilot: Pilot[int], app: BatchtuiApp, batch: MessageBatch) -> str:
    screen = app.screen
    assert isinstance(screen, BatchesScreen)
    await screen.run_command(commands.DownloadResults)
    await wait_until(
        pilot, lambda: "not complete" in notice_text(app) or "saved" in notice_text(app)
    )
    return notice_text(app)


async def for_a_retry(pilot: Pilot[int], app: BatchtuiApp, batch: MessageBatch) -> str:
    await pilot.press("R")
    await wait_for_text(pilot, "Download the results first?")
    await agree(pilot)
    ends = ("not complete", "Attach source", "Send again")
    await wait_until(pilot, lambda: any(one in notice_text(app) + screen_text(app) for one in ends))
    return notice_text(app)


async def for_a_comparison(pilot: Pilot[int], app: BatchtuiApp, batch: MessageBatch) -> str:
    assert app.session is not None
    run = BatchRun(app.session, batch)
    try:
        await run.load(lambda _: None)
    except RunUnavailable as error:
        return error.message
    finally:
        run.close()
    return ""


@pytest.mark.parametrize("is_exchanged", [False, True])
@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize(
    "way", [by_results_screen, in_the_background, for_a_retry, for_a_comparison]
)
async def test_rows_that_nobody_asked_for_are_found_where_the_requests_are_known(
    tmp_path: Path, way: Way, *, is_known: bool, is_exchanged: bool
) -> None:
    rows = [succeeded("r0"), succeeded("x" if is_exchanged else "r1"), errored("r2")]
    world = make_world("empty")
    made = world.add(LiteralWork(b"\n".join(rows) + b"\n", succeeded=2, errored=1))
    world.timeline.skip(made.takes)
    app = make_app(world)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, made.id[-6:])
        session = app.session
        assert session is not None
        if is_known:
            path = write(tmp_path, lines(*map(request, range(3))))
            session.ledger.attach_source(made.id, RequestSource(path).fingerprint)
        said = await way(pilot, app, await session.client.retrieve(made.id))
        is_wrong = is_known and is_exchanged
        assert (WORDS in said) is is_wrong
        assert (session.store.stored(made.id) is None) is is_wrong
