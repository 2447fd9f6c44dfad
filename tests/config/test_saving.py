"""Saving changes what was changed and nothing else, or nothing at all."""

import fcntl
import os
import stat
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from batchtui.config import document
from batchtui.config.errors import InvalidSetting, SettingsNotSaved
from batchtui.config.paths import Paths
from batchtui.config.saving import save_settings
from batchtui.config.settings import SETTINGS
from tests.config.conftest import Load

Write = Callable[[str | bytes], None]


def read(paths: Paths) -> dict[str, object]:
    return tomllib.loads(paths.settings_file.read_text())


def test_a_setting_is_there_on_the_next_start(paths: Paths, load: Load) -> None:
    saved = save_settings(paths, {"page_size": 50, "on_done": ("notify-send", "a b")})
    assert saved.path == paths.settings_file
    assert saved.broken_copy is None
    loaded = load()
    assert loaded.settings.page_size == 50
    assert loaded.settings.on_done == ("notify-send", "a b")
    assert loaded.problems == ()


def test_new_files_are_for_the_user_alone(paths: Paths) -> None:
    save_settings(paths, {"page_size": 50})
    assert stat.S_IMODE(paths.settings_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(paths.config_dir.stat().st_mode) == 0o700
    assert [one.name for one in paths.config_dir.iterdir()] == ["settings.toml"]


def test_permissions_that_the_user_chose_stay(paths: Paths, write: Write) -> None:
    write("page_size = 30")
    paths.settings_file.chmod(0o640)
    save_settings(paths, {"page_size": 50})
    assert stat.S_IMODE(paths.settings_file.stat().st_mode) == 0o640


def test_what_is_not_known_is_kept(paths: Paths, write: Write) -> None:
    write(
        """
        settings_version = 7
        page_size = 5000
        future = [1, 2.5, 1979-05-27, {x = 'é'}]
        [profiles.acme]
        theme = "paper"
        color = "red"
        [profiles.acme.deep.er]
        x = inf
        [other]
        y = true
        """
    )
    before = read(paths)
    save_settings(paths, {"theme": "ember"})
    assert read(paths) == {**before, "theme": "ember"}


def test_none_takes_a_setting_out(paths: Paths, write: Write) -> None:
    write('page_size = 30\ntheme = "paper"')
    save_settings(paths, {"page_size": None, "mouse": None})
    assert read(paths) == {"settings_version": 1, "theme": "paper"}


def test_profiles_are_made_and_changed(paths: Paths, load: Load) -> None:
    save_settings(paths, {"base_url": "https://a.example/", "read_only": True}, profile="a b.c")
    save_settings(paths, {"page_size": 30}, profile="a b.c")
    save_settings(paths, {"profile": "a b.c"})
    loaded = load()
    assert loaded.profile.name == "a b.c"
    assert loaded.profile.base_url == "https://a.example"
    assert loaded.settings.page_size == 30
    assert loaded.profile_names == ("default", "a b.c")
    assert loaded.problems == ()


def test_one_key_source_replaces_another(paths: Paths, load: Load) -> None:
    save_settings(paths, {"key_command": ("pass", "key")})
    save_settings(paths, {"key_file": "~/key"})
    assert read(paths) == {"settings_version": 1, "key_file": "~/key"}
    with pytest.raises(InvalidSetting, match="cannot be set together"):
        save_settings(paths, {"key_file": "~/key", "key_env": "KEY"})


@pytest.mark.parametrize(
    ("changes", "profile"),
    [
        ({"page_size": 0}, "default"),
        ({"no_such": 1}, "default"),
        ({"profile": "x"}, "acme"),
        ({"keys": {}}, "acme"),
        ({"keys": {"cancel-batch": "a b"}}, "default"),
        ({"page_size": 5}, ""),
        ({"page_size": 5}, "a\x1bb"),
    ],
)
def test_what_cannot_be_is_not_saved(
    changes: dict[str, int | str], profile: str, paths: Paths
) -> None:
    with pytest.raises(InvalidSetting):
        save_settings(paths, changes, profile=profile)
    assert not paths.settings_file.exists()


def test_no_setting_can_hold_a_key(paths: Paths) -> None:
    assert not [one.key for one in SETTINGS if one.key in ("key", "api_key", "auth_token")]
    with pytest.raises(InvalidSetting):
        save_settings(paths, {"key_env": "sk-ant-api03-secret"})


def test_what_replaces_a_broken_file_is_read_only_until_told_otherwise(
    paths: Paths, write: Write, load: Load
) -> None:
    write("read_only = true\npage_size = ")
    save_settings(paths, {"page_size": 50})
    assert load().settings.read_only
    assert load().damage is None
    save_settings(paths, {"read_only": False})
    assert not load().settings.read_only
    write("page_size = ")
    save_settings(paths, {"read_only": False})
    assert not load().settings.read_only


def test_a_broken_file_is_kept_beside_the_new(paths: Paths, write: Write, load: Load) -> None:
    copies = []
    for broken in (b"page_size = ", b"\xff broken again"):
        write(broken)
        saved = save_settings(paths, {"theme": "paper"})
        assert saved.broken_copy is not None
        assert saved.broken_copy.name.startswith("settings.toml.broken-")
        assert saved.broken_copy.read_bytes() == broken
        assert load().problems == ()
        copies.append(saved.broken_copy)
    assert len({copy.name for copy in copies}) == 2
    assert all(copy.exists() for copy in copies)


def test_what_cannot_be_read_is_not_replaced(paths: Paths) -> None:
    paths.settings_file.mkdir(parents=True)
    with pytest.raises(SettingsNotSaved, match="Nothing was saved"):
        save_settings(paths, {"theme": "paper"})
    assert paths.settings_file.is_dir()


def test_a_link_is_written_through(paths: Paths, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "batchtui.toml"
    target.parent.mkdir()
    target.write_text("page_size = 30\n")
    paths.config_dir.mkdir()
    paths.settings_file.symlink_to(target)
    assert save_settings(paths, {"theme": "paper"}).path == target
    assert paths.settings_file.is_symlink()
    assert tomllib.loads(target.read_text())["page_size"] == 30
    assert [one.name for one in target.parent.iterdir()] == ["batchtui.toml"]


def test_a_link_to_nowhere_is_written_through(paths: Paths, tmp_path: Path) -> None:
    paths.config_dir.mkdir()
    paths.settings_file.symlink_to(tmp_path / "new" / "file.toml")
    save_settings(paths, {"theme": "paper"})
    assert (tmp_path / "new" / "file.toml").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    paths = Paths(tmp_path / "file" / "config", tmp_path / "data")
    with pytest.raises(SettingsNotSaved) as caught:
        save_settings(paths, {"theme": "paper"})
    assert "Not a directory" in caught.value.message
    assert caught.value.hint


def test_a_failure_in_the_middle_leaves_the_old_file(
    paths: Paths, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("page_size = 30")

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SettingsNotSaved, match="No space left"):
        save_settings(paths, {"page_size": 50})
    assert paths.settings_file.read_text() == "page_size = 30"
    assert [one.name for one in paths.config_dir.iterdir()] == ["settings.toml"]


def test_writers_at_once_all_get_their_way(paths: Paths) -> None:
    names = [f"p{number}" for number in range(24)]

    def save(name: str) -> None:
        save_settings(paths, {"page_size": 30}, profile=name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, names))
    profiles = read(paths)["profiles"]
    assert isinstance(profiles, dict)
    assert sorted(profiles) == sorted(names)
    assert [one.name for one in paths.config_dir.iterdir()] == ["settings.toml"]


def test_a_lock_that_is_not_given_back_is_told(
    paths: Paths, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("page_size = 30")
    monkeypatch.setattr(document, "_LOCK_SECONDS", 0.0)
    held = os.open(paths.config_dir, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SettingsNotSaved, match="Another program"):
            save_settings(paths, {"page_size": 50})
    finally:
        os.close(held)
    save_settings(paths, {"page_size": 50})


def test_a_file_system_without_locks_is_no_obstacle(
    paths: Paths, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int, __: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    save_settings(paths, {"page_size": 50})
    assert load().settings.page_size == 50


def test_a_table_that_is_none_is_not_overwritten(paths: Paths, write: Write) -> None:
    write("profiles = 5")
    with pytest.raises(SettingsNotSaved, match="is not a table"):
        save_settings(paths, {"page_size": 50}, profile="a")
    assert read(paths) == {"profiles": 5}


def test_what_cannot_be_written_back_is_told(paths: Paths, write: Write) -> None:
    content = "x = 0x" + "f" * 9000
    write(content)
    with pytest.raises(SettingsNotSaved, match="cannot be written back"):
        save_settings(paths, {"page_size": 50})
    assert paths.settings_file.read_text() == content
