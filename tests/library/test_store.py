"""What the store shows as complete, and what it never does."""

import hashlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from batchtui.library.errors import BusyError, StorageError
from batchtui.library.store import PartialResults, ResultsStore, StoredResults

DATA = b'{"custom_id":"a"}\n'


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    return ResultsStore(tmp_path / "results")


def about(batch_id: str = "b1", size: int = len(DATA)) -> StoredResults:
    return StoredResults(
        batch_id=batch_id,
        size=size,
        sha256=hashlib.sha256(DATA).hexdigest(),
        rows=1,
        counts={"succeeded": 1},
        request_id="req_1",
        downloaded_at=datetime(2026, 1, 2, tzinfo=UTC),
    )


def put(store: ResultsStore, batch_id: str = "b1") -> StoredResults:
    with store.lock(batch_id):
        store.part_path(batch_id).write_bytes(DATA)
        return store.finish(about(batch_id), store.part_path(batch_id))


def write_manifest(store: ResultsStore) -> None:
    """Write what `finish` writes before it renames the part."""
    other = ResultsStore(store.root.parent / "other")
    put(other)
    (store.root / "b1.json").write_bytes((other.root / "b1.json").read_bytes())


def test_finished_results_are_found_again(store: ResultsStore) -> None:
    stored = put(store)
    assert store.stored("b1") == stored
    assert stored.path.read_bytes() == DATA
    assert stored.downloaded_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert list(store.all()) == [stored]
    assert store.partial("b1") is None


def test_nothing_is_there_at_first_and_nothing_is_made(store: ResultsStore) -> None:
    assert store.stored("b1") is None
    assert store.partial("b1") is None
    assert list(store.all()) == []
    assert not store.root.exists()


def test_the_folder_is_private(store: ResultsStore) -> None:
    put(store)
    assert store.root.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("change", ["longer", "shorter", "gone"])
def test_a_file_of_another_size_is_not_shown_as_complete(store: ResultsStore, change: str) -> None:
    path = put(store).path
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes(DATA * 2 if change == "longer" else DATA[:-1])
    assert store.stored("b1") is None
    assert list(store.all()) == []


@pytest.mark.parametrize("manifest", [b"", b"{", b"[]", b'{"batch_id":"b1"}', b"\xff"])
def test_a_broken_manifest_proves_nothing(store: ResultsStore, manifest: bytes) -> None:
    put(store)
    (store.root / "b1.json").write_bytes(manifest)
    assert store.stored("b1") is None
    assert list(store.all()) == []


def test_a_manifest_of_another_batch_proves_nothing(store: ResultsStore) -> None:
    put(store)
    (store.root / "b1.json").rename(store.root / "b2.json")
    (store.root / "b1.jsonl").rename(store.root / "b2.jsonl")
    assert store.stored("b2") is None


def test_a_part_is_never_complete_and_keeps_its_reason(store: ResultsStore) -> None:
    with store.lock("b1"):
        store.part_path("b1").write_bytes(DATA)
        store.note_part(PartialResults(batch_id="b1", reason="cut", rows=1, validator='"v"'))
    assert store.stored("b1") is None
    part = store.partial("b1")
    assert part is not None
    assert (part.reason, part.rows, part.validator, part.size) == ("cut", 1, '"v"', len(DATA))
    assert part.path == store.part_path("b1")


def test_a_part_without_a_note_is_known_by_its_size(store: ResultsStore) -> None:
    with store.lock("b1"):
        store.part_path("b1").write_bytes(DATA)
    part = store.partial("b1")
    assert part == PartialResults(batch_id="b1", size=len(DATA), path=store.part_path("b1"))


@pytest.mark.parametrize("place", ["part", "fresh"])
def test_killed_between_manifest_and_rename_is_finished_later(
    store: ResultsStore, place: str
) -> None:
    with store.lock("b1"):
        source = store.part_path("b1") if place == "part" else store.fresh_path("b1")
        source.write_bytes(DATA)
        write_manifest(store)
        assert store.stored("b1") is None
        recovered = store.recover("b1")
    assert recovered is not None
    assert recovered.path.read_bytes() == DATA
    assert store.stored("b1") == recovered


