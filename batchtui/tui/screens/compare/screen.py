"""The screen of two runs side by side: the pairs, and the one under the cursor in full."""

import asyncio
from collections.abc import Sequence
from functools import partialmethod

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive

from batchtui.errors import BatchtuiError
from batchtui.formatting import plural
from batchtui.library.answer_choices import AnswerChoices
from batchtui.results.comparison.export import write_pairs
from batchtui.results.review_session import cards_of
from batchtui.tui.commands.compare import COMPARE_COMMANDS
from batchtui.tui.lines import line
from batchtui.tui.messages import ResultsReturned, ReviewWanted
from batchtui.tui.screens.base_screen import end_workers
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen
from batchtui.tui.screens.compare.browser import PairBrowser, ReviewsOf, no_reviews
from batchtui.tui.screens.compare.pair_pane import PairPane
from batchtui.tui.screens.compare.pair_rows import PairRows
from batchtui.tui.screens.compare.runs import ComparedRun
from batchtui.tui.screens.compare.state import ChangeTab
from batchtui.tui.screens.compare.view import CompareView, PairsViewSetup, compare_view
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.results.fields_screen import FieldsScreen
from batchtui.tui.screens.review.cards import PairCards
from batchtui.tui.stepping import stepped
from batchtui.tui.stylesheets import COMPARE
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.results_table import NoRows, ResultsTable

_SHOW_EVERY = 0.25
"""Seconds between two looks at how far the comparison is."""
_SEED = 1
"""Decides which side of a pair stands left in a review; always the same, so that one can go on."""


