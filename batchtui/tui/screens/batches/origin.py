"""Where a batch comes from: its file, its tries, the group it is a part of. Pure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from batchtui.formatting import format_count
from batchtui.tui.commands.batches import FinishSending
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.batches.rows import COUNT_STYLES
from batchtui.tui.screens.batches.state import BatchOrigin, ViewContext
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible, visible_lines

if TYPE_CHECKING:
    from batchtui.submission.grouping import GroupSummary

_LABEL = 9


def origin_lines(origin: BatchOrigin, context: ViewContext, width: int) -> Iterator[Line]:
    """Yield the lines of the detail about where a batch comes from, with the user's note."""
    about = tuple(_about(origin, context, width))
    if about:
        yield BLANK
        yield from about
    if origin.group is not None:
        yield BLANK
        yield from _group(origin.group, context.key_of(FinishSending))
    if origin.record.note:
        yield BLANK
        yield line(("Note", "heading"))
        for text in visible_lines(origin.record.note).splitlines():
            yield line(text)


def _about(origin: BatchOrigin, context: ViewContext, width: int) -> Iterator[Line]:
    room = width - _LABEL
    record = origin.record
    if record.source is not None:
        name = cut_cells(visible(record.source.name), room, context.glyphs.ellipsis)
        yield _field("Source", name)
    for parent in record.parents:
        yield _field("Retry of", _name(parent, context, room))
    for child in origin.children:
        yield _field("Again as", _name(child, context, room))
    if record.group_id is not None and record.part_number is not None:
        of = f" of {format_count(origin.group.parts)}" if origin.group else ""
        yield _field("Part", f"{record.part_number}{of} of a split file")


def _field(name: str, text: str) -> Line:
    return line((f"{name:<{_LABEL}}", "muted"), text)


def _name(batch_id: str, context: ViewContext, room: int) -> str:
    label = context.labels.get(batch_id)
    shown = visible(label) if label else visible(batch_id)
    return cut_cells(shown, room if label else min(room, 16), context.glyphs.ellipsis)


def _group(group: "GroupSummary", finish: str) -> Iterator[Line]:
    """Sum all parts up."""
    requests = Span(format_count(group.requests), "strong")
    yield Line((Span("All parts", "heading"),), (requests,))
    for name, style in COUNT_STYLES.items():
        number: int = getattr(group.counts, name)
        if number:
            yield Line((Span(f"  {name}", "muted"),), (Span(format_count(number), style),))
    made = f"{format_count(group.made)} of {format_count(group.parts)} batches made"
    if group.unresolved:
        yield line((f"  {made}, {group.unresolved} not known: {finish}", "problem"))
    elif group.made < group.parts:
        yield line((f"  {made}: {finish} goes on", "warning"))
    elif group.unseen:
        unseen = format_count(len(group.unseen))
        yield line((f"  {unseen} of the batches not seen or deleted", "muted"))
    elif group.has_ended:
        yield line(("  all batches have ended", "muted"))
