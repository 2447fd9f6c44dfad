"""Fields that the answers of two runs have not got, though they are asked for."""

from collections.abc import Iterable

from batchtui.results.comparison.side import Side
from batchtui.results.index import SUCCEEDED
from batchtui.results.records.absent import describe_absent, find_absent
from batchtui.results.records.registry import records_of


def say_absent(a: Side, b: Side, asked: Iterable[tuple[str, str]]) -> list[str]:
    """Say which fields no answer has, and which may be meant; untrusted text.

    Args:
        a: The first run.
        b: The second run.
        asked: Fields whose columns are filled, each behind the letters of the runs whose answers
            should have it.
    """
    runs = {"a": a.index, "b": b.index}
    told: dict[str, None] = {}
    for letters, path in asked:
        indexes = [runs[letter] for letter in letters]
        if not any(index.count_of(SUCCEEDED) for index in indexes):
            continue
        if all(find_absent(index, [path]) or not len(index) for index in indexes):
            who = "No answer" if len(letters) > 1 else f"No answer of {letters.upper()}"
            fields = [info for index in indexes for info in records_of(index).fields]
            told[describe_absent(path, fields, who)] = None
    return list(told)
