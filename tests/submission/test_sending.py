"""From a file to batches, through the client and the simulator, with everything going wrong."""

import asyncio
import dataclasses
import gzip
import json
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from anthropic import AsyncAnthropic
from anthropic.types.messages.batch_create_params import Request as SdkRequest
from msgspec.structs import replace

from batchtui.api.client import BatchesClient
from batchtui.api.errors import (
    AuthenticationFailed,
    BillingProblem,
    Conflict,
    RateLimited,
    SpendCapReached,
    StatusError,
)
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import PartState, SubmissionPlan, SubmissionRecord
from batchtui.simulator.faults import Fault
from batchtui.simulator.server import listening
from batchtui.simulator.work import LiteralWork
from batchtui.simulator.world import World
from batchtui.submission.errors import AlreadyRunning, NotSendable, SourceChanged, Unresolved
from batchtui.submission.events import Event, Looking, Made, SendTimeouts, Uploading, Waiting
from batchtui.submission.limits import Limits
from batchtui.submission.prepare import label_of, prepare
from batchtui.submission.reconciler import Consent
from batchtui.submission.runner import SubmissionRunner
from batchtui.submission.sending_control import SendingControl
from batchtui.submission.sending_state import SendPhase
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from tests.submission.making import Json, lines, request, write
from tests.submission.world import QuickClock, make_client, make_world

TEN = [request(number, system="ü" * number) for number in range(10)]
NOTHING_MADE = Fault(kind="drop", operation="create", at_byte=10**9)
LOST_ANSWER = Fault(kind="drop", operation="create", after_effect=True)
THREES = Limits(requests=3)


