"""The main job, end to end, as a person at a terminal does it."""

import time
import tomllib
from pathlib import Path

import pytest

from batchtui.library.store import ResultsStore
from tests.journeys.acting import (
    FIRST_ROW,
    clear_filter,
    open_settings_at,
    quit_from,
    read_errored_row,
    row_of,
    say_yes,
    seek,
    wait_for_field,
    wait_for_list,
)
from tests.journeys.support import Service, environment, program, simulator
from tests.terminal_harness import TerminalProgram

SIZES = [(120, 34), (80, 24)]
PAGE_SIZE = "Batches on one page of the list"


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_list_watch_act_read_and_settings(tmp_path: Path, size: tuple[int, int]) -> None:
    with simulator() as service:
        environ = main_job_environment(tmp_path, service)
        with program(environ, size=size) as running:
            do_the_main_job(running, service, tmp_path)
        with program(environ, size=size) as again:
            wait_for_list(again)
            again.wait_for("page 1 of 6")
            open_settings_at(again, "Page size", PAGE_SIZE)
            again.wait_for(lambda: " 15 " in row_of(again, "Page size"))


def main_job_environment(folder: Path, service: Service, **more: str) -> dict[str, str]:
    """The environment of a user who has chosen a page of twenty batches."""
    settings = folder / "config" / "settings.toml"
    settings.parent.mkdir(mode=0o700)
    settings.write_text("page_size = 20\n")
    settings.chmod(0o600)
    return environment(folder, service, BATCHTUI_POLL_INTERVAL="2", **more)


def do_the_main_job(running: TerminalProgram, service: Service, folder: Path) -> None:
    """Everything between start and end, checked on the screen, at the service and on the disk."""
    wait_for_list(running)
    see_two_pages(running, service)
    see_a_batch_end(running, service)
    cancel_one(running, service)
    delete_one(running, service)
    read_results(running, service, folder)
    change_a_setting(running, folder)
    quit_from(running)


def see_two_pages(running: TerminalProgram, service: Service) -> None:
    ids = [one["id"] for one in service.batches()]
    running.wait_for(lambda: ids[0] in running.text)
    running.press("]")
    running.wait_for("page 2 of")
    running.wait_for(lambda: ids[0] not in running.text)
    running.press("[")
    running.wait_for("page 1 of")
    running.wait_for(lambda: ids[0] in running.text)


def see_a_batch_end(running: TerminalProgram, service: Service) -> None:
    watched = service.batches()[0]["id"]
    seek(running, watched)
    running.wait_for("of 24 h")
    assert "running" in running.lines[FIRST_ROW]
    service.skip(60)
    running.wait_for(lambda: "3 failed" in running.lines[FIRST_ROW])
    running.wait_for(lambda: "took 1 m" in running.text)
    assert service.batch(watched)["processing_status"] == "ended"
    clear_filter(running)


def cancel_one(running: TerminalProgram, service: Service) -> None:
    canceled = service.find(18_000)
    seek(running, canceled)
    running.press("c")
    running.wait_for("Cancel this batch?")
    assert service.batch(canceled)["processing_status"] == "in_progress"
    say_yes(running, "Cancel this batch?")
    running.wait_for(lambda: "canceling" in running.lines[FIRST_ROW])
    assert service.batch(canceled)["processing_status"] == "canceling"
    assert not running.shows("Cancel this batch?")
    clear_filter(running)


def delete_one(running: TerminalProgram, service: Service) -> None:
    deleted = service.find(12)
    seek(running, deleted)
    running.press("x")
    running.wait_for("Delete this batch?")
    assert service.batch(deleted)["processing_status"] == "ended"
    say_yes(running, "Delete this batch?")
    running.wait_for("Nothing matches the filter")
    assert deleted not in [one["id"] for one in service.batches()]
    clear_filter(running)


def read_results(running: TerminalProgram, service: Service, folder: Path) -> None:
    read = service.find(5_000)
    seek(running, read)
    read_errored_row(running, 5_000, 372)
    (root,) = (folder / "data").rglob("results")
    stored = ResultsStore(root).stored(read)
    assert stored is not None
    assert stored.path.read_bytes() == service.results(read)
    clear_filter(running)


def change_a_setting(running: TerminalProgram, folder: Path) -> None:
    open_settings_at(running, "Page size", PAGE_SIZE)
    running.press("enter")
    running.wait_for("Leave it")
    wait_for_field(running, "  20", is_selected=True)
    # what was filled in is replaced
    running.send("15")
    wait_for_field(running, "  15")
    running.press("enter")
    running.wait_for(lambda: " 15 " in row_of(running, "Page size"))
    settings = tomllib.loads((folder / "config" / "settings.toml").read_text())
    assert settings["page_size"] == 15
    running.press("escape")
    running.wait_for("page 1 of 6")


def test_forty_by_ten_does_not_break(tmp_path: Path) -> None:
    with simulator() as service:
        environ = environment(tmp_path, service)
        with program(environ, size=(40, 10)) as running:
            running.wait_for("running")
            running.press("tab")
            running.wait_for("Requests")
            running.press("tab")
            running.wait_for("STATE")
            running.press("?")
            running.wait_for("Keys")
            running.press("escape")
            running.wait_for(lambda: not running.shows("Keys"))
            running.press("c")
            running.wait_for("Cancel this batch?")
            running.wait_for("[ Cancel this batch ]")
            running.press("escape")
            running.wait_for(lambda: not running.shows("Cancel this batch?"))
            running.press(",")
            running.wait_for("Settings")
            running.press("escape")
            running.wait_for("page 1 of")
            quit_from(running)


def test_five_thousand_batches_page_through(tmp_path: Path) -> None:
    with simulator("many") as service:
        environ = environment(tmp_path, service, BATCHTUI_PAGE_SIZE="1000")
        with program(environ) as running:
            running.wait_for("page 1 of")
            for page in range(2, 6):
                running.press("]")
                running.wait_for(f"page {page} of {page}")
            running.wait_for("page 5 of 5 ")


def test_a_hundred_thousand_rows_are_read_while_they_come(tmp_path: Path) -> None:
    with simulator("big") as service:
        service.behave(results_rate=400_000)
        with program(environment(tmp_path, service)) as running:
            running.wait_for("nothing live")
            running.wait_for("took 3 h 12 m")
            running.press("enter")
            running.wait_for(" of 100,000")
            running.wait_for("doc-")
            assert not running.shows("verified")
            service.behave(results_rate=None)
            running.press("escape")
            running.wait_for("page 1 of")
            running.press("enter")
            running.wait_for("100,000 verified", timeout=60)


def test_no_key_offers_the_ways_and_the_demo(tmp_path: Path) -> None:
    with program(environment(tmp_path, None)) as running:
        running.wait_for("No API key yet")
        running.wait_for("ANTHROPIC_API_KEY")
        running.wait_until_quiet()
        running.press("enter")
        running.wait_for("● running")
        quit_from(running)
    assert not (tmp_path / "data").exists() or not any((tmp_path / "data").rglob("*.jsonl"))


def test_demo_touches_nothing_of_the_user(tmp_path: Path) -> None:
    started = time.time()
    with program(environment(tmp_path, None), "--demo") as running:
        running.wait_for("● running")
        quit_from(running)
    assert not [path for path in tmp_path.rglob("*") if path.stat().st_mtime >= started]


def test_an_unreachable_server_is_a_sentence_with_the_next_step(tmp_path: Path) -> None:
    with program(environment(tmp_path, "http://127.0.0.1:9")) as running:
        running.wait_for("The list could not be loaded")
        running.wait_for("r tries again")
        assert "Traceback" not in running.text
