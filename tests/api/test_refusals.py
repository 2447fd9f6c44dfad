"""What refusals become: the class, what is said, what to do."""

import pytest

from batchtui.api import errors
from batchtui.api.errors import ApiError
from tests.api.scripted import (
    KEY,
    Reply,
    batch_json,
    error_reply,
    json_reply,
    reply,
    scene,
)

HTML = [("content-type", "text/html")]
TIER = (
    "Rate limit reached on tokens per min (TPM): limit 10000. Please try again in 6 ms. Pay more to"
    " have more: https://gateway.example/account/billing."
)
PAGE = b"<!DOCTYPE html><html><head><title>  Sign\n in </title></head>" + b"x" * 100_000


async def error_from(*answers: Reply) -> ApiError:
    """What retrieve raises where the server answers so."""
    async with scene(*answers) as (_server, bench):
        with pytest.raises(ApiError) as caught:
            await bench.client.retrieve("msgbatch_1")
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "expected", "is_permanent"),
    [
        (400, "invalid_request_error", errors.BadRequest, False),
        (401, "authentication_error", errors.AuthenticationFailed, True),
        (402, "billing_error", errors.BillingProblem, True),
        (403, "permission_error", errors.PermissionDenied, True),
        (404, "not_found_error", errors.NotFound, False),
        (405, "x", errors.BadRequest, False),
        (409, "conflict_error", errors.Conflict, False),
        (410, "gone", errors.NotFound, False),
        (413, "request_too_large", errors.RequestTooLarge, False),
        (418, "brand_new_error", errors.BadRequest, False),
        (429, "rate_limit_error", errors.RateLimited, False),
        (500, "api_error", errors.ServerError, False),
        (504, "timeout_error", errors.ServerError, False),
        (529, "overloaded_error", errors.ServerError, False),
    ],
)
async def test_each_status_has_its_class(
    status: int, kind: str, expected: type[ApiError], is_permanent: bool
) -> None:
    error = await error_from(error_reply(status, kind, "because"))
    assert type(error) is expected
    assert error.is_permanent is is_permanent
    assert (error.status, error.type, error.request_id) == (status, kind, "req_body")
    assert (error.method, error.path) == ("GET", "/v1/messages/batches/msgbatch_1?beta=true")
    assert "because" in error.message
    assert str(status) in error.message
    assert "req_body" in error.message


@pytest.mark.parametrize(
    ("kind", "said", "is_missing"),
    [
        ("not_found_error", "no", True),
        ("invalid_request_error", "Message batch msgbatch_1 not found.", True),
        ("x", "No such batch: 'msgbatch_1'", True),
        ("x", "Not Found", True),
        ("x", "The batch does not exist or was deleted", True),
        ("x", "msgbatch_1 could not be found", True),
        ("x", "Could not find batch msgbatch_1", True),
        ("x", "That batch doesn't exist", True),
        ("x", "Batch with ID 'batch_7-a' was not found", True),
        ("x", "Error: the requested resource could not be found", True),
        ("x", "Unable to find message batch msgbatch_1 in this workspace", True),
        ("x", "Invalid batch id", True),
        ("x", "Invalid batch_id: x", True),
        ("x", "Unknown batch: msgbatch_1", True),
        ("x", "Unknown batch", True),
        ("x", "Invalid batch state: only ended batches can be deleted", False),
        ("x", "Unknown batch status: canceling", False),
        ("x", "Invalid message batch: cannot cancel, already ended", False),
        ("x", "The results of this batch were not found", False),
        ("x", "Results for batch msgbatch_1 do not exist", False),
        ("x", "The file that is named by the batch was deleted", False),
        ("x", "Batch is in progress: results not found yet", False),
        ("x", "Batch msgbatch_1 cannot be deleted: its results do not exist", False),
        ("x", "Could not find batch results", False),
        ("x", "Could not find the results of batch msgbatch_1", False),
        ("x", "Unknown parameter: beta", False),
        ("x", "anthropic-version: header not found", False),
        ("x", "The beta message-batches-2024-09-24 does not exist", False),
        ("x", "The batch is still running. Try again in a while.", False),
        ("x", "", False),
    ],
)
async def test_a_400_is_about_the_batch_only_if_it_says_so(
    kind: str, said: str, is_missing: bool
) -> None:
    error = await error_from(error_reply(400, kind, said))
    assert isinstance(error, errors.NotFound if is_missing else errors.BadRequest)
    assert error.status == 400


async def test_no_batch_is_missing_where_none_is_named() -> None:
    async with scene(error_reply(410, "gone", "Batch not found")) as (_server, bench):
        with pytest.raises(errors.BadRequest):
            await bench.client.list_page()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (error_reply(429, "rate_limit_error", "Your workspace's spend limit is reached."), "cap"),
        (error_reply(429, "rate_limit_error", "The monthly budget is used up."), "cap"),
        (error_reply(429, "rate_limit_error", "This exceeds 50 requests per minute."), "passes"),
        (error_reply(429, "rate_limit_error", "Too many: it depends."), "passes"),
        (error_reply(429, "requests", TIER), "passes"),
        (error_reply(429, "budget_exceeded", "Budget of 9 requests/min used up."), "passes"),
        (error_reply(429, "rate_limit_error", "Spend limit", ("retry-after", "9")), "passes"),
        (error_reply(429, "rate_limit_error", "Spend limit", ("x-should-retry", "true")), "passes"),
        (reply(429, b"<html><title>Too many calls: see billing</title>", HTML), "passes"),
        (reply(429), "passes"),
        (reply(429, b"<html><title>Slow down</title>", HTML), "passes"),
    ],
)
async def test_only_words_about_money_make_a_429_a_spend_limit(
    answer: Reply, expected: str
) -> None:
    error = await error_from(answer)
    assert isinstance(error, errors.RateLimited)
    assert error.is_permanent is (expected == "cap")
    if expected == "passes":
        assert len(error.earlier) == 2
        assert error.hint.startswith(
            "Wait 9 s" if error.retry_after else "How long to wait was not said"
        )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (reply(413, b"<html>nginx", HTML), "A gateway before 127.0.0.1"),
        (error_reply(413, "request_too_large", "x"), "Too large (413)"),
        (reply(429, b"<html>", HTML), "A proxy or gateway before 127.0.0.1"),
        (reply(502), "A gateway before 127.0.0.1"),
        (error_reply(503, "api_error", "x"), "The API failed (503)"),
    ],
)
async def test_a_gateway_failure_is_named_as_the_gateways(answer: Reply, said: str) -> None:
    assert (await error_from(answer)).message.startswith(said)


