"""A batch's results as a file that is written while it is read: any size, never held in memory."""

import json
import zlib
from collections.abc import Callable, Iterator
from math import gcd
from typing import Final, Protocol

from batchtui.simulator.answers.kits import Kit, kit
from batchtui.simulator.dice import Dice
from batchtui.simulator.failures import ANSWERED, CANCELED, EXPIRED, OWN_MISTAKE, TRUNCATED
from batchtui.simulator.failures import FIRST_CAUSE as FIRST
from batchtui.simulator.lifecycle import Batch
from batchtui.simulator.shapes import apply_shape
from batchtui.simulator.work import LiteralWork, ReceivedWork, RowWork, ScenarioWork

CHUNK_SIZE: Final = 128 * 1024
"""Bytes, about: the usual piece that is handed to the network."""


class BatchResults(Protocol):
    """The results of one ended batch."""

    @property
    def validator(self) -> str:
        """Changes exactly if the bytes do."""
        ...

    def chunks(self, start: int = 0, size: int = CHUNK_SIZE) -> Iterator[bytes]:
        """Return the bytes from an offset on, in pieces of about ``size`` bytes."""
        ...


class LiteralFile:
    """Results given byte by byte.

    Args:
        content: The whole file.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    @property
    def validator(self) -> str:
        """Changes exactly if the bytes do."""
        return f"{zlib.crc32(self._content):08x}-{len(self._content)}"

    def chunks(self, start: int = 0, size: int = CHUNK_SIZE) -> Iterator[bytes]:
        """Yield the bytes from an offset on, in pieces of ``size`` bytes."""
        for offset in range(start, len(self._content), size):
            yield self._content[offset : offset + size]


class RowResults:
    """Results written row by row from a kit of lines.

    Args:
        work: The requests.
        fates: What became of each.
        order: Decides the order of the rows; the rows themselves do not depend on it.
        ends_line: Whether the last line has a newline.
    """

    def __init__(self, work: RowWork, fates: bytes, order: int, *, ends_line: bool) -> None:
        self._work = work
        self._fates = fates
        self._order = order
        self._ends_line = ends_line
        self._kit = kit(work.style, work.seed & 0xFF)

    @property
    def validator(self) -> str:
        """Changes exactly if the bytes do."""
        end = "n" if self._ends_line else ""
        return f"{zlib.crc32(self._fates):08x}-{self._work.seed:x}-{self._order}{end}"

    def rows(self) -> Iterator[bytes]:
        """Yield the lines, in an order of their own; the last one may end without a newline."""
        total = len(self._fates)
        step, shift = _shuffle(total, self._order)
        line_of = _line_writer(self._work, self._fates, self._kit)
        for position in range(total - 1):
            yield line_of((position * step + shift) % total)
        if total:
            last = line_of(((total - 1) * step + shift) % total)
            yield last if self._ends_line else last[:-1]

    def chunks(self, start: int = 0, size: int = CHUNK_SIZE) -> Iterator[bytes]:
        """Yield the bytes from an offset on, in pieces of about ``size`` bytes."""
        skip = start
        for chunk in self._gathered(size):
            if skip >= len(chunk):
                skip -= len(chunk)
                continue
            yield from _pieces(chunk[skip:] if skip else chunk, size)
            skip = 0

    def _gathered(self, size: int) -> Iterator[bytes]:
        waiting: list[bytes] = []
        held = 0
        for row in self.rows():
            waiting.append(row)
            held += len(row)
            if held >= size:
                yield b"".join(waiting)
                waiting.clear()
                held = 0
        if waiting:
            yield b"".join(waiting)


def open_results(batch: Batch, order: int = 0, *, ends_line: bool = False) -> BatchResults:
    """Return the results file of an ended batch.

    Args:
        batch: A batch that has ended.
        order: Another number gives the same rows in another order.
        ends_line: Whether the last line has a newline; those of the API have none.

    Raises:
        TypeError: The batch's work is of a kind that has no results.
    """
    work = batch.work
    if isinstance(work, LiteralWork):
        return LiteralFile(work.content)
    if isinstance(work, ScenarioWork | ReceivedWork):
        return RowResults(work, batch.final_fates(), order, ends_line=ends_line)
    raise TypeError(f"no results are known for {type(work).__name__}")


def _pieces(chunk: bytes, size: int) -> Iterator[bytes]:
    """Cut what is much larger than asked for, such as a line of a megabyte."""
    if len(chunk) <= 2 * size:
        yield chunk
        return
    for offset in range(0, len(chunk), size):
        yield chunk[offset : offset + size]


def _shuffle(total: int, order: int) -> tuple[int, int]:
    """Return a step that shares no factor with the total, so that every index comes once."""
    if total < 3:
        return 1, order % max(1, total)
    dice = Dice(total, order, "order")
    step = int(total * 0.618) + dice.below(max(1, total // 8)) | 1
    while gcd(step, total) != 1:
        step += 1
    return step, dice.below(total)


def _line_writer(work: RowWork, fates: bytes, lines: Kit) -> Callable[[int], bytes]:
    """Return a function from a request's index to its line; the hot path of every download."""
    answers = lines.whole if isinstance(work, ReceivedWork) else lines.answers
    count = len(answers)
    salt = work.seed
    custom_id, model = work.custom_id, work.model
    shapes = work.shapes if isinstance(work, ReceivedWork) else {}

    def write(index: int) -> bytes:
        fate = fates[index]
        mixed = ((index + salt) * 2654435761) & 0xFFFFFFFF
        slots = {b"id": custom_id(index), b"serial": b"%08x" % mixed, b"model": model(index)}
        if fate == ANSWERED:
            line = answers[(mixed >> 12) % count] % slots
            shape = shapes.get(index)
            return line if shape is None else apply_shape(line, shape, mixed)
        return _other_line(work, lines, index, fate, slots, mixed)

    return write


def _other_line(
    work: RowWork, lines: Kit, index: int, fate: int, slots: dict[bytes, bytes], mixed: int
) -> bytes:
    if fate == CANCELED:
        return lines.canceled % slots
    if fate == EXPIRED:
        return lines.expired % slots
    if fate == TRUNCATED:
        return lines.truncated[mixed % len(lines.truncated)] % slots
    if fate == OWN_MISTAKE:
        error_type, message = work.mistake(index)
        slots[b"type"] = json.dumps(error_type).encode()
        slots[b"message"] = json.dumps(message).encode()
        return lines.mistake % slots
    slots[b"number"] = b"%d" % (200_001 + mixed % 90_000)
    return lines.errors[fate - FIRST] % slots
