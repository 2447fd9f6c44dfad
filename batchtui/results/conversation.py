"""One results line as something to read: plain frozen values, made safe, without any painting.

It can be looked at in two other ways: as plain text, and as the JSON it is.

Every text here has passed `untrusted`, so it can be painted as it is. Making it never fails: a
line that is no result becomes a conversation that says so and shows its bytes.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from batchtui.results.conversation_blocks import Citation, ShownBlock, read_blocks
from batchtui.results.json_text import (
    UnreadableJsonError,
    members_of,
    parse_line,
    pretty,
)
from batchtui.untrusted import visible, visible_lines

ResultKind: TypeAlias = Literal[
    "succeeded", "errored", "canceled", "expired", "unknown", "unreadable"
]

STOP_REASONS: dict[str, str] = {
    "end_turn": "The answer is complete.",
    "max_tokens": "Cut: the answer reached max_tokens.",
    "stop_sequence": "Stopped at a stop sequence of the request.",
    "tool_use": "Waits for the result of a tool call.",
    "pause_turn": "Paused in a long turn: send it back to let the model go on.",
    "refusal": "The model declined to answer.",
    "model_context_window_exceeded": "Cut: the model's context window is full.",
    "compaction": "Stopped after summing up the conversation so far.",
}
"""What each stop reason means."""

_OUTCOMES: dict[str, str] = {
    "canceled": "Not run, and not billed: the batch was canceled before its turn came.",
    "expired": "Not run, and not billed: the batch expired, its 24 hours over, before its turn.",
}
_MAX_ODD = 500
"""Characters shown of a value that should be one word and is something else."""
_PREVIEW = 64 * 1024
"""Bytes of an unreadable line that are shown."""
_SHOWN = 4 * 1024 * 1024
"""Bytes of a line shown exactly; more is left to a pager."""


class StopNote(Struct, frozen=True):
    """Why an answer ended."""

    reason: str
    """The API's word; empty if it gave none."""
    explanation: str
    """The same in words, with what the API said in detail."""


class ErrorNote(Struct, frozen=True):
    """Why a request was not answered."""

    type: str
    """The API's error type; empty if it gave none."""
    message: str
    """The whole message."""
    request_id: str
    """For the vendor's support; empty if there is none."""


class UsageLine(Struct, frozen=True):
    """One number, or word, of the usage."""

    label: str
    """What it counts."""
    value: str
    """The number, grouped; or a word."""


class Conversation(Struct, frozen=True):
    """One line, ready to be painted."""

    custom_id: str
    """As one visible line; empty if absent."""
    kind: ResultKind
    """How the request ended."""
    outcome: str = ""
    """What that means where there is neither an answer nor an error, or what is wrong with the
    line; empty otherwise."""
    model: str = ""
    """The model that answered."""
    blocks: tuple[ShownBlock, ...] = ()
    """The answer's parts, in order."""
    stop: StopNote | None = None
    """Why it ended; None unless there is an answer."""
    usage: tuple[UsageLine, ...] = ()
    """Tokens and the like."""
    error: ErrorNote | None = None
    """What went wrong; None unless the request errored."""


def read_conversation(line: bytes) -> Conversation:
    """Make a results line readable.

    Args:
        line: The line as received; anything at all.
    """
    try:
        value = parse_line(line)
    except UnreadableJsonError as error:
        return _unreadable(line, str(error))
    fields = members_of(value)
    result = members_of(fields.get("result"))
    custom_id = _line(fields.get("custom_id"))
    if not result:
        block = ShownBlock("unknown", title="line", body=pretty(value), form="json")
        problem = "This is JSON, but not a result."
        return Conversation(custom_id, "unreadable", outcome=problem, blocks=(block,))
    return _read_result(custom_id, result)


def _read_result(custom_id: str, result: dict[str, object]) -> Conversation:
    match result.get("type"):
        case "succeeded":
            return _read_answer(custom_id, result)
        case "errored":
            return Conversation(custom_id, "errored", error=_read_error(result.get("error")))
        case "canceled" | "expired" as kind:
            return Conversation(custom_id, kind, outcome=_OUTCOMES[kind])
        case other:
            block = ShownBlock("unknown", title=_line(other), body=pretty(result), form="json")
            outcome = f"A result of a type this version does not know: {_line(other) or 'none'}"
            return Conversation(custom_id, "unknown", outcome=outcome, blocks=(block,))


def show_bytes(data: bytes, limit: int = _PREVIEW) -> str:
    r"""Return bytes as text that is safe to show; what is not UTF-8 becomes ``\xNN``.

    Args:
        data: Anything.
        limit: How many bytes to show; the rest is counted.
    """
    text = visible_lines(data[:limit].decode("utf-8", errors="backslashreplace"))
    left = len(data) - limit
    return f"{text}\n… {left:,} more bytes" if left > 0 else text


def _unreadable(line: bytes, reason: str) -> Conversation:
    block = ShownBlock("unknown", title="as received", body=show_bytes(line), form="plain")
    outcome = f"This line cannot be read: {visible(reason)}"
    return Conversation("", "unreadable", outcome=outcome, blocks=(block,))


def _read_answer(custom_id: str, result: dict[str, object]) -> Conversation:
    message = members_of(result.get("message"))
    if not message:
        outcome = "Succeeded, but without a message."
        return Conversation(custom_id, "succeeded", outcome=outcome)
    blocks = read_blocks(message.get("content"))
    return Conversation(
        custom_id,
        "succeeded",
        outcome="" if blocks else "The answer is empty.",
        model=_line(message.get("model")),
        blocks=blocks,
        stop=_read_stop(message),
        usage=_read_usage(message.get("usage")),
    )


