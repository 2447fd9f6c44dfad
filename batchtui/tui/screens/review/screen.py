"""The screen on which answers are judged: one card, one key a verdict."""

import asyncio
import time
from collections.abc import Sequence
from functools import partialmethod
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.types import CSSPathType

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.library.reviews import Reviews
from batchtui.results.review_session import ReviewSession
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.review import (
    REVIEW_COMMANDS,
    VERDICT_COMMANDS,
    Judge,
    ReviewNeed,
)
from batchtui.tui.messages import ReviewWanted
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.review.view import card_line, header_line, verdicts_line
from batchtui.tui.stylesheets import RESULTS, REVIEW
from batchtui.tui.widgets.line_bar import LineBar

_NO_CARD = Availability("There is nothing to judge")
_NOT_YET = Availability("What was said before is not read yet")


class ReviewScreen(CommandScreen[None]):
    """Shows one card after the other and keeps what is said of each, at once.

    Args:
        wanted: What is judged.
        reviews: Where verdicts and notes are kept.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [RESULTS, REVIEW]
    OFFERED = REVIEW_COMMANDS

    session: reactive[ReviewSession] = reactive(ReviewSession(), repaint=False, init=False)

    def __init__(self, wanted: ReviewWanted, reviews: Reviews) -> None:
        super().__init__()
        self._cards = wanted.cards
        self._title, self._subject = wanted.title, wanted.subject
        self._custom_ids = tuple(dict.fromkeys(one for one in wanted.custom_ids if one))
        labels = self.effective.loaded.settings.review_labels
        self._choices = tuple(wanted.cards.verdicts or labels)[: len(VERDICT_COMMANDS)]
        """What can be said, in the order of the keys 1 to 9."""
        self._reviews = reviews
        self.needs = {ReviewNeed.CARD: _NOT_YET}

    def compose(self) -> ComposeResult:
        """Header, the card, the verdicts, action bar."""
        yield LineBar(id="review-header", classes="chrome")
        yield LineBar(id="review-title")
        yield self._cards.widget
        yield LineBar(id="review-verdicts", classes="chrome")
        yield self.actions

    def on_mount(self) -> None:
        """Read what was said before, then show the first card without a verdict."""
        self.start(self._begin, "begin")

    def is_complete(self) -> bool:
        """Return whether the first card is known."""
        return self.needs[ReviewNeed.CARD] is not _NOT_YET

    async def _begin(self) -> None:
        kept = await asyncio.to_thread(self._reviews.of, self._subject)
        self.needs = {ReviewNeed.CARD: ALLOWED if self._custom_ids else _NO_CARD}
        self._go_to(ReviewSession.begin(self._custom_ids, kept))

    def bar_commands(self) -> Sequence[type[Command]]:
        """Return all but the verdicts, which stand above the bar by their names."""
        return [one for one in super().bar_commands() if not issubclass(one, Judge)]

    def _go_to(self, session: ReviewSession) -> None:
        """Show the card that a sitting has come to."""
        self.session = session.show(time.monotonic())

    def watch_session(self, old: ReviewSession, new: ReviewSession) -> None:
        """Show the card and what is around it."""
        if new.current != old.current:
            self._cards.show(new.current)
        self.show()

    def show(self) -> None:
        """Show what is around the card."""
        session, review, progress = self.session, self.session.review, self.session.progress
        header = self.query_one("#review-header", LineBar)
        header.lines = (header_line(self._title, progress, header.line_width),)
        verdict = review.verdict and self._cards.as_shown(review.verdict, session.current)
        card = card_line(replace(review, verdict=verdict), progress)
        self.query_one("#review-title", LineBar).lines = (card,)
        outcome = self._cards.summary(session.counts()) if session.is_done else ""
        choices = verdicts_line(self._choices, self.key_of, verdict, outcome)
        self.query_one("#review-verdicts", LineBar).lines = (choices,)
        self.show_actions()

    # Verdicts

    async def _judge(self, number: int) -> None:
        """Keep a verdict, then show the next card without one."""
        if number > len(self._choices):
            return
        custom_id = self.session.current
        verdict = self._cards.as_kept(self._choices[number - 1], custom_id)
        await self._keep(custom_id, verdict)
        self._go_to(self.session.judge(verdict, time.monotonic()))

    judge_first = partialmethod(_judge, 1)
    judge_second = partialmethod(_judge, 2)
    judge_third = partialmethod(_judge, 3)
    judge_fourth = partialmethod(_judge, 4)
    judge_fifth = partialmethod(_judge, 5)
    judge_sixth = partialmethod(_judge, 6)
    judge_seventh = partialmethod(_judge, 7)
    judge_eighth = partialmethod(_judge, 8)
    judge_ninth = partialmethod(_judge, 9)

    async def take_back_verdict(self) -> None:
        """Take the verdict of this card back."""
        await self._keep(self.session.current, "")
        self.session = self.session.judge("", time.monotonic())

    async def _keep(self, custom_id: str, verdict: str) -> None:
        await asyncio.to_thread(self._reviews.judge, self._subject, [custom_id], verdict)

    def note_card(self) -> None:
        """Ask for a note."""
        self.start(self._note, DIALOG)

    async def _note(self) -> None:
        custom_id = self.session.current
        note = await self.ask(PromptDialog("Note", value=self.session.review.note))
        if note is not None:
            await asyncio.to_thread(self._reviews.annotate, self._subject, [custom_id], note)
            self.session = self.session.annotate(custom_id, note)

    # Cards

    def next_card(self) -> None:
        """Skip this card."""
        self._go_to(self.session.move(1))

    def previous_card(self) -> None:
        """Back to the card before."""
        self._go_to(self.session.move(-1))

    def next_unjudged(self) -> None:
        """To the next card without a verdict."""
        if self.session.is_done:
            self.notify("Every card has its verdict")
        else:
            self._go_to(self.session.go_to_unjudged())

    def switch_card_view(self) -> None:
        """Show the card in another way."""
        self._cards.switch_view()

    def scroll_card_down(self) -> None:
        """Scroll the card."""
        self._cards.scroll(1)

    def scroll_card_up(self) -> None:
        """Scroll the card."""
        self._cards.scroll(-1)

    def leave_review(self) -> None:
        """Leave; everything is kept."""
        self.dismiss(None)
