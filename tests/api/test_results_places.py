"""Where results are fetched, and that the key goes to the base URL's origin only."""

from collections.abc import Iterator

import pytest

from batchtui.api import errors
from batchtui.api.client import BatchesClient
from batchtui.api.connection import Credential
from batchtui.api.models import MessageBatch
from tests.api.scripted import (
    KEY,
    Reply,
    ScriptedServer,
    calling,
    connection_to,
    error_reply,
    reply,
    scene,
    serving,
)

LINES = b'{"custom_id":"a"}\n'
MISSING = error_reply(404, "not_found_error", "no such path")
CANONICAL = "GET /v1/messages/batches/a%2Fb/results"


def done(results_url: str) -> MessageBatch:
    return MessageBatch(id="a/b", processing_status="ended", results_url=results_url)


async def read(client: BatchesClient, results_url: str) -> tuple[str, bytes]:
    """The notice and the bytes of a batch's results."""
    async with client.results(done(results_url)) as stream:
        return stream.notice, b"".join([piece async for piece in stream.chunks()])


def assert_keyless(server: ScriptedServer) -> None:
    """No byte that a server got holds the key, or what belongs to the account."""
    for heard in server.heard:
        assert KEY.encode() not in heard.raw_head + heard.body
        names = set(heard.headers)
        assert not {name for name in names if name.startswith("anthropic-")}
        assert not {"x-api-key", "authorization", "cookie", "referer"} & names


async def test_absolute_at_home_is_fetched_as_it_is() -> None:
    async with scene(reply(200, LINES)) as (server, bench):
        assert await read(bench.client, f"{server.url}/files/1?sig=x#part") == ("", LINES)
    assert server.targets == ["GET /files/1?sig=x"]
    assert server.heard[0].headers["x-api-key"] == KEY


@pytest.mark.parametrize(
    ("prefix", "results_url", "targets"),
    [
        ("", "/v1/r", ["/v1/r"]),
        ("", "v1/r?x=1", ["/v1/r?x=1"]),
        ("/gw", "/v1/r", ["/gw/v1/r"]),
        ("/gw", "/gw/v1/r", ["/gw/v1/r"]),
        ("/gw", "v1/r", ["/gw/v1/r"]),
    ],
)
async def test_relative_is_joined_to_the_base(
    prefix: str, results_url: str, targets: list[str]
) -> None:
    async with serving(reply(200, LINES)) as server, calling(server.url + prefix) as bench:
        assert await read(bench.client, results_url) == ("", LINES)
    assert [heard.target for heard in server.heard] == targets
    assert server.heard[0].headers["x-api-key"] == KEY


async def test_relative_to_the_root_where_the_prefix_leads_nowhere() -> None:
    answers = MISSING, reply(200, LINES)
    async with serving(*answers) as server, calling(server.url + "/gw") as bench:
        assert await read(bench.client, "/v1/r") == ("", LINES)
    assert server.targets == ["GET /gw/v1/r", "GET /v1/r"]


async def test_absolute_without_the_prefix_falls_back_to_the_api_s_own_path() -> None:
    answers = MISSING, reply(200, LINES)
    async with serving(*answers) as server, calling(server.url + "/gw") as bench:
        assert await read(bench.client, f"{server.url}/v1/r") == ("", LINES)
    assert server.targets == ["GET /v1/r", CANONICAL.replace(" ", " /gw")]


async def test_another_origin_is_not_asked_where_the_api_has_the_results() -> None:
    async with serving(reply(200, b"no")) as other, scene(reply(200, LINES)) as (server, bench):
        assert await read(bench.client, f"{other.url}/r") == ("", LINES)
    assert server.targets == [CANONICAL]
    assert server.heard[0].headers["x-api-key"] == KEY
    assert other.connections == 0


@pytest.mark.parametrize("status", [404, 405, 501])
@pytest.mark.parametrize("kind", ["api_key", "auth_token"])
async def test_another_origin_is_asked_without_the_key(status: int, kind: str) -> None:
    no_such_path = reply(status, headers=[("set-cookie", "session=1; Path=/")])
    async with serving(reply(200, LINES)) as other, serving(no_such_path) as server:
        connection = connection_to(server.url)
        if kind == "auth_token":
            object.__setattr__(connection, "credential", Credential("auth_token", KEY))
        async with calling(connection) as bench:
            notice, body = await read(bench.client, f"{other.url}/r?signature=s3cret")
    assert body == LINES
    assert other.url in notice
    assert "without the key" in notice
    assert other.targets == ["GET /r?signature=s3cret"]
    assert_keyless(other)
    assert bench.calls[-1].origin == other.url
    assert "s3cret" not in f"{bench.calls} {notice}"


