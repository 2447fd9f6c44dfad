"""What a file costs before it is sent."""

from pathlib import Path

import pytest

from batchtui.prices import load_prices
from batchtui.submission.cost import CostEstimate, ModelHistory, estimate_cost
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from tests.submission.making import lines, request, write

PRICES = load_prices()


def cost_of(path: Path, history: dict[str, ModelHistory] | None = None) -> CostEstimate | None:
    return estimate_cost(validate(RequestSource(path)).stats, PRICES, history or {})


def test_a_guess_says_so_and_is_a_range(tmp_path: Path) -> None:
    path = write(tmp_path, lines(*[request(n, max_tokens=1000) for n in range(100)]))
    cost = cost_of(path)
    assert cost is not None
    price = PRICES.find("claude-sonnet-4-5")
    assert price is not None
    most = 100 * 1000 * price.output / 1e6 * (1 - PRICES.batch_discount)
    assert 0 < cost.low < most < cost.high < 1.2 * most
    assert "Input tokens guessed: 2.5 to 5 bytes a token." in cost.assumed
    assert f"Prices of {PRICES.as_of}, 50 % off in a batch, nothing from the cache." in cost.assumed


def test_what_all_requests_share_is_told(tmp_path: Path) -> None:
    rules = "Read this rule and keep to it. " * 1_500
    asked = ([{"role": "user", "content": f"case {n}"}] for n in range(300))
    shared = [request(n, system=rules, messages=one) for n, one in enumerate(asked)]
    cost = cost_of(write(tmp_path, lines(*shared)))
    assert cost is not None
    (advice,) = cost.advice
    assert "11,6" in advice  # 46,500 bytes, 4 a token
    assert "every request of claude-sonnet-4-5" in advice
    assert "may save up to $" in advice


def test_no_cache_is_advised_where_it_does_not_help(tmp_path: Path) -> None:
    rules = "Read this rule and keep to it. " * 1_500
    marked = [{"type": "text", "text": rules, "cache_control": {"type": "ephemeral"}}]
    for name, requests in {
        "short": [request(n, system="Be kind.") for n in range(300)],
        "different": [request(n, system=f"{n} {rules}") for n in range(300)],
        "marked": [request(n, system=marked) for n in range(300)],
        "single": [request(1, system=rules)],
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        cost = cost_of(write(folder, lines(*requests)))
        assert cost is not None
        assert not cost.advice, name


def test_what_was_measured_narrows_it(tmp_path: Path) -> None:
    path = write(tmp_path, lines(*[request(n, system="x" * 10_000) for n in range(10)]))
    size = path.stat().st_size
    measured = ModelHistory(size=size, input_tokens=50_000, requests=10, output_tokens=2_000)
    cost = cost_of(path, {"claude-sonnet-4-5": measured})
    price = PRICES.find("claude-sonnet-4-5")
    assert cost is not None
    assert price is not None
    least = (45_000 * price.input + 1_000 * price.output) / 2e6
    assert cost.low == pytest.approx(least, rel=0.01)
    assert any(sentence.startswith("Input tokens as measured on 10") for sentence in cost.assumed)


def test_what_answered_under_its_dated_name_is_the_same_model(tmp_path: Path) -> None:
    path = write(tmp_path, lines(*[request(n) for n in range(10)]))
    measured = ModelHistory(size=2_000, input_tokens=500, requests=10, output_tokens=300)
    exact = cost_of(path, {"claude-sonnet-4-5": measured})
    dated = cost_of(path, {"claude-sonnet-4-5-20250929": measured})
    other = cost_of(path, {"claude-sonnet-4-6": measured})
    assert dated == exact
    assert other is not None
    assert "Input tokens guessed: 2.5 to 5 bytes a token." in other.assumed


def test_models_without_a_price_are_named(tmp_path: Path) -> None:
    mixed = write(tmp_path, lines(request(0), request(1, model="mystery")))
    cost = cost_of(mixed)
    assert cost is not None
    assert cost.unknown == ("mystery",)
    assert cost_of(write(tmp_path, lines(request(1, model="mystery")))) is None


def test_images_are_not_counted_as_text(tmp_path: Path) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "A" * 1_000_000}
    image = {"role": "user", "content": [{"type": "image", "source": source}]}
    cost = cost_of(write(tmp_path, lines(request(0, messages=[image], max_tokens=1))))
    assert cost is not None
    assert cost.high < 0.02
    assert any("1 request with images or documents" in one for one in cost.assumed)
