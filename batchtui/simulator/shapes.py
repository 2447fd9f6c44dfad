"""What a request that came by POST says of its answer: its length, its tool, its schema.

So a client that forces a tool or asks for structured output gets what it can validate.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from batchtui.simulator.dice import Dice
from batchtui.simulator.rules import Json, Params, is_integer, is_list, is_number

_CHARACTERS_PER_TOKEN: Final = 3.6
_DEEPEST: Final = 12
_WORDS: Final[Mapping[str, Sequence[str]]] = {
    "vendor": ("Acme Supply GmbH", "Northwind Traders", "Blue Harbour Ltd", "Initech"),
    "name": ("Ada Okafor", "Jonas Weber", "Mei Tanaka", "Lucía Romero"),
    "email": ("ada@example.com", "jonas@example.org", "mei@example.net"),
    "date-time": ("2026-10-02T09:30:00Z", "2026-09-17T16:05:00Z"),
    "date": ("2026-10-02", "2026-09-17", "2026-11-05", "2026-08-28"),
    "currency": ("EUR", "USD", "GBP", "JPY"),
    "uuid": ("7f1c2d9e-4b3a-4c5d-8e6f-0a1b2c3d4e5f", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"),
    "uri": ("https://example.com/a", "https://example.org/b"),
    "country": ("DE", "US", "GB", "JP", "ES"),
}
_TEXTS: Final = ("refund request", "late delivery", "billing question", "account access", "praise")


@dataclass(frozen=True, slots=True)
class Shape:
    """What the answer to one request must look like."""

    limit: int
    """The most output tokens."""
    prompt_tokens: int
    """The tokens of the request, as they are estimated from its size."""
    tool: str = ""
    """The tool that must be used; empty where none is forced."""
    schema: Json = None
    """What the tool's input, or the answer, must fit; None where nothing is said."""


def shape_of(params: Params) -> Shape:
    """Read off a request's params what its answer must look like."""
    limit = params["max_tokens"]
    tool, schema = _forced_tool(params)
    return Shape(
        limit if is_integer(limit) else 1,
        estimate_tokens(params),
        tool,
        schema if tool else _output_schema(params),
    )


def estimate_tokens(params: Params) -> int:
    """Return about how many tokens a request has, by its size."""
    size = len(json.dumps(params, ensure_ascii=False))
    return max(8, round(size / _CHARACTERS_PER_TOKEN))


def apply_shape(line: bytes, shape: Shape, seed: int) -> bytes:
    """Return a succeeded line of results made to fit what its request asks for."""
    row = json.loads(line)
    message = row["result"]["message"]
    if shape.schema is not None or shape.tool:
        value = made_up(shape.schema, Dice(seed, "shape"))
        text = json.dumps(value, ensure_ascii=False)
        message["content"] = [{"type": "text", "text": text}]
        message["stop_reason"] = "end_turn"
        if shape.tool:
            call_id = f"toolu_01{Dice(seed, 'tool').letters(22)}"
            call = {"type": "tool_use", "id": call_id, "name": shape.tool, "input": value}
            message["content"] = [call]
            message["stop_reason"] = "tool_use"
        message["usage"]["output_tokens"] = max(4, round(len(text) / _CHARACTERS_PER_TOKEN))
    message["usage"] |= {
        "input_tokens": shape.prompt_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
    }
    if message["usage"]["output_tokens"] > shape.limit:
        message["usage"]["output_tokens"] = shape.limit
        message["stop_reason"] = "max_tokens"
        message["content"] = _cut(message["content"], round(shape.limit * _CHARACTERS_PER_TOKEN))
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def made_up(schema: Json, dice: Dice) -> Json:
    """Make up a value that fits a JSON Schema, as far as the usual keywords say."""
    return _value(schema, schema, dice, "", 0)


