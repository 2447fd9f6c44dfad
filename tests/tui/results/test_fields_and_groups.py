"""Answers as data: fields as columns, the list of fields, and groups of rows."""

import json
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from batchtui.library.answer_choices import AnswerChoices
from batchtui.library.ledger import Ledger
from batchtui.library.reviews import file_subject
from batchtui.results.errors import ResultsFileError
from batchtui.results.grouping import measure_spread
from batchtui.results.opening import open_results
from batchtui.results.records.catalog import FieldInfo
from batchtui.results.review_flags import PROSE
from batchtui.submission.source import RequestSource
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.glyphs import ASCII, UNICODE
from batchtui.tui.screens.results import groups_screen
from batchtui.tui.screens.results.export_dialog import ExportDialog
from batchtui.tui.screens.results.field_columns import FieldColumns, default_fields
from batchtui.tui.screens.results.fields_screen import FieldsScreen
from batchtui.tui.screens.results.groups_screen import GroupList, GroupsScreen
from batchtui.tui.screens.results.groups_view import GroupPlace, spread_lines
from batchtui.tui.screens.results.screen import ResultsScreen
from tests.results.core.making import errored, succeeded
from tests.tui.results.making import (
    HOSTILE,
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
    notice_text,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)

VENDORS = ("ACME", "Globex", "ACME", "Initech", "ACME")


def extraction(number: int, vendor: str, **more: object) -> bytes:
    """An answer that holds its JSON in prose."""
    record = {"vendor": vendor, "total": number * 10.5, "tags": ["a", "b"], **more}
    return succeeded(f"doc-{number}", f"I found:\n\n```json\n{json.dumps(record)}\n```\nDone.")


def extraction_lines() -> list[bytes]:
    """Five answers with a record, one without, and a failure."""
    lines = [extraction(number, vendor) for number, vendor in enumerate(VENDORS)]
    return [*lines, succeeded("doc-5", "I could not read this one."), errored("doc-6", "x", "Bad")]


@pytest.fixture
def extractions(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "extractions.jsonl", extraction_lines())


async def test_fields_are_columns_unasked(extractions: Path) -> None:
    app = open_app(extractions)
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, ".vendor")
        head = next(line for line in screen_lines(app) if "CUSTOM_ID" in line)
        assert ".vendor" in head
        assert ".total" in head
        row = next(line for line in screen_lines(app) if "doc-3" in line)
        assert "Initech" in row
        assert "31.5" in row


async def test_fields_are_chosen_and_remembered(extractions: Path) -> None:
    app = open_app(extractions)
    async with app.run_test(size=WIDE) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("F")
        await wait_until(pilot, lambda: isinstance(app.screen, FieldsScreen))
        await wait_for_text(pilot, "ACME ×3")
        await wait_for_text(pilot, "[1] .vendor")
        await pilot.press("space", "down", "down", "down", "space", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))
        await wait_until(pilot, lambda: " OUT" in screen_text(app))
        assert ".vendor" not in screen_text(app)
    again = open_app(extractions)
    async with again.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        assert screen.browser.columns.chosen[-1] == "out"
        assert ".total" in screen.browser.columns.chosen


