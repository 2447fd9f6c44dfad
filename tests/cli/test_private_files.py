"""What the program keeps is readable by its user alone, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Program, finished, started
from tests.cli.service import Service
from tests.cli.test_create import request_lines


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def shared_files() -> list[str]:
    """Return what others could read of the program's folders."""
    folders = [Path(os.environ[f"BATCHTUI_{name}_DIR"]) for name in ("CONFIG", "DATA")]
    found = [one for folder in folders for one in (folder, *folder.rglob("*")) if one.exists()]
    assert len(found) > 10
    return [
        f"{one}: {mode:o}" for one in found if (mode := stat.S_IMODE(one.stat().st_mode)) & 0o77
    ]


@pytest.mark.usefixtures("no_umask")
def test_nobody_else_reads_what_is_kept(service: Service, program: Program, tmp_path: Path) -> None:
    requests = tmp_path / "requests.jsonl"
    requests.write_bytes(request_lines([f"row-{number}" for number in range(3)]))
    batch = service.add(succeeded=2, errored=1)
    assert program("results", batch.id).code == 0
    assert program("attach", batch.id, requests).code == 0
    assert program("label", batch.id, "mine").code == 0
    assert program("retry", batch.id, "--yes", "--all").code == 0
    assert program("create", requests, "--yes", "--again").code == 0
    with (
        requests.open("rb") as stdin,
        started("create", "-", "--yes", "--again", stdin=stdin.fileno()) as process,
    ):
        assert finished(process).code == 0
    assert program("review", batch.id, "--id", "row-0", "--set", "good").code == 0
    assert program("results", batch.id, "--record-pattern", "(?P<a>x)", "--fields", ".a").code == 0
    assert program("sync").code == 0
    assert shared_files() == []
