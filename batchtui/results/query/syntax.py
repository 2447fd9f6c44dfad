"""The tree of a query as typed, before its fields and values are looked at more closely."""

import re
from typing import Literal, TypeAlias

from msgspec import Struct

ValueForm: TypeAlias = Literal["bare", "quoted", "regex"]
"""How a value was written: ``word``, ``"in quotes"`` or ``/pattern/``."""


class Term(Struct, frozen=True):
    """One condition as typed: ``out<50``, ``id~^doc-``, ``sorry`` or ``"a phrase"``."""

    field: str
    """The field's proper name; free text has the field ``text``."""
    operator: str
    """One of ``:``, ``=``, ``~``, ``<``, ``<=``, ``>``, ``>=``; free text has ``:``."""
    value: str
    """The value with quotes, slashes and their escapes taken away."""
    form: ValueForm
    """How the value was written."""
    flags: str
    """The letters after a ``/pattern/``; empty for other forms."""
    start: int
    """Where the term starts, in characters."""
    value_start: int
    """Where the value starts, its quote or slash included."""
    end: int
    """Where the term ends, exclusive."""

    @property
    def span(self) -> tuple[int, int]:
        """Where it starts and ends."""
        return self.start, self.end


class Not(Struct, frozen=True):
    """True where the child is not."""

    child: "Node"


class And(Struct, frozen=True):
    """True where all children are."""

    children: tuple["Node", ...]


class Or(Struct, frozen=True):
    """True where any child is."""

    children: tuple["Node", ...]


Node: TypeAlias = Term | Not | And | Or


class SortKey(Struct, frozen=True):
    """One ``sort:`` of a query."""

    field: str
    """The field's proper name."""
    descending: bool = False
    """Largest or last first."""


class RowSample(Struct, frozen=True):
    """A ``sample:`` of a query."""

    rows: int
    """How many rows to choose."""
    seed: str = ""
    """Another seed chooses other rows."""


class Syntax(Struct, frozen=True):
    """A whole query."""

    condition: Node | None
    """What rows must satisfy; None lets every row through."""
    sort: tuple[SortKey, ...]
    """The order, most important key first; empty keeps the order of the file."""
    sample: RowSample | None = None
    """What to choose of the rows that match; None for all of them."""


_PLAIN = re.compile(r"(?!.*\.\.)[\w.@+-][\w.@+:-]*")
"""A word that is no list, range or pattern."""
_HEX = re.compile(r"u([0-9a-fA-F]{4})")
_NEEDS_ESCAPE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]"
)


def quote(text: str) -> str:
    r"""Write a text as a value of a query; the value stands for exactly this text.

    Plain words stay as they are; anything else is put in quotes, with ``\"``, ``\\`` and
    ``\uXXXX`` for what would not be seen.
    """
    if _PLAIN.fullmatch(text):
        return text
    inside = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _NEEDS_ESCAPE.sub(lambda match: f"\\u{ord(match.group()):04x}", inside) + '"'


def values_of(term: Term) -> list[tuple[str, int]]:
    """Return the values of a list with their places; a quoted value is never a list."""
    if term.form != "bare":
        return [(term.value, term.value_start)]
    values: list[tuple[str, int]] = []
    position = term.value_start
    for part in term.value.split(","):
        if part:
            values.append((part, position))
        position += len(part) + 1
    return values


def read_escape(text: str, position: int) -> tuple[str, int]:
    r"""Read what follows a backslash inside quotes.

    Args:
        text: The query.
        position: Behind the backslash.

    Returns:
        What it stands for, and the place behind it. A backslash before anything else stands for
        itself.
    """
    code = _HEX.match(text, position)
    if code is not None:
        return chr(int(code.group(1), 16)), code.end()
    sign = text[position]
    if sign in {'"', "\\"}:
        return sign, position + 1
    known = {"n": "\n", "t": "\t"}.get(sign)
    return (known if known is not None else "\\" + sign), position + 1
