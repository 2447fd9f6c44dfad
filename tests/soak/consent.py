"""Whether what changed at the service was asked for: by a key pressed while the question stood."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.journeys.support import Json

QUESTIONS = {
    "cancel": re.compile(r"Cancel (this|[\d,]+ )|It is still|Cancel it"),
    "delete": re.compile(r"Delete (this|[\d,]+ )"),
    "create": re.compile(r"Send .+\?|Send again|Not finished|Go on with"),
}
"""The beginning of the question that stands on the screen before each kind of change.

In a narrow window its end is cut, or in the next line.
"""
_VALID = {"cancel": 60.0, "delete": 60.0, "create": 300.0}
"""Seconds for which an answer counts: calls are tried again, and a long file takes its time."""
_ANSWERS = re.compile(rb"[\r ]|\x1b\[<0;\d+;\d+[Mm]")
"""A key or click that may say yes."""


@dataclass
class Consent:
    """Remembers which questions were answered, and compares with what was done."""

    given_at: dict[str, float] = field(default_factory=dict)
    """When a question of each kind was last answered while it was on the screen."""
    _known: dict[str, str] = field(default_factory=dict)

    def about_to_send(self, data: bytes, screen: str, now: float) -> None:
        """Note what is about to be typed before this screen."""
        if _ANSWERS.search(data):
            for kind, question in QUESTIONS.items():
                if question.search(screen):
                    self.given_at[kind] = now

    def learn(self, batches: list[Json]) -> None:
        """Take what is there as given."""
        self._known = _states(batches)

    def violations(self, batches: list[Json], now: float) -> Iterator[str]:
        """Compare with what was there before; give each change that nobody asked for."""
        states = _states(batches)
        for kind, batch_id in _changes(self._known, states):
            if now - self.given_at.get(kind, float("-inf")) > _VALID[kind]:
                yield f"{kind} of {batch_id} without an answer to its question"
        self._known = states


def _states(batches: list[Json]) -> dict[str, str]:
    return {one["id"]: "canceled" if one["cancel_initiated_at"] else "" for one in batches}


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for batch_id in before.keys() - after.keys():
        yield "delete", batch_id
    for batch_id in after.keys() - before.keys():
        yield "create", batch_id
    for batch_id in before.keys() & after.keys():
        if after[batch_id] and not before[batch_id]:
            yield "cancel", batch_id