@pytest.mark.parametrize("status", [401, 403, 429])
async def test_only_a_missing_path_leads_to_another_origin(status: int) -> None:
    async with (
        serving(reply(200, LINES)) as other,
        scene(error_reply(status, "x", "no")) as (_server, bench),
    ):
        with pytest.raises(errors.StatusError):
            await read(bench.client, f"{other.url}/r")
    assert other.connections == 0


async def test_the_same_host_on_another_port_is_another_origin() -> None:
    async with serving(reply(200, LINES)) as other, scene(MISSING) as (_server, bench):
        await read(bench.client, f"//127.0.0.1:{other.port}/r")
    assert_keyless(other)
    assert len(other.heard) == 1


@pytest.mark.parametrize(
    "results_url",
    ["file:///etc/passwd", "ftp://h/x", "data:,x", "http://[::1", "javascript:1", "s3://b/k"],
)  # fmt: skip
async def test_what_is_no_address_is_left_alone(results_url: str) -> None:
    async with scene(reply(200, LINES)) as (server, bench):
        assert await read(bench.client, results_url) == ("", LINES)
    assert server.targets == [CANONICAL]


async def test_a_dead_link_says_so_and_stops_no_polling() -> None:
    expired = reply(403, b"<Error><Code>AccessDenied</Code></Error>")
    async with serving(expired) as other, scene(MISSING) as (_server, bench):
        with pytest.raises(errors.ResultsUnavailable) as caught:
            await read(bench.client, f"{other.url}/r?sig=x")
    assert not caught.value.is_permanent
    assert "run out" in caught.value.hint
    assert "sig=x" not in f"{caught.value.message} {caught.value.path}"


def redirect(url: str, status: int = 302) -> Reply:
    return reply(status, headers=[("location", url)])


async def test_a_redirect_at_home_keeps_the_key() -> None:
    async with scene(redirect("/elsewhere"), reply(200, LINES)) as (server, bench):
        assert await read(bench.client, "/r") == ("", LINES)
    assert server.heard[1].headers["x-api-key"] == KEY


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_another_origin_leaves_the_key_behind(status: int) -> None:
    async with (
        serving(reply(200, LINES)) as other,
        scene(redirect(f"{other.url}/r?sig=x", status)) as (_server, bench),
    ):
        notice, body = await read(bench.client, "/r")
    assert body == LINES
    assert other.url in notice
    assert_keyless(other)


async def test_the_key_does_not_come_back_by_a_second_redirect() -> None:
    async with (
        serving(reply(200, LINES)) as last,
        serving(redirect(f"{last.url}/b")) as other,
        scene(redirect(f"{other.url}/a")) as (_server, bench),
    ):
        assert (await read(bench.client, "/r"))[1] == LINES
    assert_keyless(other)
    assert_keyless(last)


async def test_a_link_that_leads_back_home_still_carries_no_key() -> None:
    async with (
        scene(MISSING, reply(200, LINES)) as (server, bench),
        serving(redirect(f"{server.url}/signed")) as other,
    ):
        assert (await read(bench.client, f"{other.url}/r"))[1] == LINES
    assert server.targets == [CANONICAL, "GET /signed"]
    assert_keyless(other)
    assert KEY.encode() not in server.heard[1].raw_head


def tricky(server: ScriptedServer, other: ScriptedServer) -> Iterator[str]:
    """Addresses of `other` that a careless eye takes for `server`."""
    yield f"http://127.0.0.1:{server.port}@127.0.0.1:{other.port}/r"
    yield f"http://127.0.0.1:{server.port}%2F@127.0.0.1:{other.port}/r"
    yield f"http://user:pw@127.0.0.1:{other.port}/{server.url}"
    yield f"http:\\\\127.0.0.1:{other.port}\\r"
    yield f" http://127.0.0.1:{other.port}/r"
    yield f"HTTP://127.0.0.1:{other.port}/r#@127.0.0.1:{server.port}"


async def test_no_disguise_brings_the_key_to_another_origin() -> None:
    async with serving(reply(200, LINES)) as other, scene(MISSING) as (server, bench):
        for results_url in tricky(server, other):
            try:
                await read(bench.client, results_url)
            except errors.ApiError:
                continue
        names = [set(heard.headers) for heard in other.heard]
    assert not any("x-api-key" in each for each in names)
    assert all(KEY.encode() not in heard.raw_head for heard in other.heard)
    assert other.heard
