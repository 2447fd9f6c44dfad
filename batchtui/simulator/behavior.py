"""Standing habits of a simulated service: where servers and gateways differ from each other."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from batchtui.simulator.failures import NO_FAILURES, FailureMix

TimeFormat: TypeAlias = Literal["Z", "+00:00", "seconds", "nanoseconds"]


@dataclass(slots=True)
class Behavior:
    """Switches to set at any time; the defaults are what the documentation says.

    Attributes:
        results_url: An absolute URL, one without scheme and host, or one on ``other_origin`` that
            is signed and needs no key.
        results_redirect: Whether asking for results is answered with a redirect to a signed URL,
            on the same origin or on ``other_origin``.
        results_path_exists: Whether ``.../batches/{id}/results`` is a path of this service.
        other_origin: Scheme and host where signed URLs point to.
        results_lag: Seconds after the end until there are a ``results_url`` and results.
        results_gzip: Compress results for clients that accept it.
        results_length: Send Content-Length with results (it takes a pass over the file first).
        results_ranges: Answer Range requests, and say so.
        results_etag: Send an ETag with results.
        results_order_varies: Each download has its rows in another order.
        results_end_line: The last line of results ends with a newline; the API's does not.
        results_chunk: Bytes, about, of a piece of results.
        results_rate: Bytes a second of results at most; None for no limit.
        counts_move: Counts of live batches move, which is documented not to happen.
        omit: Optional fields of a batch that are left out, such as ``archived_at``.
        extra_fields: Batches, pages and deletions carry fields nobody knows.
        live_status: What is reported instead of ``in_progress``; empty for the truth.
        time_format: How timestamps are written.
        delete_status: 200; 204 without a body; or 405 for a gateway that forbids it.
        conflict_status: Of canceling what has ended and deleting what has not: 400 or 409.
        unknown_cursor_status: Of a list from a batch that is not there: 404 or 400.
        no_results_status: Of results that are gone or not there yet: 404, 410 or 400.
        ignores_cursors: Each list call gives the first page, as if there were more.
        strict_params: Mistakes in params are refused at creation, rather than as errored rows.
        models: The models there are; empty for any whose name begins with ``claude-``.
        failures: How often requests of batches made by POST fail.
        max_body: Largest body of a create, in bytes.
        max_requests: Most requests of a create.
        keeps_requests_below: Bodies up to so many bytes are kept whole for `World.received`.
    """

    results_url: Literal["absolute", "relative", "other_origin"] = "absolute"
    results_redirect: Literal["", "same_origin", "other_origin"] = ""
    results_path_exists: bool = True
    other_origin: str = "http://storage.invalid"
    results_lag: float = 0.0
    results_gzip: bool = False
    results_length: bool = False
    results_ranges: bool = False
    results_etag: bool = False
    results_order_varies: bool = False
    results_end_line: bool = False
    results_chunk: int = 128 * 1024
    results_rate: int | None = None
    counts_move: bool = False
    omit: frozenset[str] = frozenset()
    extra_fields: bool = False
    live_status: str = ""
    time_format: TimeFormat = "+00:00"
    delete_status: Literal[200, 204, 405] = 200
    conflict_status: Literal[400, 409] = 400
    unknown_cursor_status: Literal[400, 404] = 404
    no_results_status: Literal[400, 404, 410] = 404
    ignores_cursors: bool = False
    strict_params: bool = False
    models: frozenset[str] = frozenset()
    failures: FailureMix = field(default=NO_FAILURES)
    max_body: int = 256 * 1024 * 1024
    max_requests: int = 100_000
    keeps_requests_below: int = 16 * 1024 * 1024
