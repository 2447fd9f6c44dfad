"""File names made of text that may hold anything: ids from a server, names that people chose."""

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote

_PLAIN: Final = re.compile(rb"[A-Za-z0-9_-]")
_LONGEST: Final = 120
"""Characters: file systems stop at 255, and endings come behind."""
_KEPT_OF_LONG: Final = 40
_CHECKSUM: Final = re.compile(r"(%[0-9a-f]?)?~[0-9a-f]{40}\Z")
"""What stands for the end of a long name; an escape before it may be cut."""
_OWN: Final = re.compile(r"(canary|rest|retry)(?:-[0-9]+)?-[0-9a-f]{16}(?:-(.+))?\.jsonl")


class OwnFile(StrEnum):
    """What is in a request file that was written here, out of another one."""

    CANARY = "canary"
    REST = "rest"
    """What a canary leaves."""
    RETRY = "retry"


_WORDS: Final = {
    OwnFile.CANARY: ("a canary", "the canary of {}"),
    OwnFile.REST: ("the rest after a canary", "the rest of {}"),
    OwnFile.RETRY: ("rows sent again", "the rows of {} sent again"),
}
"""What each is called: where its name does not say what it is of, and where it does."""


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


def own_file_name(kind: OwnFile, checksum: str, of: str = "", count: int | None = None) -> str:
    """Return the name of a request file of our own, which `shown_name` can tell people about.

    Args:
        kind: What is in it.
        checksum: 16 hexadecimal digits that tell it from others of the kind.
        of: The file or batch it is of; untrusted text, may be empty.
        count: How many requests the canary has.
    """
    parts = (kind, "" if count is None else str(count), checksum, of and file_name(of, keep=". "))
    return "-".join(filter(None, parts)) + ".jsonl"


def shown_name(path: Path) -> str:
    """Return what a person knows a request file by: its name, or what is in one of our own.

    Returns:
        Untrusted text, as ``evals.jsonl`` or ``the canary of evals.jsonl``.
    """
    found = _OWN.fullmatch(path.name)
    if found is None:
        return path.name
    alone, named = _WORDS[OwnFile(found[1])]
    of = unquote(_CHECKSUM.sub("…", found[2] or ""), errors="ignore")
    return named.format(of) if of else alone


def own_kind(path: Path) -> OwnFile | None:
    """Return what is in a request file of our own; ``None`` for any other file."""
    found = _OWN.fullmatch(path.name)
    return None if found is None else OwnFile(found[1])
