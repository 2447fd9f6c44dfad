"""What the screens over the rows say: failures, groups, the summary, as pure values."""

from msgspec.structs import replace

from batchtui.prices import load_prices
from batchtui.results.grouping import Grouping, RowGroup
from batchtui.results.query.syntax import SortKey
from batchtui.results.summary import summarize
from batchtui.results.triage import triage
from batchtui.tui.glyphs import UNICODE
from batchtui.tui.screens.results.failures_view import (
    FailuresState,
    cause_detail,
    cause_line,
    failures_header,
)
from batchtui.tui.screens.results.groups_view import (
    GroupPlace,
    GroupsState,
    fields_line,
    first_field,
    group_line,
    groups_header,
    place_group_columns,
)
from batchtui.tui.screens.results.later_rows import Since
from batchtui.tui.screens.results.summary_view import (
    SummaryState,
    summary_header,
    summary_lines,
)
from tests.results.core.making import errored, index_lines
from tests.tui.results.making import HOSTILE, mixed_lines


def test_failures_say_how_many_of_how_many_and_what_became_of_them() -> None:
    index = index_lines(*mixed_lines())
    state = FailuresState(triage(index), len(index), is_moving=True)
    text = failures_header(state, 120).text
    assert "5 of 10 rows so far" in text
    assert "4 causes" in text
    since = {state.groups[0].query: Since(answered=1), state.groups[1].query: Since(1, 1)}
    text = failures_header(replace(state, is_moving=False, since=since), 120).text
    assert "so far" not in text
    assert text.rstrip().endswith("2 answered since, 1 under way again")
    assert "2 answered since" not in failures_header(replace(state, since=since), 60).text


def test_a_cause_is_said_to_its_end_with_what_helps_and_nothing_acts() -> None:
    (group,) = triage(index_lines(errored("doc-1", "overloaded_error", f"Wait {HOSTILE}")))
    assert "Wait" in cause_line(group, 4, 100).text
    assert "25.0 %" in cause_line(group, 4, 100).text
    lines = cause_detail(group, ["doc-1"], 40, UNICODE, since="1 answered since", key="R")
    text = "\n".join(one.text for one in lines)
    assert "overloaded_error  1 row, 1 answered since" in text
    assert "R sends them again" in text
    assert group.query in text
    assert not {"\x1b", "\x07", "\u202e"} & {*text}


def test_groups_say_what_is_grouped_and_how_far_the_field_was_read() -> None:
    state = GroupsState(GroupPlace(".vendor"), (".vendor", ".total"), percent_read=40)
    assert groups_header(state).text == "Groups by .vendor   reading 40 %"
    groups = (RowGroup("ACME", 3, 0.75, ".vendor=ACME"), RowGroup("", 1, 0.25, "", is_missing=True))
    grouping = Grouping(".vendor", groups, rows=4, values=3, spread=None)
    state = replace(state, grouping=grouping, percent_read=None, is_part=True)
    said = groups_header(state).text
    assert said == "Groups by .vendor   3 values, the 1 largest listed, in 4 rows shown"
    columns = place_group_columns(grouping, 80)
    line = group_line(groups[0], grouping, columns, UNICODE)
    assert line.text.split()[:3] == ["ACME", "3", "75.0"]
    assert "(none)" in group_line(groups[1], grouping, columns, UNICODE).text


def test_rows_can_be_grouped_by_what_does_not_fit_and_by_what_every_row_has() -> None:
    state = GroupsState(GroupPlace("type"), (".vendor", ".total"), "fits:mine")
    assert state.names[:4] == (".vendor", ".total", "fits:mine", "type")
    assert first_field(state.fields, [SortKey(".total")]) == ".total"
    assert first_field(state.fields, [SortKey("size")]) == ".vendor"
    assert first_field((), ()) == "type"
    whole = fields_line(state.names, "type", 80)
    assert [span.text.strip() for span in whole.left if span.style == "tab"] == ["type"]
    assert whole.left[3].action == "screen.group_by(3)"
    narrow = fields_line(state.names, "review", 20).text
    assert "review" in narrow
    assert ".vendor" not in narrow


def test_the_summary_counts_what_needs_a_look_and_says_whether_it_is_all() -> None:
    index, prices = index_lines(*mixed_lines()), load_prices(None)
    state = SummaryState(f"invoices {HOSTILE}", prices, is_moving=True)
    assert summary_header(state).text.endswith("so far")
    assert not {"\x1b", "\x07", "\u202e"} & {*summary_header(state).text}
    assert not summary_lines(state, UNICODE, 80), "nothing is summed up yet"
    state = replace(state, summary=summarize(index, prices), doubtful=2, is_moving=False)
    assert "so far" not in summary_header(state).text
    by_query = {one.query: one.line.text for one in summary_lines(state, UNICODE, 80)}
    assert by_query["is:look"].split()[:4] == ["need", "a", "look", "2"]
    without = summary_lines(replace(state, doubtful=0), UNICODE, 80)
    assert "is:look" not in {one.query for one in without}
