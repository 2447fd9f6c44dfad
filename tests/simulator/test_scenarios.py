"""The worlds by name: what each is there for."""

import ast
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

import batchtui.simulator
from batchtui.simulator.scenarios import SCENARIOS, build_world
from batchtui.simulator.world import World
from tests.simulator.conftest import StoppedTime


def test_the_demo_has_every_state_and_size(demo: World) -> None:
    views = demo.views()
    now = demo.now()
    assert len(views) >= 60
    states = Counter(view.status for view in views)
    assert states["in_progress"] >= 6
    assert states["canceling"] == 1
    totals = [view.batch.work.total for view in views]
    assert (min(totals), max(totals)) == (1, 100_000)
    ended = [view for view in views if view.status == "ended"]
    assert any(view.archived_at for view in ended)
    assert any(view.tally.canceled == view.tally.total for view in ended)
    assert any(view.tally.errored == view.tally.total for view in ended)
    assert any(view.tally.expired and view.tally.succeeded for view in ended)
    assert any(view.batch.cancel_initiated_at and not view.tally.canceled for view in ended)
    at_risk = [
        view
        for view in ended
        if view.has_results and view.batch.archives_at - now < timedelta(hours=48)
    ]
    assert len(at_risk) >= 3


def test_in_the_demo_some_batches_end_while_one_watches(demo: World, time: StoppedTime) -> None:
    def live() -> int:
        return sum(view.status != "ended" for view in demo.views())

    counts = [live()]
    for seconds in (20, 70, 210):
        time.pass_by(seconds=seconds)
        counts.append(live())
    assert counts[0] == counts[1]
    assert counts[1] - counts[2] >= 3
    assert counts[2] - counts[3] >= 2
    assert counts[3] >= 3


def test_many_and_live_are_many_and_live(time: StoppedTime) -> None:
    many = build_world("many", now=time)
    assert len(many.views()) == 5_000
    live = build_world("live", now=time)
    assert sum(view.status == "in_progress" for view in live.views()) == 500
    time.pass_by(hours=10)
    assert all(view.status == "ended" for view in live.views())


@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_created_at_is_never_in_the_future(name: str, time: StoppedTime) -> None:
    world = build_world(name, now=time)
    assert all(view.batch.created_at <= world.now() for view in world.views())


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="demo"):
        build_world("demonstration")


def test_it_loads_nothing_heavy_and_nothing_of_ours() -> None:
    program = (
        "import sys, batchtui.simulator.scenarios, batchtui.simulator.app\n"
        "print('\\n'.join(sys.modules))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    ours = [name for name in loaded if name.startswith("batchtui.")]
    assert all(name.startswith("batchtui.simulator") for name in ours)
    assert not {"httpx", "uvicorn", "textual", "rich", "msgspec"} & set(loaded)


def test_no_module_shares_code_with_the_rest_of_the_program() -> None:
    folder = Path(batchtui.simulator.__file__).parent
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for name in names:
                if name.startswith("batchtui"):
                    assert name.startswith("batchtui.simulator"), file
