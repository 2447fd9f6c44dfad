"""Make the index from the bytes of a results file, in slices short enough for an event loop.

Everything here runs where the index lives and yields after each slice of a millisecond or so; the
caller decides whether to let others work. A thread would gain nothing: decoding holds the
interpreter's lock, and the slices keep key presses quicker than the lock's hand-over would.
"""

from array import array
from collections.abc import Iterator

import msgspec

from batchtui.results.causes import CauseNumbering, Numbering
from batchtui.results.duplicates import DuplicateFinder
from batchtui.results.index import (
    DUPLICATE_ID,
    EMPTY_ANSWER,
    ERRORED,
    JSON_ANSWER,
    NO_MESSAGE,
    ODD_ID,
    ODD_LINE,
    RESULT_TYPES,
    SUCCEEDED,
    UNKNOWN,
    UNKNOWN_TOKENS,
    UNREADABLE,
    ResultsIndex,
    RowBatch,
)
from batchtui.results.lines import BOM, LineSplitter, Run
from batchtui.results.rows import (
    NOT_A_RESULT,
    CacheCreation,
    Line,
    Message,
    Result,
    UnreadableLineError,
    Usage,
    answer_shape,
    decode,
    read_carefully,
)

_SLICE_BYTES = 256 * 1024
"""Decoded in one go: 0.3 ms, and lines of this size together fit the processor's cache."""
_SLICE_ROWS = 512
"""Rows in one go where lines are short: 1 ms."""
_MAX_ID = 256
_MAX_LENGTH = 0xFFFF_FFFF
_MAX_TOKENS = 0x7FFF_FFFF
_CR = 13
_NO_ERROR = ("unknown", "(no error was given)")

_TYPE_NUMBERS = {name: number for number, name in enumerate(RESULT_TYPES[:UNKNOWN])}
_NO_RESULT = Result()
_NO_MESSAGE = Message()
_NO_USAGE = Usage()
_NO_LIFETIMES = CacheCreation()


