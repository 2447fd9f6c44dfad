"""Chooses how the app talks to the terminal: the class to give to Textual's ``driver_class``."""

import sys

from textual.driver import Driver

from batchtui.tui.terminal.options import DriverOptions

if sys.platform == "win32":
    from textual.drivers.windows_driver import WindowsDriver
else:
    from batchtui.tui.terminal.unix import DiffingDriver, QuietDriver


def make_driver_class(options: DriverOptions) -> type[Driver]:
    """Return the driver for this platform.

    Where there is no terminal as Unix knows it, this is Textual's own driver, unchanged.
    """
    if sys.platform == "win32":
        return WindowsDriver
    base = DiffingDriver if options.diff else QuietDriver
    return type(base.__name__, (base,), {"options": options})
