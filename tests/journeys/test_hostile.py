"""Texts that mean harm, keys that must not be seen, keys that stop working."""

import base64
import json
import sys
from pathlib import Path

from tests.journeys.acting import quit_from, say_yes, seek, wait_for_list
from tests.journeys.support import KEY, Service, environment, program, simulator
from tests.terminal_harness import TerminalProgram

MARK = "EVIL"
ATTACKS = "".join(
    (
        f"\x1b]0;{MARK}\x07",  # sets the title
        f"\x1b]52;c;{MARK}\x07",  # sets the clipboard
        "\x1b[31m\x1b[2J\x1b[1;1H",  # colors, clears, moves
        "\x1b[?1049l\x1bP+q\x1b\\",  # leaves the picture, asks
        "\x9b2J\x90x\x9c",  # the same in one byte each
        "\x07\x08\x08\r\x0b\x0e",
        "\u202e\u2066\u200b\ufeff\u2028",  # turns text round, hides, breaks lines
        "e" + "\u0301" * 40,
        "[bold red]x[/] [@click=app.quit]quit[/] [/nope]",
    )
)
RAW = (b"\x1b]0;" + MARK.encode(), b"\x1b]52;c;" + MARK.encode(), b"\x1b[2J\x1b[1;1H", b"\x1bP+q")
HIDDEN = "\u202e\u2066\u200b\ufeff\u2028\x9b\x90"


def hostile_batch(service: Service) -> dict[str, object]:
    """A batch of the service, under a name that means harm."""
    found = dict(service.batch(service.find(12)))
    found["id"] = f"msgbatch_{ATTACKS}"
    found["results_url"] = f"{service.url}/v1/messages/batches/any/results"
    found["request_counts"] = {
        "processing": 0,
        "succeeded": 1,
        "errored": 1,
        "canceled": 0,
        "expired": 0,
    }
    return found


def hostile_rows() -> str:
    """Two results: an answer and an error."""
    answer = {
        "type": "message",
        "role": "assistant",
        "id": f"msg_{ATTACKS}",
        "model": f"claude{ATTACKS}",
        "content": [
            {"type": "text", "text": f"# {ATTACKS}\n\n```{ATTACKS}\n{ATTACKS}\n```\n{ATTACKS}"},
            {"type": "tool_use", "id": ATTACKS, "name": ATTACKS, "input": {ATTACKS: ATTACKS}},
        ],
        "stop_reason": ATTACKS,
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }
    error = {"type": ATTACKS, "message": ATTACKS}
    results = [
        {"type": "succeeded", "message": answer},
        {"type": "errored", "error": {"type": "error", "error": error, "request_id": ATTACKS}},
    ]
    rows = [{"custom_id": f"{n}{ATTACKS}", "result": result} for n, result in enumerate(results)]
    return "".join(json.dumps(row) + "\n" for row in rows)


def assert_harmless(running: TerminalProgram, *, has_copied: bool = False) -> None:
    """Nothing of the attacks has come out as it is; what was copied on purpose is encoded."""
    output = bytes(running.output)
    assert not [attack for attack in RAW if attack in output]
    assert not [sign for sign in HIDDEN if sign.encode() in output]
    assert MARK not in running.emulator.screen.title
    copied = [text for text in running.emulator.strings if text.startswith("\x1b]52")]
    assert has_copied or not copied
    assert "1049" in running.emulator.modes


