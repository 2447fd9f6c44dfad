"""A question with yes and no, told in full before anything happens."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.reactive import reactive

from batchtui.tui.commands.bindings import dispatched
from batchtui.tui.commands.general import MOVING
from batchtui.tui.lines import Line, Span
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_view import LineView

_GAP = 2


class ButtonBar(LineBar, can_focus=True):
    """The answers as buttons, one of them chosen.

    Args:
        labels: What they say.
        is_grave: Whether those after the first do what cannot be undone.
    """

    chosen: reactive[int] = reactive(0, repaint=False)

    def __init__(self, labels: Sequence[str], *, is_grave: bool) -> None:
        super().__init__(id="dialog-keys")
        self._labels = labels
        self._is_grave = is_grave

    def validate_chosen(self, chosen: int) -> int:
        """Go round at the ends."""
        return chosen % len(self._labels)

    def watch_chosen(self) -> None:
        """Show which one is chosen."""
        if width := self.content_size.width:
            self.lines = self.lines_for(width)

    def lines_for(self, width: int) -> tuple[Line, ...]:
        """Return the buttons beside each other, or below each other where there is no room."""
        buttons = [self._button(place) for place in range(len(self._labels))]
        wide = sum(cell_len(button.text) for button in buttons) + _GAP * (len(buttons) - 1)
        if wide > width:
            return tuple(Line((button,)) for button in buttons)
        spans = [span for button in buttons for span in (Span(" " * _GAP), button)]
        return (Line(tuple(spans[1:])),)

    def _button(self, place: int) -> Span:
        style = "button"
        if place == self.chosen:
            style = "button-grave" if place and self._is_grave else "button-chosen"
        return Span(f"[ {self._labels[place]} ]", style, f"screen.press({place})")


class ConfirmDialog(Dialog[bool]):
    """Asks. Enter gives the answer that is chosen, which first is no unless it costs nothing.

    No letter says yes.

    Args:
        title: What will happen, as a question.
        body: What it happens to, and what to know before.
        yes: The words of the action, such as "Delete 3 batches".
        no: The words of leaving it.
        is_grave: Whether it cannot be undone.
        is_free: Whether it changes nothing and costs nothing, and was just asked for: then yes is
            chosen first.
    """

    AUTO_FOCUS = "ButtonBar"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,right,l", "choose(1)", "Other answer"),
        Binding("shift+tab,left,h", "choose(-1)", "Other answer"),
        Binding("enter", "answer", "Answer"),
        Binding("escape,q", "press(0)", "No"),
        *dispatched(MOVING),
    ]

    def __init__(
        self,
        title: str,
        body: tuple[Line, ...],
        yes: str,
        no: str = "Leave it",
        *,
        is_grave: bool = True,
        is_free: bool = False,
    ) -> None:
        super().__init__(title, body)
        self.add_class("-wide-dialog")
        self.set_class(is_grave, "-grave")
        self._buttons = ButtonBar((no, yes), is_grave=is_grave)
        self._buttons.set_reactive(ButtonBar.chosen, int(is_free))

    @property
    def is_yes_chosen(self) -> bool:
        """Whether Enter says yes."""
        return self._buttons.chosen == 1

    def foot(self) -> LineBar:
        """Return the buttons."""
        return self._buttons

    def foot_lines(self, width: int) -> tuple[Line, ...]:
        """Return the buttons, laid out for a width in cells."""
        return self._buttons.lines_for(width)

    def body_view(self) -> LineView:
        """Return the lines to read, scrolled by keys of the dialog: the buttons keep the focus."""
        body = super().body_view()
        body.can_focus = False
        return body

    def action_choose(self, step: int) -> None:
        """Go to the next answer."""
        self._buttons.chosen += step

    def action_answer(self) -> None:
        """Close with the answer that is chosen."""
        self.dismiss(self.is_yes_chosen)

    def action_press(self, place: int) -> None:
        """Close with an answer."""
        self.dismiss(place == 1)

    async def action_command(self, command_id: str) -> None:
        """Move in the lines to read: the keys come here, where the buttons have the focus."""
        await self.query_one(LineView).run_action(command_id.replace("-", "_"))
