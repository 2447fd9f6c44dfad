"""Finds what occurs more than once in a request file: ids, and what is asked.

While the file is read, only hashes are kept. They are compared afterwards, one column after the
other, and the few requests that are listed are read once more for their ids.
"""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from batchtui.request_line import custom_id_of
from batchtui.submission.errors import SourceError
from batchtui.submission.index import RequestIndex
from batchtui.submission.problems import LISTED_PER_KIND, FileProblem, ProblemKind, ProblemLog
from batchtui.submission.read import read_requests_from
from batchtui.submission.sniff import Layout
from batchtui.submission.source import RequestSource


def find_repeats(hashes: "array[int]") -> Sequence[int]:
    """Return the numbers of the requests whose hash is that of one before; 0 is no hash."""
    seen: set[int] = set()
    repeats = array("Q")
    for number, hashed in enumerate(hashes):
        if hashed in seen:
            repeats.append(number)
        elif hashed:
            seen.add(hashed)
    return repeats


class RepeatLog:
    """Logs which requests of a file repeat something, and the line it stands on first."""

    def __init__(
        self, log: ProblemLog, index: RequestIndex, source: RequestSource, layout: Layout
    ) -> None:
        self._log = log
        self._index = index
        self._source = source
        self._layout = layout

    def add(self, kind: ProblemKind, hashes: "array[int]", repeats: Sequence[int]) -> None:
        """Log what repeats.

        Args:
            kind: What is repeated: `ProblemKind.CUSTOM_ID_TWICE` or `ProblemKind.ASKED_TWICE`.
            hashes: Of each request of the file.
            repeats: What `find_repeats` finds in them.
        """
        if not repeats:
            return
        listed = repeats[:LISTED_PER_KIND]
        ids, lines = dict(self._read_ids(listed)), self._first_lines(hashes, listed)
        for number in listed:
            message = _message(kind, lines[hashes[number]])
            where = (self._index.lines[number], number + 1, ids.get(number, ""))
            self._log.add(FileProblem(*where, kind, message))
        for number in repeats[LISTED_PER_KIND:]:
            self._log.count(kind, number + 1)

    def _read_ids(self, listed: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield the ids of some requests; none of a file that has changed by now."""
        first, wanted = listed[0], set(listed)
        offset = self._index.offsets[first]
        with suppress(SourceError):
            blocks = self._source.blocks(offset)
            for request in read_requests_from(blocks, self._layout, offset):
                number = first + request.number
                custom_id = custom_id_of(request.data) if number in wanted else ""
                if custom_id and hash(custom_id) == self._index.hashes[number]:
                    yield number, custom_id
                if number == listed[-1]:
                    return

    def _first_lines(self, hashes: "array[int]", listed: Sequence[int]) -> Mapping[int, int]:
        wanted = {hashes[number] for number in listed}
        lines: dict[int, int] = {}
        for number, hashed in enumerate(hashes):
            if len(lines) == len(wanted):
                break
            if hashed in wanted:
                lines.setdefault(hashed, self._index.lines[number])
        return lines


def _message(kind: ProblemKind, line: int) -> str:
    if kind is ProblemKind.CUSTOM_ID_TWICE:
        return f"The id is used before, on line {line}: ids must be unique in a batch."
    return f"It asks the same as line {line}: both are answered, and billed."
