"""Reads a request file and says what is in it, with a dialog where that takes long."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.formatting import format_size
from batchtui.tui.lines import line
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.working import Meter, bytes_line, work
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.validate import Validation


async def check_file(desk: Desk, path: Path) -> "Validation | None":
    """Validate a request file.

    Returns:
        What it is and holds, or ``None`` if the user stopped it.

    Raises:
        SourceError: The file cannot be opened or read.
    """
    from batchtui.submission.source import RequestSource
    from batchtui.submission.validate import validate

    source = await asyncio.to_thread(RequestSource, path)
    # of a compressed file nobody knows how much will come out of it
    meter = Meter(0 if source.is_gzip else source.stamp().size)
    job = asyncio.to_thread(validate, source, on_progress=meter.note)
    title = f"Checking {visible(path.name)}"
    if source.is_gzip:
        return await work(
            desk.app, title, job, meter, lambda one: line(f"{format_size(one.done)} unpacked")
        )
    return await work(desk.app, title, job, meter, lambda one: bytes_line(one, desk.glyphs))
