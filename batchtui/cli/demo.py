"""The demo: a simulated workspace in this process, with folders of its own that go at exit."""

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.session import SessionOptions
from batchtui.simulator.app import create_app
from batchtui.simulator.scenarios import build_world

if TYPE_CHECKING:
    from batchtui.simulator.transport import SimulatorTransport

_OURS = ("ANTHROPIC_", "BATCHTUI_")
_KEPT = ("BATCHTUI_DRIVER", "BATCHTUI_GLYPHS", "BATCHTUI_COLOR_DEPTH", "BATCHTUI_MOTION")
"""What says how the terminal is to be treated holds in the demo too."""


def demo_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of a demo: without keys, with folders that are removed at exit."""
    own = {
        name: value
        for name, value in environ.items()
        if name in _KEPT or not name.startswith(_OURS)
    }
    folder = Path(tempfile.mkdtemp(prefix="batchtui-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    own["BATCHTUI_CONFIG_DIR"] = str(folder / "config")
    own["BATCHTUI_DATA_DIR"] = str(folder / "data")
    return own


def demo_options(environ: Mapping[str, str], log_file: Path | None) -> SessionOptions:
    """What sessions of a demo are opened with; all of them see the same simulated workspace."""
    world = build_world("demo")
    # as fast as a good line, so that rows can be seen arriving
    world.behaviour.results_rate = 20_000_000
    app = create_app(world)

    def transport() -> "SimulatorTransport":
        # loads httpx, which the first picture does not need
        from batchtui.simulator.transport import SimulatorTransport

        return SimulatorTransport(app)

    return SessionOptions(
        environ,
        transport=transport,
        log_file=log_file,
        is_demo=True,
        labels=world.names,
    )
