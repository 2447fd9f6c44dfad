"""Where an export goes: names safe on every file system, targets as people type them."""

import re
from pathlib import Path
from typing import Literal, TypeAlias

from batchtui.results.errors import ResultsFileError

ExportFormat: TypeAlias = Literal["jsonl", "csv"]
"""``jsonl``: the lines as received; ``csv``: a table for a spreadsheet."""

_UNSAFE = re.compile(r"[^\w.=@+-]+")
_MAX_NAME = 100
_PARTIAL = ".partial"


def suggest_name(title: str, form: ExportFormat, *, is_partial: bool = False) -> str:
    """Suggest a file name for an export.

    Args:
        title: The batch's label or id; anything at all.
        form: Its format, which gives the suffix.
        is_partial: Whether the download is not whole.
    """
    stem = _UNSAFE.sub("-", title).strip("-.")[:_MAX_NAME].strip("-.") or "results"
    return f"{stem}{_PARTIAL if is_partial else ''}.{form}"


def resolve_target(target: str | Path, suggested: str) -> Path:
    """Turn what was typed into the path to write.

    Args:
        target: A file, or a folder that exists; ``~`` is the home folder.
        suggested: The file's name if the target is a folder.

    Raises:
        ResultsFileError: There is no such folder, or the path cannot be one.
    """
    text = str(target)
    if not text.strip() or "\0" in text:
        raise ResultsFileError("the path is empty or not a path", hint="Give a file's path.")
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise ResultsFileError(f"cannot expand {text}: {error}") from error
    try:
        if path.is_dir():
            return path / suggested
        if text.endswith(("/", "\\")) or not path.parent.is_dir():
            folder = path if text.endswith(("/", "\\")) else path.parent
            raise ResultsFileError(
                f"there is no folder {folder}", hint="Create it first, or choose another."
            )
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "use") from error
    return path


def mark_partial(path: Path) -> Path:
    """Put ``.partial`` into a file's name, so that nobody takes it for the whole."""
    if _PARTIAL in path.suffixes:
        return path
    return path.with_name(f"{path.stem}{_PARTIAL}{path.suffix}")
