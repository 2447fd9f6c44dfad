"""Opening an account: what it is made of, what stands in the way, and what must never be told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from batchtui.api.calls import Call
from batchtui.api.errors import NotFound
from batchtui.api.models import MessageBatch
from batchtui.call_log import KEPT_CALLS, CallLog
from batchtui.config.errors import ConfigError
from batchtui.config.loading import load_settings
from batchtui.config.paths import Paths
from batchtui.library.errors import LibraryError
from batchtui.session import Session, SessionOptions, open_session
from batchtui.simulator.app import create_app
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.transport import SimulatorTransport
from batchtui.simulator.world import World

KEY = "sk-ant-api03-never-to-be-seen-x9Qd"
ENVIRON = {"ANTHROPIC_API_KEY": KEY}
BODY = (
    b'{"requests":[{"custom_id":"a","params":{"model":"m","max_tokens":9,'
    b'"messages":[{"role":"user","content":"x"}]}}]}'
)
CALL = Call(method="GET", path="/v1/x", started_at=datetime(2026, 1, 1, tzinfo=UTC), seconds=0.25)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "config", tmp_path / "data")


@asynccontextmanager
async def opened(paths: Paths, options: SessionOptions) -> AsyncIterator[Session]:
    session = open_session(load_settings(paths, ENVIRON), options)
    try:
        yield session
    finally:
        await session.aclose()


def options_for(world: World, log_file: Path | None = None) -> SessionOptions:
    app = create_app(world)
    return SessionOptions(ENVIRON, lambda: SimulatorTransport(app), log_file=log_file)


async def make_batch(session: Session) -> MessageBatch:
    return await session.client.create(BODY)


async def test_what_was_called_is_kept_and_logged(paths: Paths, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    async with opened(paths, options_for(build_world("empty"), log)) as session:
        batch = await make_batch(session)
        await session.client.retrieve(batch.id)
        assert [call.method for call in session.calls.calls] == ["POST", "GET"]
    lines = log.read_text().splitlines()
    assert len(lines) == 2
    assert "POST /v1/messages/batches?beta=true 200" in lines[0]
    assert batch.id in lines[1]
    assert KEY not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


async def test_every_call_counts_against_the_rate(paths: Paths) -> None:
    async with opened(paths, options_for(build_world("empty"))) as session:
        batch = await make_batch(session)
        await session.client.list_page(limit=20)
        with pytest.raises(NotFound):
            await session.client.retrieve(batch.id + "x")
        assert session.meter.last_minute(session.clock.monotonic()) == 3


async def test_a_log_that_breaks_off_costs_no_batch(paths: Paths, tmp_path: Path) -> None:
    world = build_world("empty")
    log = tmp_path / "calls.log"
    async with opened(paths, options_for(world, log)) as session:
        log.unlink()
        log.mkdir()
        batch = await make_batch(session)
        assert [view.batch.id for view in world.views()] == [batch.id]
        assert len(session.calls.calls) == 1


def test_a_log_that_cannot_be_written_is_told_before_anything_is_sent(
    paths: Paths, tmp_path: Path
) -> None:
    world = build_world("empty")
    with pytest.raises(ConfigError, match="cannot be written"):
        open_session(
            load_settings(paths, ENVIRON), options_for(world, tmp_path / "missing" / "calls.log")
        )


def test_nothing_in_a_log_acts_on_a_terminal(tmp_path: Path) -> None:
    log = CallLog(tmp_path / "log")
    for told in ("broke off: \x1b]0;owned\x07", "\x9b31m\r\nGET /forged 200"):
        log.add(replace(CALL, error=told, request_id="\x1b[2J"))
    content = (tmp_path / "log").read_text()
    assert content.count("\n") == 2
    assert all(line.isprintable() for line in content.splitlines())


def test_only_so_many_calls_are_kept() -> None:
    log = CallLog()
    for _ in range(KEPT_CALLS + 5):
        log.add(CALL)
    assert len(log.calls) == KEPT_CALLS


async def test_a_data_folder_that_cannot_be_made_is_told_and_keeps_nobody_out(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("")
    loaded = load_settings(Paths(tmp_path, tmp_path / "file" / "data"), ENVIRON)
    session = open_session(loaded, SessionOptions(ENVIRON))
    assert "cannot be opened" in session.notices[-1]
    with pytest.raises(LibraryError, match="cannot be opened"):
        session.ledger.set_label("a", "x")
    await session.aclose()


async def test_a_setting_that_is_not_understood_sends_no_key(paths: Paths) -> None:
    paths.config_dir.mkdir()
    paths.settings_file.write_text('base_url = "gateway without a scheme"\n')
    with pytest.raises(ConfigError, match="not understood"):
        open_session(load_settings(paths, ENVIRON), SessionOptions(ENVIRON))


async def test_each_workspace_of_a_key_has_a_list_of_its_own(paths: Paths) -> None:
    paths.config_dir.mkdir()
    options = options_for(build_world("empty"))
    async with opened(paths, options) as session:
        without = session.scope
    paths.settings_file.write_text('workspace_id = "wrkspc_7"\n')
    async with opened(paths, options) as session:
        assert session.connection.workspace_id == "wrkspc_7"
        assert session.scope != without


async def test_the_key_is_in_no_text_of_a_session(paths: Paths) -> None:
    options = options_for(build_world("empty"))
    async with opened(paths, options) as session:
        assert KEY not in f"{options!r} {session!r} {session.client.connection!r} {session.scope}"


async def test_another_key_has_another_list(paths: Paths) -> None:
    scopes = []
    for key in (KEY, KEY + "2"):
        session = open_session(load_settings(paths, {}), SessionOptions({"ANTHROPIC_API_KEY": key}))
        scopes.append(session.scope)
        await session.aclose()
    assert scopes[0] != scopes[1]


async def test_labels_are_found_again_where_the_settings_say(paths: Paths) -> None:
    options = options_for(build_world("empty"))
    async with opened(paths, options) as session:
        session.ledger.set_label("b", "mine")
        assert session.loaded.ledger_file.exists()
    async with opened(paths, options) as session:
        assert session.ledger.labels() == {"b": "mine"}


async def test_plain_http_to_another_machine_is_refused_until_allowed(paths: Paths) -> None:
    options = options_for(build_world("empty"))
    elsewhere = {**ENVIRON, "ANTHROPIC_BASE_URL": "http://gateway.example"}
    with pytest.raises(ConfigError, match="plain http") as refused:
        open_session(load_settings(paths, elsewhere), options)
    assert "allow_plain_http" in refused.value.hint
    allowed = {**elsewhere, "BATCHTUI_ALLOW_PLAIN_HTTP": "true"}
    session = open_session(load_settings(paths, allowed), options)
    assert any("plain http" in notice for notice in session.notices)
    await session.aclose()
    here = {**ENVIRON, "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    await open_session(load_settings(paths, here), options).aclose()


async def test_commands_of_the_user_get_the_key_only_when_asked(paths: Paths) -> None:
    options = options_for(build_world("empty"))
    async with opened(paths, options) as session:
        assert KEY not in session.environ.values()
    asked = load_settings(paths, {**ENVIRON, "BATCHTUI_ON_DONE_GETS_KEY": "yes"})
    session = open_session(asked, options)
    assert session.environ["ANTHROPIC_API_KEY"] == KEY
    session.loaded = load_settings(paths, ENVIRON)
    assert KEY not in session.environ.values()
    await session.aclose()
