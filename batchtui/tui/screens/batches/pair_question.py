"""Which two of several runs are compared: asked one after the other."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from batchtui.api.models import MessageBatch
from batchtui.formatting import cut_middle, format_count, plural
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.untrusted import visible

_NAME = 34
"""Cells of the name of a run."""

Ask = Callable[[ChoiceDialog[MessageBatch]], Awaitable[MessageBatch | None]]
"""Shows a question; gives the answer."""


async def choose_pair(
    runs: Sequence[MessageBatch], labels: Mapping[str, str], glyphs: Glyphs, ask: Ask
) -> tuple[MessageBatch, MessageBatch] | None:
    """Return the two runs to compare, or ``None`` if the user leaves.

    Args:
        runs: Two or more, the oldest first; of two there is nothing to ask.
        labels: What the user calls them, by id.
        glyphs: The signs to draw with.
        ask: Shows a question.
    """
    if len(runs) == 2:
        return runs[0], runs[1]
    first = await ask(_question("Compare which run?", runs, 0, labels, glyphs))
    if first is None:
        return None
    others = [run for run in runs if run.id != first.id]
    # the next newer one: a run is usually compared with the one that came after it
    next_newer = min(runs.index(first), len(others) - 1)
    title = f"Compare {_name(first, labels, glyphs)} with which?"
    second = await ask(_question(title, others, next_newer, labels, glyphs))
    return None if second is None else (first, second)


def _question(
    title: str,
    runs: Sequence[MessageBatch],
    current: int,
    labels: Mapping[str, str],
    glyphs: Glyphs,
) -> ChoiceDialog[MessageBatch]:
    choices = [Choice(_run_line(run, labels, glyphs), run) for run in runs]
    return ChoiceDialog(title, choices, current=current)


def _run_line(run: MessageBatch, labels: Mapping[str, str], glyphs: Glyphs) -> Line:
    counts = run.request_counts
    began = "" if run.created_at is None else f"  {run.created_at:%Y-%m-%d %H:%M}"
    done = f"  {format_count(counts.succeeded)} of {plural(counts.total, 'request')} succeeded"
    return line(f"{_name(run, labels, glyphs):<{_NAME}}", (f"{began}{done}", "muted"))


def _name(run: MessageBatch, labels: Mapping[str, str], glyphs: Glyphs) -> str:
    return cut_middle(visible(labels.get(run.id) or run.id), _NAME, glyphs.ellipsis)
