"""The screens of answers: of a batch, of a file, of two runs, and one by one to be judged."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from batchtui.api.models import MessageBatch
from batchtui.errors import BatchtuiError
from batchtui.tui.accounts import Accounts
from batchtui.tui.navigation import Navigation

if TYPE_CHECKING:
    from batchtui.submission.merge import MergedResults
    from batchtui.tui.messages import ReviewWanted


class AnswerScreens:
    """Makes the screens of answers from what the settings and the account say.

    Args:
        navigation: Shows them.
        accounts: The account whose answers they are.
        environ: The user's environment, for pager and editor.
    """

    def __init__(
        self, navigation: Navigation, accounts: Accounts, environ: Mapping[str, str]
    ) -> None:
        self._navigation = navigation
        self._accounts = accounts
        self._environ = environ

    def of_file(self, path: Path) -> Screen[None]:
        """Make the screen of a results file of this disk; no account is opened."""
        from batchtui.tui.screens.results.file_rows import FileRowsSource
        from batchtui.tui.screens.results.opening import results_screen

        effective = self._navigation.effective
        return results_screen(
            FileRowsSource(path),
            effective.loaded,
            effective.glyphs,
            self._environ,
            reviews_of=self._accounts.reviews_of,
            source_of=self._accounts.source_of,
        )

    async def show_results(self, batch: MessageBatch) -> None:
        """Show the results of a batch."""
        from batchtui.tui.screens.results.batch_rows import BatchRowsSource
        from batchtui.tui.screens.results.opening import results_screen

        session, effective = self._accounts.session, self._navigation.effective
        if session is not None:
            labels = await asyncio.to_thread(session.ledger.labels, [batch.id])
            screen = results_screen(
                BatchRowsSource(session, batch, labels.get(batch.id, "")),
                effective.loaded,
                effective.glyphs,
                self._environ,
                session,
                can_leave=True,
                reviews_of=self._accounts.reviews_of,
            )
            self._navigation.push(screen)

    def show_merged(self, merged: "MergedResults") -> None:
        """Show the merged results of a line of tries."""
        from batchtui.tui.screens.results.merged_rows import MergedRowsSource
        from batchtui.tui.screens.results.opening import results_screen

        session, effective = self._accounts.session, self._navigation.effective
        if session is not None:
            screen = results_screen(
                MergedRowsSource(merged, session.clock),
                effective.loaded,
                effective.glyphs,
                self._environ,
                session,
                can_leave=True,
                reviews_of=self._accounts.reviews_of,
            )
            self._navigation.push(screen)

    async def compare(self, one: MessageBatch, other: MessageBatch) -> None:
        """Show two runs side by side."""
        from batchtui.tui.screens.compare.opening import compare_screen
        from batchtui.tui.screens.compare.runs import BatchRun

        session = self._accounts.session
        if session is not None:
            labels = await asyncio.to_thread(session.ledger.labels, [one.id, other.id])
            a, b = (BatchRun(session, run, labels.get(run.id, "")) for run in (one, other))
            reviews_of = self._accounts.reviews_of
            screen = compare_screen(a, b, self._navigation.effective, reviews_of)
            self._navigation.push(screen)

    async def review(self, wanted: "ReviewWanted") -> None:
        """Show answers one after the other, to be judged."""
        from batchtui.tui.screens.review.opening import review_screen

        try:
            reviews = await asyncio.to_thread(self._accounts.reviews)
        except BatchtuiError as error:
            self._navigation.notify_error(error)
            return
        self._navigation.push(
            review_screen(
                wanted.cards,
                reviews,
                title=wanted.title,
                subject=wanted.subject,
                custom_ids=wanted.custom_ids,
                labels=self._navigation.effective.loaded.settings.review_labels,
            )
        )
