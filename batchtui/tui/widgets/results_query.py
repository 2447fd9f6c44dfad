"""The field a query is typed in."""

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from batchtui.tui.widgets.text_field import TextField


class QueryInput(TextField):
    """A field that also asks for completion, goes through suggestions, and can be given up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("down", "choose(1)", "Next suggestion", show=False),
        Binding("up", "choose(-1)", "Previous suggestion", show=False),
        Binding("escape", "give_up", "Give up", show=False),
    ]

    @dataclass
    class CompletionWanted(Message):
        """What is typed should be completed by the chosen suggestion."""

    @dataclass
    class SuggestionWanted(Message):
        """Another suggestion should be chosen.

        Attributes:
            step: How many further down the list.
        """

        step: int

    @dataclass
    class GivenUp(Message):
        """What was typed should not count."""

    def action_complete(self) -> None:
        """Ask for completion."""
        self.post_message(self.CompletionWanted())

    def action_choose(self, step: int) -> None:
        """Ask for another suggestion."""
        self.post_message(self.SuggestionWanted(step))

    def action_give_up(self) -> None:
        """Give up."""
        self.post_message(self.GivenUp())
