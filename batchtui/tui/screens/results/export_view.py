"""From what was chosen to be written to the lines of the dialog. Pure."""

from collections.abc import Sequence

from rich.cells import cell_len

from batchtui.formatting import format_count
from batchtui.results.target import ExportFormat
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.results.export_plan import ExportChoice
from batchtui.tui.widgets.painting import fit
from batchtui.untrusted import visible

_NAMES: dict[ExportFormat, str] = {
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
_NAME_WIDTH = 9
_FRAME = 3
"""Cells around a choice: brackets or spaces, and the gap behind it."""
_LEAST = _FRAME + 3
"""Cells in which a choice can be told."""
_PREVIEW_LINES = 4
_WIDEST = 500
"""Characters of a line of a preview: more than a screen is wide."""


def choice_lines(choice: ExportChoice, width: int) -> tuple[Line, ...]:
    """Write what can be chosen, and what is, in lines of some cells."""
    plan, form = choice.plan, choice.form
    scopes = [f"{format_count(len(scope.rows))} {scope.name}" for scope in plan.scopes]
    formats = [_NAMES[one] for one in plan.formats]
    written = [_USUAL[form]]
    if choice.takes_fields:
        written.append(visible(" ".join(choice.chosen)))
    why_not = plan.why_not(form)
    if why_not:
        written = [why_not]
    partial = "The results are not whole: the file's name will say so."
    return (
        _choice_line("Rows", scopes, choice.scope, width),
        _choice_line("Format", formats, plan.formats.index(form), width),
        _choice_line("Fields", written, int(choice.has_fields), width),
        line((partial, "warning")) if plan.is_partial else BLANK,
    )


def preview_lines(text: str) -> tuple[Line, ...]:
    """Write the beginning of a file as it will be."""
    lines = text.split("\n")[:_PREVIEW_LINES]
    return tuple(line((visible(one.rstrip("\r"))[:_WIDEST], "muted")) for one in lines)


def _choice_line(name: str, choices: Sequence[str], chosen: int, width: int) -> Line:
    """Return one choice: what can be chosen side by side, the chosen one so that all can see it.

    Where there is no room for all, those before it go first, then the end of what is too long.
    """
    room = width - _NAME_WIDTH
    cells = [cell_len(choice) + _FRAME for choice in choices]
    fitting = (at for at in range(chosen) if sum(cells[at : chosen + 1]) + 2 * bool(at) <= room)
    first = next(fitting, chosen)
    spans = [Span(f"{name:<{_NAME_WIDTH}}", "muted")]
    if first:
        spans.append(Span("… ", "muted"))
        room -= 2
    for place, choice in enumerate(choices[first:], first):
        if room < _LEAST:
            break
        text = choice if cells[place] <= room else fit(choice, room - _FRAME)
        is_chosen = place == chosen
        look = ("[", "]", "accent strong") if is_chosen else (" ", " ", "muted")
        spans += (Span(f"{look[0]}{text}{look[1]}", look[2]), Span(" "))
        room -= cells[place]
    return Line(tuple(spans))
