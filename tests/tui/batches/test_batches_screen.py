"""The batch list as a person uses it, over a simulated workspace."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace as structs_replace
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.api.models import MessageBatch
from batchtui.batches.list_query import ListQuery
from batchtui.library.ledger_database import LedgerDatabase, Value
from batchtui.simulator.faults import Fault
from batchtui.simulator.work import LiteralWork
from batchtui.submission.source import RequestSource
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands import batches as commands
from batchtui.tui.screens.batches.gists import GistReader
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.batches.state import (
    BatchListState,
    DetailFacts,
    ListFacts,
    ModelUse,
)
from batchtui.tui.screens.batches.updates import ListUpdates
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    WorldTime,
    agree,
    idle,
    make_app,
    make_setup,
    make_world,
    notice_text,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)


def batches_screen(app: BatchtuiApp) -> BatchesScreen:
    screen = app.screen
    assert isinstance(screen, BatchesScreen)
    return screen


@asynccontextmanager
async def shown_list(app: BatchtuiApp) -> AsyncIterator[tuple[Pilot[int], BatchesScreen]]:
    """The app where the server's batches are shown."""
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "● running")
        yield pilot, batches_screen(app)


def put_cursor_on(screen: BatchesScreen, *, live: bool) -> MessageBatch:
    """Put the cursor on the first batch that is live, or has ended."""
    batch = next(one for one in screen.listing.rows if one.is_live is live)
    screen.updates.browse(screen.listing.select(batch.id))
    return batch


@pytest.mark.parametrize(
    ("size", "where"),
    [
        (WIDE, "default   127.0.0.1:1  wrkspc_"),
        (MEDIUM, "default   127.0.0.1:1  wrkspc_"),
        # there is no room for the server beside how fresh the list is
        (TINY, "default     9 live   updated"),
    ],
)
async def test_the_list_shows_at_every_size(size: tuple[int, int], where: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, "running")
        lines = screen_lines(app)
        assert lines[0].strip().startswith(where)
        assert "Commands" in lines[-1]


async def test_pages_go_forth_and_back_and_say_where_they_are() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of")
        first = screen_lines(app)[3]
        await pilot.press("right_square_bracket")
        await wait_for_text(pilot, "page 2 of")
        assert screen_lines(app)[3] != first
        await pilot.press("left_square_bracket")
        await wait_for_text(pilot, "page 1 of")
        await wait_until(pilot, lambda: screen_lines(app)[3] == first)


async def test_a_live_batch_that_ends_is_seen_without_a_key() -> None:
    time = WorldTime()
    app = make_app(make_world("demo", time))
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        youngest = put_cursor_on(screen, live=True)
        time.move(hours=30)
        await pilot.press("r")
        await wait_until(pilot, lambda: not screen.listing.live)
        assert screen.listing.selected == youngest.id
        assert "took" in screen_text(app)


async def test_the_filter_takes_any_text_as_text() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("slash")
        app.post_message(Paste("[/b] \x1b[31m"))
        await wait_for_text(pilot, r"/ [/b] \x1b[31m")
        await pilot.press("enter")
        await wait_for_text(pilot, "Nothing matches the filter")
        await pilot.press("escape")
        await wait_for_text(pilot, "running")


async def test_an_empty_workspace_says_what_to_do() -> None:
    app = make_app(make_world("empty"))
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "No batches yet")


async def test_a_key_that_is_not_possible_says_why() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        put_cursor_on(batches_screen(app), live=True)
        await pilot.press("enter")
        await wait_for_text(pilot, "Still running: results come when it has ended")


async def test_a_label_is_kept_and_shown() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("l", *"nightly [eval]", "enter")
        await wait_for_text(pilot, "nightly [eval]")
    again = make_app(world)
    async with again.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "nightly [eval]")


