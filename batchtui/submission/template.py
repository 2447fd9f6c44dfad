r"""Prompts with places for a table's cells: ``{{column}}``; ``\{{`` is just two braces."""

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from batchtui.submission.errors import SubmissionError
from batchtui.table_rows import TableRow
from batchtui.tables import Table

_PLACE = re.compile(r"(?P<literal>\\\{\{)|\{\{\s*(?P<column>[^{}\n]+?)\s*\}\}")


class TemplateError(SubmissionError):
    """A template cannot be read, or names what the table does not have."""


class Template(Struct, frozen=True):
    """A text with places for cells."""

    parts: tuple[tuple[str, str], ...]
    """A text, and the column whose cell follows it; "" after the last one."""

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Find the places in a text."""
        return cls(tuple(_parts(text)))

    @classmethod
    def read(cls, path: Path) -> "Template":
        """Read a template from a file; the newline that editors put at the end is not part of it.

        Raises:
            TemplateError: It cannot be read, or is empty.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError:
            raise TemplateError(f"{path.name} is not UTF-8.", hint="Save it as UTF-8.") from None
        except OSError as error:
            raise TemplateError(f"{path} cannot be read: {error.strerror}.") from None
        if not text.strip():
            raise TemplateError(f"{path.name} is empty.", hint="Write the prompt into it.")
        return cls.parse(text.removesuffix("\n").removesuffix("\r"))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it names, each once."""
        return tuple(dict.fromkeys(column for _, column in self.parts if column))

    def require_columns(self, table: Table) -> None:
        """Refuse a table that lacks a column.

        Raises:
            TableError: It does.
        """
        for column in self.columns:
            table.require_column(column)

    def render(self, row: TableRow) -> str:
        """Return the text with the cells of a row; a missing cell is empty."""
        return "".join(
            text + ((row.text(column) or "") if column else "") for text, column in self.parts
        )


def _parts(text: str) -> Iterator[tuple[str, str]]:
    pending, start = "", 0
    for match in _PLACE.finditer(text):
        pending += text[start : match.start()]
        start = match.end()
        if match["literal"]:
            pending += "{{"
        else:
            yield pending, match["column"]
            pending = ""
    yield pending + text[start:], ""
