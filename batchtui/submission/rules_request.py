"""The rules for one request as a whole: its id, its params being there, and look-alikes."""

import re
from collections.abc import Iterator

from batchtui.submission.known import (
    CUSTOM_ID_CHARACTERS,
    MAX_CUSTOM_ID,
    PARAMS,
    REQUEST_KEYS,
    suggestion,
)
from batchtui.submission.problems import Finding, Kind, quote
from batchtui.submission.rules_params import check_params

_NOT_ALLOWED = re.compile(f"[^{CUSTOM_ID_CHARACTERS}]")


def check_request(request: object) -> Iterator[Finding]:
    """Yield all that is wrong with one decoded request; uniqueness is another's business."""
    if not isinstance(request, dict):
        yield Finding(
            Kind.NOT_OBJECT, f'Expected {{"custom_id", "params"}}, found {quote(request)}.'
        )
        return
    look_alike = _look_alike(request)
    if look_alike is not None:
        yield look_alike
        return
    yield from check_custom_id(request)
    yield from _check_keys(request)
    if "params" not in request:
        yield _params_missing(request)
    elif not isinstance(request["params"], dict):
        hint = " It is JSON inside text: write the object itself."
        is_text = isinstance(request["params"], str)
        yield Finding(
            Kind.PARAMS_TYPE,
            f"params must be an object, not {quote(request['params'])}.{hint * is_text}",
        )
    else:
        yield from check_params(request["params"])


def check_custom_id(request: dict[object, object]) -> Iterator[Finding]:
    """Yield what is wrong with the id."""
    if "custom_id" not in request:
        yield Finding(Kind.CUSTOM_ID_MISSING, "custom_id is missing: results are matched by it.")
        return
    custom_id = request["custom_id"]
    if not isinstance(custom_id, str):
        yield Finding(
            Kind.CUSTOM_ID_TYPE, f"custom_id must be text in quotes, not {quote(custom_id)}."
        )
        return
    if not 1 <= len(custom_id) <= MAX_CUSTOM_ID:
        yield Finding(
            Kind.CUSTOM_ID_LENGTH,
            f"custom_id has {len(custom_id)} characters; 1 to {MAX_CUSTOM_ID} are allowed.",
        )
    wrong = _NOT_ALLOWED.search(custom_id)
    if wrong:
        yield Finding(
            Kind.CUSTOM_ID_PATTERN,
            f"custom_id {quote(custom_id)} contains {quote(wrong.group())};"
            " letters a-z and A-Z, digits, _ and - are allowed.",
        )


def _look_alike(request: dict[object, object]) -> Finding | None:
    if "params" in request:
        return None
    if "body" in request and ("method" in request or "url" in request):
        return Finding(
            Kind.OPENAI_SHAPE,
            'This is the shape of another API\'s batches: rename "body" to "params", remove'
            ' "method" and "url", and check the names inside (max_tokens is required; a message'
            ' with role "system" becomes the param "system").',
        )
    if "result" in request and "custom_id" in request:
        return Finding(Kind.RESULTS_LINE, "This line is a batch's result, not a request.")
    return None


def _params_missing(request: dict[object, object]) -> Finding:
    if request.keys() & PARAMS:
        return Finding(
            Kind.PARAMS_MISSING,
            'params is missing: put model, max_tokens, messages and the rest inside "params".',
        )
    return Finding(Kind.PARAMS_MISSING, "params is missing.")


def _check_keys(request: dict[object, object]) -> Iterator[Finding]:
    unknown = request.keys() - REQUEST_KEYS
    if "params" not in request:
        unknown -= PARAMS  # told at once: they belong inside params
    for key in sorted(map(str, unknown)):
        yield Finding(
            Kind.UNKNOWN_REQUEST_KEY,
            f"{quote(key)} is not sent: beside custom_id and params nothing is known."
            + suggestion(key, REQUEST_KEYS),
        )
