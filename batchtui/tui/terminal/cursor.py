"""The shortest ways of the cursor.

Only sequences are used that every terminal since the VT220, the Linux console, tmux and screen
understand alike.
"""

from functools import lru_cache

NOWHERE = -1
"""A row or a column that is not known."""


@lru_cache(maxsize=8192)
def way(from_row: int, from_column: int, row: int, column: int) -> str:
    """Return the shortest way of the cursor from one cell to another.

    Args:
        from_row: Where it is; ``NOWHERE`` where that is not known.
        from_column: Where it is in that row; ``NOWHERE`` where that is not known.
        row: Where it shall be.
        column: Where it shall be.
    """
    column_part = f";{column + 1}" if column else ""
    address = f"\x1b[{row + 1}{column_part}H" if row or column else "\x1b[H"
    if from_row == NOWHERE:
        return address
    return min(_way_to_row(from_row, row) + way_in_row(from_column, column), address, key=len)


@lru_cache(maxsize=1024)
def _way_to_row(from_row: int, row: int) -> str:
    """Return the shortest way straight up or down."""
    up = from_row - row
    if up > 0:
        return min(f"\x1b[{row + 1}d", _step(up, "A"), key=len)
    # Not line feeds: the line discipline adds a return to each.
    return min("\v" * -up, f"\x1b[{row + 1}d", _step(-up, "B"), key=len)


@lru_cache(maxsize=8192)
def way_in_row(from_column: int, column: int) -> str:
    """Return the shortest way to the left or the right.

    Args:
        from_column: Where it is; ``NOWHERE`` where that is not known.
        column: Where it shall be.
    """
    if column == from_column:
        return ""
    if column == 0:
        return "\r"
    ways = [f"\x1b[{column + 1}G"]
    if from_column != NOWHERE and column > from_column:
        ways.append(_step(column - from_column, "C"))
    elif from_column != NOWHERE:
        ways += (_step(from_column - column, "D"), "\b" * (from_column - column))
    return min(ways, key=len)


def _step(count: int, letter: str) -> str:
    return f"\x1b[{count if count > 1 else ''}{letter}"
