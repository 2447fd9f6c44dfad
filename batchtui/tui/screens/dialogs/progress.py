"""A long action with an outcome for every item, which can be stopped."""

from collections.abc import AsyncIterator, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.formatting import format_count
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.line_view import LineView

_HEIGHT = 12
_STOP = (("Esc", "key"), " Stop; what was sent stays sent")


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
        super().__init__(title, (), line(*_STOP))
        self.add_class("-wide-dialog")
        self._total = total
        self._outcomes = outcomes
        self._stop = stop
        self._is_done = False

    def body_rows(self, lines: tuple[Line, ...]) -> int:
        """As high as a dozen outcomes, from the beginning."""
        return max(min(_HEIGHT, self._total + 1), min(_HEIGHT, len(lines)))

    def on_mount(self) -> None:
        """Begin."""
        self.run_worker(self._run(), group="progress")

    async def _run(self) -> None:
        done = 0
        async for outcome in self._outcomes:
            done += 1
            self.show_body((*self._body, outcome))
            share = f"{format_count(done)} of {format_count(self._total)}"
            self.show_keys(line((share, "strong"), "    ", *_STOP))
            self.query_one(LineView).scroll_end(animate=False)
        self._is_done = True
        self.show_keys(line(("Enter", "key"), " Close"))

    def action_leave(self) -> None:
        """Stop while it runs, close when it is done."""
        if self._is_done:
            self.dismiss(None)
        else:
            self._stop()
