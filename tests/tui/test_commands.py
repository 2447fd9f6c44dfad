"""Commands: each has one method, each key one meaning, and every text shows the live key."""

import ast
import importlib
import inspect
import pkgutil
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from textual.screen import Screen

import batchtui.tui.screens
from batchtui.config.key_names import is_key
from batchtui.config.saving import save_settings
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.catalog import ALL_COMMANDS
from batchtui.tui.commands.command import Access, Command
from batchtui.tui.commands.general import EVERYWHERE
from batchtui.tui.screens.command_screen import CommandScreen
from tests.tui.support import (
    WIDE,
    make_app,
    make_world,
    notice_text,
    wait_for_text,
    wait_until,
)

MOVES = {
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
    *("j", "k", "J", "K", "shift+up", "shift+down", "ctrl+f", "ctrl+b", "ctrl+d", "ctrl+u"),
}
OWN_TO_EACH_SCREEN = {"enter", "escape"} | MOVES


def load_screens() -> list[type[CommandScreen[object]]]:
    """All screens with commands, their modules loaded."""
    packages = pkgutil.walk_packages(
        batchtui.tui.screens.__path__, f"{batchtui.tui.screens.__name__}."
    )
    found = {
        one
        for package in packages
        for one in vars(importlib.import_module(package.name)).values()
        if inspect.isclass(one) and issubclass(one, CommandScreen) and one.OFFERED
    }
    return sorted(found, key=lambda one: one.__name__)


SCREENS = load_screens()


def owners_of(screen: type[Screen[object]]) -> list[type[object]]:
    """The screen, and the classes of its package, which may be its panes and services."""
    package = screen.__module__.rpartition(".")[0]
    modules = [module for name, module in sys.modules.items() if name.startswith(f"{package}.")]
    classes = (one for module in modules for one in vars(module).values() if inspect.isclass(one))
    owners = {one for one in classes if one.__module__.startswith(f"{package}.")}
    return [screen, *(one for one in owners if not issubclass(one, Screen | Command))]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.__name__)
def test_every_command_has_one_method_and_every_method_is_offered(
    screen: type[CommandScreen[object]],
) -> None:
    owners = owners_of(screen)
    for command in screen.OFFERED:
        if command in EVERYWHERE:
            continue
        found = [one for one in owners if callable(getattr(one, command.action(), None))]
        assert found, f"{screen.__name__} offers {command.id()} and cannot do it"
    offered = {command.action() for command in screen.OFFERED}
    known = {command.action() for command in ALL_COMMANDS}
    assert set(vars(screen)) & known <= offered


def test_what_works_everywhere_is_done_by_the_app() -> None:
    for command in EVERYWHERE:
        assert callable(getattr(BatchtuiApp, f"action_{command.action()}")), command


def test_every_command_is_in_the_catalog() -> None:
    for screen in SCREENS:
        assert set(screen.OFFERED) <= set(ALL_COMMANDS), screen


def test_no_key_means_two_things() -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for command in ALL_COMMANDS:
        for key in command.keys.split(","):
            assert is_key(key), f"{command.id()}: {key}"
            if key not in OWN_TO_EACH_SCREEN:
                meanings[key].add(command.act or command.id())
    assert {key: acts for key, acts in meanings.items() if len(acts) > 1} == {}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda one: one.__name__)
def test_no_key_stands_for_two_commands_of_a_screen(screen: type[CommandScreen[object]]) -> None:
    by_key: dict[str, set[type[Command]]] = defaultdict(set)
    for command in (*screen.OFFERED, *EVERYWHERE):
        for key in command.keys.split(","):
            by_key[key].add(command)
    clashes = {key: commands for key, commands in by_key.items() if len(commands) > 1}
    # what Enter or Esc do depends on the state of the screen, which says what is possible
    assert set(clashes) <= {"enter", "escape"}


def test_no_text_names_a_key_by_hand() -> None:
    folder = Path(inspect.getfile(batchtui.tui.screens)).parent.parent
    named = []
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple) and len(node.elts) == 2:
                texts = [str(one.value) for one in node.elts if isinstance(one, ast.Constant)]
                if len(texts) == 2 and texts[1] == "key" and texts[0] not in FIXED:
                    named.append(f"{path.name}:{node.lineno} {texts[0]}")
    assert named == []


FIXED = {"Enter", "Esc", "Tab", "PgDn", "↑↓", "↑ ↓", "←→", "/"}
"""Keys of dialogs and the sign of the query's prompt: no commands, so they cannot be moved."""


async def test_an_old_key_says_once_where_its_command_is() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("n")
        await wait_for_text(pilot, "New is + now")
        assert not [one for one in app.workers if one.group == "flow"]


async def test_a_key_that_runs_nothing_here_says_where_it_does() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("H")
        await wait_for_text(pilot, "Timeline")
        await pilot.press("s")
        await wait_until(
            pilot,
            lambda: "Sort is not possible here: it works in Batches" in notice_text(app),
            "where s sorts",
        )


def test_a_key_that_goes_on_never_zooms() -> None:
    for command in ALL_COMMANDS:
        if command.act in ("next", "previous"):
            assert command.id().split("-")[0] in ("next", "previous"), command.id()


async def test_a_read_only_account_refuses_all_that_changes_it_on_every_screen() -> None:
    changing = {command for command in ALL_COMMANDS if Access.WRITE in command.needs}
    assert {
        "cancel-batch",
        "delete-batch",
        "new-batch",
        "finish-sending",
        "retry-failed",
        "send-again",
        "send-cause-again",
        "send-batch",
        "send-canary",
        "send-knowingly",
        "try-once",
        "finish-other",
    } == {command.id() for command in changing}
    app = make_app(make_world())
    async with app.run_test(notifications=True) as pilot:
        screen = CommandScreen[None]()
        await app.push_screen(screen)
        assert all(screen.availability_of(command) for command in changing)
        save_settings(app.effective.loaded.paths, {"read_only": True})
        app.apply(app.accounts.read_settings())
        await pilot.pause()
        assert not any(screen.availability_of(command) for command in changing)