class Indexer:
    """Feeds a `ResultsIndex` from chunks of bytes."""

    def __init__(self, index: ResultsIndex | None = None) -> None:
        """Start at the beginning of a file.

        Args:
            index: The empty index to fill; a new one if not given.
        """
        self.index = ResultsIndex() if index is None else index
        self._splitter = LineSplitter()
        self._stops = Numbering(self.index.stop_names, 0x100)
        self._models = Numbering(self.index.model_names, 0x10000)
        self._causes = CauseNumbering(self.index.cause_list)
        self._duplicates = DuplicateFinder()

    @property
    def line_start(self) -> int:
        """Offset behind the last whole line: where an unfinished line starts."""
        return self._splitter.line_start

    def feed(self, chunk: bytes) -> Iterator[None]:
        """Take the next bytes of the file; yields after each slice, and must be used up."""
        for begin in range(0, len(chunk), _SLICE_BYTES):
            for run in self._splitter.feed(chunk[begin : begin + _SLICE_BYTES]):
                yield from self._index_run(run)

    @property
    def unfinished(self) -> int:
        """Bytes behind the last whole line, not indexed yet."""
        return self._splitter.held

    def is_tail_whole(self) -> bool:
        """Whether what is behind the last line end is a whole row already, or nothing but spaces.

        It is then safe to `finish` a file that may still grow: only a line end can follow.
        """
        tail = self._splitter.peek()
        if not tail or tail.isspace():
            return not self._splitter.held
        try:
            return decode(tail).result is not None
        except (msgspec.DecodeError, ValueError, RecursionError):
            return False

    def finish(self) -> Iterator[None]:
        """The file is over: take the last line, and mark custom ids that came more than once.

        A file that grows afterwards can be fed further, if it was over at the end of a row.
        """
        for run in self._splitter.finish():
            yield from self._index_run(run)
        found: list[int] = []
        yield from self._duplicates.find(found)
        flags = self.index.flags
        for row in found:
            flags[row] |= DUPLICATE_ID
        self.index.duplicate_rows = len(found) - self._duplicates.distinct(found)

    def _index_run(self, run: Run) -> Iterator[None]:
        if run.oversize:
            self._add_oversize(run)
            yield
            return
        offset, data = run.offset, run.data
        if offset == 0 and data.startswith(BOM):
            offset, data = len(BOM), data[len(BOM) :]
        lines = data.split(b"\n")
        if not lines[-1]:
            lines.pop()
        for begin in range(0, len(lines), _SLICE_ROWS):
            part = lines[begin : begin + _SLICE_ROWS]
            self._add_lines(part, offset)
            offset += sum(map(len, part)) + len(part)
            self.index.bytes_indexed = min(offset, run.offset + len(run.data))
            yield

    def _add_lines(self, lines: list[bytes], offset: int) -> None:
        rows: list[Line] = []
        reasons: dict[int, str] = {}
        flags = bytearray()
        offsets, lengths = array("Q"), array("I")
        for line in lines:
            length = len(line)
            try:
                row = decode(line)
            except (msgspec.DecodeError, ValueError, RecursionError):
                if line.isspace() or not line:
                    offset += length + 1
                    continue
                row = _read_odd(line, reasons, len(rows))
                flags.append(ODD_LINE)
            else:
                flags.append(0)
            rows.append(row)
            offsets.append(offset)
            lengths.append(length - 1 if line[-1] == _CR else length)
            offset += length + 1
        if rows:
            self._append(rows, reasons, flags, offsets, lengths)

    def _add_oversize(self, run: Run) -> None:
        self._append(
            [Line()],
            {0: f"a line of {run.oversize} bytes, too long for a result"},
            bytearray([ODD_LINE]),
            array("Q", [run.offset]),
            array("I", [min(run.oversize, _MAX_LENGTH)]),
        )
        self.index.bytes_indexed = run.offset + run.oversize

    def _append(
        self,
        rows: list[Line],
        reasons: dict[int, str],
        flags: bytearray,
        offsets: "array[int]",
        lengths: "array[int]",
    ) -> None:
        results = [row.result or _NO_RESULT for row in rows]
        messages = [result.message or _NO_MESSAGE for result in results]
        types = array("B", [_TYPE_NUMBERS.get(result.type, UNKNOWN) for result in results])
        _add_shapes(messages, types, flags)
        causes = self._explain(rows, reasons, types, flags)
        tokens = _token_columns([message.usage or _NO_USAGE for message in messages])
        stops, models = self._stops, self._models
        ids = self._identify(rows, flags)
        self.index.append(
            RowBatch(
                offsets=offsets,
                lengths=lengths,
                types=types,
                stop_reasons=array("B", [stops[message.stop_reason] for message in messages]),
                models=array("H", [models[message.model] for message in messages]),
                causes=causes,
                input_tokens=tokens[0],
                output_tokens=tokens[1],
                cache_read=tokens[2],
                cache_write=tokens[3],
                cache_write_1h=tokens[4],
                flags=array("B", flags),
                ids=ids,
            )
        )

    def _explain(
        self, rows: list[Line], reasons: dict[int, str], types: "array[int]", flags: bytearray
    ) -> "array[int]":
        """The causes of the rows that are no answer; settles which of them are unreadable."""
        causes = array("H", bytes(2 * len(rows)))
        for place, kind in enumerate(types):
            if kind == ERRORED:
                error = _error_of(rows[place])
                causes[place] = self._causes.number(*error)
                if error == _NO_ERROR:
                    flags[place] |= NO_MESSAGE
            elif kind == UNKNOWN:
                result = rows[place].result
                if result is None:
                    types[place] = UNREADABLE
                    reason = reasons.get(place, NOT_A_RESULT)
                    causes[place] = self._causes.number("unreadable", reason)
                else:
                    causes[place] = self._causes.number("unknown", f"result type {result.type!r}")
        return causes

    def _identify(self, rows: list[Line], flags: bytearray) -> list[str]:
        ids = [row.custom_id or "" for row in rows]
        self._duplicates.add(ids)
        if not all(ids) or max(map(len, ids)) > _MAX_ID or any(flags):
            for place, name in enumerate(ids):
                if not name or len(name) > _MAX_ID:
                    flags[place] |= ODD_ID
                    ids[place] = name[:_MAX_ID]
        return ids


def _read_odd(line: bytes, reasons: dict[int, str], place: int) -> Line:
    try:
        return read_carefully(line)
    except UnreadableLineError as error:
        reasons[place] = str(error)
        return Line()


def _error_of(row: Line) -> tuple[str, str]:
    body = row.result.error if row.result else None
    detail = body.error if body else None
    if detail is None or not (detail.type or detail.message):
        return _NO_ERROR
    return detail.type or "unknown", detail.message or ""


def _add_shapes(messages: list[Message], types: "array[int]", flags: bytearray) -> None:
    for place, message in enumerate(messages):
        if types[place] != SUCCEEDED:
            continue
        is_empty, is_json = answer_shape(message.content)
        if is_empty:
            flags[place] |= EMPTY_ANSWER
            if message is _NO_MESSAGE:
                flags[place] |= NO_MESSAGE
        elif is_json:
            flags[place] |= JSON_ANSWER


def _token_columns(usages: list[Usage]) -> "tuple[array[int], ...]":
    return (
        _tokens([usage.input_tokens for usage in usages]),
        _tokens([usage.output_tokens for usage in usages]),
        _tokens([usage.cache_read_input_tokens for usage in usages]),
        _tokens([usage.cache_creation_input_tokens for usage in usages]),
        _tokens([(u.cache_creation or _NO_LIFETIMES).ephemeral_1h_input_tokens for u in usages]),
    )


def _tokens(numbers: list[int | None]) -> "array[int]":
    known = [UNKNOWN_TOKENS if number is None else number for number in numbers]
    if min(known) < 0 or max(known) > _MAX_TOKENS:
        known = [number if 0 <= number <= _MAX_TOKENS else UNKNOWN_TOKENS for number in known]
    return array("i", known)
