"""Failed rows go again, tries are merged, sources are attached: as a person does it."""

import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from batchtui.results.index import ERRORED
from batchtui.results.opening import open_results
from batchtui.simulator.faults import Fault
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.submission import FetchTries
from batchtui.tui.messages import ResendWanted, ResultsWanted
from batchtui.tui.screens.submission import results_here
from batchtui.tui.screens.submission.merge_screen import MergeScreen
from batchtui.tui.screens.submission.retry_groups import RetryGroup, Worth
from batchtui.tui.screens.submission.retry_screen import RetryScreen
from batchtui.tui.screens.submission.retry_view import retry_columns, retry_group_line
from tests.tui.conftest import Opened
from tests.tui.submission.making import (
    back_in_list,
    created,
    give_path,
    list_screen,
    make_app,
    request,
    send,
    started,
    write_many,
    write_requests,
)
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    WorldTime,
    agree,
    idle,
    make_world,
    notice_text,
    screen_text,
    wait_for_text,
    wait_until,
)

FAILED_ROWS = 5_000
"""The demo's batch whose rows failed for many causes has as many requests."""


async def select_failed(pilot: Pilot[int], app: BatchtuiApp) -> str:
    """Put the cursor on the batch with many causes; gives its id."""
    screen = list_screen(app)
    batch = next(
        one
        for one in screen.listing.rows
        if one.request_counts.total == FAILED_ROWS and one.has_ended
    )
    screen.updates.browse(screen.listing.select(batch.id))
    await idle(pilot)  # what is typed before the cursor is there was meant for another batch
    return batch.id


async def source_of(app: BatchtuiApp, batch_id: str, path: Path) -> Path:
    """A request file that fits the results of a batch, which are on this disk."""
    assert app.session is not None
    stored = app.session.store.stored(batch_id)
    assert stored is not None
    results = open_results(stored.path)
    await results.load()
    ids = results.index.custom_ids(0, len(results.index))
    results.close()
    made = [{**request(number), "custom_id": one} for number, one in enumerate(ids)]
    return write_requests(path, *made)


async def open_retry(pilot: Pilot[int], app: BatchtuiApp, folder: Path) -> str:
    """Press R, download the results, attach the source; gives the id of the batch."""
    await wait_for_text(pilot, "running")
    batch_id = await select_failed(pilot, app)
    await pilot.press("R")
    await wait_for_text(pilot, "Download the results first?")
    await agree(pilot)
    await wait_for_text(pilot, "Attach source")
    path = await source_of(app, batch_id, folder / "nightly.jsonl")
    await give_path(pilot, path)
    await wait_for_text(pilot, "[ Attach")
    await agree(pilot)
    await wait_until(pilot, lambda: isinstance(app.screen, RetryScreen))
    return batch_id


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_what_is_worth_it_is_chosen_at_every_size(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make_app(make_world(), page_size="20")
    async with app.run_test(size=size) as pilot:
        await open_retry(pilot, app, tmp_path)
        await wait_for_text(pilot, "[x]")
        shown = screen_text(app)
        assert "overloaded_error" in shown
        assert "203 of 398 rows" in shown


def test_the_message_has_the_room_that_type_and_advice_leave() -> None:
    def group(name: str, message: str, worth: Worth) -> RetryGroup:
        return RetryGroup(name, message, "", worth, [1])

    def text_of(*groups: RetryGroup) -> str:
        placed = retry_columns(groups, 76)
        return retry_group_line(groups[0], placed, is_chosen=True).text

    one = group("overloaded_error", "Overloaded: try it later", Worth.YES)
    assert "overloaded_error  Overloaded: try it later  yes, as it is" in text_of(one)
    beside = group("errored", "m", Worth.ACCOUNT)
    assert "overloaded_error  Overloaded: try it later" in text_of(one, beside)


async def test_failed_rows_go_again_with_a_change_and_keep_their_parent(tmp_path: Path) -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        batch_id = await open_retry(pilot, app, tmp_path)
        await pilot.press("ampersand", *"max_tokens=4096", "enter")
        await wait_for_text(pilot, "Changes   max_tokens=4096")
        await pilot.press("enter")
        await wait_for_text(pilot, "Retry of")
        assert "max_tokens  4,096" in screen_text(app)
        assert created(world) == 0
        await send(pilot)
        screen = await back_in_list(pilot, app)
        selected = screen.listing.selected_batch
        assert selected is not None
        assert selected.request_counts.total == 203
        await wait_for_text(pilot, "Retry of")
        await wait_for_text(pilot, "↻ nightly again")
        assert app.session is not None
        record = app.session.ledger.record(selected.id)
        assert record is not None
        assert record.parents == (batch_id,)
        assert record.source is not None
        sent = [json.loads(one) for one in record.source.path.read_text().splitlines()]
        assert {one["params"]["max_tokens"] for one in sent} == {4096}


async def test_answers_that_were_cut_need_a_larger_max_tokens(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_retry(pilot, app, tmp_path)
        await pilot.press("down", "down", "down", "down", "space")
        await wait_for_text(pilot, "Change params")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, RetryScreen))
        await pilot.press("enter")
        await wait_for_text(pilot, "The answers were cut at max_tokens")
        assert isinstance(app.screen, RetryScreen)
        await pilot.press("ampersand", *"max_tokens=9000", "enter")
        await wait_for_text(pilot, "229 of 398 rows will go")
        await pilot.press("enter")
        await wait_for_text(pilot, "Retry of")


