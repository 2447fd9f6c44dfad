"""A question with yes and no, told in full before anything happens."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.dialogs.dialog import Dialog


class ConfirmDialog(Dialog[bool]):
    """Asks; ``y`` is yes, everything else that leaves is no.

    Args:
        title: What will happen, as a question.
        body: What it happens to, and what to know before.
        yes: The words of the action, such as "Delete 3 batches".
        no: The words of leaving it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Yes"),
        Binding("n,escape,q", "answer(False)", "No"),
    ]

    def __init__(self, title: str, body: tuple[Line, ...], yes: str, no: str = "Leave it") -> None:
        answers = line(
            Span("y", "key", "screen.answer(True)"),
            Span(f" {yes}", "", "screen.answer(True)"),
            "    ",
            Span("n", "key", "screen.answer(False)"),
            Span(f" {no}", "", "screen.answer(False)"),
        )
        super().__init__(title, body, answers)
        self.add_class("-wide-dialog")

    def action_answer(self, is_yes: bool) -> None:
        """Close with the answer."""
        self.dismiss(is_yes)
