"""The ledger's file: migrations, damage, newer versions, threads, processes, kill -9."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from batchtui.library import ledger_database, migrations
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_database import LedgerError, LedgerTooNewError
from batchtui.library.ledger_values import (
    PartState,
    PlannedPart,
    SeenBatch,
    SourceFile,
    SubmissionPlan,
)
from batchtui.library.migrations import NEWEST


def test_a_new_file_is_private_and_of_the_newest_version(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "ledger.db"
    Ledger(path).close()
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == NEWEST
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_newer_file_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    before = path.read_bytes()
    with pytest.raises(LedgerTooNewError, match="newer version") as caught:
        Ledger(path)
    assert "BATCHTUI_DATA_DIR" in caught.value.hint
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["head", "middle", "not a database", "empty"])
def test_a_damaged_file_is_kept_aside_and_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    for number in range(500):
        ledger.set_label(f"batch{number}", "x" * 100)
    ledger.close()
    content = bytearray(path.read_bytes())
    if damage == "head":
        content[:100] = b"\x00\xff" * 50
    elif damage == "middle":
        content[4096 : len(content) // 2] = os.urandom(len(content) // 2 - 4096)
    elif damage == "empty":
        content.clear()
    else:
        content = bytearray(b"hello, world\n" * 1000)
    path.write_bytes(content)
    ledger = Ledger(path)
    assert "damaged" in ledger.problem
    assert "submissions that were not finished are forgotten" in ledger.problem
    assert ledger.labels() == {}
    assert ledger.damaged_at is not None
    assert abs(ledger.damaged_at - datetime.now(UTC)) < timedelta(minutes=1)
    ledger.set_label("a", "works")
    ledger.close()
    kept = [file for file in tmp_path.iterdir() if ".damaged-" in file.name]
    assert bytes(content) in [file.read_bytes() for file in kept]
    again = Ledger(path)
    assert not again.problem
    again.close()


def test_damage_at_any_place_lets_the_program_start(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with closing(Ledger(path)) as ledger:
        ledger.set_label("batch", "name")
    content = path.read_bytes()
    for place in range(0, len(content), 128):
        path.write_bytes(content[:place] + b"\xff" * 128 + content[place + 128 :])
        with suppress(LedgerError), closing(Ledger(path, must_write=False)) as ledger:
            assert not ledger.refusal, place
            ledger.labels()
            ledger.records(["batch"])
        for left in tmp_path.glob("ledger.db?*"):
            left.unlink()


def test_of_a_part_with_a_damaged_state_a_batch_may_have_been_made(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    source = SourceFile(tmp_path / "a.jsonl", "00", 1)
    plan = SubmissionPlan("one", "label", source, (PlannedPart(1, 0, 1, 1, 0),))
    with closing(Ledger(path)) as ledger:
        ledger.journal.plan(plan)
        with ledger._database.write() as connection:
            damaged = "UPDATE parts SET state = CAST(x'ff00' AS TEXT), seen_before = '['"
            connection.execute(damaged)
        (record,) = ledger.journal.submissions(open_only=True)
        assert record.parts[0].state is PartState.AMBIGUOUS


def test_a_file_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "occupied").write_text("a file, not a folder")
    with pytest.raises(LedgerError, match="cannot be opened") as caught:
        Ledger(tmp_path / "occupied" / "ledger.db")
    assert caught.value.hint


def test_where_nothing_can_be_written_what_is_there_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.set_label("a", "x")
    ledger.close()

    def refuse(_path: Path) -> object:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("batchtui.library.ledger_database._open", refuse)
    with pytest.raises(LedgerError, match="readonly"):
        Ledger(path)
    ledger = Ledger(path, must_write=False)
    assert "readonly" in ledger.problem
    assert ledger.labels() == {"a": "x"}
    ledger.seen.remember([SeenBatch("b", b"{}", None, None, 1)])
    ledger.seen.mark_gone(["a"])
    assert "readonly" in ledger.seen.unsaved
    assert ledger.claim_notification("b")
    with pytest.raises(LedgerError, match="readonly"):
        ledger.set_label("a", "y")
    ledger.close()


def test_a_full_disk_refuses_labels_and_nothing_else(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.set_label("a", "x")
    ledger._database._connection.execute("PRAGMA max_page_count = 1")
    ledger.seen.remember([SeenBatch(f"b{n}", b"x" * 4096, None, None, 1) for n in range(9)])
    assert "full" in ledger.seen.unsaved
    with pytest.raises(LedgerError, match="full"):
        ledger.set_note("b", "y" * 40_000)
    assert ledger.labels()["a"] == "x"
    ledger.close()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_label_is_not_lost_in_a_file_that_is_gone(tmp_path: Path, is_replaced: bool) -> None:
    path = tmp_path / "data" / "ledger.db"
    ledger = Ledger(path)
    shutil.rmtree(path.parent)
    if is_replaced:
        Ledger(path).close()
    with pytest.raises(LedgerError, match="removed or replaced") as caught:
        ledger.set_label("a", "x")
    assert "start batchtui again" in caught.value.hint
    ledger.close()


def test_memory_serves_where_no_file_can_be_had() -> None:
    ledger = Ledger(None)
    ledger.set_label("a", "x")
    assert ledger.labels() == {"a": "x"}
    ledger.close()


def test_threads_share_one_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(ledger.claim_notification, ["same"] * 40))
        list(pool.map(lambda number: ledger.set_label(f"b{number}", "x"), range(100)))
    assert claims.count(True) == 1
    assert len(ledger.labels()) == 100
    ledger.close()


def _claim_many(path: Path) -> int:
    ledger = Ledger(path)
    won = sum(ledger.claim_notification(f"batch{number}") for number in range(50))
    ledger.close()
    return won


def test_processes_share_one_file_even_when_all_make_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(3) as pool:
        won = pool.map(_claim_many, [tmp_path / "ledger.db"] * 3)
    assert sum(won) == 50


_WRITER = """
import sys
from pathlib import Path
from batchtui.library.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
number = 0
while True:
    ledger.set_label(f"batch{number}", "x")
    print(number, flush=True)
    number += 1
"""


def test_what_was_written_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) >= 30:
            break
    writer.send_signal(signal.SIGKILL)
    said = [int(line) for line in writer.stdout if line.endswith("\n")]
    writer.wait()
    writer.stdout.close()
    ledger = Ledger(path)
    assert not ledger.problem
    assert len(ledger.labels()) >= max([30, *said]) + 1
    ledger.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    ledger.set_label("a", "x")
    ledger.close()
    steps = (*migrations.MIGRATIONS, ("CREATE TABLE half (a)", "CREATE TABLE batches (a)"))
    monkeypatch.setattr(migrations, "MIGRATIONS", steps)
    for module in (migrations, ledger_database):
        monkeypatch.setattr(module, "NEWEST", NEWEST + 1)
    with pytest.raises(LedgerError, match="already exists"):
        Ledger(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone()[0] == NEWEST
        assert connection.execute("SELECT label FROM batches").fetchall() == [("x",)]
        names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert ("half",) not in names


def test_opening_a_sound_file_takes_no_lock(tmp_path: Path) -> None:
    """A start pays for neither the lock nor the library that makes it."""
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    program = (
        "import sys\nfrom pathlib import Path\nfrom batchtui.library.ledger import Ledger\n"
        "Ledger(Path(sys.argv[1])).close()\nprint(*sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert "filelock" not in run.stdout.split()
