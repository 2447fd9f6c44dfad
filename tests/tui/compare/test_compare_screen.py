"""Two runs side by side on the screen: tabs, the pair under the cursor, queries, leaving."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from batchtui.api.models import MessageBatch
from batchtui.library.ledger_values import Review
from batchtui.tui.commands.compare import CompareNeed
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.compare.browser import PairBrowser
from batchtui.tui.screens.compare.runs import FileRun
from batchtui.tui.screens.compare.screen import CompareScreen
from batchtui.tui.screens.results.requests import FoundRequest, Requests
from batchtui.tui.screens.review.screen import ReviewScreen
from batchtui.tui.widgets.text_field import TextField
from tests.results.understanding.test_comparison import RUN_A, RUN_B, answer
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    make_app,
    make_world,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)


def write(path: Path, lines: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


@asynccontextmanager
async def shown(
    folder: Path,
    a: list[dict[str, object]],
    b: list[dict[str, object]],
    size: tuple[int, int] = WIDE,
) -> AsyncIterator[tuple[Pilot[int], CompareScreen]]:
    app = make_app(make_world("empty"), export_dir=str(folder))
    runs = FileRun(write(folder / "old.jsonl", a)), FileRun(write(folder / "new.jsonl", b))
    async with app.run_test(size=size) as pilot:
        screen = CompareScreen(*runs)
        await app.push_screen(screen)
        await wait_until(pilot, lambda: bool(screen.needs.get(CompareNeed.PAIRS)))
        yield pilot, screen


async def enter_query(pilot: Pilot[int], query: str) -> None:
    """Open the field of the query, type one and keep it."""
    await pilot.press("slash")
    await wait_until(pilot, lambda: isinstance(pilot.app.focused, TextField))
    await pilot.press(*query, "enter")


async def test_the_header_is_written_for_the_width(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, _):
        await wait_until(pilot, lambda: "Compare  old.jsonl  with" in screen_lines(pilot.app)[0])
        await pilot.resize_terminal(60, 24)
        await wait_until(pilot, lambda: "old.jsonl / new.jsonl" in screen_lines(pilot.app)[0])


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_what_differs_is_shown_with_both_values(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(tmp_path, RUN_A, RUN_B, size) as (pilot, _):
        await wait_until(pilot, lambda: "three" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        assert "old" in text
        assert "fields" in text
        if size != TINY:
            assert "4 of 4 differ" in text
            assert ".score" in text


async def test_tabs_and_reading(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, screen):
        await pilot.press("right_square_bracket")
        await wait_until(pilot, lambda: len(screen.browser.state.pairs) == 1)
        assert "errored > succeeded" in screen_text(pilot.app)
        await pilot.press("enter")
        await wait_until(pilot, lambda: "overloaded" in screen_text(pilot.app))
        assert not screen.table.display or screen.table.size.height == 0
        await pilot.press("escape")
        assert not screen.has_class("-reading")


async def test_after_reading_the_keys_move_in_the_list_again(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, screen):
        await pilot.press("enter", "down")
        assert screen.table.cursor == 0
        await pilot.press("enter", "down")
        await wait_until(pilot, lambda: screen.table.cursor == 1)


class Asked(Requests):
    """Knows a long question for every id."""

    async def find(self, custom_id: str) -> FoundRequest:
        """Return the question."""
        text = "\n".join(f"line {number} of what was asked" for number in range(1, 10))
        message = {"role": "user", "content": text}
        params = {"model": "m-of-question", "max_tokens": 5, "messages": [message]}
        data = json.dumps({"custom_id": custom_id, "params": params}).encode()
        return FoundRequest("asked.jsonl", 1, data, has_changed=False)


async def test_the_whole_question_is_shown_in_place_of_the_answers(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, screen):
        await pilot.press("Q")
        assert "line 9" not in screen_text(pilot.app)
        screen.browser.a.requests = Asked()
        await pilot.press("down")
        await wait_until(pilot, lambda: "line 2 of what" in screen_text(pilot.app))
        assert "line 9 of what" not in screen_text(pilot.app)
        await pilot.press("Q")
        await wait_until(pilot, lambda: "line 9 of what" in screen_text(pilot.app))
        assert "m-of-question" in screen_text(pilot.app)
        await pilot.press("Q")
        await wait_until(pilot, lambda: "line 9 of what" not in screen_text(pilot.app))


async def test_a_query_filters_and_escape_takes_it_back(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, screen):
        await enter_query(pilot, "delta:.score>0")
        await wait_until(pilot, lambda: len(screen.browser.state.pairs) == 1)
        assert "one" in screen_text(pilot.app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.browser.state.pairs) == 4)


async def test_words_that_differ_stand_beside_each_other(tmp_path: Path) -> None:
    a = [answer("x", "The cat sat on the mat.")]
    b = [answer("x", "The dog sat on the mat.")]
    async with shown(tmp_path, a, b) as (pilot, _):
        await wait_until(pilot, lambda: "The cat sat" in screen_text(pilot.app))
        row = next(line for line in screen_lines(pilot.app) if "The cat sat" in line)
        assert "The dog sat" in row
        await pilot.press("v")
        await wait_until(
            pilot,
            lambda: (
                not any("The cat" in line and "The dog" in line for line in screen_lines(pilot.app))
            ),
        )


async def test_the_same_runs_say_so(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_A) as (pilot, _):
        await wait_until(pilot, lambda: "Both runs say the same" in screen_text(pilot.app))


async def test_hostile_text_is_only_text(tmp_path: Path) -> None:
    hostile = "[@click=app.quit]x[/] \x1b[31m\x07 [b"
    a, b = [answer(hostile, hostile)], [answer(hostile, hostile + " more")]
    async with shown(tmp_path, a, b) as (pilot, _):
        await wait_until(pilot, lambda: "[@click=app.quit]" in screen_text(pilot.app))
        assert "\x1b" not in screen_text(pilot.app)


async def test_a_run_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    app = make_app(make_world("empty"))
    runs = FileRun(tmp_path / "gone.jsonl"), FileRun(write(tmp_path / "b.jsonl", RUN_B))
    async with app.run_test(size=WIDE) as pilot:
        await app.push_screen(CompareScreen(*runs))
        await wait_until(pilot, lambda: "could not be compared" in screen_text(app))
        assert "gone.jsonl" in screen_text(app)


async def test_pairs_are_exported(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, _):
        await pilot.press("e")
        await wait_until(pilot, (tmp_path / "comparison.jsonl").exists)
        lines = (tmp_path / "comparison.jsonl").read_text().splitlines()
        assert len(lines) == 4


def mark_ended(screen: BatchesScreen, count: int) -> list[MessageBatch]:
    """Mark the newest batches that have ended; return them, the oldest first."""
    ended = [one for one in screen.listing.rows if one.has_ended and one.results_url][:count]
    screen.updates.browse(screen.listing.mark([one.id for one in ended]))
    return ended[::-1]


async def test_of_three_marked_batches_two_are_chosen_compared_and_judged() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of")
        screen = app.screen
        assert isinstance(screen, BatchesScreen)
        marked = mark_ended(screen, 3)
        await pilot.press("equals_sign")
        await wait_for_text(pilot, "Compare which run?")
        await pilot.press("down", "enter")  # the second oldest
        await wait_for_text(pilot, "with which?")
        await pilot.press("enter")  # the next newer one
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))
        compared = app.screen
        assert isinstance(compared, CompareScreen)
        assert [compared.browser.a.subject, compared.browser.b.subject] == [
            marked[1].id,
            marked[2].id,
        ]
        await wait_until(pilot, lambda: bool(compared.needs.get(CompareNeed.PAIR)))
        await pilot.press("V")
        await wait_until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await wait_for_text(pilot, "0 of")
        await pilot.press("1")
        await wait_for_text(pilot, "1 of")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is compared)
        await wait_until(pilot, lambda: compared.browser.both_runs().reviews == 1)
        await enter_query(pilot, "has:review")
        await wait_for_text(pilot, "1 pair by 1 review of this comparison")


async def test_results_that_are_not_to_be_kept_go_when_the_comparison_is_left() -> None:
    app = make_app(make_world(), keep_results="false")
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of")
        screen = app.screen
        assert isinstance(screen, BatchesScreen)
        assert app.session is not None
        store = app.session.store
        before, new = mark_ended(screen, 2)
        await app.session.obtain(before)
        await pilot.press("equals_sign")
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))
        compared = app.screen
        assert isinstance(compared, CompareScreen)
        await wait_until(pilot, lambda: bool(compared.needs.get(CompareNeed.PAIR)))
        assert store.has(new.id)
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: not store.has(new.id))
    assert store.has(before.id)


async def test_a_marked_batch_that_has_not_ended_is_left_out() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "page 1 of")
        screen = app.screen
        assert isinstance(screen, BatchesScreen)
        mark_ended(screen, 2)
        live = next(one for one in screen.listing.rows if one.is_live)
        screen.updates.browse(screen.listing.mark([live.id]))
        await pilot.press("equals_sign")
        await wait_until(pilot, lambda: isinstance(app.screen, CompareScreen))
        said = [one.message for one in app._notifications]
        assert "1 batch left out: not ended yet" in said


async def test_a_query_for_reviews_says_so_where_there_are_none(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, screen):
        await enter_query(pilot, "review:a")
        await wait_for_text(pilot, "This comparison has no reviews yet")
        assert "0 reviews of this comparison" in screen_text(pilot.app)
        assert not screen.browser.state.pairs


async def test_a_field_that_no_answer_has_is_told(tmp_path: Path) -> None:
    async with shown(tmp_path, RUN_A, RUN_B) as (pilot, _):
        await enter_query(pilot, "b.vendr:x")
        await wait_for_text(pilot, "No pair matches the query")
        await wait_for_text(pilot, "No answer of B has .vendr.")


async def test_a_long_answer_is_read_in_the_pane_and_not_for_the_list(tmp_path: Path) -> None:
    a, b = [answer("x", "same " * 20_000)], [answer("x", "other " * 20_000)]
    runs = FileRun(write(tmp_path / "a.jsonl", a)), FileRun(write(tmp_path / "b.jsonl", b))
    browser = PairBrowser(*runs)
    await browser.run(lambda: None)
    assert browser.glance(0) is None
    assert browser.detail(0) is not None
    assert browser.glance(0) is not None
    browser.close()


async def test_a_file_that_was_cut_ends_nothing(tmp_path: Path) -> None:
    lines = [answer(f"doc-{number:03}", f"words {number}") for number in range(100)]
    others = [answer(f"doc-{number:03}", f"texts {number}") for number in range(100)]
    async with shown(tmp_path, lines, others) as (pilot, _):
        await wait_until(pilot, lambda: "words 0" in screen_text(pilot.app))
        os.truncate(tmp_path / "old.jsonl", 10)
        await pilot.press("end")
        await wait_for_text(pilot, "to be read below")
        await wait_until(pilot, lambda: "doc-099" in screen_text(pilot.app))


SCORED = [("x", 2, 2.5, "ACME"), ("y", 30, 31, "Initech"), ("z", 1, 1, "Globex Corporation")]


def scored(place: int) -> list[dict[str, object]]:
    return [answer(row[0], json.dumps({"n": row[place], "vendor": row[3]})) for row in SCORED]


def line_with(app: App[int], text: str) -> str:
    return next((line for line in screen_lines(app) if text in line), "")


@pytest.mark.parametrize("size", [(200, 40), WIDE, MEDIUM, TINY])
async def test_chosen_fields_are_columns_with_both_values(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with shown(tmp_path, scored(1), scored(2), size) as (pilot, screen):
        assert ".n" not in line_with(pilot.app, "CUSTOM_ID")
        await pilot.press("F")
        await wait_for_text(pilot, "FIELD")
        await pilot.press("space", "space", "enter")
        await wait_until(pilot, lambda: ".n" in line_with(pilot.app, "CUSTOM_ID"))
        assert "30 > 31" in line_with(pilot.app, " y ")
        await pilot.press("left_square_bracket")
        await wait_until(pilot, lambda: len(screen.browser.state.pairs) == 3)
        assert " 1 " in line_with(pilot.app, " z ")
        assert "1 > 1" not in screen_text(pilot.app)
        if size[0] >= 120:
            assert ".vendor" in line_with(pilot.app, "CUSTOM_ID")
    async with shown(tmp_path, scored(1), scored(2), size) as (pilot, screen):
        await wait_until(pilot, lambda: ".n" in line_with(pilot.app, "CUSTOM_ID"))


async def test_what_has_a_column_is_not_said_twice(tmp_path: Path) -> None:
    a, b = ([answer("x", json.dumps({"n": n, "m": n, "vendor": "ACME"}))] for n in (30, 31))
    async with shown(tmp_path, a, b, (200, 40)) as (pilot, screen):
        assert ".n 30 > 31  .m 30 > 31" in line_with(pilot.app, " x ")
        assert screen.browser.columns is not None
        screen.browser.columns.choose([".n"])
        screen.show()
        await wait_until(pilot, lambda: ".m 30 > 31" in line_with(pilot.app, " x "))
        assert line_with(pilot.app, " x ").count("30 > 31") == 2
        assert ".n 30 > 31" not in line_with(pilot.app, " x ")


async def test_the_order_goes_on_to_the_columns_of_numbers(tmp_path: Path) -> None:
    async with shown(tmp_path, scored(1), scored(2)) as (pilot, screen):
        assert screen.browser.columns is not None
        screen.browser.columns.choose([".vendor", ".n"])
        for query, first in [("sort:-delta", 0), ("sort:-delta:.n", 1), ("", 0)]:
            await pilot.press("s")
            await wait_until(pilot, partial(lambda text: screen.browser.state.text == text, query))
            assert screen.browser.state.pairs[0] == first


async def test_verdicts_on_pairs_are_shown_beside_them(tmp_path: Path) -> None:
    async with shown(tmp_path, scored(1), scored(2), MEDIUM) as (pilot, screen):
        assert "REVIEW" not in screen_text(pilot.app)
        assert screen.browser.comparison is not None
        screen.browser.comparison.reviews = {"y": Review("y", "b")}
        screen.show()
        await wait_for_text(pilot, "REVIEW")
        assert " b " in line_with(pilot.app, " y ")


async def test_fields_are_those_of_both_runs_and_groups_are_not_offered(tmp_path: Path) -> None:
    async with shown(tmp_path, scored(1), scored(2), MEDIUM) as (pilot, _):
        await pilot.press("F")
        await wait_for_text(pilot, "6 records in 6 rows of both runs")
        assert "ACME ×2" in line_with(pilot.app, ".vendor")
        assert "1 ×2  2  30  2.5  31" in line_with(pilot.app, ".n ")
        assert "Group by it" not in screen_text(pilot.app)
        await pilot.press("g")
        await wait_for_text(pilot, "FIELD")
        await pilot.press("question_mark")
        await wait_for_text(pilot, "Show the chosen fields as columns")
        assert "Group the rows" not in screen_text(pilot.app)
