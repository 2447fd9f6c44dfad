"""Which rows can be written where, and what was chosen of that. No widgets."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from batchtui.request_line import last_question
from batchtui.results.export import Export
from batchtui.results.index import ResultsIndex
from batchtui.results.reader import RowReader
from batchtui.results.records.catalog import FieldInfo
from batchtui.results.row_fields import BESIDE, FIELD_NAMES
from batchtui.results.target import SUFFIXES, ExportFormat, suggest_name
from batchtui.tui.screens.results.browser import Browser
from batchtui.tui.screens.results.selection import Rows, Tab
from batchtui.tui.screens.results.source import Phase, ResultsSource
from batchtui.whole_files import is_one_of

_TABLES: set[ExportFormat] = {"csv", "parquet"}
"""Formats that begin with the fields that are columns: who chose columns wants them in a table."""
_TAKE_FIELDS: set[ExportFormat] = {*_TABLES, "jsonl", "text"}
"""Formats that can have fields. Lines begin as received, for only so can they be read again; text
as the words of an answer."""
_FIRST = ("custom_id", "text", "question", "review", "label", "model")
"""What is asked for most beside the fields of the answers."""
_OF_COLUMNS = {"answer": "text", "in": "input_tokens", "out": "output_tokens"}
"""Fields by the columns that show them, where their names differ."""
_PREVIEWED = 3
"""Rows of a preview."""
_LONGEST_PREVIEWED = 256 * 1024
"""Bytes of a row above which no preview is made."""
_MOST_PREVIEWED = 64 * 1024
"""Bytes of a preview that are kept: many screens."""


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
    found: tuple[FieldInfo, ...] = ()
    """The fields of the answers."""
    exported: tuple[str, ...] = ()
    """The fields that were written the last time, if any."""
    label: str | None = None
    """The batch's label; ``None`` for a file."""
    question: Callable[[str], bytes | None] | None = None
    """Gives the request of a custom_id, where they are known."""
    requests: tuple[Path, ...] = ()
    """Their files."""

    def suggested(self, form: ExportFormat) -> Path:
        """Return a file to write that is not the one with the rows; looks at the disk."""
        path = self.folder / suggest_name(self.title, form, is_partial=self.is_partial)
        if is_one_of(path, [self.reader.path]):
            name = suggest_name(f"{self.title}-rows", form, is_partial=self.is_partial)
            return path.with_name(name)
        return path

    @property
    def beside(self) -> Mapping[str, Callable[[str], str]]:
        """What belongs to a custom_id but is not in the results, by name."""
        reviews, question, label = self.index.reviews, self.question, self.label
        found = {
            "review": lambda one: reviews[one].verdict if one in reviews else "",
            "note": lambda one: reviews[one].note if one in reviews else "",
        }
        if question is not None:
            found["question"] = lambda one: last_question(question(one) or b"")
        if label is not None:
            found["label"] = lambda _: label
        return found

    @property
    def offered(self) -> tuple[str, ...]:
        """All fields that can be written, those of the answers first."""
        paths = [info.path for info in self.found]
        names = [*_FIRST[:1], *paths, *_FIRST[1:], *FIELD_NAMES]
        known = (one for one in names if one not in BESIDE or one in self.beside)
        return tuple(dict.fromkeys(known))

    @property
    def formats(self) -> tuple[ExportFormat, ...]:
        """All formats."""
        return tuple(SUFFIXES)

    def why_not(self, form: ExportFormat) -> str:
        """Say what a format lacks; "" if it can be written."""
        if form == "messages" and self.question is None:
            return "needs the requests: no request file is attached"
        return ""


def export_plan(
    browser: Browser,
    source: ResultsSource,
    folder: Path,
    question: Callable[[str], bytes | None] | None = None,
    requests: tuple[Path, ...] = (),
) -> ExportPlan | None:
    """Return what there is to write; ``None`` where there is nothing.

    Args:
        browser: The rows as they are looked at.
        source: Where they come from.
        folder: Where files go.
        question: Gives the request of a custom_id, where they are known.
        requests: Their files.
    """
    reader, index, state = browser.reader, browser.index, browser.state
    if reader is None or not len(index):
        return None
    scopes = [Scope("all", range(len(index)))]
    if state.tab is not Tab.ALL or state.query is not None:
        scopes.insert(0, Scope("shown", state.rows[:]))
    if state.marked:
        scopes.insert(0, Scope("marked", array("I", sorted(state.marked))))
    return ExportPlan(
        index,
        reader,
        scopes,
        title=source.title.removesuffix(".gz").removesuffix(".jsonl"),
        folder=folder,
        is_partial=source.batch is not None and source.status.phase is not Phase.READY,
        fields=tuple(_OF_COLUMNS.get(one, one) for one in browser.columns.chosen),
        found=tuple(browser.columns.records.fields),
        label=source.label,
        question=question,
        requests=requests,
    )


class ExportChoice(Struct, frozen=True):
    """What was chosen to be written."""

    plan: ExportPlan
    """What there is to choose from."""
    scope: int = 0
    """Which of its scopes."""
    form: ExportFormat = "jsonl"
    """Which of its formats."""
    has_fields: bool = False
    """Whether only its fields are written."""
    fields: tuple[str, ...] = ()
    """The fields that were chosen for that; none for the columns on the screen."""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The fields that are written where fields are."""
        columns = ("custom_id", *self.plan.fields) if self.plan.fields else ()
        return self.fields or self.plan.exported or columns

    @property
    def rows(self) -> Rows:
        """The rows to write."""
        return self.plan.scopes[self.scope].rows

    @property
    def takes_fields(self) -> bool:
        """Whether there are fields that can be written in this format."""
        return bool(self.chosen) and self.form in _TAKE_FIELDS

    def with_next_scope(self, step: int) -> "ExportChoice":
        """Choose other rows."""
        return replace(self, scope=(self.scope + step) % len(self.plan.scopes))

    def with_next_format(self) -> "ExportChoice":
        """Choose the format after this one."""
        forms = self.plan.formats
        form = forms[(forms.index(self.form) + 1) % len(forms)]
        return replace(self, form=form, has_fields=bool(self.chosen) and form in _TABLES)

    def with_other_fields(self) -> "ExportChoice":
        """Choose the fields that are columns, or all that is usual."""
        return replace(self, has_fields=self.takes_fields and not self.has_fields)

    @property
    def may_take_fields(self) -> bool:
        """Whether fields can be chosen for the format."""
        return self.form in _TAKE_FIELDS

    def with_fields(self, fields: tuple[str, ...]) -> "ExportChoice":
        """Choose which fields are written; without any it is what is usual."""
        return replace(self, fields=fields, has_fields=bool(fields))

    def export(self) -> Export:
        """Return how to write it."""
        plan = self.plan
        fields = self.chosen if self.has_fields else ()
        return Export(
            plan.index,
            plan.reader,
            self.rows,
            self.form,
            fields=fields,
            beside=plan.beside,
            question=plan.question,
            also_read=plan.requests,
        )

    def preview(self) -> str:
        """Return the first rows as they will be written, a table in its text form; blocks.

        Raises:
            BatchtuiError: They cannot be read.
        """
        rows = self.rows[:_PREVIEWED]
        if any(self.plan.index.lengths[row] > _LONGEST_PREVIEWED for row in rows):
            return ""
        form: ExportFormat = "csv" if self.form == "parquet" else self.form
        stream = BytesIO()
        replace(self.export(), rows=rows, form=form).write_to(stream)
        return stream.getvalue()[:_MOST_PREVIEWED].decode("utf-8", errors="replace")