async def test_rows_chosen_elsewhere_go_whatever_became_of_them(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        batch_id = await open_retry(pilot, app, tmp_path)
        await pilot.press("escape")
        screen = await back_in_list(pilot, app)
        assert app.session is not None
        stored = app.session.store.stored(batch_id)
        assert stored is not None
        results = open_results(stored.path)
        ids = tuple(results.index.custom_ids(0, 20))
        results.close()
        batch = screen.listing.cache.batches[batch_id]
        screen.post_message(ResendWanted(batch, ids, "20 marked [rows]"))
        await wait_for_text(pilot, "20 marked [rows]")
        await wait_for_text(pilot, "20 of 20 rows will go")
        assert "has its answer already" in screen_text(app)


async def test_of_what_merely_failed_only_what_is_worth_it_is_ticked(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        batch_id = await open_retry(pilot, app, tmp_path)
        ticked = retry_screen(app).state.chosen
        groups = retry_screen(app).state.groups
        assert len(ticked) < len(groups)
        await pilot.press("escape")
        screen = await back_in_list(pilot, app)
        batch = screen.listing.cache.batches[batch_id]
        screen.post_message(ResultsWanted(batch))
        await wait_for_text(pilot, "verified")
        await pilot.press("R")
        await wait_until(pilot, lambda: isinstance(app.screen, RetryScreen))
        state = retry_screen(app).state
        names = {state.groups[place].name for place in state.chosen}
        assert names == {groups[place].name for place in ticked} - {"canceled"}
        assert len(state.chosen) < len(state.groups)


async def test_a_cause_that_is_not_worth_it_is_ticked_where_it_is_meant(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        batch_id = await open_retry(pilot, app, tmp_path)
        group = next(one for one in retry_screen(app).state.groups if one.worth is Worth.CHANGED)
        await pilot.press("escape")
        screen = await back_in_list(pilot, app)
        assert app.session is not None
        stored = app.session.store.stored(batch_id)
        assert stored is not None
        results = open_results(stored.path)
        failed = tuple(results.index.custom_id(row) for row in results.index.rows_by_type[ERRORED])
        meant = tuple(results.index.custom_id(row) for row in group.rows)
        results.close()
        batch = screen.listing.cache.batches[batch_id]
        screen.post_message(ResendWanted(batch, failed, "failed rows", meant))
        await wait_until(pilot, lambda: isinstance(app.screen, RetryScreen))
        state = retry_screen(app).state
        assert [state.groups[place].message for place in state.chosen] == [group.message]
        assert len(state.groups) > 1, "the others can be ticked, too"


async def test_results_that_are_not_to_be_kept_go_with_the_flow_that_needed_them(
    tmp_path: Path,
) -> None:
    app = make_app(make_world(), keep_results="false")
    async with app.run_test(size=WIDE) as pilot:
        batch_id = await open_retry(pilot, app, tmp_path)
        assert app.session is not None
        store = app.session.store
        assert store.has(batch_id), "they are asked for once"
        await pilot.press("escape")
        await back_in_list(pilot, app)
        await wait_until(pilot, lambda: not store.has(batch_id))


def retry_screen(app: BatchtuiApp) -> RetryScreen:
    """The screen on which rows to send again are chosen."""
    assert isinstance(app.screen, RetryScreen)
    return app.screen


async def send_again(pilot: Pilot[int], app: BatchtuiApp, folder: Path) -> tuple[str, str]:
    """Send what is worth it again; gives the ids of the batch and of the new one."""
    batch_id = await open_retry(pilot, app, folder)
    await pilot.press("enter")
    await wait_for_text(pilot, "Retry of")
    await send(pilot)
    screen = await back_in_list(pilot, app)
    return batch_id, screen.listing.selected or ""


async def finish_all(app: BatchtuiApp, time: WorldTime, pilot: Pilot[int]) -> None:
    """Let a day go by, and let the list see it."""
    time.move(hours=30)
    await pilot.press("r")
    await wait_until(pilot, lambda: not list_screen(app).listing.live)


@asynccontextmanager
async def tried_twice(folder: Path) -> AsyncIterator[tuple[Pilot[int], BatchtuiApp, str]]:
    """The list with the cursor on the second try of a job, both ended; and the id of the first."""
    time = WorldTime()
    app = make_app(make_world("demo", time))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        batch_id, _ = await send_again(pilot, app, folder)
        await finish_all(app, time, pilot)
        yield pilot, app, batch_id


async def open_merge(pilot: Pilot[int], app: BatchtuiApp) -> str:
    """Press M and download what is not here; gives the id of the try under the cursor."""
    batch_id = list_screen(app).listing.selected
    assert batch_id is not None
    await pilot.press("M")
    await wait_for_text(pilot, "on the server: d")
    await pilot.press("d")
    await wait_until(pilot, lambda: "on the server" not in screen_text(app))
    return batch_id


async def test_tries_are_merged_into_one_file(tmp_path: Path) -> None:
    async with tried_twice(tmp_path) as (pilot, app, batch_id):
        again = await open_merge(pilot, app)
        await pilot.press("e")
        await wait_for_text(pilot, "Export what?")
        await pilot.press("enter")
        taken = tmp_path / "taken.jsonl"
        taken.touch()
        await give_path(pilot, taken)
        await wait_for_text(pilot, "nothing is overwritten")
        target = tmp_path / "merged.jsonl"
        await give_path(pilot, target)
        await wait_until(pilot, target.exists)
        await wait_for_text(pilot, "lines written to")
        assert isinstance(app.screen, MergeScreen)
        assert app.session is not None
        tries = [app.session.store.stored(one) for one in (batch_id, again)]
        lines = target.read_bytes().splitlines()
        ids = [json.loads(one)["custom_id"] for one in lines]
        assert len(ids) == len(set(ids)) == FAILED_ROWS
        sources = {line for one in tries if one for line in one.path.read_bytes().splitlines()}
        assert set(lines) <= sources
        succeeded = [one for one in lines if json.loads(one)["result"]["type"] == "succeeded"]
        first = tries[0]
        assert first is not None
        assert len(succeeded) > first.counts["succeeded"]


async def test_tries_that_are_not_here_are_offered_before_the_merged_results_are_read(
    tmp_path: Path,
) -> None:
    async with tried_twice(tmp_path) as (pilot, app, _):
        await pilot.press("M")
        await wait_for_text(pilot, "on the server: d")
        await pilot.press("enter")
        await wait_for_text(pilot, "Download first?")
        await wait_for_text(pilot, "Go on with what is here")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, MergeScreen))
        await pilot.press("enter")
        await wait_for_text(pilot, "Download first?")
        await pilot.press("enter")
        await wait_for_text(pilot, "2 of 2 tries")


async def test_a_key_that_is_changed_over_the_tries_stands_in_their_list(tmp_path: Path) -> None:
    async with tried_twice(tmp_path) as (pilot, app, _):
        await pilot.press("M")
        await wait_for_text(pilot, "on the server: d")
        loaded = app.effective.loaded
        settings = replace(loaded.settings, keys={FetchTries.id(): "x"})
        app.apply(replace(loaded, settings=settings))
        await wait_for_text(pilot, "on the server: x")


async def test_where_one_try_does_not_come_those_that_came_are_merged(tmp_path: Path) -> None:
    time = WorldTime()
    world = make_world("demo", time)
    app = make_app(world)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await send_again(pilot, app, tmp_path)
        await finish_all(app, time, pilot)
        session = app.session
        assert session is not None
        batch_id = list_screen(app).listing.selected
        assert batch_id is not None
        first = session.ledger.lineage(batch_id).tries[0].batch_id
        session.store.forget(first)
        await pilot.press("M")
        await wait_for_text(pilot, "Nothing to merge yet")
        world.faults.add(Fault(kind="delay", operation="results", seconds=0.0))
        world.faults.add(Fault(kind="cut", operation="results", at_byte=2000, times=None))
        await pilot.press("d")
        await wait_until(pilot, lambda: "The results are not complete" in notice_text(app))
        assert isinstance(app.screen, MergeScreen)
        await wait_for_text(pilot, f"{FAILED_ROWS:,} requests")
        assert "still without an answer" in screen_text(app)


async def test_merged_results_are_read_as_any_others_with_their_questions(tmp_path: Path) -> None:
    async with tried_twice(tmp_path) as (pilot, app, _):
        await open_merge(pilot, app)
        await pilot.press("enter")
        await wait_for_text(pilot, "nightly again merged")
        await wait_for_text(pilot, "2 of 2 tries")
        await wait_for_text(pilot, "5,000 rows")
        assert app.session is not None
        files = list((app.session.loaded.data_dir / "merged").iterdir())
        assert [one.stat().st_mode & 0o777 for one in files] == [0o600]
        await wait_for_text(pilot, "nightly.jsonl, line")
        await pilot.press("e")
        await wait_for_text(pilot, "messages")
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: isinstance(app.screen, MergeScreen))
        await wait_until(pilot, lambda: not files[0].exists())


