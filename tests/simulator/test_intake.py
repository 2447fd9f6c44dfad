"""What a create lets in: any chunking of the body, every rule, the API's words for its faults."""

import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Iterable, Sequence

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.simulator.intake import RequestReader
from batchtui.simulator.refusals import RefusalError
from batchtui.simulator.rules import Json, find_mistake
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, Connect, message_request

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def read(chunks: Iterable[bytes]) -> list[Json]:
    reader = RequestReader()
    items = [item for chunk in chunks for item in reader.feed(chunk)]
    return [*items, *reader.finish()]


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in itertools.pairwise(edges)]


@given(
    items=st.lists(values, max_size=5),
    places=st.lists(st.integers(min_value=0), max_size=9),
    pretty=st.booleans(),
)
def test_any_chunking_gives_the_same_requests(
    items: list[Json], places: list[int], *, pretty: bool
) -> None:
    text = json.dumps({"requests": items}, ensure_ascii=pretty, indent=2 if pretty else None)
    body = text.encode(errors="surrogatepass") if pretty else text.encode(errors="replace")
    expected = json.loads(body)["requests"]
    assert read(cut(body, places)) == expected
    assert read(bytes([byte]) for byte in body) == expected


@given(st.binary(max_size=60), st.lists(st.integers(min_value=0), max_size=3))
def test_no_bytes_make_it_crash(body: bytes, places: list[int]) -> None:
    with contextlib.suppress(RefusalError):
        read(cut(body, places))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "unexpected end"),
        (b"[]", "should be a JSON object"),
        (b'"requests"', "should be a JSON object"),
        (b"{}", "requests: Field required"),
        (b'{"requests": {}}', "requests: Input should be a valid list"),
        (b'{"requests": null}', "requests: Input should be a valid list"),
        (b'{"requests": []} x', "extra data"),
        (b'{"requests": [{"a": 1}', "unexpected end"),
        (b'{"requests": [{"a": 1},]}', "not valid JSON"),
        (b'{"requests": [{"a": NaN}]}', "not valid JSON"),
        (b'{"requests": [1 2]}', "not valid JSON"),
        (b'{"requests": [], }', "double quotes"),
        (b'{"betas": ["x"], "requests": []}', "betas: Extra inputs are not permitted"),
        (b'{"requests": ["\xff"]}', "UTF-8"),
        (b'{"requests": [' + b"[" * 200_000, "nested too deeply"),
    ],
)
def test_broken_bodies_are_told_apart(body: bytes, words: str) -> None:
    for chunks in ([body], cut(body, [1, 5, 9, 14])):
        with pytest.raises(RefusalError, match=words) as caught:
            read(chunks)
        assert caught.value.status == 400


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("text", "requests.1: Input should be an object"),
        ({"params": {}}, "requests.1.custom_id: Field required"),
        (message_request("") | {"extra": 1}, "requests.1.extra: Extra inputs are not permitted"),
        (message_request(""), "requests.1.custom_id: String should match"),
        (message_request("x" * 65), "requests.1.custom_id: String should match"),
        (message_request("with space"), "requests.1.custom_id: String should match"),
        (message_request("line\n"), "requests.1.custom_id: String should match"),
        (message_request("id") | {"custom_id": 7}, "requests.1.custom_id: Input should be a valid"),
        (message_request("first"), "requests.1.custom_id: duplicate of requests.0.custom_id"),
        ({"custom_id": "id"}, "requests.1.params: Field required"),
        ({"custom_id": "id", "params": []}, "requests.1.params: Input should be an object"),
        ({"custom_id": "id", "params": {}}, "requests.1.params.max_tokens: Field required"),
        (message_request("id", stream=True), "requests.1.params.stream"),
        (message_request("id", max_tokens=0), "requests.1.params.max_tokens"),
    ],
)
async def test_a_wrong_request_refuses_the_batch(
    world: World, connect: Connect, item: object, words: str
) -> None:
    body = {"requests": [message_request("first"), item]}
    answer = await connect(world).post(BATCHES, json=body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"].startswith(words)
    assert answer.json()["request_id"] == answer.headers["request-id"]
    assert not world.views()


async def test_an_empty_list_is_refused(world: World, connect: Connect) -> None:
    answer = await connect(world).post(BATCHES, json={"requests": []})
    assert (answer.status_code, answer.json()["type"]) == (400, "error")


TOOLS = [{"name": "f", "input_schema": {"type": "object"}}]
MISTAKES: list[tuple[dict[str, object], str]] = [
    ({"model": "gpt-9"}, "model: gpt-9"),
    ({"model": 3}, "model: Input"),
    ({"max_tokens": "many"}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": -1}, "max_tokens: Input should be greater"),
    ({"max_tokens": True}, "max_tokens: Input should be a valid integer"),
    ({"max_tokens": 100_000}, "max_tokens: 100000 > 64000"),
    ({"messages": "hello"}, "messages: Input should be a valid list"),
    ({"messages": []}, "messages: at least one"),
    ({"messages": ["hello"]}, "messages.0: Input"),
    ({"messages": [{"role": "system", "content": "x"}]}, 'messages: Unexpected role "system"'),
    ({"messages": [{"role": "robot", "content": "x"}]}, "messages.0.role"),
    ({"messages": [{"role": "user"}]}, "messages.0.content"),
    ({"messages": [{"role": "user", "content": ""}]}, "messages.0: all messages must have"),
    ({"messages": [{"role": "user", "content": [{}]}]}, "messages.0.content.0.type"),
    (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]},
        "messages.0.content.0.text",
    ),
    ({"messages": [{"role": "user", "content": "x"}] * 100_001}, "messages: at most"),
    ({"temperature": 1.1}, "temperature: range"),
    ({"temperature": "warm"}, "temperature: range"),
    ({"top_p": -0.1}, "top_p: range"),
    ({"top_k": -1}, "top_k"),
    ({"thinking": "yes"}, "thinking: Input"),
    ({"thinking": {"type": "perhaps"}}, "thinking.type"),
    ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
    ({"thinking": {"type": "enabled", "budget_tokens": 1_000}}, "thinking.enabled.budget_tokens"),
    ({"thinking": {"type": "enabled", "budget_tokens": 1_024}}, "`max_tokens` must be greater"),
    ({"tools": {}}, "tools: Input"),
    ({"tools": TOOLS, "tool_choice": {"type": "f"}}, "tool_choice.type: Input"),
    ({"tools": TOOLS, "tool_choice": {"type": "tool"}}, "tool_choice.tool.name: Field required"),
    ({"tools": TOOLS, "tool_choice": {"type": "tool", "name": "g"}}, "Tool 'g' not found"),
    ({"tool_choice": {"type": "any"}}, "tool_choice: may only be specified"),
    ({"metadata": []}, "metadata: Input"),
    ({"system": 5}, "system: Input"),
    ({"service_tier": "gold"}, "service_tier: Input"),
    ({"betas": ["x"]}, "betas: Extra inputs are not permitted"),
]


