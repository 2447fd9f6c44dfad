"""What to say when a batch is done, and to whom: words for people, facts for a command.

Each end is announced once, also across restarts and by several programs at once: whoever announces
claims the batch first (the ledger keeps the claims).
"""

import asyncio
import contextlib
import os
import signal
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Final

from msgspec import Struct

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import elapsed_of
from batchtui.batches.rules import describe_outcome, is_all_ok, state_of
from batchtui.errors import BatchtuiError
from batchtui.formatting import cut_characters, format_count, format_duration
from batchtui.untrusted import visible

_LONGEST_NAME: Final = 60
_MANY: Final = 3
"""More ends at once than this are announced in one notice."""
_ERROR_BYTES: Final = 400


class OnDoneFailed(BatchtuiError):
    """The command that should run when a batch is done did not succeed."""


class Notice(Struct, frozen=True):
    """What is announced of one batch, or of several. Safe to show."""

    title: str
    body: str
    is_ok: bool
    """Whether every request of it succeeded."""


def notice_of(batch: MessageBatch, label: str = "") -> Notice:
    """Return what is announced of a batch that has ended."""
    name = cut_characters(visible(label or batch.id), _LONGEST_NAME)
    elapsed = None if batch.ended_at is None else elapsed_of(batch, batch.ended_at)
    took = f" in {format_duration(elapsed)}" if elapsed is not None else ""
    return Notice(
        title=f"{name}: {state_of(batch).word}",
        body=f"{describe_outcome(batch)}{took}",
        is_ok=is_all_ok(batch),
    )


def notices_of(ended: Sequence[MessageBatch], labels: Mapping[str, str]) -> tuple[Notice, ...]:
    """Return what is announced of batches that ended together: one notice each, or one for many."""
    if len(ended) <= _MANY:
        return tuple(notice_of(batch, labels.get(batch.id, "")) for batch in ended)
    good = sum(1 for batch in ended if is_all_ok(batch))
    others = len(ended) - good
    body = f"{format_count(good)} all ok, {format_count(others)} not"
    return (Notice(f"{format_count(len(ended))} batches have ended", body, is_ok=not others),)


def claim_ended(
    ended: Iterable[MessageBatch], claim: Callable[[str], bool]
) -> tuple[MessageBatch, ...]:
    """Return those of ``ended`` that nobody has announced yet.

    Args:
        ended: Batches whose end was noticed.
        claim: Takes a batch id; True for the first who asks, ever.
    """
    return tuple(batch for batch in ended if claim(batch.id))


def facts_of(batch: MessageBatch, label: str = "") -> dict[str, str]:
    """Return a batch's facts as environment variables for an `on_done` command.

    Values are plain text with control characters made visible; they are data, never shell words.
    """
    counts = batch.request_counts
    facts = {
        "BATCHTUI_BATCH_ID": batch.id,
        "BATCHTUI_BATCH_LABEL": label,
        "BATCHTUI_BATCH_STATUS": batch.processing_status,
        "BATCHTUI_BATCH_OUTCOME": state_of(batch).kind.for_scripts,
        "BATCHTUI_BATCH_ALL_OK": "1" if is_all_ok(batch) else "0",
        "BATCHTUI_BATCH_TOTAL": str(counts.total),
        "BATCHTUI_BATCH_SUCCEEDED": str(counts.succeeded),
        "BATCHTUI_BATCH_ERRORED": str(counts.errored),
        "BATCHTUI_BATCH_CANCELED": str(counts.canceled),
        "BATCHTUI_BATCH_EXPIRED": str(counts.expired),
        "BATCHTUI_BATCH_CREATED_AT": batch.created_at.isoformat() if batch.created_at else "",
        "BATCHTUI_BATCH_ENDED_AT": batch.ended_at.isoformat() if batch.ended_at else "",
    }
    return {name: visible(value) for name, value in facts.items()}


async def run_on_done_for(
    batches: Iterable[MessageBatch],
    labels: Mapping[str, str],
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    on_failure: Callable[[OnDoneFailed], object],
) -> None:
    """Run the user's command for one batch after the other; a failure stops none of the others.

    Args:
        batches: Batches that have ended.
        labels: Labels by batch id.
        command: See `run_on_done`.
        environ: See `run_on_done`.
        on_failure: Called with each failure.
    """
    for batch in batches:
        try:
            await run_on_done(command, facts_of(batch, labels.get(batch.id, "")), environ=environ)
        except OnDoneFailed as error:
            on_failure(error)


async def run_on_done(
    command: Sequence[str],
    facts: Mapping[str, str],
    *,
    environ: Mapping[str, str],
    kill_after: float = 30.0,
) -> None:
    """Run the user's command for one batch, without a shell and without our terminal.

    Args:
        command: Program and arguments, as the settings have them; nothing is added to them.
        facts: What `facts_of` gave.
        environ: The environment to add the facts to.
        kill_after: Seconds after which the command and what it started are killed.

    Raises:
        OnDoneFailed: If it cannot be started, takes too long or ends with an error.
    """
    if not command:
        return
    shown = visible(command[0])
    with tempfile.TemporaryFile() as errors:
        try:
            process = await _start(command, {**environ, **facts}, errors)
        except (OSError, ValueError) as error:
            raise OnDoneFailed(
                f"The on_done command {shown} could not be started: {visible(str(error))}",
                hint="Check on_done in the settings: program and arguments, no shell syntax.",
            ) from error
        try:
            code = await asyncio.wait_for(process.wait(), kill_after)
        except TimeoutError:
            raise OnDoneFailed(
                f"The on_done command {shown} took longer than {kill_after:.0f} s and was stopped."
            ) from None
        finally:
            await _end(process)
        if code != 0:
            raise OnDoneFailed(
                f"The on_done command {shown} ended with exit code {code}. {_tail(errors)}".strip()
            )


async def _start(
    command: Sequence[str], environ: Mapping[str, str], errors: IO[bytes]
) -> asyncio.subprocess.Process:
    """Start a process in a group of its own, away from the terminal."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=errors,
        env=environ,
        start_new_session=True,
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill a process that still runs, with all it started."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _tail(errors: IO[bytes]) -> str:
    """Return the end of what the command wrote to its standard error."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - _ERROR_BYTES))
    return visible(errors.read().decode("utf-8", "replace").strip())
