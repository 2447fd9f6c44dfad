"""Asks for a file by its path; Tab completes, the arrows choose."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Input

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_size, plural
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, line, spans
from batchtui.tui.messages import start_work
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.paths import (
    PathCandidate,
    PathCandidates,
    complete,
    find_candidates,
    resolve,
    why_not_a_file,
)
from batchtui.tui.stylesheets import DIALOGS, SUBMISSION
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import ValueList

ReadT = TypeVar("ReadT")


class PathQuestion(Struct, frozen=True):
    """Which path is asked for."""

    title: str
    """What it is about."""
    body: tuple[Line, ...]
    """Lines to read above the field."""
    value: str = ""
    """What stands in the field at first."""
    check: Callable[[Path], str] = why_not_a_file
    """Gives what is wrong with a path, or an empty string; blocks."""
    is_new: bool = False
    """Whether the file is to be made: then only the arrows take one that is there."""
    confirm: str = "Go on"
    """What Enter does, in a word or two."""


class CandidateList(ValueList[PathCandidate]):
    """The files that the typed text may mean."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def watch_values(self, old: tuple[PathCandidate, ...], new: tuple[PathCandidate, ...]) -> None:
        """Show other files, from the first one."""
        super().watch_values(old, new)
        self.cursor = 0

    def value_line(self, candidate: PathCandidate, width: int, /) -> Line:
        """Return a name, and how large the file is."""
        del width
        if candidate.size is None:
            return line((candidate.name, "accent"))
        style = "" if candidate.looks_like_requests else "muted"
        return Line(spans((candidate.name, style)), spans((format_size(candidate.size), "muted")))


class PathPrompt(PromptDialog):
    """Asks for a path.

    Args:
        question: Which.
        folder: Where relative paths begin.
        glyphs: The signs to draw with.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [DIALOGS, SUBMISSION]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", priority=True),
        Binding("up", "choose(-1)", "Choose"),
        Binding("down", "choose(1)", "Choose"),
    ]

    def __init__(self, question: PathQuestion, folder: Path, glyphs: Glyphs) -> None:
        super().__init__(
            question.title,
            question.body,
            value=question.value,
            placeholder="path of the file",
            check=partial(_why_not, question, folder),
            confirm=question.confirm,
        )
        self._folder = folder
        self._glyphs = glyphs
        self._is_new = question.is_new
        self._is_choosing = False

    def compose_content(self) -> ComposeResult:
        """Yield the body, the field, what is wrong, and the files."""
        yield from super().compose_content()
        files = CandidateList(id="path-candidates")
        files.cursor_glyph = " " if self._is_new else self._glyphs.cursor
        files.can_focus = False
        yield files

    def on_mount(self) -> None:
        """Show what there is."""
        self._look_up(self._value)

    @on(Input.Changed)
    def follow_typing(self, event: Input.Changed) -> None:
        """Show what the text may mean now."""
        self._is_choosing = False
        self._look_up(event.value)

    def _look_up(self, text: str) -> None:
        start_work(self, partial(self._find, text), "look-up")

    async def _find(self, text: str) -> None:
        """Show the files that a text may mean."""
        files = self.query_one(CandidateList)
        found = await asyncio.to_thread(find_candidates, text, self._folder)
        files.values = found.found
        self._say(found)

    def _say(self, found: PathCandidates) -> None:
        said = ""
        if found.left_out:
            names = plural(found.left_out, "name")
            said = f"{names} with control characters left out"
        self.query_one("#dialog-problem", LineBar).lines = (line((said, "muted")),)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the file the cursor is on, unless what is typed is a file itself."""
        event.prevent_default()
        event.stop()
        start_work(self, partial(self._take, event.value), "look-up")

    async def _take(self, text: str) -> None:
        # keys may be quicker than the disk: the files have to be those of this text
        await self._find(text)
        problem = await asyncio.to_thread(self._check, text)
        if not self.children:
            return
        chosen = self._chosen
        if chosen is not None and (self._is_choosing or problem):
            text = chosen.text
            # looked at first: filling it in starts another look, which ends this one
            problem = await asyncio.to_thread(self._check, text)
            if not self.children:
                return
            self._fill_in(text)
            if chosen.is_folder:
                return
        if problem:
            self.query_one("#dialog-problem", LineBar).lines = (line((problem, "problem")),)
        else:
            self.dismiss(text)

    @property
    def _chosen(self) -> PathCandidate | None:
        files = self.query_one(CandidateList)
        takes = (self._is_choosing or not self._is_new) and files.cursor < len(files.values)
        return files.values[files.cursor] if takes else None

    def action_complete(self) -> None:
        """Write on as far as it is clear, or take what the cursor is on."""
        text = self.query_one(Input).value
        start_work(self, partial(self._complete, text), "look-up")

    async def _complete(self, text: str) -> None:
        await self._find(text)
        chosen = self._chosen if self._is_choosing else None
        candidates = self.query_one(CandidateList).values
        self._fill_in(chosen.text if chosen else complete(text, candidates))

    def action_choose(self, step: int) -> None:
        """Go to another file."""
        files = self.query_one(CandidateList)
        if self._is_choosing or not self._is_new:
            files.cursor += step
        self._is_choosing = True
        files.cursor_glyph = self._glyphs.cursor

    def _fill_in(self, text: str) -> None:
        field = self.query_one(Input)
        field.value = text
        field.cursor_position = len(text)

    def on_click(self, event: events.Click) -> None:
        """A click on a file chooses it."""
        if isinstance(event.widget, CandidateList):
            self._is_choosing = True
            self.action_complete()


def _why_not(question: PathQuestion, folder: Path, text: str) -> str:
    return question.check(resolve(text, folder)) if text.strip() else "Type a path."


async def ask_path(context: FlowContext, question: PathQuestion) -> Path | None:
    """Ask for a path; ``None`` if the user left."""
    text = await context.ask(PathPrompt(question, context.folder, context.glyphs))
    return None if text is None else resolve(text, context.folder)


async def ask_file(
    context: FlowContext, title: str, body: tuple[Line, ...], read: Callable[[Path], ReadT]
) -> tuple[Path, ReadT] | None:
    """Ask for a file until it can be read.

    Args:
        context: Whose folder.
        title: What it is about.
        body: Lines to read above the field.
        read: Reads it, or raises a `BatchtuiError`; blocks.

    Returns:
        Where it is, and what was read; ``None`` if the user left.
    """
    found: dict[Path, ReadT] = {}

    def why_not(path: Path) -> str:
        try:
            found[path] = read(path)
        except BatchtuiError as error:
            return error.sentence
        return ""

    path = await ask_path(context, PathQuestion(title, body, check=why_not))
    return None if path is None else (path, found[path])


def path_as_typed(path: Path, folder: Path) -> str:
    """Return a path as one would type it: relative where it lies below the folder."""
    try:
        return str(path.relative_to(folder))
    except ValueError:
        return str(path)
