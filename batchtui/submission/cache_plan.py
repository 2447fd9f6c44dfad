"""What caching the beginning that requests share would save, and the file with the marks for it.

A cache holds whole pieces in this order: tools, then the system prompt's blocks, then the content
of messages. The pieces that all requests of one model share from the first on can be marked.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, structs

from batchtui.formatting import format_count, plural
from batchtui.prices import Price, PriceTable, TokenUse
from batchtui.request_line import read_request
from batchtui.submission.body import join_element
from batchtui.submission.errors import SourceError
from batchtui.submission.read import RawRequest, read_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.written_files import new_file

Lifetime = Literal["5m", "1h"]

HIT_RATES = (0.4, 0.9)
"""Shares of requests that find the cache warm: hits in a batch are best effort."""
BYTES_PER_TOKEN = 4
"""Of a usual text; a guess."""
_MARK_NAME = b'"cache_control"'
_ENOUGH = 2
"""Requests that say what a model's requests share."""
_WORTH = 0.01
"""US dollars; what saves less is not worth a sentence."""


class _Message(Struct, gc=False):
    role: Raw
    content: Raw


class _Params(Struct, gc=False):
    model: str = ""
    tools: list[Raw] | UnsetType = UNSET
    system: Raw | UnsetType = UNSET
    messages: list[_Message] | UnsetType = UNSET


_PARAMS = msgspec.json.Decoder(_Params)
_NAMES = msgspec.json.Decoder(dict[str, Raw])
_LIST = msgspec.json.Decoder(list[Raw])
_MESSAGES = msgspec.json.Decoder(list[dict[str, Raw]])


class Piece(Struct, frozen=True):
    """A piece of a request that a mark can stand behind."""

    part: Literal["tools", "system", "messages"]
    """Where it is."""
    data: bytes
    """Its JSON, with the role of its message before it."""
    number: int
    """Which tool, block of the system prompt or message, from 0."""
    block: int = -1
    """Which block of a message's content; -1 where that, or the system prompt, is plain text."""


class ModelPlan(Struct, frozen=True):
    """What is to be known of the requests of one model."""

    model: str
    """Untrusted text."""
    requests: int
    """How many."""
    marked: int
    """How many have marks already: they stay as they are."""
    prefix: tuple[Piece, ...]
    """The pieces they share from the first on."""

    @property
    def size(self) -> int:
        """Bytes of the shared beginning."""
        return sum(len(piece.data) for piece in self.prefix)

    @property
    def tokens(self) -> int:
        """Tokens of the shared beginning, about."""
        return self.size // BYTES_PER_TOKEN

    def saving(self, price: Price, lifetime: Lifetime, hit_rate: float, discount: float) -> float:
        """Return what marking saves in US dollars, less than zero where it costs more.

        Args:
            price: Of the model.
            lifetime: Of the cache.
            hit_rate: The share of requests that find it warm.
            discount: The share taken off in a batch.
        """
        total = self.tokens * (self.requests - self.marked)
        hits = int(total * hit_rate)
        written = total - hits
        use = TokenUse(
            cache_read=hits,
            cache_write_5m=written if lifetime == "5m" else 0,
            cache_write_1h=written if lifetime == "1h" else 0,
        )
        plain = price.estimate(TokenUse(input=total), discount=discount).high
        return plain - price.estimate(use, discount=discount).high


def plan_cache(source: RequestSource) -> Mapping[str, ModelPlan]:
    """Find what the requests of each model share; works in a thread.

    Raises:
        SourceError: The file cannot be read, or holds something that is no request.
    """
    plans: dict[str, ModelPlan] = {}
    for request in read_requests(source.blocks()):
        try:
            _take(plans, request.data)
        except (msgspec.DecodeError, RecursionError) as error:
            raise _no_request(request, error) from error
    return plans


