"""What a term on a field of the answers means: ``.total>100``, ``.vendor:acme``, ``has:.total``."""

from collections.abc import Callable, Sequence

from batchtui.results.errors import QueryError
from batchtui.results.index import ResultsIndex
from batchtui.results.query.answer_conditions import FieldCondition, FieldTest
from batchtui.results.query.conditions import Condition
from batchtui.results.query.field_order import ORDERS, read_order, read_range
from batchtui.results.query.matchers import Matcher
from batchtui.results.query.numbers import read_signed
from batchtui.results.query.syntax import Term
from batchtui.results.records.columns import write_scalar
from batchtui.results.records.json_scan import order_of
from batchtui.results.records.paths import (
    FALSE,
    NULL,
    TRUE,
    FieldPath,
    Scalar,
    Word,
    path_hint,
    path_of,
)

_WORDS = {"true": TRUE, "false": FALSE, "null": NULL}


def bind_field(
    term: Term, matchers: Callable[[Term], Matcher], index: ResultsIndex | None
) -> Condition:
    """Return the condition that a term such as ``.total>100`` means.

    Args:
        term: Its field is a path.
        matchers: Returns how the term compares texts.
        index: The rows, where they are known.

    Raises:
        QueryError: The value does not fit.
    """
    path = read_field(term.field, term.span)
    return FieldCondition(path, _wanted(term, matchers), index)


def bind_has(text: str, position: int, index: ResultsIndex | None) -> Condition:
    """Return the condition that a record has a field, whatever its value is.

    Raises:
        QueryError: The value is not a path.
    """
    path = read_field(text, (position, position + len(text)))
    return FieldCondition(path, None, index)


def read_field(text: str, span: tuple[int, int]) -> FieldPath:
    """Read a path that stands for itself.

    Args:
        text: The path.
        span: Where it stands in the query.

    Raises:
        QueryError: It is none.
    """
    path = path_of(text)
    if path is None:
        raise QueryError(
            f"“{text}” is not a field of the answers",
            (span[0], max(span[0] + 1, span[1])),
            hint=path_hint(text),
        )
    return path


def _wanted(term: Term, matchers: Callable[[Term], Matcher]) -> FieldTest:
    if term.operator in ORDERS:
        return read_order(term)
    if term.operator != "~" and term.form == "bare" and ".." in term.value:
        wanted = read_range(term)
        if wanted is not None:
            return wanted
    if term.operator == "=" and term.form == "bare" and term.value == "[]":
        return FieldTest(lambda _: False, wants_empty_list=True)
    matcher = matchers(term)
    if term.operator == "~":
        return FieldTest(lambda value: matcher.test(write_scalar(value)))
    if term.form != "bare":
        return FieldTest(lambda value: isinstance(value, str) and matcher.test(value))
    return _one_of([part for part in term.value.split(",") if part], term.operator, matcher)


def _one_of(wanted: Sequence[str], sign: str, matcher: Matcher) -> FieldTest:
    """Compare numbers and words with what they are, texts by a matcher."""
    # what is to be null is no text; but what contains "null" may be one
    no_texts = _WORDS.keys() if sign == "=" else frozenset[str]()
    numbers = [number for part in wanted if (number := read_signed(part)) is not None]
    words = {_WORDS[part.lower()] for part in wanted if part.lower() in _WORDS}

    def test(value: Scalar) -> bool:
        if isinstance(value, str):
            return value not in no_texts and matcher.test(value)
        if isinstance(value, Word):
            return value in words
        return any(not order_of(value, number) for number in numbers)

    return FieldTest(test)
