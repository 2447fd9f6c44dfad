"""Where the files go, also in odd environments."""

from pathlib import Path

import platformdirs
import pytest

from batchtui.config.paths import Paths, expand, home_folder


def test_our_variables_win(tmp_path: Path) -> None:
    environ = {
        "HOME": "/home/me",
        "XDG_CONFIG_HOME": "/elsewhere",
        "BATCHTUI_CONFIG_DIR": str(tmp_path / "c"),
        "BATCHTUI_DATA_DIR": "~/d",
    }
    paths = Paths.from_environment(environ, platform="linux")
    assert paths.config_dir == tmp_path / "c"
    assert paths.data_dir == Path("/home/me/d")
    assert paths.notes == ()


def test_linux_follows_xdg() -> None:
    environ = {"HOME": "/home/me", "XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"}
    paths = Paths.from_environment(environ, platform="linux")
    assert (paths.config_dir, paths.data_dir) == (Path("/c/batchtui"), Path("/d/batchtui"))


def test_linux_agrees_with_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(variable, raising=False)
    paths = Paths.from_environment({"HOME": "/home/me"}, platform="linux")
    unix = platformdirs.unix.Unix("batchtui", appauthor=False)
    assert paths.config_dir == unix.user_config_path
    assert paths.data_dir == unix.user_data_path


def test_macos_uses_platformdirs() -> None:
    paths = Paths.from_environment({"HOME": "/home/me"}, platform="darwin")
    assert paths.config_dir == platformdirs.user_config_path("batchtui", appauthor=False)
    assert paths.data_dir != paths.config_dir


def test_a_relative_xdg_folder_is_ignored_and_told() -> None:
    environ = {"HOME": "/home/me", "XDG_CONFIG_HOME": "conf"}
    paths = Paths.from_environment(environ, platform="linux")
    assert paths.config_dir == Path("/home/me/.config/batchtui")
    assert len(paths.notes) == 1
    assert "XDG_CONFIG_HOME" in paths.notes[0]


@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_home_the_users_list_is_asked(home: dict[str, str]) -> None:
    paths = Paths.from_environment(home, platform="linux")
    assert paths.config_dir.is_absolute()


def test_without_any_home_there_is_still_a_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    monkeypatch.chdir(tmp_path)
    home, notes = home_folder({})
    assert home.parent == tmp_path
    assert "HOME is not set" in notes[0]


def test_files_have_their_places(tmp_path: Path) -> None:
    paths = Paths(tmp_path / "c", tmp_path / "d")
    assert paths.settings_file == tmp_path / "c" / "settings.toml"
    assert paths.themes_dir == tmp_path / "c" / "themes"
    assert paths.prices_file == tmp_path / "c" / "prices.toml"
    assert paths.key_file("../x") == tmp_path / "c" / "keys" / "%2e.%2fx"
    assert paths.profile_data_dir("acme") == tmp_path / "d" / "profiles" / "acme"


def test_expand_reads_paths_as_people_write_them(tmp_path: Path) -> None:
    home = Path("/home/me")
    assert expand("~", home) == home
    assert expand("~/my keys/one", home) == Path("/home/me/my keys/one")
    assert expand("/a", home) == Path("/a")
    assert expand("key", home, tmp_path) == tmp_path / "key"
    assert expand("key", home) == Path.cwd() / "key"
