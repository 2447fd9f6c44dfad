"""The tree of a query as typed, before its fields and values are looked at more closely."""

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


class Syntax(Struct, frozen=True):
    """A whole query."""

    condition: Node | None
    """What rows must satisfy; None lets every row through."""
    sort: tuple[SortKey, ...]
    """The order, most important key first; empty keeps the order of the file."""
