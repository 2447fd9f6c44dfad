"""The JSON that the API answers with."""

import json
from datetime import UTC, datetime
from typing import Final

from batchtui.simulator.behavior import Behavior
from batchtui.simulator.lifecycle import BatchView
from batchtui.simulator.rules import Json
from batchtui.simulator.world import Page

_MONTHS: Final = "JanFebMarAprMayJunJulAugSepOctNovDec"
_STRANGE: Final[dict[str, Json]] = {"x_future_field": {"nested": [1, None, "two"]}}


def encode(value: Json) -> bytes:
    """Write JSON as the API does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(
        errors="surrogatepass"
    )


def batch_object(view: BatchView, results_url: str, behavior: Behavior) -> dict[str, Json]:
    """Return a MessageBatch.

    Args:
        view: What there is to say.
        results_url: Where the results of this batch are.
        behavior: How times are written and what is left out.
    """
    batch, tally = view.batch, view.tally
    is_running = view.status == "in_progress"
    shown = (behavior.live_status if is_running else "") or view.status
    whole: dict[str, Json] = {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": shown,
        "request_counts": {
            "processing": tally.processing,
            "succeeded": tally.succeeded,
            "errored": tally.errored,
            "canceled": tally.canceled,
            "expired": tally.expired,
        },
        "ended_at": _moment(view.ended_at, behavior),
        "created_at": _moment(batch.created_at, behavior),
        "expires_at": _moment(batch.expires_at, behavior),
        "archived_at": _moment(view.archived_at, behavior),
        "cancel_initiated_at": _moment(batch.cancel_initiated_at, behavior),
        "results_url": results_url if view.has_results else None,
    }
    kept = {name: value for name, value in whole.items() if name not in behavior.omit}
    return kept | _STRANGE if behavior.extra_fields else kept


def page_object(page: Page, batches: list[Json], behavior: Behavior) -> dict[str, Json]:
    """Return an answer of the list call."""
    views = page.views
    whole: dict[str, Json] = {
        "data": batches,
        "has_more": page.has_more,
        "first_id": views[0].batch.id if views else None,
        "last_id": views[-1].batch.id if views else None,
    }
    return whole | _STRANGE if behavior.extra_fields else whole


def deletion_object(batch_id: str, behavior: Behavior) -> dict[str, Json]:
    """Return an answer of the delete call."""
    whole: dict[str, Json] = {"id": batch_id, "type": "message_batch_deleted"}
    return whole | _STRANGE if behavior.extra_fields else whole


def error_object(error_type: str, message: str, request_id: str) -> dict[str, Json]:
    """Return an error envelope."""
    return {
        "type": "error",
        "error": {"type": error_type, "message": message},
        "request_id": request_id,
    }


def http_date(moment: datetime) -> str:
    """Return a moment as HTTP headers write it; never in the words of a locale."""
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    month = _MONTHS[3 * moment.month - 3 : 3 * moment.month]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} GMT"


def _moment(moment: datetime | None, behavior: Behavior) -> str | None:
    if moment is None:
        return None
    moment = moment.astimezone(UTC)
    if behavior.time_format == "seconds":
        return f"{moment:%Y-%m-%dT%H:%M:%S}Z"
    text = f"{moment:%Y-%m-%dT%H:%M:%S.%f}"
    return text + {"Z": "Z", "+00:00": "+00:00", "nanoseconds": "789Z"}[behavior.time_format]
