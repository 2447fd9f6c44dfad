"""What the rows and the lines of the list say, without a screen."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from batchtui.api.connection import AccountIds
from batchtui.api.models import BatchPage, MessageBatch, RequestCounts
from batchtui.batches.durations import Typical
from batchtui.batches.expiring import ExpiringResult
from batchtui.batches.list_query import ListQuery, OutcomeFilter, Sort, StateFilter
from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.config.profiles import EnvironmentKey, Profile
from batchtui.prices import Cost
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import default_key
from batchtui.tui.glyphs import ASCII, UNICODE, Glyphs
from batchtui.tui.lines import Line
from batchtui.tui.screens.batches.detail import detail_lines
from batchtui.tui.screens.batches.header import Pointing, filter_line, pointing_line
from batchtui.tui.screens.batches.questions import forget_question, save_offer
from batchtui.tui.screens.batches.rows import batch_rows
from batchtui.tui.screens.batches.state import (
    BatchListState,
    Cause,
    DetailFacts,
    ListFacts,
    ResultsGist,
    ViewContext,
)
from batchtui.tui.screens.batches.tour import next_step, tour_line
from batchtui.tui.screens.batches.view import sort_by_column
from batchtui.tui.widgets.batch_table import OUTCOME_WIDTH, BatchTable, SortMark
from batchtui.tui.widgets.line_list import GUTTER

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def ended(**counts: int) -> MessageBatch:
    return MessageBatch(
        id="msgbatch_1",
        processing_status="ended",
        request_counts=RequestCounts(**counts),
        created_at=NOW - timedelta(hours=3),
        ended_at=NOW,
    )


def live(minutes: float) -> MessageBatch:
    return MessageBatch(
        id="msgbatch_1",
        processing_status="in_progress",
        request_counts=RequestCounts(processing=100),
        created_at=NOW - timedelta(minutes=minutes),
    )


def outcome(batch: MessageBatch, known: ListFacts | None = None, glyphs: Glyphs = UNICODE) -> str:
    context = ViewContext(NOW, glyphs=glyphs, known=known or ListFacts())
    return "".join(span.text for span in batch_rows([batch], frozenset(), context)[0].outcome)


@pytest.mark.parametrize(
    ("errored", "shown"),
    [
        (1, "▏      <0.1%"),
        (20, "▏      0.2 %"),
        (740, "▌      7.4 %"),
        (5_000, "███     50 %"),
        (9_999, "█████▉  99 %"),
        (10_000, "██████ 100 %"),
    ],
)
def test_a_share_that_failed_is_never_told_as_none_or_all(errored: int, shown: str) -> None:
    assert outcome(ended(errored=errored, succeeded=10_000 - errored)) == shown


def test_what_went_well_says_nothing() -> None:
    assert not outcome(ended(succeeded=10)).strip()


@pytest.mark.parametrize(
    ("minutes", "number"), [(12, "~30 m"), (45, "<1 h"), (90, ">1 h"), (0, "~30 m")]
)
def test_a_live_batch_is_told_against_what_is_usual(minutes: float, number: str) -> None:
    usual = Typical(timedelta(minutes=30), timedelta(hours=1), 9)
    assert outcome(live(minutes), ListFacts(usual={"msgbatch_1": usual})).endswith(number)


@given(
    total=st.integers(1, 10**9),
    share=st.floats(0, 1),
    minutes=st.floats(0, 10_000),
    glyphs=st.sampled_from([UNICODE, ASCII]),
)
@settings(max_examples=60)
def test_an_outcome_fills_its_column(
    total: int, share: float, minutes: float, glyphs: Glyphs
) -> None:
    failed = int(total * share)
    for batch in (ended(errored=failed, succeeded=total - failed), live(minutes)):
        assert cell_len(outcome(batch, glyphs=glyphs)) == OUTCOME_WIDTH


@given(
    width=st.integers(20, 220),
    state=st.sampled_from(StateFilter),
    result=st.sampled_from(OutcomeFilter),
    sort=st.sampled_from(Sort),
    at_risk=st.integers(0, 2_000),
    text=st.sampled_from(["", "nightly", "日本語のラベル" * 9]),
)
@settings(max_examples=80)
def test_the_filter_line_fits_and_keeps_the_page(
    width: int, state: StateFilter, result: OutcomeFilter, sort: Sort, at_risk: int, text: str
) -> None:
    listing = Listing().absorb(BatchPage(data=(ended(succeeded=1),), has_more=False))
    listing = listing.with_query(ListQuery(text, state, result, sort))
    found = filter_line(listing, at_risk, default_key, width)
    assert "page 1 of 1" in found.text
    spans = (*found.left, *found.right)
    assert sum(cell_len(span.text) for span in spans) <= width
    assert all(not span.action or span.action.startswith("screen.command(") for span in spans)


def test_no_key_is_named_that_saves_what_is_not_to_be_kept() -> None:
    listing = Listing().absorb(BatchPage(data=(ended(succeeded=1),), has_more=False))
    assert "48 h: D" in filter_line(listing, 3, default_key, 200).text
    found = filter_line(listing, 3, default_key, 200, keeps_results=False)
    assert "3 results expire within 48 h" in found.text
    assert "48 h: D" not in found.text


@pytest.mark.parametrize("name", ["nightly", "日本語のラベル" * 9])
def test_names_in_wide_characters_are_cut_by_their_cells(name: str) -> None:
    batch = ended(succeeded=3)
    context = ViewContext(NOW)
    at_risk = ExpiringResult(batch, name, NOW, timedelta(hours=3), None)
    first, second = save_offer([at_risk, replace(at_risk, label="nightly")], context).body[:2]
    assert _cells(first) == _cells(second)


def test_what_expires_is_listed_in_columns_that_fit_into_a_dialog_of_80() -> None:
    sizes = [(1, 999), (25_000, 123_456_789), (1_200, 1_234_567)]
    at_risk = [
        ExpiringResult(ended(succeeded=rows), "a-label-" * 9, NOW, timedelta(hours=47), about)
        for rows, about in sizes
    ]
    lines = [one.text for one in save_offer(at_risk, ViewContext(NOW)).body[: len(sizes)]]
    assert {len(one) for one in lines} == {len(lines[0])}
    assert len(lines[0]) <= _DIALOG_AT_80
    assert len({one.index("row") for one in lines[1:]}) == 1


_DIALOG_AT_80 = 70
"""Cells of a line of a dialog in 80 columns."""


@given(width=st.integers(10, 120), name=st.sampled_from(["work", "仕事場の" * 4]))
@settings(max_examples=40)
def test_where_it_is_pointed_fits_in_wide_characters(width: int, name: str) -> None:
    account = AccountIds(name * 3, name * 5, "abcd")
    profile = replace(_PROFILE, name=name)
    pointing = Pointing(profile, account, damage=name, is_read_only=True)
    found = pointing_line(pointing, PollStatus(), NOW, UNICODE, width)
    alone = pointing_line(pointing, PollStatus(), NOW, UNICODE, 0)
    assert _cells(found) <= max(width, _cells(alone))


_PROFILE = Profile(
    name="work",
    base_url="https://api.example",
    key_source=EnvironmentKey(),
    key_header="auto",
    workspace_id="",
    api_version="2023-06-01",
    use_beta_endpoints=False,
    betas=(),
    color="blue",
    read_only=False,
)


def _cells(line: Line) -> int:
    return sum(cell_len(span.text) for span in (*line.left, *line.right))


def test_the_head_of_a_column_goes_through_its_orders() -> None:
    assert sort_by_column("age", Sort.NEWEST) is Sort.OLDEST
    assert sort_by_column("age", Sort.OLDEST) is Sort.NEWEST
    assert sort_by_column("requests", Sort.OLDEST) is Sort.REQUESTS
    assert sort_by_column("note", Sort.LABEL) is Sort.LABEL


def test_the_tour_goes_on_with_its_key_only_and_ends_for_good() -> None:
    assert next_step(0, commands.OpenResults) == 1
    assert next_step(0, commands.MarkBatch) == 0
    assert next_step(3, commands.ClearFilter) is None
    assert next_step(None, commands.OpenResults) is None
    for step in range(6):
        said = tour_line(step, default_key, 78)
        assert f"{step + 1} of 6" in said.text
        # whole in the narrowest window of full size, with a blank before, between and behind
        assert _cells(said) <= 80 - 3
        small = tour_line(step, default_key, 38)
        assert _cells(small) < 38, "the key and what it does are whole"


@pytest.mark.parametrize("failed", [14, 2_400])
def test_a_label_is_whole_beside_what_is_saved_in_a_window_of_120_columns(failed: int) -> None:
    batch = ended(errored=failed, succeeded=100_000 - failed)
    label = "extract-invoices-026"
    context = ViewContext(
        NOW, labels={batch.id: label}, known=ListFacts(saved=frozenset({batch.id}))
    )
    table = BatchTable()
    table.set_reactive(BatchTable.rows, batch_rows([batch], frozenset(), context))
    assert "SAVED" in table.header(_LIST_AT_120).text
    shown = table.line_of(0, _LIST_AT_120).text
    assert label in shown
    assert f"{failed:,} failed" in shown
    assert cell_len(shown) == _LIST_AT_120


def table_of(label: str, note: str = "") -> BatchTable:
    """The list of a batch that is saved, with a label and perhaps a note."""
    batch = ended(succeeded=1)
    notes = {batch.id: note} if note else {}
    known = ListFacts(saved=frozenset({batch.id}), notes=notes)
    table = BatchTable()
    context = ViewContext(NOW, labels={batch.id: label}, known=known)
    table.set_reactive(BatchTable.rows, batch_rows([batch], frozenset(), context))
    return table


@pytest.mark.parametrize("width", [72, 80, 120, 200])
@pytest.mark.parametrize(
    ("key", "title"),
    [
        ("name", "LABEL OR ID ▲"),
        ("requests", " REQUESTS ▼"),
        ("age", "AGE ▲"),
        ("state", "STATE ▲"),
    ],
)
def test_the_mark_of_the_order_eats_no_letter_of_its_title(
    width: int, key: str, title: str
) -> None:
    table = table_of("a-label-of-many-letters-which-is-as-long-as-they-get")
    table.set_reactive(BatchTable.sort_mark, SortMark(key, title[-1]))
    assert title in table.header(width - GUTTER).text


def test_no_label_is_cut_beside_a_column_that_says_little() -> None:
    label = "review-pull-requests-13-again"
    table = table_of(label)
    assert "SAVED" not in table.header(_LIST_AT_120).text
    assert label in table.line_of(0, _LIST_AT_120).text


def test_what_a_person_wrote_comes_before_what_is_worked_out() -> None:
    header = table_of("nightly", note="ask Ann before this is deleted").header(90).text
    assert "NOTE" in header
    assert "EXPIRES" not in header


_LIST_AT_120 = 72
"""Cells of a row of the list beside the detail."""


def test_a_batch_that_was_never_described_is_not_at_rest() -> None:
    listing = Listing().absorb(BatchPage(data=(ended(succeeded=1),), has_more=False))
    state = BatchListState(listing=listing.select("msgbatch_1"))
    assert not state.is_at_rest
    assert replace(state, facts=DetailFacts("msgbatch_1")).is_at_rest
    assert BatchListState().is_at_rest


def test_what_results_say_is_never_cut() -> None:
    batch = ended(succeeded=58, errored=14)
    gist = ResultsGist(
        (Cause(14, "Overloaded"),), ("claude-sonnet-4-5-20250929", "other"), 1, 2, Cost(0.02, 0.3)
    )
    facts = DetailFacts(batch.id, gist=gist, answered_since=12)
    width = 32
    lines = detail_lines(batch, facts, ViewContext(NOW), width)
    assert not [one.text for one in lines if _cells(one) > width]
    said = " ".join(" ".join(one.text for one in lines).split())
    assert "14 failed, 12 answered since" in said
    assert "about $0.02 to $0.30 by the price list" in said
    assert "claude-sonnet-4-5-20250929and1more" in said.replace(" ", "")


@pytest.mark.parametrize(
    ("url", "days", "is_last"), [("https://x", 1, False), (None, 1, True), ("https://x", 40, True)]
)
def test_the_removal_of_the_last_copy_is_grave(url: str | None, days: int, is_last: bool) -> None:
    batch = replace(ended(succeeded=1), results_url=url, created_at=NOW - timedelta(days=days))
    question = forget_question(batch, 2_000, ViewContext(NOW))
    assert question.is_grave is is_last
    assert ("the last copy" in question.body[-1].text) is is_last
