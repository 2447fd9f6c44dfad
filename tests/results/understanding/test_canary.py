"""What a canary says of all requests."""

import asyncio
import json
import random
from contextlib import closing
from pathlib import Path

import pytest

from batchtui.prices import load_prices, read_prices
from batchtui.results.canary import count_unfit, interval, project_cost, report_canary
from batchtui.results.opening import open_results
from batchtui.results.summary import summarize
from batchtui.submission.canary import USUAL
from tests.results.understanding.files import ResultsFile, answered
from tests.results.understanding.test_comparison import answer


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


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": 1_000},
        {"input_tokens": 60_000, "cache_read_input_tokens": 60_000},
        {
            "input_tokens": 5,
            "cache_creation_input_tokens": 50_000,
            "cache_creation": {"ephemeral_1h_input_tokens": 40_000},
        },
    ],
    ids=["short", "long", "cache written"],
)
def test_the_rest_costs_what_like_rows_cost_in_the_summary(
    tmp_path: Path, usage: dict[str, object]
) -> None:
    prices = read_prices(
        """
        as_of = 2026-01-02
        [[model]]
        name = "claude-a"
        input = 2.0
        output = 10.0
        long_prompt = { above = 100_000, input = 20.0, output = 40.0 }
        """
    )
    lines = [answered(f"r{n}", model="claude-a", usage=usage) for n in range(3)]
    index = ResultsFile(tmp_path / "r.jsonl", lines).finish().index
    summed, rest = summarize(index, prices).cost, report_canary(index, prices, 3).cost
    assert summed is not None
    assert rest is not None
    assert (rest.low, rest.high) == pytest.approx((summed.high, summed.high))


def test_a_tenth_of_cut_answers_is_seen_by_the_usual_canary() -> None:
    chance = random.Random(3)
    jobs = [[chance.random() < 0.1 for _ in range(2_000)] for _ in range(400)]
    seen = sum(any(chance.sample(job, USUAL)) for job in jobs)
    assert seen > 0.93 * len(jobs)  # 1 - 0.9**30 is 0.958, give or take what 400 draws do
    assert 1 - 0.9**USUAL > 0.95


def test_answers_that_do_not_fit_the_schema_of_their_request_are_counted(tmp_path: Path) -> None:
    texts = ['{"total": 1}', '{"total": "one"}', "no JSON at all", '{"total": 2}']
    lines = [answer(f"r{number}", text) for number, text in enumerate(texts)]
    lines.append(answer("cut", '{"tot', stop="max_tokens"))
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    schema = {"type": "object", "properties": {"total": {"type": "number"}}}
    wanted = {"format": {"type": "json_schema", "schema": schema}}
    params = {"model": "m", "max_tokens": 9, "messages": [], "output_config": wanted}
    request = json.dumps({"custom_id": "r", "params": params}).encode()
    plain = json.dumps({"custom_id": "r", "params": {"model": "m"}}).encode()
    with closing(open_results(path)) as file:
        asyncio.run(file.load())
        with file.reader() as reader:
            assert count_unfit(file.index, reader, lambda _: request) == 2
            assert count_unfit(file.index, reader, lambda _: plain) is None
            assert count_unfit(file.index, reader, lambda _: None) is None
        report = report_canary(file.index, load_prices(None), 100, 2)
    said = " ".join(report.sentences(100))
    assert "2 of 5 not fitting their schema" in said
    assert "1 of 5 cut at max_tokens" in said
