"""What is in a request file: counted while it is read, shown before it is sent."""

from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct, UnsetType

from batchtui.submission.specification import (
    DocumentBlock,
    ImageBlock,
    MessageSpec,
    Params,
    asked_text,
)

FIRST_PROMPTS = 5
PROMPT_CHARACTERS = 400
_KEPT, _LARGEST_KEPT = 32, 1 << 18
"""Whole requests that are kept, at least, once there are as many; bytes of the largest."""
_DISTINCT = 500
"""Different values counted one by one; the rest are counted together."""

_BASE64 = b'"base64"'
OTHER_MODELS = "(other models)"


class Sample(Struct, frozen=True):
    """One request, for showing."""

    custom_id: str
    """Untrusted text."""
    line: int
    """From 1."""
    size: int
    """In bytes."""
    model: str
    """Untrusted text, ``""`` where it has none."""
    max_tokens: int | None
    """None where it has none."""
    prompt: str
    """The beginning of the last text of the user; untrusted."""


BETA_PARAMS = {
    "mcp_servers": "mcp-client",
    "context_management": "context-management",
    "output_format": "structured-outputs",
}
"""Params that need a beta header, and how its name begins."""


class ModelShare(Struct, frozen=True):
    """The requests of one model."""

    requests: int
    """How many."""
    size: int
    """Their bytes, without those that hold images or documents."""
    max_tokens: int
    """The sum: what their answers may be at most, in tokens."""
    with_data: int
    """How many hold images or documents, whose bytes say nothing of their tokens."""


class FileStats(Struct, frozen=True):
    """What a request file holds."""

    models: Mapping[str, int]
    """Requests by model, the most frequent first."""
    shares: Mapping[str, ModelShare]
    """The same with what decides about the cost."""
    max_tokens: Mapping[int, int]
    """Requests by max_tokens, ascending; of more than 500 different values the rest is left out."""
    max_tokens_total: int
    """The sum: what all answers together may be at most, in tokens."""
    with_tools: int
    """Requests that offer tools."""
    features: Mapping[str, int]
    """Requests that have params of `BETA_PARAMS`, by param."""
    repeated: int
    """Requests that ask the same as one before them, under another id."""
    longest: Sample | None
    """The request with the most bytes."""
    first: tuple[Sample, ...]
    """The first few requests."""
    spread: tuple[bytes, ...] = ()
    """A few whole requests without mistakes, from all over the file; none that is very large."""


class RequestFacts(Struct, frozen=True, gc=False):
    """What is counted of one request."""

    model: str
    max_tokens: int | None
    has_tools: bool
    features: tuple[str, ...]
    """Params it has that need a beta header."""
    has_data: bool
    """Whether an image or a document is in it, as base64."""
    prompt: Callable[[], str]
    """Finds the last text of the user; asked only for the few that are shown."""


