"""The other ways to look at a row: as plain text, and as the JSON it is."""

from msgspec import Struct

from batchtui.results.conversation import Conversation, show_bytes
from batchtui.results.conversation_blocks import Citation, ShownBlock
from batchtui.results.json_text import UnreadableJsonError, parse_line, pretty

_SHOWN = 4 * 1024 * 1024
"""Bytes of a line shown exactly; more is left to a pager."""


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
