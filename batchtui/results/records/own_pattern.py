r"""Records by a pattern of the user's: for answers in sections or lines of a form of their own.

Each named group is a field. Where there are groups named ``key`` and ``value``, each match is one
field, whose name is the key: ``(?P<key>\w+): (?P<value>.+)`` reads lines such as ``Tier: A``.
"""

from typing import TYPE_CHECKING

from batchtui.results.errors import PatternFaulty
from batchtui.results.records.tags import add_value, scalar_of

if TYPE_CHECKING:
    import regex

EXAMPLE = r"(?P<key>\w+): (?P<value>.+)"
"""A pattern for lines such as ``Tier: A``."""

_SECONDS = 0.1
"""How long a pattern may take on one answer."""
_MOST_SLOW = 3
"""Answers that may take longer before it is given up for all: a key must not wait for it."""
_LONGEST = 1_000
"""Characters of a pattern; more is a pasted text."""


class PatternTooSlow(Exception):
    """A pattern takes too long on an answer."""


class RecordPattern:
    """A pattern that finds the records of answers.

    Args:
        text: As typed; ``^`` and ``$`` stand at each line.

    Raises:
        PatternFaulty: It is no pattern, is too long, or has no named group.
    """

    def __init__(self, text: str) -> None:
        self._regex = _compile(text)
        self._slow = 0

    def find(self, text: str) -> tuple[dict[str, object], int, int] | None:
        """Collect what the groups match; a field that is there twice is a list.

        Args:
            text: An answer.

        Returns:
            The values by name, where the first match starts and where the last one ends; None if
            there is no match.

        Raises:
            PatternTooSlow: It takes too long, or has done so several times.
        """
        if self._slow >= _MOST_SLOW:
            raise PatternTooSlow
        fields: dict[str, object] = {}
        first, last = -1, 0
        try:
            for match in self._regex.finditer(text, timeout=_SECONDS):
                first, last = (match.start() if first < 0 else first), match.end()
                for name, value in _named(match.groupdict()).items():
                    if name and value is not None:
                        add_value(fields, name, scalar_of(value))
        except TimeoutError:
            self._slow += 1
            raise PatternTooSlow from None
        return (fields, first, last) if fields else None


def find_pattern_fault(text: str) -> str:
    """Return why a pattern cannot be used, in a sentence; "" if it can, or is empty."""
    try:
        if text.strip():
            _compile(text.strip())
    except PatternFaulty as error:
        return error.sentence
    return ""


def _compile(text: str) -> "regex.Pattern[str]":
    import regex

    if len(text) > _LONGEST:
        raise PatternFaulty(f"The pattern has more than {_LONGEST:,} characters.")
    try:
        pattern = regex.compile(text, regex.MULTILINE)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise PatternFaulty(f"This is not a valid pattern: {error}.") from None
    if not pattern.groupindex:
        raise PatternFaulty("The pattern has no named group.", hint=f"For example: {EXAMPLE}")
    return pattern


def _named(groups: dict[str, str | None]) -> dict[str, str | None]:
    """Return the fields of one match."""
    if "key" in groups and "value" in groups:
        key, value = groups.pop("key"), groups.pop("value")
        return {(key or "").strip(): value} | groups
    return groups
