"""What a request is, as types: the one place that says which names and values the API takes.

What decodes as a `RequestSpec` has no mistake, and no rule is looked at. What does not is held
against the same types piece by piece in `batchtui.submission.rules`, which names every mistake; the
description of a type is what its messages say was expected.
"""

import operator
from functools import cache, lru_cache, reduce
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin, get_type_hints

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import fields

from batchtui import custom_ids
from batchtui.formatting import nearest

JsonObject = dict[object, object]
"""An object of JSON, decoded without a type."""

MAX_MESSAGES = 100_000
"""Messages of one request."""
LEAST_BUDGET = 1024
"""Tokens that thinking gets at least."""

_CUSTOM_ID = rf"^[{custom_ids.CHARACTERS}]{{1,{custom_ids.LONGEST}}}\Z"

Text = Annotated[str, Meta(min_length=1)]
Unit = Annotated[float, Meta(ge=0, le=1, description="a number from 0 to 1")]
Flag = Annotated[bool, Meta(description="true or false")]
Role = Literal["user", "assistant"]
ServiceTier = Annotated[
    Literal["auto", "standard_only"], Meta(description='"auto" or "standard_only"')
]
ToolChoiceType = Literal["auto", "any", "tool", "none"]
ThinkingType = Literal["enabled", "disabled", "adaptive", "between_tools", "thinking_turns"]


class AnyObject(Struct, gc=False, frozen=True):
    """An object, whatever is in it."""


Object = Annotated[AnyObject, Meta(description="an object")]
Objects = Annotated[list[AnyObject], Meta(description="a list of objects")]


class TextBlock(Struct, tag_field="type", tag="text", gc=False, frozen=True):
    """Text."""

    text: Text


class ImageBlock(Struct, tag_field="type", tag="image", gc=False, frozen=True):
    """An image; the data is not looked at."""

    source: AnyObject


class DocumentBlock(Struct, tag_field="type", tag="document", gc=False, frozen=True):
    """A document; the data is not looked at."""

    source: AnyObject


class ToolUseBlock(Struct, tag_field="type", tag="tool_use", gc=False, frozen=True):
    """A tool was used."""

    id: str
    name: str
    input: AnyObject


class ServerToolUseBlock(ToolUseBlock, tag="server_tool_use", gc=False, frozen=True):
    """A tool of the server was used."""


class McpToolUseBlock(ToolUseBlock, tag="mcp_tool_use", gc=False, frozen=True):
    """A tool of an MCP server was used."""


class ToolResultBlock(Struct, tag_field="type", tag="tool_result", gc=False, frozen=True):
    """What the tool gave."""

    tool_use_id: str


class ThinkingBlock(Struct, tag_field="type", tag="thinking", gc=False, frozen=True):
    """Thinking of an earlier answer."""

    thinking: str


class RedactedThinkingBlock(
    Struct, tag_field="type", tag="redacted_thinking", gc=False, frozen=True
):
    """Thinking of an earlier answer that is not shown."""

    data: str


Block = (
    TextBlock
    | ImageBlock
    | DocumentBlock
    | ToolUseBlock
    | ServerToolUseBlock
    | McpToolUseBlock
    | ToolResultBlock
    | ThinkingBlock
    | RedactedThinkingBlock
)

