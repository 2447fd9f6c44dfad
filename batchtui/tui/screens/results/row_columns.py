"""Which columns the table of results has in a width, and how wide each is."""

from collections.abc import Sequence
from itertools import takewhile

from msgspec import Struct
from msgspec.structs import replace
from rich.cells import cell_len

from batchtui.results.index import ResultsIndex
from batchtui.tui.widgets.columns import Column, PlacedColumn, cells_of_columns, place_columns
from batchtui.untrusted import visible

_LONGEST_VERDICT, _SHORT_VERDICT = 10, 4
"""Cells that a verdict gets at most, and where there is little room."""
_ROOMY = 50
"""Cells of a row from which a verdict is written out."""
_ID = 24
"""Cells that an id gets at most before the columns beside it get theirs."""
_LEAST_ID = 18
"""Cells below which no id goes for the sake of the other columns."""
_REASON = 23
"""Cells that a reason gets at most."""
_MARK = Column("mark", "", 1, gap=0)
_INPUT = Column("in", "IN", 7, "right", rank=4)
_OUTPUT = Column("out", "OUT", 7, "right", rank=3)
_MODEL = Column("model", "MODEL", 18, rank=5, cuts_middle=True)
_ANSWER = Column("answer", "ANSWER", 20, grows=True)
_GOOD_ANSWER = 28
"""Cells that an answer gets before there are columns of numbers."""
LEAST_FIELD, _GOOD_FIELD = 6, 10
"""Cells below which a field says nothing, and those that each but the first one should have."""
_SAMPLE = 300
"""Rows that tell how wide ids and reasons are."""


class Needed(Struct, frozen=True):
    """Cells that columns need for what they hold."""

    name: int = 14
    """For the ids."""
    reason: int = 21
    """For stop reasons and types of errors, as `short_reason` writes them."""
    verdict: int = 0
    """For what a person judged; 0 without any verdict."""
    shared: int = 0
    """Characters with which all ids begin."""

    @staticmethod
    def by(index: ResultsIndex) -> "Needed":
        """Return how wide ids and reasons are, going by the first rows, and the verdicts."""
        ids = index.custom_ids(0, _SAMPLE)
        stops = [index.stop_names[one] for one in set(index.stop_reasons[:_SAMPLE])]
        causes = [index.cause_list[one].type for one in set(index.causes[:_SAMPLE])]
        reasons = [*stops, *causes, "succeeded"]
        verdicts = max((cell_len(one.verdict) for one in index.reviews.values()), default=0)
        return Needed(
            max((cell_len(visible(one)) for one in ids), default=0),
            max(cell_len(visible(short_reason(one))) for one in reasons),
            verdicts,
            shared=_count_shared(ids),
        )


def _count_shared(texts: Sequence[str]) -> int:
    """Count the characters with which all texts begin."""
    pairs = zip(min(texts, default=""), max(texts, default=""), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def short_reason(why: str) -> str:
    """Return a reason without the ending that types of errors share; the sign before it says it."""
    return why.removesuffix("_error") or why


def verdict_column(longest: int, room: int) -> Column:
    """Return the column of verdicts, as narrow as it can be.

    Args:
        longest: Cells of the longest of them.
        room: Cells of a row.
    """
    title, most = ("REVIEW", _LONGEST_VERDICT) if room >= _ROOMY else ("REV", _SHORT_VERDICT)
    return Column("review", title, min(max(longest, len(title)), most), rank=2)


def choose_columns(
    width: int,
    row_width: int,
    needed: Needed,
    *,
    has_models: bool,
    fields: Sequence[Column] = (),
    sorted_by: str = "",
) -> tuple[PlacedColumn, ...]:
    """Choose the columns for a width, and their widths.

    An id and a reason that can be read are worth more than anything else, then come verdicts where
    there are any, the fields that the user chose, the beginning of the answer, all of a long id,
    and last the columns of numbers.

    Args:
        width: Cells for a row.
        row_width: Cells that the number of the last row needs.
        needed: Cells that other columns need for what they hold.
        has_models: Whether more than one model answered.
        fields: Columns that the user chose, in their order.
        sorted_by: The field that the rows are sorted by, which is shown where there is room.
    """
    offered = [_OUTPUT, _INPUT, *([_MODEL] if has_models else [])]
    sorting = [one for one in offered if one.key == sorted_by]
    fields = [*fields, *(one for one in sorting if one not in fields)]
    is_chosen = any(one.key == "review" for one in fields)
    verdict = [verdict_column(needed.verdict, width)] if needed.verdict and not is_chosen else []
    taken = row_width + cells_of_columns(verdict)
    reason, name, room = _share(width - taken, needed, least=LEAST_FIELD if fields else 0)
    shown = fit_columns(fields, room)
    room -= cells_of_columns(shown)
    answer: list[Column] = []
    keys = {one.key for one in shown}
    if "answer" not in keys and room >= _ANSWER.width + _ANSWER.gap:
        answer, room = [_ANSWER], room - _GOOD_ANSWER - _ANSWER.gap
    more = max(0, min(needed.name - name, room))
    name, room = name + more, room - more
    numbers: list[Column] = []
    for column in offered:
        if column.key in keys or column.width + column.gap > room:
            continue
        numbers.insert(0, column)
        room -= column.width + column.gap
    first = [
        _MARK,
        Column("row", "ROW", row_width, "right", rank=1, gap=1),
        Column("id", "CUSTOM_ID", name, grows=not answer, cuts_middle=True, shared=needed.shared),
        Column("reason", "RESULT", reason),
    ]
    return place_columns([*first, *verdict, *shown, *numbers, *answer], width)


def _share(room: int, needed: Needed, *, least: int) -> tuple[int, int, int]:
    """Return the widths of the reason and of the id, and the room that they leave.

    Args:
        room: Cells behind the number of the row.
        needed: Cells that they need for what they hold.
        least: Cells that are not theirs to take.
    """
    reason = max(8, min(needed.reason + 2, _REASON, room - _LEAST_ID - 8 - least))
    left = room - reason - 6 - least
    least_id = max(9, min(left, _LEAST_ID), left - _ANSWER.width - _ANSWER.gap)
    name = max(9, min(needed.name, _ID, least_id))
    return reason, name, left - name + least


def fit_columns(columns: Sequence[Column], room: int) -> list[Column]:
    """Return the first columns that fit, each as wide as it wants or as all of them can be."""
    fitting: list[Column] = []
    for column in columns:
        least = min(column.width, _GOOD_FIELD if fitting else LEAST_FIELD)
        if least + column.gap > room:
            break
        fitting.append(replace(column, width=least))
        room -= least + column.gap
    for place, (given, wanted) in enumerate(zip(fitting, columns, strict=False)):
        more = min(room, wanted.width - given.width)
        fitting[place] = replace(given, width=given.width + more)
        room -= more
    return fitting
