"""Asks which rows go where, writes them, and can be stopped while it does."""

import asyncio
from collections.abc import Sequence
from functools import partial
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
from batchtui.regular_files import is_stream
from batchtui.results.export import ExportCanceled, ExportProgress
from batchtui.results.records.catalog import FieldInfo
from batchtui.results.target import SUFFIXES
from batchtui.tui.lines import line
from batchtui.tui.messages import start_work
from batchtui.tui.screens.dialogs.dialog import Dialog
from batchtui.tui.screens.results.export_plan import ExportChoice, ExportPlan
from batchtui.tui.screens.results.export_view import choice_lines, preview_lines
from batchtui.tui.screens.results.field_list import FieldEntry, FieldList
from batchtui.tui.stylesheets import DIALOGS, RESULTS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.text_field import TextField
from batchtui.untrusted import visible
from batchtui.whole_files import FileExists

_REPORT_EVERY = 0.25


class ExportFieldsDialog(Dialog[tuple[str, ...] | None]):
    """Lists the fields; gives those to be written, in the order in which they were chosen.

    Args:
        found: What is known of the fields of the answers.
        offered: All fields that can be written.
        chosen: Those that are written now.
    """

    AUTO_FOCUS = "FieldList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_field", "Write it, or not", priority=True),
        Binding("enter", "take", "Take them", priority=True),
        Binding("escape,q", "leave", "Leave it"),
    ]

    def __init__(
        self, found: Sequence[FieldInfo], offered: Sequence[str], chosen: Sequence[str]
    ) -> None:
        super().__init__("Fields to write")
        self.add_class("-wide-dialog")
        known = {info.path: info for info in found}
        self._entries = [FieldEntry(path, known.get(path)) for path in offered]
        self._list = FieldList(chosen)

    def compose_content(self) -> ComposeResult:
        """Yield the fields."""
        yield self._list

    def on_mount(self) -> None:
        """Begin on the first field."""
        self._list.show(self._entries)

    def fit(self) -> None:
        """Give the fields the rows that are left."""
        super().fit()
        rows = len(self._entries) + 1  # with the titles of the columns
        self._list.styles.height = max(2, min(rows, self.rows_for(self._list)))

    def action_toggle_field(self) -> None:
        """Write the field under the cursor or not, and go one down."""
        self._list.toggle()

    def on_line_list_chosen(self) -> None:
        """A double click is Enter."""
        self.action_take()

    def action_take(self) -> None:
        """Close with what was chosen."""
        self.dismiss(self._list.chosen)


class Written(Struct, frozen=True):
    """What was written where."""

    path: Path
    rows: int
    """Fewer than were chosen where some have nothing to write."""
    fields: tuple[str, ...] = ()
    """The fields that were chosen, if any."""
    remark: str = ""
    """What of the answers was altered for spreadsheets; "" if nothing."""


