"""A new batch from a file of requests: asked for, checked, shown, and sent if the user agrees."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batchtui.config.credentials import environ_for_viewers
from batchtui.filenames import shown_name
from batchtui.tables import looks_like_table
from batchtui.tui.lines import line
from batchtui.tui.screens.submission.cache_flow import mark_cache
from batchtui.tui.screens.submission.canary_flow import rest_of_canary, send_canary, take_canary
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.path_prompt import PathQuestion, ask_path
from batchtui.tui.screens.submission.preview import Checked, Preview, ToSend
from batchtui.tui.screens.submission.request_file import (
    FileToSend,
    check_file,
    cost_of,
    earlier_of,
)
from batchtui.tui.screens.submission.sending_flow import continue_interrupted, send_new
from batchtui.tui.screens.submission.words import home_short
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.submission.earlier import Earlier
    from batchtui.submission.validate import Validation


async def create(context: FlowContext) -> None:
    """Ask for the file, check it, show it, send it."""
    body = (
        line("A file of requests: JSON Lines or one body with all, also gzipped;"),
        line("or a table (CSV, TSV, JSON Lines, Parquet) to make them of."),
        line(("It is checked and shown before anything is sent.", "muted")),
        line((f"In {home_short(context.folder)}", "muted")),
    )
    sample = context.session.sample
    value = "" if sample is None else str(sample)
    question = PathQuestion("New batch", body, value=value, confirm="Check it")
    path = await ask_path(context, question)
    if path is None:
        return
    file: FileToSend | None = FileToSend(path)
    if await asyncio.to_thread(looks_like_table, path):
        from batchtui.tui.screens.submission.make_flow import make_from_table

        made = await make_from_table(context, path)
        file = None if made is None else FileToSend(made, label=path.stem)
    if file is not None:
        await preview_and_send(context, file)


async def preview_and_send(context: FlowContext, file: FileToSend) -> bool:
    """Check a file, show what will go, and send it if the user agrees.

    Returns:
        Whether it was sent, or begun and kept to be finished later.

    Raises:
        BatchtuiError: The file cannot be read, or the ledger not.
    """
    validation = await check_file(context, file.path)
    if validation is None:
        return False
    earlier = await earlier_of(context, validation)
    if earlier.begun is not None:
        title = "This file was being sent before"
        is_settled = await continue_interrupted(context, earlier.begun, title)
        if is_settled is not None:
            return is_settled
        earlier = await earlier_of(context, validation)
    if earlier.canary is not None and earlier.sent is None and not file.parents:
        rest = await rest_of_canary(context, validation, earlier.canary, earlier.canary_size)
        if isinstance(rest, FileToSend):
            return await preview_and_send(context, rest)
        if rest is not None:
            return rest
    return await _show(context, file, validation, earlier)


async def _show(
    context: FlowContext, file: FileToSend, validation: "Validation", earlier: "Earlier"
) -> bool:
    from batchtui.submission.prepare import label_of
    from batchtui.tui.screens.submission.preview_screen import PreviewScreen

    parents = () if file.is_rest else file.parents
    preview = Preview(
        validation,
        file.label or label_of(file.path),
        retry_of=await asyncio.to_thread(_names_of, context, parents),
        remarks=file.remarks,
        sent_before=_sent_before(context, earlier, file),
        cost=file.cost or await cost_of(context, validation),
        max_cost=context.session.settings.max_cost,
    )
    screen = PreviewScreen(
        preview,
        destination(context),
        FileActions(context, file, validation, earlier),
        # whatever the on_done command is given
        environ=environ_for_viewers(context.session.environ, context.session.profile.key_source),
        is_billed=not context.session.is_demo,
    )
    return await context.ask(screen) is True


class FileActions:
    """What the preview of a file can do with it.

    Args:
        context: Whose account.
        file: The file.
        validation: What it was at first.
        earlier: What the user knows of its contents' earlier submissions.
    """

    def __init__(
        self,
        context: FlowContext,
        file: FileToSend,
        validation: "Validation",
        earlier: "Earlier",
    ) -> None:
        self._context = context
        self._file = file
        self._sha256 = validation.source.sha256
        self._earlier = earlier

    async def check(self) -> Checked | None:
        """Read the file again; ``None`` where that was stopped."""
        validation = await check_file(self._context, self._file.path)
        if validation is None:
            return None
        self._earlier = await earlier_of(self._context, validation)
        is_same = validation.source.sha256 == self._sha256
        known = self._file.cost if is_same else None
        cost = known or await cost_of(self._context, validation)
        return Checked(validation, _sent_before(self._context, self._earlier, self._file), cost)

    async def send(self, what: ToSend) -> bool:
        """Send it; gives whether that was done."""
        is_settled = await send_new(self._context, what, self._file.parents, self._earlier)
        self._earlier = await earlier_of(self._context, what.validation)
        return is_settled

    async def mark_cache(self, what: ToSend) -> bool:
        """Write it with marks for the cache and show that; gives whether that was sent."""
        marked = await mark_cache(self._context, what.validation)
        if marked is None:
            return False
        # what was sent without the marks asks the same
        before = _sent_before(self._context, self._earlier, self._file)
        remarks = (*self._file.remarks, *marked.remarks, *filter(None, [before]))
        file = replace(self._file, path=marked.path, label=what.label, remarks=remarks, cost=None)
        return await preview_and_send(self._context, file)

    async def take_canary(self, what: ToSend, count: int) -> Preview | None:
        """Take so many requests of it to go first; ``None`` where that was stopped."""
        return await take_canary(self._context, what, count)

    async def send_canary(self, whole: "Validation", canary: Preview) -> bool:
        """Send what was taken of it; gives whether that was done."""
        return await send_canary(self._context, whole, canary)


def _sent_before(context: FlowContext, earlier: "Earlier", file: FileToSend) -> str:
    """Say that a file of these contents was, or may have been, sent before; else nothing."""
    if file.parents:
        return ""  # that rows were sent again before is shown where they are chosen
    before = earlier.describe(shown_name(file.path), context.session.clock.now())
    return f"{before}." if before else ""


def destination(context: FlowContext) -> str:
    """Return where batches go to, in words; safe to show."""
    if context.session.is_demo:
        return "the demo: nothing leaves this machine"
    profile = context.session.profile
    return f"{visible(profile.name)}, {visible(profile.host)}"


def _names_of(context: FlowContext, batch_ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(context.name_of(one) for one in batch_ids)
