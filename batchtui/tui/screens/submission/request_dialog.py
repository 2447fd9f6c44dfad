"""Any request of a file, whole, before it is sent."""

import asyncio
import secrets
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_count
from batchtui.request_line import custom_id_of
from batchtui.submission.validate import Validation, read_request_at
from batchtui.tui.lines import Line, line
from batchtui.tui.messages import start_work
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.submission.request_lines import request_lines
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView
from batchtui.untrusted import visible


class RequestDialog(Dialog[None]):
    """Shows the requests of a checked file, one after the other.

    Args:
        validation: The file.
        number: The first one shown, from 0.
        explain_place: Says where a key works that does nothing here.
    """

    AUTO_FOCUS = "#dialog-body"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n,right,right_square_bracket", "step(1)", "Next"),
        Binding("p,left,left_square_bracket", "step(-1)", "Previous"),
        Binding("x", "jump", "Random"),
        Binding("escape,q", "leave", "Back"),
    ]

    def __init__(
        self, validation: Validation, number: int, explain_place: Callable[[str], None]
    ) -> None:
        super().__init__("Request")
        self.add_class("-wide-dialog")
        self._validation = validation
        self._number = number
        self._count = validation.requests
        self._explain_place = explain_place

    def on_mount(self) -> None:
        """Show the first one."""
        self._go_to(self._number)

    def action_step(self, step: int) -> None:
        """Go to the next or the one before, round at the ends."""
        self._go_to((self._number + step) % self._count)

    def action_jump(self) -> None:
        """Go to any other."""
        if self._count > 1:
            self.action_step(1 + secrets.randbelow(self._count - 1))

    def explain_refusal(self, key: str) -> None:
        """Say where a key works that does nothing here."""
        if key not in self.active_bindings:
            self._explain_place(key)

    def _go_to(self, number: int) -> None:
        self._number = number
        start_work(self, partial(self._show, number), "read")

    async def _show(self, number: int) -> None:
        where = f"Request {format_count(number + 1)} of {format_count(self._count)}"
        try:
            custom_id, lines = await asyncio.to_thread(self._read, number)
        except BatchtuiError as error:
            self._put(where, (line((visible(error.sentence), "problem")),))
            return
        self._put(f"{where}: {visible(custom_id)}", lines)

    def _read(self, number: int) -> tuple[str, tuple[Line, ...]]:
        """Return the custom_id of a request, and all of it; blocks."""
        data = read_request_at(self._validation, number).data
        return custom_id_of(data), request_lines(data)

    def _put(self, title: str, lines: tuple[Line, ...]) -> None:
        self.query_one("#dialog-title", LineBar).lines = (line((title, "heading")),)
        self.show_body(lines)
        self.query_one(LineView).action_cursor_first()
