"""A theme as plain values.

To make it a ``textual.theme.Theme``: ``primary`` and ``accent`` are `ThemeSpec.accent`,
``secondary`` is `running`, ``success``, ``error`` and ``warning`` are `ok`, `failed` and `warning`,
``ansi`` is `is_ansi`; all else goes into ``variables`` under the names of the fields.
"""

from msgspec import Struct

STATES = (
    "running",
    "canceling",
    "ok",
    "failed",
    "expired",
    "canceled",
    "archived",
    "warning",
)
"""The fields of `ThemeSpec` that color a state."""

_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLORS = (
    "ansi_default",
    *(f"ansi_{name}" for name in _ANSI),
    *(f"ansi_bright_{name}" for name in _ANSI),
)
"""The terminal's own sixteen colors and its default one, as Textual names them."""

_HUES = {
    "none": "foreground",
    "red": "failed",
    "yellow": "warning",
    "green": "ok",
    "cyan": "running",
    "blue": "accent",
    "magenta": "canceling",
}


class ThemeSpec(Struct, frozen=True):
    """One theme. Every color is ``#rrggbb``, or every one is one of `ANSI_COLORS`."""

    name: str
    description: str
    dark: bool
    code_style: str
    """A Pygments style."""

    background: str
    """Behind everything."""
    surface: str
    """Behind what lies on it: the detail pane, inputs, the reader."""
    panel: str
    """Behind what is raised: header, footer, dialogs."""
    border: str
    """Rules and frames, and the empty part of bars."""
    foreground: str
    """Text."""
    muted: str
    """Text that matters less: ages, units, headings."""
    accent: str
    """Focus, the mark of the selection, keys in the footer. Nothing else has this color."""
    on_accent: str
    """Text on `accent`."""
    selection: str
    """Behind the selected row of the focused list; states keep their colors on it."""
    selection_blurred: str
    """Behind the selected row of a list without focus."""
    on_selection: str
    """Text on `selection`; a 16-color theme paints all of the row with it."""
    match: str
    """Behind what a search found."""
    on_match: str
    """Text on `match`."""

    running: str
    canceling: str
    ok: str
    failed: str
    expired: str
    canceled: str
    archived: str
    warning: str

    @property
    def is_ansi(self) -> bool:
        """Whether it uses the terminal's own colors."""
        return self.background.startswith("ansi_")

    def hue(self, color: str) -> str:
        """Return this theme's shade of one of `settings.PROFILE_COLORS`."""
        shade: str = getattr(self, _HUES.get(color, "foreground"))
        return shade


COLORS = tuple(
    name
    for name in ThemeSpec.__struct_fields__
    if name not in ("name", "description", "dark", "code_style", *STATES)
)
"""The fields of `ThemeSpec` that are colors and color no state."""
