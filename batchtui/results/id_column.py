"""The custom ids of a results file: one text for all of them, and where each ends in it.

A million ids are two columns then, as quickly copied, kept and searched as numbers.
"""

import itertools
from array import array
from bisect import bisect_right

MAX_ID = 256
"""Characters of a custom id that are kept; the API allows 64."""


class IdColumn:
    """A custom id for each row, in the order of the file; "" where there is none.

    Attributes:
        data: All ids, one behind the other, in UTF-8.
        ends: Where each of them ends, in bytes; a 0 before them.

    Args:
        data: As kept, or nothing yet.
        ends: The same.
    """

    def __init__(self, data: "array[int] | None" = None, ends: "array[int] | None" = None) -> None:
        self.data = array("B") if data is None else data
        self.ends = array("Q", [0]) if ends is None else ends

    def at(self, row: int) -> str:
        """Return the id of one row, which there must be."""
        ends = self.ends
        return self.data[ends[row] : ends[row + 1]].tobytes().decode(errors="surrogatepass")

    def between(self, start: int, stop: int) -> list[str]:
        """Return the ids of rows from ``start`` up to ``stop``, faster than one by one."""
        if start >= stop:
            return []
        ends = self.ends[start : stop + 1]
        first = ends[0]
        data = self.data[first : ends[-1]].tobytes()
        pairs = itertools.pairwise(ends)
        if data.isascii():
            text = data.decode("ascii")
            return [text[begin - first : end - first] for begin, end in pairs]
        return [
            data[begin - first : end - first].decode(errors="surrogatepass") for begin, end in pairs
        ]

    def rows_holding(self, text: str, start: int, stop: int) -> list[int] | None:
        """Return those of some rows whose id holds a text, case ignored.

        Looks at all ids at once: a hundred times faster than at each.

        Args:
            text: ASCII, in lower case; not empty.
            start: The first row.
            stop: The row behind the last one.

        Returns:
            None where ids, or the text, are not ASCII: only looking at each of them can tell.
        """
        ends = self.ends
        first = ends[start]
        data = self.data[first : ends[stop]].tobytes()
        if not (data.isascii() and text.isascii()):
            return None
        data, needle = data.lower(), text.encode()
        rows: list[int] = []
        place = data.find(needle)
        while place >= 0:
            row = bisect_right(ends, first + place, start, stop) - 1
            if first + place + len(needle) <= ends[row + 1]:
                rows.append(row)
                place = data.find(needle, ends[row + 1] - first)
            else:  # it goes over the end of one id into the next
                place = data.find(needle, place + 1)
        return rows

    def extend(self, ids: list[str]) -> None:
        """Take in the ids of further rows, each cut at `MAX_ID` characters."""
        end = self.ends[-1]
        if max(map(len, ids)) > MAX_ID:
            ids = [name[:MAX_ID] for name in ids]
        joined = "".join(ids)
        if joined.isascii():
            self.data.frombytes(joined.encode("ascii"))
            sizes = [len(text) for text in ids]
        else:
            parts = [text.encode(errors="surrogatepass") for text in ids]
            self.data.frombytes(b"".join(parts))
            sizes = [len(part) for part in parts]
        ends = array("Q")
        for size in sizes:
            end += size
            ends.append(end)
        self.ends.extend(ends)
