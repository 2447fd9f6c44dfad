"""What stands around the pairs, as a pure value of a state."""

from msgspec.structs import replace

from batchtui.prices import Cost
from batchtui.results.comparison.side import RunTotals
from batchtui.tui.commands.compare import CompareNeed
from batchtui.tui.glyphs import UNICODE
from batchtui.tui.screens.compare.state import BothRuns, ChangeTab, LoadState, PairsState
from batchtui.tui.screens.compare.view import PairsViewSetup, compare_view

SETTING = PairsViewSetup(UNICODE, 120)
COUNTS = dict.fromkeys(ChangeTab, 0) | {ChangeTab.ANY: 2, ChangeTab.SAME: 8, ChangeTab.ALL: 10}
TOTALS = RunTotals(10, 9, 1_000, 500, 55.0)
RUNS = BothRuns(("old", "new\x1b"), COUNTS, ("haiku", "opus"), (TOTALS, TOTALS))


def test_a_comparison_says_how_many_differ() -> None:
    view = compare_view(PairsState(LoadState(""), pairs=[3, 4]), RUNS, SETTING)
    assert "2 of 10 differ" in view.header.text
    assert "80.0 % same" in view.header.text
    assert "opus" in view.totals[1].text
    assert "9 of 10 succeeded" in view.totals[1].text
    assert "\x1b" not in view.header.text + view.totals[1].text
    assert view.needs[CompareNeed.PAIR]
    assert any(span.style == "tab" and "Differ 2" in span.text for span in view.tabs.left)


def test_while_runs_are_on_their_way_that_is_said_and_nothing_is_possible() -> None:
    nothing = BothRuns(("old", "new"), dict.fromkeys(ChangeTab, 0))
    view = compare_view(PairsState(LoadState("old: 7 rows")), nothing, SETTING)
    assert view.header.text.endswith("old: 7 rows")
    assert view.note[0].text == "old: 7 rows"
    assert not any(need for need in view.needs.values())
    failed = compare_view(PairsState(LoadState("", "no file", "look again")), nothing, SETTING)
    assert [one.text for one in failed.note[2:]] == ["no file", "look again"]


def test_both_sides_say_what_they_cost() -> None:
    known = replace(TOTALS, cost=Cost(1.2, 1.234))
    runs = replace(RUNS, totals=(known, TOTALS))
    for width in (80, 120, 200):
        view = compare_view(PairsState(LoadState("")), runs, replace(SETTING, width=width))
        assert "~$1.23" in view.totals[0].text
        assert "price not known" in view.totals[1].text