async def test_many_batches_page_through() -> None:
    app = make_app(make_world("many"), page_size="1000")
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of 1+")
        for page in range(2, 6):
            await pilot.press("right_square_bracket")
            await wait_for_text(pilot, f"page {page} of {page}")
        screen = batches_screen(app)
        await wait_until(pilot, lambda: len(screen.listing.cache.order) == 5000)
        assert not screen.listing.has_more


async def test_a_page_is_turned_to_although_the_window_grows_meanwhile() -> None:
    world = make_world("many")
    app = make_app(world, page_size="auto")
    async with app.run_test(size=(80, 250)) as pilot:
        await wait_for_text(pilot, "page 1 of 1+")
        listing = batches_screen(app).listing
        world.faults.add(Fault("delay", "list", seconds=0.5, times=None))
        await pilot.press("right_square_bracket")
        await pilot.resize_terminal(80, 300)
        await wait_until(pilot, lambda: batches_screen(app).listing.page_size > listing.page_size)
        world.faults.clear()
        await wait_until(pilot, lambda: batches_screen(app).listing.selected != listing.selected)


async def test_what_was_read_before_a_label_was_set_is_not_shown_after_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        batch_id = screen.listing.selected
        assert batch_id is not None
        services = screen.services
        has_read, may_return = asyncio.Event(), asyncio.Event()
        read = services.known_of
        was_shown: list[bool] = []

        async def read_slowly(
            batch_ids: Iterable[str], loaded: Sequence[MessageBatch], now: datetime
        ) -> tuple[ListFacts, dict[str, str]]:
            found = await read(batch_ids, loaded, now)
            has_read.set()
            await may_return.wait()
            return found

        async def read_later(
            batch_ids: Iterable[str], loaded: Sequence[MessageBatch], now: datetime
        ) -> tuple[ListFacts, dict[str, str]]:
            was_shown.append(early.done())
            return await read(batch_ids, loaded, now)

        monkeypatch.setattr(services, "known_of", read_slowly)
        early = asyncio.create_task(screen.updates.look_up())
        await has_read.wait()
        await services.set_label(batch_id, "mine")
        monkeypatch.setattr(services, "known_of", read_later)
        late = asyncio.create_task(screen.updates.look_up())
        await asyncio.sleep(0)  # it would read now, if it did not wait for the early one
        may_return.set()
        await asyncio.gather(early, late)
        assert was_shown
        assert all(was_shown)
        assert screen.listing.labels[batch_id] == "mine"


async def test_a_permanent_error_stops_and_says_why() -> None:
    world = make_world()
    world.keys = {}
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "stopped: r tries again")
        assert "401" in screen_text(app)
        world.keys = None
        await pilot.press("r")
        await wait_for_text(pilot, "running")


async def test_who_did_not_move_is_at_the_newest_when_the_server_has_answered() -> None:
    world = make_world()
    app = make_app(world)
    async with shown_list(app):
        pass
    for _ in range(40):
        newest = world.add(LiteralWork(b"", succeeded=5)).id
    again = make_app(world)
    async with again.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: newest in batches_screen(again).listing.cache.order)
        listing = batches_screen(again).listing
        assert (listing.page, listing.selected) == (1, newest)
    for _ in range(40):
        world.add(LiteralWork(b"", succeeded=5))
    again = make_app(world)
    async with again.run_test(size=WIDE) as pilot:
        screen = batches_screen(again)
        screen.updates.browse(screen.listing.select(screen.listing.rows[3].id))
        chosen = screen.listing.selected
        await wait_until(pilot, lambda: not screen.state.is_remembered)
        assert screen.listing.selected == chosen, "but who moved stays where they went"


async def test_the_last_list_is_shown_before_the_server_answers() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        first = batches_screen(app).listing.selected
    world.faults.add(Fault(operation="list", times=None))
    again = make_app(world)
    async with again.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "● running")
        assert batches_screen(again).listing.selected == first


async def test_help_and_palette_list_the_live_keys() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("question_mark")
        await wait_for_text(pilot, "Cancel the batch, or all marked ones")
        await pilot.press("escape", "colon")
        await pilot.press(*"show new")
        await wait_for_text(pilot, "not now")


