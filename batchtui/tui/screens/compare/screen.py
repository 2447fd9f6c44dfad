"""The screen of two runs side by side: the pairs, and the one under the cursor in full."""

import asyncio
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.cache import LRUCache
from textual.containers import Container
from textual.reactive import reactive
from textual.types import CSSPathType

from batchtui.config.loading import LoadedSettings
from batchtui.errors import BatchtuiError
from batchtui.library.reviews import pair_subject
from batchtui.results.comparison.export import write_pairs
from batchtui.results.comparison.pairs import PairDetail
from batchtui.tui.commands import compare as commands
from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.compare import COMPARE_COMMANDS
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import CopyWanted, ReviewWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.screens.compare.browser import SORTED_BY_LENGTH, ChangeTab, PairBrowser
from batchtui.tui.screens.compare.pair_lines import (
    PairSetting,
    pair_lines,
    question_lines,
    request_lines,
)
from batchtui.tui.screens.compare.view import CompareSetting, CompareView, compare_view
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.results.layout import Setting
from batchtui.tui.screens.results.requests import FoundRequest
from batchtui.tui.screens.review.cards import PairCards
from batchtui.tui.stylesheets import COMPARE
from batchtui.tui.widgets.action_bar import ActionBar
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.results_table import ResultsTable
from batchtui.untrusted import visible

_SHOW_EVERY = 0.25
"""Seconds between two looks at how far the comparison is."""
_SEED = 1
"""Decides which side of a pair stands left in a review; always the same, so that one can go on."""
_QUESTIONS = 100
"""Questions kept."""
_REST = 0.15
"""Seconds that the cursor must rest on a pair before it is laid out."""


class CompareSetup(Struct, frozen=True):
    """What the screen is made with, besides the runs."""

    glyphs: Glyphs
    export_dir: Path
    """Where exports go."""


