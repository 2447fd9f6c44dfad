"""A clock that runs as fast as it is asked, and a server whose batches live by it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from batchtui.api.errors import ApiError, NotFound
from batchtui.api.models import BatchPage, DeletedMessageBatch, MessageBatch, RequestCounts
from batchtui.batches.rate_meter import RateMeter
from tests.batches.builders import START


class FastClock:
    """Time that passes only by sleeping (and by `suspend`), without waiting."""

    def __init__(self, wall: datetime = START) -> None:
        self.steady = 1000.0
        self.wall = wall

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def advance(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: only the wall clock goes on."""
        self.wall += timedelta(seconds=seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.advance(seconds)


@dataclass
class Plan:
    """When a batch is created and ends, in seconds from START, and how."""

    batch_id: str
    created: float
    ends: float
    counts: RequestCounts
    canceling_from: float | None = None

    def at(self, seconds: float) -> MessageBatch:
        created = START + timedelta(seconds=self.created)
        has_ended = seconds >= self.ends
        is_canceling = self.canceling_from is not None and seconds >= self.canceling_from
        running = "canceling" if is_canceling else "in_progress"
        return MessageBatch(
            id=self.batch_id,
            processing_status="ended" if has_ended else running,
            request_counts=self.counts if has_ended else RequestCounts(self.counts.total),
            created_at=created,
            expires_at=created + timedelta(hours=24),
            ended_at=START + timedelta(seconds=self.ends) if has_ended else None,
            results_url="https://x.test/r" if has_ended else None,
        )


class PlannedServer:
    """Lists batches as their plans say; counts calls; raises what `fault` gives."""

    def __init__(self, clock: FastClock, plans: list[Plan]) -> None:
        self.clock = clock
        self.meter = RateMeter()
        self.plans = sorted(plans, key=lambda plan: (-plan.created, plan.batch_id))
        self.calls: list[tuple[float, str]] = []
        self.fault: Callable[[str], ApiError | None] = lambda _: None
        self._made: dict[tuple[str, bool, bool], MessageBatch] = {}

    @property
    def seconds(self) -> float:
        return (self.clock.now() - START).total_seconds()

    async def list_page(self, *, limit: int = 20, after_id: str | None = None) -> BatchPage:
        self._note(f"list {limit} {after_id or ''}".strip())
        now = self.seconds
        there = [plan for plan in self.plans if plan.created <= now]
        ids = [plan.batch_id for plan in there]
        if after_id is not None and after_id not in ids:
            raise NotFound("no such batch", status=404)
        start = 0 if after_id is None else ids.index(after_id) + 1
        data = tuple(self._batch(plan, now) for plan in there[start : start + limit])
        return BatchPage(
            data=data,
            has_more=start + limit < len(there),
            last_id=data[-1].id if data else None,
        )

    async def retrieve(self, batch_id: str) -> MessageBatch:
        self._note(f"retrieve {batch_id}")
        return self._batch(self._plan(batch_id), self.seconds)

    async def cancel(self, batch_id: str) -> MessageBatch:
        self._note(f"cancel {batch_id}")
        plan = self._plan(batch_id)
        plan.canceling_from = self.seconds
        return plan.at(self.seconds)

    async def delete(self, batch_id: str) -> DeletedMessageBatch:
        self._note(f"delete {batch_id}")
        self.plans.remove(self._plan(batch_id))
        return DeletedMessageBatch(batch_id)

    def _batch(self, plan: Plan, seconds: float) -> MessageBatch:
        canceling = plan.canceling_from is not None and seconds >= plan.canceling_from
        key = (plan.batch_id, seconds >= plan.ends, canceling)
        if key not in self._made:
            self._made[key] = plan.at(seconds)
        return self._made[key]

    def _plan(self, batch_id: str) -> Plan:
        for plan in self.plans:
            if plan.batch_id == batch_id and plan.created <= self.seconds:
                return plan
        raise NotFound("no such batch", status=404)

    def _note(self, call: str) -> None:
        self.calls.append((self.clock.steady, call))
        self.meter.note(self.clock.steady)
        error = self.fault(call)
        if error is not None:
            raise error
