"""Leaving in order when the program is told to end from outside."""

import asyncio
import signal
import sys

from textual.app import App

_FROM_SIGNAL = 128
"""What a shell adds to the number of the signal that ended a program."""


def end_on_signals(app: App[int]) -> None:
    """Leave as if by the key when told to end, or when the terminal is gone.

    Otherwise the process would end at once, with the terminal left as the app had set it up and
    without closing what is open. To be called in the app's event loop.
    """
    if app.is_headless or sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(
            number, lambda code: app.exit(return_code=code), _FROM_SIGNAL + number
        )
