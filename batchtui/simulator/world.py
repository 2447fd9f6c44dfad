"""The simulated service itself: workspaces with their batches, and the rules of the six calls."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from batchtui.simulator.behavior import Behavior
from batchtui.simulator.dice import Dice
from batchtui.simulator.faults import Faults
from batchtui.simulator.intake import Intake
from batchtui.simulator.lifecycle import Batch, BatchView, FinalTallies, view
from batchtui.simulator.refusals import RefusalError
from batchtui.simulator.results import BatchResults, open_results
from batchtui.simulator.rules import Json
from batchtui.simulator.timeline import Timeline, utc_now
from batchtui.simulator.work import ReceivedWork, Work
from batchtui.simulator.workspace import DEFAULT_ACCOUNT, Account, Workspace


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One HTTP request as it arrived, for tests that ask what was sent."""

    method: str
    """The HTTP method."""
    path: str
    """The path, still percent-encoded."""
    query: str
    """The query, without the question mark."""
    host: str
    """The Host header."""
    headers: tuple[tuple[str, str], ...]
    """All headers, names in lower case; keys included."""

    def header(self, name: str) -> str | None:
        """Return the first header of this name."""
        return next((value for key, value in self.headers if key == name), None)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of the list call."""

    views: tuple[BatchView, ...]
    """The batches, newest first."""
    has_more: bool
    """Whether there are more in the direction asked."""


class World:
    """A whole Message Batches service, in memory.

    Args:
        name: The scenario's name, for people.
        seed: Decides everything that is made up.
        speed: World seconds per second.
        now: The source of time; must return aware datetimes.

    Attributes:
        timeline: World time; `Timeline.skip` moves it forward.
        behavior: Standing habits; change them at any time.
        faults: What goes wrong next.
        keys: The keys that are accepted and whose they are; None accepts any.
        requests: The last HTTP requests.
        sizes: Sizes of results files that have been measured, by their validators.
        names: What the people of the workspace call its batches; the service knows nothing of it.
        request_files: What they made some of its batches from.
        processing_time: How long a batch made by POST takes, from its number of requests.
        cancel_time: How long a cancel takes, from the number of requests.
    """

    def __init__(
        self,
        name: str = "empty",
        *,
        seed: int = 0,
        speed: float = 1.0,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.name = name
        self.seed = seed
        self.timeline = Timeline(now, speed)
        self.behavior = Behavior()
        self.faults = Faults()
        self.keys: dict[str, Account] | None = None
        self.names: dict[str, str] = {}
        self.request_files: dict[str, bytes] = {}
        self.requests: deque[SeenRequest] = deque(maxlen=2_000)
        self.sizes: dict[str, int] = {}
        self.processing_time: Callable[[int], timedelta] = usual_processing_time
        self.cancel_time: Callable[[int], timedelta] = usual_cancel_time
        self._workspaces: dict[str, Workspace] = {}
        self._tallies = FinalTallies()
        self._kept: dict[str, Sequence[Json]] = {}
        self._dice = Dice(seed, "ids")
        self._downloads = 0

    def now(self) -> datetime:
        """World time."""
        return self.timeline.now()

    def next_id(self, prefix: str) -> str:
        """Make up an id, such as ``msgbatch_01...``."""
        return prefix + self._dice.letters(22)

    def owner(self, batch_id: str) -> Account:
        """Whose batch this is.

        Raises:
            RefusalError: There is none of this id.
        """
        for workspace in self._workspaces.values():
            if batch_id in workspace:
                return workspace.account
        raise _not_found(batch_id)

    # The six calls.

    def intake(self, account: Account = DEFAULT_ACCOUNT) -> Intake:
        """Begin a create: feed the body to the intake, then `accept` it."""
        seed = self._dice.below(2**32)
        return Intake(self.behavior, seed, self._workspace(account).failed_before)

    def accept(self, intake: Intake, account: Account = DEFAULT_ACCOUNT) -> BatchView:
        """Finish a create.

        Raises:
            RefusalError: The body is refused; nothing was created.
        """
        work = intake.work()
        batch = self.add(work, takes=self.processing_time(work.total), account=account)
        if intake.kept is not None:
            self._kept[batch.id] = tuple(intake.kept)
        return self._view(batch)

    def retrieve(self, batch_id: str, account: Account = DEFAULT_ACCOUNT) -> BatchView:
        """Look at one batch.

        Raises:
            RefusalError: There is none of this id in the workspace.
        """
        return self._view(self._find(batch_id, account))

    def page(
        self,
        *,
        limit: int = 20,
        after_id: str | None = None,
        before_id: str | None = None,
        account: Account = DEFAULT_ACCOUNT,
    ) -> Page:
        """List batches, newest first.

        Raises:
            RefusalError: The limit or the cursors are wrong.
        """
        if not 1 <= limit <= 1000:
            raise RefusalError(400, "limit: Input should be between 1 and 1000")
        if after_id is not None and before_id is not None:
            raise RefusalError(400, "Only one of after_id and before_id may be given")
        workspace = self._workspace(account)
        if self.behavior.ignores_cursors:
            batches, _ = workspace.page(limit, None, None)
            return Page(tuple(map(self._view, batches)), has_more=True)
        try:
            batches, more = workspace.page(limit, after_id, before_id)
        except KeyError:
            status = self.behavior.unknown_cursor_status
            raise _not_found(after_id or before_id or "", status) from None
        return Page(tuple(map(self._view, batches)), more)

    def cancel(self, batch_id: str, account: Account = DEFAULT_ACCOUNT) -> BatchView:
        """Cancel a batch; a second time changes nothing.

        Raises:
            RefusalError: It is not there or has ended.
        """
        batch = self._find(batch_id, account)
        now = self.now()
        status = batch.status_at(now)
        if status == "ended":
            raise RefusalError(
                self.behavior.conflict_status,
                f"Batch {batch_id} cannot be canceled because it has already ended.",
            )
        if status == "in_progress":
            takes = self.cancel_time(batch.work.total)
            batch = replace(batch, cancel_initiated_at=now, cancel_takes=takes)
            self._workspace(account).put(batch)
        return self._view(batch)

    def delete(self, batch_id: str, account: Account = DEFAULT_ACCOUNT) -> None:
        """Delete an ended batch.

        Raises:
            RefusalError: It is not there or has not ended.
        """
        batch = self._find(batch_id, account)
        if batch.status_at(self.now()) != "ended":
            raise RefusalError(
                self.behavior.conflict_status,
                f"Batch {batch_id} cannot be deleted while it is in progress; cancel it first.",
            )
        self._workspace(account).remove(batch_id)
        self._kept.pop(batch_id, None)

    def results(self, batch_id: str, account: Account = DEFAULT_ACCOUNT) -> BatchResults:
        """Open the results of a batch.

        Raises:
            RefusalError: The batch is not there, has not ended, or its results are gone.
        """
        current = self.retrieve(batch_id, account)
        if not current.has_results:
            why = "are no longer available" if current.archived_at else "are not available yet"
            raise RefusalError(
                self.behavior.no_results_status, f"The results of batch {batch_id} {why}."
            )
        self._downloads += 1
        order = self._downloads if self.behavior.results_order_varies else 0
        return open_results(current.batch, order, ends_line=self.behavior.results_end_line)

    # For scenarios and tests.

    def add(
        self,
        work: Work,
        *,
        takes: timedelta = timedelta(minutes=1),
        created_at: datetime | None = None,
        cancel_initiated_at: datetime | None = None,
        cancel_takes: timedelta = timedelta(seconds=20),
        batch_id: str | None = None,
        account: Account = DEFAULT_ACCOUNT,
    ) -> Batch:
        """Put a batch into the world.

        Args:
            work: Its requests.
            takes: From creation to the end if nobody interferes.
            created_at: When it was made; now, if None.
            cancel_initiated_at: When it was canceled, if it was.
            cancel_takes: From the cancel to the end.
            batch_id: Its id; made up if None.
            account: Whose it is.
        """
        workspace = self._workspace(account)
        batch = Batch(
            id=batch_id or self.next_id("msgbatch_01"),
            workspace=account.workspace_id,
            created_at=created_at or workspace.free_moment(self.now()),
            work=work,
            takes=takes,
            cancel_takes=cancel_takes,
            cancel_initiated_at=cancel_initiated_at,
        )
        workspace.put(batch)
        return batch

    def views(self, account: Account = DEFAULT_ACCOUNT) -> tuple[BatchView, ...]:
        """Return all batches of a workspace, newest first."""
        return tuple(map(self._view, self._workspace(account).newest_first()))

    def received(self, batch_id: str) -> Sequence[Json]:
        """Return the requests of a batch as they came by POST, decoded.

        Raises:
            LookupError: The batch did not come by POST, or its body was too large to be kept.
        """
        return self._kept[batch_id]

    def digests(self, batch_id: str) -> Mapping[str, bytes]:
        """Return a fingerprint of the params of each custom_id of a batch made by POST.

        Raises:
            RefusalError: The batch is not there.
            TypeError: It did not come by POST.
        """
        work = self._find(batch_id, DEFAULT_ACCOUNT).work
        if not isinstance(work, ReceivedWork):
            raise TypeError(f"{batch_id} did not come by POST")
        return work.fingerprints()

    def _workspace(self, account: Account) -> Workspace:
        workspace = self._workspaces.get(account.workspace_id)
        if workspace is None:
            workspace = self._workspaces[account.workspace_id] = Workspace(account)
        return workspace

    def _find(self, batch_id: str, account: Account) -> Batch:
        workspace = self._workspace(account)
        if batch_id not in workspace:
            raise _not_found(batch_id)
        return workspace[batch_id]

    def _view(self, batch: Batch) -> BatchView:
        now = self.now()
        final = self._tallies.of(batch) if batch.status_at(now) == "ended" else None
        habits = self.behavior
        lag = timedelta(seconds=habits.results_lag)
        return view(batch, now, final, counts_move=habits.counts_move, results_lag=lag)


def usual_processing_time(requests: int) -> timedelta:
    """Return 20 seconds to 10 minutes, by the number of requests."""
    return timedelta(seconds=min(600.0, 20 + requests / 50))


def usual_cancel_time(requests: int) -> timedelta:
    """Return 8 to 60 seconds, by the number of requests."""
    return timedelta(seconds=min(60.0, 8 + requests / 500))


def _not_found(batch_id: str, status: int = 404) -> RefusalError:
    return RefusalError(status, f"Message batch {batch_id} not found.")
