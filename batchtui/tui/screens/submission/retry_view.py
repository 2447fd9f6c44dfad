"""From groups of rows to the lines of the screen that chooses what goes again. Pure."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, field
from rich.cells import cell_len

from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import SourceFile
from batchtui.submission.params import written
from batchtui.submission.retry import Changes
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.submission.retry_groups import RetryGroup, Worth
from batchtui.tui.screens.submission.words import home_short, paragraph
from batchtui.tui.widgets.columns import Cell, Column, PlacedColumn, place_columns, table_line
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_NAME, _WORTH = 22, 29
"""Cells of the reason in a word or two, and of whether rows are worth it, at most."""
_MESSAGE, _LEAST_MESSAGE = 40, 8
"""Cells of a long message: what it should have, and has at least where it is shown."""
_BRIEF = {
    Worth.LARGER: "larger max_tokens",
    Worth.ACCOUNT: "account first",
    Worth.LOOK: "look first",
    Worth.CHANGED: "changed only",
    Worth.ANSWERED: "has its answer",
}
"""What is said where the message would have no room."""
_STYLES = {
    Worth.YES: "ok",
    Worth.LARGER: "warning",
    Worth.ACCOUNT: "warning",
    Worth.LOOK: "warning",
    Worth.CHANGED: "failed",
    Worth.ANSWERED: "muted",
}


class RetryState(Struct, frozen=True):
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
    """Return the places of the groups that are worth it as they are, and that no later try has."""
    return frozenset(
        place for place, group in enumerate(groups) if group.worth is Worth.YES and not group.later
    )


def not_sent_later(groups: tuple[RetryGroup, ...]) -> frozenset[int]:
    """Return the places of the groups that no later try has."""
    return frozenset(place for place, group in enumerate(groups) if not group.later)


class RetryColumns(Struct, frozen=True):
    """The columns of the list, none wider than what is in it: the message needs the room."""

    placed: tuple[PlacedColumn, ...]
    """Where they are."""
    is_brief: bool = False
    """Whether few words say what rows are worth."""


def retry_columns(groups: Sequence[RetryGroup], width: int) -> RetryColumns:
    """Place the columns in ``width`` cells."""
    columns = _columns(groups, width, is_brief=False)
    room = next((one.width for one in columns.placed if one.column.grows), 0)
    longest = max((cell_len(visible(group.message)) for group in groups), default=0)
    return columns if room >= min(longest, _MESSAGE) else _columns(groups, width, is_brief=True)


def _columns(groups: Sequence[RetryGroup], width: int, *, is_brief: bool) -> RetryColumns:
    names = [cell_len(visible(group.name)) for group in groups]
    title = "WORTH IT" if is_brief else "WORTH SENDING AGAIN"
    worths = [cell_len(_worth(group, is_brief=is_brief).text) for group in groups]
    columns = (
        Column("mark", "", 3, gap=0),
        Column("rows", "ROWS", 7, align="right", gap=1),
        Column("name", "WHY", min(_NAME, max(names, default=_NAME))),
        Column("message", "", _LEAST_MESSAGE, grows=True, rank=2),
        Column("worth", title, max(len(title), min(_WORTH, max(worths, default=0))), rank=1),
    )
    return RetryColumns(place_columns(columns, width), is_brief)


def _worth(group: RetryGroup, *, is_brief: bool) -> Span:
    if group.later:
        return Span(group.later, "muted")
    brief = _BRIEF.get(group.worth) if is_brief else None
    return Span(brief or group.worth.value, _STYLES[group.worth])


def retry_group_line(group: RetryGroup, columns: RetryColumns, *, is_chosen: bool) -> Line:
    """Paint one group in its columns."""
    cells: dict[str, Cell] = {
        "mark": Span("[x]", "accent") if is_chosen else Span("[ ]", "muted"),
        "rows": Span(format_count(len(group.rows)), "strong" if is_chosen else ""),
        "name": visible(group.name),
        "message": Span(visible(group.message), "muted"),
        "worth": _worth(group, is_brief=columns.is_brief),
    }
    return table_line(columns.placed, cells)


def advice_lines(group: RetryGroup, width: int) -> tuple[Line, ...]:
    """Say what to do about a group."""
    first = [line((visible(group.message), "strong"))] if group.message else []
    return (*first, *paragraph(visible(group.advice), width))


def retry_summary(state: RetryState, glyphs: Glyphs, change: str, width: int) -> Iterator[Line]:
    """Say what will go, changed how, taken from where.

    Args:
        state: What is being chosen.
        glyphs: The signs to draw with.
        change: The key that changes params.
        width: Cells that a line may have.
    """
    total = sum(len(group.rows) for group in state.groups)
    will = (f"{format_count(state.rows)} of {plural(total, 'row')} will go", "strong")
    yield line(will, *_caveat(state, change))
    changes = visible(written(state.changes))
    changed = (cut_cells(changes, max(8, width - 10), glyphs.ellipsis), "accent")
    yield line(
        ("Changes   ", "muted"), changed if changes else (f"none: {change} changes params", "muted")
    )
    path = home_short(state.source.path)
    yield line(("Source    ", "muted"), cut_cells(path, max(8, width - 10), glyphs.ellipsis))
    if state.before:
        yield line(("Before    ", "muted"), (f"sent again as {', '.join(state.before)}", "warning"))


def _caveat(state: RetryState, change: str) -> tuple[tuple[str, str], ...]:
    if state.lacks_max_tokens:
        return ((f"   a larger max_tokens is needed: press {change}", "problem"),)
    if state.unchanged:
        words = f"   {format_count(state.unchanged)} of them fail again unless something changes"
        return ((words, "warning"),)
    if state.left_to_later:
        return ((f"   {format_count(state.left_to_later)} are left to a later try", "muted"),)
    return ()
