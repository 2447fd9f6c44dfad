"""Failures by cause, the summary, exports, other programs."""

import asyncio
import csv
import json
import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import Input

from batchtui.prices import load_prices
from batchtui.results.opening import open_results
from batchtui.results.query.engine import compile_query
from batchtui.results.query.run import QueryRun
from batchtui.results.review_flags import ReviewFlags
from batchtui.results.row_block import LineSource
from batchtui.results.summary import summarize
from batchtui.tui.external import EDITOR, PAGER, ExternalError
from batchtui.tui.glyphs import UNICODE
from batchtui.tui.screens.results.export_dialog import ExportDialog
from batchtui.tui.screens.results.failures_screen import FailuresScreen
from batchtui.tui.screens.results.field_columns import FieldColumns
from batchtui.tui.screens.results.layout import View
from batchtui.tui.screens.results.row_actions import file_text
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.summary_screen import SummaryScreen
from batchtui.tui.screens.results.summary_view import SummaryState, summary_lines
from tests.tui.results.making import HOSTILE, mixed_lines, open_app, wait_until_ready, write_lines
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "mixed.jsonl", mixed_lines())


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_a_cause_leads_to_its_rows(mixed: Path, size: tuple[int, int]) -> None:
    app = open_app(mixed)
    async with app.run_test(size=size) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("f")
        await wait_until(pilot, lambda: isinstance(app.screen, FailuresScreen))
        await wait_for_text(pilot, "overloaded")
        header = screen_lines(app)[0].split("   ")
        assert "5 of 10 rows" in header
        assert "…" not in header[-1], "what does not fit whole is left out"
        await pilot.press("enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [6, 8])
        assert screen.browser.state.text == "error=overloaded_error"


async def test_a_query_that_was_left_before_its_end_goes_on_when_one_is_back(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(mixed)
    advance, runs = QueryRun.advance, list[QueryRun]()

    def advance_all_but_first(run: QueryRun, seconds: float) -> bool:
        runs.append(run)
        return run is runs[0] or advance(run, seconds)

    monkeypatch.setattr(QueryRun, "advance", advance_all_but_first)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.ask("type:errored")
        await wait_until(pilot, lambda: bool(runs))
        await pilot.press("f")
        await wait_for_text(pilot, "overloaded")
        await pilot.press("enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [6, 8])
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, FailuresScreen))
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [1, 6, 8])
        assert screen.browser.state.text == "type:errored"


async def test_a_key_that_is_changed_over_a_report_stands_in_it(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("f")
        await wait_for_text(pilot, "Esc Back")
        loaded = app.effective.loaded
        settings = replace(loaded.settings, keys={"step-back": "ctrl+b"})
        app.apply(replace(loaded, settings=settings))
        await wait_for_text(pilot, "Ctrl+B Back")


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_the_summary_sums_up(mixed: Path, size: tuple[int, int]) -> None:
    app = open_app(mixed)
    async with app.run_test(size=size) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("S")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await wait_for_text(pilot, "succeeded")
        if size == WIDE:
            for text in ("50.0 %", "max_tokens", "Estimated cost", "about $", "Prices as of"):
                await wait_for_text(pilot, text)
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_a_number_of_the_summary_leads_to_its_rows_and_back(
    mixed: Path, size: tuple[int, int]
) -> None:
    app = open_app(mixed)
    async with app.run_test(size=size) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("S")
        await wait_for_text(pilot, "need a look")
        await pilot.press("down", "down", "down", "down", "enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [5])
        assert screen.browser.state.text == "is:look"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 2, 7, 9])
        assert screen.browser.state.text == "stop=end_turn"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, SummaryScreen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 10)
        assert screen.browser.state.text == ""


