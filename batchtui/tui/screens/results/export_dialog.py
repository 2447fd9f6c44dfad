"""Asks which rows go where, writes them, and can be stopped while it does."""

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Input

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_count, format_size
from batchtui.results.export import (
    Export,
    ExportCancelled,
    ExportProgress,
    FileExists,
    suggest_name,
)
from batchtui.results.export_formats import ExportFormat
from batchtui.results.index import ResultsIndex
from batchtui.results.reader import RowReader
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.screens.results.source import Phase, ResultsSource
from batchtui.tui.stylesheets import DIALOGS, RESULTS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.text_field import TextField
from batchtui.untrusted import visible

_TELL_EVERY = 0.25
_FORMATS: tuple[ExportFormat, ...] = ("jsonl", "csv")
_FORMAT_NAMES = {"jsonl": "JSONL, as received", "csv": "CSV, for a spreadsheet"}


class Scope(Struct, frozen=True):
    """Rows that may be written.

    Attributes:
        name: What they are, in a word or two.
        rows: Their numbers, in the order to write them.
    """

    name: str
    rows: Rows


class ExportPlan(Struct, frozen=True):
    """What there is to write.

    Attributes:
        index: All rows.
        reader: Reads them.
        scopes: The choices, the likeliest first.
        title: What the file is named after; untrusted text.
        folder: Where it goes unless something else is typed.
        is_partial: Whether the results are not whole, which the file's name then says.
    """

    index: ResultsIndex
    reader: RowReader
    scopes: Sequence[Scope]
    title: str
    folder: Path
    is_partial: bool


def export_plan(browser: Browser, source: ResultsSource, folder: Path) -> ExportPlan | None:
    """Return what there is to write; ``None`` where there is nothing."""
    reader, index = browser.reader, browser.index
    if reader is None or not len(index):
        return None
    scopes = [Scope("all", range(len(index)))]
    if browser.tab is not Tab.ALL or browser.query is not None:
        scopes.insert(0, Scope("shown", browser.rows[:]))
    if browser.marked:
        scopes.insert(0, Scope("marked", array("I", sorted(browser.marked))))
    return ExportPlan(
        index,
        reader,
        scopes,
        title=source.title.removesuffix(".gz").removesuffix(".jsonl"),
        folder=folder,
        is_partial=source.batch is not None and source.status.phase is not Phase.READY,
    )


class Written(Struct, frozen=True):
    """What was written where."""

    path: Path
    rows: int


class ExportDialog(Dialog[Written | None]):
    """Writes rows to a file; ``None`` means the user left or stopped it.

    Args:
        plan: What there is to write.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [DIALOGS, RESULTS]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Stop or leave"),
        Binding("tab", "next_format", "Format", priority=True),
        Binding("down", "next_scope(1)", "Rows", priority=True),
        Binding("up", "next_scope(-1)", "Rows", priority=True),
    ]

    def __init__(self, plan: ExportPlan) -> None:
        super().__init__("Export", (), Line())
        self.add_class("-wide-dialog")
        self._plan = plan
        self._scope = 0
        self._form: ExportFormat = "jsonl"
        self._replaceable: Path | None = None
        self._progress: ExportProgress | None = None
        self._is_stopped = False

    def compose_content(self) -> ComposeResult:
        """Which rows, which format, which file, and what is to be said."""
        yield LineBar(id="export-choices")
        name = suggest_name(self._plan.title, self._form, is_partial=self._plan.is_partial)
        yield TextField(str(self._plan.folder / name), compact=True, id="dialog-input")
        yield LineBar(id="dialog-problem")

    def on_mount(self) -> None:
        """Begin in the field."""
        self.query_one(Input).focus()
        self._show()
        self.set_interval(_TELL_EVERY, self._tell_progress)

    def action_next_scope(self, step: int) -> None:
        """Choose other rows."""
        self._scope = (self._scope + step) % len(self._plan.scopes)
        self._show()

    def action_next_format(self) -> None:
        """Choose the other format; the ending of the file's name follows."""
        old, field = self._form, self.query_one(Input)
        self._form = _FORMATS[(_FORMATS.index(old) + 1) % len(_FORMATS)]
        if field.value.endswith(f".{old}"):
            field.value = field.value.removesuffix(old) + self._form
        self._show()

    def action_leave(self) -> None:
        """Stop what is being written, or close."""
        if self._progress is not None:
            self._is_stopped = True
        else:
            self.dismiss(None)

    def on_input_changed(self) -> None:
        """Another name: what was said of the last one does not hold."""
        self._replaceable = None
        self._say("", "muted")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write."""
        event.stop()
        if self._progress is None:
            self._progress = ExportProgress(0, len(self._plan.scopes[self._scope].rows), 0)
            self.run_worker(self._write(event.value), group="export")

    async def _write(self, target: str) -> None:
        plan = self._plan
        rows = plan.scopes[self._scope].rows
        export = Export(
            plan.index,
            plan.reader,
            rows,
            self._form,
            on_progress=self._note,
            is_cancelled=lambda: self._is_stopped,
        )
        try:
            path = await asyncio.to_thread(
                export.write_file,
                target,
                title=plan.title,
                is_partial=plan.is_partial,
                overwrite=self._replaceable is not None,
            )
        except ExportCancelled:
            self.dismiss(None)
        except FileExists as error:
            self._progress = None
            self._replaceable = error.path
            self._say(f"{error.path.name} exists. Press Enter again to replace it", "warning")
        except BatchtuiError as error:
            self._progress = None
            self._say(f"{error.message}. {error.hint}", "problem")
        else:
            self.dismiss(Written(path, len(rows)))

    def _note(self, progress: ExportProgress) -> None:
        """Take a note of how far it is; called in the thread that writes."""
        self._progress = progress

    def _tell_progress(self) -> None:
        progress = self._progress
        if progress is not None and progress.total:
            rows = f"{format_count(progress.rows)} of {format_count(progress.total)} rows"
            self._say(f"Writing {rows}   {format_size(progress.bytes)}", "running")

    def _say(self, text: str, style: str) -> None:
        self.query_one("#dialog-problem", LineBar).lines = (line((visible(text), style)),)

    def _show(self) -> None:
        scopes = [f"{format_count(len(scope.rows))} {scope.name}" for scope in self._plan.scopes]
        forms = [_FORMAT_NAMES[form] for form in _FORMATS]
        partial = "The results are not whole: the file's name will say so."
        self.query_one("#export-choices", LineBar).lines = (
            _choice_line("Rows", scopes, self._scope),
            _choice_line("Format", forms, _FORMATS.index(self._form)),
            line((partial, "warning")) if self._plan.is_partial else Line(),
        )
        keys = line(
            *(("Enter", "key"), " Write    ", ("↑ ↓", "key"), " Rows    "),
            *(("Tab", "key"), " Format    ", ("Esc", "key"), " Leave it"),
        )
        self.show_keys(keys)


def _choice_line(name: str, choices: Sequence[str], chosen: int) -> Line:
    """One choice: what can be chosen beside each other, the chosen one so that all can see it."""
    spans = [Span(f"{name:<9}", "muted")]
    for place, choice in enumerate(choices):
        is_chosen = place == chosen
        text = f"[{choice}]" if is_chosen else f" {choice} "
        spans.append(Span(text, "accent strong" if is_chosen else "muted"))
        spans.append(Span(" "))
    return Line(tuple(spans))