async def test_the_detail_says_how_many_rows_that_failed_were_answered_since(
    tmp_path: Path, opened: Opened
) -> None:
    async with tried_twice(tmp_path) as (pilot, app, batch_id):
        screen = list_screen(app)
        await pilot.press("d")
        await wait_for_text(pilot, "on this disk, verified")
        assert "answered since" not in screen_text(app)
        opened.listen(is_on=True)
        screen.updates.browse(screen.listing.select(batch_id))
        await wait_for_text(pilot, "372 failed, 203 answered since")
        opened.listen(is_on=False)
        assert not opened.names
        assert app.screen is screen


async def test_one_try_alone_has_nothing_to_merge() -> None:
    app = make_app(make_world())
    async with started(app) as pilot:
        await select_failed(pilot, app)
        await pilot.press("M")
        await wait_for_text(pilot, "There is only one try")


async def test_another_file_is_told_before_it_is_attached(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with started(app) as pilot:
        batch_id = await select_failed(pilot, app)
        other = write_many(tmp_path / "other.jsonl", 9)
        await pilot.press("a")
        await give_path(pilot, other)
        await wait_for_text(pilot, "Download the results first?")
        await agree(pilot)
        await wait_for_text(pilot, "No id of the results is in it: this is another file.")
        assert "Not in the file" in screen_text(app)
        await pilot.press("escape")
        await back_in_list(pilot, app)
        assert app.session is not None
        record = app.session.ledger.record(batch_id)
        assert record is None or record.source is None


async def test_a_file_without_requests_is_named_as_such(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with started(app) as pilot:
        await select_failed(pilot, app)
        prompt = tmp_path / "prompt.txt"
        prompt.write_text("Classify this ticket.\n\n{{text}}\n")
        await pilot.press("a")
        await give_path(pilot, prompt)
        await wait_until(
            pilot, lambda: "prompt.txt holds no request that can be read." in notice_text(app)
        )


async def test_without_results_only_the_number_is_compared(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with started(app) as pilot:
        live = list_screen(app).listing.selected_batch
        assert live is not None
        count = live.request_counts.total
        path = write_many(tmp_path / "it.jsonl", count)
        await pilot.press("a")
        await give_path(pilot, path)
        await wait_for_text(pilot, "As many as the batch has.")
        await agree(pilot)
        await wait_for_text(pilot, "Source   it.jsonl")


async def test_a_download_that_breaks_is_told_and_nothing_is_sent(tmp_path: Path) -> None:
    world = make_world()
    app = make_app(world)
    async with started(app) as pilot:
        await select_failed(pilot, app)
        world.faults.add(Fault(kind="cut", operation="results", at_byte=2000, times=None))
        await pilot.press("R")
        await wait_for_text(pilot, "Download the results first?")
        await agree(pilot)
        await wait_for_text(pilot, "The results are not complete")
        assert created(world) == 0


async def test_a_source_of_the_same_size_with_other_contents_is_asked_about(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await open_retry(pilot, app, tmp_path)
        await pilot.press("escape")
        await back_in_list(pilot, app)
        path = tmp_path / "nightly.jsonl"
        path.write_bytes(path.read_bytes().replace(b"Question 7", b"Question 8"))
        await pilot.press("R")
        await wait_for_text(pilot, "The source has changed")


async def test_stopping_to_read_results_leaves_the_flow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(make_world())
    stopped = []

    async def stop_at_once(
        _navigation: object, title: str, job: Coroutine[object, object, object], *_: object
    ) -> None:
        job.close()
        stopped.append(title)

    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_retry(pilot, app, tmp_path)
        await pilot.press("escape")
        screen = await back_in_list(pilot, app)
        monkeypatch.setattr(results_here, "work", stop_at_once)
        await pilot.press("a")
        await give_path(pilot, tmp_path / "nightly.jsonl")
        await wait_until(pilot, lambda: bool(stopped))
        await wait_until(pilot, lambda: all(one.group != "flow" for one in app.workers))
        assert stopped == ["Reading the results"]
        assert app.screen is screen
