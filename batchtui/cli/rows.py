"""Batches as the rows of a table."""

from collections.abc import Sequence

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import ResultsPlace, age_of, results_availability
from batchtui.batches.rules import state_of
from batchtui.cli.fields import LocalFacts
from batchtui.cli.output import Output
from batchtui.cli.table import TextColumn, natural_width
from batchtui.formatting import format_age, format_count
from batchtui.tui.glyphs import Glyphs
from batchtui.untrusted import visible

_COLUMNS = (
    TextColumn("ID"),
    TextColumn("STATE"),
    TextColumn("AGE", is_number=True),
    TextColumn("REQUESTS", is_number=True),
    TextColumn("RESULTS"),
    TextColumn("LABEL", can_shrink=True),
)
_LABEL = 20
"""Cells a label is left with, before whole columns go."""
_EXPENDABLE = ("RESULTS", "REQUESTS", "AGE")
"""The columns that go first where the terminal is narrow, in this order."""


def batch_table(
    batches: Sequence[MessageBatch], known: LocalFacts, out: Output
) -> tuple[list[TextColumn], list[list[str]]]:
    """Make a table of batches: columns that fit the terminal, and rows that are safe to show."""
    columns = list(_COLUMNS)
    rows = [_row(batch, known, out.glyphs) for batch in batches]
    for title in _EXPENDABLE:
        cut = [[*row[:-1], row[-1][:_LABEL]] for row in rows]
        if natural_width(columns, cut) <= out.width:
            break
        place = next(place for place, column in enumerate(columns) if column.title == title)
        del columns[place]
        for row in rows:
            del row[place]
    return columns, rows


def _row(batch: MessageBatch, known: LocalFacts, glyphs: Glyphs) -> list[str]:
    age = age_of(batch, known.now)
    return [
        visible(batch.id),
        state_text(batch, glyphs),
        glyphs.dash if age is None else format_age(age),
        format_count(batch.request_counts.total),
        results_text(batch, known, glyphs),
        visible(known.labels.get(batch.id, "")),
    ]


def state_text(batch: MessageBatch, glyphs: Glyphs) -> str:
    """Sign and word of a batch's state."""
    state = state_of(batch)
    return f"{glyphs.state(state)} {state.word}"


def results_text(batch: MessageBatch, known: LocalFacts, glyphs: Glyphs) -> str:
    """Return where its results are, in a word or two."""
    found = results_availability(batch, known.now, is_here=batch.id in known.stored)
    match found.place:
        case ResultsPlace.HERE:
            return "here"
        case ResultsPlace.GONE:
            return "gone"
        case ResultsPlace.AVAILABLE | ResultsPlace.UNTIL if found.left is not None:
            mark = "!" if found.is_about_to_be_lost else ""
            return f"{format_age(found.left)} left{mark}"
        case ResultsPlace.AVAILABLE | ResultsPlace.UNTIL:
            return "on server"
        case _:
            return glyphs.dash
