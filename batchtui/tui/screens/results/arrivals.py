"""Shows what arrives: rows of the source, and what was said of them."""

import asyncio

from batchtui.clock import SystemClock, wait_for
from batchtui.tui.screens.results.host import ResultsHost
from batchtui.tui.screens.results.reader_pane import ReaderPane
from batchtui.tui.screens.results.rows_pane import RowsPane
from batchtui.tui.screens.results.source import ResultsSource, review_subject

_SHOW_EVERY = 0.25
"""Seconds between two looks at what has arrived: more would only cost bytes. The last rows of all
do not wait for it."""

_LONGEST_WAIT = 0.8
"""Seconds that the first rows wait for the first answer and its question: so long the screen says
that they have been asked for."""


class Arrivals:
    """Has the source get its rows, and the panes show them.

    Args:
        source: Where the rows come from.
        rows: Shows them.
        reader: Shows one of them.
        host: Runs this beside the screen.
    """

    def __init__(
        self, source: ResultsSource, rows: RowsPane, reader: ReaderPane, host: ResultsHost
    ) -> None:
        self._source = source
        self._rows = rows
        self._reader = reader
        self._host = host
        self._clock = SystemClock()
        self._changed = asyncio.Event()
        self._has_settled = asyncio.Event()
        self._was_moving = True
        self._has_rows = False
        """Whether there were rows to show, whatever the tab and the query show of them."""

    def begin(self) -> None:
        """Get all rows, and show them as they come."""
        self._has_rows = len(self._source.index) > 0
        self.reload_results()
        self._host.start(self._follow, "changes")

    def reload_results(self) -> None:
        """Go on with what broke off."""
        self._host.start(self._run, "source")

    async def _run(self) -> None:
        await self._source.run(self._note_change)
        self._note_change()

    def _note_change(self) -> None:
        self._changed.set()
        if self._was_moving and not self._source.status.is_moving:
            self._has_settled.set()

    async def _follow(self) -> None:
        """Show what is new, though not more often than a person can read."""
        source = self._source
        while True:
            await self._changed.wait()
            self._changed.clear()
            is_moving = source.status.is_moving
            if not self._has_rows and len(source.index):
                # rows, their numbers and the first answer come in one picture
                self._has_rows = True
                self._host.paint_once(_LONGEST_WAIT)
            has_settled = self._was_moving and not is_moving
            self._was_moving = is_moving
            if self._rows.take_in(is_settled=not is_moving, has_settled=has_settled):
                self._reader.forget()
                if source.batch is None:
                    text = f"{source.title} was changed by another program: it is read again"
                    self._host.notify(text)
            await wait_for(self._has_settled, _SHOW_EVERY, self._clock)
            self._has_settled.clear()

    def take_reviews(self) -> None:
        """Put what was said of the rows beside them."""
        self._host.start(self._take_reviews, "reviews")

    async def _take_reviews(self) -> None:
        read = self._host.setup.reviews_of
        self._rows.take_reviews(await asyncio.to_thread(read, review_subject(self._source)))
