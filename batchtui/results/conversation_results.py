"""What the tools run by the API gave back: pages found, files read, programs run, errors."""

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from batchtui.results.json_text import describe_blob, describe_text, pretty
from batchtui.untrusted import visible, visible_lines

_KNOWN_OUTPUT = {"stdout", "stderr", "return_code", "content", "type"}


class ToolResult(Struct, frozen=True):
    """What a tool gave back."""

    body: str
    """What to read."""
    form: Literal["json", "plain"]
    """How it is written."""
    is_error: bool
    """Whether the tool failed."""


def read_result(block: dict[str, object]) -> ToolResult:
    """Make a block of a type ending in ``tool_result`` readable.

    Raises:
        RecursionError: It is nested too deeply.
    """
    content = block.get("content")
    is_error = block.get("is_error") is True or _is_error(content)
    items = content if isinstance(content, list) else [content]
    parts = [_read_item(item) for item in items]
    if any(part is None for part in parts):
        return ToolResult(pretty(content), "json", is_error)
    text = "\n\n".join(part for part in parts if part)
    return ToolResult(visible_lines(text), "plain", is_error)


def _is_error(content: object) -> bool:
    if not isinstance(content, dict):
        return False
    code = content.get("return_code")
    return "error_code" in content or (isinstance(code, int) and code != 0)


def _read_item(item: object) -> str | None:
    """Return one piece of a result as text; None if only JSON can show it."""
    if item is None:
        return ""
    if isinstance(item, str):
        return describe_text(item)
    if not isinstance(item, dict):
        return None
    kind = item.get("type")
    if "error_code" in item:
        return f"Error: {_join(item['error_code'], item.get('error_message'), separator=': ')}"
    if "stdout" in item or "stderr" in item:
        return _read_output(item)
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    return reader(item) if reader is not None else None


def _read_text(item: dict[str, object]) -> str | None:
    text = item.get("text", item.get("content"))
    return describe_text(text) if isinstance(text, str) else None


def _read_found_page(item: dict[str, object]) -> str:
    return _join(item.get("title"), item.get("url"), item.get("page_age"))


def _read_fetched_page(item: dict[str, object]) -> str:
    return _join(item.get("url"), _read_item(item.get("content")))


def _read_output(item: dict[str, object]) -> str:
    """Return what a program wrote, and how it ended."""
    code = item.get("return_code")
    status = f"exit code {code}" if isinstance(code, int) and code != 0 else None
    rest = {key: value for key, value in item.items() if key not in _KNOWN_OUTPUT}
    files = item.get("content")
    return _join(
        item.get("stdout"),
        item.get("stderr"),
        status,
        pretty(files) if files else None,
        pretty(rest) if rest else None,
    )


def _read_media(item: dict[str, object]) -> str | None:
    source = item.get("source")
    if not isinstance(source, dict):
        return None
    data, title = source.get("data"), item.get("title")
    if source.get("type") == "text" and isinstance(data, str):
        return _join(title, describe_text(data))
    if isinstance(data, str):
        return _join(title, describe_blob(source))
    return _join(title, visible(pretty(source)))


def _join(*parts: object, separator: str = "\n") -> str:
    return separator.join(describe_text(part) for part in parts if isinstance(part, str) and part)


_READERS: dict[str, Callable[[dict[str, object]], str | None]] = {
    "text": _read_text,
    "text_editor_code_execution_view_result": _read_text,
    "web_search_result": _read_found_page,
    "web_fetch_result": _read_fetched_page,
    "image": _read_media,
    "document": _read_media,
}
