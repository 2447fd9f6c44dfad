"""The terminal of this run, put together before Textual is loaded."""

import sys
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from batchtui.tui.terminal.capabilities import Capabilities, apply, detect
from batchtui.tui.terminal.channel import Channel

if TYPE_CHECKING:
    from textual.driver import Driver

    from batchtui.tui.terminal.options import DriverOptions


class Terminal(Struct, frozen=True):
    """What the app is shown on."""

    capabilities: Capabilities
    """What it can do."""
    channel: Channel = field(default_factory=Channel)
    """The way to it past the picture."""
    driver_class: "type[Driver] | None" = None
    """How Textual talks to it, or ``None`` for Textual's own way."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """The user's environment, as it was before Textual was told in it what to do."""


class TerminalSettings(Protocol):
    """What the user wants of the terminal."""

    @property
    def color_depth(self) -> str:
        """How many colors to use."""

    @property
    def motion(self) -> str:
        """Whether things move."""

    @property
    def driver(self) -> str:
        """Whether only what has changed is written."""

    @property
    def mouse(self) -> bool:
        """Whether the mouse is used."""


def set_up_terminal(environ: MutableMapping[str, str], settings: TerminalSettings) -> Terminal:
    """Find out what the terminal can do, and tell Textual before it is loaded.

    Args:
        environ: The environment of the process; Textual reads what is put there.
        settings: What the user wants.
    """
    before = dict(environ)
    capabilities = detect(environ, color=settings.color_depth)
    if settings.motion == "on":
        environ.setdefault("TEXTUAL_ANIMATIONS", "full")
    apply(environ, capabilities, is_calm=settings.motion == "off")

    from batchtui.tui.terminal.options import DriverOptions

    channel = Channel()
    options = DriverOptions(
        diff=settings.driver == "diff",
        mouse="clicks" if settings.mouse else "off",
        erases_in_color=capabilities.erases_in_color,
        has_colors=capabilities.color != "none",
        channel=channel,
    )
    return Terminal(capabilities, channel, make_driver_class(options), before)


def make_driver_class(options: "DriverOptions") -> "type[Driver]":
    """Return the driver for this platform; it loads Textual.

    Where there is no terminal as Unix knows it, this is Textual's own driver, unchanged.
    """
    if sys.platform == "win32":
        from textual.drivers.windows_driver import WindowsDriver

        return WindowsDriver
    from batchtui.tui.terminal.unix import DiffingDriver, QuietDriver

    base = DiffingDriver if options.diff else QuietDriver
    return type(base.__name__, (base,), {"options": options})
