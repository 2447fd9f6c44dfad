"""A query that was understood: it finds rows, orders them, and shows where texts match."""

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

from batchtui.results.index import ResultsIndex
from batchtui.results.query.binding import text_matcher
from batchtui.results.query.columns import REVIEWED
from batchtui.results.query.matchers import Matcher, Span
from batchtui.results.query.parser import parse_query
from batchtui.results.query.reference import OF_REQUEST, kind_of
from batchtui.results.query.run import QueryProgress, QueryRun, bind, find_terms, schema_named
from batchtui.results.query.sorting import choose_sample, sort_rows
from batchtui.results.query.syntax import And, Node, Or, SortKey, Syntax, Term, values_of
from batchtui.results.records.paths import path_of
from batchtui.results.row_block import LineSource


class Query:
    """A query that was understood. Make one with `compile_query`; it can be run many times."""

    def __init__(self, text: str, syntax: Syntax) -> None:
        self.text = text
        self._syntax = syntax
        paths = (path_of(key.field) for key in syntax.sort)
        self._sort_fields = [path for path in paths if path is not None]
        self._matchers = {
            name: _positive_matchers(syntax.condition, name) for name in ("text", "id", "error")
        }

    @property
    def is_everything(self) -> bool:
        """Whether every row matches."""
        return self._syntax.condition is None and self._syntax.sample is None

    @property
    def depends_on_all_rows(self) -> bool:
        """Whether rows found early may turn out wrong once the file is whole: run it again then.

        Which custom ids are duplicates, and whether most answers are JSON, shows at the end only.
        """
        terms = find_terms(self._syntax.condition)
        return any(kind_of(term.field) == "noticed" for term in terms)

    @property
    def asks_for_reviews(self) -> bool:
        """Whether it looks at what a person said of the rows."""
        return any(name in REVIEWED for name in self._asked_fields())

    @property
    def named_schema(self) -> str:
        """The schema that ``fits`` in it names first, "" if there is none."""
        return schema_named(self._syntax.condition)

    @property
    def asks_for_requests(self) -> bool:
        """Whether it looks at what the requests ask of their answers."""
        of_misfits = self.named_schema or OF_REQUEST
        asked = (
            term.value if kind_of(term.field) == "fits" else of_misfits
            for term in find_terms(self._syntax.condition)
            if kind_of(term.field) in {"fits", "misfit"}
        )
        return OF_REQUEST in asked

    @property
    def answer_fields(self) -> tuple[str, ...]:
        """The fields of answers that it looks at or sorts by, by their paths."""
        paths = [*map(path_of, self._asked_fields()), *self._sort_fields]
        return tuple(dict.fromkeys(path.text for path in paths if path is not None))

    def _asked_fields(self) -> Iterator[str]:
        """Yield the fields that terms look at: their own, or those that ``has`` lists."""
        for term in find_terms(self._syntax.condition):
            if kind_of(term.field) == "has":
                yield from (name for name, _ in values_of(term))
            else:
                yield term.field

    @property
    def sort(self) -> tuple[SortKey, ...]:
        """The order asked for; empty for the order of the file."""
        return self._syntax.sort

    @property
    def is_as_asked(self) -> bool:
        """Whether rows are to come in the order of the requests."""
        return any(kind_of(key.field) == "asked" for key in self._syntax.sort)

    @property
    def is_sample(self) -> bool:
        """Whether it wants a sample of the rows that match."""
        return self._syntax.sample is not None

    @property
    def reorders(self) -> bool:
        """Whether `order` changes anything: rows are sorted, or a sample of them is chosen."""
        return bool(self._syntax.sort or self._syntax.sample)

    def run(self, index: ResultsIndex, source: LineSource) -> QueryRun:
        """Start looking for matching rows.

        Args:
            index: The rows; it may still grow.
            source: Where their bytes are, such as a `RowReader`.
        """
        return QueryRun(self._syntax.condition, index, source, self._sort_fields)

    def match_rows(
        self,
        index: ResultsIndex,
        source: LineSource,
        *,
        on_progress: Callable[[QueryProgress], None] | None = None,
        asked: Mapping[str, int] | None = None,
    ) -> "array[int]":
        """Return all matching rows in the order asked for; takes as long as it takes.

        Args:
            index: The rows.
            source: Where their bytes are.
            on_progress: Called after each slice.
            asked: The place of each custom_id among the requests, where they are known.

        Raises:
            QueryError: A pattern takes too long.
            ResultsFileError: The file cannot be read.
        """
        run = self.run(index, source)
        for progress in run:
            if on_progress is not None:
                on_progress(progress)
        return self.order(index, run.matches, asked)

    def order(
        self, index: ResultsIndex, rows: "array[int]", asked: Mapping[str, int] | None = None
    ) -> "array[int]":
        """Return rows in the order asked for, or the sample of them.

        Args:
            index: The columns to sort by.
            rows: Row numbers, ascending.
            asked: The place of each custom_id among the requests, where they are known.
        """
        if self._syntax.sample is not None:
            rows = choose_sample(index, rows, self._syntax.sample)
        return sort_rows(index, rows, self._syntax.sort, asked)

    def spans(self, text: str, field: str = "text") -> list[Span]:
        """Return where a shown text matches, left to right and without overlaps, to highlight it.

        Args:
            text: A piece of an answer, an id or an error message, as shown.
            field: Which terms to look for: those on ``text``, ``id`` or ``error``. Negated terms
                never count.
        """
        found: list[Span] = []
        for matcher in self._matchers.get(field, []):
            with suppress(TimeoutError):
                found += matcher.spans(text)
        return _merge(found)


def read_query(text: str) -> Query:
    """Read a query to ask what it looks at; no value is checked, and no schema read for that.

    Raises:
        QueryError: It is not a query.
    """
    return Query(text, parse_query(text))


def compile_query(text: str) -> Query:
    """Parse a query and check it.

    Args:
        text: As typed; an empty text matches every row.

    Raises:
        QueryError: It is not a query; the error says where and what to do.
    """
    syntax = parse_query(text)
    bind(syntax.condition)
    return Query(text, syntax)


def _positive_matchers(node: Node | None, field: str) -> list[Matcher]:
    """Return how the terms on a field match, but for negated ones."""
    match node:
        case Term() if node.field == field:
            return [text_matcher(node)]
        case And(children) | Or(children):
            return [found for child in children for found in _positive_matchers(child, field)]
        case _:
            return []


def _merge(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
