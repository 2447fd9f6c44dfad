"""Makes every picture of the README from the simulator, with a clock that stands still.

    python screenshots/make.py [NAME ...]

writes ``screenshots/NAME.svg``. The same code gives the same pictures on every machine.
"""

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths
from batchtui.session import SessionOptions
from batchtui.simulator.app import create_app
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.transport import SimulatorTransport
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.setup import AppSetup

NOW = datetime(2026, 11, 22, 9, 14, 7, tzinfo=UTC)
FOLDER = Path(__file__).parent
FONTS = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"

_BETWEEN_LOOKS = 0.01
"""Seconds between two looks at the screen."""
_LOOKS = 1_000
"""Looks until a scene is given up."""
_STILL = 30
"""Looks at which a picture is the same that stays."""


class FrozenClock:
    """Always the same moment of day; waiting takes its time."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Scene:
    """One picture.

    Attributes:
        name: Of the file.
        keys: What is pressed, in order; a text in quotes is waited for.
        size: Columns and lines.
        theme: The theme.
        glyphs: ``unicode`` or ``ascii``.
    """

    name: str
    keys: Sequence[str] = ()
    size: tuple[int, int] = (120, 34)
    theme: str = "inkwell"
    glyphs: str = "unicode"


def at(label: str) -> tuple[str, ...]:
    """The keys that put the cursor on the batch of a label."""
    typed = ("minus" if letter == "-" else letter for letter in label)
    return ("slash", *typed, "enter", f"'{label}'")


def opened(label: str) -> tuple[str, ...]:
    """The keys that open the results of the batch of a label."""
    return (*at(label), "enter", "'verified'")


_WORTH_A_LOOK = (*("down",) * 4, "'took 9 m'")
_RUNS = (*at("classify-tickets"), "space", "space")

SCENES = (
    Scene("batches", _WORTH_A_LOOK),
    Scene("batches-80x24", _WORTH_A_LOOK, size=(80, 24)),
    Scene("batches-light", _WORTH_A_LOOK, theme="paper"),
    Scene("fields", (*opened("extract-invoices-131"), "'.vendor'", "down", "down")),
    Scene("failures", (*opened("extract-invoices-26"), "f", "'credit'")),
    Scene("groups", (*opened("judge-answers-9"), "g", "'ROWS'")),
    Scene("compare", (*_RUNS, "equals_sign", "'differ'")),
)


def make_app(scene: Scene, folder: Path) -> BatchtuiApp:
    """The app over the demo's workspace."""
    environ = {
        "HOME": str(folder),
        "BATCHTUI_CONFIG_DIR": str(folder / "config"),
        "BATCHTUI_DATA_DIR": str(folder / "data"),
    }
    world = build_world("showcase", now=lambda: NOW)
    app = create_app(world)
    sources = {}
    for batch_id, requests in world.request_files.items():
        sources[batch_id] = folder / f"{world.names[batch_id]}.jsonl"
        sources[batch_id].write_bytes(requests)
    options = SessionOptions(
        environ,
        transport=lambda: SimulatorTransport(app),
        clock=FrozenClock(),
        is_demo=True,
        labels=world.names,
        sources=sources,
    )

    def load(profile: str | None) -> LoadedSettings:
        del profile
        said = {"theme": scene.theme, "glyphs": scene.glyphs, "time_display": "utc"}
        return load_settings(Paths.from_environment(environ), environ, said)

    return BatchtuiApp(AppSetup(load=load, options=options))


@asynccontextmanager
async def shown(scene: Scene) -> AsyncIterator[BatchtuiApp]:
    """The app, once it shows a scene and nothing changes any more."""
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(scene, Path(folder))
        async with app.run_test(size=scene.size) as pilot:
            await _wait_for(pilot, "running")
            for key in scene.keys:
                if key.startswith("'"):
                    await _wait_for(pilot, key.strip("'"))
                else:
                    await pilot.press(key)
                    await pilot.pause()
            await _wait_until_still(pilot)
            yield app


def _lines_of(app: BatchtuiApp) -> list[str]:
    """The text of every line of the screen."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in line) for line in strips]


async def _wait_for(pilot: Pilot[int], text: str) -> None:
    assert isinstance(pilot.app, BatchtuiApp)
    for _ in range(_LOOKS):
        lines = _lines_of(pilot.app)
        if any(text in line for line in lines):
            return
        await pilot.pause(_BETWEEN_LOOKS)
    raise SystemExit("\n".join((f"{text!r} never showed on:", *lines)))


async def _wait_until_still(pilot: Pilot[int]) -> None:
    assert isinstance(pilot.app, BatchtuiApp)
    last, same = _lines_of(pilot.app), 0
    for _ in range(_LOOKS):
        await pilot.pause(_BETWEEN_LOOKS)
        lines = _lines_of(pilot.app)
        last, same = lines, same + 1 if lines == last else 0
        if same == _STILL:
            return
    raise SystemExit("\n".join(("It never came to rest:", *last)))


async def make(scene: Scene) -> None:
    """Make one picture."""
    async with shown(scene) as app:
        svg = app.export_screenshot(title="batchtui")
    (FOLDER / f"{scene.name}.svg").write_text(tidy(svg), encoding="utf-8")


def tidy(svg: str) -> str:
    """Take out what changes between runs, and fonts that would be fetched from elsewhere."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code, monospace", FONTS)
    svg = svg.replace("Fira Code", "monospace")
    # without it some viewers close up the spaces that hold columns apart
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    return re.sub(r"terminal-\d+", "terminal", svg)


def main(names: Sequence[str]) -> None:
    """Make the pictures of these names, or all."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    for scene in SCENES:
        if not names or scene.name in names:
            asyncio.run(make(scene))
            print(scene.name)


if __name__ == "__main__":
    main(sys.argv[1:])
