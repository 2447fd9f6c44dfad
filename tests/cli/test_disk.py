"""A disk that is full, read-only or gone keeps nobody from looking."""

import os
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.cli.service import Service


@pytest.fixture
def no_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("BATCHTUI_DATA_DIR", str(tmp_path / "file" / "data"))


@pytest.mark.usefixtures("no_data_folder")
def test_without_a_data_folder_list_and_show_answer(service: Service, program: Program) -> None:
    batch = service.add()
    listed = program("list")
    assert listed.code == 0
    assert [one["id"] for one in listed.records] == [batch.id]
    assert "cannot be opened" in listed.err
    assert program("show", batch.id).records[0]["id"] == batch.id
    assert program("watch", batch.id).code == 0


@pytest.mark.usefixtures("no_data_folder")
def test_without_a_data_folder_nothing_is_lost_silently(
    service: Service, program: Program, tmp_path: Path
) -> None:
    batch = service.add()
    assert program("label", batch.id, "name").code == 2
    requests = _requests(tmp_path)
    created = program("create", requests, "--yes")
    assert created.code == 2
    assert "cannot be opened" in created.err.splitlines()[-2]
    assert not any("POST" in path for path in service.paths())


def test_after_a_damaged_ledger_a_file_that_may_have_been_sent_is_asked_about(
    service: Service, program: Program, tmp_path: Path
) -> None:
    requests = _requests(tmp_path)
    assert program("create", requests, "--yes").code == 0
    [ledger] = Path(os.environ["BATCHTUI_DATA_DIR"]).rglob("ledger.db")
    ledger.write_bytes(b"")
    refused = program("create", requests)
    assert refused.code == 1
    assert "not known" in refused.err
    posts = [path for path in service.paths() if "POST" in path]
    assert len(posts) == 1
    assert program("create", requests, "--again").code == 0
    young = tmp_path / "young.jsonl"
    young.write_text(requests.read_text().replace("hi", "ho"))
    assert program("create", young).code == 0


def _requests(folder: Path) -> Path:
    requests = folder / "requests.jsonl"
    message = '{"role":"user","content":"hi"}'
    requests.write_text(
        '{"custom_id":"a","params":{"model":"m","max_tokens":1,"messages":[' + message + "]}}\n"
    )
    return requests
