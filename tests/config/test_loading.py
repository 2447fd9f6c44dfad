"""Who wins: default, file, profile, environment, command line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.config.errors import InvalidSetting, UnknownProfile
from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths
from batchtui.config.profiles import CommandKey, EnvironmentKey, FileKey
from batchtui.config.settings import Settings
from tests.config.conftest import Load

Write = Callable[[str | bytes], None]

PROFILES = """
page_size = 30

[profiles.acme]
base_url = "https://gateway.acme.example/anthropic"
key_file = "~/acme key"
profile_color = "red"
read_only = true
page_size = 40

[profiles.lab]
key_env = "LAB_KEY"
"""


def messages(loaded: LoadedSettings) -> str:
    return "\n".join(map(str, loaded.problems))


def test_without_a_file_there_are_the_defaults(load: Load, paths: Paths) -> None:
    loaded = load()
    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert {origin.kind for origin in loaded.origins.values()} == {"default"}
    assert not paths.config_dir.exists()


def test_the_later_wins_and_is_named(load: Load, write: Write) -> None:
    write(PROFILES)
    size = "page_size"
    seen = []
    for overrides, environ in (
        ({}, {}),
        ({"profile": "acme"}, {}),
        ({"profile": "acme"}, {"BATCHTUI_PAGE_SIZE": "50"}),
        ({"profile": "acme", size: "60"}, {"BATCHTUI_PAGE_SIZE": "50"}),
    ):
        loaded = load(overrides, **environ)
        seen.append((loaded.settings.page_size, str(loaded.origins[size])))
    assert seen == [
        (30, "file"),
        (40, "profile acme"),
        (50, "environment BATCHTUI_PAGE_SIZE"),
        (60, "command line"),
    ]


def test_what_the_file_says_is_known_whoever_wins(load: Load, write: Write) -> None:
    write("page_size = 30")
    loaded = load(BATCHTUI_PAGE_SIZE="50")
    assert loaded.stored.values == {"page_size": 30}
    assert loaded.is_overridden("page_size")
    assert not loaded.is_overridden("theme")


def test_an_impossible_variable_is_passed_over_and_told(load: Load) -> None:
    loaded = load(BATCHTUI_PAGE_SIZE="many", BATCHTUI_THEME="")
    assert loaded.settings == Settings()
    assert "BATCHTUI_PAGE_SIZE" in messages(loaded)
    assert "from 1 to 1,000" in messages(loaded)


def test_a_slip_in_a_variable_is_told_but_not_what_others_may_mean(load: Load) -> None:
    loaded = load(BATCHTUI_PAGESIZE="5", BATCHTUI_BATCH_ID="x", BATCHTUI_CONFIG_DIR="/c")
    assert [problem.source for problem in loaded.problems] == ["BATCHTUI_PAGESIZE"]
    assert "BATCHTUI_PAGE_SIZE" in loaded.problems[0].hint


def test_the_command_line_is_taken_at_its_word(load: Load) -> None:
    assert load({"read_only": True, "theme": "paper"}).settings.read_only
    with pytest.raises(InvalidSetting, match="page_size must be auto, or a whole number"):
        load({"page_size": "0"})
    with pytest.raises(InvalidSetting) as caught:
        load({"page_siez": "5"})
    assert "page_size" in caught.value.hint


def test_profiles_are_chosen_by_file_environment_and_command_line(load: Load, write: Write) -> None:
    write('profile = "acme"\n' + PROFILES)
    assert load().profile.name == "acme"
    assert load(BATCHTUI_PROFILE="lab").profile.name == "lab"
    assert load({"profile": "default"}, BATCHTUI_PROFILE="lab").profile.name == "default"
    assert load().profile_names == ("default", "acme", "lab")


def test_a_profile_says_whom_to_talk_to(load: Load, write: Write, tmp_path: Path) -> None:
    write(PROFILES)
    profile = load({"profile": "acme"}).profile
    assert profile.base_url == "https://gateway.acme.example/anthropic"
    assert profile.host == "gateway.acme.example"
    assert profile.key_source == FileKey(tmp_path / "acme key")
    assert profile.color == "red"
    assert profile.read_only
    assert load({"profile": "lab"}).profile.key_source == EnvironmentKey(("LAB_KEY",))


def test_a_missing_profile_is_an_error_only_where_it_was_just_asked_for(
    load: Load, write: Write
) -> None:
    write('profile = "gone"\n[profiles.acme]\n')
    loaded = load()
    assert loaded.profile.name == "default"
    assert loaded.origins["profile"].kind == "default"
    assert "no profile gone" in messages(loaded)
    with pytest.raises(UnknownProfile) as caught:
        load({"profile": "acne"})
    assert "acme" in caught.value.hint
    with pytest.raises(UnknownProfile, match="BATCHTUI_PROFILE"):
        load(BATCHTUI_PROFILE="acne")


def test_the_key_source_is_one_decision(load: Load, write: Write, tmp_path: Path) -> None:
    write('key_command = ["pass", "key"]\n[profiles.acme]\nkey_file = "k"\n')
    assert load().profile.key_source == CommandKey(("pass", "key"))
    loaded = load({"profile": "acme"})
    assert loaded.profile.key_source == FileKey(tmp_path / "config" / "k")
    assert loaded.settings.key_command == ()
    assert load(BATCHTUI_KEY_ENV="MINE").profile.key_source == EnvironmentKey(("MINE",))


def test_two_servers_never_share_a_folder(load: Load, paths: Paths) -> None:
    folders = {
        load(ANTHROPIC_BASE_URL=url).data_dir if url else load().data_dir
        for url in ("", "http://127.0.0.1:8001", "http://127.0.0.1:8002", "https://g.example/a")
    }
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {paths.data_dir / "profiles"}
    assert load().data_dir.name == "default"


def test_two_profiles_never_share_a_folder_for_results(
    load: Load, write: Write, tmp_path: Path
) -> None:
    write('download_dir = "~/results"\n[profiles.a]\n[profiles.b]\n')
    one, other = (load({"profile": name}).results_dir for name in ("a", "b"))
    assert one != other
    assert one.parent == other.parent == tmp_path / "results"
    assert load({"download_dir": ""}).results_dir == load().data_dir / "results"
    assert load({"export_dir": "~/out"}).export_dir == tmp_path / "out"
    assert load().export_dir == Path.cwd()


def test_an_odd_environment_is_told(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": "relative"}
    paths = Paths.from_environment(environ, platform="linux")
    loaded = load_settings(paths, environ)
    assert "XDG_CONFIG_HOME" in loaded.problems[0].message