async def test_chosen_fields_without_room_are_counted(tmp_path: Path) -> None:
    fields = {f"field_{n}": "a value of some length" for n in range(9)}
    path = write_lines(
        tmp_path / "rows.jsonl", (succeeded(f"{n}", json.dumps(fields)) for n in range(30))
    )
    app = open_app(path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.choose_columns([f".{name}" for name in fields])
        await wait_until(pilot, lambda: " +5" in screen_text(app))
        head = next(line for line in screen_lines(app) if "CUSTOM_ID" in line)
        assert head.count(".field_") == 4, "none is cut for the count"
        await pilot.resize_terminal(400, 24)
        await wait_until(pilot, lambda: " +" not in screen_text(app))
        assert ".field_8" in screen_text(app)


async def test_a_click_on_a_column_sorts_by_it_from_the_top(extractions: Path) -> None:
    app = open_app(extractions)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("down", "down")
        y = next(at for at, line in enumerate(screen_lines(app)) if "CUSTOM_ID" in line)
        x = screen_lines(app)[y].index(".total")
        await pilot.click(offset=(x + 1, y))
        await wait_until(pilot, lambda: list(screen.browser.state.rows)[:2] == [4, 3])
        await wait_for_text(pilot, ".total▼")
        assert screen.rows.cursor == 0
        await pilot.click(offset=(x + 1, y))
        await wait_for_text(pilot, ".total▲")
        await pilot.click(offset=(x + 1, y))
        await wait_until(pilot, lambda: screen.browser.state.text == "")


def are_shown(screen: ResultsScreen, rows: list[int], query: str) -> bool:
    """Whether these rows of a query are shown, in this order."""
    return list(screen.browser.state.rows) == rows and screen.browser.state.text == query


async def test_a_click_sorts_by_a_field_with_spaces_in_its_name(tmp_path: Path) -> None:
    lines = [extraction(number, "ACME", **{"unit price": number}) for number in range(3)]
    app = open_app(write_lines(tmp_path / "spaces.jsonl", lines))
    async with app.run_test(size=(160, 34)) as pilot:
        screen = await wait_until_ready(pilot)
        y = next(at for at, line in enumerate(screen_lines(app)) if "CUSTOM_ID" in line)
        x = screen_lines(app)[y].index("unit price")
        for rows, text in (
            ([2, 1, 0], 'sort:-."unit price"'),
            ([0, 1, 2], 'sort:."unit price"'),
            ([0, 1, 2], ""),
        ):
            await pilot.click(offset=(x + 1, y))
            await wait_until(pilot, partial(are_shown, screen, rows, text))


async def test_a_group_leads_to_its_rows_and_escape_back_to_the_same_group(
    extractions: Path,
) -> None:
    app = open_app(extractions)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("2", "g")
        await wait_until(pilot, lambda: isinstance(app.screen, GroupsScreen))
        await wait_for_text(pilot, "50.0 %")
        lines = screen_lines(app)
        assert next(line for line in lines if "ACME" in line).split()[:3] == ["▌", "ACME", "3"]
        assert any("(none)" in line for line in lines)
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [1])
        assert screen.browser.state.text == ".vendor=Globex"
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, GroupsScreen))
        await wait_for_text(pilot, "▌ Globex")
        await pilot.press("right_square_bracket")
        await wait_for_text(pilot, "median 21.0")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is screen)
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 6)


async def test_a_group_that_is_chosen_while_another_field_is_read_is_found_again(
    extractions: Path,
) -> None:
    app = open_app(extractions)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("g")
        await wait_for_text(pilot, "▌ ACME")
        groups = app.screen
        assert isinstance(groups, GroupsScreen)
        groups.state = replace(groups.state, place=GroupPlace("stop"), percent_read=40)
        await pilot.press("down", "down", "enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [1])
        await pilot.press("escape")
        await wait_for_text(pilot, "▌ Globex")


async def test_a_group_of_a_query_with_or_has_the_rows_of_the_group_alone(
    extractions: Path,
) -> None:
    app = open_app(extractions)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.ask("type:errored or .total<30")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 1, 2, 6])
        await pilot.press("g")
        await wait_for_text(pilot, "▌ ACME")
        await pilot.press("enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [0, 2])
        assert screen.browser.state.text == "(type:errored or .total<30) .vendor=ACME"


def has_rows(screen: ResultsScreen, count: int) -> bool:
    return len(screen.browser.state.rows) == count


async def group_list(pilot: Pilot[int]) -> GroupList:
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, GroupsScreen))
    groups = pilot.app.screen.query_one(GroupList)
    await wait_until(pilot, lambda: groups.row_count > 0)
    return groups


