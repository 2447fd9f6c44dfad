"""Long work in the middle of a dialog: shown with its progress where it takes long, stoppable."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import ClassVar, TypeVar

from textual.binding import Binding, BindingType
from textual.types import CSSPathType

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_size
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.messages import start_work
from batchtui.tui.navigation import Navigation
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.submission.words import progress_bar
from batchtui.tui.stylesheets import DIALOGS, SUBMISSION

ResultT = TypeVar("ResultT")

_PATIENCE = 0.25
"""Seconds before work is worth a dialog: what is done sooner must not flash."""
_REFRESH = 0.1
_BAR = 40


class Stopped(BatchtuiError):
    """The user stopped the work."""


class Meter:
    """How far some work is. The worker, perhaps in a thread, notes; the screen reads.

    Attributes:
        done: How much is done.
        total: How much there is; 0 where nobody knows.
    """

    def __init__(self, total: int = 0) -> None:
        self.done = 0
        self.total = total
        self._is_stopped = False

    def note(self, done: int) -> None:
        """Note how much is done.

        Raises:
            Stopped: The user wants the work to end.
        """
        if self._is_stopped:
            raise Stopped("Stopped.")
        self.done = done

    def stop(self) -> None:
        """Have the work end when it notes its progress next."""
        self._is_stopped = True


Describe = Callable[[Meter], Line]


def bytes_line(meter: Meter, glyphs: Glyphs) -> Line:
    """Return a bar with the bytes that are done."""
    if not meter.total:
        return line(format_size(meter.done))
    words = f"  {format_size(meter.done)} of {format_size(meter.total)}"
    return Line((*progress_bar(meter.done, meter.total, _BAR, glyphs), Span(words)))


class WorkDialog(Dialog[None]):
    """Shows how far some work is, until it is done or stopped.

    Args:
        title: What is being done.
        task: The work.
        meter: How far it is.
        describe: Writes that down.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [DIALOGS, SUBMISSION]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "stop", "Stop")]

    def __init__(
        self, title: str, task: "asyncio.Task[ResultT]", meter: Meter, describe: Describe
    ) -> None:
        super().__init__(title, (describe(meter),))
        self._work = task
        self._meter = meter
        self._describe = describe

    def on_mount(self) -> None:
        """Follow the work."""
        self.set_interval(_REFRESH, self._show)
        start_work(self, self._wait, "work")

    def _show(self) -> None:
        self.show_body((self._describe(self._meter),))

    async def _wait(self) -> None:
        await asyncio.wait({self._work})
        self.dismiss(None)

    def action_stop(self) -> None:
        """End the work; a thread ends when it notes its progress next."""
        self._meter.stop()
        self._work.cancel()


async def work(
    navigation: Navigation,
    title: str,
    job: Coroutine[object, object, ResultT],
    meter: Meter,
    describe: Describe,
) -> ResultT | None:
    """Do some work, with a dialog over the screen if it takes longer than a moment.

    Args:
        navigation: Shows the dialog.
        title: What is being done.
        job: The work; a thread's work notes its progress, so that it can be stopped.
        meter: How far it is.
        describe: Writes that down.

    Returns:
        What the job gives, or ``None`` if the user stopped it.

    Raises:
        BatchtuiError: What the job raises.
    """
    task = asyncio.ensure_future(job)
    try:
        await asyncio.wait({task}, timeout=_PATIENCE)
        if not task.done():
            await navigation.ask(WorkDialog(title, task, meter, describe))
    finally:
        if not task.done():
            meter.stop()
            task.cancel()
    if task.cancelled():
        return None
    try:
        return task.result()
    except Stopped:
        return None
