"""How other parts of the program reach the terminal: clipboard, title, bell, and when to paint."""

from collections.abc import Callable

from batchtui.tui.terminal.capabilities import Capabilities

_SCREEN_PIECE = 250
"""Bytes that screen takes in one piece."""


class Channel:
    """Passes sequences on to whichever driver has the terminal; without one, drops them."""

    def __init__(self) -> None:
        self._write: Callable[[str], None] | None = None
        self._hold: Callable[[bool], None] = _hold_nothing
        self._on_connect = self._on_disconnect = ""

    def connect(
        self, write: Callable[[str], None], hold: Callable[[bool], None] | None = None
    ) -> None:
        """Let a driver take over, which has set the terminal up.

        Args:
            write: Writes to the terminal.
            hold: Has the terminal keep what it shows, or no longer; ``None`` where it cannot.
        """
        self._write, self._hold = write, hold or _hold_nothing
        self.write(self._on_connect)

    def disconnect(self) -> None:
        """Give the terminal back, as it was."""
        self.write(self._on_disconnect)
        self._write, self._hold = None, _hold_nothing

    def write(self, sequence: str) -> bool:
        """Write a sequence that does not touch the picture.

        Returns:
            Whether there was a terminal to write it to.
        """
        if self._write is None:
            return False
        if sequence:
            self._write(sequence)
        return True

    def hold_picture(self, *, is_held: bool) -> None:
        """Have the terminal keep what it shows until the next picture is complete, or no longer."""
        self._hold(is_held)

    def hold(self, on_connect: str, on_disconnect: str) -> bool:
        """Keep a state of the terminal for as long as the app has it.

        Args:
            on_connect: Written whenever the terminal is taken, for example after a pause.
            on_disconnect: Written whenever it is given back.

        Returns:
            Whether nothing was held before.
        """
        is_first = not self._on_disconnect
        self._on_connect, self._on_disconnect = on_connect, on_disconnect
        return is_first


def _hold_nothing(is_held: bool) -> None:
    del is_held


def wrap(sequence: str, capabilities: Capabilities) -> str:
    """Wrap a sequence so that it reaches the terminal outside.

    tmux passes it on only where ``allow-passthrough`` is on; nobody can tell from inside.

    Args:
        sequence: An operating system command that ends with BEL.
        capabilities: What lies in between.
    """
    if capabilities.in_tmux:
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    if capabilities.in_screen:
        starts = range(0, len(sequence), _SCREEN_PIECE)
        pieces = [sequence[start : start + _SCREEN_PIECE] for start in starts]
        return "\x1bP" + "\x1b\\\x1bP".join(pieces) + "\x1b\\"
    return sequence
