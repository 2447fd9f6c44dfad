"""Which two of several runs are compared: asked one after the other."""

from collections.abc import Awaitable, Callable, Sequence

from rich.cells import cell_len

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import age_of
from batchtui.formatting import format_age, format_count
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.batches.state import ViewContext
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_NAME = 34
"""Cells of the longest name of a run."""

Ask = Callable[[ChoiceDialog[MessageBatch]], Awaitable[MessageBatch | None]]
"""Shows a question; gives the answer."""


async def choose_pair(
    runs: Sequence[MessageBatch], context: ViewContext, ask: Ask
) -> tuple[MessageBatch, MessageBatch] | None:
    """Return the two runs to compare, or ``None`` if the user leaves.

    Args:
        runs: Two or more, the oldest first; of two there is nothing to ask.
        context: What batches are written with.
        ask: Shows a question.
    """
    if len(runs) == 2:
        return runs[0], runs[1]
    first = await ask(_question("Compare which run?", runs, 0, context))
    if first is None:
        return None
    others = [run for run in runs if run.id != first.id]
    # the next newer one: a run is usually compared with the one that came after it
    next_newer = min(runs.index(first), len(others) - 1)
    title = f"Compare {_name(first, context)} with which?"
    second = await ask(_question(title, others, next_newer, context))
    return None if second is None else (first, second)


def _question(
    title: str, runs: Sequence[MessageBatch], current: int, context: ViewContext
) -> ChoiceDialog[MessageBatch]:
    width = max(cell_len(_name(run, context)) for run in runs)
    choices = [Choice(_run_line(run, width, context), run) for run in runs]
    return ChoiceDialog(title, choices, current=current)


def _run_line(run: MessageBatch, width: int, context: ViewContext) -> Line:
    name, age = _name(run, context), age_of(run, context.now)
    blank = " " * (width - cell_len(name))
    counts = run.request_counts
    done = f"{format_count(counts.succeeded)} of {format_count(counts.total)} succeeded"
    old = "" if age is None else format_age(age)
    return line(name, blank, (f"  {old:>5}  {done}", "muted"))


def _name(run: MessageBatch, context: ViewContext) -> str:
    name = visible(context.labels.get(run.id) or run.id)
    return cut_cells(name, _NAME, context.glyphs.ellipsis)
