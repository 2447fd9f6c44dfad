"""The bar of commands at the foot of a screen: keys and buttons in one."""

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual import events
from textual.reactive import reactive

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.line_bar import LineBar

_ALWAYS = 2
"""The last items (palette and help) stay, however narrow the screen is."""
_GAP = "  "


class ActionItem(Struct, frozen=True):
    """One command as the bar shows it."""

    command: str
    """The id of the command; "" where its key is not that of a command."""
    key: str
    """Its key as it is set now."""
    label: str
    """Its label."""
    is_possible: bool
    """False dims it."""


class ActionBar(LineBar):
    """Shows as many items as fit, the first and the last ones first; a click runs one."""

    items: reactive[tuple[ActionItem, ...]] = reactive((), repaint=False)
    status: reactive[tuple[Span, ...]] = reactive((), repaint=False)
    """What stands at the right end, where there is room for it."""

    def watch_items(self) -> None:
        """Lay the items out."""
        self._lay_out()

    def watch_status(self) -> None:
        """Lay the items out beside the status."""
        self._lay_out()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the items out for the new width."""
        del event
        self._lay_out()

    def _lay_out(self) -> None:
        if self.line_width:
            self.lines = (bar_line(self.items, self.status, self.line_width),)


def bar_line(items: Sequence[ActionItem], status: Sequence[Span], width: int) -> Line:
    """Choose the items that fit beside ``status`` into ``width`` cells.

    The status goes first where not even the first item and those that always stay fit beside it.
    """
    status_width = sum(cell_len(span.text) for span in status) + len(_GAP) if status else 0
    always, others = items[-_ALWAYS:], items[:-_ALWAYS]
    room = width - sum(_width(item) for item in always)
    right = tuple(status) if room >= status_width + sum(map(_width, others[:1])) else ()
    room -= status_width if right else 0
    shown: list[ActionItem] = []
    for item in others:
        if _width(item) > room:
            break
        shown.append(item)
        room -= _width(item)
    return Line(tuple(span for item in [*shown, *always] for span in _spans(item)), right)


def _width(item: ActionItem) -> int:
    return cell_len(item.key) + 1 + cell_len(item.label) + len(_GAP)


def _spans(item: ActionItem) -> tuple[Span, ...]:
    action = f"screen.command('{item.command}')" if item.command else ""
    if not item.is_possible:
        return (Span(f"{item.key} {item.label}", "muted", action), Span(_GAP))
    return (Span(item.key, "key", action), Span(f" {item.label}", "", action), Span(_GAP))
