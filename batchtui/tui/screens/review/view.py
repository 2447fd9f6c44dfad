"""From a sitting to the lines around its card. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from batchtui.formatting import format_count, format_duration
from batchtui.library.ledger_values import Review
from batchtui.results.review_session import ReviewProgress
from batchtui.tui.commands.command import KeyOf
from batchtui.tui.commands.review import VERDICT_COMMANDS
from batchtui.tui.lines import Line, Span
from batchtui.untrusted import visible

_STYLES = {"good": "ok", "bad": "failed", "unsure": "warning"}
_BAR = 20


def header_line(title: str, progress: ReviewProgress, width: int) -> Line:
    """Say what is judged and how far it is."""
    left = (Span("Review  ", "muted"), Span(visible(title), "strong"))
    done = min(_BAR, -(-progress.judged * _BAR // max(1, progress.cards)))
    judged = f"{format_count(progress.judged)} of {format_count(progress.cards)} judged"
    right = [Span("━" * done, "ok"), Span("━" * (_BAR - done), "muted"), Span(f"  {judged}")]
    if progress.seconds_each is not None:
        right.append(Span(f"  {_pace(progress)}", "muted"))
    return Line(left, tuple(right if width >= 80 else right[2:3]))


def _pace(progress: ReviewProgress) -> str:
    seconds = progress.seconds_each or 0.0
    each = f"{seconds:.1f} s each"
    if not progress.left:
        return each
    return f"{each}, {format_duration(timedelta(seconds=seconds * progress.left))} left"


def card_line(review: Review, progress: ReviewProgress) -> Line:
    """Say which card it is, and what was said of it: the verdict as it is shown."""
    place = f"{format_count(progress.place)}/{format_count(progress.cards)}"
    left = [Span(f"{place}  ", "muted"), Span(visible(review.custom_id), "accent")]
    if review.note:
        left.append(Span(f"   {visible(review.note)}", "emphasis"))
    said = review.verdict or "no verdict yet"
    style = verdict_style(review.verdict) if review.verdict else "muted"
    return Line(tuple(left), (Span(visible(said), f"{style} strong"),))


def verdicts_line(verdicts: Sequence[str], key_of: KeyOf, chosen: str, outcome: str) -> Line:
    """Show the verdicts with their keys; each can be clicked.

    Args:
        verdicts: Their names, in the order of the keys; untrusted text.
        key_of: Gives the key of a command as it is set now.
        chosen: The one that this card has.
        outcome: What came out, once every card has one.
    """
    spans: list[Span] = []
    for command, verdict in zip(VERDICT_COMMANDS, verdicts, strict=False):
        action = f"screen.command('{command.id()}')"
        look = "tab" if verdict == chosen else verdict_style(verdict)
        spans += [
            Span(f" {key_of(command)} ", "key", action),
            Span(f" {visible(verdict)} ", look, action),
            Span("  "),
        ]
    return Line(tuple(spans), (Span(visible(outcome), "strong"),) if outcome else ())


def verdict_style(verdict: str) -> str:
    """Return how a verdict looks; those of the user's own are plain."""
    return _STYLES.get(verdict, "strong")