async def test_the_summary_waits_for_what_is_found_later(
    mixed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(mixed)
    finds = asyncio.Event()
    find_more = FieldColumns.find_more

    def find_later(columns: FieldColumns, source: LineSource, seconds: float) -> bool:
        return find_more(columns, source, seconds) if finds.is_set() else True

    monkeypatch.setattr(FieldColumns, "find_more", find_later)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "Needs a look 1")
        await pilot.press("S")
        await wait_for_text(pilot, "need a look")
        screen = app.screen
        assert isinstance(screen, SummaryScreen)
        assert [one.group for one in screen.workers if not one.is_finished].count("summary") == 1
        finds.set()
        await wait_until(pilot, lambda: not any(one.group == "summary" for one in screen.workers))


@pytest.mark.parametrize("width", [60, 118])
async def test_each_line_of_the_summary_finds_as_many_rows_as_it_says(
    mixed: Path, width: int
) -> None:
    file = open_results(mixed)
    await file.load()
    index, prices, flags = file.index, load_prices(None), ReviewFlags()
    flags.update(index)
    state = SummaryState("", prices, summarize(index, prices), flags.count)
    lines = summary_lines(state, UNICODE, width)
    queries = {one.query: one.line.text for one in lines if one.query}
    assert len(queries) >= 8
    with file.reader() as reader:
        for query, text in queries.items():
            search = compile_query(query).run(index, reader)
            while search.advance(1.0):
                pass
            number = re.search(r"\S  +(\d+) ", text)
            assert number is not None
            assert int(number[1]) == len(search.matches), query
    file.close()


async def test_an_export_writes_what_is_shown_and_never_over_a_file_unasked(
    mixed: Path, tmp_path: Path
) -> None:
    app = open_app(mixed, export_dir=str(tmp_path))
    target = tmp_path / "out.jsonl"
    target.write_text("precious")
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("3", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await wait_for_text(pilot, "3 shown")
        field = app.screen.query_one(Input)
        assert field.value == str(tmp_path / "mixed-rows.jsonl")  # never the file that is read
        field.value = str(target)
        await pilot.press("enter")
        await wait_for_text(pilot, "exists")
        assert target.read_text() == "precious"
        await pilot.press("enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))
        assert target.read_bytes().splitlines() == [mixed_lines()[row] for row in (1, 6, 8)]
        await wait_for_text(pilot, "3 rows written")


async def test_an_export_may_be_a_table_of_everything(mixed: Path, tmp_path: Path) -> None:
    app = open_app(mixed, export_dir=str(tmp_path))
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("3", "e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("tab", "down", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))
    with (tmp_path / "mixed.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["custom_id"] for row in rows] == [f"doc-{number}" for number in range(1, 11)]


async def test_a_folder_that_is_not_there_is_said(mixed: Path, tmp_path: Path) -> None:
    app = open_app(mixed, export_dir=str(tmp_path / "nowhere"))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("enter")
        await wait_for_text(pilot, "there is no folder")
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))
        assert "doc-1" in screen_text(app)


def test_programs_are_split_into_words_and_no_shell_is_asked() -> None:
    assert PAGER.words({"PAGER": "less -R --prompt='a b'"}) == ["less", "-R", "--prompt=a b"]
    assert PAGER.words({}) == ["less"]
    assert EDITOR.words({"EDITOR": "nano", "VISUAL": "code --wait"}) == ["code", "--wait"]
    assert EDITOR.words({"EDITOR": "$(rm -rf x); vi"}) == ["$(rm", "-rf", "x);", "vi"]
    with pytest.raises(ExternalError, match="quotation"):
        PAGER.words({"PAGER": "less 'x"})


@pytest.mark.parametrize("view", list(View))
def test_other_programs_get_nothing_that_acts_on_a_terminal(view: View) -> None:
    text, _ = file_text(mixed_lines()[7], view)
    assert not set("\x1b\x07\u202e") & set(text)
    assert "[@click=app.quit]" in text
    assert HOSTILE not in text


def test_raw_is_json() -> None:
    text, suffix = file_text(mixed_lines()[0], View.RAW)
    assert suffix == ".json"
    assert json.loads(text)["custom_id"] == "doc-1"
