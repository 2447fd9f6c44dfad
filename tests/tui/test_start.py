"""What is loaded when the list of last time is on the screen: what is not, cannot delay it."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.library.ledger_values import SeenBatch
from batchtui.session import open_session
from tests.tui.support import make_setup, make_world

# In a process of its own, for what is loaded stays loaded. Everything that the first picture does
# not wait for begins in `BatchesScreen.begin_updates`.
_PROGRAM = """
import json, os, sys
from batchtui.cli.common import Launch
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.setup import AppSetup

def report(screen):
    shown = ["".join(part.text for part in row) for row in screen._compositor.render_strips()]
    print(json.dumps({"modules": sorted(sys.modules), "shown": shown}))
    screen.app.exit()

BatchesScreen.begin_updates = report
launch = Launch(dict(os.environ), {"base_url": "http://127.0.0.1:1"})
BatchtuiApp(AppSetup(load=launch.load, options=launch.options)).run(headless=True, size=(120, 40))
"""

_LATER = {
    "httpx",
    "httpcore",
    "markdown_it",
    "pygments",
    "uvicorn",
    "batchtui.api.client",
    "batchtui.batches.lister",
    "batchtui.batches.poller",
    "batchtui.config.saving",
    "batchtui.results",
    "batchtui.simulator",
    "batchtui.submission.grouping",
    "batchtui.submission.runner",
    "batchtui.submission.validate",
    "batchtui.tui.commands.catalog",
    "batchtui.tui.screens.batches.batch_actions",
    "batchtui.tui.screens.batches.downloads",
    "batchtui.tui.screens.dialogs",
    "batchtui.tui.screens.results",
    "batchtui.tui.screens.settings",
    "batchtui.tui.screens.submission.new_batch",
    "batchtui.tui.screens.submission.unfinished",
    "batchtui.tui.screens.timeline",
    "batchtui.tui.screens.welcome",
}


def test_the_first_picture_waits_for_nothing_it_does_not_show() -> None:
    setup = make_setup(make_world("empty"))
    session = open_session(setup.load(None), setup.options)
    batch = MessageBatch(
        id="msgbatch_seen_last_time",
        processing_status="in_progress",
        request_counts=RequestCounts(processing=7),
        created_at=datetime(2026, 11, 22, tzinfo=UTC),
    )
    session.ledger.seen.remember([SeenBatch.of(batch)], scope=session.scope)
    session.ledger.set_label(batch.id, "nightly evals")
    session.ledger.close()

    run = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        env={**os.environ, **setup.options.environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    picture = "\n".join(said["shown"])
    for text in ("127.0.0.1:1", "newest first", "running", "nightly evals", "Commands"):
        assert text in picture
    assert not _LATER & set(said["modules"])
