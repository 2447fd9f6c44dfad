"""A request without any mistake, as types: what decodes as one needs no rule looked up.

These types are the fast path of `batchtui.submission.validate`. They may only be stricter than the
rules (whatever does not decode is decoded again and told by the rules), never more lenient; a
property test holds the two together.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from batchtui.submission.known import CUSTOM_ID_CHARACTERS, MAX_CUSTOM_ID
from batchtui.submission.rules_messages import MAX_MESSAGES

_CUSTOM_ID = rf"^[{CUSTOM_ID_CHARACTERS}]{{1,{MAX_CUSTOM_ID}}}\Z"

Text = Annotated[str, Meta(min_length=1)]
Unit = Annotated[float, Meta(ge=0, le=1)]


class AnyObject(Struct, gc=False, frozen=True):
    """An object, whatever is in it."""


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


class ToolResultBlock(Struct, tag_field="type", tag="tool_result", gc=False, frozen=True):
    """What the tool gave."""

    tool_use_id: str


class ThinkingBlock(Struct, tag_field="type", tag="thinking", gc=False, frozen=True):
    """Thinking of an earlier answer."""

    thinking: str


Block = TextBlock | ImageBlock | DocumentBlock | ToolUseBlock | ToolResultBlock | ThinkingBlock


class Message(Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    """One message with something in it."""

    role: Literal["user", "assistant"]
    content: Text | Annotated[list[Block], Meta(min_length=1)]


class Thinking(Struct, gc=False, frozen=True):
    """Extended thinking."""

    type: Literal["enabled", "disabled", "adaptive"]
    budget_tokens: Annotated[int, Meta(ge=1024)] | UnsetType = UNSET


class ToolChoice(Struct, gc=False, frozen=True):
    """How tools are chosen."""

    type: Literal["auto", "any", "tool", "none"]


class Params(Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    """Params with every name known and every value in its range."""

    model: Text
    max_tokens: Annotated[int, Meta(ge=1)]
    messages: Annotated[list[Message], Meta(min_length=1, max_length=MAX_MESSAGES)]
    system: str | list[TextBlock] | UnsetType = UNSET
    temperature: Unit | UnsetType = UNSET
    top_p: Unit | UnsetType = UNSET
    top_k: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    stop_sequences: list[str] | UnsetType = UNSET
    stream: bool | UnsetType = UNSET
    thinking: Thinking | UnsetType = UNSET
    tools: list[AnyObject] | UnsetType = UNSET
    tool_choice: ToolChoice | UnsetType = UNSET
    metadata: AnyObject | UnsetType = UNSET
    service_tier: Literal["auto", "standard_only"] | UnsetType = UNSET
    container: AnyObject | str | None = None
    context_management: AnyObject | None = None
    mcp_servers: list[AnyObject] | UnsetType = UNSET
    output_config: AnyObject | UnsetType = UNSET
    output_format: AnyObject | None = None
    billing_policy: Raw = Raw()
    cache_control: Raw = Raw()
    compaction: Raw = Raw()
    diagnostics: Raw = Raw()
    fallback_credit_token: Raw = Raw()
    fallbacks: Raw = Raw()
    inference_geo: Raw = Raw()
    speed: Raw = Raw()
    thread: Raw = Raw()
    user_profile_id: Raw = Raw()

    @property
    def is_within_rules(self) -> bool:
        """Whether also that holds which a type cannot say."""
        if self.stream is True or not self.model.strip():
            return False
        if isinstance(self.thinking, UnsetType) or self.thinking.type != "enabled":
            return True
        budget = self.thinking.budget_tokens
        return not isinstance(budget, UnsetType) and budget < self.max_tokens


class Request(Struct, forbid_unknown_fields=True, gc=False, frozen=True):
    """One request as it should be."""

    custom_id: Annotated[str, Meta(pattern=_CUSTOM_ID)]
    params: Params


def first_text(messages: list[Message]) -> str:
    """Return the first text the messages hold, or ``""``."""
    for message in messages:
        if isinstance(message.content, str):
            return message.content
        for block in message.content:
            if isinstance(block, TextBlock):
                return block.text
    return ""
