"""Cuts what a terminal sends into keys, sequences and pastes. Textual is not loaded here.

Nothing that is not a key becomes one: a paste is text up to its end, whatever it holds; an answer
of the terminal that is not known, comes late or is cut is dropped whole.
"""

import re
import time
from collections.abc import Callable, Iterator

from msgspec import Struct

ESC = "\x1b"
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"
_PATIENCE = 1.0
"""Seconds of silence after which a single key gives up what was not finished, and is lost with it.

The rest of a cut sequence comes in one piece, mostly at once; a person presses one key, and again.
"""
_LONGEST_SEQUENCE = 256
_INTRODUCERS = "[O]P_"
"""What makes the beginning of a sequence of an escape."""

_WHOLE = re.compile(
    r"""\x1b(?:
        \[M[\s\S]{3}                          # the mouse, as reported before there was SGR
      | \[\[[\s\S]                            # function keys of the Linux console
      | \[(?![M\[])[0-?]*[\x20-/]*[@-~]       # control sequences
      | O[0-9;]*[@-~]                         # keys of the keypad, function keys
      | [^\x00-\x1f\[O]                       # a key with Alt
    )""",
    re.VERBOSE,
)
_UNFINISHED = re.compile(r"\x1b(?:\[(?:M[\s\S]{0,2}|\[|[0-?]*[\x20-/]*)|O[0-9;]*|[\]P_])?\Z")
_BROKEN = re.compile(r"\x1b(?:\[[0-?]*[\x20-/]*|O[0-9;]*)[^\x1b]?")
"""A sequence that something else breaks off, which is lost with it."""
_STRING = re.compile(r"\x1b(?:\][0-9lL]|P[0-9>|$!+=]|_G)")
"""What begins an answer that goes on up to its own end; else it is a key with Alt."""
_STRING_END = re.compile(r"\x1b\\|[\x00-\x1a\x1c-\x1f]|(?=\x1b[^\\])")
"""The end of such an answer. No control character belongs to one: it breaks it off."""


_PROBED = re.compile(r"\x1b\[\?2026;[0-4]\$y")
"""The answer to what the output asks all the time, see `flow`: it comes amid a paste as well."""


class Pasted(Struct, frozen=True):
    """What was pasted."""

    text: str
    """All of it, as it came."""


class InputLexer:
    """Takes what came and gives whole units: one character, one sequence, or one paste.

    Args:
        escape_delay: Seconds after which an escape by itself is the key.
        clock: Monotonic seconds.
    """

    def __init__(self, escape_delay: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._escape_delay = escape_delay
        self._clock = clock
        self._came_at = clock()
        self._held = ""
        """The beginning of a sequence; within a string or a paste, perhaps of its end."""
        self._pasted: list[str] | None = None
        self._is_in_string = False

    @property
    def wait(self) -> float | None:
        """Seconds after which `feed` is to be called even if nothing has come."""
        if self._held != ESC or self._is_in_string or self._pasted is not None:
            return None
        return max(0.0, self._came_at + self._escape_delay - self._clock())

    def feed(self, text: str) -> Iterator[str | Pasted]:
        """Take what came, all that was there; nothing if it was waited for in vain."""
        now = self._clock()
        since, self._came_at = now - self._came_at, now if text else self._came_at
        if not text:
            if self.wait == 0.0:
                self._held = ""
                yield ESC
            return
        if since >= _PATIENCE and self._is_unfinished and self._is_one_key(text):
            yield from self._give_up()
            return
        # A key with Alt comes in one piece; an escape that came by itself was the key.
        is_key = since >= self._escape_delay or text[0] not in _INTRODUCERS
        if self._held == ESC and self.wait is not None and is_key:
            self._held = ""
            yield ESC
        text = self._held + text
        if self._pasted is not None or _PASTE_START in text:
            yield from _PROBED.findall(text)
            text = _PROBED.sub("", text)
        yield from self._cut(text)

    @property
    def _is_unfinished(self) -> bool:
        return self._is_in_string or self._pasted is not None or len(self._held) > 1

    def _is_one_key(self, text: str) -> bool:
        if len(text) == 1:
            return text != ESC
        # an escape breaks any sequence off, but not a paste
        is_sequence = self._pasted is not None and _WHOLE.fullmatch(text) is not None
        return is_sequence and text != _PASTE_END

    def _give_up(self) -> Iterator[Pasted]:
        if self._pasted is not None:
            yield Pasted("".join([*self._pasted, self._held]))
        self._pasted = None
        self._is_in_string = False
        self._held = ""

    def _cut(self, text: str) -> Iterator[str | Pasted]:
        self._held = ""
        place = 0
        while place < len(text):
            if self._pasted is not None:
                end = self._end_of_paste(text, place)
                if end is None:
                    return
                yield Pasted("".join(self._pasted))
                self._pasted = None
                place = end
            elif self._is_in_string:
                place = self._after_string(text, place)
            elif text[place] == ESC:
                unit, place = self._sequence(text, place)
                if unit:
                    yield unit
            else:
                yield text[place]
                place += 1

    def _end_of_paste(self, text: str, place: int) -> int | None:
        """Take what was pasted; return where it ends, or ``None`` if more is to come.

        Of several ends the last one counts: what lies between was pasted as well.
        """
        assert self._pasted is not None
        next_start = text.find(_PASTE_START, text.find(_PASTE_END, place) + 1)
        end = text.rfind(_PASTE_END, place, len(text) if next_start < 0 else next_start)
        if end >= 0:
            self._pasted.append(text[place:end])
            return end + len(_PASTE_END)
        cut = text.rfind(ESC, max(place, len(text) - len(_PASTE_END) + 1))
        if cut < 0 or not _PASTE_END.startswith(text[cut:]):
            cut = len(text)
        self._pasted.append(text[place:cut])
        self._held = text[cut:]
        return None

    def _after_string(self, text: str, place: int) -> int:
        found = _STRING_END.search(text, place)
        if found is not None:
            self._is_in_string = False
            return found.end()
        if text.endswith(ESC):
            self._held = ESC
        return len(text)

    def _sequence(self, text: str, place: int) -> tuple[str, int]:
        """Cut off one sequence.

        Returns:
            The sequence, empty if it means nothing here, and where the next unit begins.
        """
        if _UNFINISHED.match(text, place):
            self._held = text[place:]
            if len(self._held) > _LONGEST_SEQUENCE:
                self._held = f"{ESC}[?"
            return "", len(text)
        if found := _STRING.match(text, place):
            self._is_in_string = True
            return "", found.end()
        if found := _WHOLE.match(text, place):
            if found.group() == _PASTE_START:
                self._pasted = []
                return "", found.end()
            return found.group(), found.end()
        if found := _BROKEN.match(text, place):
            return "", found.end()
        # The key, and another one at once.
        return ESC, place + 1
