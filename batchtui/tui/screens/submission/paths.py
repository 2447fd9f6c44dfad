"""Paths as people type them: relative to the folder they started in, ``~``, completed by Tab."""

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from batchtui.packing import ENDINGS
from batchtui.regular_files import written_path
from batchtui.untrusted import visible

_REQUEST_ENDINGS = (".jsonl", ".ndjson", ".json", *ENDINGS)
_LISTED = 500
"""Names of one folder that are offered."""


class PathCandidate(Struct, frozen=True):
    """A file or folder that the typed text may mean."""

    text: str
    """What the field says when it is taken."""
    name: str
    """Its name, with a slash at the end of a folder's."""
    size: int | None
    """In bytes; ``None`` of a folder."""

    @property
    def is_folder(self) -> bool:
        """Whether there is more below it."""
        return self.size is None

    @property
    def looks_like_requests(self) -> bool:
        """Whether it is named as request files are."""
        return self.name.lower().endswith(_REQUEST_ENDINGS)


class PathCandidates(Struct, frozen=True):
    """What a typed text may mean."""

    found: tuple[PathCandidate, ...] = ()
    """The likely ones first."""
    left_out: int = 0
    """How many have names that cannot be typed safely."""


def resolve(text: str, folder: Path) -> Path:
    """Return the path that a typed text means.

    Args:
        text: As typed or pasted: quotes around it are taken away.
        folder: Where relative paths begin.
    """
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return folder / written_path(text)


def find_candidates(text: str, folder: Path) -> PathCandidates:
    """Find what a typed text may go on to. Touches the disk.

    Args:
        text: The beginning of a path.
        folder: Where relative paths begin.
    """
    head, slash, tail = text.rpartition("/")
    if text == "~":
        head, slash, tail = "~", "/", ""
    where = resolve(head + slash, folder) if slash else folder
    found: list[PathCandidate] = []
    left_out = 0
    try:
        with os.scandir(where) as entries:
            for entry in entries:
                if not _fits(entry.name, tail):
                    continue
                if visible(entry.name) != entry.name:
                    left_out += 1
                    continue
                found.append(_candidate(entry, head + slash))
    except (OSError, ValueError):
        return PathCandidates()
    found.sort(key=_likeliness)
    return PathCandidates(tuple(found[:_LISTED]), left_out)


def _fits(name: str, typed: str) -> bool:
    return name.startswith(typed) and (typed.startswith(".") or not name.startswith("."))


def _candidate(entry: "os.DirEntry[str]", before: str) -> PathCandidate:
    if entry.is_dir():
        return PathCandidate(f"{before}{entry.name}/", f"{entry.name}/", None)
    try:
        size = entry.stat().st_size
    except OSError:
        size = 0
    return PathCandidate(before + entry.name, entry.name, size)


def _likeliness(candidate: PathCandidate) -> tuple[int, str]:
    rank = 0 if candidate.looks_like_requests else 1 if candidate.is_folder else 2
    return rank, candidate.name.lower()


def complete(text: str, candidates: Sequence[PathCandidate]) -> str:
    """Return the text as far as all candidates agree; the first one where that adds nothing."""
    if not candidates:
        return text
    texts = [candidate.text for candidate in candidates]
    # what the first and the last of them share, by the alphabet, all share
    first, last = min(texts), max(texts)
    pairs = zip(first, last, strict=False)
    agree = next((at for at, (one, other) in enumerate(pairs) if one != other), len(first))
    return first[:agree] if agree > len(text) else texts[0]


def why_not_a_file(path: Path) -> str:
    """Say why a path is no file to read; an empty string if it is one."""
    try:
        if path.is_dir():
            return "This is a folder: Tab goes on into it."
        if not path.exists():
            return f"There is no file {visible(path.name)} in {visible(str(path.parent))}."
        if not path.is_file():
            return "This is a pipe or a device: it can be read only once."
    except (OSError, ValueError) as error:
        return f"It cannot be opened: {visible(str(error))}"
    return ""


def why_not_writable(path: Path) -> str:
    """Say why no new file can be written at a path; an empty string if it can."""
    try:
        if path.exists():
            return "It exists, and nothing is overwritten: choose another name."
        if not path.parent.is_dir():
            return f"There is no folder {visible(str(path.parent))}."
    except (OSError, ValueError) as error:
        return f"It cannot be written: {visible(str(error))}"
    return ""
