"""The official SDK as an independent judge, over a real socket."""

import json
from collections.abc import AsyncIterator

import anthropic
import pytest
from anthropic import AsyncAnthropic
from anthropic.types.beta.messages.batch_create_params import Request as BetaRequest
from anthropic.types.messages.batch_create_params import Request

from batchtui.simulator.faults import Fault
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from batchtui.simulator.workspace import Account
from batchtui.simulator.world import World
from tests.simulator.conftest import StoppedTime


@pytest.fixture
async def sdk(demo: World) -> AsyncIterator[AsyncAnthropic]:
    async with (
        listening(demo) as url,
        AsyncAnthropic(base_url=url, api_key="x", max_retries=0) as client,
    ):
        yield client


def sdk_request(custom_id: str) -> Request:
    return {
        "custom_id": custom_id,
        "params": {
            "model": "claude-haiku-4-5-20251001",
            "max_tokens": 300,
            "stop_sequences": ["\n\n", "終"],
            "system": "Answer with one word — 一言で。",
            "messages": [{"role": "user", "content": f"What is {custom_id}?"}],
        },
    }


def beta_request(custom_id: str) -> BetaRequest:
    return {
        "custom_id": custom_id,
        "params": {
            "model": "claude-opus-4-6",
            "max_tokens": 4_000,
            "thinking": {"type": "enabled", "budget_tokens": 2_048},
            "messages": [{"role": "user", "content": [{"type": "text", "text": "naïve 🙂"}]}],
        },
    }


async def test_pages_older_to_the_end(sdk: AsyncAnthropic, demo: World) -> None:
    pages = 0
    seen = []
    page = await sdk.messages.batches.list(limit=25)
    while True:
        pages += 1
        seen += [batch.id for batch in page.data]
        if not page.has_next_page():
            break
        page = await page.get_next_page()
    assert pages >= 3
    assert seen == [view.batch.id for view in demo.views()]


async def test_auto_paging_gives_the_beta_resource_the_same(
    sdk: AsyncAnthropic, demo: World
) -> None:
    seen = [batch.id async for batch in sdk.beta.messages.batches.list(limit=7)]
    assert seen == [view.batch.id for view in demo.views()]


async def test_pages_newer_up_to_the_top(sdk: AsyncAnthropic, demo: World) -> None:
    newest_first = [view.batch.id for view in demo.views()]
    seen: list[str] = []
    page = await sdk.messages.batches.list(limit=20, before_id=newest_first[-1])
    pages = 1
    seen = [batch.id for batch in page.data]
    while page.has_next_page():
        page = await page.get_next_page()
        pages += 1
        seen = [batch.id for batch in page.data] + seen
    assert pages >= 3
    assert seen == newest_first[:-1]


async def test_a_batch_lives_from_creation_to_deletion(
    sdk: AsyncAnthropic, demo: World, time: StoppedTime
) -> None:
    ids = [f"question-{number}" for number in range(40)]
    made = await sdk.messages.batches.create(requests=[sdk_request(name) for name in ids])
    assert made.processing_status == "in_progress"
    assert made.request_counts.processing == 40
    assert made.results_url is None
    assert (made.expires_at - made.created_at).total_seconds() == 24 * 3600

    time.pass_by(minutes=5)
    ended = await sdk.messages.batches.retrieve(made.id)
    assert ended.processing_status == "ended"
    assert ended.request_counts.succeeded == 40
    assert ended.ended_at is not None

    rows = [row async for row in await sdk.messages.batches.results(made.id)]
    assert sorted(row.custom_id for row in rows) == sorted(ids)
    assert [row.custom_id for row in rows] != ids
    for row in rows:
        assert row.result.type == "succeeded"
        assert row.result.message.model == "claude-haiku-4-5-20251001"

    deleted = await sdk.messages.batches.delete(made.id)
    assert (deleted.id, deleted.type) == (made.id, "message_batch_deleted")
    with pytest.raises(anthropic.NotFoundError):
        await sdk.messages.batches.retrieve(made.id)


async def test_the_requests_arrive_as_the_sdk_sent_them(sdk: AsyncAnthropic, demo: World) -> None:
    requests = [beta_request("a"), beta_request("b")]
    made = await sdk.beta.messages.batches.create(requests=requests, betas=["files-api-2025-04-14"])
    assert demo.received(made.id) == tuple(json.loads(json.dumps(requests)))
    assert set(demo.digests(made.id)) == {"a", "b"}
    sent = demo.requests[-1]
    assert sent.method == "POST"
    assert "files-api-2025-04-14" in (sent.header("anthropic-beta") or "")


