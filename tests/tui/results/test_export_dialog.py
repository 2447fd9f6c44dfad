"""The export dialog: what is chosen, and the preview of it."""

import math
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len
from textual.events import Key
from textual.widgets import Input

from batchtui.library.ledger_values import Review
from batchtui.results.opening import open_results
from batchtui.tui.screens.results.export_dialog import ExportDialog, ExportFieldsDialog
from batchtui.tui.screens.results.export_plan import ExportChoice, ExportPlan, Scope
from batchtui.tui.screens.results.export_view import choice_lines
from batchtui.tui.screens.results.field_list import FieldList
from tests.results.core.making import succeeded
from tests.tui.results.making import (
    mixed_lines,
    open_app,
    results_screen,
    wait_until_ready,
    write_lines,
)
from tests.tui.support import (
    WIDE,
    idle,
    make_app,
    make_world,
    notice_text,
    screen_text,
    wait_for_text,
    wait_until,
)

REQUEST = b'{"params": {"messages": [{"role": "user", "content": "Why?"}]}}'


@asynccontextmanager
async def plan_of(
    path: Path, question: Callable[[str], bytes | None], fields: tuple[str, ...] = ()
) -> AsyncIterator[ExportPlan]:
    """All rows of a file, as they may be written."""
    with closing(open_results(path)) as file, file.reader() as reader:
        await file.load()
        index = file.index
        scopes = [Scope("shown", [0, 2]), Scope("all", range(len(index)))]
        yield ExportPlan(
            index,
            reader,
            scopes,
            "title",
            path.parent,
            is_partial=False,
            fields=fields,
            question=question,
        )


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A file with all kinds of rows."""
    return write_lines(tmp_path / "mixed.jsonl", mixed_lines())


async def test_a_preview_is_read_beside_the_dialog_and_never_older_than_the_choice(
    mixed: Path,
) -> None:
    may_go_on, has_gone_on = threading.Event(), threading.Event()

    def question(custom_id: str) -> bytes:
        del custom_id
        may_go_on.wait(10)
        has_gone_on.set()
        return REQUEST

    app = make_app(make_world())
    async with plan_of(mixed, question) as plan, app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "msgbatch")
        app.push_screen(ExportDialog(plan))
        await wait_for_text(pilot, '"custom_id"')
        await pilot.press(*["tab"] * plan.formats.index("messages"))
        await wait_for_text(pilot, "[messages]")
        await idle(pilot)
        assert "custom_id" not in screen_text(app), "the preview of the format before"
        await pilot.press("tab")
        await wait_for_text(pilot, "answer speaks")
        assert not has_gone_on.is_set()
        may_go_on.set()
        await wait_until(pilot, has_gone_on.is_set)
        await idle(pilot)
        assert "answer speaks" in screen_text(app)
        assert "Why?" not in screen_text(app)


async def test_fields_are_offered_where_a_format_takes_them(mixed: Path) -> None:
    async with plan_of(mixed, lambda _: None, (".vendor",)) as plan:
        choice = ExportChoice(plan)
        written = {}
        for _ in plan.formats:
            written[choice.form] = (choice.takes_fields, choice.has_fields)
            choice = choice.with_next_format()
        assert choice == ExportChoice(plan), "all formats were chosen once"
        assert written == {
            "jsonl": (True, False),
            "csv": (True, True),
            "parquet": (True, True),
            "messages": (False, False),
            "text": (True, False),
        }
        assert choice.with_other_fields().export().fields == ("custom_id", ".vendor")
        assert "[as received]" in choice_lines(choice, 80)[2].text
        assert list(choice.with_next_scope(-1).rows) == list(range(len(plan.index)))


def read(path: Path) -> bytes:
    return path.read_bytes()


async def test_the_file_that_is_open_is_neither_offered_nor_written_over(mixed: Path) -> None:
    before = b"".join(line + b"\n" for line in mixed_lines())
    app = open_app(mixed, export_dir=str(mixed.parent))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("slash", *"type:errored", "enter")
        await wait_until(pilot, lambda: len(results_screen(pilot).browser.state.rows) == 3)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        field = app.screen.query_one(Input)
        assert field.value == str(mixed.parent / "mixed-rows.jsonl")
        field.value = str(mixed.parent / "." / "mixed.jsonl")
        for _ in range(2):
            await pilot.press("enter")
            await wait_for_text(pilot, "would be lost")
        assert read(mixed) == before
        field.value = str(mixed.parent / "mixed-rows.jsonl")
        await pilot.press("enter")
        await wait_until(pilot, lambda: not isinstance(app.screen, ExportDialog))
    assert read(mixed.with_name("mixed-rows.jsonl")).count(b"\n") == 3
    assert read(mixed) == before


async def test_what_a_table_alters_is_said(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "r.jsonl", [succeeded("-1", "=1+1"), succeeded("-a-b", "usual")])
    app = open_app(path, export_dir=str(tmp_path))
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        app.screen.query_one(Input).value = str(tmp_path / "lines.jsonl")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "2 rows written" in notice_text(app))
        assert "apostrophe" not in notice_text(app)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("tab")
        field = app.screen.query_one(Input)
        assert field.cursor_position == len(field.value), "so that it can be typed over"
        field.value = str(tmp_path / "table.csv")
        await pilot.press("enter")
        await wait_until(pilot, lambda: "2 texts that a spreadsheet" in notice_text(app))
    assert b"\n1,-1,succeeded" in read(tmp_path / "table.csv")


async def test_an_enter_before_it_is_asked_replaces_no_file(mixed: Path) -> None:
    target = mixed.parent / "precious.jsonl"
    target.write_bytes(b"precious")
    app = open_app(mixed, export_dir=str(mixed.parent))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        dialog = app.screen
        assert isinstance(dialog, ExportDialog)
        await wait_until(pilot, lambda: dialog.seen_at < math.inf)
        dialog.query_one(Input).value = str(target)
        early = [Key("enter", "\r") for _ in range(3)]
        app.post_message(early[0])
        await wait_for_text(pilot, "exists. Press Enter again to replace it")
        for key in early[1:]:
            app.post_message(key)
        await idle(pilot)
        for writing in [one for one in app.workers if one.group == "export"]:
            await writing.wait()
        assert read(target) == b"precious"
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is not dialog)
    assert read(target) != b"precious"


async def test_nothing_is_written_into_a_pipe_that_nobody_may_ever_read(mixed: Path) -> None:
    pipe = mixed.parent / "pipe"
    os.mkfifo(pipe)
    app = open_app(mixed, export_dir=str(mixed.parent))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        app.screen.query_one(Input).value = str(pipe)
        await pilot.press("enter")
        await wait_for_text(pilot, "This is a pipe or a device")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, ExportDialog))


def extraction_lines() -> list[bytes]:
    return [
        succeeded(f"d{number}", f'{{"vendor": "v{number}", "total": {number}.50}}')
        for number in range(3)
    ]


async def test_fields_to_write_are_chosen_from_a_list_and_remembered(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "texts.jsonl", mixed_lines() + extraction_lines())
    app = open_app(path, export_dir=str(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("tab", "ctrl+f")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportFieldsDialog))
        await wait_for_text(pilot, "the answer's text")
        dialog = app.screen
        assert isinstance(dialog, ExportFieldsDialog)
        fields = [entry.path for entry in dialog.query_one(FieldList).entries]
        assert {"text", "review", "note", "model", ".vendor", "custom_id"} <= set(fields)
        assert "question" not in fields  # no requests are known of a file
        dialog.query_one(FieldList).cursor = fields.index("text")
        await pilot.press("space", "enter")
        await wait_for_text(pilot, " text]")
        await pilot.press("enter")
        await wait_until(pilot, lambda: not isinstance(app.screen, ExportDialog))
    written = read(tmp_path / "texts.csv").decode()
    assert written.startswith("custom_id,.total,.vendor,text\r\n")
    assert "The **first** answer" in written
    again = open_app(path, export_dir=str(tmp_path))
    async with again.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e", "tab")
        await wait_for_text(pilot, "[custom_id .total .vendor text]")


async def test_messages_are_offered_with_what_they_need(mixed: Path) -> None:
    app = open_app(mixed)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e", "tab", "tab", "tab")
        await wait_for_text(pilot, "[messages]")
        await wait_for_text(pilot, "needs the requests: no request file is attached")


async def test_all_that_is_known_beside_the_rows_can_be_written(mixed: Path) -> None:
    async with plan_of(mixed, lambda _: REQUEST) as plain:
        plan = replace(plain, label="spring")
        plan.index.reviews = {"doc-1": Review("doc-1", "good", "so it is")}
        assert {"question", "review", "label", "note"} <= set(plan.offered)
        choice = ExportChoice(plan, form="csv").with_fields(
            ("custom_id", "question", "label", "review", "note")
        )
        assert choice.preview().splitlines()[1] == "doc-1,Why?,spring,good,so it is"


@pytest.mark.parametrize("width", [24, 34, 50, 74, 200])
async def test_what_is_chosen_is_in_view_at_every_width(mixed: Path, width: int) -> None:
    fields = tuple(f".field_{number}" for number in range(12))
    async with plan_of(mixed, lambda _: None, fields) as plan:
        choice = ExportChoice(plan)
        for name in ("JSONL", "CSV", "Parquet", "messages", "text"):
            _, formats, written, _ = choice_lines(choice, width)
            assert f"[{name}]" in formats.text
            assert written.text.count("[") == written.text.count("]") == 1
            assert cell_len(formats.text) <= width
            assert cell_len(written.text) <= width
            is_cut = choice.takes_fields and ".field_11" not in written.text
            assert ("…" in written.text) == is_cut or width < 50
            choice = choice.with_next_format()


async def test_the_chosen_format_is_seen_on_a_small_screen(mixed: Path) -> None:
    app = make_app(make_world())
    async with plan_of(mixed, lambda _: None) as plan, app.run_test(size=(40, 10)) as pilot:
        await wait_for_text(pilot, "msgbatch")
        app.push_screen(ExportDialog(plan))
        await wait_for_text(pilot, "[JSONL]")
        for name in ("CSV", "Parquet", "messages", "text", "JSONL"):
            await pilot.press("tab")
            await wait_for_text(pilot, f"[{name}]")
