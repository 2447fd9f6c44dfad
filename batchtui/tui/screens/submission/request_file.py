"""A request file on its way to be sent: checked, looked up, its cost estimated."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.filenames import shown_name
from batchtui.formatting import format_size
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.work_dialog import Meter, bytes_line, work
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.cost import CostEstimate
    from batchtui.submission.earlier import Earlier
    from batchtui.submission.validate import Validation


class FileToSend(Struct, frozen=True):
    """A request file on its way to be sent."""

    path: Path
    """The file."""
    label: str = ""
    """The name to start with; the file's, if empty. Untrusted text."""
    parents: tuple[str, ...] = ()
    """The batches whose rows it sends again."""
    remarks: tuple[str, ...] = ()
    """What else is to be known; untrusted text."""
    cost: "CostEstimate | None" = None
    """What it costs as it is, where its canary says so; estimated if not given."""
    is_rest: bool = False
    """Whether its parents are the canary that was sent of the same file."""


async def check_file(context: FlowContext, path: Path) -> "Validation | None":
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
    meter = Meter(0 if source.packing else source.stamp().size)
    job = asyncio.to_thread(
        validate,
        source,
        betas=context.session.profile.betas,
        limits=context.limits,
        prices=await context.prices(),
        on_progress=meter.note,
    )

    def describe(one: Meter) -> Line:
        if source.packing:
            return line(f"{format_size(one.done)} unpacked")
        return bytes_line(one, context.glyphs)

    title = f"Checking {visible(shown_name(path))}"
    return await work(context.navigation, title, job, meter, describe)


async def earlier_of(context: FlowContext, validation: "Validation") -> "Earlier":
    """Look up what became of a file's contents before."""
    return await asyncio.to_thread(context.session.look_up_earlier, validation.source)


async def cost_of(context: FlowContext, validation: "Validation") -> "CostEstimate | None":
    """Estimate what a file costs."""
    from batchtui.token_history import estimate_costs

    session, prices = context.session, await context.prices()
    (cost,) = await estimate_costs(
        [validation], prices, session.ledger, session.store, session.clock
    )
    return cost
