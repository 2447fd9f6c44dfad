"""The screens of answers: of a batch, of a file, of two runs, and one by one to be judged."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from batchtui.api.models import MessageBatch
from batchtui.config.credentials import environ_for_viewers
from batchtui.tui.accounts import Accounts
from batchtui.tui.navigation import Navigation

if TYPE_CHECKING:
    from batchtui.results.opening import ResultsFile
    from batchtui.session import Session
    from batchtui.submission.merge import MergedResults
    from batchtui.tui.messages import ReviewWanted
    from batchtui.tui.screens.results.source import ResultsSource


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

    def of_file(self, path: Path, opened: "Callable[[], ResultsFile] | None") -> Screen[None]:
        """Make the screen of a results file of this disk; no account is opened.

        Args:
            path: The file.
            opened: Gives it where it is being opened already.
        """
        from batchtui.tui.screens.results.file_rows import FileRowsSource

        return self._results(FileRowsSource(path, opened=opened), None)

    def _results(self, source: "ResultsSource", session: "Session | None") -> Screen[None]:
        """Make the screen over a source; ``None`` is no account's."""
        from batchtui.tui.screens.results.host import ResultsSetup
        from batchtui.tui.screens.results.screen import ResultsScreen

        key_source = self._navigation.effective.loaded.profile.key_source
        setup = ResultsSetup(
            session,
            self._environ,
            environ_for_viewers(self._environ, key_source),
            self._accounts.reviews_of,
            self._accounts.source_of,
        )
        return ResultsScreen(source, setup)

    async def show_results(self, batch: MessageBatch) -> None:
        """Show the results of a batch.

        Raises:
            LedgerError: Its label cannot be read.
        """
        from batchtui.tui.screens.results.batch_rows import BatchRowsSource

        session = self._accounts.session
        if session is not None:
            labels = await asyncio.to_thread(session.ledger.labels, [batch.id])
            source = BatchRowsSource(session, batch, labels.get(batch.id, ""))
            self._navigation.push(self._results(source, session))

    def show_merged(self, merged: "MergedResults") -> None:
        """Show the merged results of a line of tries."""
        from batchtui.tui.screens.results.file_rows import MergedRowsSource

        session = self._accounts.session
        if session is not None:
            source = MergedRowsSource(merged, session.clock)
            self._navigation.push(self._results(source, session))

    async def compare(self, one: MessageBatch, other: MessageBatch) -> None:
        """Show two runs side by side.

        Raises:
            LedgerError: Their labels cannot be read.
        """
        from batchtui.tui.screens.compare.runs import BatchRun
        from batchtui.tui.screens.compare.screen import CompareScreen

        session = self._accounts.session
        if session is not None:
            labels = await asyncio.to_thread(session.ledger.labels, [one.id, other.id])
            a, b = (BatchRun(session, run, labels.get(run.id, "")) for run in (one, other))
            self._navigation.push(CompareScreen(a, b, self._accounts.reviews_of))

    async def review(self, wanted: "ReviewWanted") -> None:
        """Show answers one after the other, to be judged.

        Raises:
            LedgerError: What was said of them cannot be kept.
        """
        from batchtui.tui.screens.review.screen import ReviewScreen

        reviews = await asyncio.to_thread(self._accounts.reviews)
        self._navigation.push(ReviewScreen(wanted, reviews))
