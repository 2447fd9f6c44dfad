"""One pair as lines: the fields that differ, then both answers with the words that differ. Pure."""

from collections.abc import Container, Iterator, Sequence

from msgspec import Raw, Struct
from rich.cells import cell_len

from batchtui.results.comparison.answers import Change, FieldChange
from batchtui.results.comparison.pairs import PairDetail
from batchtui.results.comparison.word_diff import DiffBlock, diff_blocks, first_difference
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, beside
from batchtui.tui.screens.results.layout import LONGEST_LINE, RowLayout, Steps
from batchtui.tui.screens.results.requests import (
    FoundRequest,
    lay_out_question,
    lay_out_request,
)
from batchtui.tui.widgets.columns import Cell, Column, header_line, place_columns, table_line
from batchtui.tui.widgets.painting import cut_cells, fit
from batchtui.tui.widgets.reader_wrapping import StyledRun, wrap_runs
from batchtui.untrusted import visible, visible_lines

GAP = 3
"""Cells between the two sides."""
_BETWEEN = 2
"""Cells between the columns of fields."""
LEAST_WIDTH = 80
"""Cells from which the answers stand beside each other."""
_QUESTION_LINES = 4
_MOST = 200_000
"""Characters of an answer that are shown; a pair that is longer is read in the results."""
_ONLY_A, _ONLY_B = "only-a", "only-b"


class PairLayout(Struct, frozen=True):
    """What a pair is laid out for."""

    glyphs: Glyphs
    width: int
    """Cells of a line."""
    name_a: str
    """What to call the first side; safe to show."""
    name_b: str
    is_beside: bool = True
    """Whether the answers may stand beside each other."""

    @property
    def has_columns(self) -> bool:
        """Whether they do."""
        return self.is_beside and self.width >= LEAST_WIDTH

    @property
    def text_width(self) -> int:
        """Cells of text across both sides."""
        return min(self.width, LONGEST_LINE)

    @property
    def side_width(self) -> int:
        """Cells of one side."""
        width = (self.width - GAP) // 2 if self.has_columns else self.width
        return max(8, min(width, LONGEST_LINE))


def question_lines(found: FoundRequest | None, layout: RowLayout) -> tuple[Line, ...]:
    """Lay out the beginning of what was asked, where it is known."""
    if found is None:
        return ()
    return _lines_of(lay_out_question(found, layout, most=_QUESTION_LINES))


def request_lines(found: FoundRequest, layout: RowLayout) -> tuple[Line, ...]:
    """Lay out all that was asked."""
    return _lines_of(lay_out_request(found, layout))


def _lines_of(sections: Steps) -> tuple[Line, ...]:
    return tuple(
        section.line(number)
        for section in sections
        if section is not None
        for number in range(len(section))
    )


def pair_lines(detail: PairDetail, layout: PairLayout) -> tuple[Line, ...]:
    """Lay a pair out."""
    fields = tuple(_fields(detail.fields, layout)) if detail.fields else ()
    blocks = diff_blocks(visible_lines(detail.text_a[:_MOST]), visible_lines(detail.text_b[:_MOST]))
    left = _title(layout.name_a, detail.kind_a, layout)
    right = _title(layout.name_b, detail.kind_b, layout)
    if layout.has_columns:
        answers = [_beside((left,), (right,), layout)]
        answers += [_beside(*_sides(block, layout), layout) for block in blocks]
        return (*fields, *(one for lines in answers for one in lines))
    sides = [_sides(block, layout) for block in blocks]
    return (
        *fields,
        left,
        *(one for mine, _ in sides for one in mine),
        BLANK,
        right,
        *(one for _, theirs in sides for one in theirs),
    )


