"""A question for a line of text."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input

from batchtui.tui.lines import Line, line
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.text_field import TextField


class PromptDialog(Dialog[str | None]):
    """Asks for a line of text; ``None`` means the user left.

    Args:
        title: What it is about.
        body: Lines to read above the field.
        value: What stands in the field at first, selected: typing replaces it, an arrow keeps it.
        placeholder: What an empty field says.
        check: Gives what is wrong with a value, or an empty string; asked before closing.
        confirm: What Enter does, in a word or two.
    """

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Save"),
        Binding("escape", "leave", "Leave it"),
    ]
    IS_SECRET: ClassVar[bool] = False
    """Whether what is typed is hidden."""

    def __init__(
        self,
        title: str,
        body: tuple[Line, ...] = (),
        *,
        value: str = "",
        placeholder: str = "",
        check: Callable[[str], str] = lambda _value: "",
        confirm: str = "Save",
    ) -> None:
        super().__init__(title, body, submit=confirm)
        self._value = value
        self._placeholder = placeholder
        self._check = check

    def compose_content(self) -> ComposeResult:
        """Yield the body, the field and the place for what is wrong."""
        yield self.body_view()
        yield TextField(
            self._value,
            placeholder=self._placeholder,
            password=self.IS_SECRET,
            compact=True,
            id="dialog-input",
        )
        yield LineBar(id="dialog-problem")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Close with the value, or say what is wrong with it."""
        event.stop()
        problem = self._check(event.value)
        if problem:
            self.query_one("#dialog-problem", LineBar).lines = (line((problem, "problem")),)
        else:
            self.dismiss(event.value)


class SecretPrompt(PromptDialog):
    """Asks for a line that nobody is to read on the screen."""

    IS_SECRET = True
