"""One pair as lines, and both runs in numbers: where things stand, and how far a style goes."""

from msgspec import Raw

from batchtui.results.comparison.answers import Change, FieldChange
from batchtui.results.comparison.pairs import PairDetail
from batchtui.tui.glyphs import UNICODE
from batchtui.tui.screens.compare.pair_lines import PairLayout, pair_lines

PAIR = PairDetail(
    "ticket-1",
    Change.FIELDS,
    "succeeded",
    "succeeded",
    '{"intent": "account"}',
    '{"intent": "cancel"}',
    (FieldChange(".intent", Raw(b'"account"'), Raw(b'"cancel"')),),
)


def test_each_value_stands_above_the_answer_that_it_is_of() -> None:
    lines = [line.text for line in pair_lines(PAIR, PairLayout(UNICODE, 120, "old", "new"))]
    header, value, _, titles, answers = lines
    assert header.index("new") == value.index('"cancel"') == titles.index("── new")
    assert answers[titles.index("── new") :].startswith('{"intent": "cancel"}')


def test_the_style_of_a_value_ends_where_the_value_does() -> None:
    for width in (77, 120):
        _, value, *_ = pair_lines(PAIR, PairLayout(UNICODE, width, "old", "new"))
        styled = [span.text for span in value.left if span.style in {"only-a", "only-b"}]
        assert styled == ['"account"', '"cancel"']
        assert not value.text.endswith(" ")
