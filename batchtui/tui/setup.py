"""What the app starts with."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.config.loading import LoadedSettings
from batchtui.config.themes import LoadedTheme, load_theme
from batchtui.tui.glyphs import ASCII, UNICODE, Glyphs
from batchtui.tui.terminal.capabilities import ColorDepth
from batchtui.tui.terminal.setup import Terminal

if TYPE_CHECKING:
    from batchtui.results.opening import ResultsFile
    from batchtui.session import SessionOptions
    from batchtui.submission.events import SendTimeouts
    from batchtui.submission.limits import Limits

_PLAIN_THEME = "terminal"
"""The theme where there are few colors or none, and none was chosen: the terminal's own colors,
which its owner can read, and a selection that shows without any."""


class AppSetup(Struct, frozen=True):
    """What the app starts with; everything it needs from outside comes in here."""

    load: Callable[[str | None], LoadedSettings]
    """Reads the settings again, for a profile or, without a name, for the one that counts."""
    options: "SessionOptions"
    """What sessions are opened with."""
    loaded: LoadedSettings | None = None
    """The settings, where they have been read already."""
    demo: "Callable[[], AppSetup] | None" = None
    """Gives settings and options of the demo, or ``None`` where it is not to be had."""
    terminal: Terminal | None = None
    """What the app is shown on, or ``None`` for Textual's own way."""
    jump_to: str | None = None
    """A batch to put the cursor on at first."""
    open_file: Path | None = None
    """A results file to show instead of the batches."""
    opened: "Callable[[], ResultsFile] | None" = None
    """Gives that file where it is being opened already; ``None`` is when it is shown."""
    timeouts: "SendTimeouts | None" = None
    """How patiently batches are sent; ``None`` is as usual."""
    limits: "Limits | None" = None
    """What one batch takes; ``None`` is as the API says."""


class EffectiveSettings(Struct, frozen=True):
    """The settings as they count now, with what follows from them on this terminal."""

    loaded: LoadedSettings
    """The settings."""
    glyphs: Glyphs
    """The signs to draw with."""


def effective_of(loaded: LoadedSettings, *, is_unicode: bool) -> EffectiveSettings:
    """Work out what settings mean.

    Args:
        loaded: The settings.
        is_unicode: Whether the terminal shows Unicode.
    """
    chosen = loaded.settings.glyphs
    glyphs = UNICODE if chosen == "unicode" or (chosen == "auto" and is_unicode) else ASCII
    return EffectiveSettings(loaded, glyphs)


def theme_of(loaded: LoadedSettings, color: ColorDepth) -> LoadedTheme:
    """Return the theme to begin with.

    Args:
        loaded: The settings.
        color: How many colors the terminal has, and the user wants.
    """
    name = loaded.settings.theme
    if color in ("none", "16") and loaded.origins["theme"].kind == "default":
        name = _PLAIN_THEME
    return load_theme(name, loaded.paths.themes_dir)