def test_texts_from_the_server_do_not_act_on_the_terminal(tmp_path: Path) -> None:
    with simulator() as service:
        batch = hostile_batch(service)
        page = {"data": [batch], "has_more": False, "first_id": batch["id"], "last_id": batch["id"]}
        given = {"kind": "answer", "status": 200, "body": "given", "times": None}
        service.plant(**given, operation="list", content=json.dumps(page))
        service.plant(**given, operation="retrieve", content=json.dumps(batch))
        service.plant(**given, operation="results", content=hostile_rows())
        service.plant(operation="delete", status=400, message=ATTACKS, times=None)
        with program(environment(tmp_path, service)) as running:
            wait_for_list(running)
            running.wait_for("1 failed")
            running.wait_for("\\x1b]0;")
            running.press("x")
            say_yes(running, "Delete this batch?")
            running.wait_for("\\u202e")
            running.press("enter")
            running.wait_for("2 verified")
            running.press("enter")
            running.wait_for("[bold red]x[/]")
            assert_harmless(running)
            running.press("J")
            running.press("v")
            running.wait_for("plain text")
            running.press("v")
            running.wait_for("raw JSON")
            running.press("escape")
            running.wait_for("CUSTOM_ID")
            running.press("f")
            running.wait_for("Failures by cause")
            running.wait_for("[@click=app.quit]quit[/]")
            assert_harmless(running)
            running.press("escape")
            running.wait_for("CUSTOM_ID")
            assert running.is_running
            quit_from(running)


def test_an_error_from_the_server_does_not_act_on_the_terminal(tmp_path: Path) -> None:
    with simulator() as service:
        service.plant(operation="list", status=400, message=ATTACKS, times=None)
        with program(environment(tmp_path, service)) as running:
            running.wait_for("\\x1b]0;EVIL")
            assert_harmless(running)
            quit_from(running)


def test_a_long_paste_into_the_filter(tmp_path: Path) -> None:
    with (
        simulator() as service,
        program(environment(tmp_path, service, BATCHTUI_PAGE_SIZE="20")) as running,
    ):
        wait_for_list(running)
        running.press("/")
        running.wait_for("label, id or state")
        running.paste(f"{ATTACKS} " + "needle " * 3_000 + "q\nq\n")
        running.wait_for("Nothing matches the filter")
        running.wait_for("page 1 of 1")
        assert_harmless(running)
        running.press("escape")
        running.wait_for("● running")
        quit_from(running)


def test_a_key_that_stops_working_and_the_next_one(tmp_path: Path) -> None:
    key_file = tmp_path / "key"
    key_file.write_text(KEY)
    settings = tmp_path / "config" / "settings.toml"
    settings.parent.mkdir()
    script = "import pathlib, sys; print(pathlib.Path(sys.argv[1]).read_text())"
    words = [sys.executable, "-c", script, str(key_file)]
    settings.write_text(f"key_command = {json.dumps(words)}\npoll_interval = 2.0\n")
    settings.chmod(0o600)
    with simulator() as service:
        environ = environment(tmp_path, service)
        del environ["ANTHROPIC_API_KEY"]
        with program(environ) as running:
            service.accept_only(KEY)
            wait_for_list(running)
            service.accept_only(f"{KEY}-next")
            running.wait_for("stopped: r tries again")
            running.wait_for("key")
            assert running.shows("running")  # what was seen stays to be read
            key_file.write_text(f"{KEY}-next")
            seek(running, service.find(18_000))
            running.press("r")
            running.wait_for(lambda: "updated" in running.lines[0])
            running.wait_for(lambda: "every" in running.lines[-1])
            quit_from(running)


def copied(running: TerminalProgram) -> str:
    """What the terminal was asked to put into the clipboard."""
    pieces = [
        text[len("\x1b]52;c;") :].rstrip("\x07\x1b\\")
        for text in running.emulator.strings
        if text.startswith("\x1b]52;c;")
    ]
    return "".join(base64.b64decode(piece).decode() for piece in pieces)


def test_the_key_is_nowhere_to_be_seen(tmp_path: Path) -> None:
    """`program` looks for it in every byte of every journey; here where it is nearest."""
    with simulator() as service:
        log = tmp_path / "calls.log"
        with program(environment(tmp_path, service), "--log-file", str(log)) as running:
            wait_for_list(running)
            running.wait_for("key …fXYZ")
            running.press("C")
            running.wait_for("/v1/messages/batches")
            running.press("y")
            running.wait_for(lambda: "$ANTHROPIC_API_KEY" in copied(running))
            running.press("escape")
            running.wait_for("STATE")
            quit_from(running)
        written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert log.read_bytes() in written
        assert not [data for data in written if KEY.encode() in data]