@pytest.mark.parametrize(("params", "words"), MISTAKES)
async def test_mistakes_in_params_show_as_errored_rows(
    world: World, connect: Connect, params: dict[str, object], words: str
) -> None:
    client = connect(world)
    body = {"requests": [message_request("good"), message_request("bad", **params)]}
    made = (await client.post(BATCHES, json=body)).json()
    assert made["request_counts"]["processing"] == 2
    rows = await ended_rows(world, client, made["id"])
    assert rows["good"] == ("succeeded", "")
    assert rows["bad"][0] == "errored"
    assert rows["bad"][1].startswith(words)

    world.behavior.strict_params = True
    refused = await client.post(BATCHES, json=body)
    assert refused.status_code == 400
    assert refused.json()["error"]["message"].startswith(f"requests.1.params.{words}")


async def ended_rows(
    world: World, client: httpx.AsyncClient, batch_id: str
) -> dict[str, tuple[str, str]]:
    """Result type and error message of each row, once the batch has ended."""
    world.timeline.skip(world.processing_time(100_000))
    answer = await client.get(f"{BATCHES}/{batch_id}/results")
    rows = [json.loads(line) for line in answer.content.splitlines()]
    return {
        row["custom_id"]: (
            row["result"]["type"],
            row["result"].get("error", {}).get("error", {}).get("message", ""),
        )
        for row in rows
    }


@pytest.mark.parametrize(
    "params",
    [
        {"temperature": 0, "top_p": 1, "top_k": 5},
        {"thinking": {"type": "enabled", "budget_tokens": 1_024}, "max_tokens": 1_025},
        {"thinking": {"type": "adaptive"}},
        {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": ""}]},
        {"system": [{"type": "text", "text": "x"}], "tools": [], "metadata": {"user_id": "u"}},
        {"model": "claude-opus-4-6", "max_tokens": 128_000, "stream": False},
        {"tools": [{"name": "f"}], "tool_choice": {"type": "tool", "name": "f"}},
        {"tools": [{"name": "f"}], "tool_choice": {"type": "none"}},
    ],
)
def test_what_is_allowed_is_not_a_mistake(params: dict[str, Json]) -> None:
    usual: dict[str, Json] = {
        "model": "claude-sonnet-4-5-20250929",
        "max_tokens": 10,
        "messages": [{"role": "user", "content": "x"}],
    }
    assert find_mistake(usual | params) is None


async def test_limits_answer_413(world: World, connect: Connect) -> None:
    world.behavior.max_requests = 2
    body = {"requests": [message_request(str(number)) for number in range(3)]}
    answer = await connect(world).post(BATCHES, json=body)
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "request_too_large")

    world.behavior.max_body = 100
    answer = await connect(world).post(BATCHES, json=body)
    assert answer.status_code == 413

    async def without_length() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10

    answer = await connect(world).post(BATCHES, content=without_length())
    assert answer.status_code == 413
    assert not world.views()


async def test_equal_params_have_equal_digests_however_they_are_written(
    world: World, connect: Connect
) -> None:
    client = connect(world)
    body = {"requests": [message_request("a"), message_request("b", temperature=0.5)]}
    ways = [
        json.dumps(body).encode(),
        json.dumps(body, indent=4, ensure_ascii=False, sort_keys=True).encode(),
    ]
    ids = [(await client.post(BATCHES, content=way)).json()["id"] for way in ways]
    first, second = (world.digests(batch_id) for batch_id in ids)
    assert first == second
    assert first["a"] != first["b"]


async def test_large_bodies_keep_digests_only(world: World, connect: Connect) -> None:
    world.behavior.keeps_requests_below = 100
    answer = await connect(world).post(BATCHES, json={"requests": [message_request("a" * 60)]})
    batch_id = answer.json()["id"]
    assert set(world.digests(batch_id)) == {"a" * 60}
    with pytest.raises(LookupError):
        world.received(batch_id)
