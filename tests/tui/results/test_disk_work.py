"""No key waits for the disk: files are opened by threads, and never by the one that paints."""

import asyncio
import json
from functools import partial
from pathlib import Path

from batchtui.library.ledger_values import SourceFile
from batchtui.submission.errors import SourceError
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.compare import CompareNeed
from batchtui.tui.screens.compare.runs import FileRun
from batchtui.tui.screens.compare.screen import CompareScreen
from batchtui.tui.screens.results.failures_screen import FailuresScreen
from batchtui.tui.screens.results.fields_screen import FieldsScreen
from batchtui.tui.screens.results.groups_screen import GroupsScreen
from batchtui.tui.screens.results.requests import Requests
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.summary_screen import SummaryScreen
from batchtui.tui.screens.review.screen import ReviewScreen
from tests.results.understanding.test_comparison import RUN_A, RUN_B
from tests.tui.conftest import Opened
from tests.tui.results.making import mixed_lines, open_app, wait_until_ready, write_lines
from tests.tui.support import WIDE, make_app, make_world, wait_for_text, wait_until

OVER: tuple[tuple[str, type], ...] = (
    ("f", FailuresScreen),
    ("S", SummaryScreen),
    ("g", GroupsScreen),
    ("F", FieldsScreen),
    ("V", ReviewScreen),
)


def is_shown(app: BatchtuiApp, kind: type) -> bool:
    return isinstance(app.screen, kind)


async def test_the_results_and_what_lies_over_them(tmp_path: Path, opened: Opened) -> None:
    path = write_lines(tmp_path / "results.jsonl", mixed_lines())
    app = open_app(path, export_dir=str(tmp_path))
    opened.listen(is_on=True)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        assert str(path) not in opened.names
        opened.names.clear()  # the settings, which are read before there is a screen
        await pilot.press("down", "y", "Y", "i")
        for key, kind in OVER:
            await pilot.press(key)
            await wait_until(pilot, partial(is_shown, app, kind))
            await pilot.press("escape")
            await wait_until(pilot, partial(is_shown, app, ResultsScreen))
        screen.rows.choose_columns(("out",))
        await wait_for_text(pilot, "OUT")
        opened.listen(is_on=False)
    assert not opened.names


async def test_two_runs_and_their_review(tmp_path: Path, opened: Opened) -> None:
    old, new = (
        FileRun(write_lines(tmp_path / name, [json.dumps(line).encode() for line in lines]))
        for name, lines in (("old.jsonl", RUN_A), ("new.jsonl", RUN_B))
    )
    app = make_app(make_world("empty"), export_dir=str(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.accounts.session is not None)
        opened.listen(is_on=True)
        screen = CompareScreen(old, new, app.accounts.reviews_of)
        await app.push_screen(screen)
        await wait_until(pilot, lambda: bool(screen.needs.get(CompareNeed.PAIR)))
        await pilot.press("down", "y", "i", "e", "V")
        await wait_until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await wait_for_text(pilot, "Left")
        await pilot.press("1")
        await wait_for_text(pilot, "1 of")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        opened.listen(is_on=False)
    assert not opened.names


async def test_requests_that_cannot_be_read_are_not_known_though_nobody_waits_for_them() -> None:
    def fail(subject: str) -> SourceFile | None:
        raise SourceError(f"The requests of {subject} cannot be read.")

    requests = Requests(fail, lambda _custom_id: "b1")
    asking = asyncio.ensure_future(requests.find("doc-1"))
    await asyncio.sleep(0)
    asking.cancel()
    await asyncio.wait({requests._openings["b1"]})
    assert not requests.is_known
    assert not requests.files
