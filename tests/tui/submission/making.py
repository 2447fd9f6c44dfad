"""Request files and an app that is quick to decide, for the journeys on the way in."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from msgspec.structs import replace
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from batchtui.simulator.world import World
from batchtui.submission.events import SendTimeouts
from batchtui.submission.limits import Limits
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.batches import NewBatch
from batchtui.tui.commands.command import Command
from batchtui.tui.screens.batches.screen import BatchesScreen
from tests.tui.support import WIDE, agree, make_setup, wait_for_text, wait_until

QUICK = SendTimeouts(
    between_parts=0.0, settle=0.2, adopt_after=0.1, look_again=0.05, first_wait=0.01
)
"""Decides in a fraction of a second what takes minutes in earnest."""

Json = dict[str, object]


def request(number: int, **changes: object) -> Json:
    params: Json = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 1024,
        "messages": [{"role": "user", "content": f"Question {number}"}],
    }
    return {"custom_id": f"r{number}", "params": {**params, **changes}}


def write_requests(path: Path, *requests: Json) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in requests))
    return path


def write_many(path: Path, count: int) -> Path:
    """Write so many requests that differ."""
    return write_requests(path, *[request(number) for number in range(count)])


def make_app(
    world: World,
    timeouts: SendTimeouts = QUICK,
    limits: Limits | None = None,
    **settings: str,
) -> BatchtuiApp:
    return BatchtuiApp(replace(make_setup(world, **settings), timeouts=timeouts, limits=limits))


def list_screen(app: BatchtuiApp) -> BatchesScreen:
    return next(screen for screen in app.screen_stack if isinstance(screen, BatchesScreen))


@contextlib.asynccontextmanager
async def started(app: BatchtuiApp, size: tuple[int, int] = WIDE) -> AsyncIterator[Pilot[int]]:
    """The app, once it shows its list."""
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        yield pilot


@contextlib.asynccontextmanager
async def previewed(
    app: BatchtuiApp, path: Path, size: tuple[int, int] = WIDE
) -> AsyncIterator[Pilot[int]]:
    """The app, once it shows what will go of a request file."""
    async with started(app, size) as pilot:
        await open_preview(pilot, path)
        yield pilot


async def back_in_list(pilot: Pilot[int], app: BatchtuiApp) -> BatchesScreen:
    """Wait until the list is what is shown; gives it."""
    screen = list_screen(app)
    await wait_until(pilot, lambda: app.screen is screen)
    return screen


async def press(pilot: Pilot[int], command: type[Command]) -> None:
    """Press the first key of a command."""
    await pilot.press(command.keys.split(",")[0])


async def give_path(pilot: Pilot[int], path: Path) -> None:
    """Paste a path into the field that asks for one, and go on."""
    await wait_for_text(pilot, "Complete")
    pilot.app.screen.query_one(Input).value = ""
    pilot.app.screen.post_message(events.Paste(str(path)))
    await wait_until(pilot, lambda: pilot.app.screen.query_one(Input).value == str(path))
    await pilot.press("enter")


async def open_preview(pilot: Pilot[int], path: Path) -> None:
    """Press n, give the path and wait for what will go."""
    await press(pilot, NewBatch)
    await give_path(pilot, path)
    await wait_for_text(pilot, "What will go")


async def send(pilot: Pilot[int]) -> None:
    """Send what the preview shows."""
    await pilot.press("enter")
    await wait_for_text(pilot, "It is billed")
    await agree(pilot)


def created(world: World) -> int:
    """How many batches were asked for."""
    return sum(one.method == "POST" and one.path.endswith("/batches") for one in world.requests)
