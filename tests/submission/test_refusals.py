"""What is refused for good, how it is told, and what is left of the file."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from batchtui.api.errors import (
    AuthenticationFailed,
    BadRequest,
    BillingProblem,
    Conflict,
    NotFound,
    RateLimited,
    RequestTooLarge,
    ServerError,
    StatusError,
)
from batchtui.api.models import MessageBatch, RequestCounts, encode_batch
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SeenBatch, SubmissionPlan
from batchtui.submission.earlier import sent_before
from batchtui.submission.limits import Limits
from batchtui.submission.prepare import prepare
from batchtui.submission.refusals import in_words_of_file, is_final_refusal, write_unsent
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from tests.submission.making import lines, request, write
from tests.submission.world import QuickClock

FIVE = [request(number) for number in range(5)]


def planned(source: RequestSource) -> SubmissionPlan:
    limits = Limits(requests=2)
    return prepare(validate(source, limits=limits), split=True)


@pytest.mark.parametrize(
    ("kind", "status", "is_final"),
    [
        (BadRequest, 400, True),
        (BadRequest, 422, True),
        (NotFound, 404, True),
        (RequestTooLarge, 413, True),
        (BadRequest, 408, False),
        (BillingProblem, 400, False),
        (AuthenticationFailed, 401, False),
        (Conflict, 409, False),
        (RateLimited, 429, False),
        (ServerError, 500, False),
    ],
)
def test_only_what_the_file_is_refused_for_is_final(
    kind: type[StatusError], status: int, is_final: bool
) -> None:
    assert is_final_refusal(kind("no", status=status)) is is_final
    assert not is_final_refusal(kind("no", status=status, should_retry=True))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("requests.0.params.max_tokens: Field required", "line 4 (r2): max_tokens: Field required"),
        ("(400): requests.1.custom_id: no", "(400): line 6 (r3): custom_id: no"),
        ("requests.1: no object", "line 6 (r3): no object"),
        ("requests.0.params: no; requests.1.params.model: no", None),
        ("requests.2.params.model: not of this part", "requests.2.params.model: not of this part"),
        ("requests: List should have", "requests: List should have"),
    ],
)
def test_requests_are_named_by_line_and_id(tmp_path: Path, said: str, told: str | None) -> None:
    # blank lines are no requests, but lines all the same
    source = RequestSource(write(tmp_path, lines(*FIVE).replace(b"\n", b"\n\n", 3)[:-1]))
    part = planned(source).parts[1]
    first = told or "line 5 (r2): no; line 7 (r3): model: no"
    first = first.replace("line 4", "line 5").replace("line 6", "line 7")
    assert in_words_of_file(said, source, part) == first
    source.path.unlink()
    assert in_words_of_file(said, source, part) == said


@pytest.mark.parametrize("form", ["lines", "pretty"])
@pytest.mark.parametrize("stem", ["evals march", "é" * 120])
def test_what_is_left_becomes_lines(tmp_path: Path, form: str, stem: str) -> None:
    content = lines(*FIVE) if form == "lines" else json.dumps({"requests": FIVE}, indent=2).encode()
    source = RequestSource(write(tmp_path, content, f"{stem}.jsonl"))
    plan = planned(source)
    ledger = Ledger(None)
    ledger.journal.plan(plan)
    ledger.journal.complete(plan.submission_id, 1, "b1")
    record = ledger.journal.submission(plan.submission_id)
    ledger.close()
    assert record is not None
    rest = write_unsent(record, source, tmp_path / "kept")
    assert [json.loads(line) for line in rest.read_bytes().splitlines()] == FIVE[2:]
    assert list(rest.parent.iterdir()) == [rest]


def test_a_file_counts_as_sent_by_what_was_made_of_it(tmp_path: Path) -> None:
    clock = QuickClock()
    ledger = Ledger(None, clock=clock)
    source = RequestSource(write(tmp_path, lines(*FIVE)))
    plan = planned(source)
    sha256 = plan.source.sha256
    assert sent_before(ledger, sha256) is None
    ledger.journal.plan(plan)
    for number in (1, 2):
        ledger.journal.complete(plan.submission_id, number, f"b{number}")
    some = sent_before(ledger, sha256)
    assert some is not None
    assert not some.is_whole
    told = some.describe("x.jsonl", clock.now())
    assert told == "2 of 3 parts of x.jsonl were sent 0 s ago as requests (b1 and 1 more)"
    ledger.journal.complete(plan.submission_id, 3, "b3")
    whole = sent_before(ledger, sha256)
    assert whole is not None
    assert whole.is_whole
    assert whole.batch_ids == ("b1", "b2", "b3")
    ended = MessageBatch(
        id="b1", processing_status="ended", request_counts=RequestCounts(errored=2)
    )
    ledger.seen.remember([replace(SeenBatch.of(ended), raw=encode_batch(ended))])
    ledger.seen.mark_gone(["b2"])
    left = sent_before(ledger, sha256)
    assert left is not None
    assert left.batch_ids == ("b3",)
    assert left.is_whole
    ledger.seen.mark_gone(["b3"])
    assert sent_before(ledger, sha256) is None
    ledger.close()
