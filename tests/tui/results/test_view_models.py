"""What the lines around the rows say, as pure values."""

import asyncio
import json
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from batchtui.library.ledger_values import Review
from batchtui.results.conversation import read_conversation
from batchtui.results.errors import QueryError
from batchtui.results.index import ResultsIndex
from batchtui.results.opening import open_results
from batchtui.results.query.engine import Query, compile_query
from batchtui.results.query.run import QueryProgress
from batchtui.results.review_flags import ReviewFlags
from batchtui.tui.commands.command import default_key
from batchtui.tui.commands.reading import ResultNeed
from batchtui.tui.glyphs import ASCII, UNICODE
from batchtui.tui.screens.results import search
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.file_rows import FileRowsSource
from batchtui.tui.screens.results.groups_view import fields_line
from batchtui.tui.screens.results.header import (
    Finding,
    Heading,
    caret_line,
    finding_spans,
    header_line,
    problem_lines,
    tabs_line,
)
from batchtui.tui.screens.results.layout import RowLayout, View, lay_out_row
from batchtui.tui.screens.results.requests import FoundRequest, lay_out_question, lay_out_request
from batchtui.tui.screens.results.row_columns import Needed, choose_columns
from batchtui.tui.screens.results.rows import ResultRows, RowsContext, verdict_cell
from batchtui.tui.screens.results.rows_pane import next_order
from batchtui.tui.screens.results.search import Found
from batchtui.tui.screens.results.selection import Tab, place_of, select_rows, tab_counts
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.screens.results.source import Phase, SourceStatus
from batchtui.tui.screens.results.state import AllRows, ResultsState
from batchtui.tui.screens.results.summary_view import bar
from batchtui.tui.screens.results.view import Absence, ResultsViewSetup, note_lines, results_view
from batchtui.tui.widgets.columns import Column
from batchtui.tui.widgets.reader_wrapping import cells_of
from tests.results.core.making import errored, index_lines, succeeded
from tests.tui.results.making import HOSTILE, mixed_lines, write_lines

VERIFIED = SourceStatus(phase=Phase.READY, is_verified=True, expected_rows=8_000, size=31_000_000)


def attention_of(index: ResultsIndex) -> ReviewFlags:
    review_flags = ReviewFlags()
    review_flags.update(index)
    return review_flags


def test_the_header_says_what_is_proven_and_what_failed() -> None:
    heading = Heading("extract-invoices", "msgbatch_01HkcT", VERIFIED, 8_000, 412)
    text = header_line(heading, UNICODE, 120).text
    assert "8,000 verified" in text
    assert "31 MB on this disk" in text
    assert text.endswith("✗ 412 failed")


def test_what_was_canceled_is_no_success() -> None:
    canceled = Heading("a", "", VERIFIED, 3_000, 0, canceled=3_000)
    assert header_line(canceled, UNICODE, 120).text.endswith("⊘ 3,000 canceled")
    assert header_line(Heading("a", "", VERIFIED, 3_000, 0), UNICODE, 120).text.endswith(
        "✓ none failed"
    )


def test_a_download_says_how_far_and_how_fast() -> None:
    status = SourceStatus(
        phase=Phase.DOWNLOADING,
        expected_rows=100_000,
        size=40_000_000,
        expected_size=400_000_000,
        speed=20_000_000.0,
        seconds_left=18.0,
    )
    text = header_line(Heading("a", "", status, 10_000, 0), UNICODE, 120).text
    assert "10,000 of 100,000" in text
    assert "40 MB of 400 MB" in text
    assert "20 MB/s" in text
    assert "18 s left" in text
    assert "failed" not in text, "nothing is said to be well before all is here"


@pytest.mark.parametrize("width", [20, 40, 60, 80, 110])
def test_the_header_keeps_to_its_width(width: int) -> None:
    heading = Heading("a-very-long-label-" * 4, "msgbatch_" + "x" * 40, VERIFIED, 8_000, 412)
    line = header_line(heading, ASCII, width)
    assert len(line.text) <= max(width, 24)


