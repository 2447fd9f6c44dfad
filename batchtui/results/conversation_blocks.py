"""The parts of an answer: texts, thinking, tool calls and their results, and whatever comes next.

Each becomes a `ShownBlock`: a title, a body and how the body is to be read. A block of a type
nobody here has heard of is shown as JSON.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, TypeAlias

from msgspec import Struct

from batchtui.formatting import format_size
from batchtui.results.conversation_results import read_result
from batchtui.results.json_text import (
    TOO_DEEP,
    UnreadableJsonError,
    describe_text,
    parse_json,
    pretty,
)
from batchtui.untrusted import visible, visible_lines

BlockKind: TypeAlias = Literal[
    "text", "thinking", "tool_call", "tool_result", "file", "note", "unknown"
]
BodyForm: TypeAlias = Literal["markdown", "json", "plain"]

_FENCED = re.compile(r"\s*```(?:json|JSON)?[ \t]*\n(.*?)\n?```\s*", re.DOTALL)


class Citation(Struct, frozen=True):
    """Where a statement comes from."""

    title: str
    """The source's title or address."""
    place: str
    """Where in the source, such as ``page 3``; may be empty."""
    quoted: str
    """The words cited."""


class ShownBlock(Struct, frozen=True):
    """One part of an answer, safe to paint as it is."""

    kind: BlockKind
    """What it is."""
    body: str
    """What to read; may be empty."""
    form: BodyForm
    """How the body is written."""
    title: str = ""
    """One line above the body; empty for plain text."""
    source: str = ""
    """A text block's text as answered, where the body is a prettier print of it or has marks."""
    citations: tuple[Citation, ...] = ()
    """The sources of a text."""
    is_error: bool = False
    """Whether a tool failed."""


def read_blocks(content: object) -> tuple[ShownBlock, ...]:
    """Make the parts of an answer readable.

    Args:
        content: The ``content`` of a message; anything at all.
    """
    if isinstance(content, str):
        return (_text_block({"text": content}),)
    if content is None:
        return ()
    if not isinstance(content, list):
        return (_unknown_block(content),)
    return tuple(_join_neighbors(_read_block(item) for item in content))


def _join_neighbors(blocks: Iterable[ShownBlock]) -> Iterator[ShownBlock]:
    """Put a text together again that the API cut into blocks, as it does at citations."""
    for is_text, group in itertools.groupby(blocks, key=lambda block: block.kind == "text"):
        texts = list(group)
        if not is_text or len(texts) == 1:
            yield from texts
        elif any(text.citations for text in texts):
            yield _join_texts(texts)
        else:
            yield _text_block({"text": "".join(text.source or text.body for text in texts)})


def _join_texts(texts: list[ShownBlock]) -> ShownBlock:
    """Join texts into one, with ``[1]`` where a source is cited."""
    body, source = "", ""
    citations: list[Citation] = []
    for text in texts:
        plain = text.source or text.body
        first = len(citations) + 1
        citations += text.citations
        marks = "".join(f"[{number}]" for number in range(first, len(citations) + 1))
        body += f"{plain} {marks}" if marks else plain
        source += plain
    return ShownBlock("text", body, "markdown", source=source, citations=tuple(citations))


def _read_block(value: object) -> ShownBlock:
    if not isinstance(value, dict):
        return _unknown_block(value)
    kind = value.get("type")
    if not isinstance(kind, str):
        return _unknown_block(value)
    try:
        reader = _READERS.get(kind)
        if reader is not None:
            return reader(value)
        if kind.endswith("tool_result"):
            return _result_block(value)
        return _tool_call_block(value) if kind.endswith("tool_use") else _unknown_block(value)
    except RecursionError:
        return ShownBlock("unknown", TOO_DEEP, "plain", title=visible(kind))


def _text_block(fields: dict[str, object]) -> ShownBlock:
    text = fields.get("text")
    if not isinstance(text, str):
        return _unknown_block(fields)
    citations = _read_citations(fields.get("citations"))
    shown = visible_lines(text)
    data = read_json_answer(text)
    if data is None:
        return ShownBlock("text", shown, "markdown", citations=citations)
    return ShownBlock("text", data, "json", source=shown, citations=citations)


def read_json_answer(text: str) -> str | None:
    """Return a text that is a JSON object or array, perhaps in a code fence, well printed.

    Returns:
        None if it is not.
    """
    fenced = _FENCED.fullmatch(text) if "```" in text[:200] else None
    inside = (fenced.group(1) if fenced else text).strip()
    if inside[:1] not in {"{", "["} or inside[-1] not in {"}", "]"}:
        return None
    try:
        value = parse_json(inside)
    except UnreadableJsonError:
        return None
    return pretty(value)


