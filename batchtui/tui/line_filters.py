"""What every painted line goes through, whatever widget it comes from. A cell stays a cell.

`VisibleFilter` is the net below `untrusted.visible`: Textual's own widgets show what they are
given. `AsciiFilter` is the one below `glyphs.ASCII`, for terminals without Unicode: frames,
scrollbars, texts of others.
"""

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from batchtui.untrusted import without_acting

_TWINS = {
    **dict.fromkeys("─━═▔╌┄┈⎺╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝", "-"),
    **dict.fromkeys("│┃║▏▎▍▌▐▕╎┆┊⎸⎹", "|"),
    **dict.fromkeys("▁▂▃▄▅▆▇▀⎽", " "),
    **dict.fromkeys("█■▓▒░", "#"),
    **dict.fromkeys("‘’‚′‹›", "'"),
    **dict.fromkeys("“”„″«»", '"'),
    **dict.fromkeys("–—‐‑‒−", "-"),
    **dict.fromkeys("•●◆◐○◌·∙⋅", "*"),
    **dict.fromkeys("←◀◂", "<"),
    **dict.fromkeys("→▶▸", ">"),
    **dict.fromkeys("↑▲▴", "^"),
    **dict.fromkeys("↓▼▾", "v"),
    "…": "~",
    "×": "x",
    "✓": "+",
    "✗": "x",
    "╱": "/",
    "🔎": "/",
}
_UNKNOWN = "?"


class VisibleFilter(LineFilter):
    """Takes out what could act on a terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Take out what acts in a line."""
        del background
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [
            Segment(without_acting(segment.text), segment.style, segment.control)
            for segment in segments
        ]


class AsciiFilter(LineFilter):
    """Replaces what is not ASCII by as many cells that are."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace what is not ASCII in a line."""
        del background
        return [
            segment
            if segment.text.isascii()
            else Segment(to_ascii(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def to_ascii(text: str) -> str:
    """Write a text in ASCII, as many cells wide; what has no twin becomes a question mark."""
    return text if text.isascii() else "".join(map(_twin, text))


@lru_cache(maxsize=1024)
def _twin(character: str) -> str:
    width = get_character_cell_size(character)
    if character.isascii() or not width:
        return character if character.isascii() else ""
    twin = _TWINS.get(character)
    if twin is not None:
        return twin.ljust(width)
    plain = unicodedata.normalize("NFKD", character)[0]
    return (plain if plain.isascii() else _UNKNOWN).ljust(width, _UNKNOWN)
