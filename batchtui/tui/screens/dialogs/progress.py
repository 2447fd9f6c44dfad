"""A long action with an outcome for every item, which can be stopped."""

from collections.abc import AsyncIterator, Callable
from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.formatting import format_count
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import start_work
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.line_view import LineView

_HEIGHT = 12


class ProgressDialog(Dialog[None]):
    """Shows the outcomes as they come; stays until the user has seen them.

    Args:
        title: What is being done.
        total: How many items there are.
        outcomes: Gives a line for each item when it is done.
        stop: Stops the action; the rest is reported as not done.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "stop", "Stop; what was sent stays sent"),
        Binding("enter,escape,q", "close", "Close"),
    ]

    def __init__(
        self,
        title: str,
        total: int,
        outcomes: AsyncIterator[Line],
        stop: Callable[[], None],
    ) -> None:
        super().__init__(title)
        self.add_class("-wide-dialog")
        self._total = total
        self._outcomes = outcomes
        self._stop = stop
        self._done = 0
        self._is_done = False

    def body_rows(self, lines: tuple[Line, ...]) -> int:
        """As high as a dozen outcomes, from the beginning."""
        return max(min(_HEIGHT, self._total + 1), min(_HEIGHT, len(lines)))

    def keys(self) -> Line:
        """Return how far it is, and behind that the key that stops it or, once done, closes it."""
        if not self._done or self._is_done:
            return super().keys()
        share = f"{format_count(self._done)} of {format_count(self._total)}"
        return line((share, "strong"), "    ", *super().keys().left)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Stop while it runs, close when it is done."""
        if action in {"stop", "close"}:
            return self._is_done is (action == "close")
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Begin."""
        start_work(self, self._run, "progress")

    async def _run(self) -> None:
        try:
            async for outcome in self._outcomes:
                self._done += 1
                self.show_body((*self._body, outcome))
                self.query_one(LineView).scroll_end(animate=False)
        finally:
            self._is_done = True
            self.fit()

    def action_stop(self) -> None:
        """Stop; what was not done yet is reported as such."""
        self._stop()

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)
