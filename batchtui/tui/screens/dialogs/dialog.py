"""The frame of all questions: a title, lines to read, perhaps a field, and the keys."""

from typing import Generic, TypeVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from batchtui.tui.lines import Line, line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView

ResultT = TypeVar("ResultT")


class Dialog(ModalScreen[ResultT], Generic[ResultT]):
    """A box over the screen that asks.

    Args:
        title: What it is about.
        body: Lines to read; scrolls where they do not fit.
        keys: The line of keys at the foot.
    """

    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012 - as Textual declares it

    def __init__(self, title: str, body: tuple[Line, ...], keys: Line) -> None:
        super().__init__()
        self._heading = line((title, "heading"))
        self._body = body
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The box, from top to bottom."""
        with Vertical(id="dialog"):
            title = LineBar(id="dialog-title")
            title.lines = (self._heading,)
            yield title
            yield from self.compose_content()
            keys = LineBar(id="dialog-keys")
            keys.lines = (self._keys,)
            yield keys

    def compose_content(self) -> ComposeResult:
        """What stands between title and keys: the body."""
        yield self.body_view()

    def body_view(self) -> LineView:
        """The lines to read, as high as they need while the screen allows."""
        body = LineView(id="dialog-body")
        body.lines = self._body
        body.styles.height = len(self._body)
        return body
