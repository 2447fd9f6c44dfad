"""What a batch was asked to do, and what becomes of each request once it is processed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

from batchtui.simulator.dice import Dice
from batchtui.simulator.failures import FATE_OF_CAUSE, FIRST_CAUSE
from batchtui.simulator.ids import ID_STYLES
from batchtui.simulator.shapes import Shape

DIGEST_SIZE: Final = 16
"""Bytes of the fingerprint of a request's params."""


class Work(Protocol):
    """The requests of one batch, in the order in which they were sent."""

    @property
    def total(self) -> int:
        """The number of requests."""
        ...

    def fates(self) -> bytearray:
        """Return what becomes of each request that gets its turn: one number of `failures` each."""
        ...


class RowWork(Work, Protocol):
    """Work whose results rows are written request by request."""

    @property
    def style(self) -> str:
        """The kind of answers, a name of `kits`."""
        ...

    @property
    def seed(self) -> int:
        """Decides the answers."""
        ...

    def custom_id(self, index: int, /) -> bytes:
        """Return the id of a request."""
        ...

    def model(self, index: int, /) -> bytes:
        """Return the model a request asks for."""
        ...

    def mistake(self, index: int, /) -> tuple[str, str]:
        """Error type and message of a request whose own params are at fault."""
        ...


@dataclass(frozen=True)
class ScenarioWork:
    """Requests that nobody sent: made up by a scenario, nothing stored per request."""

    total: int
    """The number of requests."""
    seed: int
    """Decides ids, answers and which requests fail."""
    style: str
    """The kind of answers, a name of `kits`."""
    ids: str
    """The kind of custom ids, a name of `ids`."""
    model_name: str
    """The model of every request."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """How many requests fail, by the name of the cause."""

    def __post_init__(self) -> None:
        if sum(self.failures.values()) > self.total:
            raise ValueError("more failures than requests")

    def fates(self) -> bytearray:
        """Return what becomes of each request that gets its turn."""
        fates = bytearray(self.total)
        failed = sum(self.failures.values())
        dice = Dice(self.seed, "fates")
        # Sorting makes the order independent of how this interpreter walks a set.
        places = sorted(dice.sample(self.total, failed))
        causes = [
            FATE_OF_CAUSE[name] for name, count in self.failures.items() for _ in range(count)
        ]
        for place in places:
            last = causes.pop()
            if causes:
                other = dice.below(len(causes) + 1)
                if other < len(causes):
                    causes[other], last = last, causes[other]
            fates[place] = last
        return fates

    @cached_property
    def _id_of(self) -> Callable[[int], bytes]:
        return ID_STYLES[self.ids](self.seed)

    @cached_property
    def _model(self) -> bytes:
        return self.model_name.encode()

    def custom_id(self, index: int, /) -> bytes:
        """Return the id of a request."""
        return self._id_of(index)

    def model(self, _index: int, /) -> bytes:
        """Return the model every request asks for."""
        return self._model

    def mistake(self, index: int, /) -> tuple[str, str]:
        """No request of a scenario is at fault by itself."""
        raise LookupError(index)


@dataclass(frozen=True, slots=True)
class ReceivedWork:
    """Requests that came by POST, kept small: 250,000 of them need some tens of MB."""

    seed: int
    """Decides the answers."""
    style: str
    """The kind of answers, a name of `kits`."""
    custom_ids: Sequence[bytes]
    """In the order of the body."""
    model_names: Sequence[bytes]
    """Of each request; the strings are shared."""
    planned: bytes
    """What becomes of each request, one number of `failures` each."""
    mistakes: Mapping[int, tuple[str, str]]
    """Error type and message of the requests whose params are wrong, by index."""
    digests: bytes
    """16 bytes for each request, equal exactly if its params are equal as JSON values."""
    shapes: Mapping[int, Shape] = field(default_factory=dict)
    """What the answers to some requests must look like, by index."""

    @property
    def total(self) -> int:
        """The number of requests."""
        return len(self.custom_ids)

    def fates(self) -> bytearray:
        """Return what becomes of each request that gets its turn."""
        return bytearray(self.planned)

    def custom_id(self, index: int, /) -> bytes:
        """Return the id of a request."""
        return self.custom_ids[index]

    def model(self, index: int, /) -> bytes:
        """Return the model a request asks for."""
        return self.model_names[index]

    def mistake(self, index: int, /) -> tuple[str, str]:
        """Error type and message of a request whose own params are at fault."""
        return self.mistakes[index]

    def fingerprints(self) -> dict[str, bytes]:
        """Return the digest of the params, by custom_id."""
        return {
            custom_id.decode(): self.digests[place * DIGEST_SIZE : (place + 1) * DIGEST_SIZE]
            for place, custom_id in enumerate(self.custom_ids)
        }


@dataclass(frozen=True, slots=True)
class LiteralWork:
    """A batch whose results file is given byte by byte, however odd it is."""

    content: bytes
    """The whole results file."""
    succeeded: int = 0
    """The count the batch reports."""
    errored: int = 0
    """The count the batch reports."""
    canceled: int = 0
    """The count the batch reports."""
    expired: int = 0
    """The count the batch reports."""

    @property
    def total(self) -> int:
        """The number of requests, as the counts have it; the lines may be more or fewer."""
        return self.succeeded + self.errored + self.canceled + self.expired

    def fates(self) -> bytearray:
        """Return numbers that add up to the given counts."""
        return bytearray(
            bytes(self.succeeded)
            + bytes([FIRST_CAUSE]) * self.errored
            + b"\xfe" * self.canceled
            + b"\xff" * self.expired
        )
