"""The demo: a simulated workspace in this process, with folders of its own that go at exit."""

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.folders import make_private_folder
from batchtui.session import SessionOptions
from batchtui.simulator.app import create_app
from batchtui.simulator.demo_jobs import sample_with_mistakes
from batchtui.simulator.scenarios import build_world

if TYPE_CHECKING:
    from batchtui.simulator.transport import SimulatorTransport

SAMPLE = "reports-with-mistakes.jsonl"
"""A request file to try the check on."""

_OURS = ("ANTHROPIC_", "BATCHTUI_")
_KEPT = ("BATCHTUI_DRIVER", "BATCHTUI_GLYPHS", "BATCHTUI_COLOR_DEPTH", "BATCHTUI_MOTION")
"""What says how the terminal is to be treated holds in the demo too."""


def demo_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a demo: without keys, with folders that are removed at exit."""
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
    """Return what sessions of a demo are opened with; all see the same simulated workspace."""
    world = build_world("showcase")
    # as fast as a good line, so that rows can be seen arriving
    world.behavior.results_rate = 20_000_000
    app = create_app(world)

    def transport() -> "SimulatorTransport":
        # loads httpx, which the first picture does not need
        from batchtui.simulator.transport import SimulatorTransport

        return SimulatorTransport(app)

    folder = Path(environ["BATCHTUI_DATA_DIR"]) / "requests"
    make_private_folder(folder)
    (folder / SAMPLE).write_bytes(sample_with_mistakes())
    sources: dict[str, Path] = {}
    for batch_id, requests in world.request_files.items():
        sources[batch_id] = folder / f"{world.names[batch_id]}.jsonl"
        sources[batch_id].write_bytes(requests)
    return SessionOptions(
        environ,
        transport=transport,
        log_file=log_file,
        is_demo=True,
        labels=world.names,
        sources=sources,
        sample=folder / SAMPLE,
    )
