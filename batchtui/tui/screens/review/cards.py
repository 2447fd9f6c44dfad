"""The cards of a review: one answer with its question, or two answers side by side."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from batchtui.errors import BatchtuiError
from batchtui.results.comparison.pairs import ResultsComparison
from batchtui.results.index import ResultsIndex
from batchtui.results.reader import RowReader
from batchtui.results.review_session import (
    A_BETTER,
    B_BETTER,
    TIE,
    describe_winner,
    is_shuffled,
    unblinded,
)
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line
from batchtui.tui.messages import start_work
from batchtui.tui.screens.base_screen import end_workers
from batchtui.tui.screens.compare.pair_lines import PairLayout, pair_lines, question_lines
from batchtui.tui.screens.results.layout import RowLayout
from batchtui.tui.screens.results.reader_pane import ReaderPane
from batchtui.tui.screens.results.requests import FoundRequest, Requests
from batchtui.tui.screens.results.row_actions import RowToRead
from batchtui.tui.widgets.line_view import LineView

_BLIND_VERDICTS = ("left", "right", "equal", "unsure")
"""What can be said of two sides of which nobody knows which run they are."""
_AS_KEPT = {"left": A_BETTER, "right": B_BETTER, "equal": TIE}
_AS_SHOWN = {kept: shown for shown, kept in _AS_KEPT.items()}


class RowCards(Vertical):
    """Answers of one run, each with its question where that is known.

    Args:
        index: All rows.
        reader: Reads them.
        rows: The row of each card, by custom_id.
        requests: Finds the questions.
        glyphs: The signs to draw with.
        environ: The user's environment without a key, for pager and editor.
    """

    verdicts = ()

    def __init__(
        self,
        index: ResultsIndex,
        reader: RowReader,
        rows: Mapping[str, int],
        requests: Requests,
        glyphs: Glyphs,
        environ: Mapping[str, str],
    ) -> None:
        super().__init__(id="review-card")
        self._index, self._row_reader, self._rows = index, reader, rows
        self._pane = ReaderPane(requests, glyphs, environ)

    @property
    def widget(self) -> Widget:
        """The pane."""
        return self

    def compose(self) -> ComposeResult:
        """Yield the reader of the results viewer."""
        yield self._pane

    def show(self, custom_id: str) -> None:
        """Show an answer."""
        row = self._rows.get(custom_id)
        self._pane.read(None if row is None else RowToRead(self._index, self._row_reader, row))

    def scroll(self, step: int) -> None:
        """Scroll by half a screen."""
        self._pane.scroll_half(step)

    def switch_view(self) -> None:
        """To the next way to look at a row."""
        self._pane.switch_view()

    def as_kept(self, verdict: str, custom_id: str) -> str:
        """Return the verdict itself."""
        del custom_id
        return verdict

    def as_shown(self, verdict: str, custom_id: str) -> str:
        """Return the verdict itself."""
        del custom_id
        return verdict

    def summary(self, counts: Mapping[str, int]) -> str:
        """Return how often each verdict was given."""
        return ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())


class PairCards(LineView):
    """Both answers of a pair, left and right by chance, so that nobody knows which run is which.

    Args:
        comparison: The runs.
        pairs: The pair of each card, by custom_id.
        seed: Decides which side stands where.
        glyphs: The signs to draw with.
        requests: Finds the questions.
    """

    verdicts = _BLIND_VERDICTS

    def __init__(
        self,
        comparison: ResultsComparison,
        pairs: Mapping[str, int],
        seed: int,
        glyphs: Glyphs,
        requests: Requests,
    ) -> None:
        super().__init__(id="review-card")
        self._comparison, self._pairs, self._seed = comparison, pairs, seed
        self._glyphs = glyphs
        self._requests = requests
        self._question: FoundRequest | None = None
        self._card = ""
        self._asked_for = self._shown = ""
        """The cards whose question was looked for last, and that was shown last."""
        self._is_beside = True

    @property
    def widget(self) -> Widget:
        """The pane."""
        return self

    def show(self, custom_id: str) -> None:
        """Show a pair."""
        self._card, self._question, self._asked_for = custom_id, None, ""
        start_work(self, self._show_card, "card")

    async def on_unmount(self) -> None:
        """Read no further: who lent the files may take them back."""
        await end_workers(self)

    def on_resize(self) -> None:
        """Lay the pair out for the new width."""
        start_work(self, self._show_card, "card")

    async def _show_card(self) -> None:
        await self._lay_out()
        if self._shown != self._card:
            self._shown = self._card
            self.scroll_home(animate=False)
        if self._asked_for == self._card:
            return
        with suppress(BatchtuiError):  # the answers can be judged without it
            self._question = await self._requests.find(self._card)
        self._asked_for = self._card
        if self._question is not None:
            await self._lay_out()

    async def _lay_out(self) -> None:
        pair = self._pairs.get(self._card)
        if pair is None or self.line_width <= 0:
            return
        layout = PairLayout(
            self._glyphs, self.line_width, "Left", "Right", is_beside=self._is_beside
        )
        lines = await asyncio.to_thread(self._pair_lines, pair, layout)
        question = RowLayout(layout.text_width, self._glyphs)
        self.lines = (*question_lines(self._question, question), *lines)

    def _pair_lines(self, pair: int, layout: PairLayout) -> tuple[Line, ...]:
        """Read a pair and lay it out; blocks."""
        detail = self._comparison.detail(pair)
        is_turned = is_shuffled(detail.custom_id, self._seed)
        return pair_lines(detail.turned if is_turned else detail, layout)

    def scroll(self, step: int) -> None:
        """Scroll by half a screen."""
        self.scroll_half(step)

    def switch_view(self) -> None:
        """Beside each other, or one above the other."""
        self._is_beside = not self._is_beside
        start_work(self, self._show_card, "card")

    def as_kept(self, verdict: str, custom_id: str) -> str:
        """Return which run was better."""
        is_swapped = is_shuffled(custom_id, self._seed)
        return unblinded(_AS_KEPT.get(verdict, verdict), is_swapped=is_swapped)

    def as_shown(self, verdict: str, custom_id: str) -> str:
        """Return which side was better."""
        is_swapped = is_shuffled(custom_id, self._seed)
        shown = unblinded(verdict, is_swapped=is_swapped)
        return _AS_SHOWN.get(shown, shown)

    def summary(self, counts: Mapping[str, int]) -> str:
        """Return which run was better how often: the blind is lifted."""
        said = [verdict for verdict, count in counts.items() for _ in range(count)]
        return describe_winner(said, self._comparison.a.name, self._comparison.b.name)
