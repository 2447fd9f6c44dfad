"""The demo: a workspace such as a team has that has run batches for two months.

It has batches in every state and of every size from 1 to 100,000, some that end while one watches,
and, after the hand-picked ones, the nightly routine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from batchtui.simulator.demo_jobs import HAIKU, OPUS, SONNET, TALKING_JOBS, TalkingJob
from batchtui.simulator.dice import Dice
from batchtui.simulator.lifecycle import Batch
from batchtui.simulator.work import ScenarioWork
from batchtui.simulator.world import World

_HOUR: Final = 60.0
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True, slots=True)
class Job:
    """One batch of the demo; all times in minutes."""

    age: float
    """Since its creation, when the demo starts."""
    takes: float
    """From creation to the end; beyond a day it expires."""
    total: int
    """The number of requests."""
    style: str
    """The kind of answers."""
    ids: str
    """The kind of custom ids."""
    model: str
    """The model."""
    failures: Mapping[str, int] = field(default_factory=dict)
    """How many requests fail, by cause."""
    canceled: float | None = None
    """From creation to the cancel; None if nobody canceled it."""
    cancel_takes: float = 0.5
    """From the cancel to the end."""
    question: str = ""
    """What every request asks of the text it is named after; its request file is there then."""


_LIVE: Final = (
    Job(0.4, 1.1, 240, "triage", "ticket", HAIKU, {"overloaded": 3}),
    Job(6, 6.45, 60, "review", "pull_request", SONNET),
    Job(38, 39.3, 4_800, "evaluation", "evaluation", OPUS, {"overloaded": 41, "timeout": 7}),
    Job(51, 130, 6_200, "summaries", "document", SONNET, canceled=50.7, cancel_takes=1.4),
    Job(130, 134, 25_000, "moderation", "hash", HAIKU, {"filtered": 88, "overloaded": 12}),
    Job(5 * _HOUR, 5 * _HOUR + 26, 100_000, "triage", "ticket", HAIKU, {"overloaded": 950}),
    Job(9 * _HOUR, 12.5 * _HOUR, 18_000, "extraction", "clause", SONNET, {"prompt_too_long": 130}),
    Job(22.6 * _HOUR, 41 * _HOUR, 60_000, "research", "long", OPUS, {"internal": 420}),
    Job(_DAY - 2.5, 31 * _HOUR, 9_000, "extraction", "clause", OPUS, {"rate_limit": 60}),
)

_RECENT: Final = (
    Job(14, 2.2, 1, "summaries", "document", SONNET),
    Job(47, 11, 12, "review", "pull_request", OPUS),
    Job(95, 16, 48, "research", "number", OPUS, {"permission": 2}),
    Job(2.2 * _HOUR, 21, 2_400, "triage", "ticket", HAIKU, {"credit": 2_400}),
    Job(3.1 * _HOUR, 34, 1_200, "translation", "product", SONNET, {"filtered": 4}),
    Job(
        4.4 * _HOUR,
        72,
        5_000,
        "extraction",
        "clause",
        SONNET,
        {
            "overloaded": 118,
            "rate_limit": 74,
            "max_tokens": 61,
            "prompt_too_long": 43,
            "credit": 37,
            "image": 16,
            "empty_text": 9,
            "internal": 6,
            "timeout": 5,
            "model": 3,
        },
        question="Record vendor, dates and amounts of this part of the contract",
    ),
    Job(7.5 * _HOUR, 26, 850, "giant", "document", OPUS, {"timeout": 2}),
    Job(11 * _HOUR, 3.4 * _HOUR, 100_000, "triage", "ticket", HAIKU, {"overloaded": 212}),
    Job(17 * _HOUR, 55, 3_000, "evaluation", "evaluation", OPUS, {"max_tokens": 120}),
    Job(20 * _HOUR, 90, 800, "moderation", "hash", HAIKU, canceled=0.05, cancel_takes=0.2),
    Job(1.2 * _DAY, 140, 6_000, "summaries", "document", SONNET, canceled=61),
    Job(1.6 * _DAY, 40, 320, "review", "pull_request", SONNET, canceled=39.9),
    Job(2.3 * _DAY, 37 * _HOUR, 10_000, "extraction", "clause", OPUS, {"overloaded": 240}),
    Job(2.9 * _DAY, 44, 1_600, "moderation", "hash", HAIKU, {"filtered": 31}),
    Job(3.7 * _DAY, 30 * _DAY, 500, "research", "long", OPUS),
    Job(5.4 * _DAY, 5.2 * _HOUR, 25_000, "evaluation", "evaluation", SONNET, {"timeout": 25}),
    Job(8.1 * _DAY, 18, 144, "translation", "product", SONNET),
    Job(12.6 * _DAY, 65, 7_500, "summaries", "document", SONNET, {"empty_text": 750}),
    Job(19.2 * _DAY, 8.1 * _HOUR, 48_000, "mixed", "number", SONNET, {"overloaded": 611}),
    Job(27.35 * _DAY, 50, 4_100, "extraction", "clause", SONNET, {"prompt_too_long": 12}),
    Job(28.1 * _DAY, 31, 960, "review", "pull_request", OPUS),
    Job(28.85 * _DAY, 77, 2_200, "evaluation", "evaluation", OPUS, {"overloaded": 18}),
    Job(31 * _DAY, 4.6 * _HOUR, 30_000, "moderation", "hash", HAIKU, {"filtered": 240}),
    Job(37.5 * _DAY, 12, 25, "research", "number", OPUS),
    Job(44.8 * _DAY, 29 * _HOUR, 12_000, "mixed", "long", SONNET, {"internal": 90}),
)

_NIGHTS: Final = 46

_NAMES: Final = {
    "evaluation": "eval-nightly",
    "extraction": "extract-invoices",
    "giant": "long-reports",
    "mixed": "backfill",
    "moderation": "moderate-posts",
    "research": "research-notes",
    "review": "review-pull-requests",
    "summaries": "summarize-tickets",
    "translation": "translate-products",
    "triage": "classify-intents",
}
"""What the team calls its jobs, by the kind of answers."""


def fill_showcase(world: World) -> None:
    """The demo, and before all the jobs whose questions and answers belong together."""
    for talking in TALKING_JOBS:
        _add_talking(world, talking)
    # a little older, so that the newest batch is one that can be opened
    fill(world, youngest=replace(_LIVE[0], age=3.4, takes=4.1))


def fill(world: World, *, youngest: Job = _LIVE[0]) -> None:
    """Put the demo's batches into a world, and what its people call most of them."""
    for number, job in enumerate((youngest, *_LIVE[1:], *_RECENT)):
        batch = _add(world, job)
        if job.question:
            world.request_files[batch.id] = _requests(job, _work(world, job))
        if number % 4 != 3:
            world.names[batch.id] = f"{_NAMES[job.style]}-{number + 12}"
    for night, job in enumerate(_nightly(world)):
        batch = _add(world, job)
        world.names[batch.id] = f"triage-nightly-{_NIGHTS + 118 - night}"


