"""Asks which rows go where, writes them, and can be stopped while it does."""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.types import CSSPathType
from textual.widgets import Input

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_count, format_size
from batchtui.results.export import Export, ExportCanceled, ExportProgress
from batchtui.results.index import ResultsIndex
from batchtui.results.reader import RowReader
from batchtui.results.target import SUFFIXES, ExportFormat, FileExists, suggest_name
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.screens.results.source import Phase, ResultsSource
from batchtui.tui.stylesheets import DIALOGS, RESULTS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.text_field import TextField
from batchtui.untrusted import visible

_REPORT_EVERY = 0.25
_FORMAT_NAMES: dict[ExportFormat, str] = {
    "jsonl": "JSONL",
    "csv": "CSV",
    "parquet": "Parquet",
    "messages": "messages",
    "text": "text",
}
_USUAL: dict[ExportFormat, str] = {
    "jsonl": "as received",
    "csv": "the usual columns",
    "parquet": "the usual columns",
    "messages": "question and answer, for fine-tuning",
    "text": "the answers one after the other",
}
"""What is written of a row unless fields are chosen."""
_WITH_FIELDS = {"jsonl", "csv", "parquet"}
_PREVIEWED = 3
_LONGEST_PREVIEWED = 256 * 1024
"""Bytes of a row above which no preview is made: a key must not wait."""


class Scope(Struct, frozen=True):
    """Rows that may be written."""

    name: str
    """What they are, in a word or two."""
    rows: Rows
    """Their numbers, in the order to write them."""


class ExportPlan(Struct, frozen=True):
    """What there is to write."""

    index: ResultsIndex
    """All rows."""
    reader: RowReader
    """Reads them."""
    scopes: Sequence[Scope]
    """The choices, the likeliest first."""
    title: str
    """What the file is named after; untrusted text."""
    folder: Path
    """Where it goes unless something else is typed."""
    is_partial: bool
    """Whether the results are not whole, which the file's name then says."""
    fields: tuple[str, ...] = ()
    """The fields that are columns on the screen, if any."""
    question: Callable[[str], bytes | None] | None = None
    """Gives the request of a custom_id, where they are known."""

    @property
    def formats(self) -> tuple[ExportFormat, ...]:
        """The formats that can be written."""
        known = self.question is not None
        return tuple(form for form in _FORMAT_NAMES if known or form != "messages")

    def export(self, rows: Rows, form: ExportFormat, *, has_fields: bool) -> Export:
        """Return how to write rows.

        Args:
            rows: Their numbers.
            form: The format.
            has_fields: Whether only the fields are written.
        """
        fields = ("custom_id", *self.fields) if has_fields else ()
        return Export(self.index, self.reader, rows, form, fields=fields, question=self.question)


def export_plan(
    browser: Browser,
    source: ResultsSource,
    folder: Path,
    question: Callable[[str], bytes | None] | None = None,
) -> ExportPlan | None:
    """Return what there is to write; ``None`` where there is nothing.

    Args:
        browser: The rows as they are looked at.
        source: Where they come from.
        folder: Where files go.
        question: Gives the request of a custom_id, where they are known.
    """
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
        fields=tuple(path for path in browser.columns.chosen if path.startswith(".")),
        question=question,
    )


