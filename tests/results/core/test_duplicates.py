"""Ids that come twice are found, however many there are."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from batchtui.results.duplicates import DuplicateFinder


def find(finder: DuplicateFinder) -> list[int]:
    found: list[int] = []
    for _ in finder.find(found):
        pass
    return found


@given(st.lists(st.lists(st.sampled_from(["", *"abcdefghij"]) | st.text(max_size=2))))
def test_the_rows_that_share_an_id(batches: list[list[str]]) -> None:
    finder = DuplicateFinder(room=16)
    for batch in batches:
        finder.add(batch)
    ids = [name for batch in batches for name in batch]
    times = Counter(ids)
    shared = [row for row, name in enumerate(ids) if name and times[name] > 1]
    assert find(finder) == shared
    assert finder.distinct(shared) == len({ids[row] for row in shared})


def test_a_late_copy_among_many() -> None:
    finder = DuplicateFinder(room=1 << 10)
    ids = [f"doc-{number}" for number in range(50_000)]
    finder.add(ids)
    assert find(finder) == []
    finder.add(["doc-17"])
    assert find(finder) == [17, 50_000]
