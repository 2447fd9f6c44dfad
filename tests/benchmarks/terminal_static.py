"""The least that a Textual app can be: one word."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class OneStatic(App[None]):
    """Shows a word."""

    def compose(self) -> ComposeResult:
        yield Static("row 1/1")


if __name__ == "__main__":
    OneStatic().run()