async def test_a_rate_limit_says_how_long() -> None:
    error = await error_from(error_reply(429, "rate_limit_error", "slow", ("retry-after", "90")))
    assert type(error) is errors.RateLimited
    assert error.retry_after == 90.0
    assert "90 s" in error.hint


async def test_a_404_names_workspace_and_key() -> None:
    workspace = ("anthropic-workspace-id", "wrkspc_7")
    error = await error_from(error_reply(404, "not_found_error", "no", workspace))
    assert "wrkspc_7" in error.hint
    assert "1234" in error.hint
    assert KEY not in error.hint


@pytest.mark.parametrize(
    "message",
    [
        "Your credit balance is too low to access the API.",
        "You have reached your API usage limits.",
    ],
)
async def test_billing_is_recognized_whatever_its_type(message: str) -> None:
    error = await error_from(error_reply(400, "invalid_request_error", message))
    assert type(error) is errors.BillingProblem
    assert error.type == "invalid_request_error"


@pytest.mark.parametrize("status", [413, 403, 502, 520, 522])
async def test_a_page_of_a_proxy_is_named_not_dumped(status: int) -> None:
    error = await error_from(reply(status, PAGE, HTML))
    assert error.status == status
    assert "“Sign in”" in error.message
    assert len(error.message) < 300
    assert error.type is None


async def test_a_proxy_that_forbids_is_not_the_api() -> None:
    error = await error_from(reply(403, PAGE, HTML))
    assert "proxy or firewall" in error.hint


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no explanation"),
        (b"  ", "no explanation"),
        (b"upstream gone", "upstream gone"),
        (b'{"error":"just a text"}', "just a text"),
        (b'{"message":"at the top"}', "at the top"),
        (b'{"error":{"message":null,"type":7}}', '{"error"'),
        (b"\xff\xfe" + b"a\x00" * 5000, "a"),
        (b"[" * 100_000, "[[["),
        (b'{"error":[1]}', '{"error":[1]}'),
        (b'{"type":"error","error":{"message":"' + b"long " * 10_000 + b'"}}', "long long"),
    ],
)
async def test_every_body_of_an_error_will_do(body: bytes, said: str) -> None:
    error = await error_from(reply(400, body))
    assert type(error) is errors.BadRequest
    assert said in error.message
    assert len(error.message) < 600


async def test_the_header_names_the_request_where_the_body_does_not() -> None:
    error = await error_from(reply(400, b"", [("request-id", "req_head")]))
    assert error.request_id == "req_head"
    error = await error_from(reply(400, b"", [("x-request-id", "req_gateway")]))
    assert error.request_id == "req_gateway"
    assert (await error_from(reply(400))).request_id is None


async def test_a_captive_portal_is_recognized() -> None:
    for answer in (reply(200, PAGE, HTML), reply(200, b"\n<html>"), reply(200, b"Hi", HTML)):
        error = await error_from(answer)
        assert type(error) is errors.UnexpectedAnswer
        assert "captive portal" in error.hint


async def test_json_declared_as_html_is_still_json() -> None:
    html_json = json_reply(batch_json("x"), 200, ("content-type", "text/html"))
    async with scene(html_json) as (_server, bench):
        assert (await bench.client.retrieve("x")).id == "x"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("authentication_error", errors.AuthenticationFailed),
        ("not_found_error", errors.NotFound),
        ("brand_new", errors.ServerError),
    ],
)
async def test_an_error_under_200_is_an_error(kind: str, expected: type[ApiError]) -> None:
    error = await error_from(error_reply(200, kind, "because"))
    assert type(error) is expected
    assert error.status == 200


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[]", b'{"id":7}', b'{"id":"x"', b"OK"])
async def test_a_success_that_is_no_batch(body: bytes) -> None:
    error = await error_from(reply(200, body))
    assert type(error) is errors.UnexpectedAnswer
    assert "a batch" in error.message


async def test_a_success_that_is_no_page() -> None:
    async with scene(reply(200, b"{}")) as (_server, bench):
        with pytest.raises(errors.UnexpectedAnswer, match="a page of batches"):
            await bench.client.list_page()


async def test_a_gateway_without_delete_says_so() -> None:
    async with scene(reply(405)) as (_server, bench):
        with pytest.raises(errors.BadRequest) as caught:
            await bench.client.delete("x")
    assert caught.value.status == 405
    assert "does not offer" in caught.value.hint


async def test_an_answer_without_end_is_not_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batchtui.api.responses.LARGEST_BODY", 1000)
    error = await error_from(reply(200, b"[" * 5000))
    assert type(error) is errors.UnexpectedAnswer
    assert "larger" in error.message


async def test_damaged_gzip_is_named_so() -> None:
    error = await error_from(reply(200, b"no gzip", [("content-encoding", "gzip")]))
    assert "its gzip encoding is damaged" in error.message
