"""Gemini's batch output, bare or inside of ``response``."""

import msgspec
from msgspec import Raw, Struct

from batchtui.results.vendors.shape import (
    Fields,
    Json,
    decoded,
    fields_of,
    succeeded,
    text_block,
    tokens,
    tool_use,
)


class _FunctionCall(Struct):
    name: str = ""
    args: Raw = Raw(b"{}")


class _GeminiPart(Struct):
    text: str | None = None
    thought: bool = False
    function_call: _FunctionCall | None = msgspec.field(name="functionCall", default=None)


class _GeminiContent(Struct):
    parts: list[_GeminiPart] = []


class _Candidate(Struct):
    content: _GeminiContent | None = None
    finish_reason: str | None = msgspec.field(name="finishReason", default=None)


class _Feedback(Struct):
    block_reason: str = msgspec.field(name="blockReason", default="")


class _GeminiUsage(Struct, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None


class _Gemini(Struct, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _GeminiUsage | None = None
    model_version: str | None = None
    response_id: str | None = None


_GEMINI_REFUSALS = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"}
)


def read_gemini(fields: Fields) -> Json | None:
    """Read an answer of Gemini."""
    answer = _gemini_answer(fields)
    if answer is None:
        return None
    candidate = answer.candidates[0] if answer.candidates else _Candidate()
    content: list[Json] = []
    for part in candidate.content.parts if candidate.content else ():
        if part.function_call is not None:
            content.append(tool_use("", part.function_call.name, part.function_call.args))
        elif part.text is not None:
            is_thought = part.thought
            content.append(
                {"type": "thinking", "thinking": part.text} if is_thought else text_block(part.text)
            )
    usage = answer.usage_metadata
    used = None
    if usage is not None:
        made = (usage.candidates_token_count or 0) + (usage.thoughts_token_count or 0)
        used = tokens(usage.prompt_token_count, made, usage.cached_content_token_count or 0)
    stop = _gemini_stop(answer, candidate, content)
    return succeeded(answer.response_id, answer.model_version, content, stop, used)


def _gemini_answer(fields: Fields) -> _Gemini | None:
    inner = fields_of(fields.get("response"))
    home = fields if "candidates" in fields or inner is None else inner
    if "candidates" not in home and "promptFeedback" not in home:
        return None
    return decoded(Raw(msgspec.json.encode(home)), _Gemini)


def _gemini_stop(answer: _Gemini, candidate: _Candidate, content: list[Json]) -> str | None:
    if answer.prompt_feedback is not None and answer.prompt_feedback.block_reason:
        return "refusal"
    reason = candidate.finish_reason
    if reason in _GEMINI_REFUSALS:
        return "refusal"
    if reason in {None, "STOP"} and any(block["type"] == "tool_use" for block in content):
        return "tool_use"
    return {"STOP": "end_turn", "MAX_TOKENS": "max_tokens"}.get(reason or "", reason)
