"""Failures by cause, with what to do and a query that finds exactly them."""

from pathlib import Path

import pytest

from batchtui.results.index import ErrorCause
from batchtui.results.query.engine import compile_query
from batchtui.results.triage import triage
from batchtui.results.triage_advice import find_advice
from tests.results.understanding.files import ResultsFile, answered, failed, not_run

INVALID = "invalid_request_error"
CREDIT = "Your credit balance is too low to access the API. Go to Plans & Billing."


def test_causes_are_grouped_counted_and_can_be_filtered(tmp_path: Path) -> None:
    lines = [
        *(failed(f"a{n}", "invalid_request_error", CREDIT) for n in range(5)),
        *(failed(f"b{n}", "overloaded_error", "Overloaded") for n in range(3)),
        *(
            failed(f"c{n}", "invalid_request_error", f'max_tokens: {n} > "8192"\n')
            for n in range(4)
        ),
        *(not_run(f"d{n}", "expired") for n in range(2)),
        not_run("e", "canceled"),
        not_run("f", "brand_new"),
        b"not json",
        b'{"custom_id":"g","result":{"type":"errored"}}',
        failed("h", "rate_limit_error", "Overloaded"),
        failed("i", "api_error", "\x1b[31m\u202e"),
        answered("ok"),
    ]
    file = ResultsFile(tmp_path / "r.jsonl", lines).finish()
    groups = triage(file.index)
    assert sum(group.count for group in groups) == len(lines) - 1
    assert [group.count for group in groups][:4] == [5, 4, 3, 2]
    assert groups[0].remedy == "account"
    assert groups[0].rows == (0, 1, 2)
    assert groups[1].example == 'max_tokens: 0 > "8192"\n'
    found: list[int] = []
    for group in groups:
        rows = compile_query(group.query).match_rows(file.index, file.reader)
        assert len(rows) == group.count, group.query
        assert tuple(rows[:3]) == group.rows
        assert group.advice
        found += rows
    assert sorted(found) == list(range(len(lines) - 1))


def test_no_failures_no_groups(tmp_path: Path) -> None:
    assert triage(ResultsFile(tmp_path / "r.jsonl", [answered("a")]).index) == ()


@pytest.mark.parametrize(
    ("kind", "message", "remedy"),
    [
        ("invalid_request_error", CREDIT, "account"),
        ("billing_error", "x", "account"),
        ("authentication_error", "invalid x-api-key", "account"),
        ("permission_error", "no access", "account"),
        ("invalid_request_error", "You have reached your specified API usage limits.", "account"),
        ("overloaded_error", "Overloaded", "send again"),
        ("rate_limit_error", "slow down", "send again"),
        ("timeout_error", "", "send again"),
        ("api_error", "Internal server error", "send again"),
        ("not_found_error", "model: claude-does-not-exist", "fix the request"),
        ("invalid_request_error", "prompt is too long: 210000 > 200000", "fix the request"),
        ("invalid_request_error", "messages.0.role: unexpected", "fix the request"),
        ("invalid_request_error", "whatever", "fix the request"),
        ("request_too_large", "", "fix the request"),
        ("brand_new_error", "messages", "look"),
        ("unreadable", "not JSON", "look"),
        ("", "", "look"),
    ],
)
def test_each_known_cause_has_its_remedy(kind: str, message: str, remedy: str) -> None:
    assert find_advice(ErrorCause(kind, message, message)).remedy == remedy
