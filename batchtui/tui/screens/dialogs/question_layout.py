"""Fitting the words of a question into its box: nothing that matters is cut. Pure."""

from collections.abc import Iterable

from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.reader_wrapping import cells_of, wrap_runs


def wrap_lines(lines: Iterable[Line], width: int) -> tuple[Line, ...]:
    """Break the lines that are too long; those with a part flush right stay as they are.

    Args:
        lines: What is to be read.
        width: Cells of a line.
    """
    wrapped: list[Line] = []
    for one in lines:
        if one.right or cells_of(one.left) <= width:
            wrapped.append(one)
        else:
            runs = [(span.text, span.style) for span in one.left]
            wrapped += (Line(spans) for spans in wrap_runs(runs, width))
    return tuple(wrapped)


def wrap_keys(keys: Line, width: int) -> tuple[Line, ...]:
    """Put the keys on as many lines as they need; a key and its words stay together.

    Args:
        keys: The keys, each followed by what it does, and perhaps words before the first.
        width: Cells of a line.
    """
    rows: list[list[Span]] = []
    for group in _groups(keys.left):
        if rows and cells_of(rows[-1]) + len(_text(group).rstrip()) <= width:
            rows[-1] += group
        else:
            rows.append(group)
    return tuple(Line((*row[:-1], _stripped(row[-1]))) for row in rows)


def _stripped(span: Span) -> Span:
    """A span without the gap at its end, which would count as text that does not fit."""
    return Span(span.text.rstrip(), span.style, span.action)


def _groups(spans: Iterable[Span]) -> list[list[Span]]:
    """Cut before each key."""
    groups: list[list[Span]] = []
    for span in spans:
        if span.style == "key" or not groups:
            groups.append([])
        groups[-1].append(span)
    return groups


def _text(spans: Iterable[Span]) -> str:
    return "".join(span.text for span in spans)
