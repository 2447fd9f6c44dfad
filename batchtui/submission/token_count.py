"""The tokens of a file's requests as the API counts them: a sample, where the user asks for it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import msgspec
from msgspec import Raw

from batchtui.request_line import RequestParams, params_of
from batchtui.submission.canary import choose_canary
from batchtui.submission.cost import TokenCount
from batchtui.submission.read import RawRequest, read_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import Validation

_COUNTED = (
    *("model", "messages", "system", "tools", "tool_choice", "thinking"),
    *("output_config", "cache_control"),
)
"""The params that the API's `count_tokens` takes: those that have to do with the input."""


_PARAMS = msgspec.json.Decoder(RequestParams[dict[str, Raw]])


def choose_requests(validation: Validation, count: int) -> Sequence[RawRequest]:
    """Read requests of all lengths, to be counted; works in a thread.

    Args:
        validation: The file.
        count: How many, at most.

    Raises:
        SourceError: The file cannot be read any more or has changed.
    """
    index = validation.index
    source = RequestSource(validation.source.path)
    source.require(validation.source)
    numbers: frozenset[int] | range = range(len(index))
    if count < len(index):
        numbers = choose_canary(index, count, validation.source.sha256)
    return [one for one in read_requests(source.blocks()) if one.number in numbers]


async def count_sample(
    requests: Sequence[RawRequest], ask: Callable[[bytes], Awaitable[int]]
) -> Mapping[str, TokenCount]:
    """Count the tokens of requests, one call each, by the model they are for.

    Those with images or documents are left out: they say nothing of the tokens of a text.

    Args:
        requests: As read from the file; what is no request is left out.
        ask: Counts one message, see `BatchesClient.count_tokens`.

    Raises:
        ApiError: One was not counted.
    """
    counts: dict[str, TokenCount] = {}
    for request in requests:
        found = _params_of(request.data)
        if found is None or b'"base64"' in request.data:
            continue
        model, params = found
        body = {name: params[name] for name in _COUNTED if name in params}
        tokens = await ask(msgspec.json.encode(body))
        before = counts.get(model, TokenCount(0, 0, 0))
        counts[model] = TokenCount(
            before.requests + 1,
            before.size + len(request.data),
            before.input_tokens + tokens,
        )
    return counts


def _params_of(data: bytes) -> tuple[str, Mapping[str, Raw]] | None:
    """Return the model and the params of a request; None where it is none."""
    params = params_of(data, _PARAMS)
    if params is None:
        return None
    try:
        return msgspec.json.decode(params["model"], type=str), params
    except (KeyError, msgspec.DecodeError):
        return None
