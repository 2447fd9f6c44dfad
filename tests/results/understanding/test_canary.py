"""What a canary says of all requests."""

import random

import pytest

from batchtui.results.canary import interval, project_cost


@pytest.mark.parametrize(("count", "of_all"), [(0, 30), (3, 30), (30, 30), (0, 0)])
def test_an_interval_holds_its_share(count: int, of_all: int) -> None:
    low, high = interval(count, of_all)
    assert 0 <= low <= (count / of_all if of_all else 0) <= high <= 1


def test_the_truth_is_inside_nine_times_of_ten() -> None:
    chance = random.Random(1)
    hits = 0
    for _ in range(400):
        share = chance.random() * 0.5
        seen = sum(chance.random() < share for _ in range(30))
        low, high = interval(seen, 30)
        hits += low <= share <= high
    assert hits >= 360


def test_the_real_cost_is_inside_nine_times_of_ten() -> None:
    chance = random.Random(2)
    hits = 0
    for _ in range(200):
        costs = [chance.lognormvariate(0, 0.6) for _ in range(1_000)]
        seen = set(chance.sample(range(1_000), 30))
        projected = project_cost([costs[at] for at in seen], 970)
        assert projected is not None
        real = sum(cost for at, cost in enumerate(costs) if at not in seen)
        hits += projected.low <= real <= projected.high
    assert hits >= 180


def test_what_costs_nobody_knows_is_not_projected() -> None:
    assert project_cost([1.0, None, 2.0], 10) is None
    assert project_cost([1.0], 10) is None