def advise(
    requests: Iterable[bytes], counts: Mapping[str, int], prices: PriceTable
) -> Iterator[str]:
    """Say what marking may save, in a sentence for each model where it is worth it.

    Args:
        requests: A few requests without mistakes, from all over a file.
        counts: How many requests the file has of each model.
        prices: What tokens cost.
    """
    plans: dict[str, ModelPlan] = {}
    for data in requests:
        _take(plans, data)
    for model, plan in plans.items():
        price = prices.find(model)
        if price is None or plan.marked or plan.requests < _ENOUGH or model not in counts:
            continue
        whole = structs.replace(plan, requests=counts[model])
        saved = whole.saving(price, "5m", HIT_RATES[-1], prices.batch_discount)
        if plan.tokens >= (price.cache_minimum or 0) and saved >= _WORTH:
            yield (
                f"About {format_count(plan.tokens)} tokens seem to be the same in every request of"
                f" {model}, unmarked: the cache may save up to ${saved:,.2f}."
            )


def _take(plans: dict[str, ModelPlan], request: bytes) -> None:
    """Take a request into the plan of its model."""
    params = _PARAMS.decode(read_request(request).params)
    pieces = tuple(_pieces(params))
    before = plans.get(params.model)
    shared = pieces if before is None else _shared(before.prefix, pieces)
    count, marked = (before.requests, before.marked) if before is not None else (0, 0)
    is_marked = _MARK_NAME in request
    plans[params.model] = ModelPlan(params.model, count + 1, marked + is_marked, shared)


def _shared(one: tuple[Piece, ...], other: tuple[Piece, ...]) -> tuple[Piece, ...]:
    for at, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            return one[:at]
    return one[: len(other)]


def _pieces(params: _Params) -> Iterator[Piece]:
    if not isinstance(params.tools, UnsetType):
        for number, tool in enumerate(params.tools):
            yield Piece("tools", bytes(tool), number)
    if not isinstance(params.system, UnsetType):
        for number, (block, data) in enumerate(_blocks(bytes(params.system))):
            yield Piece("system", data, number if block >= 0 else 0, block)
    if not isinstance(params.messages, UnsetType):
        for number, message in enumerate(params.messages):
            for block, data in _blocks(bytes(message.content)):
                yield Piece("messages", bytes(message.role) + data, number, block)


