"""The query language over a comparison: which pairs are meant, and in what order.

Besides the words below every term of the usual language works, but neither ``or`` nor groups of
terms; a pair is meant if one of its rows matches, or with ``a`` or ``b`` before a field the row of
that side.

==========================  ======================================================
``change:flip``             pairs of one change; also ``any`` for all differences
``a.score>b.score``         the same or two fields, of both sides
``a.vendor=ACME``           a field of one side
``delta:.score``            pairs whose both sides have the field, with other values
``delta:.score>0.1``        numbers that grew from the first side to the second
``sort:-delta:.score``      the largest change first; ``sort:delta`` is the answers' length
``sort:-.score``            as the usual language sorts the rows of the first side; with ``b``
                            before a field, as in ``sort:b.score``, those of the second
``review:a``                pairs of which a review of this comparison said that the first side
                            is better; also ``b``, ``tie``, ``unsure``, ``note:`` and ``has:``
==========================  ======================================================
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Final, TypeAlias

from batchtui.results.comparison.answers import DIFFERENCES, Change
from batchtui.results.comparison.pairs import NO_ROW, ResultsComparison
from batchtui.results.comparison.side import filled
from batchtui.results.errors import QueryError
from batchtui.results.query.engine import Query, compile_query, read_query
from batchtui.results.records.json_scan import Number, as_written, order_of
from batchtui.results.records.paths import Cell, read_path

_CHANGE: Final = "change:"
_WORD: Final = re.compile(r'(?:"(?:[^"\\]|\\.)*"|[^\s"])+')
_PATH: Final = r"""\.(?:[^\s<>=!~:"]|"(?:[^"\\]|\\.)*")+"""
_OPERATOR: Final = r"(?P<operator>>=|<=|!=|=|>|<)"
_BOTH: Final = re.compile(
    rf"(?P<one>[ab])(?P<path>{_PATH}){_OPERATOR}(?P<other>[ab])(?P<other_path>{_PATH})"
)
_ONE_SIDE: Final = re.compile(r"(?P<side>[ab])(?P<term>\..+)")
_DELTA: Final = re.compile(
    rf"delta:(?P<path>{_PATH})(?:{_OPERATOR}(?P<number>[+-]?\d+(?:\.\d+)?))?"
)
_SORT: Final = re.compile(rf"sort:(?P<down>-?)delta(?::(?P<path>{_PATH}))?")
_SORT_ROWS: Final = re.compile(r"sort:(?P<down>-?)(?:(?P<side>[ab])(?=\.))?(?P<field>.+)")
_COMPARE: Final[Mapping[str, Callable[[Number, Number], bool]]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
}
_NAMES: Final = {change.value: (change,) for change in Change} | {
    "flip": (Change.TYPE,),
    "any": DIFFERENCES,
}

_EXACTLY: Final = Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
_UNKNOWN: Final = Decimal(-1)
"""Less than the size of any change."""

_Test: TypeAlias = Callable[[int], bool]


def match_pairs(text: str, comparison: ResultsComparison) -> Sequence[int]:
    """Return the pairs that a query means, in the order in which to show them.

    Args:
        text: The query, as typed.
        comparison: All of it is compared.

    Raises:
        QueryError: It is not understood; the place is that in ``text``.
        ResultsFileError: A file cannot be read.
    """
    tests: list[_Test] = []
    order: tuple[Callable[[int], Number], bool] | None = None
    for word in _words(text):
        sort, rows = _SORT.fullmatch(word.group()), _SORT_ROWS.fullmatch(word.group())
        if sort is not None:
            order = _size_of_change(comparison, sort["path"]), bool(sort["down"])
        elif rows is not None:
            order = _place_of_row(comparison, rows, word), False
        else:
            tests.append(_test_of(word, comparison))
    pairs = [pair for pair in range(len(comparison)) if all(test(pair) for test in tests)]
    if order is not None:
        size, is_down = order
        pairs.sort(key=size, reverse=is_down)
    return pairs


def asks_for_changes(text: str) -> bool:
    """Return whether a query says itself which pairs it means by how they changed.

    Raises:
        QueryError: It is not understood.
    """
    words = (word.group().removeprefix("-") for word in _words(text))
    return any(word.startswith(_CHANGE) for word in words)


def asks_for_reviews(text: str) -> bool:
    """Return whether a query that `match_pairs` understands looks at reviews of the comparison."""
    return any(query.asks_for_reviews for query in _usual_queries(text))


def asks_for_requests(text: str) -> bool:
    """Return whether a query that `match_pairs` understands looks at what the requests ask.

    Raises:
        QueryError: It is not understood.
    """
    return any(query.asks_for_requests for query in _usual_queries(text))


def asked_fields(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of answers that a query that `match_pairs` understands looks at.

    Each stands behind the letters of the sides at which it is looked at.
    """
    for word in _words(text):
        term = word.group().removeprefix("-")
        if (both := _BOTH.fullmatch(term)) is not None:
            yield both["one"], both["path"]
            yield both["other"], both["other_path"]
        elif (of_pairs := _SORT.fullmatch(term) or _DELTA.fullmatch(term)) is not None:
            if of_pairs["path"]:
                yield "ab", of_pairs["path"]
        elif not term.startswith(_CHANGE):
            one_side, sort = _ONE_SIDE.fullmatch(term), _SORT_ROWS.fullmatch(term)
            side = (one_side or sort or {"side": None})["side"] or "ab"
            usual = one_side["term"] if one_side else f"sort:{sort['field']}" if sort else term
            yield from ((side, path) for path in read_query(usual).answer_fields)


def _words(text: str) -> Iterator[re.Match[str]]:
    """Yield the words of a query, each of which is a term.

    Raises:
        QueryError: One of them joins others.
    """
    for word in _WORD.finditer(text):
        bare = word.group().lower().lstrip("-")
        is_open = bare.startswith("(") and bare.count("(") > bare.count(")")
        if is_open or bare in {"or", "and"}:
            raise QueryError(
                "A comparison's query knows neither “or” and “and” nor groups",
                word.span(),
                hint="All its terms must match. Put it in quotes to search for it.",
            )
        yield word


def _usual_queries(text: str) -> Iterator[Query]:
    """Yield the terms of a query that say something of rows, each by itself."""
    for word in _words(text):
        term = word.group().removeprefix("-")
        if _is_of_pairs(term):
            continue
        try:
            query = read_query(term)
        except QueryError as error:
            raise _placed_at(word, error) from None
        yield query


def _is_of_pairs(term: str) -> bool:
    """Return whether a term says something of pairs, and not of their rows."""
    patterns = (_SORT, _SORT_ROWS, _BOTH, _DELTA, _ONE_SIDE)
    return term.startswith(_CHANGE) or any(one.fullmatch(term) for one in patterns)


def _test_of(word: re.Match[str], comparison: ResultsComparison) -> _Test:
    term = word.group()
    is_negated = term.startswith("-") and len(term) > 1
    bare = term[1:] if is_negated else term
    test = (
        _change_test(bare, word, comparison)
        or _both_test(bare, comparison)
        or _delta_test(bare, comparison)
        or _rows_test(bare, word, comparison)
    )
    if not is_negated:
        return test
    if _is_of_pairs(bare) or not read_query(bare).named_schema:
        return lambda pair: not test(pair)
    # rows of which no schema is asked are no reason to mean a pair
    others = _rows_test(term, word, comparison)
    return lambda pair: others(pair) and not test(pair)


def _change_test(term: str, word: re.Match[str], comparison: ResultsComparison) -> _Test | None:
    if not term.startswith(_CHANGE):
        return None
    value = term.removeprefix(_CHANGE)
    wanted = _NAMES.get(value)
    if wanted is None:
        raise QueryError(
            f"{term} is not known",
            word.span(),
            hint=f"There are: {', '.join(_NAMES)}.",
        )
    return lambda pair: comparison.change(pair) in wanted


def _both_test(term: str, comparison: ResultsComparison) -> _Test | None:
    match = _BOTH.fullmatch(term)
    if match is None:
        return None
    one = _cells(comparison, match["one"], match["path"])
    other = _cells(comparison, match["other"], match["other_path"])
    name = match["operator"]
    compare = _COMPARE[name]

    def test(pair: int) -> bool:
        mine, theirs = one(pair), other(pair)
        if isinstance(mine, Number) and isinstance(theirs, Number):
            return compare(order_of(mine, theirs), 0)
        if name in {"=", "!="}:
            return mine is not None and theirs is not None and (mine == theirs) == (name == "=")
        return False

    return test


def _delta_test(term: str, comparison: ResultsComparison) -> _Test | None:
    match = _DELTA.fullmatch(term)
    if match is None:
        return None
    a, b = (_cells(comparison, side, match["path"]) for side in "ab")
    if match["operator"] is None:
        return lambda pair: None not in (a(pair), b(pair)) and a(pair) != b(pair)
    compare, number = _COMPARE[match["operator"]], Decimal(match["number"])

    def test(pair: int) -> bool:
        change = _difference(a(pair), b(pair))
        return change is not None and compare(change, number)

    return test


def _rows_test(term: str, word: re.Match[str], comparison: ResultsComparison) -> _Test:
    one_side = _ONE_SIDE.fullmatch(term)
    wanted = one_side["term"] if one_side else term
    sides = one_side["side"] if one_side else "ab"
    try:
        meant = _find_rows(wanted, comparison, sides)
    except QueryError as error:
        path = read_path(wanted) if one_side else None
        if path is not None:  # what to write is of this side as well
            error.hint = error.hint.replace(path[0].text, f"{sides}{path[0].text}")
        raise _placed_at(word, error) from None
    rows_a, rows_b = meant.get("a", frozenset()), meant.get("b", frozenset())
    return lambda pair: comparison.rows_a[pair] in rows_a or comparison.rows_b[pair] in rows_b


def _find_rows(
    text: str, comparison: ResultsComparison, sides: str
) -> Mapping[str, frozenset[int]]:
    """Return the rows of each side that a term of the usual language means.

    Raises:
        QueryError: It is not understood; the place is that in ``text``.
        BatchtuiError: A file cannot be read.
    """
    query = compile_query(text)
    if query.asks_for_reviews and comparison.reviews is None:
        raise QueryError(
            "The reviews of a comparison are only known in the app",
            (0, len(text)),
            hint="Mark two batches in the list and compare them there.",
        )
    return {
        name: frozenset(query.match_rows(side.index, side.source))
        for name, side in (("a", comparison.a), ("b", comparison.b))
        if name in sides
    }


def _placed_at(word: re.Match[str], error: QueryError) -> QueryError:
    """Return an error of a part of a query with the place of the word that it is in."""
    return QueryError(error.message, word.span(), hint=error.hint)


def _place_of_row(
    comparison: ResultsComparison, sort: re.Match[str], word: re.Match[str]
) -> Callable[[int], Number]:
    """Return where the row of a side stands in an order; pairs that it is not in come last.

    Raises:
        QueryError: Rows cannot be sorted so.
        BatchtuiError: A file cannot be read.
    """
    try:
        query = compile_query(f"sort:{sort['down']}{sort['field']}")
    except QueryError as error:
        raise _placed_at(word, error) from None
    sides = [(comparison.a, comparison.rows_a), (comparison.b, comparison.rows_b)]
    if sort["side"] == "b":
        sides.reverse()
    (_, first_rows), (_, second_rows) = sides
    first, second = (
        {row: place for place, row in enumerate(query.match_rows(run.index, run.source))}
        for run, _ in sides
    )

    def place_of(pair: int) -> Number:
        row = first_rows[pair]
        return first[row] if row != NO_ROW else len(first) + second[second_rows[pair]]

    return place_of


def _size_of_change(comparison: ResultsComparison, path: str | None) -> Callable[[int], Number]:
    """Return how much a pair changed; what cannot be told is less than everything else."""
    if path is None:
        a, b = comparison.a.index.output_tokens, comparison.b.index.output_tokens

        def length(pair: int) -> Number:
            if not _are_both(comparison, pair):
                return _UNKNOWN
            return abs(b[comparison.rows_b[pair]] - a[comparison.rows_a[pair]])

        return length
    cells_a, cells_b = (_cells(comparison, side, path) for side in "ab")

    def size(pair: int) -> Number:
        change = _difference(cells_a(pair), cells_b(pair))
        return _UNKNOWN if change is None else change.copy_abs()

    return size


def _difference(a: Cell, b: Cell) -> Decimal | None:
    """Return by how much a number grew, as written: 0.97 - 0.67 is 0.3, as 0.82 - 0.52 is."""
    if isinstance(a, Number) and isinstance(b, Number):
        return _EXACTLY.subtract(as_written(b), as_written(a))
    return None


def _are_both(comparison: ResultsComparison, pair: int) -> bool:
    return NO_ROW not in (comparison.rows_a[pair], comparison.rows_b[pair])


def _cells(comparison: ResultsComparison, side: str, path: str) -> Callable[[int], Cell]:
    """Return what a field holds on one side of a pair."""
    run, rows = (
        (comparison.a, comparison.rows_a) if side == "a" else (comparison.b, comparison.rows_b)
    )
    cells = filled(run, path).cells

    def cell(pair: int) -> Cell:
        row = rows[pair]
        return None if row == NO_ROW else cells[row]

    return cell