class ExportDialog(Dialog[Written | None]):
    """Writes rows to a file; ``None`` means the user left or stopped it.

    Args:
        plan: What there is to write.
    """

    CSS_PATH: ClassVar[CSSPathType | None] = [DIALOGS, RESULTS]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Write"),
        Binding("up", "next_scope(-1)", "Rows", priority=True),
        Binding("down", "next_scope(1)", "Rows", priority=True),
        Binding("tab", "next_format", "Format", priority=True),
        Binding("pagedown,pageup", "next_fields", "Fields", priority=True),
        Binding("ctrl+f", "choose_fields", "Choose fields", priority=True),
        Binding("escape", "leave", "Leave it"),
    ]

    def __init__(self, plan: ExportPlan) -> None:
        super().__init__("Export")
        self.add_class("-wide-dialog")
        self._choice = ExportChoice(plan)
        self._may_replace = False
        self._progress: ExportProgress | None = None
        self._is_stopped = False

    def compose_content(self) -> ComposeResult:
        """Yield which rows, which format, which file, and what is to be said."""
        plan = self._choice.plan
        yield LineBar(id="export-choices")
        yield TextField(str(plan.suggested(self._choice.form)), compact=True, id="dialog-input")
        yield LineBar(id="export-preview")
        yield LineBar(id="dialog-problem")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer fields only where there are some."""
        if action == "next_fields":
            return self._choice.takes_fields
        if action == "choose_fields":
            return self._choice.may_take_fields
        return super().check_action(action, parameters)

    def on_mount(self) -> None:
        """Begin in the field."""
        self.query_one(Input).focus()
        self._choose(self._choice)
        self.set_interval(_REPORT_EVERY, self._tell_progress)

    def _choose(self, choice: ExportChoice) -> None:
        """Write something else; what was shown of the last choice goes at once."""
        self._choice = choice
        self.query_one("#export-preview", LineBar).lines = ()
        start_work(self, partial(self._show_preview, choice), "preview")
        self.fit()

    def fit(self) -> None:
        """Lay out what can be chosen for the box as well."""
        super().fit()
        if self.is_mounted:
            bar = self.query_one("#export-choices", LineBar)
            bar.lines = choice_lines(self._choice, bar.line_width)

    async def _show_preview(self, choice: ExportChoice) -> None:
        try:
            lines = preview_lines(await asyncio.to_thread(choice.preview))
        except BatchtuiError as error:
            lines = (line((visible(error.message), "warning")),)
        self.query_one("#export-preview", LineBar).lines = lines

    def action_next_scope(self, step: int) -> None:
        """Choose other rows."""
        self._choose(self._choice.with_next_scope(step))

    def action_next_format(self) -> None:
        """Choose the next format; the file's name follows."""
        field, old = self.query_one(Input), self._choice.form
        self._choose(self._choice.with_next_format())
        plan, new = self._choice.plan, self._choice.form
        if field.value == str(plan.suggested(old)):
            field.value = str(plan.suggested(new))
        elif field.value.endswith(f".{SUFFIXES[old]}"):
            field.value = field.value.removesuffix(SUFFIXES[old]) + SUFFIXES[new]
        field.cursor_position = len(field.value)

    def action_next_fields(self) -> None:
        """Write the fields that are columns, or all that is usual."""
        self._choose(self._choice.with_other_fields())

    def action_choose_fields(self) -> None:
        """Ask which fields are to be written."""
        plan = self._choice.plan

        def take(fields: tuple[str, ...] | None) -> None:
            if fields is not None:
                self._choose(self._choice.with_fields(fields))

        chosen = self._choice.chosen or ("custom_id",)
        self.app.push_screen(ExportFieldsDialog(plan.found, plan.offered, chosen), take)

    def action_leave(self) -> None:
        """Stop what is being written, or close."""
        if self._progress is not None:
            self._is_stopped = True
        else:
            self.dismiss(None)

    def on_input_changed(self) -> None:
        """Another name: what was said of the last one does not hold."""
        self._may_replace = False
        self._say("", "muted")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write."""
        event.stop()
        if is_stream(Path(event.value)):
            self._say("This is a pipe or a device: choose the name of a file", "problem")
        elif self._progress is None:
            self._progress = ExportProgress(0, len(self._choice.rows), 0)
            start_work(self, partial(self._write, self._choice, event.value), "export")

    async def _write(self, choice: ExportChoice, target: str) -> None:
        try:
            export = replace(
                choice.export(), on_progress=self._note, is_canceled=lambda: self._is_stopped
            )
            path = await asyncio.to_thread(
                export.write_file,
                target,
                title=choice.plan.title,
                is_partial=choice.plan.is_partial,
                overwrite=self._may_replace,
            )
        except ExportCanceled:
            self.dismiss(None)
        except FileExists:
            self._progress = None
            self._may_replace = True
            self.expect_answer()
            self._say("This file exists. Press Enter again to replace it", "warning")
        except BatchtuiError as error:
            self._progress = None
            self._say(error.sentence, "problem")
        else:
            rows = 0 if self._progress is None else self._progress.rows
            self.dismiss(Written(path, rows, choice.fields, export.guard.remark))

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
