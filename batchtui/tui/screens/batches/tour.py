"""The hint line of the demo: six keys, one after the other, each until it was pressed. Pure."""

from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command, KeyOf
from batchtui.tui.commands.general import ShowCommands, ShowHelp
from batchtui.tui.lines import Line, spans
from batchtui.tui.widgets.reader_wrapping import cells_of

_STEPS: tuple[tuple[type[Command], str, str], ...] = (
    (commands.OpenResults, "reads its results", ": try a batch that failed"),
    (commands.FilterBatches, "filters the list", " by label, id or state as you type"),
    (commands.SortBatches, "sorts it", ": most failures, what expires soonest, …"),
    (commands.MarkBatch, "marks a batch", ": a command then acts on several"),
    (commands.DownloadAtRisk, "saves results", " that the server is about to delete"),
    (commands.ClearFilter, "ends this tour", ""),
)
"""A command, what its key does, and more of that where there is room."""


def next_step(step: int | None, command: type[Command]) -> int | None:
    """Return where the tour is after a command; ``None`` when it is over."""
    if step is None or command is commands.ClearFilter:
        return None
    return step + 1 if command is _STEPS[step][0] else step


def tour_line(step: int, key_of: KeyOf, width: int) -> Line:
    """Say what the key of this step does, and how to end the tour.

    Args:
        step: Which step.
        key_of: Gives the key of a command.
        width: Cells of the line; where they are few, only the key is said.
    """
    command, words, more = _STEPS[step]
    key = (key_of(command), "key")
    left = spans((f"{step + 1} of {len(_STEPS)}  ", "muted"), key, f" {words}{more}")
    right = spans((key_of(commands.ClearFilter), "key"), (" ends the tour", "muted"))
    if step == len(_STEPS) - 1:
        right = spans(
            (key_of(ShowHelp), "key"),
            " shows every key   ",
            (key_of(ShowCommands), "key"),
            " finds any command",
        )
    if cells_of((*left, *right)) < width:
        return Line(left, right)
    return Line(spans(key, f" {words}"), spans(right[0], (" ends it", "muted")) if more else ())