async def test_cancel_asks_first_and_shows_what_came_of_it() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        chosen = put_cursor_on(screen, live=True)
        await pilot.press("c")
        await wait_for_text(pilot, "Cancel this batch?")
        await pilot.press("y", "n", "escape")
        await wait_until(pilot, lambda: app.screen is screen)
        assert chosen.cancel_initiated_at is None
        await pilot.press("c")
        await wait_for_text(pilot, "Cancel this batch?")
        await agree(pilot)
        await wait_for_text(pilot, "◐ canceling")
        assert "cancel" in [seen.path.rsplit("/", 1)[-1] for seen in world.requests]


async def test_delete_warns_of_results_that_were_never_downloaded() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        ended = put_cursor_on(screen, live=False)
        await pilot.press("x")
        await wait_for_text(pilot, "never downloaded")
        await agree(pilot)
        await wait_until(pilot, lambda: not screen.listing.knows(ended.id))
        assert screen.listing.selected is not None


async def test_where_no_results_are_kept_none_are_downloaded_to_stay() -> None:
    world = make_world()
    app = make_app(world, keep_results="false")
    async with shown_list(app) as (pilot, screen):
        put_cursor_on(screen, live=False)
        for key in ("d", "D"):
            await pilot.press(key)
            await wait_for_text(pilot, "keep_results is off: results can be read and exported")
        await pilot.press("x")
        await wait_for_text(pilot, "press Enter to read and export first")
        assert not [seen for seen in world.requests if seen.path.endswith("/results")]


async def test_deleting_a_live_batch_offers_to_cancel_it_once() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        put_cursor_on(batches_screen(app), live=True)
        await pilot.press("x")
        await wait_for_text(pilot, "It is still running")
        await agree(pilot)
        await wait_for_text(pilot, "◐ canceling")
        await pilot.press("x")
        await wait_for_text(pilot, "Still canceling: delete it when it has ended")
        assert not isinstance(app.screen, ConfirmDialog)


async def test_many_marked_batches_get_one_question_and_an_outcome_each() -> None:
    app = make_app(make_world(), page_size="12")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        await pilot.press("asterisk", "x")
        await wait_for_text(pilot, "left out: Still running")
        await agree(pilot)
        await wait_for_text(pilot, "Enter Close")
        assert "done" in screen_text(app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is screen)
        assert not screen.listing.marked
        assert all(batch.is_live for batch in screen.listing.rows[:1])


async def test_a_run_that_failed_is_not_shown_as_information() -> None:
    world = make_world()
    world.faults.add(Fault(operation="delete", status=403))
    app = make_app(world, confirm_delete="false")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        ended = [one.id for one in screen.listing.rows if one.has_ended]
        screen.updates.browse(screen.listing.mark(ended[:3]))
        await pilot.press("x")
        await wait_for_text(pilot, "Enter Close")
        await pilot.press("enter")
        await wait_for_text(pilot, "0 of 3 deleted, 1 failed, 2 not sent")
        assert [notice.severity for notice in app._notifications] == ["error"]


async def test_what_ended_while_the_question_was_open_is_not_canceled() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        live = [one for one in screen.listing.rows if one.is_live and not one.is_canceling][:2]
        screen.updates.browse(screen.listing.mark(one.id for one in live))
        await pilot.press("c")
        await wait_for_text(pilot, "Cancel 2 batches?")
        ended = structs_replace(live[0], processing_status="ended")
        screen.updates.browse(screen.listing.put(ended))
        await agree(pilot)
        await wait_for_text(pilot, "Enter Close")
        sent = [seen.path for seen in world.requests if seen.path.endswith("/cancel")]
        assert [path.split("/")[-2] for path in sent] == [live[1].id]