class Bench:
    """Everything a submission needs, and what was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = QuickClock()
        self.world: World = make_world(self.clock)
        self.client: BatchesClient = make_client(self.world, self.clock)
        self.ledger = Ledger(folder / "data" / "ledger.db", clock=self.clock)
        self.events: list[Event] = []
        self.runner = SubmissionRunner(
            self.client, self.ledger, clock=self.clock, on_event=self.events.append
        )

    def plan(self, content: bytes = lines(*TEN), limits: Limits = THREES) -> SubmissionPlan:
        source = RequestSource(write(self.folder, content))
        return prepare(validate(source, limits=limits), split=True)

    def received(self) -> list[list[Json]]:
        """The requests of every batch, oldest batch first."""
        views = reversed(self.world.views())
        return [json.loads(json.dumps(self.world.received(view.batch.id))) for view in views]

    def received_ids(self, record: SubmissionRecord) -> list[list[str]]:
        """The ids in the batch of each part."""
        return [list(self.world.digests(batch_id)) for batch_id in record.batch_ids]

    def told(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    made = Bench(tmp_path)
    yield made
    await made.client.aclose()
    made.ledger.close()


def states(record: SubmissionRecord) -> list[PartState]:
    return [part.state for part in record.parts]


def creates(bench: Bench) -> int:
    """How often a batch was asked for."""
    return sum(one.method == "POST" for one in bench.world.requests)


def loaded(bench: Bench, plan: SubmissionPlan) -> SubmissionRecord:
    record = bench.ledger.journal.submission(plan.submission_id)
    assert record is not None
    return record


async def test_a_file_becomes_a_batch_with_its_label_and_source(bench: Bench) -> None:
    plan = bench.plan(limits=Limits())
    record = await bench.runner.start(plan)
    assert bench.received() == [TEN]
    (batch_id,) = record.batch_ids
    known = bench.ledger.record(batch_id)
    assert known is not None
    assert known.label == "requests"
    assert known.source == plan.source
    assert known.group_id is None
    assert known.made_from.count("@") == 1
    last = bench.told(Uploading)[-1]
    assert isinstance(last, Uploading)
    assert last.sent == last.total == plan.parts[0].body_bytes


@pytest.mark.parametrize("form", ["lines", "body", "list", "gzip", "pretty"])
async def test_a_split_file_is_sent_whole_in_order_from_every_form(bench: Bench, form: str) -> None:
    body = json.dumps({"requests": TEN}).encode()
    content = {
        "lines": b"\xef\xbb\xbf\r\n" + lines(*TEN).replace(b"\n", b"\r\n\r\n"),
        "body": body,
        "list": json.dumps(TEN, indent=2).encode(),
        "gzip": gzip.compress(lines(*TEN)),
        "pretty": b"\n".join(json.dumps(one, indent=2).encode() for one in TEN),
    }[form]
    record = await bench.runner.start(bench.plan(content))
    assert bench.received() == [TEN[:3], TEN[3:6], TEN[6:9], TEN[9:]]
    assert states(record) == [PartState.CREATED] * 4
    group = record.plan.submission_id
    parts = {batch_id: (group, n) for n, batch_id in enumerate(record.batch_ids, 1)}
    known = bench.ledger.records(record.batch_ids)
    assert {one.batch_id: (one.group_id, one.part_number) for one in known.values()} == parts
    pauses = [event for event in bench.told(Waiting) if isinstance(event, Waiting)]
    assert [pause.number for pause in pauses] == [2, 3, 4]


async def test_parts_keep_within_bytes(bench: Bench) -> None:
    whole = bench.plan(limits=Limits())
    limit = whole.parts[0].body_bytes // 3
    plan = bench.plan(limits=Limits(100, limit, limit))
    assert len(plan.parts) in {4, 5}
    assert all(part.body_bytes <= limit for part in plan.parts)
    await bench.runner.start(plan)
    assert [one for batch in bench.received() for one in batch] == TEN


async def test_keys_beside_custom_id_and_params_are_not_sent(bench: Bench) -> None:
    rows = [{"priority": 1, **request(0)}, request(1)]
    await bench.runner.start(bench.plan(lines(*rows)))
    assert bench.received() == [[request(0), request(1)]]


async def test_the_official_sdk_makes_the_same_batch(bench: Bench) -> None:
    rows: list[Json] = [
        request(0, temperature=0.1, metadata={"user_id": "ü\u2028"}),
        request(1, tools=[{"name": "t", "input_schema": {"type": "object"}}], top_k=3),
        request(2, messages=[{"role": "user", "content": [{"type": "text", "text": '\\"\n'}]}]),
    ]
    await bench.runner.start(bench.plan(lines(*rows)))
    typed: list[SdkRequest] = json.loads(json.dumps(rows))
    async with listening(bench.world) as url, AsyncAnthropic(api_key="x", base_url=url) as sdk:
        await sdk.messages.batches.create(requests=typed)
    ours, theirs = bench.received()
    assert ours == theirs == rows
    digests = [bench.world.digests(view.batch.id) for view in bench.world.views()]
    assert digests[0] == digests[1]


async def test_an_answer_lost_leaves_one_batch_whose_ids_decide(bench: Bench) -> None:
    bench.world.faults.add(LOST_ANSWER)
    plan = bench.plan(limits=Limits())
    record = await bench.runner.start(plan)
    (view,) = bench.world.views()
    assert record.batch_ids == ()
    assert [part.batch_id for part in record.probable] == [view.batch.id]
    (made,) = bench.told(Made)
    assert isinstance(made, Made)
    assert (made.batch.id, made.is_adopted, made.is_probable) == (view.batch.id, True, True)
    assert bench.told(Looking)
    assert bench.ledger.record(view.batch.id) is None or not bench.ledger.labels([view.batch.id])
    assert (await bench.runner.run(plan.submission_id)).probable  # it runs: nothing is known yet
    bench.clock.moment += timedelta(hours=25)
    record = await bench.runner.run(plan.submission_id)
    assert states(record) == [PartState.ADOPTED]
    assert bench.ledger.labels([view.batch.id]) == {view.batch.id: "requests"}
    assert len(bench.world.views()) == 1


async def test_a_colleagues_batch_is_probable_until_its_ids_say_no(bench: Bench) -> None:
    bench.world.faults.add(NOTHING_MADE)
    plan = bench.plan(limits=Limits())

    def add_colleagues(event: Event) -> None:
        if isinstance(event, Looking) and not bench.world.views():
            theirs = [
                {"custom_id": f"theirs-{n}", "result": {"type": "expired"}} for n in range(10)
            ]
            bench.world.add(LiteralWork(lines(*theirs), expired=10))

    runner = SubmissionRunner(
        bench.client, bench.ledger, clock=bench.clock, on_event=add_colleagues
    )
    record = await runner.start(plan)
    assert states(record) == [PartState.PROBABLE]
    assert not record.is_done
    bench.clock.moment += timedelta(hours=25)
    with pytest.raises(Unresolved, match="no such batch has appeared"):
        await runner.run(plan.submission_id)
    await runner.send_again(plan.submission_id, 1)
    assert (await runner.run(plan.submission_id)).is_done
    assert bench.received_ids(loaded(bench, plan)) == [[f"r{n}" for n in range(10)]]


async def test_what_is_probable_can_be_taken_back(bench: Bench) -> None:
    bench.world.faults.add(LOST_ANSWER)
    plan = bench.plan(limits=Limits())
    assert (await bench.runner.start(plan)).probable
    await bench.runner.send_again(plan.submission_id, 1)
    assert states(loaded(bench, plan)) == [PartState.PLANNED]
    assert (await bench.runner.run(plan.submission_id)).is_done
    assert len(bench.world.views()) == 2


@pytest.mark.parametrize("status", [429, 500, 503, 529])
async def test_the_apis_own_error_is_an_answer_and_is_not_repeated(
    bench: Bench, status: int
) -> None:
    bench.world.faults.add(Fault(status=status, operation="create", times=None))
    plan = bench.plan(limits=Limits())
    began = bench.clock.monotonic()
    with pytest.raises(StatusError) as caught:
        await bench.runner.start(plan)
    assert caught.value.status == status
    assert caught.value.request_id
    if status != 429:
        assert f"({status} {caught.value.type})" in caught.value.message
    assert caught.value.request_id in caught.value.message
    if status != 429:
        assert "safe to send it again" in caught.value.hint
    assert bench.clock.monotonic() - began < 1
    assert creates(bench) == 1
    assert not bench.told(Looking)
    bench.world.faults.clear()
    assert (await bench.runner.run(plan.submission_id)).is_done
    assert creates(bench) == 2
    assert len(bench.world.views()) == 1


async def test_an_error_of_a_proxy_says_nothing_of_the_batch(bench: Bench) -> None:
    bench.world.faults.add(Fault(status=502, operation="create", body="html"))
    with pytest.raises(Unresolved):
        await bench.runner.start(bench.plan(limits=Limits()))
    assert bench.told(Looking)


@pytest.mark.parametrize("hours", [1, -1])
async def test_a_batch_is_found_though_the_clock_was_set_since(bench: Bench, hours: int) -> None:
    bench.clock.skew = timedelta(hours=hours)
    bench.world.faults.add(LOST_ANSWER)
    plan = bench.plan(limits=Limits())
    with pytest.raises(Unresolved):
        await bench.runner.start(plan, consent=Consent(adopt_probable=False))
    bench.clock.skew = timedelta(0)
    with pytest.raises(Unresolved) as caught:
        await bench.runner.run(plan.submission_id, consent=Consent(adopt_probable=False))
    assert caught.value.candidates


@pytest.mark.parametrize("hours", [1, -1])
async def test_the_wait_is_as_long_as_said_though_the_clock_was_set_since(
    bench: Bench, hours: int
) -> None:
    bench.clock.skew = timedelta(hours=hours)
    bench.world.faults.add(NOTHING_MADE)
    plan = bench.plan(limits=Limits())
    hurried = SubmissionRunner(
        bench.client, bench.ledger, clock=bench.clock, timeouts=SendTimeouts(settle=0.0)
    )
    with pytest.raises(Unresolved):
        await hurried.start(plan)
    bench.clock.skew = timedelta(0)
    began = bench.clock.monotonic()
    with pytest.raises(Unresolved):
        await bench.runner.run(plan.submission_id)
    assert 110 <= bench.clock.monotonic() - began <= 125
    looks = [event.seconds_left for event in bench.told(Looking) if isinstance(event, Looking)]
    assert all(left <= 120 for left in looks)


async def test_two_processes_that_begin_at_once_send_once(bench: Bench) -> None:
    first, second = bench.plan(), bench.plan()
    assert (await bench.runner.start(first, known=())).is_done
    with pytest.raises(AlreadyRunning):
        await bench.runner.start(second, known=())
    assert len(bench.world.views()) == 4
    assert (await bench.runner.start(second, known=(first.submission_id,))).is_done


async def test_without_consent_the_user_is_asked_and_may_adopt(bench: Bench) -> None:
    bench.world.faults.add(LOST_ANSWER)
    plan = bench.plan(limits=Limits())
    with pytest.raises(Unresolved) as caught:
        await bench.runner.start(plan, consent=Consent(adopt_probable=False))
    (view,) = bench.world.views()
    assert [batch.id for batch in caught.value.candidates] == [view.batch.id]
    assert view.batch.id in caught.value.message
    await bench.runner.adopt(plan.submission_id, 1, view.batch.id)
    record = await bench.runner.run(plan.submission_id)
    assert record.is_done
    assert len(bench.world.views()) == 1


async def test_a_create_that_never_arrived_is_not_repeated_by_itself(bench: Bench) -> None:
    bench.world.faults.add(NOTHING_MADE)
    plan = bench.plan(limits=Limits())
    with pytest.raises(Unresolved, match="no such batch has appeared") as caught:
        await bench.runner.start(plan)
    assert caught.value.candidates == ()
    assert bench.world.views() == ()
    with pytest.raises(Unresolved):
        await bench.runner.run(plan.submission_id)
    assert bench.world.views() == ()
    await bench.runner.send_again(plan.submission_id, 1)
    assert (await bench.runner.run(plan.submission_id)).is_done
    assert len(bench.world.views()) == 1


async def test_with_consent_an_absent_part_is_sent_again(bench: Bench) -> None:
    bench.world.faults.add(dataclasses.replace(NOTHING_MADE, times=2))
    record = await bench.runner.start(bench.plan(), consent=Consent(resend_absent=True))
    assert bench.received() == [TEN[:3], TEN[3:6], TEN[6:9], TEN[9:]]
    assert states(record) == [PartState.CREATED] * 4


async def test_a_second_create_while_one_is_unresolved_is_warned_about(bench: Bench) -> None:
    bench.world.faults.add(LOST_ANSWER)
    with pytest.raises(Unresolved):
        await bench.runner.start(bench.plan(), consent=Consent(adopt_probable=False))
    other = bench.plan(lines(request(77)))
    with pytest.raises(Unresolved, match="earlier create"):
        await bench.runner.start(other)
    assert bench.ledger.journal.submission(other.submission_id) is None
    assert (await bench.runner.start(other, knowingly=True)).is_done


async def test_a_strangers_batch_of_the_same_size_is_not_taken_for_ours(bench: Bench) -> None:
    bench.world.add(LiteralWork(b"", succeeded=3))
    bench.world.faults.add(dataclasses.replace(LOST_ANSWER, times=None))
    record = await bench.runner.start(bench.plan(lines(*TEN[:9])))
    assert states(record) == [PartState.PROBABLE] * 3
    bench.clock.moment += timedelta(hours=25)
    record = await bench.runner.run(record.plan.submission_id)
    assert states(record) == [PartState.ADOPTED] * 3
    assert bench.received_ids(record) == [
        ["r0", "r1", "r2"],
        ["r3", "r4", "r5"],
        ["r6", "r7", "r8"],
    ]


async def test_two_candidates_are_the_users_choice(bench: Bench) -> None:
    bench.world.faults.add(LOST_ANSWER)
    plan = bench.plan(lines(*TEN[:3]))

    def add_stranger(event: Event) -> None:
        if isinstance(event, Looking) and len(bench.world.views()) == 1:
            bench.world.add(LiteralWork(b"", succeeded=3))

    runner = SubmissionRunner(bench.client, bench.ledger, clock=bench.clock, on_event=add_stranger)
    with pytest.raises(Unresolved) as caught:
        await runner.start(plan)
    assert len(caught.value.candidates) == 2


async def test_two_open_parts_of_one_size_are_never_matched_by_guess(bench: Bench) -> None:
    bench.world.faults.add(dataclasses.replace(LOST_ANSWER, times=2))
    first, second = bench.plan(lines(*TEN[:3])), bench.plan(lines(*TEN[:3]), limits=Limits())
    ask = Consent(adopt_probable=False)
    for plan in (first, second):
        with pytest.raises(Unresolved):
            await bench.runner.start(plan, consent=ask, knowingly=True)
    with pytest.raises(Unresolved):
        await bench.runner.run(first.submission_id)


async def test_a_rate_limit_is_waited_for(bench: Bench) -> None:
    bench.world.faults.add(Fault(status=429, operation="create", retry_after="17", times=2))
    record = await bench.runner.start(bench.plan(limits=Limits()))
    assert record.is_done
    waits = [event.seconds for event in bench.told(Waiting) if isinstance(event, Waiting)]
    assert waits == [17, 17]
    assert len(bench.world.views()) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=429, operation="create", message="spend limit"), SpendCapReached),
        (Fault(status=402, operation="create"), BillingProblem),
        (Fault(status=409, operation="create"), Conflict),
        (Fault(status=401, operation="any"), AuthenticationFailed),
        (Fault(status=429, operation="create", retry_after="1", times=None), RateLimited),
    ],
)
async def test_a_refusal_stops_and_can_be_continued(
    bench: Bench, fault: Fault, error: type[Exception]
) -> None:
    bench.world.faults.add(fault)
    plan = bench.plan()
    with pytest.raises(error):
        await bench.runner.start(plan)
    assert bench.world.views() == ()
    bench.world.faults.clear()
    assert (await bench.runner.run(plan.submission_id)).is_done
    assert bench.received() == [TEN[:3], TEN[3:6], TEN[6:9], TEN[9:]]


async def test_a_connection_lost_midway_made_nothing_and_is_tried_again(bench: Bench) -> None:
    big = [request(number, system="x" * 100_000) for number in range(12)]
    bench.world.faults.add(Fault(kind="drop", operation="create", at_byte=300_000))
    record = await bench.runner.start(bench.plan(lines(*big), limits=Limits()))
    assert states(record) == [PartState.CREATED]
    assert bench.received() == [big]


async def test_a_stopped_run_is_continued(bench: Bench) -> None:
    plan = bench.plan()

    def stop(event: Event) -> None:
        if isinstance(event, Made) and event.number == 2:
            task.cancel()

    runner = SubmissionRunner(bench.client, bench.ledger, clock=bench.clock, on_event=stop)
    task = asyncio.create_task(runner.start(plan))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [part.state.is_done for part in loaded(bench, plan).parts] == [True, True, False, False]
    await bench.runner.run(plan.submission_id)
    assert bench.received() == [TEN[:3], TEN[3:6], TEN[6:9], TEN[9:]]


async def test_who_waits_for_a_stop_can_be_canceled(bench: Bench) -> None:
    under_way = asyncio.Event()
    control = SendingControl(
        bench.client,
        bench.ledger,
        bench.plan(),
        clock=bench.clock,
        on_change=lambda _: under_way.set(),
    )
    sending = asyncio.create_task(control.send())
    await under_way.wait()
    await asyncio.sleep(0)
    stopping = asyncio.create_task(control.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert (await sending).phase is SendPhase.STOPPED


async def test_a_changed_file_is_not_continued(bench: Bench) -> None:
    plan = bench.plan()
    bench.world.faults.add(Fault(status=401, operation="create"))
    with pytest.raises(AuthenticationFailed):
        await bench.runner.start(plan)
    plan.source.path.write_bytes(plan.source.path.read_bytes().replace(b"Hello", b"Hallo"))
    with pytest.raises(SourceChanged):
        await bench.runner.run(plan.submission_id)
    assert bench.world.views() == ()


async def test_a_file_that_changes_under_way_makes_no_batch(bench: Bench) -> None:
    plan = bench.plan()
    first = replace(plan.parts[0], body_bytes=plan.parts[0].body_bytes + 1)
    odd = replace(plan, parts=(first, *plan.parts[1:]))
    with pytest.raises(SourceChanged):
        await bench.runner.start(odd)
    assert bench.world.views() == ()
    assert states(loaded(bench, plan))[0] is PartState.FAILED


async def test_a_file_that_is_edited_between_two_parts_is_sent_no_further(bench: Bench) -> None:
    plan = bench.plan()
    path = plan.source.path

    def edit(event: Event) -> None:
        if isinstance(event, Made) and event.number == 1:
            path.write_bytes(path.read_bytes().replace(b"Hello", b"Hallo"))
            os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))

    runner = SubmissionRunner(bench.client, bench.ledger, clock=bench.clock, on_event=edit)
    with pytest.raises(SourceChanged):
        await runner.start(plan)
    assert bench.received() == [TEN[:3]]
    assert states(loaded(bench, plan))[1] is PartState.FAILED


async def test_one_submission_runs_once_at_a_time(bench: Bench) -> None:
    plan = bench.plan()
    ledger = Ledger(bench.ledger.path, clock=bench.clock)
    second = SubmissionRunner(bench.client, ledger, clock=bench.clock)
    started = asyncio.Event()
    runner = SubmissionRunner(
        bench.client, bench.ledger, clock=bench.clock, on_event=lambda _: started.set()
    )
    first = asyncio.create_task(runner.start(plan))
    await started.wait()
    with pytest.raises(AlreadyRunning):
        await second.run(plan.submission_id)
    await first
    assert (await second.run(plan.submission_id)).is_done
    ledger.close()
    assert len(bench.world.views()) == 4


def test_what_is_unfit_is_not_planned(tmp_path: Path) -> None:
    bad = validate(RequestSource(write(tmp_path, lines(*TEN, TEN[0]))))
    with pytest.raises(NotSendable, match="Line 11"):
        prepare(bad)
    many = validate(RequestSource(write(tmp_path, lines(*TEN))), limits=THREES)
    with pytest.raises(NotSendable, match="10 requests"):
        prepare(many)
    assert len(prepare(many, split=True).parts) == 4


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("evals-march.jsonl.gz", "evals-march"),
        ("evals-march.jsonl.xz", "evals-march"),
        ("a.b.json", "a.b"),
        (".jsonl", ".jsonl"),
    ],
)
def test_the_label_comes_from_the_file(name: str, label: str) -> None:
    assert label_of(Path("/x") / name) == label
