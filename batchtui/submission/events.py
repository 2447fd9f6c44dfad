"""How patiently a submission is sent, and what is reported while it is."""

from msgspec import Struct

from batchtui.api.models import MessageBatch


class SendTimeouts(Struct, frozen=True):
    """Times, in seconds."""

    between_parts: float = 1.2
    """From one create to the next: the oldest rate tier allows 50 calls a minute."""
    settle: float = 120.0
    """After the last byte of a create went out, how long a batch may take to appear in the list."""
    adopt_after: float = 20.0
    """After the last byte, when a single candidate is believed: a second one would have shown."""
    look_again: float = 5.0
    """Between two looks at the list."""
    clock_slack: float = 30.0
    """By how much the server's clock, as we know it, may be wrong."""
    latest: float = 900.0
    """After the last byte went out, when the server may have made a batch of it at the latest."""
    first_wait: float = 2.0
    """Before the first repetition of a part that did not get through; doubled each time."""
    longest_wait: float = 300.0
    """Longest wait between two tries, also where the server asks for a longer one."""
    attempts: int = 8
    """Tries of one part that did not get through, nothing having been made."""


class Uploading(Struct, frozen=True):
    """A part is on its way."""

    number: int
    """Of the part, from 1."""
    sent: int
    """Bytes handed over."""
    total: int
    """Bytes of its body."""


class Made(Struct, frozen=True):
    """A batch stands for a part."""

    number: int
    """Of the part, from 1."""
    batch: MessageBatch
    """The batch."""
    is_adopted: bool
    """Whether it was found in the list rather than answered."""
    is_probable: bool = False
    """Whether it is only likely that it is the part's: its ids are not known yet."""


class Looking(Struct, frozen=True):
    """It is not known whether a part made a batch; the list is being looked at."""

    number: int
    """Of the part, from 1."""
    seconds_left: float
    """How much longer at most."""
    why: str = ""
    """What came instead of an answer, in a sentence; may quote untrusted text."""


class Waiting(Struct, frozen=True):
    """Nothing is sent for a while."""

    number: int
    """Of the part that waits, from 1."""
    seconds: float
    """How long."""
    why: str
    """In a sentence; may quote untrusted text. Empty for the pause between parts."""


Event = Uploading | Made | Looking | Waiting
