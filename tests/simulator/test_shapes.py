"""Answers are as long and of the form that their requests ask for."""

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from batchtui.simulator.dice import Dice
from batchtui.simulator.rules import Json
from batchtui.simulator.shapes import made_up
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, Connect, StoppedTime, message_request

_PROPERTIES: dict[str, Json] = {
    "vendor": {"type": "string"},
    "total": {"type": "number", "minimum": 5, "maximum": 9},
    "status": {"enum": ["paid", "open"]},
    "lines": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/Line"}},
    "note": {"anyOf": [{"type": "null"}, {"type": "string"}]},
    "is_final": {"type": ["boolean", "null"]},
}
SCHEMA: dict[str, Json] = {
    "type": "object",
    "properties": _PROPERTIES,
    "$defs": {"Line": {"properties": {"qty": {"type": "integer", "minimum": 1, "maximum": 3}}}},
}
TOOL = {"name": "record", "input_schema": SCHEMA}


async def rows_of(
    world: World, connect: Connect, time: StoppedTime, *requests: dict[str, object]
) -> dict[str, Any]:
    client = connect(world)
    batch = (await client.post(BATCHES, json={"requests": requests})).json()
    time.pass_by(hours=25)
    content = (await client.get(f"{BATCHES}/{batch['id']}/results")).content
    assert not content.endswith(b"\n")
    rows = [json.loads(line) for line in content.split(b"\n")]
    return {row["custom_id"]: row["result"] for row in rows}


@pytest.mark.parametrize("limit", [1, 17, 60])
async def test_no_answer_is_longer_than_asked(
    world: World, connect: Connect, time: StoppedTime, limit: int
) -> None:
    requests = [message_request(f"r-{number}", max_tokens=limit) for number in range(30)]
    for result in (await rows_of(world, connect, time, *requests)).values():
        message = result["message"]
        assert message["usage"]["output_tokens"] <= limit
        if message["stop_reason"] == "max_tokens":
            assert len(json.dumps(message["content"])) < 200 + 12 * limit


async def test_tokens_are_those_of_the_request(
    world: World, connect: Connect, time: StoppedTime
) -> None:
    long = [{"role": "user", "content": "word " * 3_600}]
    rows = await rows_of(
        world, connect, time, message_request("short"), message_request("long", messages=long)
    )
    short, more = (rows[name]["message"]["usage"]["input_tokens"] for name in ("short", "long"))
    assert 20 < short < 100
    assert 4_500 < more < 5_500


@pytest.mark.parametrize("choice", [{"type": "tool", "name": "record"}, {"type": "any"}])
async def test_a_forced_tool_is_used(
    world: World, connect: Connect, time: StoppedTime, choice: dict[str, str]
) -> None:
    request = message_request("a", tools=[TOOL], tool_choice=choice)
    message = (await rows_of(world, connect, time, request))["a"]["message"]
    (call,) = message["content"]
    assert (call["type"], call["name"], message["stop_reason"]) == (
        "tool_use",
        "record",
        "tool_use",
    )
    assert set(call["input"]) == set(_PROPERTIES)


@pytest.mark.parametrize(
    "asked",
    [
        {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}},
        {"output_format": {"type": "json_schema", "schema": SCHEMA}},
    ],
)
async def test_structured_output_fits_its_schema(
    world: World, connect: Connect, time: StoppedTime, asked: dict[str, object]
) -> None:
    message = (await rows_of(world, connect, time, message_request("a", **asked)))["a"]["message"]
    value = json.loads(message["content"][0]["text"])
    assert message["stop_reason"] == "end_turn"
    assert 5 <= value["total"] <= 9
    assert value["status"] in {"paid", "open"}
    assert len(value["lines"]) >= 2
    assert value["lines"][0]["qty"] in {1, 2, 3}


async def test_models_that_are_not_there_are_refused_on_request(
    world: World, connect: Connect, time: StoppedTime
) -> None:
    world.behavior.models = frozenset({"claude-haiku-4-5"})
    requests = (message_request("a"), message_request("b", model="claude-haiku-4-5"))
    rows = await rows_of(world, connect, time, *requests)
    assert rows["a"]["error"]["error"]["type"] == "not_found_error"
    assert rows["b"]["type"] == "succeeded"


@pytest.mark.parametrize(
    ("schema", "fits"),
    [
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2}, lambda one: one == 1),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 1}, lambda one: 0 < one <= 1),
        ({"type": "array", "maxItems": 1}, lambda one: len(one) <= 1),
        ({"type": "string", "minLength": 90, "maxLength": 95}, lambda one: 90 <= len(one) <= 95),
        ({"type": "string", "format": "uuid"}, uuid.UUID),
        ({"type": "string", "format": "date-time"}, datetime.fromisoformat),
        ({"type": "string", "format": "date"}, date.fromisoformat),
    ],
)
def test_the_limits_of_a_schema_are_kept(schema: Json, fits: Callable[[Any], object]) -> None:
    for seed in range(40):
        assert fits(made_up(schema, Dice(seed)))


@pytest.mark.parametrize("schema", [None, True, {}, {"$ref": "#/nowhere"}, {"$ref": "#"}])
def test_an_odd_schema_still_gives_something(schema: Json) -> None:
    assert made_up(schema, Dice(1)) is not None