async def test_rows_are_those_of_the_worlds_own_state(sdk: AsyncAnthropic, demo: World) -> None:
    view = next(view for view in demo.views() if view.batch.work.total == 5_000)
    rows = [row async for row in await sdk.messages.batches.results(view.batch.id)]
    own = b"".join(demo.results(view.batch.id).chunks()).splitlines()
    assert [row.custom_id for row in rows] == [json.loads(line)["custom_id"] for line in own]
    assert sum(row.result.type == "errored" for row in rows) == view.tally.errored == 372
    causes = {row.result.error.error.type for row in rows if row.result.type == "errored"}
    assert len(causes) >= 6


async def test_cancel_takes_a_while_and_then_ends(
    sdk: AsyncAnthropic, demo: World, time: StoppedTime
) -> None:
    live = next(view for view in demo.views() if view.batch.work.total == 18_000)
    canceled = await sdk.messages.batches.cancel(live.batch.id)
    assert canceled.processing_status == "canceling"
    assert canceled.cancel_initiated_at is not None
    again = await sdk.messages.batches.cancel(live.batch.id)
    assert again.cancel_initiated_at == canceled.cancel_initiated_at
    time.pass_by(minutes=2)
    ended = await sdk.messages.batches.retrieve(live.batch.id)
    counts = ended.request_counts
    assert ended.processing_status == "ended"
    assert counts.canceled > 0
    assert counts.succeeded > 0
    assert counts.canceled + counts.succeeded + counts.errored == 18_000


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (409, anthropic.ConflictError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.InternalServerError),
    ],
)
async def test_errors_arrive_as_typed_exceptions(
    sdk: AsyncAnthropic, demo: World, status: int, exception: type[anthropic.APIStatusError]
) -> None:
    demo.faults.add(Fault(status=status, operation="list", message="told so", retry_after="7"))
    with pytest.raises(exception, match="told so") as caught:
        await sdk.messages.batches.list()
    assert caught.value.status_code == status
    assert caught.value.response.headers["retry-after"] == "7"
    assert str(caught.value.request_id).startswith("req_")


async def test_refusals_of_the_rules_are_typed_too(sdk: AsyncAnthropic, demo: World) -> None:
    live = next(view for view in demo.views() if view.status == "in_progress")
    ended = next(view for view in demo.views() if view.status == "ended")
    with pytest.raises(anthropic.NotFoundError):
        await sdk.messages.batches.retrieve("msgbatch_of_another_workspace")
    with pytest.raises(anthropic.BadRequestError):
        await sdk.messages.batches.delete(live.batch.id)
    demo.behavior.conflict_status = 409
    with pytest.raises(anthropic.ConflictError):
        await sdk.messages.batches.cancel(ended.batch.id)
    twice = [sdk_request("same"), sdk_request("same")]
    with pytest.raises(anthropic.BadRequestError, match=r"requests\.1\.custom_id"):
        await sdk.messages.batches.create(requests=twice)
    demo.keys = {"another": Account()}
    with pytest.raises(anthropic.AuthenticationError):
        await sdk.messages.batches.list()


async def test_the_older_header_is_accepted_as_well(demo: World) -> None:
    async with (
        listening(demo) as url,
        AsyncAnthropic(
            base_url=f"{url}/gateway/team-a/",
            auth_token="token",
            default_headers={"anthropic-version": "2023-06-01"},
        ) as client,
    ):
        page = await client.messages.batches.list(limit=1000)
        assert len(page.data) == len(demo.views())
        url_of_results = next(batch.results_url for batch in page.data if batch.results_url)
        assert url_of_results.startswith(f"{url}/gateway/team-a/v1/messages/batches/")


async def test_an_empty_workspace_ends_paging_at_once(time: StoppedTime) -> None:
    async with (
        listening(build_world("empty", now=time)) as url,
        AsyncAnthropic(base_url=url, api_key="x") as client,
    ):
        page = await client.messages.batches.list()
        assert (page.data, page.has_more, page.first_id, page.last_id) == ([], False, None, None)


async def test_tokens_are_counted_as_they_are_billed(sdk: AsyncAnthropic, demo: World) -> None:
    short = await sdk.messages.count_tokens(
        model="claude-opus-4-6", messages=[{"role": "user", "content": "Hi"}]
    )
    long = await sdk.messages.count_tokens(
        model="claude-opus-4-6",
        system="Answer with one word.",
        messages=[{"role": "user", "content": "Hi " * 1_000}],
    )
    assert 0 < short.input_tokens < 100 < long.input_tokens
    with pytest.raises(anthropic.BadRequestError, match="messages: Field required"):
        await sdk.post("/v1/messages/count_tokens", cast_to=object, body={"model": "m"})
    demo.faults.add(Fault(status=529, operation="count_tokens"))
    with pytest.raises(anthropic.InternalServerError):
        await sdk.messages.count_tokens(model="m", messages=[{"role": "user", "content": "Hi"}])