class CompareScreen(CommandScreen[None]):
    """Shows how two runs differ.

    Args:
        browser: The runs.
        setup: The rest.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = COMPARE
    OFFERED = COMPARE_COMMANDS
    BINDINGS: ClassVar[list[BindingType]] = dispatched(COMPARE_COMMANDS)

    view: reactive[CompareView] = reactive(CompareView(), repaint=False, init=False)
    """What the widgets show."""

    def __init__(self, browser: PairBrowser, setup: CompareSetup) -> None:
        super().__init__()
        self.browser = browser
        self.setup = setup
        self.table = ResultsTable(id="compare-table")
        self.reader = LineView(id="compare-reader")
        self._is_beside = True
        self._shown: int | None = None
        """The pair that is read."""
        self._is_question = False
        self._questions: LRUCache[str, FoundRequest | None] = LRUCache(_QUESTIONS)
        self._changed = asyncio.Event()

    def compose(self) -> ComposeResult:
        """Header, totals, tabs, query, pairs, the pair in full, action bar."""
        yield LineBar(id="compare-header", classes="chrome")
        yield LineBar(id="compare-totals")
        yield LineBar(id="compare-tabs")
        yield LineBar(id="compare-query")
        with Container(id="compare-body"):
            yield self.table
            yield self.reader
        yield ActionBar(id="compare-actions", classes="chrome")

    def on_mount(self) -> None:
        """Have both runs here and compare them."""
        self.table.cursor_glyph = self.setup.glyphs.cursor
        self.table.focus()
        self.call_after_refresh(self.show)
        self.start(self._compare, "compare")
        self.start(self._follow, "changes")

    async def on_unmount(self) -> None:
        """Stop comparing, then close the files."""
        mine = [worker for worker in self.workers if worker.node is self]
        for worker in mine:
            worker.cancel()
        await asyncio.gather(*(worker.wait() for worker in mine), return_exceptions=True)
        self.browser.close()

    def take_over_settings(self, loaded: LoadedSettings, glyphs: Glyphs) -> None:
        """Show everything as changed settings say."""
        self.setup = CompareSetup(glyphs, loaded.export_dir)
        self.table.cursor_glyph = glyphs.cursor
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
            self.show(0 if self.browser.pairs and not self.table.row_count else None)
            await asyncio.sleep(_SHOW_EVERY)

    # How it is shown

    def show(self, cursor: int | None = None) -> None:
        """Hand every widget its value.

        Args:
            cursor: Where to put the cursor; ``None`` leaves it.
        """
        if not self.is_mounted:
            return
        width = self.query_one("#compare-header", LineBar).line_width
        key = self.key_of(commands.FilterPairs)
        self.view = compare_view(self.browser, CompareSetting(self.setup.glyphs, width, key))
        if cursor is not None:
            self.table.cursor = cursor
        self.start(self._show_pair, "pair")

    def watch_view(self, view: CompareView) -> None:
        """Hand every widget its value."""
        self.query_one("#compare-header", LineBar).lines = (view.header,)
        self.query_one("#compare-totals", LineBar).lines = view.totals
        self.query_one("#compare-tabs", LineBar).lines = (view.tabs,)
        self.query_one("#compare-query", LineBar).lines = (view.query,)
        self.table.note = view.note
        self.table.show(view.rows)
        self.needs = view.needs
        self.query_one(ActionBar).items = tuple(self.action_items())

    @on(LineList.Highlighted, "#compare-table")
    def follow_cursor(self) -> None:
        """Lay the pair out when the cursor rests."""
        self.start(partial(self._show_pair, _REST), "pair")

    @on(LineView.Resized, "#compare-reader")
    def lay_out_pair(self) -> None:
        """Lay the pair out for the new width."""
        self.start(self._show_pair, "pair")

    async def _show_pair(self, delay: float = 0.0) -> None:
        """Read the pair under the cursor, lay it out, and put its question above it."""
        await asyncio.sleep(delay)
        pairs, cursor, width = self.browser.pairs, self.table.cursor, self.reader.line_width
        if cursor >= len(pairs) or not width:
            self.reader.lines = ()
            return
        pair = pairs[cursor]
        detail = await asyncio.to_thread(self.browser.detail, pair)
        if detail is None:
            return
        names = (visible(self.browser.a.name), visible(self.browser.b.name))
        setting = PairSetting(self.setup.glyphs, width, *names, is_beside=self._is_beside)
        lines = await asyncio.to_thread(pair_lines, detail, setting)
        self._show_lines(detail, setting, lines)
        if pair != self._shown:
            self._shown = pair
            self.reader.scroll_home(animate=False)
        if detail.custom_id not in self._questions:
            self._questions[detail.custom_id] = await self._question_of(detail.custom_id)
            self._show_lines(detail, setting, lines)

    def _show_lines(
        self, detail: PairDetail, setting: PairSetting, lines: tuple[Line, ...]
    ) -> None:
        if not self.children:
            return  # the screen was left meanwhile
        top = line((visible(detail.custom_id) or "(no custom_id)", "strong"))
        asked = Setting(setting.text_width, self.setup.glyphs)
        found = self._questions.get(detail.custom_id)
        if self._is_question and found is not None:
            self.reader.lines = (top, *request_lines(found, asked))
        else:
            self.reader.lines = (top, *question_lines(found, asked), *lines)
        place = f"pair {self.table.cursor + 1:,}/{len(self.browser.pairs):,}"
        self.query_one(ActionBar).status = line((place, "muted")).left

    async def _question_of(self, custom_id: str) -> FoundRequest | None:
        """Find what was asked, with the first run or the second."""
        found: FoundRequest | None = None
        for run in (self.browser.a, self.browser.b):
            found = found or await run.requests.find(custom_id)
        return found

    def _detail(self) -> PairDetail | None:
        pairs, cursor = self.browser.pairs, self.table.cursor
        return self.browser.detail(pairs[cursor]) if cursor < len(pairs) else None

    # Commands

    def _select(self) -> None:
        self.browser.select()
        self.show(0)

    def action_show_tab(self, name: str) -> None:
        """A click on a tab."""
        self.browser.tab = ChangeTab[name]
        self._select()

    def next_change(self) -> None:
        """To the next tab."""
        self.browser.tab = self.browser.tab.beside(1)
        self._select()

    def previous_change(self) -> None:
        """To the previous tab."""
        self.browser.tab = self.browser.tab.beside(-1)
        self._select()

    def filter_pairs(self) -> None:
        """Ask for a query."""
        help_lines = (
            line(("change:flip  change:fields  a.score>b.score  delta:.score>0", "muted")),
            line(("sort:-delta:.score  type:errored  a.vendor=ACME  any words", "muted")),
        )
        dialog = PromptDialog("Query", help_lines, value=self.browser.text, confirm="Filter")
        self.app.push_screen(dialog, self._take_query)

    def _take_query(self, text: str | None) -> None:
        if text is not None:
            self.start(partial(self._ask, text), "query")

    async def _ask(self, text: str) -> None:
        await asyncio.to_thread(self.browser.ask, text)
        self.show(0)

    def sort_pairs(self) -> None:
        """To the next order, by way of the query."""
        bare = self.browser.text.replace(SORTED_BY_LENGTH, "").strip()
        is_sorted = SORTED_BY_LENGTH in self.browser.text
        wanted = bare if is_sorted else f"{bare} {SORTED_BY_LENGTH}".strip()
        self.start(partial(self._ask, wanted), "query")

    def switch_sides(self) -> None:
        """Put the answers beside each other, or one above the other."""
        self._is_beside = not self._is_beside
        self.start(self._show_pair, "pair")

    def switch_pair_question(self) -> None:
        """Show all that was asked, or the answers again."""
        comparison, pairs, cursor = self.browser.comparison, self.browser.pairs, self.table.cursor
        if comparison is None or cursor >= len(pairs):
            return
        if not self._is_question and not self._questions.get(comparison.custom_id(pairs[cursor])):
            self.notify("The file with the questions is not known", severity="warning")
            return
        self._is_question = not self._is_question
        self._shown = None
        self.start(self._show_pair, "pair")

    def read_pair(self) -> None:
        """Read on the whole screen, and back."""
        self._set_reading(is_reading=not self.has_class("-reading"))

    def _set_reading(self, *, is_reading: bool) -> None:
        self.set_class(is_reading, "-reading")
        (self.reader if is_reading else self.table).focus()

    @on(LineList.Chosen, "#compare-table")
    def read_chosen(self) -> None:
        """A double click is Enter."""
        self.read_pair()

    def next_pair(self) -> None:
        """One pair down."""
        self.table.cursor += 1

    def previous_pair(self) -> None:
        """One pair up."""
        self.table.cursor -= 1

    def scroll_pair_down(self) -> None:
        """Scroll the answers."""
        self.reader.action_cursor_down()

    def scroll_pair_up(self) -> None:
        """Scroll the answers."""
        self.reader.action_cursor_up()

    def copy_pair(self) -> None:
        """Copy both answers."""
        detail = self._detail()
        if detail is not None:
            names = self.browser.a.name, self.browser.b.name
            text = f"{names[0]}:\n{detail.text_a}\n\n{names[1]}:\n{detail.text_b}\n"
            self.post_message(CopyWanted(text, "both answers"))

    def copy_pair_id(self) -> None:
        """Copy the id."""
        detail = self._detail()
        if detail is not None:
            self.post_message(CopyWanted(detail.custom_id, "the custom_id"))

    def export_pairs(self) -> None:
        """Write what is shown."""
        self.start(self._export, "export")

    async def _export(self) -> None:
        if self.browser.comparison is not None:
            path = await asyncio.to_thread(
                write_pairs, self.browser.comparison, self.browser.pairs, self.setup.export_dir
            )
            self.notify(f"{len(self.browser.pairs):,} pairs written to {path}")

    def review_pairs(self) -> None:
        """Judge what is shown."""
        browser, comparison = self.browser, self.browser.comparison
        if comparison is not None:
            pairs = {comparison.custom_id(pair): pair for pair in reversed(browser.pairs)}
            self.post_message(
                ReviewWanted(
                    PairCards(comparison, pairs, _SEED, self.setup.glyphs, browser.a.requests),
                    f"{browser.a.name} with {browser.b.name}",
                    pair_subject(browser.a.subject, browser.b.subject),
                    [comparison.custom_id(pair) for pair in browser.pairs],
                )
            )

    def leave_pairs(self) -> None:
        """One step back."""
        if self.has_class("-reading"):
            self._set_reading(is_reading=False)
        elif self.browser.text:
            self.start(partial(self._ask, ""), "query")
        else:
            self.dismiss(None)