async def test_groups_of_a_sample_have_its_rows_and_escape_knows_groups_of_one_name_apart(
    tmp_path: Path,
) -> None:
    values = ['{"v": 100}', '{"v": "100"}', '{"v": ""}', '{"w": 1}', '{"v": 100}']
    path = write_lines(
        tmp_path / "rows.jsonl", (succeeded(f"{n}", values[n % 5]) for n in range(100))
    )
    app = open_app(path)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.ask("sample:40@1")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 40)
        sample = {*screen.browser.state.rows}
        for place in range(4):
            await pilot.press("g")
            groups = await group_list(pilot)
            await pilot.press(*["down"] * place)
            grouping = groups.grouping
            assert grouping is not None
            count = grouping.groups[place].rows
            await pilot.press("enter")
            await wait_until(pilot, partial(has_rows, screen, count))
            assert sample.issuperset(screen.browser.state.rows)
            await pilot.press("escape")
            assert (await group_list(pilot)).cursor == place
            await pilot.press("escape")
            await wait_until(pilot, lambda: app.screen is screen)
            await wait_until(pilot, partial(has_rows, screen, 40))


async def test_rows_that_cannot_be_read_any_more_are_said_and_the_screens_stay(
    extractions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ResultsFileError("The file cannot be read any more")

    monkeypatch.setattr(FieldColumns, "decide", refuse)
    app = open_app(extractions)
    async with app.run_test(size=MEDIUM, notifications=True) as pilot:
        await wait_until_ready(pilot)
        await wait_for_text(pilot, "doc-3")
        monkeypatch.setattr(groups_screen, "group_rows", refuse)
        await pilot.press("g")
        await wait_until(pilot, lambda: isinstance(app.screen, GroupsScreen))
        await wait_until(pilot, lambda: "cannot be read any more" in notice_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, ResultsScreen))


async def test_the_fields_to_group_by_follow_the_width(extractions: Path) -> None:
    app = open_app(extractions)
    async with app.run_test(size=TINY) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("g")
        await wait_until(pilot, lambda: isinstance(app.screen, GroupsScreen))
        await wait_for_text(pilot, ".vendor")
        assert " review " not in screen_lines(app)[1]
        await pilot.resize_terminal(*WIDE)
        await wait_until(pilot, lambda: " review " in screen_lines(app)[1])


async def test_a_cause_leads_to_its_rows_and_escape_back(extractions: Path) -> None:
    app = open_app(extractions)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("f")
        await wait_for_text(pilot, "1 cause")
        await pilot.press("enter")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [6])
        await pilot.press("escape")
        await wait_for_text(pilot, "1 cause")
        await pilot.press("escape")
        await wait_until(pilot, lambda: len(screen.browser.state.rows) == 7)


def is_on_top(app: BatchtuiApp, kind: type[object]) -> bool:
    """Whether keys act on a screen of a kind."""
    return isinstance(app.screen, kind)


async def test_hostile_fields_are_only_text(tmp_path: Path) -> None:
    lines = [extraction(number, HOSTILE, **{HOSTILE: HOSTILE}) for number in range(3)]
    app = open_app(write_lines(tmp_path / "hostile.jsonl", lines))
    async with app.run_test(size=(160, 34)) as pilot:
        screen = await wait_until_ready(pilot)
        for keys, kind in ((), ResultsScreen), (("F",), FieldsScreen), (("g",), GroupsScreen):
            await pilot.press(*keys)
            await wait_until(pilot, partial(is_on_top, app, kind))
            await wait_for_text(pilot, "[b]bold[/b]")
            await idle(pilot)
            assert not set("\x1b\x07\u202e") & set(screen_text(app))
        await pilot.press("escape", "escape")
        await wait_until(pilot, lambda: app.screen is screen)


