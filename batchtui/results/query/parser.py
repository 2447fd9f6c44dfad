"""Reads a query into its tree: spaces mean and, ``or`` is weaker, ``-`` negates, ``( )`` group."""

import re
from collections.abc import Iterator

from batchtui.results.errors import QueryError
from batchtui.results.query.answer_fields import read_field
from batchtui.results.query.lexer import Token, tokenize
from batchtui.results.query.reference import SORT_FIELDS, find_field
from batchtui.results.query.syntax import And, Node, Not, Or, RowSample, SortKey, Syntax, Term
from batchtui.results.records.paths import read_path, with_dot

_SAMPLE = re.compile(r"(\d{1,9})(?:@(\w{1,40}))?", re.ASCII)
_FOR_ALL = {"sort", "sample"}
"""Fields that are no condition of a row."""
MAX_DEPTH = 50
"""Parentheses inside one another; more is a pasted text rather than a query."""


def parse_query(text: str) -> Syntax:
    """Read a query.

    Args:
        text: Anything at all; an empty text lets every row through.

    Raises:
        QueryError: The text is not a query; nothing else is ever raised.
    """
    return _Parser(text).parse()


def narrow_query(text: str, more: str) -> str:
    """Return the query for the rows of one that match another one as well.

    Args:
        text: A query; may be empty.
        more: A condition, or several that stand beside each other.

    Raises:
        QueryError: The text is not a query.
    """
    tokens = tokenize(text)
    if all(token.kind != "or" for token in tokens):
        return f"{text} {more}".strip()
    # what is for all rows cannot stand in parentheses
    apart = [token for token in tokens if token.term is not None and token.term.field in _FOR_ALL]
    inner = text
    for token in reversed(apart):
        inner = inner[: token.start] + inner[token.end :]
    return " ".join([f"({inner.strip()})", more, *(text[one.start : one.end] for one in apart)])


class _Parser:
    """Recursive descent over the tokens, with a bounded depth."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = tokenize(text)
        self._next = 0
        self._depth = 0
        self._sort: list[SortKey] = []
        self._sample: RowSample | None = None

    def parse(self) -> Syntax:
        """Read the whole query."""
        condition = self._parse_or() if self._tokens else None
        token = self._peek()
        if token is not None:
            raise QueryError(
                "There is no parenthesis to close here",
                token.span,
                hint="Remove it, or put it in quotes to search for it.",
            )
        return Syntax(condition, tuple(self._sort), self._sample)

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _parse_or(self) -> Node | None:
        """Read branches between ``or``; None where only ``sort:`` stands here."""
        branches = [self._parse_and()]
        while (token := self._peek()) is not None and token.kind == "or":
            self._next += 1
            branches.append(self._parse_and())
            if branches[-2] is None or branches[-1] is None:
                raise _one_sided(token)
        if len(branches) == 1:
            return branches[0]
        return Or(tuple(branch for branch in branches if branch is not None))

    def _parse_and(self) -> Node | None:
        """Read factors up to ``or``, ``)`` or the end; None if there is none."""
        factors: list[Node] = []
        while (token := self._peek()) is not None and token.kind not in {"or", "close"}:
            if token.kind == "and":
                self._step_over_and(token, is_first=not factors)
                continue
            factor = self._parse_factor(token)
            if factor is not None:
                factors.append(factor)
        if not factors:
            return None
        return factors[0] if len(factors) == 1 else And(tuple(factors))

    def _step_over_and(self, token: Token, *, is_first: bool) -> None:
        self._next += 1
        following = self._peek()
        if is_first or following is None or following.kind in {"or", "and", "close"}:
            raise _one_sided(token)

    def _parse_factor(self, token: Token) -> Node | None:
        minuses = 0
        first = token
        while token.kind == "minus":
            minuses += 1
            self._next += 1
            following = self._peek()
            if following is None or following.start != token.end:
                raise _nothing_to_negate(token)
            token = following
        if minuses and token.kind not in {"open", "term"}:
            raise _nothing_to_negate(first)
        factor = self._parse_group(token) if token.kind == "open" else self._parse_term(token)
        if factor is None:
            if minuses:
                raise QueryError(
                    "A sort: or sample: cannot be negated",
                    (first.start, token.end),
                    hint="Write the minus behind the colon, as in sort:-out",
                )
            return None
        return Not(factor) if minuses % 2 else factor

    def _parse_group(self, opening: Token) -> Node:
        self._next += 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QueryError(
                f"More than {MAX_DEPTH} parentheses inside one another",
                opening.span,
            )
        inside = self._parse_or()
        self._depth -= 1
        closing = self._peek()
        if closing is None:
            raise QueryError(
                "This parenthesis is not closed",
                opening.span,
                hint="Add ) or put it in quotes to search for it.",
            )
        self._next += 1
        if inside is None:
            raise QueryError(
                "There is nothing between these parentheses",
                (opening.start, closing.end),
            )
        return inside

    def _parse_term(self, token: Token) -> Node | None:
        """Read a term; a ``sort:`` or ``sample:`` is put aside and None returned."""
        self._next += 1
        term = token.term
        if term is None:
            raise _one_sided(token)
        if term.field not in _FOR_ALL:
            return term
        if self._depth:
            raise QueryError(
                f"A {term.field}: is for all rows and cannot stand in parentheses",
                term.span,
                hint="Move it to the end of the query.",
            )
        if term.field == "sort":
            self._sort += _read_sort(term)
        else:
            self._sample = _read_sample(term)
        return None


def _read_sort(term: Term) -> list[SortKey]:
    keys: list[SortKey] = []
    position = term.value_start
    for part in _split_sort(term.value):
        name = with_dot(part.removeprefix("-"))
        field = find_field(name)
        is_path = name.startswith(".") and bool(read_field(name, (position, position + len(part))))
        if field is None or not (is_path or field.sortable):
            raise QueryError(
                f"Rows cannot be sorted by “{name}”",
                (position, position + len(part)),
                hint="Sort by " + ", ".join(SORT_FIELDS),
            )
        keys.append(SortKey(field.name, descending=part.startswith("-")))
        position += len(part) + 1
    return keys


def _split_sort(value: str) -> Iterator[str]:
    """Cut at the commas between fields; a name in quotes may have some of its own."""
    start = 0
    while start <= len(value):
        path = read_path(value, start + value.startswith("-", start))
        comma = value.find(",", start if path is None else path[1])
        end = len(value) if comma < 0 else comma
        yield value[start:end]
        start = end + 1


def _read_sample(term: Term) -> RowSample:
    match = _SAMPLE.fullmatch(term.value)
    if match is None:
        raise QueryError(
            f"“{term.value}” is not the size of a sample",
            (term.value_start, max(term.value_start + 1, term.end)),
            hint="Such as sample:50, or sample:50@7 for another choice",
        )
    return RowSample(int(match.group(1)), match.group(2) or "")


def _one_sided(token: Token) -> QueryError:
    word = token.kind
    return QueryError(
        f"“{word}” needs a condition on both sides",
        token.span,
        hint=f'To search for the word, write "{word}".',
    )


def _nothing_to_negate(token: Token) -> QueryError:
    return QueryError(
        "There is nothing behind this minus",
        token.span,
        hint='It negates what it touches, as in -type:errored; to search for it write "-".',
    )
