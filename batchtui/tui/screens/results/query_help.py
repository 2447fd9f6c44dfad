"""The query language as lines for the help. Pure."""

from collections.abc import Iterable, Iterator

from batchtui.results.query.reference import EXAMPLES, FIELDS, OPERATORS
from batchtui.tui.lines import BLANK, Line, line

_WIDTH = 18


def query_help() -> tuple[Line, ...]:
    """Fields, grammar and examples of the query language."""
    fields = ((field.example, field.summary) for field in FIELDS)
    operators = ((operator.sign, operator.summary) for operator in OPERATORS)
    examples = ((example.summary, example.query) for example in EXAMPLES)
    return (
        *_section("Query: what a row can be asked for", fields),
        *_section("Query: how it is written", operators),
        BLANK,
        line(("Query: examples", "heading")),
        *(line((f"  {summary}: ", "muted"), (query, "accent")) for summary, query in examples),
    )


def _section(title: str, entries: Iterable[tuple[str, str]]) -> Iterator[Line]:
    yield BLANK
    yield line((title, "heading"))
    for name, summary in entries:
        yield line((f"{name:<{_WIDTH}}", "key"), " ", summary)
