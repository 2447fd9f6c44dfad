"""Every screen, with text that means harm in every place: nothing of it acts on the terminal."""

import json
import re
from pathlib import Path

from tests.journeys.acting import quit_from, wait_for_list
from tests.journeys.support import Service, environment, program, simulator
from tests.journeys.test_hostile import ATTACKS, assert_harmless, hostile_batch, hostile_rows
from tests.terminal_harness import TerminalProgram

# What a file name and an argument can hold; they have no room for more.
NAME = "r\x1b]0;EVIL\x07\x1b[2J\x1b[1;1H\x9b\u202e[bold]"
ESCAPE = "\x1b[27u"
"""As terminals send it that tell it from the beginning of a sequence: it counts at once."""
TOUR = {
    "label": ("l",),
    "note": ("m",),
    "go to id": ("#",),
    "filter": ("/", "EVIL"),
    "help": ("?",),
    "commands": (":",),
    "one command": (":", "l"),
    "calls": ("C",),
    "timeline": ("H",),
    "settings": (",",),
    "themes": ("T",),
    "profiles": ("P",),
    "unfinished": ("U",),
    "attach": ("a",),
    "cancel": ("c",),
    "delete": ("x",),
    "detail": ("tab", "down", "down"),
    "copied": ("y",),
    "send again": ("R",),
    "merge": ("M",),
}
"""From the list, by key. What each opens is left with Escape."""
IN_RESULTS = {
    "read": ("enter",),
    "plain": ("enter", "v"),
    "raw": ("enter", "v", "v"),
    "failures": ("f",),
    "summary": ("S",),
    "groups": ("g",),
    "fields": ("F",),
    "export": ("e",),
    "query": ("/", "error:"),
    "send again": ("R",),
    "copied": ("y",),
    "copied whole": ("Y",),
    "review": ("V",),
    "note": ("m",),
    "next match": ("n",),
}
"""From the results, by key."""
IN_PAIRS = {
    "read": ("enter",),
    "fields": ("F",),
    "export": ("e",),
    "query": ("/", "error:"),
    "review": ("V",),
}
"""From two runs that are compared, by key."""
IN_PREVIEW = {"request": ("v",), "label": ("l",), "problems": ("tab", "down"), "copied": ("y",)}
"""From requests that are about to be sent, by key."""


def write_hostile_requests(path: Path) -> Path:
    """Write a file of requests: one that is fit to be sent, one that is not, and no request."""
    message = {"role": "user", "content": ATTACKS}
    params = {"model": f"m{ATTACKS}", "max_tokens": 5, "messages": [message], ATTACKS: ATTACKS}
    good = {"custom_id": "q-1", "params": {**params, "model": "claude-haiku-4-5"}}
    bad = {"custom_id": ATTACKS, "params": params}
    path.write_text("".join(json.dumps(one) + "\n" for one in (good, bad)) + ATTACKS)
    return path


def write_hostile_files(folder: Path) -> Path:
    """Write a file of requests, a theme and settings."""
    requests = write_hostile_requests(folder / f"{NAME}.jsonl")
    config = folder / "config"
    config.mkdir(mode=0o700)
    settings = config / "settings.toml"
    key = json.dumps(ATTACKS.replace("\x7f", ""))
    settings.write_text(f'[profiles.{key}]\ncolor = "red"\n{key} = 1\n')
    settings.chmod(0o600)
    (config / "themes").mkdir()
    (config / "themes" / "evil.toml").write_text(f"name = {key}\nprimary = {key}\n")
    return requests


def plant_hostile_answers(service: Service, batch: dict[str, object]) -> None:
    """Let every answer of the service hold attacks."""
    other = {**batch, "id": f"{batch['id']}2"}
    page = {"data": [batch, other], "has_more": False, "first_id": None, "last_id": None}
    given = {"kind": "answer", "status": 200, "body": "given", "times": None}
    service.plant(**given, operation="list", content=json.dumps(page))
    service.plant(**given, operation="retrieve", content=json.dumps(batch))
    service.plant(**given, operation="results", content=hostile_rows())
    for operation in ("delete", "cancel", "create"):
        service.plant(operation=operation, status=400, message=ATTACKS, times=None)


def give_hostile_label(running: TerminalProgram) -> None:
    """Paste a label that means harm."""
    running.press("l")
    running.wait_for("Label")
    running.wait_until_quiet()
    running.send(f"\x1b[200~label {ATTACKS}\x1b[201~")
    running.wait_for("label \\x1b]0")
    running.wait_until_quiet()
    running.press("enter")
    running.wait_for(lambda: not running.shows("╭") and running.shows("label \\x1b]0"))


def visit(running: TerminalProgram, keys: tuple[str, ...]) -> None:
    """Go somewhere and look at it, down to its end."""
    for key in (*keys, "pagedown"):
        if len(key) == 1 or key.islower():
            running.press(key)
        else:
            running.send(key)
        running.wait_until_quiet(0.1)
    assert_harmless(running, has_copied=True)
    assert running.is_running


def back_to_list(running: TerminalProgram) -> None:
    """Press Escape until the list stands alone on the screen."""

    def is_there() -> bool:
        return running.shows("STATE") and not running.shows("╭") and "page 1" in running.lines[1]

    for _ in range(8):
        running.wait_until_quiet(0.2)  # what was asked for may open late
        running.send(ESCAPE)
        running.wait_until_quiet(0.2)
        if is_there():
            break
    running.wait_for(is_there)


def test_all_screens_with_hostile_text_everywhere(tmp_path: Path) -> None:
    with simulator() as service:
        batch = hostile_batch(service)
        environ = environment(tmp_path, service)
        plant_hostile_answers(service, batch)
        requests = write_hostile_files(tmp_path)
        with program(environ) as running:
            wait_for_list(running)
            running.wait_for("1 failed")
            give_hostile_label(running)
            for keys in TOUR.values():
                visit(running, keys)
                back_to_list(running)
            for keys in IN_RESULTS.values():
                running.press("enter")
                running.wait_for("2 verified")
                visit(running, keys)
                back_to_list(running)
            for keys in IN_PAIRS.values():
                if not running.shows("2 marked"):
                    running.press("*")
                    running.wait_for("2 marked")
                running.press("=")
                running.wait_for("Compare")
                running.wait_until_quiet()
                visit(running, keys)
                back_to_list(running)
            new = re.search(r"(\S) New ", running.text)
            assert new
            running.press(new[1])
            running.wait_for("A file of requests")
            running.press("ctrl+u")
            running.send(f"{requests.parent}/")
            running.wait_until_quiet(0.2)
            running.press("tab", "tab")
            running.wait_until_quiet(0.2)
            assert_harmless(running, has_copied=True)
            running.press("ctrl+u")
            running.send(str(write_hostile_requests(tmp_path / "requests.jsonl")))
            running.press("enter")
            running.wait_for("What will go")
            for keys in IN_PREVIEW.values():
                visit(running, keys)
                running.send(ESCAPE)
                running.wait_for(lambda: not running.shows("╭"))
            back_to_list(running)
            quit_from(running)
            assert_harmless_at_the_end(running)


def assert_harmless_at_the_end(running: TerminalProgram) -> None:
    running.emulator.modes.add("1049")
    assert_harmless(running, has_copied=True)
