"""Answers held against their requests: what is missing, extra or twice."""

from collections.abc import Iterable

import msgspec
from msgspec import Raw, Struct

from batchtui.request_line import RequestParams, custom_id_of, params_of
from batchtui.submission.errors import SourceError
from batchtui.submission.read import RawRequest, read_requests
from batchtui.submission.source import RequestSource

LISTED = 1000
"""Ids of one sort that are listed; all are counted."""


_ANY_PARAMS = msgspec.json.Decoder(RequestParams[dict[str, Raw]])


def check_requests(source: RequestSource) -> None:
    """Refuse a file of which no request can be read: an object with an id and parameters.

    Reads no further than to the first one.

    Raises:
        SourceError: There is none, or the source cannot be read.
    """
    if not any(_is_request(request.data) for request in read_requests(source.blocks())):
        raise SourceError(
            f"{source.path} holds no request that can be read.",
            hint="A request is a JSON object with custom_id and params, one on each line.",
        )


def _is_request(data: bytes) -> bool:
    return bool(custom_id_of(data)) and params_of(data, _ANY_PARAMS) is not None


class Comparison(Struct, frozen=True):
    """Answers held against requests. Lists hold at most `LISTED` ids; untrusted text."""

    requests: int
    """Requests in the source."""
    answers: int
    """Rows of the results."""
    missing: tuple[str, ...]
    """Ids asked for that have no row."""
    missing_count: int
    """How many."""
    extra: tuple[str, ...]
    """Ids that have a row and were not asked for."""
    extra_count: int
    """How many."""
    twice: tuple[str, ...]
    """Ids with more than one row."""
    twice_count: int
    """How many."""

    @property
    def is_of_another(self) -> bool:
        """Whether there are answers and none of them is to one of the requests."""
        return bool(self.answers) and self.missing_count == self.requests

    @property
    def is_exact(self) -> bool:
        """Whether each request has one answer, and there is no other."""
        return not (self.missing_count or self.extra_count or self.twice_count)


def compare(requests: Iterable[RawRequest], answered: Iterable[str]) -> Comparison:
    """Hold the ids of results against those of their source.

    Args:
        requests: Of the source, read from its beginning.
        answered: The custom_id of each row.

    Raises:
        SourceError: The source cannot be read.
    """
    rows: dict[str, int] = {}
    answers = 0
    for custom_id in answered:
        rows[custom_id] = rows.get(custom_id, 0) + 1
        answers += 1
    twice = [custom_id for custom_id, count in rows.items() if count > 1]
    asked: set[str] = set()
    missing: list[str] = []
    total = missing_count = 0
    for request in requests:
        custom_id = custom_id_of(request.data)
        total += 1
        if custom_id in rows:
            asked.add(custom_id)
        else:
            missing_count += 1
            if len(missing) < LISTED:
                missing.append(custom_id)
    extra = [custom_id for custom_id in rows if custom_id not in asked]
    return Comparison(
        requests=total,
        answers=answers,
        missing=tuple(missing),
        missing_count=missing_count,
        extra=tuple(extra[:LISTED]),
        extra_count=len(extra),
        twice=tuple(twice[:LISTED]),
        twice_count=len(twice),
    )
