"""What is asked about batches: before they are canceled, deleted, saved or compared."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import Struct
from rich.cells import cell_len

from batchtui.api.models import MessageBatch
from batchtui.batches.actions import Action
from batchtui.batches.deadlines import age_of, fetchable
from batchtui.batches.expiring import ExpiringResult, describe_expiring
from batchtui.batches.rules import Availability, can_cancel, can_delete, state_of
from batchtui.formatting import format_age, format_count, format_size, plural
from batchtui.tui.commands.batches import DownloadResults, OpenResults
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.batches.rows import STATE_STYLES, short_id, state_text
from batchtui.tui.screens.batches.state import ViewContext
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.widgets.painting import cut_cells, fit
from batchtui.untrusted import visible

_LISTED = 12
_NAME = 30
"""Cells of a name: with hours, rows and size behind it, a line fits into 80 columns."""


class Question(Struct, frozen=True):
    """A confirmation."""

    title: str
    """The question."""
    body: tuple[Line, ...]
    """What it is about."""
    yes: str
    """The words of the action."""
    is_grave: bool = True
    """Whether the action cannot be undone."""


class ActionQuestion(Question, frozen=True, kw_only=True):
    """A confirmation of what is done to batches on the server."""

    action: Action
    """What is done if the answer is yes."""
    batches: tuple[MessageBatch, ...]
    """What it is done to: only those for which it is possible."""


def cancel_question(batches: Sequence[MessageBatch], context: ViewContext) -> ActionQuestion:
    """Ask whether to cancel."""
    possible = tuple(batch for batch in batches if can_cancel(batch))
    requests = sum(batch.request_counts.total for batch in possible)
    stop = plural(requests, "request stops", "requests stop")
    body = (
        *_listed(batches, can_cancel, context),
        BLANK,
        line(f"{stop}, but those already running may finish."),
        line("What is done by then is kept and billed; there is no way to resume."),
    )
    yes = f"Cancel {_them(possible)}"
    return ActionQuestion(f"{yes}?", body, yes, action=Action.CANCEL, batches=possible)


def delete_question(batches: Sequence[MessageBatch], context: ViewContext) -> ActionQuestion:
    """Ask whether to delete; warn where results were never downloaded."""
    possible = tuple(batch for batch in batches if can_delete(batch))
    lost = fetchable(possible, context.now, context.known.saved.__contains__)
    body = [*_listed(batches, can_delete, context), BLANK]
    those = "it" if len(possible) == 1 else "them"
    body.append(line(f"The server forgets {those} for good. Results on this disk stay."))
    if lost:
        rows = sum(batch.request_counts.total for batch in lost)
        is_only = len(lost) == len(possible) == 1
        of_whom = "" if is_only else f" of {plural(len(lost), 'batch', 'batches')}"
        were = "was" if rows == 1 else "were"
        text = f"{plural(rows, 'result')}{of_whom} {were} never downloaded and would be lost."
        body.append(line((text, "problem")))
        body.append(line((f"Leave {those}, and press {_save_by(context)} first.", "muted")))
    yes = f"Delete {_them(possible)}"
    return ActionQuestion(f"{yes}?", tuple(body), yes, action=Action.DELETE, batches=possible)


def _save_by(context: ViewContext) -> str:
    """Return the key that saves results from being lost, and what it does."""
    if context.keeps_results:
        return f"{context.key_of(DownloadResults)} to download"
    return f"{context.key_of(OpenResults)} to read and export"


def cancel_first_question(batch: MessageBatch, context: ViewContext) -> ActionQuestion:
    """Offer to cancel a live batch that was to be deleted."""
    body = (
        *_listed([batch], can_cancel, context),
        BLANK,
        line(
            "Only a batch that has ended can be deleted. "
            "Cancel it now, and delete it when the canceling is done?"
        ),
    )
    return ActionQuestion(
        "It is still running", body, "Cancel it", action=Action.CANCEL, batches=(batch,)
    )


def forget_question(batch: MessageBatch, size: int, context: ViewContext) -> Question:
    """Ask whether to remove the copy of the results from this disk; warn where it is the last.

    Args:
        batch: Whose results.
        size: Bytes of the copy.
        context: What batches are written with.
    """
    is_last = not fetchable([batch], context.now, lambda _: False)
    body = (
        line(_name(batch, context), (f"  {format_size(size)}", "muted")),
        BLANK,
        line(("The server does not have them any more: this is the last copy.", "problem"))
        if is_last
        else line("The server still has them: they can be downloaded again."),
    )
    return Question("Remove the results from this disk?", body, "Remove them", is_grave=is_last)


def save_offer(at_risk: Sequence[ExpiringResult], context: ViewContext) -> Question:
    """Offer to download results that the server is about to drop, the nearest loss first."""
    listed = _risk_lines(at_risk[:_LISTED], context)
    more = len(at_risk) - len(listed)
    if more:
        listed.append(line((f"and {format_count(more)} more", "muted")))
    total = sum(one.batch.request_counts.total for one in at_risk)
    sizes = [one.about_bytes for one in at_risk]
    about = _about(sum(one for one in sizes if one is not None))
    size = f", {about}" if about else ""
    body = (
        *listed,
        BLANK,
        line(f"Together {plural(total, 'row')}{size}. They are saved in the background."),
    )
    results = plural(len(at_risk), "result")
    return Question(describe_expiring(len(at_risk)), body, f"Save {results}", is_grave=False)


def _risk_lines(shown: Sequence[ExpiringResult], context: ViewContext) -> list[Line]:
    rows = _right([plural(one.batch.request_counts.total, "row") for one in shown])
    sizes = _right([_about(one.about_bytes or 0) for one in shown])
    lines = []
    for one, row_count, size in zip(shown, rows, sizes, strict=True):
        name = cut_cells(visible(one.label or one.batch.id), _NAME, context.glyphs.ellipsis)
        lines.append(
            line(
                (f"{one.hours_left:>2} h left  ", "problem"),
                fit(name, _NAME),
                (f"  {row_count}  {size}".rstrip(), "muted"),
            )
        )
    return lines


def _right(texts: Sequence[str]) -> list[str]:
    """Texts that end below each other."""
    width = max(map(len, texts), default=0)
    return [text.rjust(width) for text in texts]


def _about(size: int) -> str:
    """Return what results would take on the disk, where there is something to guess from."""
    return f"about {format_size(size)}" if size else ""


def _them(batches: Sequence[MessageBatch]) -> str:
    return "this batch" if len(batches) == 1 else plural(len(batches), "batch", "batches")


def _listed(
    batches: Sequence[MessageBatch],
    rule: Callable[[MessageBatch], Availability],
    context: ViewContext,
) -> list[Line]:
    going = [batch for batch in batches if rule(batch)]
    left_out = [batch for batch in batches if not rule(batch)]
    # those that it is about come first
    shown = [*going, *left_out][:_LISTED]
    lines = [_one(batch, rule(batch), context) for batch in shown]
    more = len(going) - len(shown)
    if more > 0:
        lines.append(line((f"and {format_count(more)} more", "muted")))
    unseen = min(len(left_out), len(batches) - len(shown))
    if unseen:
        reason = rule(left_out[-1]).reason
        lines.append(line((f"{format_count(unseen)} more left out: {reason}", "warning")))
    return lines


def _one(batch: MessageBatch, availability: Availability, context: ViewContext) -> Line:
    name, state = _name(batch, context), state_of(batch)
    shown = (f"{state_text(state, context.glyphs):<16}", STATE_STYLES[state.kind])
    total = batch.request_counts.total
    count = f"  {plural(total, 'request')}"
    if availability:
        return line(shown, name, (count, "muted"))
    return line(shown, (name, "muted"), (f"  left out: {availability.reason}", "warning"))


def _name(batch: MessageBatch, context: ViewContext) -> str:
    label = context.labels.get(batch.id, "")
    return visible(label) if label else short_id(batch.id, 34, context.glyphs)


_RUN_NAME = 34
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
    first = await ask(_pair_question("Compare which run?", runs, 0, context))
    if first is None:
        return None
    others = [run for run in runs if run.id != first.id]
    # the next newer one: a run is usually compared with the one that came after it
    next_newer = min(runs.index(first), len(others) - 1)
    title = f"Compare {_run_name(first, context)} with which?"
    second = await ask(_pair_question(title, others, next_newer, context))
    return None if second is None else (first, second)


def _pair_question(
    title: str, runs: Sequence[MessageBatch], current: int, context: ViewContext
) -> ChoiceDialog[MessageBatch]:
    width = max(cell_len(_run_name(run, context)) for run in runs)
    choices = [Choice(_run_line(run, width, context), run) for run in runs]
    return ChoiceDialog(title, choices, current=current)


def _run_line(run: MessageBatch, width: int, context: ViewContext) -> Line:
    name, age = _run_name(run, context), age_of(run, context.now)
    blank = " " * (width - cell_len(name))
    counts = run.request_counts
    done = f"{format_count(counts.succeeded)} of {format_count(counts.total)} succeeded"
    old = "" if age is None else format_age(age)
    return line(name, blank, (f"  {old:>5}  {done}", "muted"))


def _run_name(run: MessageBatch, context: ViewContext) -> str:
    name = visible(context.labels.get(run.id) or run.id)
    return cut_cells(name, _RUN_NAME, context.glyphs.ellipsis)
