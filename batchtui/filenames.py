"""File names made of text that may hold anything: ids from a server, names that people chose."""

import hashlib
import re
from typing import Final

_PLAIN: Final = re.compile(rb"[A-Za-z0-9_-]")
_LONGEST: Final = 120
"""Characters: file systems stop at 255, and endings come behind."""
_KEPT_OF_LONG: Final = 40


def file_name(text: str, *, keep: str = "") -> str:
    """Turn any text into a file name, different texts into different names.

    Letters, digits, ``-`` and ``_`` stay as they are; all else becomes ``%`` and two hexadecimal
    digits a byte. Of what is too long then, the beginning and a checksum stay.

    Args:
        text: Anything, lone surrogates included.
        keep: ASCII characters that stay as well, but for a dot at the beginning. An ending that
            begins with one of them could be mistaken for a part of the name.
    """
    kept = keep.encode("ascii")
    data = text.encode("utf-8", "surrogatepass")
    name = "".join(
        chr(byte)
        if _PLAIN.match(bytes([byte])) or (byte in kept and (at or byte != ord(".")))
        else f"%{byte:02x}"
        for at, byte in enumerate(data)
    )
    if len(name) <= _LONGEST:
        return name or "%"
    return f"{name[:_KEPT_OF_LONG]}~{hashlib.sha256(data).hexdigest()[:40]}"
