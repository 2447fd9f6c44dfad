"""Names and causes as small numbers, so that a column can hold them."""

import re

from batchtui.results.index import ErrorCause
from batchtui.untrusted import visible

_MAX_NAME = 200
_MAX_MESSAGE = 2_000
_MAX_CAUSES = 1_000
_MAX_REMEMBERED = 4_096

_FOLDED = re.compile(
    r"""
    [0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}                 # a UUID
    | (?<![\w-])\d{4}-\d\d-\d\d(?:[T\ ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?    # a time
    | (?<![\w-])[A-Za-z]+(?:_[A-Za-z]+)*_(?=[A-Za-z]*\d)[A-Za-z0-9]{6,}(?![\w-])  # req_011CSHo...
    | (?<![\w-])[A-Za-z]+[-_]\d+(?![\w-])                                # doc-17
    | (?<![\w-])(?=[0-9a-f]*\d)[0-9a-f]{8,}(?![\w-])                     # a hash
    | (?<![\w-])-?\d+(?:[.,:]\d+)*(?=[A-Za-z]{0,3}(?![\w-]))             # 17, 1,024, 0.5, 30s
    """,
    re.VERBOSE,
)


def fold_message(message: str) -> str:
    """Replace ids, numbers, hashes and times by ``…``, so that like messages become the same.

    Names with a version, such as ``claude-sonnet-4-5-20250929``, are kept: they tell causes apart.
    """
    return _FOLDED.sub("…", message[:_MAX_MESSAGE])


class Numbering(dict[str | None, int]):
    """Gives each name the next number; ``None`` and "" are 0.

    A dictionary with ``__missing__``, since the indexer asks it once a row.
    """

    __slots__ = ("_limit", "_names")

    def __init__(self, names: list[str], limit: int) -> None:
        """Start numbering.

        Args:
            names: The list to append names to; its first is "".
            limit: How many numbers there are; the last one stands for all further names.
        """
        super().__init__({None: 0, "": 0})
        self._names = names
        self._limit = limit

    def __missing__(self, name: str | None) -> int:
        short = visible(name or "")[:_MAX_NAME]
        if short != name and short in self:
            return self[short]
        number = len(self._names)
        if number >= self._limit - 1:
            if number == self._limit - 1:
                self._names.append("(others)")
            return self._limit - 1
        self._names.append(short)
        self[short] = number
        if name is not None and len(name) <= _MAX_NAME:
            self[name] = number
        return number


class CauseNumbering:
    """Gives each kind of error a number."""

    def __init__(self, causes: list[ErrorCause]) -> None:
        """Start numbering.

        Args:
            causes: The list to append to; its first stands for no cause.
        """
        self._causes = causes
        self._by_message: dict[tuple[str, str], int] = {}
        self._by_pattern: dict[tuple[str, str], int] = {}

    def number(self, kind: str, message: str) -> int:
        """The number of an error of this type and message."""
        key = (kind, message)
        known = self._by_message.get(key)
        if known is not None:
            return known
        number = self._number(kind[:_MAX_NAME], message)
        if len(self._by_message) < _MAX_REMEMBERED and len(message) <= _MAX_NAME:
            self._by_message[key] = number
        return number

    def _number(self, kind: str, message: str) -> int:
        pattern = fold_message(message)
        known = self._by_pattern.get((kind, pattern))
        if known is not None:
            return known
        if len(self._causes) > _MAX_CAUSES:
            kind, pattern, message = "other", "(further errors, each with another text)", ""
            if ("other", pattern) in self._by_pattern:
                return self._by_pattern["other", pattern]
        self._causes.append(ErrorCause(kind, pattern, message[:_MAX_MESSAGE]))
        self._by_pattern[kind, pattern] = len(self._causes) - 1
        return len(self._causes) - 1
