"""Some lines of a results file, decoded: all at once where they are as they should be."""

import operator
from array import array
from dataclasses import dataclass

from batchtui.results.index import ODD_LINE
from batchtui.results.json_text import NOT_JSON
from batchtui.results.result_line import (
    ResultLine,
    UnreadableLineError,
    decode,
    decode_lines,
    read_carefully,
)

_CR = 13
_OPEN = 123
_CLOSE = 125


@dataclass(slots=True)
class DecodedLines:
    """The non-blank lines of a slice; the columns are of equal length."""

    rows: list[ResultLine]
    offsets: "array[int]"
    """In the file."""
    lengths: "array[int]"
    """Without line endings."""
    flags: bytearray
    """`ODD_LINE` where the careful way was needed."""
    reasons: dict[int, str]
    """Why a row is unreadable, by its place in `rows`."""


def line_ends(data: bytes, start: int, stop: int) -> list[int]:
    """Return where the lines from ``start`` to ``stop`` end.

    That is at their line feeds, and for a last line without one at ``stop``.
    """
    find = data.find
    ends: list[int] = []
    place = find(b"\n", start, stop)
    while place >= 0:
        ends.append(place)
        place = find(b"\n", place + 1, stop)
    if (ends[-1] + 1 if ends else start) < stop:
        ends.append(stop)
    return ends


def decode_slice(data: bytes, start: int, ends: list[int], offset: int) -> DecodedLines:
    """Decode lines.

    Args:
        data: Holds the lines.
        start: Where the first of them starts in ``data``.
        ends: Where each of them ends in ``data``.
        offset: Where ``data`` starts in the file.
    """
    rows = decode_at_once(data, start, ends)
    if rows is None:
        return decode_one_by_one(data[start : ends[-1]], offset + start)
    starts = [start, *[end + 1 for end in ends]]
    starts.pop()
    return DecodedLines(
        rows=rows,
        offsets=array("Q", [offset + place for place in starts] if offset else starts),
        lengths=array("I", map(operator.sub, ends, starts)),
        flags=bytearray(len(rows)),
        reasons={},
    )


def decode_at_once(data: bytes, start: int, ends: list[int]) -> list[ResultLine] | None:
    """Return what `decode_one_by_one` would, in one call; None if that has to look at the lines.

    The decoder takes JSON values wherever they end. Where it finds as many as there are lines, and
    every line begins with ``{`` and ends with ``}``, there is exactly one in each line: a value
    that went on over a line end would hold ``}`` and ``{`` next to each other, which no JSON does,
    and a line feed within a string is refused.
    """
    try:
        rows = decode_lines(memoryview(data)[start : ends[-1]])
    except NOT_JSON:
        return None
    if len(rows) != len(ends) or data[start] != _OPEN:
        return None
    if {data[end - 1] for end in ends} != {_CLOSE}:
        return None
    if len(ends) > 1 and {data[end + 1] for end in ends[:-1]} != {_OPEN}:
        return None
    return rows


def decode_one_by_one(data: bytes, offset: int) -> DecodedLines:
    """Decode lines, whatever they hold.

    Args:
        data: The lines.
        offset: Where the first of them starts in the file.
    """
    found = DecodedLines([], array("Q"), array("I"), bytearray(), {})
    for line in data.split(b"\n"):
        if line and not line.isspace():
            found.rows.append(_decode_line(line, found))
            found.offsets.append(offset)
            found.lengths.append(len(line) - (line[-1] == _CR))
        offset += len(line) + 1
    return found


def _decode_line(line: bytes, found: DecodedLines) -> ResultLine:
    try:
        row = decode(line)
    except NOT_JSON:
        found.flags.append(ODD_LINE)
    else:
        found.flags.append(0)
        return row
    try:
        return read_carefully(line)
    except UnreadableLineError as error:
        found.reasons[len(found.rows)] = str(error)
        return ResultLine()
