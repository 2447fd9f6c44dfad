"""What every answer has, who is let in, and what paths there are."""

import httpx
import pytest

from batchtui.simulator.server import listening
from batchtui.simulator.workspace import Account
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, HEADERS, Connect


async def test_every_answer_says_when_who_and_which(demo: World, connect: Connect) -> None:
    answer = await connect(demo).get(BATCHES)
    assert answer.headers["date"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    assert answer.headers["request-id"].startswith("req_")
    assert answer.headers["anthropic-organization-id"] == Account().organization_id
    assert answer.headers["anthropic-workspace-id"] == Account().workspace_id
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "sk-ours"},
        {"authorization": "Bearer sk-ours"},
        {"Authorization": "bearer  sk-ours"},
    ],
)
async def test_both_ways_of_sending_a_key(
    demo: World, connect: Connect, headers: dict[str, str]
) -> None:
    client = connect(demo)
    del client.headers["x-api-key"]
    demo.keys = {"sk-ours": Account()}
    assert (await client.get(BATCHES, headers=headers)).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "sk-theirs"}, {"authorization": "Basic x"}])
async def test_no_key_or_a_wrong_one(
    demo: World, connect: Connect, headers: dict[str, str]
) -> None:
    client = connect(demo)
    del client.headers["x-api-key"]
    demo.keys = {"sk-ours": Account()}
    answer = await client.get(BATCHES, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "authentication_error"
    assert "anthropic-organization-id" not in answer.headers


async def test_another_workspaces_key_sees_another_workspace(demo: World, connect: Connect) -> None:
    client = connect(demo)
    batch_id = demo.views()[0].batch.id
    demo.keys = {"sk-ours": Account(), "sk-theirs": Account(workspace_id="wrkspc_other")}
    theirs = {"x-api-key": "sk-theirs"}
    answer = await client.get(f"{BATCHES}/{batch_id}", headers=theirs)
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found_error")
    assert answer.headers["anthropic-workspace-id"] == "wrkspc_other"
    page = (await client.get(BATCHES, headers=theirs)).json()
    assert page == {"data": [], "has_more": False, "first_id": None, "last_id": None}


async def test_the_version_must_be_said(demo: World, connect: Connect) -> None:
    client = connect(demo)
    del client.headers["anthropic-version"]
    answer = await client.get(BATCHES)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize("query", ["", "?beta=true"])
async def test_both_resources_are_the_same(demo: World, connect: Connect, query: str) -> None:
    client = connect(demo)
    batch_id = demo.views()[0].batch.id
    assert len((await client.get(f"{BATCHES}{query}")).json()["data"]) == 20
    assert (await client.get(f"{BATCHES}/{batch_id}{query}")).json()["id"] == batch_id


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/v1/messages", 404),
        ("GET", f"{BATCHES}/x/y", 404),
        ("PUT", BATCHES, 405),
        ("GET", f"{BATCHES}/x/cancel", 405),
        ("GET", f"{BATCHES}/%2E%2E", 404),
        ("GET", f"{BATCHES}/..%2Fmodels", 404),
        ("GET", "/_simulator/state", 404),
        ("GET", f"{BATCHES}?limit=many", 400),
        ("GET", f"{BATCHES}?limit=0", 400),
        ("GET", f"{BATCHES}?limit=1001", 400),
        ("GET", f"{BATCHES}?after_id=a&before_id=b", 400),
        ("GET", f"{BATCHES}?after_id=a", 404),
        ("GET", "/signed/unknown/results.jsonl", 404),
    ],
)
async def test_what_is_not_there_or_not_allowed(
    demo: World, connect: Connect, method: str, path: str, status: int
) -> None:
    answer = await connect(demo).request(method, path)
    assert answer.status_code == status
    assert answer.json()["type"] == "error"


async def test_results_that_are_not_there(demo: World, connect: Connect) -> None:
    client = connect(demo)
    live = next(view for view in demo.views() if view.status != "ended")
    archived = next(view for view in demo.views() if view.archived_at)
    for view in (live, archived):
        demo.behavior.no_results_status = 410
        assert (await client.get(f"{BATCHES}/{view.batch.id}/results")).status_code == 410
        batch = (await client.get(f"{BATCHES}/{view.batch.id}")).json()
        assert batch["results_url"] is None


async def test_a_refusal_reads_the_upload_to_its_end(world: World) -> None:
    world.behavior.max_body = 2_000_000
    bad = b'{"requests": [7' + b" " * 1_900_000 + b"]}"
    async with listening(world) as url, httpx.AsyncClient(base_url=url, headers=HEADERS) as client:
        assert (await client.post(BATCHES, content=bad)).status_code == 400
        assert (await client.post(BATCHES, content=bad * 2)).status_code == 413


async def test_what_was_sent_is_noted(demo: World, connect: Connect) -> None:
    await connect(demo).get(f"{BATCHES}?beta=true&limit=5")
    seen = demo.requests[-1]
    assert (seen.method, seen.path, seen.query) == ("GET", BATCHES, "beta=true&limit=5")
    assert seen.header("x-api-key") == HEADERS["x-api-key"]
