"""A small Textual app like ours: a list painted by lines, details beside it, a status line.

For measuring the driver alone: ``BATCHTUI_DRIVER`` chooses it.
"""

import os
import random
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from batchtui.tui.terminal.options import DriverOptions
from batchtui.tui.terminal.setup import make_driver_class

ROWS = 5_000
_TEXT = Style.parse("#e0e0e0 on #121212")
_DIM = Style.parse("#808080 on #121212")
_GOOD = Style.parse("#4ebf71 on #121212")
_BAD = Style.parse("bold #ff5f5f on #121212")
_CURSOR = Style.parse("bold #ffffff on #0178d4")


class Lines(ScrollView, can_focus=True):
    """Results, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)"),
        Binding("up", "move(-1)"),
        Binding("pagedown", "move(0, 1)"),
        Binding("pageup", "move(0, -1)"),
    ]
    cursor: var[int] = var(0)

    def on_mount(self) -> None:
        self.virtual_size = Size(82, ROWS)

    def action_move(self, rows: int, pages: int = 0) -> None:
        step = rows + pages * self.size.height
        self.cursor = max(0, min(ROWS - 1, self.cursor + step))

    def watch_cursor(self, before: int, after: int) -> None:
        for row in (before, after):
            self.refresh(Region(0, row - self.scroll_offset.y, self.size.width, 1))
        self.scroll_to_region(Region(0, after, 1, 1), animate=False, force=True)
        self.app.query_one("#detail", Static).update(detail(after), layout=False)
        self.app.query_one("#status", Static).update(f"row {after + 1}/{ROWS} ", layout=False)

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        chance = random.Random(row)
        is_bad = chance.random() < 0.1
        parts = [
            (f" {row + 1:>7,}  ", _DIM),
            (f"doc-{chance.randrange(10**5):05}".ljust(16), _TEXT),
            (f"{'✗ errored' if is_bad else '✓ succeeded':<14}", _BAD if is_bad else _GOOD),
            (f"{'overloaded_error' if is_bad else 'end_turn':<22}", _TEXT),
            (f"{chance.randrange(9000):>8,}{chance.randrange(3000):>8,}", _DIM),
        ]
        style = _CURSOR if row == self.cursor else None
        strip = Strip([Segment(text, style or own) for text, own in parts])
        return strip.adjust_cell_length(self.size.width, style or _TEXT)


def detail(row: int) -> str:
    """Return what stands beside the list for a row."""
    chance = random.Random(row)
    words = ["invoice", "number", "total", "the", "is", "due", "paid", "on", "account"]
    answer = " ".join(chance.choices(words, k=18))
    return f"doc-{chance.randrange(10**5):05}\n\nrequest  req_{chance.randrange(10**9)}\n\n{answer}"


class StandIn(App[None]):
    """List, details, status."""

    CSS = """
    Lines { width: 82; background: #121212; scrollbar-size-vertical: 1; }
    #detail { width: 1fr; background: #1e1e1e; padding: 0 1; height: 100%; }
    Horizontal { height: 1fr; } #head, #status { height: 1; background: #242f38; }
    """
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Static(" acme-prod  api.anthropic.com  key …x9Qd", id="head")
        with Horizontal():
            yield Lines()
            yield Static(detail(0), id="detail")
        yield Static(f"row 1/{ROWS}", id="status")

    def on_mount(self) -> None:
        self.query_one(Lines).focus()


def main() -> None:
    """Run the app that the command line asks for."""
    is_diff = os.environ.get("BATCHTUI_DRIVER", "diff") == "diff"
    StandIn(driver_class=make_driver_class(DriverOptions(diff=is_diff))).run()


if __name__ == "__main__":
    main()