def preview_lines(export: Export, width: int) -> tuple[Line, ...]:
    """Write the first rows as they would be in the file.

    Args:
        export: What to write: only the first rows, in a format of text.
        width: Cells of a line.
    """
    stream = BytesIO()
    try:
        export.write_to(stream)
    except BatchtuiError as error:
        return (line((visible(error.message), "warning")),)
    text = stream.getvalue()[: 64 * 1024].decode("utf-8", errors="replace")
    lines = text.split("\n")[: _PREVIEWED + 1]
    return tuple(line((visible(one.rstrip("\r"))[:width], "muted")) for one in lines)


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
        Binding("pagedown,pageup", "next_fields", "Fields", priority=True),
        Binding("down", "next_scope(1)", "Rows", priority=True),
        Binding("up", "next_scope(-1)", "Rows", priority=True),
    ]

    def __init__(self, plan: ExportPlan) -> None:
        super().__init__("Export", (), Line())
        self.add_class("-wide-dialog")
        self._plan = plan
        self._scope = 0
        self._form: ExportFormat = "jsonl"
        self._has_fields = False
        self._replaceable: Path | None = None
        self._progress: ExportProgress | None = None
        self._is_stopped = False

    def compose_content(self) -> ComposeResult:
        """Which rows, which format, which file, and what is to be said."""
        yield LineBar(id="export-choices")
        name = suggest_name(self._plan.title, self._form, is_partial=self._plan.is_partial)
        yield TextField(str(self._plan.folder / name), compact=True, id="dialog-input")
        yield LineBar(id="export-preview")
        yield LineBar(id="dialog-problem")

    def on_mount(self) -> None:
        """Begin in the field."""
        self.query_one(Input).focus()
        self._show()
        self.set_interval(_REPORT_EVERY, self._tell_progress)

    def action_next_scope(self, step: int) -> None:
        """Choose other rows."""
        self._scope = (self._scope + step) % len(self._plan.scopes)
        self._show()

    def action_next_format(self) -> None:
        """Choose the other format; the ending of the file's name follows."""
        forms, field = self._plan.formats, self.query_one(Input)
        old, self._form = self._form, forms[(forms.index(self._form) + 1) % len(forms)]
        self._has_fields = bool(self._plan.fields) and self._form in {"csv", "parquet"}
        if field.value.endswith(f".{SUFFIXES[old]}"):
            field.value = field.value.removesuffix(SUFFIXES[old]) + SUFFIXES[self._form]
        self._show()

    def action_next_fields(self) -> None:
        """Write the fields that are columns, or all that is usual."""
        if self._plan.fields and self._form in _WITH_FIELDS:
            self._has_fields = not self._has_fields
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
        export = replace(
            plan.export(rows, self._form, has_fields=self._has_fields),
            on_progress=self._note,
            is_canceled=lambda: self._is_stopped,
        )
        try:
            path = await asyncio.to_thread(
                export.write_file,
                target,
                title=plan.title,
                is_partial=plan.is_partial,
                overwrite=self._replaceable is not None,
            )
        except ExportCanceled:
            self.dismiss(None)
        except FileExists as error:
            self._progress = None
            self._replaceable = error.path
            self.expect_answer()
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
        plan, form = self._plan, self._form
        scopes = [f"{format_count(len(scope.rows))} {scope.name}" for scope in plan.scopes]
        names = [_FORMAT_NAMES[one] for one in plan.formats]
        written = [_USUAL[form]]
        if plan.fields and form in _WITH_FIELDS:
            written.append(visible(" ".join(["custom_id", *plan.fields])))
        partial = "The results are not whole: the file's name will say so."
        self.query_one("#export-choices", LineBar).lines = (
            _choice_line("Rows", scopes, self._scope),
            _choice_line("Format", names, plan.formats.index(form)),
            _choice_line("Fields", written, int(self._has_fields)),
            line((partial, "warning")) if plan.is_partial else Line(),
        )
        self._show_preview()
        fields = (("PgDn", "key"), " Fields    ") if len(written) > 1 else ()
        keys = line(
            *(("Enter", "key"), " Write    ", ("↑ ↓", "key"), " Rows    "),
            *(("Tab", "key"), " Format    ", *fields, ("Esc", "key"), " Leave it"),
        )
        self.show_keys(keys)

    def _show_preview(self) -> None:
        """Show how the first rows will be written, a table in its text form."""
        plan, bar = self._plan, self.query_one("#export-preview", LineBar)
        rows = plan.scopes[self._scope].rows[:_PREVIEWED]
        if any(plan.index.lengths[row] > _LONGEST_PREVIEWED for row in rows):
            bar.lines = ()
            return
        form: ExportFormat = "csv" if self._form == "parquet" else self._form
        export = plan.export(rows, form, has_fields=self._has_fields)
        bar.lines = preview_lines(export, max(10, bar.line_width))


def _choice_line(name: str, choices: Sequence[str], chosen: int) -> Line:
    """One choice: what can be chosen beside each other, the chosen one so that all can see it."""
    spans = [Span(f"{name:<9}", "muted")]
    for place, choice in enumerate(choices):
        is_chosen = place == chosen
        text = f"[{choice}]" if is_chosen else f" {choice} "
        spans.append(Span(text, "accent strong" if is_chosen else "muted"))
        spans.append(Span(" "))
    return Line(tuple(spans))
