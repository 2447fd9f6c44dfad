"""Rows held against the schemas of their requests, in the viewer and between two runs."""

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from batchtui.api.models import MessageBatch
from batchtui.results.errors import QueryError
from batchtui.simulator.work import LiteralWork
from batchtui.submission.source import RequestSource
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.messages import ResultsWanted
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.compare.browser import PairBrowser
from batchtui.tui.screens.compare.runs import BatchRun
from batchtui.tui.screens.results.groups_screen import GroupsScreen
from batchtui.tui.screens.results.screen import ResultsScreen
from tests.results.understanding.files import answered
from tests.tui.results.making import open_app, results_screen, wait_until_ready, write_lines
from tests.tui.support import (
    MEDIUM,
    WIDE,
    make_app,
    make_world,
    wait_for_text,
    wait_until,
)

NUMBER = {"required": ["total"], "properties": {"total": {"type": "number"}}}
ANSWERS: list[object] = [{"v": 1}, {"total": 1}, {"total": "x"}, {"total": "y"}, {}]
LINES = [answered(f"r{n}", json.dumps(answer)) for n, answer in enumerate(ANSWERS)]


def write_requests(path: Path) -> Path:
    """The first asks for nothing, the others for a number."""
    form = {"output_config": {"format": {"type": "json_schema", "schema": NUMBER}}}
    requests = [{"custom_id": f"r{n}", "params": form if n else {}} for n in range(len(ANSWERS))]
    path.write_text("".join(json.dumps(request) + "\n" for request in requests))
    return path


def app_with_batches(*batches: Sequence[bytes]) -> BatchtuiApp:
    """The app over batches that answered with these lines."""
    world = make_world("empty")
    for lines in batches:
        work = LiteralWork(b"".join(line + b"\n" for line in lines), succeeded=len(lines))
        world.add(work, created_at=world.now() - timedelta(hours=1), takes=timedelta(minutes=1))
    return make_app(world)


async def open_batch(pilot: Pilot[int], requests: Path | None) -> ResultsScreen:
    """Open the results of that batch."""
    app = pilot.app
    await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
    assert isinstance(app, BatchtuiApp)
    session = app.session
    assert session is not None
    (batch,) = (await session.client.list_page(limit=9)).data
    assert isinstance(batch, MessageBatch)
    if requests is not None:
        session.ledger.attach_source(batch.id, RequestSource(requests).fingerprint)
    app.screen.post_message(ResultsWanted(batch))
    await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))
    screen = results_screen(pilot)
    await wait_until(pilot, lambda: screen.source.status.is_verified)
    await wait_until(pilot, lambda: len(screen.browser.state.rows) == len(LINES))
    return screen


async def test_the_viewer_holds_rows_against_their_requests(tmp_path: Path) -> None:
    requests = write_requests(tmp_path / "requests.jsonl")
    async with app_with_batches(LINES).run_test(size=MEDIUM) as pilot:
        screen = await open_batch(pilot, requests)
        screen.rows.ask("fits:request")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [1])
        screen.rows.ask("-fits:request")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [2, 3, 4])


async def test_without_requests_the_viewer_says_what_to_do(tmp_path: Path) -> None:
    async with app_with_batches(LINES).run_test(size=WIDE) as pilot:
        await open_batch(pilot, None)
        await pilot.press("slash", *"-fits:request")
        await wait_for_text(pilot, "The requests of these rows are not known")
    app = open_app(write_lines(tmp_path / "r.jsonl", LINES))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("slash", *"fits:request")
        await wait_for_text(pilot, "The requests of these rows are not known")


async def test_misfits_are_groups_that_lead_to_their_rows_and_back(tmp_path: Path) -> None:
    requests = write_requests(tmp_path / "requests.jsonl")
    app = app_with_batches(LINES)
    async with app.run_test(size=WIDE) as pilot:
        screen = await open_batch(pilot, requests)
        await pilot.press("g")
        await wait_until(pilot, lambda: isinstance(app.screen, GroupsScreen))
        await wait_for_text(pilot, "fits:request")
        # behind the two fields of the answers
        await pilot.press("right_square_bracket", "right_square_bracket")
        await wait_for_text(pilot, "Groups by fits:request")
        await wait_for_text(pilot, '.total: type "number"')
        await pilot.press("enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [2, 3])
        await pilot.press("escape")
        await wait_for_text(pilot, '▌ .total: type "number"')
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == len(LINES))


async def test_a_query_with_a_schema_is_grouped_by_what_does_not_fit_it(tmp_path: Path) -> None:
    schema = tmp_path / "s.json"
    schema.write_text(json.dumps(NUMBER))
    app = open_app(write_lines(tmp_path / "r.jsonl", LINES))
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.ask(f"-fits:{schema}")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 2, 3, 4])
        await pilot.press("g")
        await wait_for_text(pilot, '.: "total" is a required property')
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [2, 3])
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, GroupsScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 2, 3, 4])


async def test_pairs_are_held_against_the_requests_of_both_runs(tmp_path: Path) -> None:
    requests = write_requests(tmp_path / "requests.jsonl")
    others = [answered(f"r{n}", json.dumps({"total": n, "v": 0})) for n in range(len(ANSWERS))]
    app = app_with_batches(LINES, others)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: isinstance(app.screen, BatchesScreen))
        session = app.session
        assert session is not None
        a, b = (
            BatchRun(session, batch) for batch in (await session.client.list_page(limit=9)).data
        )
        browser = PairBrowser(a, b)
        await browser.run(lambda: None)
        with pytest.raises(QueryError, match="not known"):
            await browser.ask("fits:request")
        for run in (a, b):
            session.ledger.attach_source(run.subject, RequestSource(requests).fingerprint)
            run.requests.forget()
        await browser.ask("fits:request")
        assert len(browser.state.pairs) == 4
        await browser.ask("-fits:request")
        assert not browser.state.pairs
        a.close()
        b.close()
