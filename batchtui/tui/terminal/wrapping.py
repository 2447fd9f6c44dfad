"""Sequences on their way through tmux and GNU screen, which would keep them for themselves."""

from batchtui.tui.terminal.capabilities import Capabilities

_SCREEN_PIECE = 250
"""Bytes that screen takes in one piece."""


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
