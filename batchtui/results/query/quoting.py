"""Writes texts as values of a query, and reads them back."""

import re

_PLAIN = re.compile(r"[\w.@+-][\w.@+:-]*")
_HEX = re.compile(r"u([0-9a-fA-F]{4})")
_NEEDS_ESCAPE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]"
)


def quote(text: str) -> str:
    r"""Write a text as a value of a query; the value stands for exactly this text.

    Plain words stay as they are; anything else is put in quotes, with ``\"``, ``\\`` and
    ``\uXXXX`` for what would not be seen.
    """
    if _PLAIN.fullmatch(text):
        return text
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _NEEDS_ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", inside) + '"'


def read_escape(text: str, position: int) -> tuple[str, int]:
    r"""Read what follows a backslash inside quotes.

    Args:
        text: The query.
        position: Behind the backslash.

    Returns:
        What it stands for, and the place behind it. A backslash before anything else stands for
        itself.
    """
    code = _HEX.match(text, position)
    if code is not None:
        return chr(int(code.group(1), 16)), code.end()
    sign = text[position]
    if sign in {'"', "\\"}:
        return sign, position + 1
    known = {"n": "\n", "t": "\t"}.get(sign)
    return (known if known is not None else "\\" + sign), position + 1
