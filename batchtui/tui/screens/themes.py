"""The theme picker: the screen behind it is the preview."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from batchtui.config.theme_spec import ThemeSpec
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.screens.dialogs.question_layout import key_line
from batchtui.tui.stylesheets import SETTINGS
from batchtui.tui.widgets.columns import Cell, Column, place_columns, table_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList, ValueList
from batchtui.untrusted import visible

_COLUMNS = (
    Column("name", "THEME", 18, gap=0),
    Column("kind", "", 6),
    Column("description", "", 10, grows=True, rank=1),
)


class ThemeList(ValueList[ThemeSpec]):
    """The themes."""

    def value_line(self, theme: ThemeSpec, width: int, /) -> Line:
        """Return one theme."""
        kind = "16" if theme.is_ansi else "dark" if theme.dark else "light"
        cells: dict[str, Cell] = {
            "name": visible(theme.name),
            "kind": line((kind, "muted")).left[0],
            "description": line((visible(theme.description), "muted")).left[0],
        }
        return table_line(place_columns(_COLUMNS, width), cells)


class ThemePicker(ModalScreen[str | None], SteadyScreen[str | None]):
    """Chooses a theme; each is tried on as the cursor comes to it. ``None``: the old one stays.

    Args:
        themes: All themes.
        current: The name of the one in use.
        try_on: Shows a theme.
    """

    CSS_PATH = SETTINGS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Use and save"),
        Binding("escape,q", "leave", "Leave it"),
    ]

    def __init__(
        self, themes: Sequence[ThemeSpec], current: str, try_on: Callable[[ThemeSpec], None]
    ) -> None:
        super().__init__()
        self._themes = themes
        self._names = [theme.name for theme in themes]
        self._current = current
        self._try_on = try_on

    def compose(self) -> ComposeResult:
        """Yield the list at the foot of the screen, so that much of the rest is seen."""
        themes = ThemeList(id="themes-list")
        themes.values = tuple(self._themes)
        yield themes
        keys = LineBar(id="themes-keys", classes="chrome")
        keys.lines = (key_line(self.BINDINGS),)
        yield keys

    def on_mount(self) -> None:
        """Begin on the theme in use."""
        themes = self.query_one(ThemeList)
        themes.focus()
        if self._current in self._names:
            place = self._names.index(self._current)
            themes.call_after_refresh(setattr, themes, "cursor", place)

    def on_line_list_highlighted(self, event: LineList.Highlighted) -> None:
        """Try the theme on."""
        self._try_on(self._themes[event.row])

    def on_line_list_chosen(self) -> None:
        """A double click is Enter."""
        self.action_choose()

    def action_choose(self) -> None:
        """Close with the theme under the cursor."""
        self.dismiss(self._names[self.query_one(ThemeList).cursor])

    def action_leave(self) -> None:
        """Close; the old theme comes back."""
        self.dismiss(None)
