"""A table of measurements on stdout: what was measured, against what, and what was promised."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    work: str
    """What was done."""
    ours: str
    """What it took here, with its unit."""
    other: str = ""
    """What it is compared with, with its name; "" if nothing."""
    ratio: str = ""
    """How they compare, such as ``7.1×``; "" if not at all."""
    target: str = ""
    """What was promised; "" if nothing."""
    holds: bool | None = None
    """Whether the promise holds; None if nothing was promised."""


_HEADINGS = ("work", "here", "against", "ratio", "promised", "")


def print_table(title: str, rows: Iterable[Row]) -> bool:
    """Print the rows under a title.

    Returns:
        Whether every promise holds.
    """
    rows = list(rows)
    cells = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADINGS))]
    print(f"\n{title}\n")
    for line in cells:
        print(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        )
    return all(row.holds is not False for row in rows)


def _cells(row: Row) -> tuple[str, ...]:
    verdict = {True: "yes", False: "NO", None: ""}[row.holds]
    return (row.work, row.ours, row.other, row.ratio, row.target, verdict)
