"""What stands around a card, as pure values."""

from batchtui.library.ledger_values import Review
from batchtui.results.review_session import ReviewProgress
from batchtui.tui.commands.command import default_key
from batchtui.tui.screens.review.view import card_line, header_line, verdicts_line


def test_the_header_says_how_far_it_is_and_how_long_the_rest_takes() -> None:
    progress = ReviewProgress(place=3, cards=10, judged=4, seconds_each=20.0)
    assert "4 of 10 judged  20.0 s each, 2 m left" in header_line("A job", progress, 120).text
    narrow = header_line("A job", progress, 60)
    assert [span.text.strip() for span in narrow.right] == ["4 of 10 judged"]
    assert "left" not in header_line("A job", ReviewProgress(1, 4, 4, 2.0), 120).text


def test_a_card_says_what_was_said_of_it_and_nothing_acts() -> None:
    progress = ReviewProgress(3, 10, 4, None)
    assert card_line(Review("doc-3"), progress).text.startswith("3/10  doc-3")
    assert "no verdict yet" in card_line(Review("doc-3"), progress).text
    said = card_line(Review("doc\x1b[2J", "my-own", "odd\nindeed"), progress)
    assert "my-own" in said.text
    assert not {"\x1b", "\n"} & {*said.text}


def test_the_verdict_of_the_card_stands_out_and_each_can_be_clicked() -> None:
    shown = verdicts_line(("good", "bad"), default_key, "bad", "1 good, 1 bad")
    styles = {span.text.strip(): span.style for span in shown.left if span.action}
    assert styles == {"1": "key", "good": "ok", "2": "key", "bad": "tab"}
    assert [span.text for span in shown.right] == ["1 good, 1 bad"]
