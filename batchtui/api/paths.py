"""Paths of the calls, below the base URL.

An id is one path segment whatever it holds: all but unreserved characters is percent-encoded,
and an id of dots alone as well, since a client or proxy would walk up the path on a plain `..`.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlencode

from batchtui.api.errors import InvalidBatchId

BATCHES: Final = "/v1/messages/batches"
COUNT_TOKENS: Final = "/v1/messages/count_tokens"
_LONGEST_ID: Final = 4096


def collection(parameters: Mapping[str, str] | None = None, *, beta: bool) -> str:
    """Return the path of list and create."""
    return BATCHES + _query(parameters or {}, beta=beta)


def batch(batch_id: str, action: str = "", *, beta: bool) -> str:
    """Return the path of retrieve and delete, and with `action` "cancel" or "results" of those.

    Raises:
        InvalidBatchId: If no path can be made of the id.
    """
    tail = f"/{action}" if action else ""
    return f"{BATCHES}/{segment(batch_id)}{tail}{_query({}, beta=beta)}"


def segment(batch_id: str) -> str:
    """Return an id as one path segment.

    Raises:
        InvalidBatchId: If it is empty, absurdly long or not text.
    """
    if not batch_id.strip():
        raise InvalidBatchId("An empty id names no batch.")
    if len(batch_id) > _LONGEST_ID:
        raise InvalidBatchId(f"An id of {len(batch_id)} characters names no batch.")
    try:
        encoded = quote(batch_id, safe="")
    except UnicodeEncodeError as error:
        raise InvalidBatchId("An id with half a character in it names no batch.") from error
    return encoded.replace(".", "%2E") if not encoded.strip(".") else encoded


def _query(parameters: Mapping[str, str], *, beta: bool) -> str:
    pairs = {"beta": "true", **parameters} if beta else parameters
    return f"?{urlencode(pairs, quote_via=quote, safe='')}" if pairs else ""
