"""The problems of a request file as rows: first how many of each kind, then each by its line."""

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from batchtui.formatting import format_count, plural
from batchtui.submission.problems import FileProblem, ProblemKind, Problems
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.submission.words import paragraph
from batchtui.tui.widgets.columns import (
    Cell,
    Column,
    PlacedColumn,
    header_line,
    place_columns,
    table_line,
)
from batchtui.untrusted import visible

_LINE = Column("line", "LINE", 7, align="right", gap=0)
_ID = Column("id", "CUSTOM_ID", len("CUSTOM_ID"), rank=1, cuts_middle=True)
_WHAT = Column("what", "WHAT IS WRONG", 10, grows=True)
_ID_SHARE = 3
"""Ids take at most one in so many cells: what is wrong has to be read."""


class ProblemRow(Struct, frozen=True):
    """One line of the list."""

    kind: ProblemKind | None = None
    """Of what kind; ``None`` on a line between."""
    count: int = 0
    """How many of the kind, on the line that sums it up."""
    problem: FileProblem | None = None
    """One of them, on the others."""
    is_heading: bool = False
    """Whether it names the columns."""
    id_width: int = 0
    """Cells of the longest id in the list; 0 if there is none."""


def problem_rows(problems: Problems) -> Iterator[ProblemRow]:
    """Make the rows: the kinds by weight, then what is listed by line."""
    id_width = max((cell_len(visible(one.custom_id)) for one in problems.listed), default=0)
    kinds = sorted(problems.counts.items(), key=lambda item: (weight_of(item[0]), -item[1]))
    for kind, count in kinds:
        yield ProblemRow(kind, count)
    if problems.listed:
        yield ProblemRow()
        yield ProblemRow(is_heading=True, id_width=id_width)
    for problem in problems.listed:
        yield ProblemRow(problem.kind, problem=problem, id_width=id_width)


def weight_of(kind: ProblemKind) -> int:
    """0 for what makes the file unfit, 1 for what fails a request, 2 for a warning."""
    return 0 if kind.is_fatal else 2 if kind.is_warning else 1


_ROOM_FOR_WORDS = 50
"""Cells from which a kind says what it means."""
_WORDS = ("unfit to send", "fails its request", "warning")
_STYLES = ("problem", "failed", "warning")


def row_line(row: ProblemRow, width: int) -> Line:
    """Paint one row ``width`` cells wide."""
    if row.is_heading:
        heading = header_line(_placed(row, width))
        return Line(tuple(Span(span.text, "muted") for span in heading.left))
    if row.kind is None:
        return BLANK
    style = _STYLES[weight_of(row.kind)]
    if row.problem is None:
        left = line((f"{format_count(row.count):>7}", "strong"), "  ", (row.kind.value, style))
        words = Span(f"  {_WORDS[weight_of(row.kind)]}", "muted")
        return Line(left.left, (words,) if width >= _ROOM_FOR_WORDS else ())
    problem = row.problem
    cells: dict[str, Cell] = {
        "line": format_count(problem.line) if problem.line else "file",
        "id": visible(problem.custom_id),
        "what": Span(visible(problem.message), style),
    }
    return table_line(_placed(row, width), cells)


def _placed(row: ProblemRow, width: int) -> tuple[PlacedColumn, ...]:
    if not row.id_width:
        return place_columns((_LINE, _WHAT), width)
    id_width = max(_ID.width, min(row.id_width, width // _ID_SHARE))
    return place_columns((_LINE, replace(_ID, width=id_width), _WHAT), width)


def explain(row: ProblemRow, problems: Problems, width: int) -> tuple[Line, ...]:
    """Say a row in full, for the lines under the list."""
    if row.problem is not None:
        where = f"Line {format_count(row.problem.line)}" if row.problem.line else "The file"
        name = f", {visible(row.problem.custom_id)}" if row.problem.custom_id else ""
        return (
            line((f"{where}{name}: ", "muted"), (row.problem.kind.value, "strong")),
            *paragraph(visible(row.problem.message), width),
        )
    listed = [one for one in problems.listed if one.kind is row.kind]
    if row.kind is None or not listed:
        return ()
    cut = f"; the first {format_count(len(listed))} are listed" if len(listed) < row.count else ""
    where = f"Line {format_count(listed[0].line)}: " if listed[0].line else ""
    return (
        line((f"{plural(row.count, 'time')}: ", "muted"), (row.kind.value, "strong"), cut),
        *paragraph(visible(where + listed[0].message), width),
    )


def copied(problems: Problems) -> str:
    """Return all that is listed as text, one problem on a line."""
    return "\n".join(
        f"{f'line {one.line}' if one.line else 'file'}\t{one.custom_id}\t{one.message}"
        for one in problems.listed
    )
