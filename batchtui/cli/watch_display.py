"""What a watch shows: a table painted in place, or a line for every change."""

import os
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from batchtui.api.models import MessageBatch
from batchtui.batches.batch_names import label_and_id
from batchtui.batches.poll_schedule import PollProblem
from batchtui.batches.rules import describe_outcome
from batchtui.batches.watch import WatchEvent, WatchEventKind
from batchtui.cli.exits import complain, note
from batchtui.cli.fields import LocalFacts, batch_fields
from batchtui.cli.output import Json, Output, is_terminal, terminal_size, timestamp
from batchtui.cli.rows import batch_table, state_text
from batchtui.cli.table import fit, render_table
from batchtui.formatting import format_count, format_time
from batchtui.untrusted import visible

_GONE = 3
"""Batches that are gone which are named; all are counted."""
_NO_SUCH = "no batch of that id or label"
_CHANGES = (WatchEventKind.CHANGED, WatchEventKind.ENDED, WatchEventKind.GONE)


class Display(Protocol):
    """Where a watch is shown."""

    def take(self, event: WatchEvent, known: LocalFacts) -> None:
        """Take in what happened, with what this disk knows of the batches watched."""
        ...

    def refresh(self, known: LocalFacts) -> None:
        """Show what was taken in, and ages as they are now."""
        ...


def display_for(out: Output) -> Display:
    """Choose how a watch is shown on stdout."""
    if not out.is_table:
        return JsonLines(out)
    return TextLines(out) if os.environ.get("TERM", "") == "dumb" else LiveTable(out)


class JsonLines:
    """A JSON object for every change; problems go to stderr.

    Args:
        out: Standard output.
    """

    def __init__(self, out: Output) -> None:
        self._out = out

    def take(self, event: WatchEvent, known: LocalFacts) -> None:
        """Write what happened."""
        report_problem(event)
        if event.kind in _CHANGES:
            self._out.record(event_fields(event, known))

    def refresh(self, _known: LocalFacts) -> None:
        """Write nothing: what happened is written."""


def event_fields(event: WatchEvent, known: LocalFacts) -> dict[str, Json]:
    """Return what happened as a JSON object: ``event``, ``at``, and the batch as everywhere."""
    about: Mapping[str, Json] = {"id": event.batch_id, "label": known.labels.get(event.batch_id)}
    batch = event.batch or event.previous
    if batch is not None:
        about = batch_fields(batch, known)
    return {"event": event.kind.value, "at": timestamp(known.now), **about}


class TextLines:
    """A line of text for every change, for a terminal that cannot be painted on.

    Args:
        out: Standard output.
    """

    def __init__(self, out: Output) -> None:
        self._out = out

    def take(self, event: WatchEvent, known: LocalFacts) -> None:
        """Write what happened."""
        report_problem(event)
        if event.kind in _CHANGES:
            self._out.line(describe_event(event, known, self._out))

    def refresh(self, _known: LocalFacts) -> None:
        """Write nothing: what happened is written."""


def describe_event(event: WatchEvent, known: LocalFacts, out: Output) -> str:
    """Return what happened, on a line that is safe to show."""
    label = known.labels.get(event.batch_id, "")
    name = label_and_id(event.batch_id, label)
    time = _clock_time(known.now)
    if event.batch is None:
        return f"{time}  {'not found' if event.previous is None else 'gone'}  {name}"
    return f"{time}  {state_text(event.batch, out.glyphs)}  {name}: {describe_outcome(event.batch)}"


def _clock_time(moment: datetime) -> str:
    return format_time(moment).partition(" ")[2]


def report_problem(event: WatchEvent) -> None:
    """Say on stderr that calls fail, or do again, or that a batch was never there."""
    if event.kind is WatchEventKind.GONE and event.previous is None:
        complain(
            f"{event.batch_id}: there is {_NO_SUCH}.",
            "batchtui list shows the batches of this key's workspace.",
        )
    elif event.kind is WatchEventKind.RECOVERED:
        note("The server answers again.")
    elif event.kind is WatchEventKind.PROBLEM and event.problem is not None:
        note(f"{event.problem.message.rstrip('.')}. Trying again.")


class LiveTable:
    """A table of the batches watched, painted in place.

    Args:
        out: Standard output, a terminal.
    """

    def __init__(self, out: Output) -> None:
        self._out = out
        self._batches: dict[str, MessageBatch] = {}
        self._gone: dict[str, str] = {}
        self._problem: PollProblem | None = None
        self._painted: list[str] = []

    def take(self, event: WatchEvent, _known: LocalFacts) -> None:
        """Take in what happened."""
        if event.kind in (WatchEventKind.PROBLEM, WatchEventKind.RECOVERED):
            self._problem = event.problem
        elif event.kind is WatchEventKind.GONE:
            name = visible(event.batch_id)
            was_there = event.previous is not None
            self._gone[event.batch_id] = (
                f"gone: {name}, deleted or of another workspace"
                if was_there
                else f"not found: {name}, {_NO_SUCH}"
            )
            self._batches.pop(event.batch_id, None)
        elif event.batch is not None:
            self._batches[event.batch_id] = event.batch

    def refresh(self, known: LocalFacts) -> None:
        """Paint the table again if it looks different."""
        is_empty = not (self._batches or self._gone or self._problem)
        lines = [] if is_empty else self._lines(known)
        if lines == self._painted:
            return
        back = f"\x1b[{len(self._painted)}A\r\x1b[J" if self._painted else ""
        self._painted = lines
        self._out.write(back + "".join(f"{line}\n" for line in lines))

    def _lines(self, known: LocalFacts) -> list[str]:
        width, height = terminal_size()
        # a terminal may wrap a line that reaches its last cell
        width -= 1
        batches = list(self._batches.values())
        gone = list(self._gone.values())
        room = max(height - 4 - len(gone[:_GONE]), 1)
        # what still runs is worth the room more than what is over
        shown = sorted(batches, key=lambda one: one.has_ended)[:room]
        shown = [one for one in batches if one in shown]
        lines = []
        if shown:
            columns, rows = batch_table(shown, known, self._out)
            lines = render_table(columns, rows, width, ellipsis=self._out.glyphs.ellipsis)
        lines += gone[:_GONE]
        lines.append(self._summary(len(batches) - len(shown)))
        if self._problem is not None:
            lines.append(f"Calls fail: {visible(self._problem.message)} Trying again.")
        return [fit(line, width, self._out.glyphs.ellipsis) for line in lines]

    def _summary(self, hidden: int) -> str:
        ended = sum(batch.has_ended for batch in self._batches.values())
        parts = [f"{format_count(ended)} of {format_count(len(self._batches))} ended"]
        if hidden:
            parts.append(f"{format_count(hidden)} more not shown")
        if self._gone:
            parts.append(f"{format_count(len(self._gone))} gone")
        return ", ".join(parts)


def report_start(count: int) -> None:
    """Say on stderr what is waited for, where a person sees it and stdout says nothing yet."""
    if is_terminal(sys.stderr) and not is_terminal(sys.stdout):
        what = "all live batches" if not count else f"{count} batch{'es' if count > 1 else ''}"
        note(f"Watching {what}. A line comes with each change.")