@pytest.mark.parametrize("width", [30, 60, 80, 120])
def test_tabs_show_the_current_one_at_every_width(width: int) -> None:
    counts = dict.fromkeys(Tab, 0) | {Tab.ALL: 100_000, Tab.EXPIRED: 3}
    line = tabs_line(counts, Tab.EXPIRED, width, {})
    assert any(span.style == "tab" and "3" in span.text for span in line.left)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_tab_moves_while_rows_come_in(width: int) -> None:
    done = dict.fromkeys(Tab, 0) | {Tab.ALL: 5_000, Tab.SUCCEEDED: 4_628, Tab.ERRORED: 372}
    expected: dict[Tab, int] = {tab: one for tab, one in done.items() if tab is not Tab.LOOK}
    begun = dict.fromkeys(Tab, 0) | {Tab.ALL: 98, Tab.SUCCEEDED: 98}
    lines = [
        tabs_line(counts, Tab.ALL, width, expected).text
        for counts in (dict.fromkeys(Tab, 0), begun, done, done | {Tab.LOOK: 1_353})
    ]
    places = [[text.find(title) for title in ("All", "Ok", "Succeeded", "Exp")] for text in lines]
    assert places == [places[-1]] * len(lines)


@pytest.mark.parametrize("word", ["apples", "日本語"])
def test_the_caret_stands_below_the_place(word: str) -> None:
    query = f"{word} out<x"
    with pytest.raises(QueryError) as caught:
        compile_query(query)
    for width in (80, 24):
        shown = caret_line(caught.value, query, 2, width).text
        assert shown.index("^") == 2 + len("apples out<")


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    names = (".日本語のラベル", ".title", "type")
    assert cell_len(fields_line(names, ".title", 24).text) <= 24
    assert Needed.by(index_lines(succeeded("日本-1"))).name == cell_len("日本-1")


def test_problems_come_before_remarks_and_name_the_key() -> None:
    status = SourceStatus(
        phase=Phase.BROKEN, problem="the connection was cut", can_go_on=True, remarks=("odd",)
    )
    (line,) = problem_lines(status, go_on="r", width=80)
    text = line.text
    assert text.startswith("The connection was cut")
    assert "r goes on" in text
    (remark,) = problem_lines(SourceStatus(remarks=("odd",)), go_on="r", width=80)
    assert "odd" in remark.text


def test_a_long_problem_is_said_to_its_end() -> None:
    reason = "1 row has an id that came before: the rows of others are missing"
    status = SourceStatus(
        phase=Phase.BROKEN, problem=f"the results are not complete: {reason}", can_go_on=True
    )
    lines = problem_lines(status, go_on="r", width=60)
    assert all(cells_of((*one.left, *one.right)) <= 60 for one in lines)
    assert reason in " ".join("".join(span.text for span in one.left) for one in lines)
    assert "r goes on" in lines[0].text


def test_a_query_says_how_many_and_how_long() -> None:
    found = "".join(span.text for span in finding_spans(Finding("x", 272, 8_000, seconds=0.003)))
    assert found == "272 of 8,000   3 ms"
    searching = Finding("x", 3, 8_000, is_done=False, share_done=0.4)
    assert "searching 40 %" in "".join(span.text for span in finding_spans(searching))


def test_a_state_is_all_that_the_view_asks_for() -> None:
    counts = dict.fromkeys(Tab, 0) | {Tab.ALL: 10, Tab.SUCCEEDED: 7, Tab.ERRORED: 3}
    rows = AllRows("invoices", "msgbatch_1", None, VERIFIED, counts)
    setting = ResultsViewSetup(UNICODE, 120, 120)
    state = ResultsState(rows=range(10), row=4)
    view = results_view(state, rows, setting)
    assert view.header.text.endswith("✗ 3 failed")
    assert view.needs[ResultNeed.ROW]
    assert view.needs[ResultNeed.TARGETS], "what failed"
    assert not view.needs[ResultNeed.QUERY]
    assert not view.note
    empty = ResultsState(tab=Tab.EXPIRED, is_reading=True)
    view = results_view(empty, rows, setting)
    assert view.note[0].text == "No request expired"
    assert view.is_reading
    assert not view.needs[ResultNeed.TARGETS], "nothing of what is shown"
    marked = results_view(replace(empty, marked=frozenset({3})), rows, setting)
    assert marked.needs[ResultNeed.TARGETS]


@pytest.mark.parametrize("phase", list(Phase))
def test_without_rows_something_is_said_in_every_phase(phase: Phase) -> None:
    status = SourceStatus(phase=phase, problem="no" if phase is Phase.BROKEN else "")
    assert note_lines(Absence(status, 0, Tab.ALL), default_key)[0].text


