"""Things that go wrong on purpose, a given number of times, at a given kind of call."""

from dataclasses import dataclass, field
from typing import Literal, get_args

Operation = Literal["create", "retrieve", "list", "cancel", "delete", "results", "count_tokens"]
OPERATIONS: tuple[Operation, ...] = get_args(Operation)

Kind = Literal["answer", "drop", "stall", "cut", "truncate", "delay"]
Body = Literal["error", "html", "empty", "not_json", "given"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Raises:
        ValueError: The kind, the operation or the body is none of these.
    """

    kind: Kind = "answer"
    """``answer``: this answer instead of the right one. ``drop``: the connection closes without an
    answer. ``stall``: nothing more is sent, the connection stays open. ``cut``: it breaks in the
    middle of a body. ``truncate``: the body ends early, yet cleanly. ``delay``: the right answer,
    late."""
    operation: Operation | Literal["any"] = "any"
    """The calls it happens to; ``any`` for all."""
    times: int | None = 1
    """How many calls it happens to; None for always."""
    after_effect: bool = False
    """For ``answer``, ``drop`` and ``stall``: the call is carried out first, so that only its
    answer is lost."""
    at_byte: int | None = None
    """Bytes after which it happens: of the request's body for a ``drop`` before the effect (None:
    before any of it is read), of the answer's body for ``cut``, ``truncate`` and ``stall`` (None
    for ``stall``: before the answer starts)."""
    at_line_end: bool = False
    """Move ``at_byte`` on to the end of the line it falls in."""
    seconds: float = 0.0
    """How long a ``delay`` is, in real time."""
    status: int = 500
    """Of an ``answer``."""
    body: Body = "error"
    """Of an ``answer``: an error envelope, a page of HTML, nothing, broken JSON, or ``content``."""
    content: str = ""
    """Of an ``answer`` whose body is ``given``; called JSON."""
    error_type: str = ""
    """Of an error envelope; the status's usual one if empty."""
    message: str = "Simulated fault"
    """Of an error envelope."""
    retry_after: str | None = None
    """Header of an ``answer``: seconds or a date, as it stands."""
    retry_after_ms: str | None = None
    """Header of an ``answer``."""
    should_retry: str | None = None
    """The ``x-should-retry`` header of an ``answer``."""
    location: str | None = None
    """The ``location`` header of an ``answer``."""

    def __post_init__(self) -> None:
        for value, known in (
            (self.kind, get_args(Kind)),
            (self.operation, ("any", *OPERATIONS)),
            (self.body, get_args(Body)),
        ):
            if value not in known:
                raise ValueError(f"{value!r} should be one of {', '.join(known)}")


@dataclass(slots=True)
class _Coming:
    fault: Fault
    left: int | None


@dataclass(slots=True)
class Faults:
    """The faults still to come; each call meets at most one, the first that fits."""

    _coming: list[_Coming] = field(default_factory=list)

    def add(self, *faults: Fault) -> None:
        """Let these happen, after those that are there already."""
        self._coming.extend(_Coming(fault, fault.times) for fault in faults)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._coming.clear()

    def pending(self) -> tuple[Fault, ...]:
        """Return what may still happen."""
        return tuple(coming.fault for coming in self._coming)

    def take(self, operation: Operation) -> Fault | None:
        """Return the fault that this call meets, which is then used up by one."""
        for coming in self._coming:
            if coming.fault.operation in {"any", operation}:
                if coming.left is not None:
                    coming.left -= 1
                    if coming.left <= 0:
                        self._coming.remove(coming)
                return coming.fault
        return None
