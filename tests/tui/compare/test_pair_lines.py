"""One pair as lines, and both runs in numbers: where things stand, and how far a style goes."""

import random
import time

from msgspec import Raw

from batchtui.results.comparison.answers import Change, FieldChange
from batchtui.results.comparison.pairs import PairDetail
from batchtui.tui.glyphs import UNICODE
from batchtui.tui.screens.compare.pair_lines import PairLayout, pair_lines, what_differs

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


def test_a_page_of_long_answers_is_written_at_once() -> None:
    draw = random.Random(3)
    words = ("refund", "order", "team", "the", "of", "we", "can", "not", "help", "you", "with")
    texts = [" ".join(draw.choices(words, k=1_000)) for _ in range(80)]
    pairs = [
        PairDetail(f"id-{place}", Change.TEXT, "succeeded", "succeeded", one, other, ())
        for place, (one, other) in enumerate(zip(texts[::2], texts[1::2], strict=True))
    ]
    began = time.process_time()
    assert all(what_differs(pair) for pair in pairs)
    assert time.process_time() - began < 1  # whole comparisons of them take many seconds


def test_a_difference_far_down_is_said_too() -> None:
    text = "word " * 5_000
    pair = PairDetail("id", Change.TEXT, "succeeded", "succeeded", text + "yes", text + "no", ())
    assert "".join(span.text for span in what_differs(pair)) == "yes > no"
