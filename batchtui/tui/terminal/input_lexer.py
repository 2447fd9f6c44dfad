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
_REST = re.compile(
    r"""\[(?:[A-DFHZ](?=\x1b|\Z)|[0-?]{2}|[0-?][\x20-/]*[@-~]|M[\s\S]{3})
      | \]\d+;|P(?:>\||[01][$+]r)|_Gi=""",
    re.VERBOSE,
)
"""How what comes in one piece begins as the rest of a sequence alone: its escape came so much
earlier that it was taken for the key."""


_PROBED = re.compile(r"\x1b\[\?2026;[0-4]\$y")
"""The answer to what the output asks all the time, see `flow`: it comes amid a paste as well."""


class Pasted(Struct, frozen=True):
    """What was pasted."""

    text: str
    """All of it, as it came."""


class InputLexer:
    """Takes what came and gives whole units: one character, one sequence, or one paste.

    Args:
        escape_delay: Seconds after which an escape by itself is the key, and a paste is over: what
            is pasted may hold what ends a paste.
        clock: Monotonic seconds.
    """

    def __init__(self, escape_delay: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._escape_delay = escape_delay
        self._clock = clock
        self._came_at = clock()
        self._held = ""
        """The beginning of a sequence; within a string, perhaps of its end."""
        self._pasted: list[str] | None = None
        """The pieces of a paste, and of what came at once after it."""
        self._has_end = False
        """Whether the end of the paste is among them."""
        self._is_in_string = False
        self._gave_escape = False
        """Whether an escape was the last key, as nothing had come after it."""

    @property
    def wait(self) -> float | None:
        """Seconds after which `feed` is to be called even if nothing has come."""
        is_escape = self._held == ESC and not self._is_in_string
        if not (is_escape or self._has_end):
            return None
        return max(0.0, self._came_at + self._escape_delay - self._clock())

    def feed(self, text: str) -> Iterator[str | Pasted]:
        """Take what came, all that was there; nothing if it was waited for in vain."""
        now = self._clock()
        since, self._came_at = now - self._came_at, now if text else self._came_at
        if not text:
            if self.wait == 0.0:
                yield from self._close_paste() if self._has_end else self._give_escape()
            return
        if since >= _PATIENCE and self._is_unfinished and self._is_one_key(text):
            yield from self._give_up()
            return
        is_rest = _REST.match(text) is not None
        # A key with Alt comes in one piece; an escape that came by itself was the key.
        is_key = text[0] not in _INTRODUCERS or (since >= self._escape_delay and not is_rest)
        if self._held == ESC and self.wait is not None and is_key:
            yield from self._give_escape()
        elif self._gave_escape and is_rest:
            self._held = ESC
        self._gave_escape = False
        text = self._held + text
        if self._pasted is not None or _PASTE_START in text:
            yield from _PROBED.findall(text)
            text = _PROBED.sub("", text)
        yield from self._cut(text)

    @property
    def _is_unfinished(self) -> bool:
        is_in_paste = self._pasted is not None and not self._has_end
        return self._is_in_string or is_in_paste or len(self._held) > 1

    def _is_one_key(self, text: str) -> bool:
        if len(text) == 1:
            return text != ESC
        # an escape breaks any sequence off, but not a paste
        is_sequence = self._pasted is not None and _WHOLE.fullmatch(text) is not None
        return is_sequence and text != _PASTE_END

    def _give_up(self) -> Iterator[Pasted]:
        if self._pasted is not None:
            yield Pasted("".join(self._pasted))
        self._pasted = None
        self._is_in_string = False
        self._held = ""

    def _give_escape(self) -> Iterator[str]:
        self._held = ""
        self._gave_escape = True
        yield ESC

    def _cut(self, text: str) -> Iterator[str | Pasted]:
        self._held = ""
        place = 0
        while place < len(text):
            if self._pasted is not None:
                self._paste(text[place:])
                return
            if self._is_in_string:
                place = self._after_string(text, place)
            elif text[place] == ESC:
                unit, place = self._sequence(text, place)
                if unit:
                    yield unit
            else:
                yield text[place]
                place += 1

    def _paste(self, piece: str) -> None:
        """Keep what was pasted, and what comes at once after it."""
        assert self._pasted is not None
        self._pasted.append(piece)
        self._has_end |= _PASTE_END in "".join(self._pasted[-len(_PASTE_END) :])

    def _close_paste(self) -> Iterator[str | Pasted]:
        """Give what was pasted, up to the last of its ends, and then what came after that."""
        text, _, rest = "".join(self._pasted or ()).rpartition(_PASTE_END)
        self._pasted = None
        self._has_end = False
        yield Pasted(text)
        yield from self._cut(rest)

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
