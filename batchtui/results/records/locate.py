r"""Finds records in the bytes of lines, without decoding the lines.

Nearly all answers are one block of text with their JSON in a fence, or nothing but JSON. In the
line that is a run of bytes between two marks, escaped as a JSON string. What is not sure here is
left to `finder`, which is ten times slower and reads anything; both find the same.
"""

from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct

NO_RECORD, FOUND, FOUND_RAW, FOUND_SLOWLY, FOUND_OBJECT = range(5)
"""Whether and how a line has a record: escaped in a string of the line, as it is in the line, only
to be had by reading the answer, or escaped and an object from the first byte to the last."""


class Places(Struct, gc=False):
    """Where the records of some lines are, counted from the first byte of the lines."""

    forms: bytearray
    """Whether and how each has one."""
    starts: list[int]
    """Where it starts."""
    stops: list[int]
    """Where it ends; where it starts if it has no place."""

    def put(self, line: int, form: int, start: int, stop: int) -> None:
        """Note where the record of one of the lines is."""
        self.forms[line], self.starts[line], self.stops[line] = form, start, stop


_BLOCK_STARTS = (b'{"type":"text","text":"', b'{"type": "text", "text": "')
"""How a block starts up to its text: as the API writes it, and as Python's json module does."""
_START_SIZE = max(map(len, _BLOCK_STARTS))
_OBJECT_FENCE = b"```json\\n{"
_FENCE_SIZE = len(_OBJECT_FENCE) - 1
_FENCE = b"```"
_FENCE_END = b"\\n```"
_OBJECT_END = b"}" + _FENCE_END
_LANGUAGES = frozenset((b"", b"json", b"JSON"))
_OPENING = b"{["
_CLOSING = b"}]"
_ODD_START = b"{[\\ "
_MAX_LANGUAGE = 20
_BACKSLASH = 0x5C
_QUOTE = 0x22


_decode_string: Callable[[bytes], str] = msgspec.json.Decoder(str).decode


def locate(
    data: bytes,
    starts: Sequence[int],
    sizes: Sequence[int],
    lengths: Sequence[int],
    answered: bytes,
) -> Places:
    """Return where the JSON of lines' records may be; decoding it tells whether it is.

    Args:
        data: Holds the lines.
        starts: Where each of them starts.
        sizes: How many bytes each of them has.
        lengths: How long the text of each is, as `ResultsIndex.text_lengths` has it.
        answered: The form of each where that is not sure: what has no length is not looked at.
    """
    find = data.find
    forms = bytearray(answered)
    begins, ends = list(starts), list(starts)
    has_tags = b"<" in data  # asked once, as nearly no answers with a fence have any
    ahead, other, before = 0, 0, b"?"
    for row, start, length in zip(range(len(forms)), starts, lengths, strict=True):
        if not length:
            continue
        text = start + ahead
        if data[text - _START_SIZE : text] != before:
            # lines of a file begin alike: most texts start where one of the last two lines' did
            ahead, other = other, ahead
            text = start + ahead
            if data[text - _START_SIZE : text] != before:
                text = text_start(data, start, start + sizes[row])
                ahead = text - start
                before = data[text - _START_SIZE : text] if text > 0 else b"?"
        end = text + length
        if text < start or data[end] != _QUOTE:
            continue
        fence = find(b"`", text, end)
        body = fence + _FENCE_SIZE
        close = -1 if fence < 0 else find(b"`", body, end) - 2
        if (
            close > 0
            and data[fence : body + 1] == _OBJECT_FENCE
            and data[close - 1 : close + 5] == _OBJECT_END
            and data[text] not in _ODD_START
            and not (has_tags and find(b"<", text, fence) >= 0)
        ):
            forms[row], begins[row], ends[row] = FOUND_OBJECT, body, close
        elif (found := _locate_one(data, text, end)) is not None:
            forms[row], begins[row], ends[row] = found
    return Places(forms, begins, ends)


def text_start(data: bytes, start: int, stop: int) -> int:
    """Return where the text starts of an answer that is one block of it; -1 if that is not sure.

    It is not where there is another text: gateways put what a model thought before its answer.
    """
    for block in _BLOCK_STARTS:
        place = data.find(block, start, stop)
        if place >= 0:
            text = place + len(block)
            return text if data.find(block, text, stop) < 0 else -1
    return -1


def unescape(piece: bytes) -> str:
    """Return what a piece from inside of a JSON string says.

    Raises:
        ValueError: It is no such piece.
    """
    return _decode_string(b'"%b"' % piece)


def _locate_one(data: bytes, text: int, end: int) -> tuple[int, int, int] | None:
    """Look at an answer in another form: JSON alone, another fence, none.

    Returns:
        The form, and the place; None if that is not sure.
    """
    fence = data.find(b"`", text, end)
    if data[text] in _OPENING:
        return (_form(data, text, end), text, end) if data[end - 1] in _CLOSING else None
    if fence < 0:
        is_prose = all(data.find(mark, text, end) < 0 for mark in (b"{", b"[", b"<"))
        return (NO_RECORD, text, text) if is_prose else None
    body = _find_body(data, fence)
    close = data.find(b"`", body, end) - 2 if body else 0
    if close <= 0 or data[body] not in _OPENING or data[close : close + 5] != _FENCE_END:
        return None
    is_open = data[text] == _BACKSLASH or data.find(b"<", text, fence) >= 0
    return None if is_open else (_form(data, body, close), body, close)


def _form(data: bytes, start: int, stop: int) -> int:
    is_object = data[start] == _OPENING[0] and data[stop - 1] == _CLOSING[0]
    return FOUND_OBJECT if is_object else FOUND


def _find_body(data: bytes, fence: int) -> int:
    """Return where the block behind a fence begins; 0, where no JSON is, if it is no fence."""
    line_end = data.find(b"\\n", fence, fence + _MAX_LANGUAGE)
    if line_end < 0 or data[fence : fence + 3] != _FENCE:
        return 0
    return line_end + 2 if data[fence + 3 : line_end] in _LANGUAGES else 0
