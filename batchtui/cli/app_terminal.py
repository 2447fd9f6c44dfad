"""Whether the app can be shown; Textual is not loaded for the answer."""

import os
import sys

from batchtui.cli.output import is_terminal
from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.tty import has_terminal


def can_show_app() -> bool:
    """Return whether a person sees the output, on a terminal that can do more than write lines."""
    return is_terminal(sys.stdout) and has_terminal() and not detect(os.environ).is_dumb
