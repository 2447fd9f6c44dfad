"""The names a request may use, and the nearest of them to one that is not known."""

from difflib import get_close_matches
from functools import lru_cache

CUSTOM_ID_CHARACTERS = "a-zA-Z0-9_-"
"""As they stand between the brackets of a pattern."""
MAX_CUSTOM_ID = 64
"""Characters."""

REQUEST_KEYS = frozenset({"custom_id", "params"})

PARAMS = frozenset(
    {
        "max_tokens",
        "messages",
        "model",
        "container",
        "context_management",
        "mcp_servers",
        "metadata",
        "output_config",
        "output_format",
        "service_tier",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
    }
)
"""As the specification names them."""

LATER_PARAMS = frozenset(
    {
        "billing_policy",
        "cache_control",
        "compaction",
        "diagnostics",
        "fallback_credit_token",
        "fallbacks",
        "inference_geo",
        "speed",
        "thread",
        "user_profile_id",
    }
)
"""Named by newer official clients: passed on without a word."""

MESSAGE_KEYS = frozenset({"role", "content"})
ROLES = frozenset({"user", "assistant"})
THINKING_TYPES = frozenset({"enabled", "disabled", "adaptive", "between_tools", "thinking_turns"})
TOOL_CHOICES = frozenset({"auto", "any", "tool", "none"})
SERVICE_TIERS = frozenset({"auto", "standard_only"})

BLOCK_NEEDS: dict[str, tuple[tuple[str, type], ...]] = {
    "text": (("text", str),),
    "image": (("source", dict),),
    "document": (("source", dict),),
    "tool_use": (("id", str), ("name", str), ("input", dict)),
    "server_tool_use": (("id", str), ("name", str), ("input", dict)),
    "mcp_tool_use": (("id", str), ("name", str), ("input", dict)),
    "tool_result": (("tool_use_id", str),),
    "thinking": (("thinking", str),),
    "redacted_thinking": (("data", str),),
}
"""What a content block of a type must have, and of which type that is."""

LATER_BLOCKS = frozenset(
    {
        "advisor_tool_result",
        "bash_code_execution_tool_result",
        "code_execution_tool_result",
        "compaction",
        "container_upload",
        "fallback",
        "mcp_tool_listing",
        "mcp_tool_result",
        "search_result",
        "text_editor_code_execution_tool_result",
        "tool_addition",
        "tool_reference",
        "tool_removal",
        "tool_search_tool_result",
        "web_fetch_tool_result",
        "web_search_tool_result",
    }
)
"""Content blocks whose insides are not looked at."""

BLOCKS = frozenset(BLOCK_NEEDS) | LATER_BLOCKS


@lru_cache(maxsize=1024)
def nearest(name: str, known: frozenset[str]) -> str:
    """Return the known name that is most like ``name``, or ``""`` if none is near."""
    found = get_close_matches(name.lower()[:64], sorted(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def suggestion(name: str, known: frozenset[str]) -> str:
    """Return `` Did you mean "max_tokens"?`` with its space, or ``""``."""
    found = nearest(name, known)
    return f' Did you mean "{found}"?' if found else ""
