"""A planted key is nowhere but in the header of a request."""

import os
from pathlib import Path

import pytest

from batchtui.simulator.faults import Fault
from tests.cli.running import run_process
from tests.cli.service import Service

KEY = "sk-ant-api03-planted-Zq7x"


@pytest.fixture(autouse=True)
def _planted(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)


def test_the_key_is_in_nothing_that_is_written_or_shown(service: Service, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"
    batch = service.add(errored=1)
    told = [
        run_process("list", "--log-file", log),
        run_process("results", batch.id, "--output", tmp_path / "rows.jsonl"),
        run_process("paths"),
    ]
    service.world.faults.add(Fault(status=401, times=None, message="invalid x-api-key"))
    told.append(run_process("show", batch.id, "--log-file", log))
    assert told[-1].code == 2
    assert all(KEY not in f"{one.out.decode()}{one.err}" for one in told)
    homes = (tmp_path, Path(os.environ["HOME"]))
    written = [path for home in homes for path in home.rglob("*") if path.is_file()]
    assert log in written
    assert not [path for path in written if KEY.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("ANTHROPIC_BASE_URL", f"https://me:{KEY}@api.example"),
        ("ANTHROPIC_BASE_URL", f"https://api.example/?token={KEY}"),
        ("ANTHROPIC_BASE_URL", f"https://api.example/#{KEY}"),
        ("HTTPS_PROXY", f"http://me:{KEY}@127.0.0.1:1"),
        ("HTTPS_PROXY", f"socks9://me:{KEY}@127.0.0.1:1"),
    ],
)
def test_what_an_address_holds_besides_the_host_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, address: str
) -> None:
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://api.example")
    monkeypatch.setenv(variable, address)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-of-no-meaning")
    told = run_process("list")
    assert told.code == 2
    assert "Traceback" not in told.err
    assert KEY not in told.err