def test_choices_hold_for_a_batch_and_for_the_next_with_the_same_fields(tmp_path: Path) -> None:
    path = tmp_path / "columns.json"
    AnswerChoices(path).remember_columns("one", (".a", ".b"))
    choices = AnswerChoices(path)
    assert choices.columns_of("one", []) == (".a", ".b")
    assert choices.columns_of("two", [".a", ".b", ".c"]) == (".a", ".b")
    assert choices.columns_of("two", [".a"]) is None
    path.write_text("[broken")
    assert AnswerChoices(path).columns_of("one", []) is None


def test_texts_that_no_two_records_share_are_the_last_to_be_columns() -> None:
    def field(path: str, kind: str, *counts: int) -> FieldInfo:
        values = tuple((f"{path} {place}", count) for place, count in enumerate(counts))
        return FieldInfo(path, ((kind, 9),), 1.0, values, has_more_values=False, is_sampled=False)

    fields = [
        field(".document_id", "string", 1, 1, 1),
        field(".vendor", "string", 5, 4),
        field(".lines", "list"),
        field(".total", "number", 1, 1),
        field(".kind", "string", 9),
    ]
    assert default_fields(fields) == (".vendor", ".total", ".kind")
    assert default_fields(fields[:2]) == (".vendor", ".document_id")
    assert default_fields([field(".[].title", "string", 2)]) == (".[].title",)
    assert default_fields([field(".lines[].sku", "string", 2)]) == ()


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_a_histogram_keeps_to_its_width(glyphs: object) -> None:
    spread = measure_spread(dict.fromkeys(range(100), 1))
    lines = spread_lines(spread, 60, UNICODE if glyphs is UNICODE else ASCII)
    assert "median 49" in lines[0].text
    assert all(len(line.text) <= 70 for line in lines)
    assert len(lines) >= 10


async def test_what_needs_a_look_is_known_at_once_when_all_records_are(tmp_path: Path) -> None:
    fenced = [
        succeeded(f"doc-{at}", f'Here it is:\n```json\n{{"total": {at}}}\n```') for at in range(40)
    ]
    said = [succeeded(f"odd-{at}", "I cannot read this one.") for at in range(2)]
    path = write_lines(tmp_path / "fenced.jsonl", [*said, *fenced])
    async with open_app(path).run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await wait_for_text(pilot, "40 of 42 have a record")
        await wait_for_text(pilot, "Needs a look 2")
        await wait_until(pilot, lambda: PROSE in reader_text(screen))
        await wait_until(pilot, lambda: "no record: " in reader_text(screen))
        await pilot.press("6")
        assert list(screen.browser.state.rows) == [0, 1]


async def test_answers_without_a_record_are_counted_and_say_where_it_breaks(
    tmp_path: Path,
) -> None:
    lines = [extraction(number, vendor) for number, vendor in enumerate(VENDORS)]
    lines.append(succeeded("broken", 'Here:\n```json\n{"vendor": "ACME", "total": }\n```'))
    app = open_app(write_lines(tmp_path / "broken.jsonl", lines))
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await wait_for_text(pilot, "5 of 6 have a record")
        x = screen_lines(app)[2].index("5 of 6")
        await pilot.click(offset=(x + 1, 2))
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [5])
        await wait_for_text(pilot, "the JSON breaks at line")


