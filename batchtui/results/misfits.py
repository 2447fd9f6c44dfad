"""Rows that do not fit a schema, grouped by field and reason."""

from collections import Counter
from collections.abc import Sequence

from batchtui.results.grouping import Group, Grouping, largest_first
from batchtui.results.index import ResultsIndex
from batchtui.results.query.syntax import quote
from batchtui.results.records.table import records_of
from batchtui.results.row_block import LineSource
from batchtui.results.row_schemas import schemas_for
from batchtui.results.schema import Misfit


def group_misfits(
    index: ResultsIndex,
    source: LineSource,
    rows: Sequence[int],
    name: str,
    *,
    limit: int | None = None,
) -> Grouping:
    """Group the rows that do not fit a schema by field and reason.

    Args:
        index: The rows of the file.
        source: Where their bytes are.
        rows: The rows to look at; those of them without a record are a group of their own.
        name: The schema, as ``fits`` names it.
        limit: How many groups to return at most.

    Raises:
        SchemaError: There is no such schema.
        BatchtuiError: The file, or the requests, cannot be read.
    """
    schema_of = schemas_for(index, name)
    records = records_of(index)
    records.fill(source, len(index))
    counts: Counter[Misfit] = Counter()
    missing = 0
    for row in rows:
        schema = schema_of(row)
        if schema is None:
            continue
        text = records.text(source, row)
        if text is None:
            missing += 1
        else:
            counts.update(schema.misfits(text))
    total = max(1, len(rows))
    groups = [
        Group(str(misfit), count, count / total, f"misfit={quote(str(misfit))}")
        for misfit, count in counts.most_common(limit)
    ]
    if missing:
        query = f"-fits:{quote(name)} -is:record"
        groups.append(Group("no record", missing, missing / total, query))
    return Grouping(f"fits:{name}", largest_first(groups), len(rows), len(counts), None)