OTHER_BLOCKS = frozenset(
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


class MessageSpec(Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    """One message with something in it."""

    role: Role
    content: Text | Annotated[list[Block], Meta(min_length=1)]


class Thinking(Struct, gc=False, frozen=True):
    """Extended thinking."""

    type: ThinkingType
    budget_tokens: Annotated[int, Meta(ge=LEAST_BUDGET)] | UnsetType = UNSET


class ToolChoice(Struct, gc=False, frozen=True):
    """How tools are chosen."""

    type: ToolChoiceType


class Params(Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    """Params with every name known and every value in its range."""

    model: Text
    max_tokens: Annotated[int, Meta(ge=1)]
    messages: Annotated[list[MessageSpec], Meta(min_length=1, max_length=MAX_MESSAGES)]
    system: str | list[TextBlock] | UnsetType = UNSET
    temperature: Unit | UnsetType = UNSET
    top_p: Unit | UnsetType = UNSET
    top_k: Annotated[int, Meta(ge=0, description="a whole number from 0")] | UnsetType = UNSET
    stop_sequences: Annotated[list[str], Meta(description="a list of texts")] | UnsetType = UNSET
    stream: Flag | UnsetType = UNSET
    thinking: Thinking | UnsetType = UNSET
    tools: Objects | UnsetType = UNSET
    tool_choice: ToolChoice | UnsetType = UNSET
    metadata: Object | UnsetType = UNSET
    service_tier: ServiceTier | UnsetType = UNSET
    container: Annotated[AnyObject | str | None, Meta(description="an object or an identifier")] = (
        None
    )
    context_management: Object | None = None
    mcp_servers: Objects | UnsetType = UNSET
    output_config: Object | UnsetType = UNSET
    output_format: Object | None = None
    # Named by newer official clients: passed on, whatever they are.
    billing_policy: object = None
    cache_control: object = None
    compaction: object = None
    diagnostics: object = None
    fallback_credit_token: object = None
    fallbacks: object = None
    inference_geo: object = None
    speed: object = None
    thread: object = None
    user_profile_id: object = None

    @property
    def is_within_rules(self) -> bool:
        """Whether also that holds which a type cannot say."""
        if self.stream is True or not self.model.strip():
            return False
        if isinstance(self.thinking, UnsetType) or self.thinking.type != "enabled":
            return True
        budget = self.thinking.budget_tokens
        return not isinstance(budget, UnsetType) and budget < self.max_tokens


class RequestSpec(Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    """One request as it should be."""

    custom_id: Annotated[str, Meta(pattern=_CUSTOM_ID)]
    params: Params


def _names(struct: type[Struct]) -> frozenset[str]:
    return frozenset(field.name for field in fields(struct))


REQUEST_KEYS = _names(RequestSpec)
MESSAGE_KEYS = _names(MessageSpec)
PARAMS = _names(Params)
SPECIFIED_PARAMS = frozenset(field.name for field in fields(Params) if field.type is not object)
"""Those that are looked at."""
ROLES = frozenset(get_args(Role))
THINKING_TYPES = frozenset(get_args(ThinkingType))
TOOL_CHOICES = frozenset(get_args(ToolChoiceType))
BLOCK_NEEDS: dict[str, tuple[tuple[str, type], ...]] = {
    str(block.__struct_config__.tag): tuple(
        (field.name, dict if field.type is AnyObject else str) for field in fields(block)
    )
    for block in get_args(Block)
}
"""What a content block of a type must have, and of which type of JSON that is."""
BLOCKS = frozenset(BLOCK_NEEDS) | OTHER_BLOCKS


class Expected(Struct, frozen=True):
    """What a param may be."""

    type: object
    """What `msgspec.convert` takes."""
    words: str
    """The same for people."""
    values: frozenset[str] = frozenset()
    """The texts that are known, where only some are."""


@cache
def expected_params() -> dict[str, Expected]:
    """Return what each param may be that a type alone decides about."""
    hints = get_type_hints(Params, include_extras=True)
    found = {}
    for name, hint in hints.items():
        plain = _without_unset(hint)
        for part in (plain, *get_args(plain)):
            words = _description(part)
            if words:
                values = frozenset(get_args(get_args(part)[0])) if name == "service_tier" else ()
                found[name] = Expected(plain, words, frozenset(values))
                break
    return found


def _without_unset(hint: object) -> object:
    if get_origin(hint) in {Union, UnionType}:
        parts = [part for part in get_args(hint) if part is not UnsetType]
        return reduce(operator.or_, parts)
    return hint


def _description(hint: object) -> str:
    metas = getattr(hint, "__metadata__", ())
    return next((one.description for one in metas if getattr(one, "description", None)), "")


def asked_text(messages: list[MessageSpec]) -> str:
    """Return the last text of the user, or ``""``: before it may be what requests share."""
    for message in reversed(messages):
        if message.role != "user":
            continue
        if isinstance(message.content, str):
            return message.content
        for block in reversed(message.content):
            if isinstance(block, TextBlock):
                return block.text
    return ""


@lru_cache(maxsize=1024)
def suggestion(name: str, known: frozenset[str]) -> str:
    """Return `` Did you mean "max_tokens"?`` with its space, or ``""``."""
    found = nearest(name, sorted(known))
    return f' Did you mean "{found}"?' if found else ""
