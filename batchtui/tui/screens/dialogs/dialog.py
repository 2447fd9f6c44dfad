"""The frame of all questions: a title, lines to read, perhaps a field, and the keys."""

import asyncio
import math
from typing import ClassVar, Generic

from textual import actions, events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen, ScreenResultType
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Input
from textual.worker import Worker

from batchtui.tui.lines import Line, line
from batchtui.tui.messages import Failed
from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.screens.dialogs.question_layout import key_line, wrap_keys
from batchtui.tui.stylesheets import DIALOGS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.reader_wrapping import wrap_lines

_AIR = 2
"""Rows left free above and below the box, where the screen is not low."""
_HEIGHTS = [(0, "-low"), (16, "-high")]
"""The class of the screen from so many lines on."""


class Dialog(
    ModalScreen[ScreenResultType], SteadyScreen[ScreenResultType], Generic[ScreenResultType]
):
    """A box over the screen that asks.

    Title, field and keys are always seen: the body gets the rows that they leave, and scrolls.

    Args:
        title: What it is about.
        body: Lines to read; broken where they are too long.
        words: What its keys do, by the action, where that is not what `BINDINGS` says.

    What was typed before it was on the screen was typed for something else, and is dropped.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = DIALOGS
    VERTICAL_BREAKPOINTS = _HEIGHTS

    asker: Worker[object] | None = None
    """Who waits for the answer, where that is known."""

    def __init__(self, title: str, body: tuple[Line, ...] = (), **words: str) -> None:
        super().__init__()
        self.gone = asyncio.Event()
        """Set when it is no longer on the screen."""
        self._heading = line((title, "heading"))
        self._body = body
        self._words = words

    def compose(self) -> ComposeResult:
        """Yield the box, from top to bottom."""
        with Vertical(id="dialog"):
            title = LineBar(id="dialog-title")
            title.lines = (self._heading,)
            yield title
            yield from self.compose_content()
            yield self.foot()

    def foot(self) -> LineBar:
        """Return the line at the foot: the keys."""
        foot = LineBar(id="dialog-keys")
        foot.lines = (self.keys(),)
        return foot

    def keys(self) -> Line:
        """Return the keys that do something now, as the bindings of the dialog say."""
        bindings = [
            binding
            for owner in reversed(type(self).__mro__)
            if issubclass(owner, Dialog)
            for binding in vars(owner).get("BINDINGS", ())
            if isinstance(binding, Binding) and self._is_active(binding)
        ]
        return key_line(bindings, self._words)

    def _is_active(self, binding: Binding) -> bool:
        _, name, parameters = actions.parse(binding.action)
        return bool(self.check_action(name, parameters))

    def foot_lines(self, width: int) -> tuple[Line, ...]:
        """Return the foot, laid out for a width in cells."""
        return wrap_keys(self.keys(), width)

    def heeds(self, event: events.Event) -> bool:
        """Return whether the question was on the screen before this was done.

        To leave is always safe. What was typed on after the key that opened it edits the text of a
        field, and is never an answer.
        """
        key = event.key if isinstance(event, events.Key) else ""
        is_safe = key == "escape" or isinstance(event, events.MouseMove)
        if isinstance(self.focused, Input):
            is_safe = is_safe or key not in ("", "enter") or isinstance(event, events.Paste)
        return (is_safe or event.time >= self.seen_at) and super().heeds(event)

    def compose_content(self) -> ComposeResult:
        """Yield what stands between title and keys: the body."""
        yield self.body_view()

    def body_view(self) -> LineView:
        """Return the lines to read."""
        body = LineView(id="dialog-body")
        body.lines = self._body
        body.styles.height = self.body_rows(self._body)
        return body

    def body_rows(self, lines: tuple[Line, ...]) -> int:
        """Return how many rows the body would like to have."""
        return len(lines)

    def body_lines(self, width: int) -> tuple[Line, ...]:
        """Return the body, laid out for a width in cells."""
        return wrap_lines(self._body, width)

    def on_mount(self) -> None:
        """Fit everything once the width is known; no older message may cover the question."""
        self.app.clear_notifications()
        self.call_after_refresh(self.fit)

    def on_unmount(self) -> None:
        """Let others ask."""
        self.gone.set()

    @on(Failed)
    def show_failure(self, failed: Failed) -> None:
        """Say what went wrong beside the question."""
        failed.stop()
        self.notify(failed.error.sentence, severity="error")

    async def action_submit(self) -> None:
        """A click on Enter is Enter in the field."""
        await self.query_one(Input).action_submit()

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def expect_answer(self) -> None:
        """Take only what is typed from now on, as something else is asked now."""
        self.seen_at = math.inf
        self.call_after_refresh(self.note_seen)

    def on_resize(self) -> None:
        """Fit everything to the new size."""
        self.call_after_refresh(self.fit)

    def show_body(self, lines: tuple[Line, ...]) -> None:
        """Show other lines to read."""
        self._body = lines
        self.fit()

    def fit(self) -> None:
        """Lay keys and body out for the box; the body takes the rows that are left."""
        if not self.is_mounted:
            return
        bar = self.query_one("#dialog-keys", LineBar)
        if bar.content_size.width:
            bar.lines = self.foot_lines(bar.content_size.width)
            bar.styles.height = len(bar.lines)
        for body in self.query("#dialog-body").results(LineView):
            if body.line_width:
                body.lines = self.body_lines(body.line_width)
            wanted = self.body_rows(body.lines)
            body.styles.height = max(0, min(wanted, self.rows_for(body)))

    def rows_for(self, widget: Widget) -> int:
        """Return how many rows there are for a widget of the box, if all others keep theirs."""
        box = self.query_one("#dialog")
        used = box.gutter.height + widget.styles.margin.height
        for child in box.children:
            if child is not widget and child.display:
                used += _rows_of(child) + child.styles.margin.height
        return self.size.height - (0 if self.has_class("-low") else _AIR) - used


def _rows_of(widget: Widget) -> int:
    """Return the rows a widget is about to have: its own height where one was given in cells."""
    height = widget.styles.height
    if height is not None and height.is_cells:
        return int(height.value)
    return widget.outer_size.height
