"""From what was chosen to be written to the lines of the dialog. Pure."""

from collections.abc import Sequence

from batchtui.formatting import format_count
from batchtui.results.target import ExportFormat
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.results.export_plan import ExportChoice
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
_PREVIEW_LINES = 4
_WIDEST = 500
"""Characters of a line of a preview: more than a screen is wide."""


def choice_lines(choice: ExportChoice) -> tuple[Line, ...]:
    """Write what can be chosen, and what is."""
    plan, form = choice.plan, choice.form
    scopes = [f"{format_count(len(scope.rows))} {scope.name}" for scope in plan.scopes]
    written = [_USUAL[form]]
    if choice.takes_fields:
        written.append(visible(" ".join(choice.chosen)))
    why_not = plan.why_not(form)
    if why_not:
        written = [why_not]
    partial = "The results are not whole: the file's name will say so."
    return (
        _choice_line("Rows", scopes, choice.scope),
        _choice_line("Format", [_NAMES[one] for one in plan.formats], plan.formats.index(form)),
        _choice_line("Fields", written, int(choice.has_fields)),
        line((partial, "warning")) if plan.is_partial else BLANK,
    )


def preview_lines(text: str) -> tuple[Line, ...]:
    """Write the beginning of a file as it will be."""
    lines = text.split("\n")[:_PREVIEW_LINES]
    return tuple(line((visible(one.rstrip("\r"))[:_WIDEST], "muted")) for one in lines)


def _choice_line(name: str, choices: Sequence[str], chosen: int) -> Line:
    """One choice: what can be chosen beside each other, the chosen one so that all can see it."""
    spans = [Span(f"{name:<9}", "muted")]
    for place, choice in enumerate(choices):
        is_chosen = place == chosen
        text = f"[{choice}]" if is_chosen else f" {choice} "
        spans.append(Span(text, "accent strong" if is_chosen else "muted"))
        spans.append(Span(" "))
    return Line(tuple(spans))