async def test_an_export_previews_the_fields_that_are_columns(
    extractions: Path, tmp_path: Path
) -> None:
    app = open_app(extractions, export_dir=str(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.choose_columns([".vendor", ".total"])
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await wait_for_text(pilot, '"custom_id": "doc-0"')
        await pilot.press("tab")
        await wait_for_text(pilot, "custom_id,.vendor,.total")
        await wait_for_text(pilot, "doc-1,Globex,10.5")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is screen)
    text = (tmp_path / "extractions.csv").read_text(encoding="utf-8-sig")
    assert text.splitlines()[:2] == ["custom_id,.vendor,.total", "doc-0,ACME,0.0"]


async def test_a_file_that_is_written_again_is_read_again_and_marks_stay_with_their_rows(
    extractions: Path,
) -> None:
    app = open_app(extractions)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await wait_until_ready(pilot)
        await pilot.press("down", "space")
        assert screen.browser.state.marked == {1}
        write_lines(extractions, reversed(extraction_lines()[:-1]))
        await wait_until(pilot, lambda: "program: it is read again" in notice_text(app))
        await wait_until(pilot, lambda: len(screen.browser.index) == 6)
        await wait_until(pilot, lambda: screen.browser.state.marked == {4})
        assert screen.browser.index.custom_id(4) == "doc-1"


def streamed(number: int) -> bytes:
    """A row of a file whose later answers have other fields and longer values."""
    if number < 30:
        return extraction(number, "ACME")
    record = {"extra": "more", "total": number, "vendor": "A much longer name"}
    return succeeded(f"doc-{number}", json.dumps(record))


@pytest.mark.parametrize("rows", [25, 60, 300])
async def test_columns_are_those_of_the_first_records_however_many_have_come(
    tmp_path: Path, rows: int
) -> None:
    path = write_lines(tmp_path / "rows.jsonl", map(streamed, range(rows)))
    with closing(open_results(path)) as file, file.reader() as reader:
        await file.load()
        columns = FieldColumns(file.index, "b", AnswerChoices(None))
        columns.decide(reader, is_whole=False)
        assert [(one.key, one.width) for one in columns.columns()] == [
            (".vendor", 8),
            (".total", 7),
        ]
        before = columns.columns()
        while columns.find_more(reader, 1.0):
            pass
        assert columns.columns() == before
        columns.measure_all()
        assert columns.columns()[0].width == (8 if rows == 25 else 18)


async def test_rows_known_to_have_no_record_are_not_read_for_columns(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "rows.jsonl", (succeeded(f"{n}", "prose") for n in range(50)))
    with closing(open_results(path)) as file, file.reader() as reader:
        await file.load()
        columns = FieldColumns(file.index, "b", AnswerChoices(None))
        columns.records.fill(reader, 50)

        class Unread:
            def span(self, offset: int, length: int) -> bytes:
                raise AssertionError(f"{length} bytes at {offset} were read")

        assert columns.decide(Unread(), is_whole=True)
        assert not columns.chosen


async def test_few_records_choose_columns_once_no_more_rows_come(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "rows.jsonl", map(streamed, range(5)))
    with closing(open_results(path)) as file, file.reader() as reader:
        await file.load()
        columns = FieldColumns(file.index, "b", AnswerChoices(None))
        columns.decide(reader, is_whole=False)
        assert not columns.chosen
        columns.decide(reader, is_whole=True)
        assert columns.chosen == (".vendor", ".total")


async def test_chosen_columns_are_remembered_where_few_of_many_rows_have_a_record(
    tmp_path: Path,
) -> None:
    lines = (streamed(n) if n % 150 == 0 else succeeded(f"{n}", "prose") for n in range(2_100))
    path = write_lines(tmp_path / "rows.jsonl", lines)
    choices = AnswerChoices(None)
    choices.remember_columns("b", (".total",))
    with closing(open_results(path)) as file, file.reader() as reader:
        await file.load()
        columns = FieldColumns(file.index, "b", choices)
        while not columns.decide(reader, is_whole=True):
            pass
        assert columns.chosen == (".total",)


async def test_a_pattern_of_ones_own_finds_records_and_is_remembered(tmp_path: Path) -> None:
    lines = [succeeded(f"doc-{n}", f"Tier: {'AB'[n % 2]}\nScore: {n}") for n in range(60)]
    path = write_lines(tmp_path / "rows.jsonl", lines)
    app = open_app(path)
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        assert ".Tier" not in screen_text(app)
        await pilot.press("tilde")
        await wait_for_text(pilot, "Find records by a pattern")
        await pilot.press(*"(?P<key>", "enter")
        await wait_for_text(pilot, "This is not a valid pattern")
        await pilot.press(*r"\w+): (?P<value>.+)", "enter")
        await wait_for_text(pilot, ".Score")
        screen.rows.ask(".Score>57")
        await wait_until(pilot, lambda: list(screen.browser.state.rows) == [58, 59])
    again = open_app(path)
    async with again.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        await wait_for_text(pilot, ".Score")
        await pilot.press("tilde")
        await wait_for_text(pilot, r"(?P<key>\w+): (?P<value>.+)")
        await pilot.press("ctrl+u", "enter")
        await wait_until(pilot, lambda: ".Score" not in screen_text(again))
        assert screen.browser.pattern == ""


def test_the_label_of_the_batch_is_a_column_where_it_has_one(extractions: Path) -> None:
    with closing(open_results(extractions)) as file, file.reader() as reader:
        labeled = FieldColumns(file.index, "b", AnswerChoices(None), "spring")
        assert "label" in labeled.built_in
        labeled.choose(("label", "answer"))
        assert [one.title for one in labeled.columns()] == ["LABEL", "ANSWER"]
        assert labeled.text(reader, 0, "label") == "spring"
        assert "label" not in FieldColumns(file.index, "b", AnswerChoices(None)).built_in


async def test_the_order_of_requests_that_are_not_known_is_told_as_such(extractions: Path) -> None:
    app = open_app(extractions)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.ask("sort:asked")
        await wait_until(pilot, lambda: "No requests are attached" in notice_text(app))


def attach_requests(app: BatchtuiApp, results: Path, requests: Path) -> None:
    params = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "Who?"}]}
    asked = [{"custom_id": f"doc-{number}", "params": params} for number in (3, 1, 0, 2)]
    requests.write_text("".join(f"{json.dumps(line)}\n" for line in asked))
    with closing(Ledger(app.effective.loaded.ledger_file)) as ledger:
        ledger.attach_to_file(file_subject(results), RequestSource(requests).fingerprint)


