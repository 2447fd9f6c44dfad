"""The results viewer over a file, as a person uses it."""

from functools import partial
from pathlib import Path

import pytest
from textual.events import Key
from textual.message import Message
from textual.strip import Strip

from batchtui.config.loading import load_settings
from batchtui.config.paths import Paths
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.results import arrivals
from batchtui.tui.screens.results.layout import View
from batchtui.tui.screens.results.query_pane import QueryInput
from batchtui.tui.screens.results.row_actions import targets
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.selection import Tab
from batchtui.tui.widgets.results_table import ResultsTable
from tests.results.core.making import succeeded
from tests.tui.results.making import (
    mixed_lines,
    open_app,
    reader_text,
    wait_until_ready,
    write_lines,
)
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    idle,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "mixed.jsonl", mixed_lines())


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY, (300, 100), (20, 5)])
@pytest.mark.parametrize("glyphs", ["unicode", "ascii"])
async def test_a_file_opens_at_every_size(mixed: Path, size: tuple[int, int], glyphs: str) -> None:
    app = open_app(mixed, glyphs=glyphs)
    async with app.run_test(size=size) as pilot:
        screen = await wait_until_ready(pilot)
        assert len(screen.browser.state.rows) == 10
        if size != (20, 5):
            await wait_for_text(pilot, "doc-1")
        if glyphs == "ascii":
            assert "✓" not in screen_text(app)


async def test_a_file_needs_no_account(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until_ready(pilot)
        assert app.session is None
        await pilot.press("R")
        await wait_for_text(pilot, "Only the results of a batch")


async def test_tabs_count_and_keep_the_row_where_they_have_it(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        tabs = screen_lines(app)[1]
        for text in ("All 10", "Succeeded 5", "Errored 3", "Canceled 1", "Expired 1", "look 1"):
            assert text in tabs
        await pilot.press(*["down"] * 6)
        await wait_until(pilot, lambda: screen.browser.state.row == 6)
        await pilot.press("3")
        assert list(screen.browser.state.rows) == [1, 6, 8]
        assert screen.query_one(ResultsTable).cursor == 1
        await pilot.press("1")
        assert screen.query_one(ResultsTable).cursor == 6
        await pilot.press("6")
        assert list(screen.browser.state.rows) == [5]
        await pilot.press("right_square_bracket")
        assert screen.browser.state.tab is Tab.ALL


async def test_a_query_narrows_while_it_is_typed_and_escape_takes_it_back(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("slash", *"apples")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 2])
        await wait_for_text(pilot, "2 of 10")
        await pilot.press("enter")
        assert screen.focused is screen.query_one(ResultsTable)
        assert "/ apples" in screen_text(app)
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 10)


async def test_an_error_in_the_query_points_at_its_place(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("slash", *"out<x")
        await wait_for_text(pilot, "is not a number")
        lines = screen_lines(app)
        at = next(number for number, line in enumerate(lines) if "is not a number" in line)
        assert lines[at].index("^") == lines[at - 1].index("out<x") + len("out<")
        await pilot.press("enter")
        assert screen.query_pane.is_open, "a query that is not understood is not kept"
        await pilot.press("escape")
        await wait_until(pilot, lambda: not screen.query_pane.is_open)
        assert screen.browser.state.text == ""
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 10)


async def test_completion_offers_what_the_file_has(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("slash", *"err", "tab")
        await wait_until(pilot, lambda: screen.query_one(QueryInput).value == "error:")
        await pilot.press(*"over")
        await wait_for_text(pilot, "2 rows")
        await pilot.press("tab", "enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [6, 8])
        await pilot.press("slash")
        for _ in "error:overloaded_error ":
            await pilot.press("backspace")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 10)
        await wait_for_text(pilot, "used before")


async def test_a_key_orders_and_the_order_stands_in_the_query(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("s", "s", "s")
        await wait_for_text(pilot, "sort:id")
        index = screen.browser.index
        wanted = sorted(range(10), key=index.custom_id)
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == wanted)
        await pilot.press("s", "s")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == list(range(10)))


