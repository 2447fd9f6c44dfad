"""Takes the colors out of what is written to the terminal, and keeps what they said.

What stands on a background of its own (the cursor, a selection, a button) is shown in reverse.
"""

import re
from functools import lru_cache

from batchtui.tui.terminal.styles import PLAIN, UnrecognizedError, apply_sgr

_SGR = re.compile(r"\x1b\[([\d;]*)m")
_RGB_COUNT = 5


def without_colors(data: str) -> str:
    """Return output with its colors taken out."""
    return _SGR.sub(_replace, data)


def _replace(match: re.Match[str]) -> str:
    return _uncolored(match.group(1))


@lru_cache(maxsize=4096)
def _uncolored(parameters: str) -> str:
    """Return the sequence for a style without its colors; Textual resets before each style."""
    try:
        style = apply_sgr(PLAIN, parameters)
    except UnrecognizedError:
        return f"\x1b[{parameters}m"
    attributes = set(style.attributes)
    if _stands_out(style.foreground, style.background):
        attributes.add("7")
    return f"\x1b[{';'.join(['0', *sorted(attributes)])}m"


def _stands_out(foreground: str, background: str) -> bool:
    """Return whether a background is more than the ground that everything stands on.

    With the colors of the terminal the ground is its default. With colors of our own it is dark,
    and what stands out is lighter than the letters on it.
    """
    if not background:
        return False
    ground, letters = _lightness(background), _lightness(foreground)
    if ground is None:
        return True
    return ground > (128.0 if letters is None else letters)


def _lightness(color: str) -> float | None:
    """Return how light an RGB color is, 0 to 255, or ``None`` for colors of the terminal."""
    parts = color.split(";")
    if len(parts) != _RGB_COUNT:
        return None
    red, green, blue = map(int, parts[2:])
    return 0.299 * red + 0.587 * green + 0.114 * blue