async def test_read_only_refuses_with_the_reason() -> None:
    app = make_app(make_world(), read_only="true")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        assert "read-only" in screen_lines(app)[0]
        await pilot.press("c")
        await wait_for_text(pilot, "Read-only: the settings or the profile say so")


async def test_a_long_filter_leaves_room_for_the_rest_of_its_line() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        batches_screen(app).panes.find.value = "x" * 500
        await wait_for_text(pilot, "Nothing matches the filter")
        await wait_for_text(pilot, "page 1 of 1")
        await wait_for_text(pilot, "t all")


async def test_a_saved_setting_leaves_the_profile_where_it_came_from() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        before = app.effective.loaded.origins["profile"]
        await pilot.press("comma")
        await wait_for_text(pilot, "Page size")
        await pilot.press("backspace")
        await pilot.press("escape")
        await wait_for_text(pilot, "page 1 of")
        assert app.effective.loaded.origins["profile"] == before


async def test_the_next_key_does_not_break_off_what_was_agreed_to() -> None:
    world = make_world()
    world.faults.add(Fault("delay", "cancel", seconds=0.3))
    app = make_app(world)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        put_cursor_on(batches_screen(app), live=True)
        await pilot.press("c")
        await wait_for_text(pilot, "Cancel this batch?")
        await agree(pilot)
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        await pilot.press("l")
        await wait_until(pilot, lambda: not isinstance(app.screen, BatchesScreen))
        await wait_for_text(pilot, "requests in flight may still finish")


async def test_marks_made_while_an_action_is_under_way_stay() -> None:
    world = make_world()
    world.faults.add(Fault("delay", "cancel", seconds=0.3))
    app = make_app(world, confirm_cancel="false")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        acted_on = put_cursor_on(screen, live=True)
        screen.updates.browse(screen.listing.mark([acted_on.id]))
        await pilot.press("c")
        marked_since = put_cursor_on(screen, live=False)
        await pilot.press("space")
        await wait_for_text(pilot, "requests in flight may still finish")
        assert screen.listing.marked == {marked_since.id}


async def test_saving_what_expires_leaves_the_marks_of_others() -> None:
    app = make_app(make_world(), page_size="20")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "5 results expire within 48 h: D")
        screen = batches_screen(app)
        marked = put_cursor_on(screen, live=False)
        await pilot.press("space", "D")
        await wait_for_text(pilot, "Save 5 results")
        await agree(pilot)
        await wait_for_text(pilot, "5 of 5 results saved")
        assert screen.listing.marked == {marked.id}


async def test_a_download_that_is_stopped_before_it_began_can_be_begun_again() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        screen = batches_screen(app)
        ended = put_cursor_on(screen, live=False)
        for _ in range(2):
            await screen.run_command(commands.DownloadResults)
        assert not screen.state.downloads.shares
        await screen.run_command(commands.DownloadResults)
        await wait_until(pilot, lambda: ended.id in screen.state.known.saved)


async def test_the_filters_and_the_order_that_are_set_are_said_where_there_is_little_room() -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "AGE ▲")
        await pilot.press("s")
        await wait_for_text(pilot, "s oldest")
        assert "AGE ▼" in screen_text(app)
        await pilot.press("t", "o")
        await wait_until(pilot, lambda: "o all ok" in screen_lines(app)[1])
        assert "t live" in screen_lines(app)[1]


async def test_a_click_on_the_head_of_a_column_sorts_by_it_from_the_top() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "AGE ▲")
        screen = batches_screen(app)
        await pilot.press("down", "down")
        await pilot.click("#batch-table", offset=(screen_lines(app)[2].index("REQUESTS"), 0))
        await wait_for_text(pilot, "REQUESTS ▼")
        largest = max(one.request_counts.total for one in screen.listing.cache.batches.values())
        assert screen.listing.rows[0].request_counts.total == largest
        assert screen.listing.selected == screen.listing.rows[0].id


