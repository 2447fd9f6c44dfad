"""The batch in numbers, and what it costs as far as anybody can tell."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from batchtui.prices import Cost, PriceFileError, TokenUse, load_prices, read_prices
from batchtui.results.summary import LengthBucket, SummaryBuilder, measure_lengths, summarize
from tests.results.understanding.files import ResultsFile, answered, failed, not_run

PRICES = read_prices(
    """
    as_of = 2026-01-02
    [[model]]
    name = "claude-a"
    input = 2.0
    output = 10.0
    [[model]]
    name = "claude-long"
    input = 1.0
    output = 1.0
    long_prompt = { above = 1_000_000, input = 3.0, output = 5.0 }
    """
)
MILLION = 1_000_000


def use(**tokens: int) -> dict[str, int]:
    empty = {"input_tokens": 0, "output_tokens": 0}
    return {**empty, **{f"{name}_tokens": count for name, count in tokens.items()}}


def test_everything_is_counted(tmp_path: Path) -> None:
    lines = [
        answered("1", model="claude-a-20260101", usage=use(input=MILLION, output=MILLION)),
        answered("2", model="claude-a", stop="max_tokens", usage=use(cache_read_input=MILLION)),
        answered("3", model="other", usage=use(input=5, output=7)),
        failed("4", "api_error", "x"),
        not_run("5", "expired"),
    ]
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    summary = summarize(file.index, PRICES)
    assert summary.rows == 5
    assert [(count.name, count.rows) for count in summary.types] == [
        ("succeeded", 3), ("errored", 1), ("canceled", 0), ("expired", 1), ("unknown", 0),
        ("unreadable", 0),
    ]  # fmt: skip
    assert [(count.name, count.rows) for count in summary.stops] == [
        ("end_turn", 2), ("max_tokens", 1),
    ]  # fmt: skip
    assert summary.use.input == MILLION + 5
    assert summary.use.output == MILLION + 7
    assert summary.cache_hit_rate == pytest.approx(MILLION / (2 * MILLION + 5))
    models = {model.model: model for model in summary.models}
    assert models["claude-a-20260101"].cost == Cost(6.0, 6.0)
    cached = models["claude-a"].cost
    assert cached is not None
    assert cached.high == pytest.approx(0.1)
    assert models["other"].cost is None
    assert summary.cost is not None
    assert summary.cost.high == pytest.approx(6.1)
    assert summary.rows_without_price == 1
    assert summary.prices_as_of == date(2026, 1, 2)


def test_an_unknown_model_has_no_cost_rather_than_none(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("1", model="gpt", usage=use(input=9))])
    summary = summarize(file.index, PRICES)
    assert summary.cost is None
    assert summary.rows_without_price == 1


def test_no_answers_cost_nothing(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [failed("1", "api_error", "x")])
    summary = summarize(file.index, PRICES)
    assert summary.cost == Cost(0.0, 0.0)
    assert summary.cache_hit_rate is None
    assert summary.lengths.buckets == ()


def test_a_cache_write_of_unknown_lifetime_makes_a_range(tmp_path: Path) -> None:
    told = {"ephemeral_1h_input_tokens": MILLION, "ephemeral_5m_input_tokens": 0}
    message = {
        "model": "claude-a",
        "content": [],
        "usage": {**use(cache_creation_input=MILLION), "cache_creation": told},
    }
    line = {"custom_id": "b", "result": {"type": "succeeded", "message": message}}
    untold = answered("a", model="claude-a", usage=use(cache_creation_input=MILLION))
    file = ResultsFile(tmp_path / "r.jsonl", [untold, json.dumps(line).encode()])
    summary = summarize(file.index, PRICES)
    assert summary.use.cache_write_1h == MILLION
    assert summary.use.cache_write_unknown == MILLION
    assert summary.cost is not None
    assert summary.cost.low == pytest.approx(3.25)
    assert summary.cost.high == pytest.approx(4.0)
    assert str(summary.cost) == "about $3.25 to $4.00"


def test_long_prompts_have_their_own_price(tmp_path: Path) -> None:
    lines = [
        answered("1", model="claude-long", usage=use(input=MILLION, output=MILLION)),
        answered("2", model="claude-long", usage=use(input=MILLION + 1, output=MILLION)),
    ]
    summary = summarize(ResultsFile(tmp_path / "r.jsonl", lines).index, PRICES)
    assert summary.cost is not None
    assert summary.cost.high == pytest.approx(1.0 + 4.0, rel=1e-4)
    assert summary.use.input == 2 * MILLION + 1


def test_answers_without_usage_are_told(tmp_path: Path) -> None:
    line = b'{"custom_id":"a","result":{"type":"succeeded","message":{"model":"claude-a"}}}'
    summary = summarize(ResultsFile(tmp_path / "r.jsonl", [line]).index, PRICES)
    assert summary.rows_without_usage == 1


def test_sums_follow_a_growing_file(tmp_path: Path) -> None:
    lines = [answered(str(n), model="claude-a", usage=use(output=n)) for n in range(300)]
    file = ResultsFile(tmp_path / "r.jsonl", lines[:100])
    builder = SummaryBuilder(PRICES)
    builder.update(file.index)
    file.add(lines[100:])
    builder.update(file.index)
    assert builder.summary(file.index) == summarize(file.index, PRICES)


def test_lengths_fall_into_buckets_that_double() -> None:
    lengths = measure_lengths(Counter({1: 1, 4: 2, 5: 1, 30: 1}))
    shown = [(bucket.low, bucket.high, bucket.rows) for bucket in lengths.buckets]
    assert shown == [(1, 1, 1), (2, 3, 0), (4, 7, 3), (8, 15, 0), (16, 31, 1)]
    assert (lengths.median, lengths.p95, lengths.longest) == (4, 30, 30)
    assert measure_lengths(Counter({0: 3})).buckets == (LengthBucket(0, 0, 3),)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("claude-sonnet-4-5", "claude-sonnet-4-5"),
        ("claude-sonnet-4-20250514", "claude-sonnet-4"),
        ("claude-sonnet-4-0", "claude-sonnet-4"),
        ("claude-3-5-haiku-latest", "claude-3-5-haiku"),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"),
        ("anthropic/claude-opus-4-1@20250805", "claude-opus-4-1"),
        ("claude-sonnet-4-9", None),
        ("claude-sonnet-4-5-20250929-tuned", None),
        ("claude-", None),
        ("", None),
        ("gpt-4", None),
    ],
)
def test_a_price_is_found_by_the_name_without_a_date(model: str, name: str | None) -> None:
    price = load_prices().find(model)
    assert (price.name if price else None) == name


def test_prices_of_the_user_come_first(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(
        'as_of = 2027-01-01\n[[model]]\nname = "claude-sonnet-4-5"\ninput = 1\noutput = 2\n'
        'cache_read = 0.2\n[[model]]\nname = "mine"\ninput = 0\noutput = 0\n'
    )
    table = load_prices(own)
    assert table.problem == ""
    assert table.as_of == date(2027, 1, 1)
    price = table.find("claude-sonnet-4-5-20250929")
    assert price is not None
    assert price.input == 1.0
    assert price.cache_read == 0.2
    assert table.find("mine") is not None
    assert table.find("claude-haiku-4-5") is not None
    assert load_prices(tmp_path / "none.toml") == load_prices()


@pytest.mark.parametrize(
    "text",
    [
        "as_of = 3",
        "not toml",
        "model = 3",
        "[[model]]\ninput = 1",
        '[[model]]\nname = "x"\ninput = "1"\noutput = 2',
        '[[model]]\nname = "x"\ninput = -1\noutput = 2',
        "batch_discount = 2.0",
        '[[model]]\nname = "x"\ninput = 1\noutput = 2\nlong_prompt = { above = true }',
    ],
)
def test_a_broken_price_file_is_told_and_not_used(tmp_path: Path, text: str) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(text)
    table = load_prices(own)
    assert "prices.toml was not used: " in table.problem
    assert table.prices == load_prices().prices


def test_a_table_without_a_day_is_refused() -> None:
    with pytest.raises(PriceFileError):
        read_prices("")


def test_small_costs_are_not_shown_as_nothing() -> None:
    price = PRICES.find("claude-a")
    assert price is not None
    assert str(price.estimate(TokenUse(input=1), discount=0.5)) == "about $0.01 or less"


def test_a_range_from_next_to_nothing_says_its_end_only() -> None:
    assert str(Cost(0.001, 0.02)) == "at most about $0.02"
    assert str(Cost(0.5, 0.8)) == "about $0.50 to $0.80"
