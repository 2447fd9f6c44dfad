"""From groups of rows to the lines of the screen that chooses what goes again. Pure."""

from collections.abc import Iterator

from msgspec import Struct, field

from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import SourceFile
from batchtui.submission.params import written
from batchtui.submission.retry import Changes
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.submission.retry_groups import RetryGroup, Worth
from batchtui.tui.screens.submission.words import home_short, paragraph
from batchtui.tui.widgets.columns import Cell, Column, header_line, place_columns, table_line
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_COLUMNS = (
    Column("mark", "", 3, gap=0),
    Column("rows", "ROWS", 7, align="right", gap=1),
    Column("name", "WHY", 22, gap=2),
    Column("message", "", 8, grows=True, rank=2),
    Column("worth", "WORTH SENDING AGAIN", 29, rank=1),
)
_STYLES = {
    Worth.YES: "ok",
    Worth.LARGER: "warning",
    Worth.ACCOUNT: "warning",
    Worth.LOOK: "warning",
    Worth.CHANGED: "failed",
    Worth.ANSWERED: "muted",
}


class RetryView(Struct, frozen=True):
    """What is being chosen."""

    name: str
    """Of the batch; safe to show."""
    groups: tuple[RetryGroup, ...]
    """What may go again."""
    source: SourceFile
    """The file the requests are taken from."""
    chosen: frozenset[int] = frozenset()
    """The places of the groups that will."""
    changes: Changes = field(default_factory=Changes)
    """What is changed in every request."""
    before: tuple[str, ...] = ()
    """The names of the batches that sent rows of this one again before; safe to show."""
    what: str = ""
    """What the rows were chosen from, where that is not the whole batch; untrusted text."""

    @property
    def taken(self) -> tuple[RetryGroup, ...]:
        """The groups that will go."""
        return tuple(self.groups[place] for place in sorted(self.chosen))

    @property
    def rows(self) -> int:
        """How many rows will go."""
        return sum(len(group.rows) for group in self.taken)

    @property
    def lacks_max_tokens(self) -> bool:
        """Whether answers that were cut would be cut again."""
        cut = any(group.worth is Worth.LARGER for group in self.taken)
        return cut and "max_tokens" not in self.changes.set

    @property
    def unchanged(self) -> int:
        """How many rows will most likely fail again, nothing being changed."""
        if not self.changes.is_empty:
            return 0
        return sum(len(group.rows) for group in self.taken if group.worth is Worth.CHANGED)

    @property
    def left_to_later(self) -> int:
        """How many rows stay behind that a later try has."""
        return sum(
            len(group.rows)
            for place, group in enumerate(self.groups)
            if group.later and place not in self.chosen
        )


def worth_choosing(groups: tuple[RetryGroup, ...]) -> frozenset[int]:
    """The places of the groups that are worth it as they are, and that no later try has."""
    return frozenset(
        place for place, group in enumerate(groups) if group.worth is Worth.YES and not group.later
    )


def not_sent_later(groups: tuple[RetryGroup, ...]) -> frozenset[int]:
    """The places of the groups that no later try has."""
    return frozenset(place for place, group in enumerate(groups) if not group.later)


def retry_heading(width: int) -> Line:
    """The titles of the columns."""
    return header_line(place_columns(_COLUMNS, width))


def retry_group_line(group: RetryGroup, width: int, *, is_chosen: bool) -> Line:
    """Paint one group ``width`` cells wide."""
    cells: dict[str, Cell] = {
        "mark": Span("[x]", "accent") if is_chosen else Span("[ ]", "muted"),
        "rows": Span(format_count(len(group.rows)), "strong" if is_chosen else ""),
        "name": visible(group.name),
        "message": Span(visible(group.message), "muted"),
        "worth": Span(group.later, "muted")
        if group.later
        else Span(group.worth.value, _STYLES[group.worth]),
    }
    return table_line(place_columns(_COLUMNS, width), cells)


def advice_lines(group: RetryGroup, width: int) -> tuple[Line, ...]:
    """Say what to do about a group."""
    first = [line((visible(group.message), "strong"))] if group.message else []
    return (*first, *paragraph(visible(group.advice), width))


def retry_summary(view: RetryView, glyphs: Glyphs, change: str, width: int) -> tuple[Line, ...]:
    """Say what will go, changed how, taken from where.

    Args:
        view: What is being chosen.
        glyphs: The signs to draw with.
        change: The key that changes params.
        width: Cells that a line may have.
    """
    return tuple(_summary(view, glyphs, change, width))


def _summary(view: RetryView, glyphs: Glyphs, change: str, width: int) -> Iterator[Line]:
    total = sum(len(group.rows) for group in view.groups)
    will = (f"{format_count(view.rows)} of {plural(total, 'row')} will go", "strong")
    yield line(will, *_caveat(view, change))
    changes = visible(written(view.changes))
    changed = (cut_cells(changes, max(8, width - 10), glyphs.ellipsis), "accent")
    yield line(
        ("Changes   ", "muted"), changed if changes else (f"none: {change} changes params", "muted")
    )
    path = home_short(view.source.path)
    yield line(("Source    ", "muted"), cut_cells(path, max(8, width - 10), glyphs.ellipsis))
    if view.before:
        yield line(("Before    ", "muted"), (f"sent again as {', '.join(view.before)}", "warning"))


def _caveat(view: RetryView, change: str) -> tuple[tuple[str, str], ...]:
    if view.lacks_max_tokens:
        return ((f"   a larger max_tokens is needed: press {change}", "problem"),)
    if view.unchanged:
        words = f"   {format_count(view.unchanged)} of them fail again unless something changes"
        return ((words, "warning"),)
    if view.left_to_later:
        return ((f"   {format_count(view.left_to_later)} are left to a later try", "muted"),)
    return ()