async def test_the_bar_of_an_outcome_is_whole_beside_the_counts() -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("down", "down")
        await wait_for_text(pilot, "took")
        bar = next(one for one in screen_lines(app) if "took" in one).split()[-1]
        assert set(bar) <= set("█▒░╱")


async def test_the_same_message_is_shown_once() -> None:
    app = make_app(make_world(), read_only="true")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("c", "c", "c")
        await wait_for_text(pilot, "Read-only")
        await idle(pilot)
        assert screen_text(app).count("Read-only") == 1


async def test_a_long_error_is_read_whole() -> None:
    world = make_world()
    world.faults.add(Fault(status=401, error_type="authentication_error", times=None))
    app = make_app(world)
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "The list could not be loaded")
        note = "\n".join(screen_lines(app)[2:-2])
        assert "…" not in note.replace("key …", "")
        await wait_for_text(pilot, "opens the settings")


async def test_what_expires_is_listed_then_saved_with_one_word_at_the_end() -> None:
    app = make_app(make_world(), page_size="20")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "5 results expire within 48 h: D")
        screen = batches_screen(app)
        at_risk = screen.state.known.at_risk
        # none of them is on the page that is shown
        assert not {one.batch.id for one in at_risk} & {row.id for row in screen.listing.rows}
        await pilot.press("D")
        await wait_for_text(pilot, "Save 5 results")
        for one in at_risk:
            assert f"{one.batch.request_counts.total:,} rows" in screen_text(app)
        assert isinstance(app.screen, ConfirmDialog)
        assert app.screen.is_yes_chosen  # to save costs nothing, and D asked for it
        await agree(pilot)
        await wait_for_text(pilot, "5 of 5 results saved")
        assert all(screen.session.store.stored(one.batch.id) for one in at_risk)
        assert not screen.state.known.at_risk
        assert "expire within" not in screen_lines(app)[1]


@pytest.mark.parametrize(
    "look",
    [
        lambda updates: updates.find_expiring(),
        lambda updates: updates.ids_named("last"),
    ],
    ids=["what expires", "the newest"],
)
async def test_no_key_waits_for_the_ledger(
    monkeypatch: pytest.MonkeyPatch, look: Callable[[ListUpdates], Awaitable[object]]
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "● running")
        await idle(pilot)
        read, write = LedgerDatabase.read, LedgerDatabase.write
        is_on_loop: list[bool] = []

        def note() -> None:
            is_on_loop.append(threading.current_thread() is threading.main_thread())

        def read_noted(
            self: LedgerDatabase, sql: str, values: Sequence[Value] = ()
        ) -> list[tuple[Value, ...]]:
            note()
            return read(self, sql, values)

        def write_noted(self: LedgerDatabase) -> AbstractContextManager[sqlite3.Connection]:
            note()
            return write(self)

        monkeypatch.setattr(LedgerDatabase, "read", read_noted)
        monkeypatch.setattr(LedgerDatabase, "write", write_noted)
        await look(batches_screen(app).updates)
        assert is_on_loop
        assert not any(is_on_loop)


async def test_keys_typed_while_the_list_loads_move_in_order_and_destroy_nothing() -> None:
    world = make_world()
    world.faults.add(Fault("delay", "list", seconds=0.4))
    app = make_app(world, confirm_cancel="false")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "Asking")
        await pilot.press("down", "down", "up", "c")
        await wait_for_text(pilot, "● running")
        screen = batches_screen(app)
        await wait_until(pilot, lambda: screen.listing.selected == screen.listing.rows[1].id)
        assert "cancel" not in [seen.path.rsplit("/", 1)[-1] for seen in world.requests]


async def test_a_key_typed_before_another_batch_came_under_the_cursor_does_nothing() -> None:
    app = make_app(make_world(), confirm_cancel="false")
    async with shown_list(app) as (pilot, screen):
        typed = Key("c", "c")
        first = screen.listing.rows[0]
        screen.updates.browse(screen.listing.remove(first.id))
        assert screen.listing.selected != first.id
        app.post_message(typed)
        await wait_for_text(pilot, "The list changed meanwhile")


