"""The tree of a query as typed, before its fields and values are looked at more closely."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

ValueForm: TypeAlias = Literal["bare", "quoted", "regex"]
"""How a value was written: ``word``, ``"in quotes"`` or ``/pattern/``."""


@dataclass(frozen=True, slots=True)
class Term:
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


@dataclass(frozen=True, slots=True)
class Not:
    """True where the child is not."""

    child: "Node"


@dataclass(frozen=True, slots=True)
class And:
    """True where all children are."""

    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True where any child is."""

    children: tuple["Node", ...]


Node: TypeAlias = Term | Not | And | Or


@dataclass(frozen=True, slots=True)
class SortKey:
    """One ``sort:`` of a query."""

    field: str
    """The field's proper name."""
    descending: bool = False
    """Largest or last first."""


@dataclass(frozen=True, slots=True)
class Syntax:
    """A whole query."""

    condition: Node | None
    """What rows must satisfy; None lets every row through."""
    sort: tuple[SortKey, ...]
    """The order, most important key first; empty keeps the order of the file."""