def _read_stop(message: dict[str, object]) -> StopNote:
    reason = _line(message.get("stop_reason"))
    if not reason:
        return StopNote("", "The API gave no stop reason.")
    explanation = STOP_REASONS.get(reason, "A stop reason this version does not know.")
    sequence = message.get("stop_sequence")
    if isinstance(sequence, str):
        explanation += f" It was {visible(json_string(sequence))}."
    details = members_of(message.get("stop_details"))
    category, words = _line(details.get("category")), details.get("explanation")
    if category:
        explanation += f" Category: {category}."
    if isinstance(words, str) and words:
        explanation += f" {visible_lines(words)}"
    return StopNote(reason, explanation)


def json_string(text: str) -> str:
    """Return a text in quotes, so that spaces at its ends can be seen."""
    return f'"{text}"'


def _read_error(value: object) -> ErrorNote:
    envelope = members_of(value)
    inner = members_of(envelope.get("error")) or envelope
    message = inner.get("message")
    if not isinstance(message, str):
        message = pretty(value) if value else "The API gave no error."
    request_id = envelope.get("request_id") or inner.get("request_id")
    return ErrorNote(_line(inner.get("type")), visible_lines(message), _line(request_id))


def _read_usage(value: object) -> tuple[UsageLine, ...]:
    lines: list[UsageLine] = []
    waiting = [("", members_of(value))]
    while waiting:
        prefix, fields = waiting.pop(0)
        for key, item in sorted(fields.items(), key=_usage_order):
            label = prefix + _LABELS.get(key, visible(key).replace("_", " "))
            if isinstance(item, dict):
                waiting.append((f"{label}: ", item))
            elif isinstance(item, bool | str):
                lines.append(UsageLine(label, _line(item)))
            elif isinstance(item, int | float):
                lines.append(UsageLine(label, f"{item:,}"))
    return tuple(lines)


def _usage_order(item: tuple[str, object]) -> int:
    """Put what is known first, in a fixed order: the API's own order changes."""
    return _USAGE_ORDER.get(item[0], len(_USAGE_ORDER))


_LABELS = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cache read",
    "cache_creation_input_tokens": "cache write",
    "cache_creation": "cache write by lifetime",
    "ephemeral_5m_input_tokens": "5 minutes",
    "ephemeral_1h_input_tokens": "1 hour",
    "server_tool_use": "server tools",
}
_USAGE_ORDER = {key: place for place, key in enumerate(_LABELS)}


def _line(value: object) -> str:
    """Return a value as one visible line; nothing for none."""
    if value is None:
        return ""
    return visible(value) if isinstance(value, str) else visible(pretty(value))[:_MAX_ODD]


class RawView(Struct, frozen=True):
    """A line as JSON."""

    pretty: str
    """Printed over several lines, base64 replaced by its size; empty if it is not JSON."""
    exact: str
    """The bytes as received, safe to show; cut where it is megabytes long."""


def raw_view(line: bytes) -> RawView:
    """Show a line as JSON; never fails.

    Args:
        line: The line as received; anything at all.
    """
    exact = show_bytes(line, _SHOWN)
    try:
        value = parse_line(line)
    except UnreadableJsonError:
        return RawView("", exact)
    return RawView(pretty(value), exact)


def plain_text(conversation: Conversation) -> str:
    """Write a conversation as text without any ornament, to be piped or copied whole."""
    parts = [f"custom_id: {conversation.custom_id}", f"result: {conversation.kind}"]
    if conversation.model:
        parts.append(f"model: {conversation.model}")
    sections = ["\n".join(parts)]
    if conversation.outcome:
        sections.append(conversation.outcome)
    if conversation.error is not None:
        error = conversation.error
        request = f"\nrequest_id: {error.request_id}" if error.request_id else ""
        sections.append(f"{error.type or 'error'}: {error.message}{request}")
    sections += [_write_block(block) for block in conversation.blocks]
    if conversation.stop is not None:
        stop = conversation.stop
        sections.append(f"stop reason: {stop.reason or 'none'}. {stop.explanation}")
    if conversation.usage:
        sections.append("\n".join(f"{line.label}: {line.value}" for line in conversation.usage))
    return "\n\n".join(sections)


def answer_only(conversation: Conversation) -> str:
    """Return the answer as answered: its text, then the input of each of its tool calls.

    That is what "copy answer" copies; without an answer it is the error, or nothing.
    """
    texts = [block.source or block.body for block in conversation.blocks if block.kind == "text"]
    calls = [block.body for block in conversation.blocks if block.kind == "tool_call"]
    parts = ["".join(texts), *calls]
    if any(parts):
        return "\n\n".join(part for part in parts if part)
    return conversation.error.message if conversation.error is not None else ""


def _write_block(block: ShownBlock) -> str:
    parts = [f"[{block.title}]"] if block.title else []
    if block.body:
        parts.append(block.body)
    parts += [_write_citation(*numbered) for numbered in enumerate(block.citations, 1)]
    return "\n".join(parts)


def _write_citation(number: int, citation: Citation) -> str:
    place = f", {citation.place}" if citation.place and citation.place != citation.title else ""
    return f"  [{number}] {citation.title}{place}: {citation.quoted}"