async def test_a_key_typed_before_the_marked_batch_went_away_does_nothing() -> None:
    world = make_world()
    app = make_app(world, confirm_delete="false")
    async with shown_list(app) as (pilot, screen):
        gone, other = [one.id for one in screen.listing.rows if one.has_ended][:2]
        screen.updates.browse(screen.listing.mark([gone]).select(other))
        typed = Key("x", "x")
        await screen.updates.remove(gone)
        app.post_message(typed)
        await wait_for_text(pilot, "The list changed meanwhile")
        assert "DELETE" not in [seen.method for seen in world.requests]


async def test_a_key_typed_before_a_label_was_read_that_moves_the_cursor_does_nothing() -> None:
    app = make_app(make_world(), confirm_cancel="false")
    async with shown_list(app) as (pilot, screen):
        live = [one.id for one in screen.listing.rows if one.is_live][:2]
        for batch_id in live:
            screen.session.ledger.set_label(batch_id, "mine")
        await screen.updates.look_up()
        screen.updates.browse(screen.listing.with_query(ListQuery(text="mine")).select(live[0]))
        typed = Key("c", "c")
        screen.session.ledger.set_label(live[0], "of another program")
        await screen.updates.look_up()
        assert screen.listing.selected == live[1]
        app.post_message(typed)
        await wait_for_text(pilot, "The list changed meanwhile")


async def test_what_a_key_acts_on_is_settled_when_it_acts() -> None:
    world = make_world()
    app = make_app(world, confirm_delete="false")
    async with shown_list(app) as (pilot, screen):
        meant, other = [one.id for one in screen.listing.rows if one.has_ended][:2]
        await pilot.press("down")
        screen.updates.browse(screen.listing.select(meant))
        await screen.run_command(commands.DeleteBatch)
        screen.updates.browse(screen.listing.select(other))  # before its worker has its turn
        await wait_for_text(pilot, "Deleted")
        deleted = [seen.path for seen in world.requests if seen.method == "DELETE"]
        assert [path.rsplit("/", 1)[-1] for path in deleted] == [meant]


async def test_the_copy_that_is_forgotten_is_that_of_the_batch_the_key_was_for() -> None:
    app = make_app(make_world())
    async with shown_list(app) as (pilot, screen):
        meant, other = [one.id for one in screen.listing.rows if one.has_ended][:2]
        screen.updates.browse(screen.listing.mark([meant, other]))
        await screen.run_command(commands.DownloadResults)
        await wait_until(pilot, lambda: {meant, other} <= screen.state.known.saved)
        await pilot.press("down")
        screen.updates.browse(screen.listing.select(meant))
        await screen.run_command(commands.ForgetResults)
        screen.updates.browse(screen.listing.select(other))
        await agree(pilot)
        await wait_until(pilot, lambda: meant not in screen.state.known.saved)
        assert other in screen.state.known.saved


async def test_a_copy_is_removed_only_after_a_question() -> None:
    app = make_app(make_world())
    async with shown_list(app) as (pilot, screen):
        batch = put_cursor_on(screen, live=False)
        await pilot.press("d")
        await wait_until(pilot, lambda: batch.id in screen.state.known.saved)
        await pilot.press("X")
        await wait_for_text(pilot, "The server still has them")
        assert not app.screen.has_class("-grave")
        await pilot.press("enter")
        await idle(pilot)
        assert screen.session.store.has(batch.id)


async def test_a_key_that_comes_in_one_go_with_a_move_is_about_the_batch_moved_to() -> None:
    app = make_app(make_world())
    async with shown_list(app) as (pilot, screen):
        ended = next(at for at, one in enumerate(screen.listing.rows) if at and one.has_ended)
        moved_to = screen.listing.rows[ended]
        for key in (*["down"] * ended, "d"):
            app.post_message(Key(key, key if len(key) == 1 else None))
        await wait_until(pilot, lambda: moved_to.id in screen.state.known.saved)