def _forced_tool(params: Params) -> tuple[str, Json]:
    choice, tools = params.get("tool_choice"), params.get("tools")
    if not isinstance(choice, Mapping) or choice.get("type") not in {"tool", "any"}:
        return "", None
    for tool in tools if is_list(tools) else ():
        if isinstance(tool, Mapping) and choice.get("name", tool.get("name")) == tool.get("name"):
            return str(tool.get("name")), tool.get("input_schema")
    return "", None


def _output_schema(params: Params) -> Json:
    config = params.get("output_config")
    wanted = config.get("format") if isinstance(config, Mapping) else params.get("output_format")
    if isinstance(wanted, Mapping) and wanted.get("type") == "json_schema":
        return wanted.get("schema")
    return None


def _cut(content: Sequence[Mapping[str, Json]], characters: int) -> list[dict[str, Json]]:
    """Cut an answer after so many characters of text; a tool call that is cut has no input yet."""
    kept: list[dict[str, Json]] = []
    for block in content:
        name = "thinking" if block["type"] == "thinking" else "text"
        text = block.get(name)
        if isinstance(text, str):
            kept.append({**block, name: text[:characters]})
            characters -= len(text)
        elif block["type"] == "tool_use":
            kept.append({**block, "input": {}})
        if characters <= 0:
            break
    return kept


def _value(schema: Json, root: Json, dice: Dice, name: str, depth: int) -> Json:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return _text({}, dice, name)
    if "const" in schema:
        return schema["const"]
    choices = schema.get("enum")
    if is_list(choices) and choices:
        return dice.pick(choices)
    for word in ("anyOf", "oneOf", "allOf"):
        options = schema.get(word)
        if is_list(options) and options:
            return _value(options[0], root, dice, name, depth + 1)
    reference = schema.get("$ref")
    if isinstance(reference, str):
        return _value(_resolve(root, reference), root, dice, name, depth + 1)
    return _typed(schema, root, dice, name, depth)


def _typed(schema: Mapping[str, Json], root: Json, dice: Dice, name: str, depth: int) -> Json:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    if is_list(kind):
        kind = kind[0] if kind else "null"
    if kind == "object":
        properties = schema.get("properties")
        return {
            key: _value(one, root, dice, key, depth + 1)
            for key, one in (properties.items() if isinstance(properties, Mapping) else ())
        }
    if kind == "array":
        least, most = schema.get("minItems"), schema.get("maxItems")
        count = max(least if is_integer(least) else 0, dice.between(1, 3))
        count = min(count, most) if is_integer(most) else count
        return [_value(schema.get("items"), root, dice, name, depth + 1) for _ in range(count)]
    if kind in {"integer", "number"}:
        return _number(schema, dice, is_whole=kind == "integer")
    if kind == "boolean":
        return dice.happens(0.7)
    return None if kind == "null" else _text(schema, dice, name)


def _number(schema: Mapping[str, Json], dice: Dice, *, is_whole: bool) -> Json:
    step = 1 if is_whole else 0.01
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    low = above + step if is_number(above) else schema.get("minimum", 0)
    high = below - step if is_number(below) else schema.get("maximum")
    least = low if is_number(low) else 0
    most = high if is_number(high) else least + 1_000
    if is_whole:
        return dice.between(int(least), max(int(least), int(most)))
    return min(most, max(least, round(least + (most - least) * dice.fraction(), 2)))


def _text(schema: Mapping[str, Json], dice: Dice, name: str) -> str:
    wanted = f"{name} {schema.get('format', '')}".lower()
    words = next((words for key, words in _WORDS.items() if key in wanted), _TEXTS)
    text = dice.pick(words)
    shortest, longest = schema.get("minLength"), schema.get("maxLength")
    while is_integer(shortest) and len(text) < shortest:
        text += f" {text}"
    return text[:longest] if is_integer(longest) else text


def _resolve(root: Json, reference: str) -> Json:
    """Return the part of a schema that ``#/$defs/Line`` or the like names."""
    found = root
    for part in reference.removeprefix("#").strip("/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
