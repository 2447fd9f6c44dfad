"""What is loaded to run a verb, and what every verb says of itself."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from batchtui import __version__
from batchtui.cli.verbs import VERBS
from tests.cli.running import Program, on_terminal, run_process
from tests.results.core.making import succeeded

_LOADED = """
import sys
from batchtui.cli.main import main
code = main(sys.argv[1:])
print([name for name in ("textual", "rich", "httpx") if name in sys.modules], file=sys.stderr)
"""

_HELP_OF_ALL = """
import sys
from batchtui.cli.main import main
from batchtui.cli.verbs import VERBS
for words in [*([verb, "--help"] for verb in VERBS), ["completions", "bash"], ["--help"]]:
    assert main(words) == 0
    loaded = {"textual", "rich"} & set(sys.modules)
    assert not loaded, (words, loaded)
"""

_TOLD = """
import os, sys
from batchtui.cli.main import main
os.environ.pop("TEXTUAL_COLOR_SYSTEM", None)
class Watching:
    def find_spec(self, name, path=None, target=None):
        if name == "textual":
            os._exit(7 if "TEXTUAL_COLOR_SYSTEM" in os.environ else 8)
sys.meta_path.insert(0, Watching())
os.environ["TERM"] = "xterm"
sys.stdin.isatty = sys.stdout.isatty = lambda: True
os.isatty = lambda _descriptor: True
main(sys.argv[1:])
"""

_INTERRUPTED = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "batchtui.cli.main":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from batchtui.__main__ import main
main()
"""


def loaded_by(*words: str) -> str:
    """Which of the heavy libraries a run of the program loads."""
    run = subprocess.run(
        [sys.executable, "-c", _LOADED, *words], capture_output=True, check=False, timeout=60
    )
    return run.stderr.decode().splitlines()[-1]


def test_no_verb_loads_the_app() -> None:
    run = subprocess.run([sys.executable, "-c", _HELP_OF_ALL], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()


def test_a_file_is_opened_with_textual_told_what_the_terminal_can_do(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    results.write_bytes(succeeded("id"))
    words = [sys.executable, "-c", _TOLD, "open", str(results)]
    run = subprocess.run(words, capture_output=True, check=False)
    assert run.returncode == 7, run.stderr.decode()


def test_an_interrupt_while_the_program_is_loaded_ends_it_without_a_word() -> None:
    run = subprocess.run([sys.executable, "-c", _INTERRUPTED], capture_output=True, check=False)
    assert run.returncode == -signal.SIGINT
    assert (run.stdout, run.stderr) == (b"", b"")


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (("--version",), "[]"),
        (("paths",), "[]"),
        (("themes",), "[]"),
        (("keys",), "[]"),
        (("label", "msgbatch_id", "text"), "[]"),
        (("list", "--demo"), "['httpx']"),
    ],
)
def test_no_more_is_loaded_than_is_needed(words: tuple[str, ...], loaded: str) -> None:
    assert loaded_by(*words) == loaded


def test_version(program: Program) -> None:
    outcome = program("--version")
    assert (outcome.code, outcome.out.decode()) == (0, f"batchtui {__version__}\n")
    assert program("list", "--version").out == outcome.out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_refuses_what_it_does_not_know(program: Program, verb: str) -> None:
    told = program(verb, "--help")
    assert told.code == 0
    assert told.out.decode().startswith(f"usage: batchtui {verb}")
    wrong = program(verb, "--no-such-option")
    assert (wrong.code, wrong.out) == (2, b"")


def test_the_demo_says_what_it_passes_over(program: Program) -> None:
    outcome = program("--demo", "list", "--limit", "1", "--profile", "nope", "--base-url", "x:y")
    assert outcome.code == 0
    assert len(outcome.records) == 1
    assert "The demo has no profiles: --profile nope is ignored." in outcome.err
    assert "--base-url x:y is ignored." in outcome.err
    assert program("--demo", "list", "--limit", "1").err == ""


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("lst",), "There is no verb lst; did you mean list?"),
        (("--demo", "lst", "--json"), "There is no verb lst; did you mean list?"),
        (("cancle", "msgbatch_01yx"), "There is no verb cancle; did you mean cancel?"),
        (("--profile", "list", "Shwo"), "There is no verb Shwo; did you mean show?"),
        (("--demo", "xyzzy"), "xyzzy is neither a verb nor the id of a batch."),
        (("--demo", "results.jsonl"), "results.jsonl is neither a verb nor the id of a batch."),
        (("--demo", "--", "lst"), "There is no verb lst; did you mean list?"),
    ],
)
def test_a_mistyped_verb_is_wrong_usage(words: tuple[str, ...], expected: str) -> None:
    outcome = run_process(*words)
    assert (outcome.code, outcome.out) == (2, b"")
    assert expected in outcome.err


def test_a_mistyped_verb_is_refused_on_a_terminal_before_the_app_starts() -> None:
    with on_terminal("lst", "--demo") as told:
        told.wait_for("There is no verb lst; did you mean list?")
        assert told.wait_for_exit() == 2
    assert b"\x1b[?1049h" not in bytes(told.output)


def test_without_a_terminal_an_id_is_shown_and_nothing_is_listed() -> None:
    (batch,) = run_process("list", "--demo", "--limit", "1").records
    shown = run_process(batch["id"], "--demo")
    assert shown.code == 0
    (fields,) = shown.records
    assert (fields["id"], "tries" in fields) == (batch["id"], True)
    unknown = run_process("msgbatch_none", "--demo")
    assert (unknown.code, unknown.out) == (1, b"")
    assert len(run_process("--demo").records) > 1


def test_account_options_may_stand_before_the_verb(program: Program) -> None:
    assert program("--demo", "list", "--limit", "1").code == 0
    assert program("--profile", "default", "paths").code == 0
