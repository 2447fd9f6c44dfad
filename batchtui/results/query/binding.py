"""Gives each term of a query its meaning: from what was typed to a condition on rows."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from batchtui.formatting import nearest
from batchtui.results.errors import QueryError
from batchtui.results.index import (
    DUPLICATE_ID,
    EMPTY_ANSWER,
    FAILED,
    RESULT_TYPES,
    SUCCEEDED,
    ResultsIndex,
)
from batchtui.results.query.answer_conditions import (
    FitsCondition,
    MisfitCondition,
    RecordCondition,
)
from batchtui.results.query.answer_fields import bind_field, bind_has
from batchtui.results.query.columns import (
    NAMES,
    NUMBERS,
    REVIEWED,
    Between,
    ByteTable,
    CauseMatches,
    IdMatches,
    NameMatches,
    NeedsLook,
    Reviewed,
    byte_table,
    row_flags,
    type_codes,
)
from batchtui.results.query.conditions import Condition, Without, all_of, any_of
from batchtui.results.query.matchers import (
    AnyMatcher,
    Contains,
    Equals,
    Matcher,
    Pattern,
    compile_glob,
    compile_pattern,
    fold,
    has_capitals,
    required_literal,
)
from batchtui.results.query.numbers import read_range
from batchtui.results.query.prefilter import Prefilter, plan_prefilter
from batchtui.results.query.reference import NO_NAME, OF_REQUEST, FieldKind, find_field, kind_of
from batchtui.results.query.searching import search_answers, search_lines
from batchtui.results.query.syntax import Term, values_of

if TYPE_CHECKING:
    from batchtui.results.row_schemas import SchemaOf

_FAILED = frozenset(RESULT_TYPES[kind] for kind in FAILED)
_GLOB_SIGNS = re.compile(r"[*?]")
_TWO_CASED_ALIKE = re.compile(r"[iksIKS]")
"""Letters that a pattern ignoring case matches with signs beyond ASCII too (such as ſ for s)."""


def bind_term(term: Term, index: ResultsIndex | None = None) -> Condition:
    """Return the condition a term means.

    Args:
        term: The term.
        index: The rows, where they are known beforehand; it tells what fields cost.

    Raises:
        QueryError: The value does not fit the field.
    """
    return _BINDERS[kind_of(term.field)](term, index)


def _bind_fits(term: Term, index: ResultsIndex | None) -> Condition:
    return FitsCondition(_schemas(term.value, index, (term.value_start, term.end)))


def bind_misfit(term: Term, index: ResultsIndex | None, schema: str) -> Condition:
    """Return the condition that a term on what does not fit a schema means.

    Args:
        term: The term.
        index: The rows, where they are known beforehand.
        schema: The schema, as ``fits`` names it.

    Raises:
        QueryError: There is no such schema, or the pattern is wrong.
    """
    schema_of = _schemas(schema, index, term.span)
    return MisfitCondition(schema_of, text_matcher(term).test)


def _schemas(name: str, index: ResultsIndex | None, span: tuple[int, int]) -> "SchemaOf":
    """Return what gives each row its schema.

    Raises:
        QueryError: There is none, at this place of the query.
    """
    from batchtui.results.row_schemas import schemas_for
    from batchtui.results.schema import SchemaError

    if index is None:  # which requests there are shows when the query is run
        if name == OF_REQUEST:
            return lambda _: None
        index = ResultsIndex()
    try:
        return schemas_for(index, name)
    except SchemaError as error:
        raise QueryError(error.message, span, hint=error.hint) from None


def negate(condition: Condition) -> Condition:
    """Return the condition for the other rows."""
    # a row of which no schema is asked neither fits nor does not fit
    if isinstance(condition, FitsCondition):
        return condition.opposite()
    return Without(condition)


def text_matcher(term: Term) -> Matcher:
    """Return how a term compares texts, also to highlight its matches.

    Raises:
        QueryError: The pattern is wrong.
    """
    if term.operator == "~":
        return _pattern(term)
    if term.operator == "=":
        return Equals(frozenset({term.value}))
    return contains(term.value)


def contains(value: str) -> Contains:
    """Look for a value; without capitals in it, case is ignored."""
    if has_capitals(value):
        return Contains(value, ignore_case=False)
    return Contains(fold(value), ignore_case=True)


def _pattern(term: Term) -> Pattern:
    ignore_case = term.form != "regex" and not has_capitals(re.sub(r"\\.", "", term.value))
    start = term.value_start + (term.form != "bare")
    regex = compile_pattern(term.value, flags=term.flags, ignore_case=ignore_case, position=start)
    return Pattern(regex, required_literal(term.value))


def _listed(term: Term) -> Matcher:
    """Return how a term with several possible values compares names or ids."""
    if term.operator == "~":
        return _pattern(term)
    values = [value for value, _ in _given_values(term)]
    if term.operator == "=":
        return Equals(frozenset(values))
    matchers = [_glob_or_contains(value, is_bare=term.form == "bare") for value in values]
    return matchers[0] if len(matchers) == 1 else AnyMatcher(tuple(matchers))


def _given_values(term: Term) -> list[tuple[str, int]]:
    """Return the values of a list with their places.

    Raises:
        QueryError: There is none, or an empty one where a part of a value is enough.
    """
    values = values_of(term)
    # everything holds an empty text
    if not values or (term.operator == ":" and not all(value for value, _ in values)):
        raise QueryError(f"“{term.field}{term.operator}” needs a value", term.span)
    return values


def _glob_or_contains(value: str, *, is_bare: bool) -> Matcher:
    if not is_bare or not _GLOB_SIGNS.search(value):
        return contains(value)
    return Pattern(compile_glob(value, ignore_case=not has_capitals(value)))


def _bind_type(term: Term, _: ResultsIndex | None) -> Condition:
    wanted: set[str] = set()
    for value, position in _given_values(term):
        wanted |= _types_named(term, fold(value), position)
    codes = {RESULT_TYPES.index(name) for name in wanted}
    return ByteTable(type_codes, byte_table(codes.__contains__))


def _types_named(term: Term, value: str, position: int) -> set[str]:
    if value == "failed":
        return set(_FAILED)
    if value in RESULT_TYPES:
        return {value}
    found = (
        {name for name in RESULT_TYPES if name.startswith(value)} if term.operator == ":" else set()
    )
    if "failed".startswith(value) and term.operator == ":":
        found |= _FAILED
    if not found:
        raise _unknown_choice(term, value, position)
    return found


def _bind_noticed(term: Term, index: ResultsIndex | None) -> Condition:
    return any_of(
        [_noticed(term, fold(value), place, index) for value, place in _given_values(term)]
    )


def _noticed(term: Term, value: str, position: int, index: ResultsIndex | None) -> Condition:
    names = _choices(term)
    fitting = [name for name in names if name.startswith(value)] if value not in names else [value]
    if not fitting:
        raise _unknown_choice(term, value, position)
    return any_of([_NOTICED[name](index) for name in fitting])


def _flagged(flag: int) -> Callable[[ResultsIndex | None], Condition]:
    return lambda _: ByteTable(row_flags, byte_table(lambda value: bool(value & flag)))


_NOTICED: dict[str, Callable[[ResultsIndex | None], Condition]] = {
    "look": lambda _: NeedsLook(),
    "json": RecordCondition,
    "record": RecordCondition,
    "empty": _flagged(EMPTY_ANSWER),
    "duplicate": _flagged(DUPLICATE_ID),
}


def _choices(term: Term) -> list[str]:
    field = find_field(term.field)
    return [choice.value for choice in field.choices] if field is not None else []


def _unknown_choice(term: Term, value: str, position: int) -> QueryError:
    names = _choices(term)
    near = nearest(value, names)
    return QueryError(
        f"“{term.field}” is never “{value}”",
        (position, position + max(1, len(value))),
        hint=(f"Did you mean “{near}”? " if near else "") + "One of: " + ", ".join(names),
    )


def _bind_name(term: Term, _: ResultsIndex | None) -> Condition:
    column = NAMES[term.field]
    named: Condition = NameMatches(column, _listed(term))
    asks_for_none = any(value.lower() == NO_NAME for value, _ in values_of(term))
    if term.operator == "~" or not asks_for_none or NO_NAME not in _choices(term):
        return named
    answered = ByteTable(type_codes, byte_table(lambda code: code == SUCCEEDED))
    return any_of([named, all_of([answered, Between(column.codes, 0, 0)])])


def _bind_cause(term: Term, _: ResultsIndex | None) -> Condition:
    return CauseMatches(text_matcher(term), exact=term.operator == "=")


def _bind_id(term: Term, _: ResultsIndex | None) -> Condition:
    return IdMatches(_listed(term))


def _bind_has(term: Term, index: ResultsIndex | None) -> Condition:
    return any_of(
        [
            Reviewed(REVIEWED[value], None) if value in REVIEWED else bind_has(value, place, index)
            for value, place in _given_values(term)
        ]
    )


def _bind_path(term: Term, index: ResultsIndex | None) -> Condition:
    return bind_field(term, _listed, index)


def _bind_review(term: Term, _: ResultsIndex | None) -> Condition:
    return Reviewed(REVIEWED[term.field], _listed(term))


def _bind_number(term: Term, _: ResultsIndex | None) -> Condition:
    low, high = read_range(term)
    return Between(NUMBERS[term.field], low, high)


def _bind_text(term: Term, _: ResultsIndex | None) -> Condition:
    matcher = _searched(term)
    found = search_answers(matcher, _plan(matcher, escaped=True))
    # A word by itself is looked for in the ids as well.
    return any_of([IdMatches(matcher), found]) if term.start == term.value_start else found


def _bind_line(term: Term, _: ResultsIndex | None) -> Condition:
    matcher = _searched(term)
    return search_lines(matcher, _plan(matcher, escaped=False))


def _searched(term: Term) -> Matcher:
    if term.value:
        return text_matcher(term)
    raise QueryError("There is nothing to search for", term.span)


def _plan(matcher: Matcher, *, escaped: bool) -> Prefilter | None:
    if isinstance(matcher, Contains):
        return plan_prefilter(matcher.needle, ignore_case=matcher.ignore_case, escaped=escaped)
    if not isinstance(matcher, Pattern):
        return None
    ignore_case = matcher.ignores_case
    literal = matcher.literal
    if ignore_case:
        literal = max(_TWO_CASED_ALIKE.split(literal), key=len).lower()
    return plan_prefilter(literal, ignore_case=ignore_case, escaped=escaped)


_BINDERS: dict[FieldKind, Callable[[Term, ResultsIndex | None], Condition]] = {
    "type": _bind_type,
    "name": _bind_name,
    "cause": _bind_cause,
    "id": _bind_id,
    "number": _bind_number,
    "noticed": _bind_noticed,
    "text": _bind_text,
    "line": _bind_line,
    "path": _bind_path,
    "has": _bind_has,
    "fits": _bind_fits,
    "review": _bind_review,
}
