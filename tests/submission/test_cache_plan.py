"""Marks for the cache: what is written of a file that changes meanwhile."""

from pathlib import Path

import pytest

from batchtui.submission.cache_plan import plan_cache, write_marked
from batchtui.submission.errors import SourceError
from batchtui.submission.source import RequestSource
from tests.submission.making import lines, request, write


@pytest.mark.parametrize("other", [b'"joy!"', b'"care', b'[{"type":"text","text":"care"}]'])
def test_of_a_file_that_was_changed_nothing_is_marked_and_nothing_is_left(
    tmp_path: Path, other: bytes
) -> None:
    rows = [request(number, system="care") for number in range(3)]
    source = RequestSource(write(tmp_path, lines(*rows)))
    plans = plan_cache(source)
    source.path.write_bytes(source.path.read_bytes().replace(b'"care"', other))
    target = tmp_path / "marked.jsonl"
    with pytest.raises(SourceError):
        write_marked(source, plans, "5m", target)
    assert list(tmp_path.iterdir()) == [source.path]