def test_a_manifest_whose_file_never_came_is_dropped(store: ResultsStore) -> None:
    with store.lock("b1"):
        store.part_path("b1").write_bytes(DATA * 3)
        write_manifest(store)
        assert store.recover("b1") is None
    assert not (store.root / "b1.json").exists()
    assert store.partial("b1") is not None


@pytest.mark.parametrize(("old", "new", "kept"), [(2, 3, 3), (3, 2, 3), (0, 1, 1), (2, 2, 2)])
def test_the_longer_of_two_tries_is_kept(
    store: ResultsStore, old: int, new: int, kept: int
) -> None:
    with store.lock("b1"):
        if old:
            store.part_path("b1").write_bytes(b"o" * old)
        store.fresh_path("b1").write_bytes(b"n" * new)
        store.recover("b1")
    part = store.partial("b1")
    assert part is not None
    assert part.size == kept
    assert not store.fresh_path("b1").exists()


def test_forgetting_leaves_nothing(store: ResultsStore) -> None:
    put(store)
    with store.lock("b1"):
        store.part_path("b1").write_bytes(DATA)
        store.note_part(PartialResults(batch_id="b1"))
    assert store.forget("b1") > 2 * len(DATA)
    assert store.stored("b1") is None
    assert [path for path in store.root.rglob("*") if path.is_file()] == []
    assert store.forget("b1") == 0


def test_a_download_under_way_is_not_forgotten(store: ResultsStore) -> None:
    put(store)
    with store.lock("b1"), pytest.raises(BusyError):
        store.forget("b1")
    assert store.stored("b1") is not None


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="cannot lock"):
        ResultsStore(tmp_path / "file" / "results").lock("b1").acquire()


def test_the_manifest_is_plain_json(store: ResultsStore) -> None:
    put(store)
    manifest = msgspec.json.decode((store.root / "b1.json").read_bytes())
    assert manifest["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert manifest["counts"] == {"succeeded": 1}
    assert "path" not in manifest


@pytest.mark.parametrize(
    "evil", ["..", "../../etc/passwd", "/abs", "a/b", "", ".", "\x00", "~", "-"]
)
def test_names_of_evil_ids_stay_in_the_folder(store: ResultsStore, evil: str) -> None:
    path = put(store, evil).path
    assert path.parent == store.root
    found = store.stored(evil)
    assert found is not None
    assert found.batch_id == evil


@pytest.mark.parametrize("is_kept", [False, True])
def test_of_borrowed_results_only_what_came_meanwhile_goes(
    store: ResultsStore, *, is_kept: bool
) -> None:
    put(store, "before")
    store.part_path("part").write_bytes(DATA)
    store.part_path("finished").write_bytes(DATA)
    ids = ["before", "part", "finished", "new", "broken off", "nothing"]
    with store.borrowed(ids, is_kept=lambda: is_kept):
        put(store, "new")
        put(store, "finished")
        store.part_path("broken off").write_bytes(DATA)
    assert store.has("before")
    assert store.partial("part") is not None
    left = [store.has("new"), store.has("finished"), store.partial("broken off") is not None]
    assert left == [is_kept] * 3


def test_borrowed_results_go_whatever_ends_their_use(store: ResultsStore) -> None:
    with suppress(KeyError), store.borrowed(["b1"], is_kept=lambda: False):
        put(store)
        raise KeyError
    assert not store.has("b1")


def test_borrowed_results_that_another_downloads_are_left_to_it(store: ResultsStore) -> None:
    with store.borrowed(["b1"], is_kept=lambda: False):
        put(store)
        lock = store.lock("b1")
        assert lock.acquire()
    assert store.has("b1")
    lock.release()