async def test_no_letter_is_lost_while_the_question_that_it_is_for_comes_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # what Textual waits for before it shows a screen takes long on a busy machine
    monkeypatch.setattr(BatchtuiApp, "_flush_next_callbacks", lambda _app: asyncio.sleep(0.2))
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "● running")
        for key in "lmine":
            app.post_message(Key(key, key))
        await wait_for_text(pilot, "│  mine  ")


async def test_the_detail_follows_the_first_move_of_the_cursor() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "● running")
        screen = batches_screen(app)
        for key in ("down", "down", "up"):
            await pilot.press(key)
            chosen = screen.listing.selected_batch
            assert chosen is not None
            await wait_until(pilot, lambda: screen.state.is_at_rest, "the detail to follow")
            assert screen.state.described == chosen
            name = screen.listing.labels.get(chosen.id) or chosen.id
            await wait_for_text(pilot, f"▏ {name}")


async def test_the_detail_never_shows_a_batch_that_the_cursor_has_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "● running")
        screen = batches_screen(app)
        await wait_until(pilot, lambda: screen.state.is_at_rest)
        _, left, chosen = screen.listing.rows[:3]
        read, asked, shown = screen.services.facts_of, list[str](), set[str]()

        async def read_slowly(batch: MessageBatch, now: datetime) -> DetailFacts:
            asked.append(batch.id)
            if batch.id == left.id:
                await asyncio.Event().wait()
            return await read(batch, now)

        monkeypatch.setattr(screen.services, "facts_of", read_slowly)

        def note(state: BatchListState) -> None:
            shown.add(state.facts.batch_id if state.facts else "")

        screen.watch(screen, "state", note, init=False)
        await pilot.press("down")
        await wait_until(pilot, lambda: asked == [left.id])
        await pilot.press("down")
        await wait_until(pilot, lambda: screen.state.is_at_rest)
        await idle(pilot)
        assert screen.state.described == chosen
        assert left.id not in shown
        assert asked == [left.id, chosen.id]


async def test_the_detail_says_why_rows_of_saved_results_failed() -> None:
    app = make_app(make_world())
    async with shown_list(app) as (pilot, screen):
        failed = next(one for one in screen.listing.rows if one.request_counts.errored)
        screen.updates.browse(screen.listing.select(failed.id))
        await wait_for_text(pilot, "Enter reads why they failed")
        await pilot.press("d")
        await wait_for_text(pilot, "Why they failed")
        await wait_for_text(pilot, "Model")


async def test_a_large_window_says_which_models_answered_and_for_how_much() -> None:
    app = make_app(make_world())
    async with app.run_test(size=(200, 60)) as pilot:
        await wait_for_text(pilot, "● running")
        screen = batches_screen(app)
        failed = next(one for one in screen.listing.rows if one.request_counts.errored)
        screen.updates.browse(screen.listing.select(failed.id))
        await wait_for_text(pilot, "Enter reads why they failed")
        assert "MODEL" not in screen_text(app)  # nothing is known of any
        await pilot.press("d")
        await wait_for_text(pilot, "COST")
        line = next(one for one in screen_lines(app) if "~$" in one)
        use = screen.state.model_uses[failed.id]
        assert use.models[0].removeprefix("claude-")[:8] in line
        assert use.cost is not None
        assert use.cost.brief in line


async def test_a_large_window_says_which_model_the_request_file_asks_for(tmp_path: Path) -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=(200, 60)) as pilot:
        await wait_for_text(pilot, "● running")
        screen = batches_screen(app)
        batch = next(one for one in screen.listing.rows if one.is_live)
        requests = [
            {"custom_id": f"r-{at}", "params": {"model": model}}
            for at, model in enumerate(["claude-a", "claude-b-20260102", "claude-a"])
        ]
        file = tmp_path / "nightly.jsonl"
        file.write_text("\n".join(map(json.dumps, requests)))
        source = RequestSource(file).fingerprint
        screen.session.ledger.attach_source(batch.id, source)
        await screen.updates.read_model_uses()
        assert screen.state.model_uses == {batch.id: ModelUse(("claude-a", "claude-b-20260102"))}
        await wait_for_text(pilot, "a +1")
        # another file of that name says nothing of the batch
        file.write_text(json.dumps(requests[1]))
        assert await GistReader(screen.session).uses_of([batch.id]) == {}