class StatsCounter:
    """Counts requests one by one; its memory does not grow with their number."""

    def __init__(self) -> None:
        self._shares: dict[str, list[int]] = {}
        self._max_tokens: Counter[int] = Counter()
        self._tokens_total = 0
        self._with_tools = 0
        self._features: Counter[str] = Counter()
        self._seen = 0
        self._longest: Sample | None = None
        self._first: list[Sample] = []
        self._spread: list[bytes] = []
        self._stride = 1

    def add(self, custom_id: str, line: int, size: int, facts: RequestFacts) -> None:
        """Count a request."""
        self._with_tools += facts.has_tools
        if facts.features:
            self._features.update(facts.features)
        self._count_model(size, facts)
        if facts.max_tokens is not None:
            self._count_max_tokens(facts.max_tokens)
        is_first = len(self._first) < FIRST_PROMPTS
        is_longest = self._longest is None or size > self._longest.size
        if is_first or is_longest:
            prompt = facts.prompt()[:PROMPT_CHARACTERS]
            sample = Sample(custom_id, line, size, facts.model, facts.max_tokens, prompt)
            if is_first:
                self._first.append(sample)
            if is_longest:
                self._longest = sample

    def keep_sample(self, data: bytes) -> None:
        """Take in a request without mistakes: some are kept, from all over the file."""
        if self._seen % self._stride == 0 and len(data) <= _LARGEST_KEPT:
            self._keep(data)
        self._seen += 1

    def stats(self, repeated: int) -> FileStats:
        """Return what was counted.

        Args:
            repeated: How many requests ask the same as one before, counted elsewhere.
        """
        sums = sorted(self._shares.items(), key=lambda item: -item[1][0])
        shares = {model: ModelShare(*share) for model, share in sums}
        return FileStats(
            models={model: share.requests for model, share in shares.items()},
            shares=shares,
            max_tokens=dict(sorted(self._max_tokens.items())),
            max_tokens_total=self._tokens_total,
            with_tools=self._with_tools,
            features=dict(self._features),
            repeated=repeated,
            longest=self._longest,
            first=tuple(self._first),
            spread=tuple(self._spread),
        )

    def _keep(self, data: bytes) -> None:
        self._spread.append(data)
        if len(self._spread) == 2 * _KEPT:
            # every second one, from here on too: they stay spread over all that was read
            del self._spread[1::2]
            self._stride *= 2

    def _count_model(self, size: int, facts: RequestFacts) -> None:
        share = self._shares.get(facts.model)
        if share is None:
            is_listed = len(self._shares) < _DISTINCT
            model = facts.model if is_listed else OTHER_MODELS
            share = self._shares.setdefault(model, [0, 0, 0, 0])
        share[0] += 1
        if facts.has_data:
            share[3] += 1
        else:
            share[1] += size
        if facts.max_tokens is not None:
            share[2] += facts.max_tokens

    def _count_max_tokens(self, value: int) -> None:
        self._tokens_total += value
        if value in self._max_tokens or len(self._max_tokens) < _DISTINCT:
            self._max_tokens[value] += 1


def facts_of_shape(params: Params) -> RequestFacts:
    """Return the facts of a request without mistakes."""
    messages, tools = params.messages, params.tools
    return RequestFacts(
        params.model,
        params.max_tokens,
        not isinstance(tools, UnsetType) and len(tools) > 0,
        _features_of(params),
        _has_data(messages),
        lambda: asked_text(messages),
    )


def _has_data(messages: list[MessageSpec]) -> bool:
    for message in messages:
        if isinstance(message.content, str):
            continue
        if any(isinstance(block, ImageBlock | DocumentBlock) for block in message.content):
            return True
    return False


def _features_of(params: Params) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    if not isinstance(params.mcp_servers, UnsetType):
        found = ("mcp_servers",)
    if params.context_management is not None:
        found = (*found, "context_management")
    return found if params.output_format is None else (*found, "output_format")


def facts_of(params: object, data: bytes) -> RequestFacts:
    """Return the facts of a request that may have any mistake.

    Args:
        params: What its params decoded to.
        data: Its bytes.
    """
    if not isinstance(params, dict):
        return RequestFacts("", None, has_tools=False, features=(), has_data=False, prompt=str)
    model, max_tokens = params.get("model"), params.get("max_tokens")
    messages = params.get("messages")
    listed = messages if isinstance(messages, list) else []
    is_number = isinstance(max_tokens, int) and not isinstance(max_tokens, bool)
    return RequestFacts(
        model=model if isinstance(model, str) else "",
        max_tokens=max_tokens if is_number else None,
        has_tools=bool(params.get("tools")),
        features=tuple(name for name in BETA_PARAMS if params.get(name) is not None),
        has_data=_BASE64 in data,
        prompt=lambda: _asked_text(listed),
    )


def _asked_text(messages: list[object]) -> str:
    for message in reversed(messages):
        if not isinstance(message, dict) or message.get("role") != "user":
            continue
        content = message.get("content")
        if isinstance(content, str):
            return content
        for block in reversed(content) if isinstance(content, list) else ():
            text = block.get("text") if isinstance(block, dict) else None
            if isinstance(text, str):
                return text
    return ""
