"""Columns of the results and of the summary: what must be read in full, and numbers in line."""

from pathlib import Path

import pytest

from batchtui.library.ledger_values import Review
from batchtui.prices import load_prices
from batchtui.results.review_flags import ReviewFlags
from batchtui.results.summary import summarize
from batchtui.tui.glyphs import UNICODE
from batchtui.tui.screens.results.row_columns import Needed, choose_columns, short_reason
from batchtui.tui.screens.results.rows import ResultRows, RowsContext
from batchtui.tui.screens.results.snippets import Snippets
from batchtui.tui.screens.results.summary_view import SummaryState, summary_lines
from batchtui.tui.widgets.columns import Column
from batchtui.tui.widgets.painting import cut_cells, fit
from tests.results.core.making import index_lines, succeeded


def test_beside_the_reader_the_reason_is_read_in_full() -> None:
    reason = short_reason("invalid_request_error")
    needed = Needed(24, len(reason))
    placed = {one.column.key: one.width for one in choose_columns(57, 5, needed, has_models=False)}
    assert reason == "invalid_request"
    assert placed["reason"] >= len(f"✗ {reason}")
    assert placed["id"] >= 18


@pytest.mark.parametrize("width", [9, 20, 38, 57, 78, 118, 198])
@pytest.mark.parametrize("name", [6, 14, 64])
@pytest.mark.parametrize("fields", [(), (8, 30, 12)])
@pytest.mark.parametrize("verdict", [0, 4, 40])
def test_columns_keep_to_the_width_and_the_id_is_never_pushed_off(
    width: int, name: int, fields: tuple[int, ...], verdict: int
) -> None:
    chosen = [Column(f".f{place}", "F", cells) for place, cells in enumerate(fields)]
    placed = choose_columns(width, 7, Needed(name, 21, verdict), has_models=True, fields=chosen)
    by_key = {one.column.key: one.width for one in placed}
    assert ("review" in by_key) == bool(verdict) or width < 38
    if width >= 38:
        assert sum(one.width + one.column.gap for one in placed) <= width
        assert by_key["id"] >= min(name, 9)
    if width >= 78 and fields:
        assert by_key[".f0"] >= 6
    if width >= 78 and not fields and not verdict:
        assert by_key["answer"] >= 20


@pytest.mark.parametrize("width", [100, 118, 198])
@pytest.mark.parametrize("fields", [(), (12,)])
def test_no_id_is_cut_beside_room_for_it(width: int, fields: tuple[int, ...]) -> None:
    chosen = [Column(".f", "F", cells) for cells in fields]
    for name in (14, 24, 40, 64):
        placed = choose_columns(width, 5, Needed(name, 15), has_models=True, fields=chosen)
        by_key = {one.column.key: one.width for one in placed}
        is_whole = by_key["id"] >= name
        is_full = by_key["answer"] <= 28 and not by_key.keys() & {"in", "out", "model"}
        assert is_whole or is_full


def test_ids_that_are_cut_can_be_told_apart() -> None:
    ids = [f"contract-{number:04}_clause-{number % 20:02}" for number in range(60)]
    index = index_lines(*(succeeded(one, "said") for one in ids))
    context = RowsContext(
        ReviewFlags(),
        Snippets(index, None),
        UNICODE,
        needed=Needed.by(index),
        fields=(Column(".f", "F", 12),),
    )
    rows = ResultRows(index, range(60), context)
    shown = {rows.line(place, 54).text.split()[1] for place in range(60)}
    assert all("…" in one for one in shown)
    assert len(shown) == 60


@pytest.mark.parametrize(
    ("shared", "expected"),
    [(0, "contract-00…use-21"), (10, "co…00007_clause-21"), (1, "contract-00…use-21")],
)
def test_what_all_texts_begin_with_is_cut_first(shared: int, expected: str) -> None:
    assert expected in cut_cells("contract-000007_clause-21", 18, shared=shared)


@pytest.mark.parametrize("why", ["refusal", "", "_error", "error"])
def test_other_reasons_stay_as_they_are(why: str) -> None:
    assert short_reason(why) == why


def test_a_text_that_is_cut_ends_in_one_sign_for_it() -> None:
    assert fit("a limit of … tokens", 13) == "a limit of…  "
    assert fit("a limit of tokens", 13) == "a limit of t…"


@pytest.mark.parametrize("width", [60, 118])
def test_numbers_of_models_end_below_their_titles(width: int, tmp_path: Path) -> None:
    index = index_lines(*(succeeded(f"id-{number}", "said") for number in range(3)))
    prices = load_prices(tmp_path / "none.toml")
    written = summary_lines(SummaryState("", prices, summarize(index, prices)), UNICODE, width)
    lines = [one.line.text for one in written]
    titles, row = lines[lines.index("By model") + 1 :][:2]
    assert len(titles) == len(row) <= width
    for end in (titles.index(word) + len(word) for word in titles.split()):
        assert row[end - 1] != " "
        assert row[end : end + 1] in {" ", ""}


def test_a_verdict_is_shown_as_soon_as_there_is_one() -> None:
    index = index_lines(*(succeeded(f"id-{number}", "said") for number in range(3)))
    snippets = Snippets(index, None)
    for width in (38, 78, 118):
        context = RowsContext(ReviewFlags(), snippets, UNICODE, needed=Needed.by(index))
        assert "REV" not in ResultRows(index, range(3), context).header(width).text
    index.reviews = {"id-1": Review("id-1", "bad"), "id-2": Review("id-2", note="?")}
    for width in (38, 78, 118):
        context = RowsContext(ReviewFlags(), snippets, UNICODE, needed=Needed.by(index))
        rows = ResultRows(index, range(3), context)
        assert "REV" in rows.header(width).text
        assert [("bad" in rows.line(place, width).text) for place in range(3)] == [
            False,
            True,
            False,
        ]
        assert all(f"id-{place}" in rows.line(place, width).text for place in range(3))