def test_what_a_search_found_so_far_is_said_until_it_is_done() -> None:
    counts = dict.fromkeys(Tab, 0) | {Tab.ALL: 10}
    rows, setting = AllRows("", "", None, VERIFIED, counts), ResultsViewSetup(UNICODE, 120, 120)
    found = Found(array("I"), rows_done=4)
    state = ResultsState(text="typ", query=compile_query("typ"), found=found)
    view = results_view(state, rows, setting)
    assert "searching 40 %" in view.query.text
    assert view.note[0].text == "Searching …"
    found = replace(found, rows_done=10, absent=("No answer has .typ",))
    text = "\n".join(
        one.text for one in results_view(replace(state, found=found), rows, setting).note
    )
    assert "Nothing matches the query" in text
    assert "No answer has .typ" in text


def test_while_a_query_is_typed_no_key_is_named_that_would_be_typed() -> None:
    status = SourceStatus(phase=Phase.READY)
    absence = Absence(status, 5, Tab.ALL, "typ")
    assert "Esc" in " ".join(one.text for one in note_lines(absence, default_key))
    (typing,) = note_lines(replace(absence, is_typing=True), default_key)
    assert typing.text == "Nothing matches so far"


def test_rows_of_tabs_and_matches() -> None:
    index = index_lines(*mixed_lines())
    review_flags = attention_of(index)
    assert list(select_rows(index, review_flags, Tab.ERRORED, None)) == [1, 6, 8]
    assert list(select_rows(index, review_flags, Tab.LOOK, None)) == [5]
    matches = array("I", [0, 1, 5, 8])
    assert list(select_rows(index, review_flags, Tab.ERRORED, matches)) == [1, 8]
    assert list(select_rows(index, review_flags, Tab.LOOK, matches)) == [5]
    assert tab_counts(index, review_flags)[Tab.ALL] == 10


def test_a_row_is_found_again_or_its_place() -> None:
    assert place_of([1, 4, 9], 4, is_ascending=True) == 1
    assert place_of([1, 4, 9], 5, is_ascending=True) == 2
    assert place_of([9, 1, 4], 1, is_ascending=False) == 1
    assert place_of([9, 1], 4, is_ascending=False) == 0


def test_the_orders_go_round_and_leave_the_rest_of_the_query() -> None:
    seen = ["type:errored"]
    for _ in range(5):
        seen.append(next_order(seen[-1]))
    assert seen[1] == "type:errored sort:-out"
    assert seen[-1] == "type:errored"
    assert all(compile_query(text) for text in seen)


@pytest.mark.parametrize("width", [10, 18, 34, 58, 78, 118, 180])
def test_rows_are_safe_and_keep_to_their_columns(width: int) -> None:
    lines = [succeeded(HOSTILE, HOSTILE), errored("日本語" * 20, HOSTILE, HOSTILE), b"{}"]
    index = index_lines(*lines)
    snippets = Snippets(index, None)
    context = RowsContext(attention_of(index), snippets, UNICODE)
    rows = ResultRows(index, range(3), context)
    for place in range(3):
        text = rows.line(place, width).text
        assert not set("\x1b\x07\u202e\n") & set(text)


def test_an_id_and_an_answer_are_worth_more_than_columns_of_numbers() -> None:
    narrow = {one.column.key for one in choose_columns(61, 5, Needed(14, 12), has_models=False)}
    assert {"id", "reason", "answer"} <= narrow
    assert not {"in", "out"} & narrow
    wide = [one.column.key for one in choose_columns(150, 7, Needed(24, 21), has_models=True)]
    assert wide == ["mark", "row", "id", "reason", "model", "in", "out", "answer"]


class Bytes:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def span(self, offset: int, length: int) -> bytes:
        return self.data[offset : offset + length]


def test_snippets_are_one_safe_line_of_what_was_said() -> None:
    lines = [
        succeeded("a", "Line one\nand   two"),
        errored("b", "x", "Bad\nthing"),
        succeeded("c", "long " * 40_000),
        b"not json",
    ]
    snippets = Snippets(index_lines(*lines), Bytes(b"\n".join(lines) + b"\n"))
    assert snippets.of(0) == "Line one and two"
    assert snippets.of(1) == "Bad thing"
    assert snippets.of(2).startswith("long long")
    assert snippets.of(3) == "not json"


def read(
    line: bytes,
    *,
    advice: str = "",
    reasons: tuple[str, ...] = (),
    review: Review | None = None,
) -> str:
    setting = RowLayout(60, UNICODE, advice=advice, reasons=reasons, review=review)
    found: list[str] = []
    for section in lay_out_row(View.CONVERSATION, read_conversation(line), line, setting):
        found += [section.line(number).text for number in range(len(section))] if section else []
    return "\n".join(found)


