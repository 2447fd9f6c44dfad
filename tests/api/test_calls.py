"""What goes over the wire for each call, and what comes of the answers."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import unquote

import anthropic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import batchtui
from batchtui.api import errors, paths
from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
from batchtui.api.models import BatchPage, DeletedMessageBatch
from batchtui.api.paging import iterate_pages
from tests.api.scripted import (
    KEY,
    Heard,
    Reply,
    batch_json,
    calling,
    connection_to,
    error_reply,
    json_reply,
    reply,
    scene,
    serving,
)

Ask = Callable[[BatchesClient], Awaitable[object]]

PAGE = {"data": [batch_json("b"), batch_json("a")], "has_more": False}

SIX = [
    (lambda c: c.create(b'{"requests":[]}'), "POST /v1/messages/batches?beta=true"),
    (lambda c: c.retrieve("x"), "GET /v1/messages/batches/x?beta=true"),
    (lambda c: c.cancel("x"), "POST /v1/messages/batches/x/cancel?beta=true"),
    (lambda c: c.delete("x"), "DELETE /v1/messages/batches/x?beta=true"),
]


@pytest.mark.parametrize(("ask", "line"), SIX)
async def test_each_call_is_one_request(ask: Ask, line: str) -> None:
    async with scene(json_reply(batch_json("x"))) as (server, bench):
        await ask(bench.client)
    assert server.targets == [line]
    headers = server.heard[0].headers
    assert headers["x-api-key"] == KEY
    assert headers["anthropic-version"] == "2023-06-01"
    assert headers["anthropic-beta"] == "message-batches-2024-09-24"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"] == f"batchtui/{batchtui.__version__}"
    assert "authorization" not in headers


async def test_lists_with_their_cursors() -> None:
    async with scene(json_reply(PAGE)) as (server, bench):
        page = await bench.client.list_page(limit=5000, after_id="a&b=c")
        await bench.client.list_page(limit=0, after_id="é")
    assert [batch.id for batch in page.data] == ["b", "a"]
    assert server.targets == [
        "GET /v1/messages/batches?beta=true&limit=1000&after_id=a%26b%3Dc",
        "GET /v1/messages/batches?beta=true&limit=1&after_id=%C3%A9",
    ]


async def test_tokens_betas_prefixes_and_plain_endpoints() -> None:
    async with serving(json_reply(batch_json())) as server:
        connection = Connection(
            f"{server.url}/gateway/v2/",
            Credential("auth_token", KEY),
            betas=("one", "two"),
            version="2026-10-21",
            use_beta_endpoints=False,
        )
        async with calling(connection) as bench:
            await bench.client.retrieve("x")
            await bench.client.create(b"{}", betas=("three", "one"))
    assert server.targets == [
        "GET /gateway/v2/v1/messages/batches/x",
        "POST /gateway/v2/v1/messages/batches",
    ]
    headers = server.heard[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert "x-api-key" not in headers
    assert headers["anthropic-version"] == "2026-10-21"
    assert headers["anthropic-beta"] == "one,two,message-batches-2024-09-24"
    betas = server.heard[1].headers["anthropic-beta"]
    assert betas == "one,two,three,message-batches-2024-09-24"


async def test_the_workspace_goes_with_every_call_of_the_api_and_no_other() -> None:
    results = reply(200, b"{}\n")
    async with serving(results) as other:
        batch = batch_json(results_url=f"{other.url}/file")
        async with serving(json_reply(batch), json_reply(batch), reply(404)) as server:
            connection = Connection(server.url, Credential("api_key", KEY), workspace_id="wrkspc_7")
            async with calling(connection) as bench:
                found = await bench.client.retrieve("x")
                await bench.client.create(b"{}")
                async with bench.client.results(found) as stream:
                    assert [piece async for piece in stream.chunks()] == [b"{}\n"]
    assert [one.headers.get("anthropic-workspace-id") for one in server.heard] == ["wrkspc_7"] * 3
    assert "anthropic-workspace-id" not in other.heard[0].headers
    assert ("anthropic-workspace-id", "wrkspc_7") in bench.calls[0].headers


async def test_without_a_credential_no_key_is_sent() -> None:
    answer = json_reply(batch_json())
    async with serving(answer) as server, calling(Connection(server.url)) as bench:
        await bench.client.retrieve("x")
    assert not {"x-api-key", "authorization"} & set(server.heard[0].headers)


async def test_the_official_sdk_asks_the_same() -> None:
    """But for what the newest changed: a bearer key, its version, and no beta header or query."""
    answer = json_reply({**batch_json(), "data": []})
    async with (
        serving(answer) as theirs,
        anthropic.AsyncAnthropic(base_url=theirs.url, api_key=KEY) as sdk,
    ):
        await sdk.beta.messages.batches.retrieve("a/../b?c")
        await sdk.beta.messages.batches.cancel("x")
        await sdk.beta.messages.batches.delete("x")
        await sdk.beta.messages.batches.list(limit=7, after_id="y")
    async with scene(answer) as (ours, bench):
        await bench.client.retrieve("a/../b?c")
        await bench.client.cancel("x")
        await bench.client.delete("x")
        await bench.client.list_page(limit=7, after_id="y")
    assert list(map(essence, ours.heard)) == list(map(essence, theirs.heard))


def essence(heard: Heard) -> tuple[str, str, set[str], bytes]:
    path, _, query = heard.target.partition("?")
    parameters = set(query.split("&")) - {"beta=true", ""}
    return heard.method, path, parameters, heard.body


@given(st.text(min_size=1, max_size=60))
@settings(max_examples=300)
def test_an_id_is_always_one_segment(batch_id: str) -> None:
    try:
        path = paths.batch(batch_id, "cancel", beta=True)
    except errors.InvalidBatchId:
        assert not batch_id.strip()
        return
    segments = path.partition("?")[0].split("/")
    assert len(segments) == 6
    assert unquote(segments[4]) == batch_id
    assert segments[4].strip(".")


NASTY_IDS = [
    *(".", "..", "...", "a/b", "/", "../../admin", "a?b=c", "a#b", "%2e%2e", "%", "a b", "a;b"),
    *("\x00\x1b[31m", "é", "😀", "\\..\\x", "x" * 4096, "@host", "a\r\nx-evil: 1"),
]


@pytest.mark.parametrize("batch_id", NASTY_IDS)
async def test_no_id_changes_the_path_on_the_wire(batch_id: str) -> None:
    async with serving(json_reply(batch_json())) as server, calling(server.url + "/p") as bench:
        await bench.client.delete(batch_id)
    path, _, query = server.heard[0].target.partition("?")
    assert query == "beta=true"
    assert path.startswith("/p/v1/messages/batches/")
    segment = path.removeprefix("/p/v1/messages/batches/")
    assert "/" not in segment
    assert unquote(segment) == batch_id
    assert segment not in {".", ".."}


@pytest.mark.parametrize("batch_id", ["", " ", "\n", "\ud800", "x" * 5000])
async def test_what_cannot_be_an_id_is_not_sent(batch_id: str) -> None:
    async with calling("http://127.0.0.1:9") as bench:
        with pytest.raises(errors.InvalidBatchId):
            await bench.client.retrieve(batch_id)
    assert bench.calls == []


@pytest.mark.parametrize(
    ("answer", "deleted"),
    [
        (reply(204), DeletedMessageBatch("x")),
        (reply(200), DeletedMessageBatch("x")),
        (reply(202, b"accepted"), DeletedMessageBatch("x")),
        (json_reply({"id": "x", "type": "gone"}), DeletedMessageBatch("x", "gone")),
    ],
)
async def test_every_success_of_a_delete_counts(
    answer: Reply, deleted: DeletedMessageBatch
) -> None:
    async with scene(answer) as (_server, bench):
        assert await bench.client.delete("x") == deleted


async def test_a_cancel_without_a_body_is_looked_up() -> None:
    async with scene(reply(204), json_reply(batch_json("x"))) as (server, bench):
        assert (await bench.client.cancel("x")).id == "x"
    assert server.targets[1] == "GET /v1/messages/batches/x?beta=true"


def page_json(*ids: str, has_more: bool = True) -> dict[str, object]:
    return {"data": [batch_json(each) for each in ids], "has_more": has_more}


async def all_pages(client: BatchesClient) -> list[BatchPage]:
    return [page async for page in iterate_pages(client)]


@pytest.mark.parametrize(
    ("pages", "ids"),
    [
        ([page_json("c", "b"), page_json("a", has_more=False)], ["c", "b", "a"]),
        ([page_json("c", "b"), page_json()], ["c", "b"]),
        ([page_json("c", "b"), page_json("c", "b")], ["c", "b"]),
        ([page_json("c", "b"), page_json("b", "a"), page_json("b", "a")], ["c", "b", "b", "a"]),
        ([page_json(has_more=False)], []),
    ],
)
async def test_paging_ends_when_nothing_new_comes(
    pages: list[dict[str, object]], ids: list[str]
) -> None:
    async with scene(*map(json_reply, pages)) as (server, bench):
        found = await all_pages(bench.client)
    assert [batch.id for page in found for batch in page.data] == ids
    assert len(server.heard) == len(pages)


async def test_the_cursor_is_the_last_batch_where_the_server_names_none() -> None:
    pages = [page_json("c", "b"), page_json("a", has_more=False)]
    async with scene(*map(json_reply, pages)) as (server, bench):
        await all_pages(bench.client)
    assert server.heard[1].target.endswith("limit=1000&after_id=b")


async def test_account_and_clock_are_learned_from_headers() -> None:
    headers = (
        ("anthropic-organization-id", "org-1"),
        ("anthropic-workspace-id", "wrkspc_" + "x" * 300),
        ("date", "Fri, 02 Jan 2026 03:04:35 GMT"),
        ("request-id", "req_1"),
    )
    answers = json_reply(batch_json(), 200, *headers), json_reply(batch_json())
    async with scene(*answers) as (_server, bench):
        assert bench.client.server_offset is None
        await bench.client.retrieve("x")
        await bench.client.retrieve("x")
    account = bench.client.account
    assert account.organization_id == "org-1"
    assert account.workspace_id is not None
    assert len(account.workspace_id) == 200
    assert account.key_last_four == "1234"
    assert bench.client.server_offset == timedelta(seconds=30.5)
    first = bench.calls[0]
    assert (first.method, first.status, first.request_id, first.attempt) == ("GET", 200, "req_1", 1)
    assert first.bytes_received > 200
    assert bench.calls[1].request_id is None


async def test_no_call_record_holds_the_key() -> None:
    async with scene(error_reply(401, "authentication_error", "no")) as (_server, bench):
        with pytest.raises(errors.AuthenticationFailed) as caught:
            await bench.client.retrieve("x")
    assert KEY not in f"{bench.calls} {caught.value!r} {vars(caught.value)}"
    assert bench.calls[0].error == ""
    assert bench.calls[0].status == 401


async def test_a_batch_just_created_may_be_unknown_for_a_moment() -> None:
    missing = error_reply(404, "not_found_error", "no such batch")
    found = json_reply(batch_json("x"))
    async with scene(found, missing, found, missing) as (server, bench):
        await bench.client.create(b"{}")
        assert (await bench.client.retrieve("x")).id == "x"
        assert bench.clock.slept == [1.0]
        with pytest.raises(errors.NotFound):
            await bench.client.retrieve("x")
    assert len(server.heard) == 4


async def test_a_batch_created_some_time_ago_is_known_or_gone() -> None:
    missing = error_reply(404, "not_found_error", "no such batch")
    async with scene(json_reply(batch_json("x")), missing) as (server, bench):
        await bench.client.create(b"{}")
        await bench.clock.sleep(11)
        with pytest.raises(errors.NotFound):
            await bench.client.retrieve("x")
    assert len(server.heard) == 2


@pytest.mark.parametrize("name", ["request-id", "location", "anthropic-workspace-id"])
async def test_a_header_that_repeats_the_key_does_not_show_it(name: str) -> None:
    answer = reply(302, b"", [(name, f"https://elsewhere.example/{KEY}")])
    async with scene(answer) as (_server, bench):
        with pytest.raises(errors.ApiError) as caught:
            await bench.client.retrieve("msgbatch_1")
        account = bench.client.account
    assert KEY not in f"{caught.value.sentence} {caught.value.facts} {bench.calls} {account}"


async def test_redirects_within_the_origin_are_followed_with_the_key() -> None:
    answers = reply(307, headers=[("location", "/moved?x=1")]), json_reply(batch_json())
    async with scene(*answers) as (server, bench):
        await bench.client.retrieve("x")
    assert server.heard[1].target == "/moved?x=1"
    assert server.heard[1].headers["x-api-key"] == KEY


@pytest.mark.parametrize("ask", [ask for ask, _ in SIX])
async def test_no_call_but_results_leaves_the_origin(ask: Ask) -> None:
    async with serving(json_reply(batch_json())) as other:
        leave = reply(302, headers=[("location", f"{other.url}/v1?token=secret")])
        async with scene(leave) as (_server, bench):
            with pytest.raises(errors.UnexpectedAnswer, match="sent us elsewhere") as caught:
                await ask(bench.client)
    assert other.connections == 0
    assert "token" not in caught.value.message


async def test_only_gets_are_redirected_even_within_the_origin() -> None:
    async with scene(reply(308, headers=[("location", "/x")])) as (server, bench):
        with pytest.raises(errors.UnexpectedAnswer):
            await bench.client.delete("x")
    assert len(server.heard) == 1


async def test_redirects_in_a_circle_end() -> None:
    async with scene(reply(302, headers=[("location", "/x")])) as (server, bench):
        with pytest.raises(errors.UnexpectedAnswer):
            await bench.client.retrieve("x")
    assert len(server.heard) == 5


async def test_a_closed_client_closes_its_connections() -> None:
    async with serving(json_reply(batch_json())) as server:
        async with calling(connection_to(server.url)) as bench:
            await bench.client.retrieve("x")
        async with asyncio.timeout(10):
            await server.hung_up.wait()


def test_connections_can_be_changed_as_values() -> None:
    connection = dataclasses.replace(connection_to("http://h"), betas=("a",))
    assert connection.betas == ("a",)