def _thinking_block(fields: dict[str, object]) -> ShownBlock:
    text = fields.get("thinking")
    body = visible_lines(text) if isinstance(text, str) else ""
    return ShownBlock(
        "thinking", body, "markdown", title="thinking" if body else "thinking (not shown)"
    )


def _redacted_block(fields: dict[str, object]) -> ShownBlock:
    data = fields.get("data")
    size = format_size(len(data)) if isinstance(data, str) else "unknown size"
    return ShownBlock("thinking", "", "plain", title=f"thinking, encrypted by the API ({size})")


def _tool_call_block(fields: dict[str, object]) -> ShownBlock:
    server = fields.get("server_name")
    where = f" on {_word(server)}" if server else ""
    by_api = " (run by the API)" if fields.get("type") == "server_tool_use" else ""
    title = f"calls {_word(fields.get('name')) or 'a tool without a name'}{where}{by_api}"
    return ShownBlock("tool_call", pretty(fields.get("input")), "json", title=title)


def _result_block(fields: dict[str, object]) -> ShownBlock:
    result = read_result(fields)
    kind = _word(fields.get("type")).removesuffix("_result").removesuffix("_tool").replace("_", " ")
    title = f"result of {kind}" + (" (failed)" if result.is_error else "")
    return ShownBlock(
        "tool_result", result.body, result.form, title=title, is_error=result.is_error
    )


def _upload_block(fields: dict[str, object]) -> ShownBlock:
    return ShownBlock(
        "file", "", "plain", title=f"file put into the container: {_word(fields.get('file_id'))}"
    )


def _compaction_block(fields: dict[str, object]) -> ShownBlock:
    content = fields.get("content")
    body = visible_lines(content) if isinstance(content, str) else ""
    title = "summary of the conversation so far" + ("" if body else " (failed)")
    return ShownBlock("note", body, "markdown", title=title)


def _fallback_block(fields: dict[str, object]) -> ShownBlock:
    models = [_field(fields.get(key), "model") for key in ("from", "to")]
    if not all(models):
        return _unknown_block(fields)
    return ShownBlock(
        "note", "", "plain", title=f"continued by {models[1]} in place of {models[0]}"
    )


def _unknown_block(value: object) -> ShownBlock:
    kind = value.get("type") if isinstance(value, dict) else None
    title = _word(kind) if isinstance(kind, str) else "unknown block"
    return ShownBlock("unknown", pretty(value), "json", title=title)


def _read_citations(value: object) -> tuple[Citation, ...]:
    items = value if isinstance(value, list) else []
    return tuple(_read_citation(item) for item in items if isinstance(item, dict))


def _read_citation(fields: dict[str, object]) -> Citation:
    named = (fields.get(key) for key in ("document_title", "title", "url", "source"))
    title = next((_word(name) for name in named if isinstance(name, str) and name), "")
    if not title and isinstance(fields.get("document_index"), int):
        title = f"document {_word(fields['document_index'])}"
    quoted = fields.get("cited_text")
    words = visible_lines(quoted) if isinstance(quoted, str) else ""
    return Citation(title or "source without a name", _read_place(fields), words)


def _read_place(fields: dict[str, object]) -> str:
    for name, start_key, end_key in _PLACES:
        start, end = fields.get(start_key), fields.get(end_key)
        if isinstance(start, int) and isinstance(end, int):
            last = end - 1  # the API's ends are exclusive
            return f"{name} {start:,}" if last <= start else f"{name}s {start:,}–{last:,}"
    url = fields.get("url")
    return _word(url) if isinstance(url, str) else ""


_PLACES = (
    ("page", "start_page_number", "end_page_number"),
    ("character", "start_char_index", "end_char_index"),
    ("block", "start_block_index", "end_block_index"),
)


def _field(value: object, key: str) -> str:
    return _word(value.get(key)) if isinstance(value, dict) else ""


def _word(value: object) -> str:
    if value is None:
        return ""
    return visible(describe_text(value) if isinstance(value, str) else pretty(value))


_READERS: dict[str, Callable[[dict[str, object]], ShownBlock]] = {
    "text": _text_block,
    "thinking": _thinking_block,
    "redacted_thinking": _redacted_block,
    "container_upload": _upload_block,
    "compaction": _compaction_block,
    "fallback": _fallback_block,
}
