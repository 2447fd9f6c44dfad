"""What a batch is called in JSON: the API's object, and beside it what this disk knows.

The names are stable. The API's own fields keep their names and shapes (``id``, ``type``,
``processing_status``, ``request_counts``, ``created_at``, ``expires_at``, ``ended_at``,
``cancel_initiated_at``, ``archived_at``, ``results_url``). Ours stand beside them:

- ``label``: the user's name for it, or null.
- ``state``: ``running``, ``canceling``, ``all_ok``, ``failed``, ``expired``, ``canceled``,
  ``mixed``, ``archived`` or ``unknown``.
- ``requests``: how many requests it has.
- ``results``: ``not_yet``, ``available``, ``until`` (less than a week left), ``here`` (verified on
  this disk) or ``gone``.
- ``results_until``: when the server drops them, or null.
- ``results_path``: the verified file on this disk, or null.

Moments are RFC 3339 in UTC. Fields may be added; readers ignore what they do not know.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import results_availability
from batchtui.batches.rules import state_of
from batchtui.cli.output import Json, timestamp
from batchtui.library.ledger import Ledger
from batchtui.library.store import ResultsStore, StoredResults
from batchtui.session import Session

FIELDS_HELP = """\
JSON fields of a batch (one object a line with --json or into a pipe):
  id type processing_status request_counts created_at expires_at ended_at
  cancel_initiated_at archived_at results_url     as in the API; moments RFC 3339 UTC
  label          your name for it, or null
  state          running canceling all_ok failed expired canceled mixed archived unknown
  requests       how many requests it has
  results        not_yet available until here gone; "until": less than a week left,
                 "here": verified on this disk
  results_until  when the server drops its results, or null
  results_path   the verified file on this disk, or null"""


class LocalFacts(Struct, frozen=True):
    """What this disk knows of some batches, and what time it is for the server."""

    now: datetime
    """The server's present moment."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels by id; untrusted text."""
    stored: Mapping[str, StoredResults] = field(default_factory=dict)
    """Verified results on this disk by id."""


def known_of(session: Session, batches: Iterable[MessageBatch]) -> LocalFacts:
    """Look up what this disk knows of batches."""
    ids = [batch.id for batch in batches]
    now = session.server_now
    return look_up(session.ledger, session.store, ids, now)


def look_up(ledger: Ledger, store: ResultsStore, ids: Iterable[str], now: datetime) -> LocalFacts:
    """Look up what this disk knows of batches, without an account."""
    ids = tuple(ids)
    found = ((one, store.stored(one)) for one in ids)
    stored = {one: results for one, results in found if results is not None}
    return LocalFacts(now, dict(ledger.labels(ids)), stored)


def batch_fields(batch: MessageBatch, known: LocalFacts) -> dict[str, Json]:
    """Return a batch as a JSON object."""
    counts = batch.request_counts
    stored = known.stored.get(batch.id)
    availability = results_availability(batch, known.now, is_here=stored is not None)
    return {
        "id": batch.id,
        "type": "message_batch",
        "label": known.labels.get(batch.id),
        "state": state_of(batch).kind.for_scripts,
        "processing_status": batch.processing_status,
        "requests": counts.total,
        "request_counts": {
            "processing": counts.processing,
            "succeeded": counts.succeeded,
            "errored": counts.errored,
            "canceled": counts.canceled,
            "expired": counts.expired,
        },
        "created_at": timestamp(batch.created_at),
        "expires_at": timestamp(batch.expires_at),
        "ended_at": timestamp(batch.ended_at),
        "cancel_initiated_at": timestamp(batch.cancel_initiated_at),
        "archived_at": timestamp(batch.archived_at),
        "results_url": batch.results_url,
        "results": availability.place.name.lower(),
        "results_until": timestamp(availability.until),
        "results_path": str(stored.path) if stored is not None else None,
    }