class CompareScreen(CommandScreen[None]):
    """Shows how two runs differ.

    Args:
        a: The first run.
        b: The second run.
        reviews_of: Reads what was said of the pairs of a subject; blocks.
    """

    CSS_PATH = COMPARE
    OFFERED = COMPARE_COMMANDS

    view: reactive[CompareView] = reactive(CompareView(), repaint=False, init=False)
    """What the widgets show."""

    def __init__(self, a: ComparedRun, b: ComparedRun, reviews_of: ReviewsOf = no_reviews) -> None:
        super().__init__()
        loaded = self.effective.loaded
        choices = AnswerChoices(loaded.choices_file)
        self.browser = PairBrowser(a, b, reviews_of, choices, loaded.paths.prices_file)
        self.table = ResultsTable(id="compare-table")
        self.pane = PairPane(self.browser, self.effective.glyphs)
        self._changed = asyncio.Event()

    def command_owners(self) -> Sequence[object]:
        """Return who has the methods of the commands."""
        return (self, self.pane)

    def compose(self) -> ComposeResult:
        """Header, totals, tabs, query, pairs, the pair in full, action bar."""
        yield LineBar(id="compare-header", classes="chrome")
        yield LineBar(id="compare-totals")
        yield LineBar(id="compare-tabs")
        yield LineBar(id="compare-query")
        with Container(id="compare-body"):
            yield self.table
            yield self.pane
        yield self.actions

    def on_mount(self) -> None:
        """Have both runs here and compare them."""
        self.table.focus()
        self.call_after_refresh(self.show)
        self.start(self._compare, "compare")
        self.start(self._follow, "changes")

    async def on_unmount(self) -> None:
        """Stop comparing, then close the files."""
        await end_workers(self)
        self.browser.close()
        self.app.post_message(ResultsReturned())

    def take_over_settings(self) -> None:
        """Show everything as changed settings say."""
        self.pane.take_over(self.effective.glyphs)
        self.show()

    async def _compare(self) -> None:
        try:
            await self.browser.run(self._changed.set)
        except BatchtuiError as error:
            self.browser.fail(error.message, error.hint)
        self._changed.set()

    async def _follow(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            self.show(0 if self.browser.state.pairs and not self.table.row_count else None)
            await asyncio.sleep(_SHOW_EVERY)

    def on_screen_resume(self) -> None:
        """Take in what a review said of the pairs."""
        self.start(self._take_reviews, "reviews")

    async def _take_reviews(self) -> None:
        if await self.browser.take_reviews():
            self.show()

    # How it is shown

    def show(self, cursor: int | None = None) -> None:
        """Hand every widget its value.

        Args:
            cursor: Where to put the cursor; ``None`` leaves it.
        """
        if not self.is_mounted:
            return
        width = self.query_one("#compare-header", LineBar).line_width
        browser, glyphs = self.browser, self.effective.glyphs
        setup = PairsViewSetup(glyphs, width, self.key_of)
        self.view = compare_view(browser.state, browser.both_runs(), setup)
        self.table.show(PairRows(browser, glyphs) if browser.state.pairs else NoRows(), cursor)
        self._show_place()
        self.pane.read(self._pair)

    def watch_view(self, view: CompareView) -> None:
        """Hand every widget its value."""
        self.set_class(view.is_reading, "-reading")
        self.query_one("#compare-header", LineBar).lines = (view.header,)
        self.query_one("#compare-totals", LineBar).lines = view.totals
        self.query_one("#compare-tabs", LineBar).lines = (view.tabs,)
        self.query_one("#compare-query", LineBar).lines = (view.query,)
        self.table.note = view.note
        self.needs = view.needs
        self.show_actions()

    @property
    def _pair(self) -> int | None:
        """The pair under the cursor."""
        pairs, cursor = self.browser.state.pairs, self.table.cursor
        return pairs[cursor] if cursor < len(pairs) else None

    def _show_place(self) -> None:
        """Say which pair the cursor is on."""
        pairs = len(self.browser.state.pairs)
        place = f"pair {self.table.cursor + 1:,}/{pairs:,}" if pairs else ""
        self.actions.status = line((place, "muted")).left if place else ()

    @on(LineList.Highlighted, "#compare-table")
    def follow_cursor(self) -> None:
        """Read the pair when the cursor rests."""
        self._show_place()
        self.pane.read_at_rest(self._pair)

    # Tabs, query, order

    def _show_tab(self, tab: ChangeTab) -> None:
        self.browser.show_tab(tab)
        self.show(0)

    def action_show_tab(self, name: str) -> None:
        """A click on a tab."""
        self._show_tab(ChangeTab[name])

    def next_change(self) -> None:
        """To the next tab."""
        self._show_tab(stepped(self.browser.state.tab))

    def previous_change(self) -> None:
        """To the previous tab."""
        self._show_tab(stepped(self.browser.state.tab, -1))

    def filter_pairs(self) -> None:
        """Ask for a query."""
        self.start(self._filter, DIALOG)

    async def _filter(self) -> None:
        help_lines = (
            line(("change:flip  change:fields  a.score>b.score  delta:.score>0", "muted")),
            line(("sort:-delta:.score  sort:b.score  a.vendor=ACME  any words", "muted")),
            line(("review:a  review:b  review:tie  has:note   (your reviews)", "muted")),
        )
        dialog = PromptDialog("Query", help_lines, value=self.browser.state.text, confirm="Filter")
        text = await self.ask(dialog)
        if text is not None:
            self._take_query(text)

    def _take_query(self, text: str) -> None:
        async def take() -> None:
            await self.browser.ask(text)
            self.show(0)

        self.start(take, "query")

    def sort_pairs(self) -> None:
        """To the next order, by way of the query."""
        self._take_query(self.browser.in_next_order())

    def choose_pair_fields(self) -> None:
        """List the fields of the answers, and show the chosen ones as columns."""
        self.start(self._choose_fields, DIALOG)

    async def _choose_fields(self) -> None:
        columns = self.browser.columns
        if columns is None:
            return
        fields = FieldsScreen(lambda: columns, "both runs")
        chosen = await self.ask(fields)
        if chosen is not None and chosen.columns != columns.chosen:
            await asyncio.to_thread(columns.choose, chosen.columns)
            self.show()

    # List or pair

    def read_pair(self) -> None:
        """Read on the whole screen, and back."""
        self._set_reading(is_reading=not self.browser.state.is_reading)

    def _set_reading(self, *, is_reading: bool) -> None:
        self.browser.set_reading(is_reading=is_reading)
        self.show()
        (self.pane if is_reading else self.table).focus()

    @on(LineList.Chosen, "#compare-table")
    def read_chosen(self) -> None:
        """A double click is Enter."""
        self.read_pair()

    def _move(self, step: int) -> None:
        self.table.cursor += step

    next_pair = partialmethod(_move, 1)
    previous_pair = partialmethod(_move, -1)

    def leave_pairs(self) -> None:
        """One step back."""
        if self.browser.state.is_reading:
            self._set_reading(is_reading=False)
        elif self.browser.state.text:
            self._take_query("")
        else:
            self.dismiss(None)

    # What is done with the pairs elsewhere

    def export_pairs(self) -> None:
        """Write what is shown."""
        self.start(self._export, "export")

    async def _export(self) -> None:
        comparison, pairs = self.browser.comparison, self.browser.state.pairs
        if comparison is not None:
            folder = self.effective.loaded.export_dir
            path = await asyncio.to_thread(write_pairs, comparison, pairs, folder)
            self.notify(f"{plural(len(pairs), 'pair')} written to {path}")

    def review_pairs(self) -> None:
        """Judge what is shown."""
        self.start(self._review, "review")

    async def _review(self) -> None:
        browser, comparison = self.browser, self.browser.comparison
        if comparison is None:
            return
        pairs = await asyncio.to_thread(cards_of, browser.state.pairs, comparison.custom_id)
        cards = PairCards(comparison, pairs, _SEED, self.effective.glyphs, browser.a.requests)
        title = f"{browser.a.name} with {browser.b.name}"
        self.post_message(ReviewWanted(cards, title, browser.subject, tuple(pairs)))
