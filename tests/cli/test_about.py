"""``batchtui paths``, ``themes``, ``keys`` and ``completions``."""

import os
from pathlib import Path

from rich.cells import cell_len

from batchtui.cli.table import TextColumn, cell_width, fit, render_table
from batchtui.tui.commands.catalog import ALL_COMMANDS
from tests.cli.running import Program


def write_settings(text: str) -> None:
    folder = Path(os.environ["BATCHTUI_CONFIG_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(text)


def test_paths(program: Program) -> None:
    write_settings("")
    places = {one["name"]: one for one in program("paths").records}
    assert places["settings"]["path"] == f"{os.environ['BATCHTUI_CONFIG_DIR']}/settings.toml"
    assert places["settings"]["exists"] is True
    assert places["results"]["exists"] is False
    elsewhere = program("paths", "--base-url", "http://127.0.0.1:9").records
    assert {one["name"]: one["path"] for one in elsewhere}["ledger"] != places["ledger"]["path"]


def test_themes(program: Program) -> None:
    themes = program("themes").records
    assert [one["name"] for one in themes if one["selected"]] == ["inkwell"]
    write_settings('theme = "paper"')
    own = Path(os.environ["BATCHTUI_CONFIG_DIR"]) / "themes"
    own.mkdir()
    (own / "broken.toml").write_text("nonsense")
    outcome = program("themes")
    assert outcome.code == 0
    assert [one["name"] for one in outcome.records if one["selected"]] == ["paper"]
    assert "broken.toml" in outcome.err


def test_keys_are_those_of_the_settings(program: Program) -> None:
    write_settings('[keys]\ncancel-batch = "ctrl+x"\nno-such-command = "y"\n')
    outcome = program("keys")
    commands = {str(one["id"]): one for one in outcome.records}
    assert set(commands) == {command.id() for command in ALL_COMMANDS}
    assert commands["cancel-batch"]["keys"] == ["ctrl+x"]
    assert commands["cancel-batch"]["default_keys"] == ["c"]
    assert "no-such-command" in outcome.err


def test_tables_are_cut_by_cells() -> None:
    assert cell_width("日本x\u0301") == 5
    assert fit("日本語", 4) == "日…"
    assert fit("日本語", 5) == "日本…"
    assert fit("abc", 3) == "abc"
    assert cell_width("👩‍👩‍👧") == cell_len("👩‍👩‍👧")  # as the app counts
    columns = (
        TextColumn("A"),
        TextColumn("N", is_number=True),
        TextColumn("LAST", can_shrink=True),
    )
    lines = render_table(columns, [("x", "1", "longer text"), ("日本", "22", "b")], 16)
    assert lines == ["A      N  LAST", "x      1  longe…", "日本  22  b"]
    assert render_table(columns, [], 80) == ["A  N  LAST"]
