"""Agreement of two people, with the kappa that textbooks give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.agreement import agreement_of


def test_the_textbook_case() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: kappa is 0.4
    said = [("yes", "yes")] * 20 + [("yes", "no")] * 5 + [("no", "yes")] * 10 + [("no", "no")] * 15
    first = {str(place): mine for place, (mine, _) in enumerate(said)}
    second = {str(place): theirs for place, (_, theirs) in enumerate(said)}
    found = agreement_of(first, second)
    assert (found.both, found.agreed) == (50, 35)
    assert found.kappa == pytest.approx(0.4)
    assert found.pairs["yes", "no"] == 5


def test_rows_that_only_one_judged_are_counted_apart() -> None:
    found = agreement_of({"a": "good", "b": "bad", "c": ""}, {"a": "good", "c": "bad"})
    assert (found.both, found.only_first, found.only_second) == (1, 1, 1)
    assert found.kappa is None  # one verdict for all: chance explains everything


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=2), st.tuples(st.sampled_from("gbu"), st.sampled_from("gbu")), max_size=30
    )
)
def test_kappa_is_symmetric_and_at_most_one(said: dict[str, tuple[str, str]]) -> None:
    first = {one: pair[0] for one, pair in said.items()}
    second = {one: pair[1] for one, pair in said.items()}
    found, turned = agreement_of(first, second), agreement_of(second, first)
    assert found.kappa == turned.kappa
    assert found.kappa is None or -1 <= found.kappa <= 1
    if first == second and found.kappa is not None:
        assert found.kappa == 1
