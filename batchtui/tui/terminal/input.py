"""What comes from the terminal, as messages for the app: keys, the mouse, pastes, answers."""

import codecs
import os
import re
import select
from collections.abc import Iterator
from threading import Event

from textual import events

# What its drivers read with: it knows all keys, and is asked here about whole sequences only.
from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message
from textual.messages import InBandWindowResize

from batchtui.tui.terminal.input_lexer import ESC, InputLexer, Pasted

_LARGEST_READ = 65_536
_MOUSE = re.compile(r"\x1b\[<\d{1,4};\d{1,5};\d{1,5}[Mm]")
_IN_C1 = {0x8F: "\x1bO", 0x90: "\x1bP", 0x9B: "\x1b[", 0x9D: "\x1b]"}
"""What begins a sequence in a terminal that sends it in one byte."""
_NOT_ASKED = (InBandWindowResize, events.Resize, events.CursorPosition)
"""The size comes from the kernel alone: two sources of it would correct each other."""


class TerminalGoneError(Exception):
    """There is nothing to read from any more: a hangup, or the end of the input."""


class StopEvent(Event):
    """Tells the thread that reads to end, and wakes it up for that."""

    def __init__(self) -> None:
        super().__init__()
        self._waker, self._alarm = os.pipe()

    def fileno(self) -> int:
        """Return what becomes readable once this is set."""
        return self._waker

    def set(self) -> None:
        """End the thread."""
        super().set()
        os.write(self._alarm, b"\0")

    def close(self) -> None:
        """Give up what was needed to wake the thread, which must have ended."""
        os.close(self._waker)
        os.close(self._alarm)


class TerminalInput:
    """Reads a terminal, asleep while nothing comes.

    Args:
        descriptor: Where to read.
        stop: Set when it is to end.
    """

    def __init__(self, descriptor: int, stop: StopEvent) -> None:
        self._descriptor = descriptor
        self._stop = stop
        self._decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self._lexer = InputLexer(ESCAPE_DELAY)
        # It remembers where the mouse was.
        self._mouse = XTermParser()

    def messages(self) -> Iterator[Message]:
        """Wait for what comes, until told to end.

        Raises:
            TerminalGoneError: Nothing will come any more.
        """
        while not self._stop.is_set():
            stop = self._stop.fileno()
            ready = select.select([self._descriptor, stop], [], [], self._lexer.wait)[0]
            if stop in ready:
                return
            text = self._read() if ready else ""
            for unit in self._lexer.feed(text):
                yield from self._messages_of(unit)

    def _read(self) -> str:
        try:
            data = os.read(self._descriptor, _LARGEST_READ)
        except OSError as error:
            raise TerminalGoneError from error
        if not data:
            raise TerminalGoneError
        return "".join(map(_readable, self._decode(data)))

    def _messages_of(self, unit: str | Pasted) -> Iterator[Message]:
        if isinstance(unit, Pasted):
            yield events.Paste(unit.text.replace("\0", ""))
        elif _MOUSE.fullmatch(unit):
            yield from self._mouse.feed(unit)
        else:
            for message in _meaning_of(unit):
                if not isinstance(message, _NOT_ASKED):
                    yield message


def _readable(character: str) -> str:
    """Return a character; a byte that is not UTF-8 is one of Latin-1, as old terminals send."""
    if not "\udc80" <= character <= "\udcff":
        return character
    code = ord(character) & 0xFF
    return chr(code) if code >= 0xA0 else _IN_C1.get(code, "")


def _meaning_of(unit: str) -> list[Message]:
    """Ask Textual what a sequence means; one that it does not know means nothing."""
    parser = XTermParser()
    try:
        found = list(parser.feed(unit))
        is_with_alt = len(unit) == len(ESC) + 1
        if not found and (unit == ESC or is_with_alt):
            # These count once nothing follows.
            found = list(parser.feed(""))
    except (ValueError, OverflowError):
        # A number in it that is no character.
        return []
    return found
