"""Standing habits of a simulated service: where servers and gateways differ from each other."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from batchtui.simulator.failures import NO_FAILURES, FailureMix

TimeFormat: TypeAlias = Literal["Z", "+00:00", "seconds", "nanoseconds"]


@dataclass(slots=True)
class Behavior:
    """Switches to set at any time; the defaults are what the documentation says."""

    results_url: Literal["absolute", "relative", "other_origin"] = "absolute"
    """An absolute URL, one without scheme and host, or one on ``other_origin`` that is signed and
    needs no key."""
    results_redirect: Literal["", "same_origin", "other_origin"] = ""
    """Whether asking for results is answered with a redirect to a signed URL, on the same origin or
    on ``other_origin``."""
    results_path_exists: bool = True
    """Whether ``.../batches/{id}/results`` is a path of this service."""
    other_origin: str = "http://storage.invalid"
    """Scheme and host where signed URLs point to."""
    results_lag: float = 0.0
    """Seconds after the end until there are a ``results_url`` and results."""
    results_gzip: bool = False
    """Compress results for clients that accept it."""
    results_length: bool = False
    """Send Content-Length with results (it takes a pass over the file first)."""
    results_ranges: bool = False
    """Answer Range requests, and say so."""
    results_etag: bool = False
    """Send an ETag with results."""
    results_order_varies: bool = False
    """Each download has its rows in another order."""
    results_end_line: bool = False
    """The last line of results ends with a newline; the API's does not."""
    results_chunk: int = 128 * 1024
    """Bytes, about, of a piece of results."""
    results_rate: int | None = None
    """Bytes a second of results at most; None for no limit."""
    counts_move: bool = False
    """Counts of live batches move, which is documented not to happen."""
    omit: frozenset[str] = frozenset()
    """Optional fields of a batch that are left out, such as ``archived_at``."""
    extra_fields: bool = False
    """Batches, pages and deletions carry fields nobody knows."""
    live_status: str = ""
    """What is reported instead of ``in_progress``; empty for the truth."""
    time_format: TimeFormat = "+00:00"
    """How timestamps are written."""
    delete_status: Literal[200, 204, 405] = 200
    """200; 204 without a body; or 405 for a gateway that forbids it."""
    conflict_status: Literal[400, 409] = 400
    """Of canceling what has ended and deleting what has not: 400 or 409."""
    unknown_cursor_status: Literal[400, 404] = 404
    """Of a list from a batch that is not there: 404 or 400."""
    no_results_status: Literal[400, 404, 410] = 404
    """Of results that are gone or not there yet: 404, 410 or 400."""
    ignores_cursors: bool = False
    """Each list call gives the first page, as if there were more."""
    strict_params: bool = False
    """Mistakes in params are refused at creation, rather than as errored rows."""
    models: frozenset[str] = frozenset()
    """The models there are; empty for any whose name begins with ``claude-``."""
    failures: FailureMix = field(default=NO_FAILURES)
    """How often requests of batches made by POST fail."""
    max_body: int = 256 * 1024 * 1024
    """Largest body of a create, in bytes."""
    max_requests: int = 100_000
    """Most requests of a create."""
    keeps_requests_below: int = 16 * 1024 * 1024
    """Bodies up to so many bytes are kept whole for `World.received`."""
