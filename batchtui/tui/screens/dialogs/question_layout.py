"""Fitting the words of a question into its box: nothing that matters is cut. Pure."""

from collections.abc import Iterable, Mapping

from textual.binding import Binding, BindingType

from batchtui.tui.commands.command import key_name
from batchtui.tui.lines import Line, Span
from batchtui.tui.widgets.reader_wrapping import cells_of, wrap_lines, wrap_runs

_INDENT = 4
"""Cells before what goes on where its own column begins too far at the right."""
_ENDS = {"enter": -1, "escape": 1}
"""Enter stands before all other keys, Esc behind them."""


def hang_lines(lines: Iterable[Line], width: int) -> tuple[Line, ...]:
    """Break lines that are too long; what goes on stands below the last part of its line.

    Where that begins too far at the right, it is indented a little only.

    Args:
        lines: What is to be read.
        width: Cells of a line.
    """
    wrapped: list[Line] = []
    for one in lines:
        column = cells_of(one.left[:-1])
        if one.right or cells_of(one.left) <= width or not column:
            wrapped += wrap_lines((one,), width)
            continue
        *names, text = one.left
        first, indent = tuple(names), (Span(" " * column),)
        if column > width // 2:
            wrapped += wrap_lines((Line(first),), width)
            first = indent = (Span(" " * _INDENT),)
        wrapped += wrap_runs([(text.text, text.style)], width, first, indent)
    return tuple(wrapped)


def key_line(bindings: Iterable[BindingType], words: Mapping[str, str] | None = None) -> Line:
    """Write the keys of a question with what they do; they can be clicked.

    Of a binding its first key is named, and of bindings that do the same all stand together.

    Args:
        bindings: The keys; those that are not to be shown are left out.
        words: What is said of an action in place of what its binding says.
    """
    shown = [one for one in bindings if isinstance(one, Binding) and one.show]
    groups: dict[str, list[Binding]] = {}
    for one in sorted(shown, key=lambda one: _ENDS.get(_first_key(one), 0)):
        text = (words or {}).get(one.action, one.description)
        groups.setdefault(text, []).append(one)
    spans: list[Span] = []
    for text, members in groups.items():
        action = f"screen.{members[-1].action}"
        names = " ".join(key_name(_first_key(one)) for one in members)
        spans += (Span(names, "key", action), Span(f" {text}", "", action), Span("    "))
    return Line(tuple(spans[:-1]))


def _first_key(binding: Binding) -> str:
    return binding.key.partition(",")[0]


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
    """Return a span without the gap at its end, which would count as text that does not fit."""
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