def what_differs(detail: PairDetail, shown: Container[str] = ()) -> tuple[Span, ...]:
    """Say in one line what differs; as long as it likes.

    Args:
        detail: The pair.
        shown: The fields that are said elsewhere in the line.
    """
    match detail.change:
        case Change.TYPE:
            return _arrow(detail.kind_a, detail.kind_b)
        case Change.FIELDS:
            changes = [
                (Span(f"{visible(one.path)} ", "muted"), *_arrow(_short(one.a), _short(one.b)))
                for one in detail.fields
                if one.path not in shown
            ]
            return tuple(span for change in changes for span in (*change, Span("  ")))
        case Change.TEXT:
            return _first_difference(detail)
        case Change.ONLY_A:
            return (Span(visible(detail.kind_a), "muted"),)
        case Change.ONLY_B:
            return (Span(visible(detail.kind_b), "muted"),)
        case _:
            return (Span(visible(" ".join(detail.text_a[:400].split())), "muted"),)


def _arrow(one: str, other: str) -> tuple[Span, ...]:
    return Span(visible(one), _ONLY_A), Span(" > "), Span(visible(other), _ONLY_B)


def _short(value: Raw | None) -> str:
    text = "–" if value is None else bytes(value).decode(errors="replace")
    return text if len(text) <= 60 else text[:59] + "…"


def _first_difference(detail: PairDetail) -> tuple[Span, ...]:
    piece = first_difference(detail.text_a, detail.text_b)
    return () if piece is None else _arrow(_one_line(piece.one), _one_line(piece.other))


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "–"


def _title(name: str, kind: str, layout: PairLayout) -> Line:
    rule = "─" if layout.glyphs.is_unicode else "-"
    shown = cut_cells(name, layout.side_width - 20, layout.glyphs.ellipsis)
    style = "ok" if kind == "succeeded" else "failed"
    kinds = (Span("  "), Span(visible(kind) or "no row", style))
    return Line((Span(f"{rule}{rule} "), Span(shown, "strong"), *kinds))


def _sides(block: DiffBlock, layout: PairLayout) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    mine = [(piece.one, "" if piece.is_same else _ONLY_A) for piece in block.pieces]
    theirs = [(piece.other, "" if piece.is_same else _ONLY_B) for piece in block.pieces]
    return tuple(_wrapped(mine, layout)), tuple(_wrapped(theirs, layout))


def _wrapped(runs: Sequence[StyledRun], layout: PairLayout) -> Iterator[Line]:
    row: list[StyledRun] = []
    is_open = False
    for text, style in runs:
        first, *others = text.replace("\t", "    ").split("\n")
        row.append((first, style))
        is_open = is_open or bool(first)
        for part in others:
            yield from wrap_runs(row, layout.side_width)
            row, is_open = [(part, style)], bool(part)
    if is_open:
        yield from wrap_runs(row, layout.side_width)


def _beside(
    left: tuple[Line, ...], right: tuple[Line, ...], layout: PairLayout
) -> tuple[Line, ...]:
    return beside(left, right, layout.side_width, GAP)


def _fields(fields: Sequence[FieldChange], layout: PairLayout) -> Iterator[Line]:
    path = min(max(cell_len(visible(one.path)) for one in fields) + 1, max(12, layout.width // 3))
    value_a = value_b = max(8, (layout.width - path - 2 * _BETWEEN) // 2)
    if layout.has_columns:
        # so that each value stands above the answer that it is of
        value_a, value_b = layout.side_width + GAP - path - 2 * _BETWEEN, layout.side_width
    placed = place_columns(
        (
            Column("path", "FIELD", path, gap=0),
            Column("a", layout.name_a, value_a, gap=_BETWEEN),
            Column("b", layout.name_b, value_b, gap=_BETWEEN),
        ),
        layout.width,
    )
    *titles, last = header_line(placed).left
    yield Line((*(Span(one.text, "muted") for one in titles), Span(last.text.rstrip(), "muted")))
    for one in fields:
        cells: dict[str, Cell] = {
            "path": Span(visible(one.path), "key"),
            "a": _value(one.a, _ONLY_A, value_a),
            "b": _value(one.b, _ONLY_B, value_b)[:1],
        }
        yield table_line(placed, cells)
    yield BLANK


def _value(value: Raw | None, style: str, width: int) -> tuple[Span, ...]:
    """Write a value as a cell; its style, which may underline, ends where the value does."""
    cell = fit(visible(_short(value)), width)
    text = cell.rstrip()
    return Span(text, style), Span(" " * (len(cell) - len(text)))
