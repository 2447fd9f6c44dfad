"""Results files: complete, deterministic, real-looking, streamed."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from batchtui.simulator.answers.kits import STYLES, kit
from batchtui.simulator.failures import CAUSES, SOME_FAILURES, FailureMix
from batchtui.simulator.ids import ID_STYLES
from batchtui.simulator.lifecycle import BatchView
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.work import LiteralWork, ScenarioWork
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, Connect, StoppedTime, message_request

MODERATE = 5_000


def content(world: World, batch_id: str, size: int = 128 * 1024) -> bytes:
    return b"".join(world.results(batch_id).chunks(size=size))


def ended(world: World) -> Iterator[BatchView]:
    """Ended batches of moderate size; each style of the demo is among them."""
    for view in world.views():
        if view.has_results and view.batch.work.total <= MODERATE:
            yield view


def test_rows_agree_with_the_counts(demo: World) -> None:
    for view in ended(demo):
        rows = [json.loads(line) for line in content(demo, view.batch.id).split(b"\n") if line]
        types = Counter(row["result"]["type"] for row in rows)
        assert len({row["custom_id"] for row in rows}) == len(rows) == view.tally.total
        assert types["succeeded"] == view.tally.succeeded
        assert types["errored"] == view.tally.errored
        assert types["canceled"] == view.tally.canceled
        assert types["expired"] == view.tally.expired


def test_rows_are_of_every_kind_a_reader_must_show(demo: World) -> None:
    blocks: Counter[str] = Counter()
    stops: Counter[str] = Counter()
    empty = 0
    text = ""
    for view in ended(demo):
        for line in content(demo, view.batch.id).splitlines()[:400]:
            result = json.loads(line)["result"]
            if result["type"] == "succeeded":
                message = result["message"]
                stops[message["stop_reason"]] += 1
                blocks.update(block["type"] for block in message["content"])
                empty += not message["content"]
                text += "".join(block.get("text", "")[:300] for block in message["content"])
    assert {"text", "tool_use", "thinking", "redacted_thinking", "server_tool_use"} <= set(blocks)
    assert {"web_search_tool_result", "container_upload", "hologram"} <= set(blocks)
    assert {"end_turn", "max_tokens", "refusal", "tool_use", "stop_sequence"} <= set(stops)
    assert empty
    for sample in (
        "\x1b[",
        "[@click",
        "小",
        "هادئ",
        "👨‍👩‍👧‍👦",
        "\u2028",
        "\u202e",
        "```python",
        "|---|",
    ):
        assert sample in text


def test_a_line_of_more_than_a_megabyte_is_among_them(demo: World) -> None:
    view = next(view for view in demo.views() if view.batch.work.total == 850)
    lines = content(demo, view.batch.id).splitlines()
    assert max(map(len, lines)) > 1_000_000


def test_the_same_batch_gives_the_same_bytes(time: StoppedTime) -> None:
    one, other = build_world("demo", now=time), build_world("demo", now=time)
    different = build_world("demo", now=time, seed=1)
    assert [view.batch.id for view in one.views()] == [view.batch.id for view in other.views()]
    assert one.views()[0].batch.id != different.views()[0].batch.id
    view = next(ended(one))
    first = content(one, view.batch.id)
    assert first == content(one, view.batch.id, size=100) == content(other, view.batch.id)


def test_any_offset_gives_the_rest(demo: World) -> None:
    view = next(view for view in ended(demo) if view.batch.work.total > 100)
    whole = content(demo, view.batch.id)
    for start in (0, 1, 99, 128 * 1024, len(whole) // 2, len(whole) - 1, len(whole)):
        assert b"".join(demo.results(view.batch.id).chunks(start, 4_096)) == whole[start:]


def test_the_order_may_vary_but_the_rows_stay(demo: World) -> None:
    view = next(view for view in ended(demo) if view.batch.work.total > 100)
    usual = content(demo, view.batch.id).splitlines()
    demo.behavior.results_order_varies = True
    first, second = (content(demo, view.batch.id).splitlines() for _ in range(2))
    assert first != second
    assert sorted(first) == sorted(second) == sorted(usual)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_line_of_a_kit_is_one_line_of_json(style: str) -> None:
    lines = kit(style, 3)
    slots = {b"id": b"an-id", b"model": b"claude-x", b"serial": b"0000abcd", b"number": b"7"}
    more = {b"type": b'"api_error"', b"message": b'"no"'}
    errors = (*lines.errors, lines.canceled, lines.expired, lines.mistake)
    for template in (*lines.answers, *lines.whole, *lines.truncated, *errors):
        line = template % (slots | more)
        assert line.count(b"\n") == 1
        row = json.loads(line)
        assert row["custom_id"] == "an-id"
        assert not {"\ue001", "\ue002", "\ue003", "\ue004"} & set(line.decode())
        if row["result"]["type"] == "succeeded":
            assert row["result"]["message"]["usage"]["output_tokens"] > 0


@pytest.mark.parametrize("style", sorted(ID_STYLES))
def test_custom_ids_are_valid_and_unique(style: str) -> None:
    make = ID_STYLES[style](11)
    ids = {make(index) for index in range(5_000)}
    assert len(ids) == 5_000
    assert all(0 < len(custom_id) <= 64 for custom_id in ids)
    assert all(custom_id.decode().replace("-", "").replace("_", "").isalnum() for custom_id in ids)


async def test_posted_requests_get_exactly_their_rows(world: World, connect: Connect) -> None:
    ids = [f"row_{number}" for number in range(500)]
    requests = [message_request(name, model="claude-opus-4-6") for name in ids]
    requests[7] = message_request(ids[7], max_tokens=5)
    made = await connect(world).post(BATCHES, json={"requests": requests})
    world.timeline.skip(timedelta(hours=1))
    rows = [json.loads(line) for line in content(world, made.json()["id"]).splitlines()]
    assert sorted(row["custom_id"] for row in rows) == sorted(ids)
    assert [row["custom_id"] for row in rows] != ids
    by_id = {row["custom_id"]: row["result"]["message"] for row in rows}
    assert by_id["row_3"]["model"] == "claude-opus-4-6"
    assert by_id["row_7"]["stop_reason"] == "max_tokens"
    assert by_id["row_8"]["stop_reason"] != "max_tokens"


async def test_what_failed_for_a_passing_cause_succeeds_when_sent_again(
    time: StoppedTime, connect: Connect
) -> None:
    world = build_world("failing", now=time)
    client = connect(world)
    failed = await send_and_see_failures(
        world, client, [f"row_{number}" for number in range(4_000)]
    )
    assert 0.03 < len(failed) / 4_000 < 0.07
    assert len(set(failed.values())) >= 4
    again = await send_and_see_failures(world, client, list(failed))
    # What is left has causes that do not pass by themselves.
    assert len(again) < len(failed) / 4
    assert set(again.values()) <= {"invalid_request_error"}


async def send_and_see_failures(
    world: World, client: httpx.AsyncClient, ids: list[str]
) -> dict[str, str]:
    """The error types of the rows that failed, by id."""
    body = {"requests": [message_request(name) for name in ids]}
    made = await client.post(BATCHES, json=body)
    world.timeline.skip(timedelta(hours=1))
    rows = [json.loads(line) for line in content(world, made.json()["id"]).splitlines()]
    return {
        row["custom_id"]: row["result"]["error"]["error"]["type"]
        for row in rows
        if row["result"]["type"] == "errored"
    }


def test_a_mix_of_failures_must_make_sense() -> None:
    with pytest.raises(ValueError, match="unknown causes"):
        FailureMix({"gremlins": 0.1})
    with pytest.raises(ValueError, match="more than 1"):
        FailureMix({"overloaded": 0.8, "internal": 0.3})
    assert sum(SOME_FAILURES.rates.values()) == pytest.approx(0.05)


def test_literal_results_are_served_as_they_are(world: World) -> None:
    odd = b'{"custom_id":"a"}\r\n\r\nnot json\n\xff\xfe\n{"custom_id":"b"}'
    batch = world.add(LiteralWork(odd, succeeded=2, errored=1), takes=timedelta(0))
    view = world.retrieve(batch.id)
    assert (view.tally.succeeded, view.tally.errored) == (2, 1)
    assert content(world, batch.id, size=3) == odd


async def test_ranges_only_where_they_are_switched_on(demo: World, connect: Connect) -> None:
    view = next(view for view in ended(demo) if view.batch.work.total > 100)
    whole = content(demo, view.batch.id)
    path = f"{BATCHES}/{view.batch.id}/results"
    client = connect(demo)
    plain = await client.get(path, headers={"range": "bytes=1000-"})
    assert (plain.status_code, plain.content) == (200, whole)
    assert not {"etag", "content-length", "accept-ranges"} & set(plain.headers)

    demo.behavior.results_ranges = demo.behavior.results_etag = True
    first = await client.get(path)
    assert int(first.headers["content-length"]) == len(whole)
    etag = first.headers["etag"]
    rest = await client.get(path, headers={"range": "bytes=1000-", "if-range": etag})
    assert (rest.status_code, rest.content) == (206, whole[1000:])
    assert rest.headers["content-range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    other = await client.get(path, headers={"range": "bytes=1000-", "if-range": '"old"'})
    assert (other.status_code, other.content) == (200, whole)
    beyond = await client.get(path, headers={"range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


async def test_gzip_for_who_accepts_it(demo: World, connect: Connect) -> None:
    view = next(view for view in ended(demo) if view.batch.work.total > 100)
    whole = content(demo, view.batch.id)
    path = f"{BATCHES}/{view.batch.id}/results"
    demo.behavior.results_gzip = True
    client = connect(demo)
    async with client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < len(whole) / 2
    assert gzip.decompress(raw) == whole
    identity = await client.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in identity.headers
    assert identity.content == whole


def test_big_is_as_large_as_it_says(time: StoppedTime) -> None:
    world = build_world("big", now=time)
    view = world.views()[0]
    assert view.tally.total == 100_000
    lines = 0
    size = 0
    largest = 0
    for chunk in world.results(view.batch.id).chunks():
        size += len(chunk)
        lines += chunk.count(b"\n")
        largest = max(largest, len(chunk))
    assert lines == 99_999  # the last line has no end
    assert 380e6 < size < 430e6
    assert largest < 512 * 1024


def test_scenario_failures_are_exact() -> None:
    failures = {"overloaded": 30, "credit": 20, "internal": 50}
    fates = ScenarioWork(100, 5, "triage", "hash", "claude-x", failures).fates()
    counted = Counter(CAUSES[fate - 2].name for fate in fates)
    assert counted == failures
