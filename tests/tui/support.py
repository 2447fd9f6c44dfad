"""The app over a simulated workspace in this process, with a clock that the test moves."""

import asyncio
import math
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from textual.app import App
from textual.pilot import Pilot

from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths
from batchtui.session import SessionOptions
from batchtui.simulator.app import create_app
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.base_app import BaseApp
from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.setup import AppSetup
from tests.resting_loop import RestingLoop

ReturnT = TypeVar("ReturnT")
_PATIENCE = 60.0
_TURN = 0.05
_LONGEST_WORK = 1.0
START = datetime(2026, 11, 22, 9, 14, 7, tzinfo=UTC)
WIDE, MEDIUM, TINY = (120, 34), (80, 24), (40, 10)


class WorldTime:
    """The simulated world's source of time; stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **length: float) -> None:
        """Go on, by what `timedelta` takes."""
        self.moment += timedelta(**length)


def make_world(scenario: str = "demo", time: WorldTime | None = None) -> World:
    """A world whose time stands still until the test moves it."""
    return build_world(scenario, now=time or WorldTime())


def make_setup(world: World, **settings: str) -> AppSetup:
    """What the app starts with, over ``world``; the environment is the test's own."""
    environ = {**os.environ, "ANTHROPIC_API_KEY": "sk-ant-a-made-up-key-x9Qd"}
    paths = Paths.from_environment(environ)
    app = create_app(world)
    overrides = {"base_url": "http://127.0.0.1:1", **settings}

    def load(profile: str | None = None) -> LoadedSettings:
        chosen = overrides if profile is None else {**overrides, "profile": profile}
        return load_settings(paths, environ, dict(chosen))

    return AppSetup(
        load=load, options=SessionOptions(environ, transport=lambda: SimulatorTransport(app))
    )


def make_app(world: World, **settings: str) -> BatchtuiApp:
    """The app over ``world``."""
    return BatchtuiApp(make_setup(world, **settings))


def screen_lines(app: App[int]) -> list[str]:
    """The text of every line of the screen."""
    return _lines_of(app)


def _lines_of(app: App[ReturnT]) -> list[str]:
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in line)[:width] for line in lines[:height]]


def screen_text(app: App[int]) -> str:
    """The text of the screen."""
    return "\n".join(screen_lines(app))


def notice_text(app: App[int]) -> str:
    """The text of the messages in the corner, wherever their lines are broken."""
    beside = (line.rpartition("▌")[2].strip() for line in screen_lines(app) if "▌" in line)
    return " ".join(beside)


async def idle(pilot: Pilot[ReturnT]) -> None:
    """Wait until the app has nothing to do but to wait, in threads neither, and all is painted."""
    await come_to_rest(pilot.app)


async def come_to_rest(app: App[ReturnT]) -> None:
    """Wait until the app has nothing to do but to wait, in threads neither, and shows all.

    Work in the background may go on later: wait for what it shows, by `wait_until`.
    """
    loop = resting_loop()
    end = time.monotonic() + _LONGEST_WORK
    await loop.rest_with_threads(_LONGEST_WORK)
    while time.monotonic() < end:
        if is_to_be_painted(app):
            app.screen._on_timer_update()
            await loop.rest_with_threads(_LONGEST_WORK)
        elif is_to_be_seen(app) or is_key_held(app):
            await loop.rest_again(_LONGEST_WORK)
        else:
            break


def is_to_be_seen(app: App[ReturnT]) -> bool:
    """Whether the screen is not complete yet: until then a terminal shows what it did before."""
    screen = app.screen_stack[-1] if app.screen_stack else None
    return isinstance(screen, SteadyScreen) and screen.seen_at == math.inf


def is_to_be_painted(app: App[ReturnT]) -> bool:
    """Whether the screen will be painted at the next sixtieth of a second."""
    return bool(app.screen_stack) and app.screen._update_timer._active.is_set()


def is_key_held(app: App[ReturnT]) -> bool:
    """Whether a key waits for a screen that can be seen."""
    return isinstance(app, BaseApp) and bool(app._typed_ahead)


async def wait_until(pilot: Pilot[ReturnT], condition: Callable[[], bool], what: str = "") -> None:
    """Let the app work until ``condition`` holds.

    Raises:
        AssertionError: It does not within a minute; the screen is in the message.
    """
    loop = resting_loop()
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            shown = "\n".join(_lines_of(pilot.app))
            raise AssertionError(f"waited in vain for {what or condition}\n{shown}")
        await loop.rest(_TURN)
        if is_to_be_painted(pilot.app):
            pilot.app.screen._on_timer_update()
        elif not condition():
            await loop.rest_again(_TURN)


def resting_loop() -> RestingLoop:
    """The event loop of the test."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, RestingLoop)
    return loop


async def wait_for_text(pilot: Pilot[int], text: str) -> None:
    """Let the app work until ``text`` is on the screen, which a terminal shows once complete."""
    await wait_until(
        pilot, lambda: _is_seen(pilot.app) and text in screen_text(pilot.app), repr(text)
    )


def _is_seen(app: App[int]) -> bool:
    return not isinstance(app.screen, SteadyScreen) or app.screen.is_shown


async def agree(pilot: Pilot[int]) -> None:
    """Say yes to the question, once it is on the screen."""
    await wait_until(pilot, lambda: isinstance(pilot.app.screen, ConfirmDialog), "a question")
    question = pilot.app.screen
    assert isinstance(question, ConfirmDialog)
    await wait_until(pilot, lambda: question.is_shown, "the question to be shown")
    if not question.is_yes_chosen:
        await pilot.press("tab")
    await pilot.press("enter")