async def test_the_requests_of_a_results_file_give_its_rows_their_order(
    extractions: Path, tmp_path: Path
) -> None:
    app = open_app(extractions)
    attach_requests(app, extractions, tmp_path / "requests.jsonl")
    async with app.run_test(size=WIDE) as pilot:
        screen = await wait_until_ready(pilot)
        screen.rows.ask("sort:asked")
        await wait_until(pilot, lambda: list(screen.browser.state.rows)[:4] == [3, 1, 0, 2])
        await wait_for_text(pilot, "Who?")


async def test_an_export_knows_the_requests_though_none_was_looked_at(
    extractions: Path, tmp_path: Path
) -> None:
    app = open_app(extractions)
    attach_requests(app, extractions, tmp_path / "requests.jsonl")
    async with app.run_test(size=TINY) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("e")
        await wait_until(pilot, lambda: isinstance(app.screen, ExportDialog))
        await pilot.press("tab", "tab", "tab")
        await wait_for_text(pilot, "[question and answer")


@pytest.mark.parametrize("size", [WIDE, (80, 24)])
async def test_types_are_whole_and_booleans_have_values(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    records = [(True, 1), (True, "some"), (False, 12345678901234567890123), (None, "some")]
    lines = [
        succeeded(f"d{at}", json.dumps({"is_paid": paid, "amount": amount}))
        for at, (paid, amount) in enumerate(records)
    ]
    app = open_app(write_lines(tmp_path / "r.jsonl", lines))
    async with app.run_test(size=size) as pilot:
        await wait_until_ready(pilot)
        await pilot.press("F")
        await wait_for_text(pilot, "true ×2  false")
        amount = next(one for one in screen_lines(pilot.app) if ".amount" in one)
        assert "number or string" in amount or "string or number" in amount
        assert "some ×2" in amount
        paid = next(one for one in screen_lines(pilot.app) if ".is_paid" in one)
        assert "null ×" not in paid