def test_a_verdict_is_no_warning() -> None:
    row, cut = succeeded("a"), ("cut at max_tokens",)
    text = read(row, reasons=cut, review=Review("a", "good", "well\nput"))
    assert "! cut at max_tokens\nReview  good: well\\nput\n" in text
    assert "Review  odd\n" in read(row, review=Review("a", note="odd"))
    style = verdict_style_of(Review("a", "good"))
    assert style == verdict_cell("good").style


def verdict_style_of(review: Review) -> str:
    setting = RowLayout(60, UNICODE, review=review)
    row = succeeded("a")
    sections = lay_out_row(View.CONVERSATION, read_conversation(row), row, setting)
    facts = next(section for section in sections if section)
    lines = [facts.line(number) for number in range(len(facts))]
    spans = next(one.left for one in lines if one.text.startswith("Review"))
    return next(span.style for span in spans if span.text == review.verdict)


def test_a_conversation_shows_every_kind_of_block() -> None:
    content = [
        {"type": "thinking", "thinking": "Let me see", "signature": "s"},
        {
            "type": "text",
            "text": "Answer",
            "citations": [
                {
                    "type": "page_location",
                    "cited_text": "said so",
                    "document_title": "Book",
                    "document_index": 0,
                    "start_page_number": 3,
                    "end_page_number": 4,
                },
            ],
        },
        {"type": "text", "text": " and more."},
        {"type": "tool_use", "id": "t", "name": "get_weather", "input": {"city": "Oslo"}},
        {"type": "brand_new", "data": [1, 2]},
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "A" * 999},
        },
    ]
    text = read(succeeded("a", content=content), reasons=("cut at max_tokens",))
    for wanted in (
        "thinking",
        "Let me see",
        "Answer [1] and more.",
        "[1] Book  page 3",
        "said so",
        "calls get_weather",
        '"city": "Oslo"',
        "brand_new",
        "image/png",
        "! cut at max_tokens",
        "input 10",
    ):
        assert wanted in text, wanted
    assert "AAAA" not in text


def test_an_error_says_what_to_do_and_gives_its_request() -> None:
    text = read(errored("b", "overloaded_error", "Overloaded"), advice="Send it again.")
    for wanted in ("overloaded_error", "Overloaded", "request_id  req_1", "What to do", "again"):
        assert wanted in text


def test_bars_show_anything_but_nothing() -> None:
    assert bar(0, 10, 20, UNICODE) == ""
    assert bar(1, 100_000, 20, UNICODE) == "▏"
    assert bar(10, 10, 20, UNICODE) == "█" * 20
    assert bar(10, 10, 20, ASCII) == "#" * 20


def test_rows_are_laid_out_for_the_width_that_is_asked_for() -> None:
    index = index_lines(*mixed_lines())
    context = RowsContext(attention_of(index), Snippets(index, None), UNICODE)
    rows = ResultRows(index, range(len(index)), context)
    assert len(rows.line(0, 120).text) == 120
    assert len(rows.line(0, 60).text) == 60


def test_how_many_fields_have_no_room_does_not_cut_the_title_before_it() -> None:
    index = index_lines(*mixed_lines())
    fields = (
        Column(".vendor", ".vendor", 20),
        Column(".total", ".total", 7, "right"),
        Column(".currency", ".currency", 10),
    )
    context = RowsContext(
        attention_of(index), Snippets(index, None), UNICODE, needed=Needed(16, 12), fields=fields
    )
    rows = ResultRows(index, range(len(index)), context)
    assert rows.header(61).text.endswith(" .total +1")
    assert rows.header(62).text.rstrip().endswith(" .total +1")


def test_the_header_names_another_vendor() -> None:
    status = SourceStatus(phase=Phase.READY, size=4_096, vendor="OpenAI chat completions")
    for width in (80, 120):
        text = header_line(Heading("answers.jsonl", "", status, 120, 0), UNICODE, width).text
        assert "OpenAI chat completions" in text


def test_a_file_of_another_vendor_is_shown_under_its_name(tmp_path: Path) -> None:
    answer = {"candidates": [{"content": {"parts": [{"text": "A"}]}, "finishReason": "STOP"}]}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"key": "a", "response": answer}) + "\n")
    source = FileRowsSource(path)
    source.open()
    assert source.status.vendor == "Gemini"
    asyncio.run(source.close())