async def test_the_demo_leads_through_its_keys_once() -> None:
    setup = make_setup(make_world())
    options = replace(setup.options, is_demo=True)
    app = BatchtuiApp(structs_replace(setup, options=options))
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "1 of 6")
        rows = len(batches_screen(app).listing.rows)
        await pilot.press("s")
        await wait_for_text(pilot, "REQUEST")
        assert "1 of 6" in screen_text(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: "1 of 6" not in screen_text(app))
        await wait_until(pilot, lambda: len(batches_screen(app).listing.rows) == rows + 1)


@pytest.mark.parametrize(
    ("word", "left_with"),
    [
        ("proxy", "[ Delete this batch ]"),
        ("policy", "│  icy  "),
        ("delete it, yes", "│  ete it, yes  "),
    ],
)
@pytest.mark.parametrize("in_one_read", [True, False])
async def test_a_word_typed_over_the_list_changes_nothing(
    word: str, left_with: str, *, in_one_read: bool
) -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "● running")
        keys = [Key("space" if letter == " " else letter, letter) for letter in word]
        for key in (*keys, Key("enter", "\r")):
            app.post_message(key)
            if not in_one_read:
                await idle(pilot)
        await idle(pilot)
        # what came in one go with the letters has not answered the question that they opened
        await wait_for_text(pilot, left_with)
        await idle(pilot)
        assert left_with in screen_text(app)
    assert {seen.method for seen in world.requests} == {"GET"}


def is_selected(screen: BatchesScreen, batch_id: str) -> bool:
    """Whether the cursor is on a batch."""
    return screen.listing.selected == batch_id


async def go_to(pilot: Pilot[int], text: str) -> None:
    """Type where to go."""
    await pilot.press("number_sign")
    await wait_for_text(pilot, "Go to a batch")
    pilot.app.screen.query_one("#dialog-input", Input).value = text
    await pilot.press("enter")


async def test_a_batch_is_gone_to_by_label_beginning_and_last() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of")
        screen = batches_screen(app)
        newest, *_, other = (batch.id for batch in screen.listing.rows)
        ledger = screen.session.ledger
        ledger.set_label(other, "my job")
        for text, wanted in [(" My Job ", other), (newest[:-1], newest), (other[:-1], other)]:
            await go_to(pilot, text)
            await wait_until(pilot, partial(is_selected, screen, wanted), text)
        await go_to(pilot, "last")
        await wait_until(pilot, lambda: screen.listing.selected == newest, "the newest")


async def test_of_several_batches_one_is_chosen() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of")
        screen = batches_screen(app)
        first, second, *_ = (batch.id for batch in screen.listing.rows)
        for batch_id in (first, second):
            screen.session.ledger.set_label(batch_id, "twin")
        for text in ("twin", f"{first} {second}"):
            screen.updates.browse(screen.listing.select(first))
            await go_to(pilot, text)
            await wait_for_text(pilot, "Which batch?")
            await pilot.press("down", "enter")
            await wait_until(pilot, partial(is_selected, screen, second), text)
            assert app.screen is screen


@pytest.mark.parametrize("text", ["nonsense", "ms"])
async def test_what_names_no_batch_is_said_as_on_the_command_line(text: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press(commands.GoToId.keys)
        await wait_for_text(pilot, "Go to a batch")
        await pilot.press(*text, "enter")
        said = f"{text}: there is no batch of that id or label"
        await wait_until(pilot, lambda: said in notice_text(app))
        assert "404" not in notice_text(app)
