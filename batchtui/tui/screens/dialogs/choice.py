"""A question with several answers."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from batchtui.tui.lines import Line
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.line_list import ValueList

ValueT = TypeVar("ValueT")


class Choice(Struct, Generic[ValueT], frozen=True):
    """One answer: what it says, and what it stands for."""

    shown: Line
    value: ValueT


class ChoiceList(ValueList[Line]):
    """The answers as a list."""

    def value_line(self, answer: Line, width: int, /) -> Line:
        """Return one answer."""
        del width
        return answer


class ChoiceDialog(Dialog[ValueT | None], Generic[ValueT]):
    """Asks for one of several answers; ``None`` means the user left.

    Args:
        title: What it is about.
        choices: The answers.
        current: The index of the answer where the cursor begins.
        body: Lines to read above the answers.
        confirm: What Enter does, in a word or two.
    """

    AUTO_FOCUS = "ChoiceList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose"),
        Binding("escape,q", "leave", "Leave it"),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice[ValueT]],
        *,
        current: int = 0,
        body: tuple[Line, ...] = (),
        confirm: str = "Choose",
    ) -> None:
        super().__init__(title, body, choose=confirm)
        self._choices = choices
        self._current = current

    def compose_content(self) -> ComposeResult:
        """Yield the body and the answers."""
        if self._body:
            yield self.body_view()
        choices = ChoiceList(id="dialog-choices")
        choices.values = tuple(choice.shown for choice in self._choices)
        choices.styles.height = len(self._choices)
        yield choices

    def on_mount(self) -> None:
        """Begin on the current answer."""
        choices = self.query_one(ChoiceList)
        choices.call_after_refresh(setattr, choices, "cursor", self._current)

    def fit(self) -> None:
        """Give the answers their rows first, as far as the body keeps some."""
        choices = self.query_one(ChoiceList)
        room = self.rows_for(choices)
        for body in self.query("#dialog-body"):
            room += int(body.styles.height.value) if body.styles.height else 0
            room -= min(len(self._body), 2)
        choices.styles.height = max(1, min(len(self._choices), room))
        super().fit()

    def on_line_list_chosen(self) -> None:
        """A double click is Enter."""
        self.action_choose()

    def action_choose(self) -> None:
        """Close with the answer under the cursor."""
        self.dismiss(self._choices[self.query_one(ChoiceList).cursor].value)
