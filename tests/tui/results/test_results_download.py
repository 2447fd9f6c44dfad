"""Results on their way: rows as they arrive, what breaks, what another instance does."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from batchtui.api.models import MessageBatch
from batchtui.clock import Clock
from batchtui.library.ledger_values import PlannedPart, SubmissionPlan
from batchtui.results.errors import ResultsFileError
from batchtui.results.opening import ResultsFile
from batchtui.results.triage import rows_of, triage
from batchtui.simulator.faults import Fault
from batchtui.simulator.world import World
from batchtui.submission.source import RequestSource
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.results import ShowFailures
from batchtui.tui.messages import ResendWanted, ResultsWanted
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.results import batch_rows
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.screens.results.source import Phase
from tests.tui.results.making import (
    reader_text,
    results_screen,
    view_text,
    wait_until_ready,
)
from tests.tui.support import (
    MEDIUM,
    WIDE,
    make_app,
    make_setup,
    make_world,
    screen_text,
    wait_for_text,
    wait_until,
)


async def ended_batch(
    pilot: Pilot[int], app: BatchtuiApp, *, rows: Iterable[int] = range(100, 6000)
) -> MessageBatch:
    """A batch of some hundred rows that has ended and has its results."""
    await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
    session = app.session
    assert session is not None
    page = await session.client.list_page(limit=100)
    return next(
        batch
        for batch in page.data
        if batch.results_url and batch.request_counts.total in rows and batch.request_counts.errored
    )


LARGE = range(4_000, 6_000)
"""Rows of a batch whose results are several megabytes."""


async def open_results(pilot: Pilot[int], batch: MessageBatch) -> ResultsScreen:
    pilot.app.screen.post_message(ResultsWanted(batch))
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ResultsScreen))
    return results_screen(pilot)


async def test_results_come_once_and_are_read_from_this_disk_afterwards() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        screen = await open_results(pilot, batch)
        await wait_until_ready(pilot)
        await wait_for_text(pilot, "verified")
        rows = len(screen.browser.index)
        assert rows == batch.request_counts.total
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        world.faults.add(Fault("drop", "results", times=None))
        again = await open_results(pilot, batch)
        await wait_until_ready(pilot)
        assert len(again.browser.index) == rows
        assert again.source.status.is_verified


async def test_results_on_this_disk_that_cannot_be_read_say_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(path: Path, clock: Clock) -> ResultsFile:
        del clock
        raise ResultsFileError(f"{path.name} cannot be opened: Permission denied")

    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: screen.source.status.is_verified)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        monkeypatch.setattr(batch_rows, "open_results", refuse)
        await open_results(pilot, batch)
        await wait_for_text(pilot, "Permission denied")


async def test_a_cut_is_gone_on_from_and_takes_no_row_away() -> None:
    world = make_world()
    world.faults.add(Fault("cut", "results", times=1, at_byte=40_000))
    app = make_app(world)
    counts: list[int] = []
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        screen = await open_results(pilot, batch)

        def is_whole() -> bool:
            counts.append(len(screen.source.index))
            return screen.source.status.is_verified

        await wait_until(pilot, is_whole)
        assert counts == sorted(counts)
        assert len(screen.browser.index) == batch.request_counts.total


async def test_cuts_leave_rows_to_read_and_one_key_goes_on() -> None:
    world = make_world()
    world.faults.add(Fault("cut", "results", times=3, at_byte=10_000))
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: screen.source.status.phase is Phase.BROKEN)
        await wait_for_text(pilot, "not complete")
        await wait_for_text(pilot, "r goes on")
        assert 0 < len(screen.browser.state.rows) < batch.request_counts.total
        await wait_until(pilot, lambda: reader_text(screen) != "")
        await pilot.press("down", "r")
        await wait_until(pilot, lambda: screen.source.status.is_verified)
        await wait_until(
            pilot, lambda: len(screen.browser.state.rows) == batch.request_counts.total
        )
        assert screen.browser.state.row == 1, "the cursor stays on its row"


async def test_nothing_at_all_says_why() -> None:
    world = make_world()
    world.faults.add(
        Fault("answer", "results", times=None, status=403, error_type="permission_error")
    )
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        await open_results(pilot, await ended_batch(pilot, app))
        await wait_for_text(pilot, "The results could not be loaded")
        await wait_for_text(pilot, "to try again")


async def test_results_that_the_server_forgot_are_said_to_be_gone() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        session = app.session
        assert session is not None
        page = await session.client.list_page(limit=100)
        archived = next(batch for batch in page.data if batch.archived_at)
        screen = await open_results(pilot, archived)
        await wait_until(pilot, lambda: screen.source.status.phase is Phase.BROKEN)
        await wait_for_text(pilot, "These results are gone")


async def test_leaving_stops_the_download_and_keeps_the_part() -> None:
    world = make_world()
    world.faults.add(Fault("stall", "results", times=1, at_byte=4_000_000))
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app, rows=LARGE)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: len(screen.browser.state.rows) > 0)
        assert "of" in screen_text(app).splitlines()[0]
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        session = app.session
        assert session is not None
        await wait_until(pilot, lambda: session.store.partial(batch.id) is not None)
        lock = session.store.lock(batch.id)
        assert lock.acquire(), "the download holds nothing any more"
        lock.release()


async def test_while_another_instance_downloads_its_rows_are_read_along() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        session = app.session
        assert session is not None
        lock = session.store.lock(batch.id)
        assert lock.acquire()
        line = json.dumps({"custom_id": "from-there", "result": {"type": "expired"}})
        session.store.part_path(batch.id).write_text(line + "\n")
        screen = await open_results(pilot, batch)
        await wait_for_text(pilot, "another batchtui downloads it")
        await wait_for_text(pilot, "from-there")
        lock.release()
        await wait_until(pilot, lambda: screen.source.status.is_verified)


async def test_failed_rows_are_asked_to_be_sent_again() -> None:
    wished: list[ResendWanted] = []
    app = make_app(make_world())

    def listen(message: object) -> None:
        if isinstance(message, ResendWanted):
            wished.append(message)

    async with app.run_test(size=WIDE, message_hook=listen) as pilot:
        batch = await ended_batch(pilot, app)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: screen.source.status.is_verified)
        await wait_until(pilot, lambda: len(screen.browser.state.rows) > 0)
        await pilot.press("R")
        await wait_until(pilot, lambda: bool(wished))
        assert wished[0].batch == batch
        assert len(wished[0].custom_ids) == batch.request_counts.failed
        assert "failed row" in wished[0].what


async def test_of_the_causes_those_worth_it_are_sent_again_or_the_one_that_is_not() -> None:
    wished: list[ResendWanted] = []
    app = make_app(make_world())

    def listen(message: object) -> None:
        if isinstance(message, ResendWanted):
            wished.append(message)

    async with app.run_test(size=WIDE, message_hook=listen) as pilot:
        batch = await ended_batch(pilot, app, rows=LARGE)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: screen.source.status.is_verified)
        await wait_until_ready(pilot)
        await wait_until(pilot, lambda: bool(screen.availability_of(ShowFailures)))
        await pilot.press("f")
        await wait_for_text(pilot, "R sends them again")
        index = screen.browser.index
        groups = triage(index)
        report = app.screen
        worth_it = set()
        for group in groups:
            wished.clear()
            await pilot.press("R")
            await wait_until(pilot, lambda: bool(wished))
            assert wished[0].batch == batch
            assert len(wished[0].custom_ids) == batch.request_counts.failed
            worth_it.add(group.remedy == "send again")
            assert wished[0].meant is not None
            assert len(wished[0].meant) == (0 if group.remedy == "send again" else group.count)
            await wait_until(pilot, lambda: app.screen is not report)
            await pilot.press("escape")
            await wait_until(pilot, lambda: app.screen is report)
            await pilot.press("down")
        assert worth_it == {True, False}


async def test_failed_rows_that_a_later_try_has_are_said(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM) as pilot:
        batch = await ended_batch(pilot, app)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: screen.source.status.is_verified)
        await wait_until(pilot, lambda: bool(screen.availability_of(ShowFailures)))
        index = screen.browser.index
        largest = triage(index)[0]
        ids = [index.custom_id(row) for row in rows_of(index, largest)][1:]
        path = tmp_path / "again.jsonl"
        params = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
        lines = [json.dumps({"custom_id": one, "params": params}) for one in ids]
        path.write_text("\n".join(lines))
        session = app.session
        assert session is not None
        made = await session.client.create(f'{{"requests": [{",".join(lines)}]}}'.encode())
        part = PlannedPart(1, 0, len(ids), path.stat().st_size, 0)
        source = RequestSource(path).fingerprint
        plan = SubmissionPlan("again", "", source, (part,), parents=(batch.id,))
        session.ledger.journal.plan(plan)
        session.ledger.journal.complete("again", 1, made.id)
        await pilot.press("f")
        await wait_for_text(pilot, f"{largest.count:,} rows, {len(ids):,} under way again")


async def test_read_only_refuses_to_send() -> None:
    app = BatchtuiApp(make_setup(make_world(), read_only="true"))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_results(pilot, await ended_batch(pilot, app))
        await wait_until_ready(pilot)
        await pilot.press("R")
        await wait_for_text(pilot, "Read-only")


@pytest.mark.parametrize("key", ["f", "S"])
async def test_reports_open_while_rows_are_still_arriving(key: str) -> None:
    world: World = make_world()
    world.faults.add(Fault("stall", "results", times=1, at_byte=4_000_000))
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        screen = await open_results(pilot, await ended_batch(pilot, app, rows=LARGE))
        await wait_until(pilot, lambda: len(screen.browser.state.rows) > 0)
        await wait_until(pilot, lambda: screen.browser.all_rows().failed > 0 or key == "S")
        await pilot.press(key)
        await wait_for_text(pilot, "so far")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)


async def test_a_tab_without_rows_keeps_no_picture_while_others_arrive() -> None:
    world: World = make_world()
    world.faults.add(Fault("stall", "results", times=1, at_byte=4_000_000))
    app = make_app(world)
    held: list[bool] = []
    async with app.run_test(size=WIDE) as pilot:
        screen = await open_results(pilot, await ended_batch(pilot, app, rows=LARGE))
        await wait_until(pilot, lambda: screen.is_shown and screen.rows.row_count > 0)
        screen.rows.show_tab(Tab.CANCELED)
        await wait_until(pilot, lambda: not screen.rows.row_count)
        app._channel.connect(lambda _: None, held.append)
        screen.arrivals._changed.set()
        await wait_until(pilot, lambda: not screen.arrivals._changed.is_set())
        assert screen.source.status.is_moving
        assert len(screen.browser.index)
        assert True not in held, "what a key does would not be seen"


async def open_with_requests(
    pilot: Pilot[int], app: BatchtuiApp, folder: Path, question: str
) -> ResultsScreen:
    """Open results of which the requests are known: in another order, with the row in each."""
    batch = await ended_batch(pilot, app)
    screen = await open_results(pilot, batch)
    await wait_until(pilot, lambda: screen.source.status.is_verified)
    await wait_until(pilot, lambda: len(screen.browser.state.rows) > 0)
    index = screen.browser.index
    requests = [
        {
            "custom_id": index.custom_id(row),
            "params": {
                "model": "claude-sonnet-4-5",
                "max_tokens": 1024,
                "system": "Be brief.",
                "messages": [{"role": "user", "content": f"Question of row {row} {question}"}],
            },
        }
        for row in reversed(range(len(index)))
    ]
    path = folder / "nightly.jsonl"
    path.write_text("".join(json.dumps(request) + "\n" for request in requests))
    session = app.session
    assert session is not None
    await pilot.press("escape")
    await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
    session.ledger.attach_source(batch.id, RequestSource(path).fingerprint)
    again = await open_results(pilot, batch)
    await wait_until(pilot, lambda: "Request (nightly.jsonl, line" in reader_text(again))
    return again


async def test_a_question_gets_more_lines_where_its_answer_is_read(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM) as pilot:
        question = "\n".join(f"line {number}" for number in range(12))
        screen = await open_with_requests(pilot, app, tmp_path, question)

        def lines_above() -> int:
            above, _, _ = reader_text(screen).partition("Error")
            return above.count("line ")

        # the first layout may be for the sizes before the screen had its own
        await wait_until(pilot, lambda: lines_above() == 1)
        await pilot.press("enter")
        await wait_until(pilot, lambda: lines_above() > 1)


async def test_the_request_stands_above_below_or_beside_its_answer(tmp_path: Path) -> None:
    app = make_app(make_world())
    async with app.run_test(size=(120, 20)) as pilot:
        again = await open_with_requests(pilot, app, tmp_path, "\x1b[31m")
        text = reader_text(again)
        assert "Question of row 0 \\x1b[31m" in text
        assert "max_tokens 1,024" in text
        assert "Be brief." in text
        assert text.index("Question of row 0") < text.index("Error") < text.index("Be brief.")
        await pilot.press("Q")
        await wait_until(pilot, lambda: again.reader.body.text_view.top > 0)
        await pilot.press("Q", "enter")
        question = again.reader.body.question_view
        await wait_until(pilot, lambda: "Be brief." in view_text(question))
        assert "Be brief." not in reader_text(again), "they stand beside each other"
        await pilot.press("Q")
        await wait_until(pilot, lambda: "Be brief." in reader_text(again))
        await pilot.press("Q")
        await wait_until(pilot, lambda: "Be brief." not in reader_text(again))


async def test_a_key_pressed_twice_opens_results_once() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        for _ in range(2):
            app.screen.post_message(ResultsWanted(batch))
        await wait_until_ready(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))


async def test_results_that_were_here_before_stay_whatever_the_settings_say() -> None:
    app = make_app(make_world(), keep_results="false")
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        assert app.session is not None
        store = app.session.store
        await app.session.obtain(batch)
        await open_results(pilot, batch)
        await wait_until_ready(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
    assert store.has(batch.id)


async def test_results_that_are_not_to_be_kept_go_when_they_are_left_half_way() -> None:
    world = make_world()
    world.behavior.results_rate = 300_000
    app = make_app(world, keep_results="false")
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app, rows=LARGE)
        screen = await open_results(pilot, batch)
        await wait_until(pilot, lambda: len(screen.browser.index) > 0)
        assert app.session is not None
        store = app.session.store
        assert store.partial(batch.id) is not None
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        await wait_until(pilot, lambda: store.partial(batch.id) is None)


async def test_what_was_not_kept_is_not_said_to_be_here_and_would_be_lost_by_a_delete() -> None:
    app = make_app(make_world(), keep_results="false")
    async with app.run_test(size=WIDE) as pilot:
        batch = await ended_batch(pilot, app)
        await open_results(pilot, batch)
        await wait_until_ready(pilot)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        await wait_until(pilot, lambda: batch.id not in batches_list(app).state.known.saved)
        assert app.session is not None
        await app.session.obtain(batch)
        batches_list(app).look_again()
        await wait_until(pilot, lambda: batch.id in batches_list(app).state.known.saved)
        screen = batches_list(app)
        screen.updates.browse(screen.listing.select(batch.id))
        app.session.store.forget(batch.id)  # another batchtui does
        await pilot.press("x")
        await wait_for_text(pilot, "never downloaded")


def batches_list(app: BatchtuiApp) -> BatchesScreen:
    screen = app.screen
    assert isinstance(screen, BatchesScreen)
    return screen
