"""The one door through which text that is not ours reaches a terminal.

Model output, custom ids, error messages, labels, file names and headers may hold terminal
sequences. `visible` turns every character that could act on a terminal, or reorder or hide what
is around it, into a visible escape. It does not touch console markup: painting uses ``Content``,
``Text`` and ``Strip`` made from plain text, so ``[link=...]`` is just characters.
"""

import re

_MAX_COMBINING = 8
"""Marks kept on one base character; real scripts need fewer, floods have hundreds."""

_ACTING = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and newline, DEL, C1
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"  # soft hyphen, invisible letters
    r"\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi
    r"\u3164\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # fillers, score and shorthand
    r"\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # surrogates, BOM, tags
)
_UNSAFE_LINES = re.compile(f"[{_ACTING}]")
_UNSAFE_LINE = re.compile(f"[{_ACTING}\t\n]")
_MARK = (
    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    r"\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
    r"\u0f71-\u0f84\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
"""Combining marks, joiners and variation selectors: what takes no cell of its own."""
_FLOOD = re.compile(f"({_MARK}{{{_MAX_COMBINING}}}){_MARK}+")
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    r"""Return ``text`` as one line that is safe to show.

    Args:
        text: Anything, lone surrogates included.

    Returns:
        The same text with tabs, newlines, control characters, bidi overrides and invisible
        characters as escapes such as ``\n``, ``\x1b`` or ``\u202e``, and floods of combining
        marks cut short.
    """
    return _FLOOD.sub(r"\1", _UNSAFE_LINE.sub(_escape, text))


def visible_lines(text: str) -> str:
    r"""Return ``text`` safe to show over several lines: as `visible`, keeping ``\n`` and tabs.

    A carriage return before a newline is dropped, since it only ends the line.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    return _FLOOD.sub(r"\1", _UNSAFE_LINES.sub(_escape, text))


def without_acting(text: str) -> str:
    """Return ``text`` without what could act on a terminal: the same number of cells.

    The net below the door, for what is painted by widgets that are not ours.
    """
    return text if text.isprintable() else _UNSAFE_LINE.sub("", text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
