"""The hint line of the demo: six keys, one after the other, each until it was pressed. Pure."""

from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command, KeyOf
from batchtui.tui.commands.general import ShowCommands, ShowHelp
from batchtui.tui.lines import Line, line

_STEPS: tuple[tuple[type[Command], str], ...] = (
    (commands.OpenResults, "reads its results: try a batch that failed"),
    (commands.FilterBatches, "filters the list by label, id or state as you type"),
    (commands.SortBatches, "sorts it: most failures, what expires soonest, …"),
    (commands.MarkBatch, "marks a batch: a command then acts on several"),
    (commands.DownloadAtRisk, "saves results that the server is about to delete"),
    (commands.ClearFilter, "ends this tour"),
)


def next_step(step: int | None, command: type[Command]) -> int | None:
    """Return where the tour is after a command; ``None`` when it is over."""
    if step is None or command is commands.ClearFilter:
        return None
    return step + 1 if command is _STEPS[step][0] else step


def tour_line(step: int, key_of: KeyOf) -> Line:
    """Say what the key of this step does, and how to end the tour."""
    command, words = _STEPS[step]
    is_last = step == len(_STEPS) - 1
    left = line(
        (f"{step + 1} of {len(_STEPS)}  ", "muted"), (key_of(command), "key"), f" {words}"
    ).left
    if is_last:
        helped = line(
            (key_of(ShowHelp), "key"),
            " shows every key   ",
            (key_of(ShowCommands), "key"),
            " finds any command",
        )
        return Line(left, helped.left)
    return Line(left, line((key_of(commands.ClearFilter), "key"), (" ends the tour", "muted")).left)
