"""Fields that no answer has: mostly names that were mistyped."""

from collections.abc import Iterable

from batchtui.formatting import nearest
from batchtui.results.index import ResultsIndex
from batchtui.results.records.catalog import FieldInfo
from batchtui.results.records.registry import records_of


def find_absent(index: ResultsIndex, paths: Iterable[str]) -> list[str]:
    """Return which fields no answer has; those whose column lacks rows are not known to be."""
    records = records_of(index)
    return [
        path
        for path in paths
        if len(records.columns.get(path, ())) == len(index) > 0 and records.lacks(path)
    ]


def describe_absent(path: str, fields: Iterable[FieldInfo], who: str = "No answer") -> str:
    """Say that a field is in no answer, and which one may be meant; untrusted text.

    Args:
        path: The field.
        fields: Those that there are.
        who: What has not got it.
    """
    near = nearest(path, (info.path for info in fields))
    return f"{who} has {path}." + (f" Did you mean {near}?" if near else "")
