"""Small pieces that the screens of this package are written with. Pure."""

from collections.abc import Iterator
from pathlib import Path

from batchtui.batches.outcome_bar import SegmentKind
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.widgets.reader_wrapping import break_text
from batchtui.untrusted import visible

_NARROWEST = 12


def paragraph(text: str, width: int, style: str = "", indent: int = 0) -> Iterator[Line]:
    """Yield a text broken at its words.

    Args:
        text: Safe text without newlines.
        width: Cells that a line may have.
        style: Its style.
        indent: Cells before every line.
    """
    before = " " * indent
    for start, end in break_text(text, max(_NARROWEST, width - indent)):
        yield line(before, (text[start:end], style))


def progress_bar(done: int, total: int, width: int, glyphs: Glyphs) -> tuple[Span, ...]:
    """Return a bar as far as ``done`` of ``total``; full only when all is done."""
    full = width if done >= total else min(width - 1, width * done // max(1, total))
    return (
        Span(glyphs.bars[SegmentKind.SUCCEEDED] * full, "accent"),
        Span(glyphs.bars[SegmentKind.PROCESSING] * (width - full), "muted"),
    )


def home_short(path: Path) -> str:
    """Return a path safe to show, with ``~`` for the home folder."""
    try:
        return visible(str(Path("~") / path.relative_to(Path.home())))
    except (ValueError, RuntimeError):
        return visible(str(path))
