"""In the app: rows that a later try has are shown as such, and are not chosen at first."""

from pathlib import Path

from textual.pilot import Pilot

from batchtui.simulator.failures import FailureMix
from batchtui.simulator.world import World
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.messages import ResendWanted
from batchtui.tui.screens.submission.retry_screen import RetryScreen
from tests.tui.submission.making import created, list_screen, make_app
from tests.tui.submission.test_trying_again import finish_all, send_again
from tests.tui.support import (
    WIDE,
    WorldTime,
    agree,
    make_world,
    screen_text,
    wait_for_text,
    wait_until,
)

WORTH_IT = 203
"""Rows of the batch that are worth sending again as they are."""


async def press_retry(pilot: Pilot[int], app: BatchtuiApp, batch_id: str) -> None:
    screen = list_screen(app)
    screen.updates.browse(screen.listing.select(batch_id))
    await pilot.press("R")


async def on_retry_screen(pilot: Pilot[int], app: BatchtuiApp) -> RetryScreen:
    await wait_until(pilot, lambda: isinstance(app.screen, RetryScreen))
    await wait_for_text(pilot, "Source")
    assert isinstance(app.screen, RetryScreen)
    return app.screen


def let_half_fail(world: World) -> None:
    world.behavior.failures = FailureMix({"overloaded": 0.5}, once=False)


async def test_rows_under_way_and_then_answered_are_not_chosen(tmp_path: Path) -> None:
    time = WorldTime()
    world = make_world("demo", time)
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        batch_id, _ = await send_again(pilot, app, tmp_path)
        await press_retry(pilot, app, batch_id)
        await on_retry_screen(pilot, app)
        assert "under way in a later try" in screen_text(app)
        assert "203 are left to a later try" in screen_text(app)
        assert "0 of 398 rows will go" in screen_text(app)
        await pilot.press("escape")
        await finish_all(app, time, pilot)
        await press_retry(pilot, app, batch_id)
        screen = await on_retry_screen(pilot, app)
        assert "answered in a later try" in screen_text(app)
        assert "0 of 398 rows will go" in screen_text(app)
        state = screen.state
        assert state is not None
        assert sum(len(one.rows) for one in state.groups if one.later) == WORTH_IT
        place = next(at for at, one in enumerate(state.groups) if one.later)
        await pilot.press(*["down"] * place, "space")
        await wait_for_text(pilot, f"{len(state.groups[place].rows)} of 398 rows will go")
        assert "Answered in nightly again." in screen_text(app)
        assert created(world) == 1


async def test_what_a_try_answered_is_read_in_its_results(tmp_path: Path) -> None:
    time = WorldTime()
    world = make_world("demo", time)
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        let_half_fail(world)
        batch_id, again = await send_again(pilot, app, tmp_path)
        await finish_all(app, time, pilot)
        await press_retry(pilot, app, batch_id)
        await wait_for_text(pilot, "Which rows nightly again answered already")
        await pilot.press("escape")
        screen = await on_retry_screen(pilot, app)
        assert "perhaps answered already" in screen_text(app)
        assert "0 of 398 rows will go" in screen_text(app)
        await pilot.press("escape")
        await press_retry(pilot, app, batch_id)
        await wait_for_text(pilot, "Which rows nightly again answered already")
        await agree(pilot)
        screen = await on_retry_screen(pilot, app)
        assert app.session is not None
        stored = app.session.store.stored(again)
        assert stored is not None
        failed = stored.counts["errored"]
        assert 0 < failed < WORTH_IT
        assert f"{failed} of 398 rows will go" in screen_text(app)
        state = screen.state
        assert state is not None
        assert sum(len(one.rows) for one in state.groups if one.later) == WORTH_IT - failed


async def test_marked_rows_that_are_answered_are_said_and_not_chosen(tmp_path: Path) -> None:
    time = WorldTime()
    world = make_world("demo", time)
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        batch_id, again = await send_again(pilot, app, tmp_path)
        await finish_all(app, time, pilot)
        screen = list_screen(app)
        sent = world.received(again)
        ids = tuple(str(one["custom_id"]) for one in sent if isinstance(one, dict))[:5]
        screen.post_message(ResendWanted(screen.listing.cache.batches[batch_id], ids, "5 marked"))
        await on_retry_screen(pilot, app)
        assert "0 of 5 rows will go" in screen_text(app)
        assert "answered in a later try" in screen_text(app)