def _nightly(world: World) -> list[Job]:
    """Return the batches of a cron job, one a night."""
    dice = Dice(world.seed, "nightly")
    jobs = []
    for night in range(_NIGHTS):
        total = dice.between(900, 2_600)
        failures = {"overloaded": dice.between(1, 9)} if dice.happens(0.4) else {}
        if night == 13:
            failures = {"rate_limit": total // 3, "overloaded": total // 5}
        age = 0.55 * _DAY + night * _DAY + dice.fraction()
        takes = 14 + total / 80 + 10 * dice.fraction()
        jobs.append(Job(age, takes, total, "triage", "ticket", HAIKU, failures))
    return jobs


def _work(world: World, job: Job) -> ScenarioWork:
    return ScenarioWork(
        total=job.total,
        seed=(world.seed << 32) + int(job.age * 1_000) + job.total,
        style=job.style,
        ids=job.ids,
        model_name=job.model,
        failures=job.failures,
    )


def _requests(job: Job, work: ScenarioWork) -> bytes:
    """Write the request file of a job."""
    line = (
        b'{"custom_id":"%%b","params":{"model":"%b","max_tokens":1024,"messages":'
        b'[{"role":"user","content":"%b: %%b"}]}}\n'
    ) % (job.model.encode(), job.question.encode())
    ids = map(work.custom_id, range(work.total))
    return b"".join(line % (one, one) for one in ids)


def _add(world: World, job: Job) -> Batch:
    created = world.timeline.start - timedelta(minutes=job.age)
    canceled = None if job.canceled is None else created + timedelta(minutes=job.canceled)
    return world.add(
        _work(world, job),
        created_at=created,
        takes=timedelta(minutes=job.takes),
        cancel_initiated_at=canceled,
        cancel_takes=timedelta(minutes=job.cancel_takes),
    )


def _add_talking(world: World, job: TalkingJob) -> None:
    work, requests = job.build(world.seed)
    batch = world.add(
        work,
        created_at=world.timeline.start - timedelta(minutes=job.age),
        takes=timedelta(minutes=job.takes),
    )
    world.names[batch.id] = job.label
    world.request_files[batch.id] = requests
