"""A long action with an outcome for every item, which can be stopped."""

from collections.abc import AsyncIterator, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.formatting import format_count
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView

_HEIGHT = 12


class ProgressDialog(Dialog[None]):
    """Shows the outcomes as they come; stays until the user has seen them.

    Args:
        title: What is being done.
        total: How many items there are.
        outcomes: Gives a line for each item when it is done.
        stop: Stops the action; the rest is told as not done.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "leave", "Stop or close")]

    def __init__(
        self,
        title: str,
        total: int,
        outcomes: AsyncIterator[Line],
        stop: Callable[[], None],
    ) -> None:
        super().__init__(title, (), line(("Esc", "key"), " Stop; what was sent stays sent"))
        self.add_class("-wide-dialog")
        self._total = total
        self._outcomes = outcomes
        self._stop = stop
        self._is_done = False

    def body_view(self) -> LineView:
        """As high as a dozen outcomes."""
        view = super().body_view()
        view.styles.height = min(_HEIGHT, self._total + 1)
        return view

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._run(), group="progress")

    async def _run(self) -> None:
        view = self.query_one(LineView)
        async for outcome in self._outcomes:
            view.lines = (*view.lines, outcome)
            done = f"{format_count(len(view.lines))} of {format_count(self._total)}"
            self._say(
                line((done, "strong"), "    ", ("Esc", "key"), " Stop; what was sent stays sent")
            )
            view.scroll_end(animate=False)
        self._is_done = True
        self._say(line(("↵", "key"), " Close"))

    def _say(self, keys: Line) -> None:
        self.query_one("#dialog-keys", LineBar).lines = (keys,)

    def action_leave(self) -> None:
        """Stop while it runs, close when it is done."""
        if self._is_done:
            self.dismiss(None)
        else:
            self._stop()
