"""What is counted of one request, from its typed shape or from whatever it decoded to."""

from msgspec import UnsetType

from batchtui.submission.profile import Facts
from batchtui.submission.shapes import Params, first_text


def facts_of_shape(params: Params) -> Facts:
    """Return the facts of a request without mistakes."""
    messages, tools = params.messages, params.tools
    return Facts(
        params.model,
        params.max_tokens,
        len(messages),
        not isinstance(tools, UnsetType) and len(tools) > 0,
        lambda: first_text(messages),
    )


def facts_of(params: object) -> Facts:
    """Return the facts of a request that may have any mistake."""
    if not isinstance(params, dict):
        return Facts("", None, 0, has_tools=False, prompt=str)
    model, max_tokens = params.get("model"), params.get("max_tokens")
    messages = params.get("messages")
    listed = messages if isinstance(messages, list) else []
    is_number = isinstance(max_tokens, int) and not isinstance(max_tokens, bool)
    return Facts(
        model=model if isinstance(model, str) else "",
        max_tokens=max_tokens if is_number else None,
        messages=len(listed),
        has_tools=bool(params.get("tools")),
        prompt=lambda: _first_text(listed),
    )


def _first_text(messages: list[object]) -> str:
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, str):
            return content
        for block in content if isinstance(content, list) else ():
            text = block.get("text") if isinstance(block, dict) else None
            if isinstance(text, str):
                return text
    return ""
