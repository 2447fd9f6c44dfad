"""Whose results are about to be lost: from the ledger, and by few calls from a long list."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from batchtui.api.errors import ServerError
from batchtui.api.models import BatchPage, MessageBatch
from batchtui.batches.expiring import ExpiringResult, find_expiring, read_old_batches
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SeenBatch
from batchtui.library.store import ResultsStore, StoredResults
from tests.batches.fakes import FastClock, Plan, PlannedServer
from tests.batches.test_poller import OK

DAY = 86_400.0
SCOPE = "account"


@pytest.fixture
def clock() -> FastClock:
    return FastClock()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "ledger.db")
    yield ledger
    ledger.close()


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    return ResultsStore(tmp_path / "results")


def plan(days: float, name: str = "") -> Plan:
    return Plan(name or f"d{days:g}", -days * DAY, -days * DAY + 60.0, OK)


def remember(ledger: Ledger, *batches: MessageBatch) -> None:
    ledger.seen.remember(map(SeenBatch.of, batches), scope=SCOPE)


def expiring(ledger: Ledger, store: ResultsStore, clock: FastClock) -> list[ExpiringResult]:
    return list(find_expiring(ledger, store, scope=SCOPE, now=clock.now()))


def save(store: ResultsStore, batch_id: str, *, rows: int, size: int) -> None:
    lock = store.lock(batch_id)
    assert lock.acquire()
    store.part_path(batch_id).write_bytes(b"x" * size)
    store.finish(
        StoredResults(batch_id=batch_id, size=size, sha256="", rows=rows, counts={}),
        store.part_path(batch_id),
    )
    lock.release()


def test_it_is_decided_from_the_ledger(
    ledger: Ledger, store: ResultsStore, clock: FastClock
) -> None:
    days = (1.0, 26.9, 27.1, 28.5, 28.9, 31.0)
    remember(ledger, *(plan(one).at(0.0) for one in days), Plan("live", -28.2 * DAY, DAY, OK).at(0))
    ledger.set_label("d28.5", "nearly gone")
    assert [
        (one.batch.id, one.label, one.hours_left) for one in expiring(ledger, store, clock)
    ] == [
        ("d28.9", "", 2),
        ("d28.5", "nearly gone", 12),
        ("d27.1", "", 45),
    ]
    save(store, "d28.9", rows=10, size=2_000)
    assert [(one.batch.id, one.about_bytes) for one in expiring(ledger, store, clock)] == [
        ("d28.5", 2_000),
        ("d27.1", 2_000),
    ]
    assert find_expiring(ledger, store, scope="other", now=clock.now()) == ()


async def test_one_call_reaches_the_end_of_a_long_list(
    ledger: Ledger, store: ResultsStore, clock: FastClock
) -> None:
    plans = [plan(n / 100, f"b{n:04}") for n in range(1, 2990)]
    server = PlannedServer(clock, plans)
    remember(ledger, plans[2600].at(0.0), plans[10].at(0.0))
    await read_old_batches(server, ledger, scope=SCOPE, now=clock.now())
    assert [call for _, call in server.calls] == ["list 1000 b2601"]
    found = [one.batch.id for one in expiring(ledger, store, clock)]
    assert (found[0], found[-1], len(found)) == ("b2989", "b2700", 290)


@pytest.mark.parametrize("known", [0, 1, 4])
async def test_a_cursor_that_is_gone_is_no_end(
    ledger: Ledger, store: ResultsStore, clock: FastClock, known: int
) -> None:
    remember(ledger, *(plan(20 + n, f"deleted{n}").at(0.0) for n in range(known)))
    server = PlannedServer(clock, [plan(28.5), plan(3), plan(40)])
    await read_old_batches(server, ledger, scope=SCOPE, now=clock.now())
    assert server.calls[-1][1] == "list 1000"
    assert len(server.calls) == min(known, 3) + 1
    assert [one.batch.id for one in expiring(ledger, store, clock)] == ["d28.5"]


async def test_a_server_that_fails_says_so(ledger: Ledger, clock: FastClock) -> None:
    server = PlannedServer(clock, [])
    server.fault = lambda _: ServerError("down", status=500)
    with pytest.raises(ServerError):
        await read_old_batches(server, ledger, scope=SCOPE, now=clock.now())
    assert len(server.calls) == 1


async def test_what_was_read_long_ago_is_looked_at_again(
    ledger: Ledger, store: ResultsStore, clock: FastClock
) -> None:
    """A batch that was live when it was seen has ended since."""
    remember(ledger, Plan("b", -28.5 * DAY, DAY, OK).at(0.0), plan(20).at(0.0))
    assert expiring(ledger, store, clock) == []
    server = PlannedServer(clock, [Plan("b", -28.5 * DAY, -28.4 * DAY, OK), plan(20)])
    await read_old_batches(server, ledger, scope=SCOPE, now=clock.now())
    [found] = expiring(ledger, store, clock)
    assert found.until - clock.now() == timedelta(days=0.5) == found.left


async def test_what_others_deleted_is_not_at_risk(
    ledger: Ledger, store: ResultsStore, clock: FastClock
) -> None:
    plans = [plan(20), plan(28), plan(28.5), plan(28.7)]
    remember(ledger, *(one.at(0.0) for one in plans))
    assert len(expiring(ledger, store, clock)) == 3
    server = PlannedServer(clock, [plans[0], plans[2]])
    await read_old_batches(server, ledger, scope=SCOPE, now=clock.now())
    # beyond the end of what is listed nothing is known to be gone: a server may list only some
    assert [one.batch.id for one in expiring(ledger, store, clock)] == ["d28.7", "d28.5"]


class Endless(PlannedServer):
    """Gives the head of the list whatever it is asked to go on after, and says there is more."""

    async def list_page(self, *, limit: int = 20, after_id: str | None = None) -> BatchPage:
        page = await super().list_page(limit=1)
        return replace(page, has_more=True)


async def test_a_server_that_ignores_cursors_makes_nobody_loop_or_forget(
    ledger: Ledger, store: ResultsStore, clock: FastClock
) -> None:
    remember(ledger, plan(20).at(0.0), plan(28).at(0.0))
    server = Endless(clock, [plan(20), plan(28)])
    await read_old_batches(server, ledger, scope=SCOPE, now=clock.now())
    assert len(server.calls) == 2
    assert [one.batch.id for one in expiring(ledger, store, clock)] == ["d28"]


def test_what_cannot_be_read_any_more_is_left_out(
    ledger: Ledger, store: ResultsStore, clock: FastClock
) -> None:
    good = SeenBatch.of(plan(28).at(0.0))
    bad = SeenBatch("bad", b"{no json", good.created_at, good.ended_at, 3)
    ledger.seen.remember([good, bad], scope=SCOPE)
    assert [one.batch.id for one in expiring(ledger, store, clock)] == ["d28"]
