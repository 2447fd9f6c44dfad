"""An event loop that says when it has nothing to do but to wait: a test needs no clock for that."""

import asyncio
import selectors
from asyncio import Future
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

ResultT = TypeVar("ResultT")
ArgumentsT = TypeVarTuple("ArgumentsT")
Happened = list[tuple[selectors.SelectorKey, int]]


class RestingLoop(asyncio.SelectorEventLoop):
    """An event loop that can be waited for.

    It rests when all that could be done is done: only a timer, a thread, a key or the network can
    bring more. Each wait ends after the seconds it is given, as what is waited for may never come.
    """

    def __init__(self) -> None:
        super().__init__(_WatchedSelector(self._wake_at_rest, self._note_happened))
        self._threads_at_work = 0
        self._for_rest: list[Future[None]] = []
        self._for_threads: list[Future[None]] = []
        self._for_more: list[Future[None]] = []

    async def rest(self, within: float) -> None:
        """Wait until it rests, whatever threads do."""
        await self._wait_among(self._for_rest, within)

    async def rest_with_threads(self, within: float) -> None:
        """Wait until it rests, and no thread works for it."""
        await self._wait_among(self._for_threads, within)

    async def rest_again(self, within: float) -> None:
        """Wait until something has happened that it rested for, and it rests again."""
        await self._wait_among(self._for_more, within)

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*ArgumentsT], ResultT],
        *args: *ArgumentsT,
    ) -> Future[ResultT]:
        """Run something in a thread, which works until its result has come back."""
        result = super().run_in_executor(executor, func, *args)
        self._threads_at_work += 1
        result.add_done_callback(self._note_thread_done)
        return result

    def _note_thread_done(self, _: object) -> None:
        self._threads_at_work -= 1

    async def _wait_among(self, waiting: list[Future[None]], within: float) -> None:
        woken = self.create_future()
        waiting.append(woken)
        timer = self.call_later(within, _wake, woken)
        await woken
        timer.cancel()

    def _wake_at_rest(self) -> bool:
        """Wake who waits for this; return whether anybody did."""
        resting, self._for_rest = self._for_rest, []
        if not self._threads_at_work:
            resting += self._for_threads
            self._for_threads = []
        for woken in resting:
            _wake(woken)
        return bool(resting)

    def _note_happened(self) -> None:
        self._for_rest += self._for_more
        self._for_more = []


class _WatchedSelector(selectors.DefaultSelector):
    """What an event loop waits in.

    Args:
        before: Called before it waits; returns whether there is something to do now.
        after: Called when it has waited.
    """

    def __init__(self, before: Callable[[], bool], after: Callable[[], None]) -> None:
        super().__init__()
        self._before = before
        self._after = after

    def select(self, timeout: float | None = None) -> Happened:
        """Wait until something happens, or the time is over."""
        happened = super().select(0)
        is_to_wait = timeout is None or timeout > 0
        if is_to_wait and not happened and not self._before():
            happened = super().select(timeout)
            self._after()
        return happened


def _wake(sleeper: Future[None]) -> None:
    if not sleeper.done():
        sleeper.set_result(None)