def _blocks(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the blocks of a content with their numbers; plain text is number -1."""
    if content.lstrip()[:1] == b"[":
        yield from enumerate(map(bytes, _LIST.decode(content)))
    else:
        yield -1, content


def write_marked(
    source: RequestSource, plans: Mapping[str, ModelPlan], lifetime: Lifetime, path: Path
) -> int:
    """Write the same requests with marks behind what they share; works in a thread.

    Args:
        source: The file, as it was when the plans were made.
        plans: By model; one without a shared piece gets no marks.
        lifetime: Of the cache.
        path: Must not exist.

    Returns:
        How many requests got a mark.

    Raises:
        SourceError: The source cannot be read, or has changed.
        FileExists: There is such a file.
        SubmissionError: It cannot be written; nothing is left of it then.
    """
    count = 0
    with new_file(path) as file:
        for line, is_marked in marked_lines(source, plans, lifetime):
            count += is_marked
            file.write(line)
    return count


def marked_lines(
    source: RequestSource, plans: Mapping[str, ModelPlan], lifetime: Lifetime
) -> Iterator[tuple[bytes, bool]]:
    """Yield the same requests, one a line, and whether each got a mark.

    Arguments are those of `write_marked`.

    Raises:
        SourceError: The source cannot be read, or has changed.
    """
    expected = source.fingerprint
    for request in read_requests(source.blocks()):
        try:
            line = _marked(request.data, plans, lifetime)
        except (msgspec.DecodeError, RecursionError, LookupError) as error:
            raise _no_request(request, error) from error
        yield (line or request.data.replace(b"\n", b" ")) + b"\n", line is not None
    source.require(expected)


def _no_request(request: RawRequest, error: Exception) -> SourceError:
    return SourceError(f"Line {request.line} is not a request: {error}", line=request.line)


def _marked(data: bytes, plans: Mapping[str, ModelPlan], lifetime: Lifetime) -> bytes | None:
    """Return a request with its mark; None where it gets none."""
    if _MARK_NAME in data:
        return None
    request = read_request(data)
    values = {name: bytes(value) for name, value in _NAMES.decode(request.params).items()}
    model = msgspec.json.decode(values.get("model", b'""'), type=str)
    prefix = plans[model].prefix if model in plans else ()
    if not prefix:
        return None
    last = prefix[-1]
    match last.part:
        case "tools":
            values["tools"] = _with_mark_in_list(values["tools"], last.number, lifetime)
        case "system":
            values["system"] = _with_mark(values["system"], last.block, lifetime)
        case "messages":
            values["messages"] = _mark_message(values["messages"], last, lifetime)
    pairs = (msgspec.json.encode(name) + b":" + value for name, value in values.items())
    line = join_element(bytes(request.custom_id), b"{" + b",".join(pairs) + b"}")
    return line.replace(b"\n", b" ")


def _mark_message(messages: bytes, last: Piece, lifetime: Lifetime) -> bytes:
    written = []
    for number, message in enumerate(_MESSAGES.decode(messages)):
        values = {name: bytes(value) for name, value in message.items()}
        if number == last.number:
            values["content"] = _with_mark(values["content"], last.block, lifetime)
        pairs = (msgspec.json.encode(name) + b":" + value for name, value in values.items())
        written.append(b"{" + b",".join(pairs) + b"}")
    return b"[" + b",".join(written) + b"]"


def _with_mark(content: bytes, block: int, lifetime: Lifetime) -> bytes:
    """Put the mark on a block of a content; plain text becomes a block for it."""
    if block < 0:
        return b'[{"type":"text","text":' + content + b"," + _mark(lifetime) + b"}]"
    return _with_mark_in_list(content, block, lifetime)


def _with_mark_in_list(data: bytes, number: int, lifetime: Lifetime) -> bytes:
    items = [bytes(item) for item in _LIST.decode(data)]
    items[number] = items[number].rstrip()[:-1] + b"," + _mark(lifetime) + b"}"
    return b"[" + b",".join(items) + b"]"


def _mark(lifetime: Lifetime) -> bytes:
    kind = {"type": "ephemeral"} if lifetime == "5m" else {"type": "ephemeral", "ttl": "1h"}
    return _MARK_NAME + b":" + msgspec.json.encode(kind)


def useful_plans(
    plans: Mapping[str, ModelPlan], prices: PriceTable, lifetime: Lifetime
) -> dict[str, ModelPlan]:
    """Return the plans whose marks save something, if many requests hit."""
    return {model: plan for model, plan in plans.items() if _is_useful(plan, prices, lifetime)}


def _is_useful(plan: ModelPlan, prices: PriceTable, lifetime: Lifetime) -> bool:
    saved = savings(plan, prices, lifetime)
    minimum = minimum_of(plan, prices)
    is_long = minimum is not None and plan.tokens >= minimum
    return is_long and saved is not None and saved[-1] > 0 and plan.requests > plan.marked


def minimum_of(plan: ModelPlan, prices: PriceTable) -> int | None:
    """Return the tokens from which the model caches; None where that is not known."""
    price = prices.find(plan.model)
    return None if price is None else price.cache_minimum


def describe_prefix(plan: ModelPlan, prices: PriceTable) -> Iterator[str]:
    """Say what the requests of a model share, and whether that is enough."""
    if plan.marked:
        yield f"{plural(plan.marked, 'request')} marked already, left as they are"
    if not plan.prefix:
        yield "they share no whole piece at their beginning"
        return
    pieces = plural(len(plan.prefix), "piece")
    tokens = format_count(plan.tokens)
    yield f"{pieces} shared, about {tokens} tokens ({plan.prefix[-1].part})"
    minimum = minimum_of(plan, prices)
    if minimum is not None and plan.tokens < minimum:
        yield f"too short: this model caches from {format_count(minimum)} tokens on"
    if prices.find(plan.model) is None:
        yield "what it saves is not known: no price of this model is"


def saving_words(amount: float) -> str:
    """Say what marking saves, or costs more."""
    return f"saves ${amount:,.2f}" if amount >= 0 else f"costs ${-amount:,.2f} more"


def savings(plan: ModelPlan, prices: PriceTable, lifetime: Lifetime) -> tuple[float, ...] | None:
    """Return what marking saves at each of `HIT_RATES`; None where the price is not known."""
    price = prices.find(plan.model)
    if price is None:
        return None
    discount = prices.batch_discount
    return tuple(plan.saving(price, lifetime, rate, discount) for rate in HIT_RATES)
