"""The event loop by which tests of the app wait."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.resting_loop import RestingLoop

LONG = 60.0
SHORT = 0.01


@contextmanager
def loop_and_runner() -> Iterator[tuple[RestingLoop, asyncio.Runner]]:
    with asyncio.Runner(loop_factory=RestingLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, RestingLoop)
        yield loop, runner


def test_it_rests_when_what_led_to_more_is_done() -> None:
    done: list[int] = []

    async def go_on(step: int) -> None:
        await asyncio.sleep(0)
        done.append(step)
        if step < 5:
            tasks.append(asyncio.create_task(go_on(step + 1)))

    async def play() -> None:
        tasks.append(asyncio.create_task(go_on(1)))
        await loop.rest(LONG)

    tasks: list[asyncio.Task[None]] = []
    with loop_and_runner() as (loop, runner):
        runner.run(play())
    assert done == [1, 2, 3, 4, 5]


def test_a_thread_is_waited_for_only_where_that_is_asked() -> None:
    async def play() -> None:
        may_end = threading.Event()
        work = asyncio.ensure_future(asyncio.to_thread(may_end.wait))
        await loop.rest(LONG)
        await loop.rest_with_threads(SHORT)
        assert not work.done()
        loop.call_later(SHORT, may_end.set)
        await loop.rest_with_threads(LONG)
        assert work.done()

    with loop_and_runner() as (loop, runner):
        runner.run(play())


def test_after_a_rest_the_next_comes_when_something_has_happened() -> None:
    async def play() -> None:
        happened: list[str] = []
        loop.call_later(SHORT, happened.append, "a timer")
        await loop.rest(LONG)
        assert not happened
        await loop.rest_again(LONG)
        assert happened

    with loop_and_runner() as (loop, runner):
        runner.run(play())


def test_what_never_rests_is_not_waited_for_any_longer() -> None:
    async def play() -> None:
        is_over = asyncio.Event()

        def go_on() -> None:
            if not is_over.is_set():
                loop.call_soon(go_on)

        go_on()
        for wait in (loop.rest, loop.rest_with_threads, loop.rest_again):
            await wait(SHORT)
        is_over.set()

    with loop_and_runner() as (loop, runner):
        runner.run(play())