async def test_the_reader_follows_and_fills_the_screen(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        await wait_until(pilot, lambda: "speaks of apples" in reader_text(screen))
        await pilot.press("down")
        await wait_until(pilot, lambda: "credit balance" in reader_text(screen))
        assert "What to do" in reader_text(screen)
        await pilot.press("enter")
        await wait_until(pilot, lambda: screen.reader.body.text_view.size.height > 15)
        await pilot.press("right")
        await wait_until(pilot, lambda: "pears" in reader_text(screen))
        await pilot.press("escape")
        await wait_until(pilot, lambda: screen.focused is screen.query_one(ResultsTable))


async def test_views_wrap_and_matches(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("slash", *"apples", "enter")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 2)
        await pilot.press("n")
        await wait_until(pilot, lambda: screen.reader.body.matches.line is not None)
        await pilot.press("n")
        await wait_until(pilot, lambda: screen.browser.state.row == 2)
        await wait_until(pilot, lambda: "pears" in reader_text(screen))
        await wait_until(pilot, lambda: screen.reader.body.matches.line is not None)
        await pilot.press("v")
        await wait_until(pilot, lambda: "custom_id: doc-3" in reader_text(screen))
        await pilot.press("v")
        await wait_until(pilot, lambda: '"stop_reason": "end_turn"' in reader_text(screen))
        await pilot.press("w")
        await wait_for_text(pilot, "not wrapped")


def is_another_text(screen: ResultsScreen, before: str) -> bool:
    """Whether the reader says something else by now."""
    return reader_text(screen) != before


async def test_hostile_text_is_only_text(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=(160, 34)) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press(*["down"] * 7)
        await wait_until(pilot, lambda: "[b]bold[/b]" in reader_text(screen))
        for _ in View:
            await idle(pilot)
            text = screen_text(app) + reader_text(screen)
            assert not set("\x1b\x07\u202e") & set(text)
            assert "[@click=app.quit]" in text
            view, before = screen.reader.view, reader_text(screen)
            await pilot.press("v")
            assert screen.reader.view is not view
            await wait_until(pilot, partial(is_another_text, screen, before))


async def test_copies_say_what_they_are(mixed: Path) -> None:
    app = open_app(mixed)
    copied: list[str] = []

    def listen(message: Message) -> None:
        if isinstance(message, CopyWanted) and message.text not in copied:
            copied.append(message.text)

    async with app.run_test(size=WIDE, message_hook=listen) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("y", "Y", "i")
        await wait_until(pilot, lambda: len(copied) == 3)
        assert copied == [
            "The **first** answer speaks of apples.",
            mixed_lines()[0].decode(),
            "doc-1",
        ]


async def test_marks_are_kept_and_shown(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("space", "space")
        assert screen.browser.state.marked == {0, 1}
        await wait_for_text(pilot, "2 marked")
        assert targets(screen.browser)[0] == "marked"


async def test_a_file_that_grows_shows_its_new_rows(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("slash", *"apples", "enter")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 2)
        with mixed.open("ab") as file:
            file.write(succeeded("doc-11", "Yet more apples") + b"\n")
        await wait_until(pilot, lambda: len(screen.browser.index) == 11)
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 2, 10])


async def test_the_last_rows_are_shown_without_a_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "_SHOW_EVERY", 600.0)
    lines = [succeeded(f"doc-{number}", "x" * 2_000) for number in range(4_000)]
    app = open_app(write_lines(tmp_path / "results.jsonl", lines))
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "row 1/4,000")


async def test_what_cannot_be_found_is_said_with_the_way_out(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("slash", *"nowhere", "enter")
        await wait_for_text(pilot, "Nothing matches the query")
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 10)
        await pilot.press("escape")
        await wait_for_text(pilot, "Press q to leave")


async def test_a_field_that_no_answer_has_is_told_with_what_was_meant(tmp_path: Path) -> None:
    lines = [succeeded(f"doc-{number}", '{"vendor": "ACME"}') for number in range(3)]
    async with open_app(write_lines(tmp_path / "r.jsonl", lines)).run_test(size=MEDIUM) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("slash", *".vendr:x")
        await wait_for_text(pilot, "Nothing matches so far")
        await wait_for_text(pilot, "No answer has .vendr. Did you mean .vendor?")
        await pilot.press("enter")
        await wait_for_text(pilot, "Nothing matches the query")
        assert "Did you mean .vendor?" in screen_text(pilot.app)
        await pilot.press("slash", "ctrl+u", *".vendor:x", "enter")
        await wait_for_text(pilot, "Nothing matches the query")
        await wait_until(pilot, lambda: "No answer has" not in screen_text(pilot.app))


async def test_an_answer_of_megabytes_opens_and_scrolls(tmp_path: Path) -> None:
    text = "\n\n".join(f"Paragraph {number} of a *long* answer." for number in range(60_000))
    path = write_lines(tmp_path / "long.jsonl", [succeeded("long", text), succeeded("b")])
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await wait_for_text(pilot, "Paragraph 0 of a long answer.")
        await pilot.press("enter", "end")
        await wait_until(pilot, lambda: len(screen.reader.body.text_view.document) > 100_000)
        await pilot.press("end")
        await wait_for_text(pilot, "output 20")


async def test_what_is_typed_in_one_go_goes_into_the_query(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        for key in ("slash", *"overe"):
            app.post_message(Key(key, "/" if key == "slash" else key))
        await wait_until(pilot, lambda: screen.browser.state.text == "overe")
        assert screen.focused is screen.query_one(QueryInput)


async def test_rows_that_look_the_same_are_not_painted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(write_lines(tmp_path / "results.jsonl", mixed_lines() * 20))
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        await idle(pilot)
        table = screen.query_one(ResultsTable)
        painted: list[int] = []
        paint = table.render_line

        def note(y: int) -> Strip:
            painted.append(y)
            return paint(y)

        monkeypatch.setattr(table, "render_line", note)
        screen.show()
        await pilot.press("down")
        await wait_for_text(pilot, "row 2/")
        assert len(painted) == 2


async def test_changed_settings_reach_the_open_screen(mixed: Path, tmp_path: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await wait_for_text(pilot, "✗")
        environ = dict(app._setup.options.environ)
        paths = Paths.from_environment(environ)
        changed = load_settings(paths, environ, {"glyphs": "ascii", "export_dir": str(tmp_path)})
        app.apply(changed)
        await wait_until(pilot, lambda: "✗" not in screen_text(app))
        await pilot.press("e")
        await wait_for_text(pilot, str(tmp_path / "mixed-rows.jsonl"))


async def test_the_query_says_its_keys_and_its_help_begins_with_its_language(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("slash")
        await wait_for_text(pilot, "Enter Keep the query")
        await pilot.press("f1")
        await wait_for_text(pilot, "Query: what a row can be asked for")
        assert "Look" not in screen_text(app)
        await pilot.press("escape")
        await wait_for_text(pilot, "Enter Keep the query")
        await pilot.press("escape")
        await wait_for_text(pilot, "Enter Read")
        await pilot.press("question_mark")
        await wait_for_text(pilot, "Look")
