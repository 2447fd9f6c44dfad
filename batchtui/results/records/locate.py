r"""Finds records in the bytes of lines, without decoding the lines.

Nearly all answers are one block of text with their JSON in a fence, or nothing but JSON. In the
line that is a run of bytes between two marks, escaped as a JSON string. What is not sure here is
left to `finder`, which is ten times slower and reads anything; both find the same.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

Place: TypeAlias = tuple[int, int]
"""Where a record's bytes start and end."""

UNSURE: Place = (-1, -1)
"""The line has to be decoded."""
NONE: Place = (0, 0)
"""There is no record in it."""

_NAME = b'"text":'
_COMPACT = (b'{"type":"text",', b'"text":"')
_SPACED = (b'{"type": "text", ', b'"text": "')
"""How a block starts up to its text: as the API writes it, and as Python's json module does."""
_BLOCK_END = b'"}]'
_JSON_FENCE = b"```json\\n"
_FENCE = b"```"
_FENCE_END = b"\\n```"
_LANGUAGES = frozenset((b"", b"json", b"JSON"))
_OPENING = b"{["
_ODD_START = b"{[\\ "
_MAX_LANGUAGE = 20
_BACKSLASH = 0x5C


_decode_string: Callable[[bytes], str] = msgspec.json.Decoder(str).decode


def locate(data: bytes, starts: Sequence[int], stops: Sequence[int]) -> list[Place]:
    """Return where the JSON of lines' records may be; decoding it tells whether it is.

    Args:
        data: Holds the lines, each an answer of exactly one block of text.
        starts: Where each of them starts.
        stops: Where each of them ends.
    """
    find = data.find
    found: list[Place] = []
    is_spaced = bool(starts) and find(_SPACED[1], starts[0], stops[0]) >= 0
    block, mark = style = _SPACED if is_spaced else _COMPACT
    for start, stop in zip(starts, stops, strict=True):
        head = find(mark, start, stop)
        text = head + len(mark)
        fence = find(b"`", text, stop)
        body = fence + len(_JSON_FENCE)
        close = -1 if fence < 0 else find(b"`", body, stop) - 2
        if (
            close > 0
            and data[fence:body] == _JSON_FENCE
            and data[close : close + 5] == _FENCE_END
            and data[head - len(block) : head] == block
            and data[body] in _OPENING
            and data[text] not in _ODD_START
            and find(b"<", text, fence) < 0
            and _is_one_string(data, text, fence)
        ):
            found.append((body, close))
        else:
            found.append(_locate_one(data, start, stop, style))
    return found


def text_start(data: bytes, start: int, stop: int) -> int:
    """Return where the text of an answer starts, of a line about which `locate` was sure."""
    return data.find(b'"', data.find(_NAME, start, stop) + len(_NAME), stop) + 1


def unescape(piece: bytes) -> str:
    """Return what a piece from inside of a JSON string says.

    Raises:
        ValueError: It is no such piece.
    """
    return _decode_string(b'"%b"' % piece)


def string_end(data: bytes, start: int, stop: int) -> int:
    """Return where the JSON string ends that some place is in: at its closing quote."""
    place = data.find(b'"', start, stop)
    while place >= 0 and _is_escaped(data, place, start):
        place = data.find(b'"', place + 1, stop)
    return stop if place < 0 else place


def _is_escaped(data: bytes, place: int, start: int) -> bool:
    before = place
    while before > start and data[before - 1] == _BACKSLASH:
        before -= 1
    return bool((place - before) % 2)


def _locate_one(data: bytes, start: int, stop: int, style: tuple[bytes, bytes]) -> Place:
    """Look at an answer in another form: JSON alone, another fence, none."""
    block, mark = style
    head = data.find(mark, start, stop)
    text = head + len(mark)
    if head < 0 or data[head - len(block) : head] != block:
        return UNSURE
    fence = data.find(b"`", text, stop)
    if data[text] in _OPENING or fence < 0:
        return _locate_unfenced(data, text, stop)
    body = _find_body(data, fence)
    close = data.find(b"`", body, stop) - 2 if body else 0
    if close <= 0 or data[body] not in _OPENING or data[close : close + 5] != _FENCE_END:
        return UNSURE
    is_open = data[text] == _BACKSLASH or data.find(b"<", text, fence) >= 0
    is_sure = not is_open and _is_one_string(data, text, fence)
    return (body, close) if is_sure else UNSURE


def _find_body(data: bytes, fence: int) -> int:
    """Return where the block behind a fence begins; 0, where no JSON is, if it is no fence."""
    line_end = data.find(b"\\n", fence, fence + _MAX_LANGUAGE)
    if line_end < 0 or data[fence : fence + 3] != _FENCE:
        return 0
    return line_end + 2 if data[fence + 3 : line_end] in _LANGUAGES else 0


def _locate_unfenced(data: bytes, text: int, stop: int) -> Place:
    """Look at an answer that is JSON, or has no fence."""
    # The end of the text, or, where the block goes on, a place behind it: then there are quotes in
    # between, and what is taken for JSON is none.
    end = data.rfind(_BLOCK_END, text, stop)
    if end < text or data[end - 1] == _BACKSLASH:
        return UNSURE
    if data[text] in _OPENING:
        return (text, end) if data[end - 1] in b"}]" else UNSURE
    find = data.find
    is_prose = find(b"{", text, end) < 0 and find(b"[", text, end) < 0 and find(b"<", text, end) < 0
    return NONE if is_prose else UNSURE


def _is_one_string(data: bytes, start: int, stop: int) -> bool:
    """Whether every quote in some bytes of a string is escaped for sure."""
    place = data.find(b'"', start, stop)
    while place >= 0:
        if data[place - 1] != _BACKSLASH or data[place - 2] == _BACKSLASH:
            return False
        place = data.find(b'"', place + 1, stop)
    return True