@pytest.mark.parametrize(
    ("lines", "shown"),
    [(1, ["Question", "0"]), (2, ["Question", "0", "1"]), (3, ["Question", "0", "…"])],
)
def test_no_last_line_of_a_question_is_left_out_for_a_sign_of_it(
    lines: int, shown: list[str]
) -> None:
    content = "\n".join(map(str, range(lines)))
    message = {"role": "user", "content": content}
    data = json.dumps({"custom_id": "a", "params": {"messages": [message]}}).encode()
    steps = lay_out_question(
        FoundRequest("a.jsonl", 1, data, has_changed=False), RowLayout(40, UNICODE), most=3
    )
    (section,) = (step for step in steps if step is not None)
    texts = [section.line(number).text for number in range(len(section))]
    assert [one.strip() for one in texts] == [*shown, "", "Answer"]


def test_a_parameter_that_is_cut_says_so() -> None:
    params = {"output_config": {"format": ["buyer"] * 60, "last": "end"}}
    data = json.dumps({"custom_id": "a", "params": params}).encode()
    found = FoundRequest("a.jsonl", 1, data, has_changed=False)
    steps = lay_out_request(found, RowLayout(80, UNICODE))
    sections = [step for step in steps if step is not None]
    text = "".join(one.line(number).text for one in sections for number in range(len(one)))
    assert "…" in text
    assert '"last": "end" }' in text


def test_a_file_that_is_being_opened_already_is_waited_for(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "results.jsonl", mixed_lines())
    file = open_results(path)
    with ThreadPoolExecutor(1) as beside:
        source = FileRowsSource(path, opened=beside.submit(lambda: file).result)
        source.open()
    assert source.index is file.index
    asyncio.run(source.close())


def test_a_file_that_could_not_be_opened_beside_the_rest_says_why_and_is_tried_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "results.jsonl"
    with ThreadPoolExecutor(1) as beside:
        source = FileRowsSource(path, opened=beside.submit(open_results, path).result)
        source.open()
    assert source.status.phase is Phase.BROKEN
    assert "no such file" in source.status.problem.lower()
    write_lines(path, mixed_lines())
    source.open()
    assert len(source.index) > 0
    asyncio.run(source.close())


def test_what_is_said_of_rows_is_of_those_that_were_taken_in(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(b"".join(mixed_lines()))
    source = FileRowsSource(path)
    browser = Browser(source)
    browser.take_in()
    before = browser.all_rows()
    source.open()
    source.status = VERIFIED
    # verified, and no rows: commands were refused for want of rows
    assert browser.all_rows() == before
    browser.take_in()
    after = browser.all_rows()
    assert after.status is VERIFIED
    assert after.count > 0
    asyncio.run(source.close())


def test_what_a_row_says_is_its_record_by_the_users_own_pattern(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    path.write_bytes(succeeded("a", "Score: 7\nReason: brief") + b"\n")
    source = FileRowsSource(path)
    source.open()
    browser = Browser(source)
    browser.take_in()
    assert browser.snippets.of(0) == "Score: 7 Reason: brief"
    browser.use_pattern(r"Score: (?P<score>\d+)")
    assert browser.snippets.of(0) == '{"score":7}'
    asyncio.run(source.close())


async def test_what_was_found_in_a_file_is_not_looked_at_again_in_another(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "results.jsonl", mixed_lines())
    source = FileRowsSource(path)
    source.open()
    browser = Browser(source)
    browser.take_in()
    browser.ask("type:errored", compile_query("type:errored"))
    await browser.run_search(lambda: None)
    go_back = browser.way_back()
    assert list(browser.select()) == [1, 6, 8]
    await source.close()
    write_lines(path, mixed_lines()[:3])
    source.open()
    browser.take_in()
    go_back()
    assert max(browser.select()) < 3
    assert not browser.is_searched
    await browser.run_search(lambda: None)
    assert list(browser.select()) == [1]
    await source.close()


class InVain:
    """A query that looks at ten rows in a step, and finds nothing."""

    matches: "array[int]" = array("I")

    def __init__(self) -> None:
        self.rows = 0

    @property
    def progress(self) -> QueryProgress:
        return QueryProgress(0, self.rows)

    def advance(self, _turn: float) -> bool:
        self.rows += 10
        return self.rows < 30


async def test_a_long_search_in_vain_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_IN_VAIN", "_FIRST_REPORT", "_REPORT_EVERY"):
        monkeypatch.setattr(search, name, 0.0)
    monkeypatch.setattr(Query, "run", lambda *_: InVain())
    looked: list[int] = []
    started = search.Search(compile_query("~zq+x"), index_lines(*mixed_lines()), Bytes(b""))
    await started.run(lambda found: looked.append(found.rows_done))
    assert looked == [10, 20, 30]
