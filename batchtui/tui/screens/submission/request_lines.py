"""A request written out to be read: its params, then what is said in it, whole. Pure."""

from collections.abc import Iterator

import msgspec

from batchtui.results.json_text import TOO_DEEP, without_blobs
from batchtui.tui.lines import BLANK, Line, line
from batchtui.untrusted import visible

_MOST = 200_000
"""Characters of a text that are shown."""
_SAID = ("system", "messages")


def request_lines(data: bytes) -> tuple[Line, ...]:
    """Write a request out, whatever may be wrong with it.

    Args:
        data: As it stands in the file; untrusted.
    """
    try:
        request = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return tuple(_text(data.decode(errors="replace")))
    return tuple(_request(request))


def _request(request: object) -> Iterator[Line]:
    if not isinstance(request, dict):
        yield from _json(request)
        return
    params = request.get("params")
    is_sound = isinstance(params, dict)
    fields = params if isinstance(params, dict) else request
    for name, value in fields.items():
        if not is_sound or name not in _SAID:
            yield from _field(name, value)
    if is_sound:
        yield from _conversation(fields)


def _conversation(params: dict[str, object]) -> Iterator[Line]:
    if "system" in params:
        yield from _said("system", params["system"])
    messages = params.get("messages", [])
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, dict):
            yield from _said(str(message.get("role")), message.get("content"))
        else:
            yield BLANK
            yield from _json(message)


def _field(name: object, value: object) -> Iterator[Line]:
    first, *others = _json(value)
    yield Line((*line((f"{visible(str(name))}  ", "muted")).left, *first.left))
    yield from others


def _said(who: str, content: object) -> Iterator[Line]:
    yield BLANK
    yield line((visible(who), "heading"))
    for block in content if isinstance(content, list) else [content]:
        text = block.get("text") if isinstance(block, dict) else block
        is_plain = isinstance(block, str) or (
            isinstance(block, dict) and block.keys() == {"type", "text"}
        )
        if isinstance(text, str) and is_plain:
            yield from _text(text)
        else:
            yield from _json(block)


def _json(value: object) -> Iterator[Line]:
    try:
        text = msgspec.json.encode(without_blobs(value)).decode()
    except RecursionError:
        text = TOO_DEEP
    yield from _text(text)


def _text(text: str) -> Iterator[Line]:
    for one in text[:_MOST].split("\n"):
        yield line(visible(one))
    if len(text) > _MOST:
        yield line((f"… {len(text) - _MOST:,} characters more", "muted"))
