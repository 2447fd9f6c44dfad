"""What is loaded to run a verb, and what every verb says of itself."""

import subprocess
import sys

import pytest

from batchtui import __version__
from batchtui.cli.verbs import VERBS
from tests.cli.running import Program

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


def loaded_by(*words: str) -> str:
    """Which of the heavy libraries a run of the program loads."""
    run = subprocess.run(
        [sys.executable, "-c", _LOADED, *words], capture_output=True, check=False, timeout=60
    )
    return run.stderr.decode().splitlines()[-1]


def test_no_verb_loads_the_app() -> None:
    run = subprocess.run([sys.executable, "-c", _HELP_OF_ALL], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()


@pytest.mark.parametrize(
    ("words", "loaded"),
    [
        (("--version",), "[]"),
        (("paths",), "[]"),
        (("themes",), "[]"),
        (("keys",), "[]"),
        (("label", "id", "text"), "[]"),
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


def test_account_options_may_stand_before_the_verb(program: Program) -> None:
    assert program("--demo", "list", "--limit", "1").code == 0
    assert program("--profile", "default", "paths").code == 0
