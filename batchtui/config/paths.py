"""Where the program keeps its files.

Two folders, both changeable: ``BATCHTUI_CONFIG_DIR`` for what the user decides (settings, themes,
prices, key files) and ``BATCHTUI_DATA_DIR`` for what the program keeps (the ledger, results).
Without them each platform's own folders are used. Nothing is created here.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from batchtui.filenames import file_name
from batchtui.regular_files import written_path

if sys.platform != "win32":
    import pwd


class Paths(Struct, frozen=True):
    """The program's folders and the files in them."""

    config_dir: Path
    """What the user decides."""
    data_dir: Path
    """What the program keeps."""
    notes: tuple[str, ...] = ()
    """What was odd about the environment, each in one sentence for the user."""

    @classmethod
    def from_environment(
        cls, environ: Mapping[str, str], *, platform: str = sys.platform
    ) -> "Paths":
        """Find the folders.

        Never fails: a home that is not known or a relative ``XDG_CONFIG_HOME`` (which the
        standard says to ignore) leads to a folder that can be used and a note.

        Args:
            environ: The environment to read.
            platform: As ``sys.platform``; handed in by tests.
        """
        home, notes = home_folder(environ)
        config = _given(environ, "BATCHTUI_CONFIG_DIR", home)
        data = _given(environ, "BATCHTUI_DATA_DIR", home)
        if config is None or data is None:
            platform_config, platform_data = _platform_dirs(environ, home, platform, notes)
            config = config or platform_config
            data = data or platform_data
        return cls(config, data, tuple(notes))

    @property
    def settings_file(self) -> Path:
        """The settings, TOML."""
        return self.config_dir / "settings.toml"

    @property
    def themes_dir(self) -> Path:
        """The user's own themes, one TOML file each."""
        return self.config_dir / "themes"

    @property
    def prices_file(self) -> Path:
        """The user's own prices."""
        return self.config_dir / "prices.toml"

    @property
    def keys_dir(self) -> Path:
        """Where a key that the user types into the program goes, one 0600 file each."""
        return self.config_dir / "keys"

    def key_file(self, profile: str) -> Path:
        """Return the file for the key of one profile."""
        return self.keys_dir / profile_folder(profile)

    def profile_data_dir(self, profile: str) -> Path:
        """Return what is kept for one profile and nothing else: its ledger and its results.

        Args:
            profile: `Profile.storage_name`, so that two servers never share a folder.
        """
        return self.data_dir / "profiles" / profile_folder(profile)


def profile_folder(name: str) -> str:
    """Return the name of the folder of one profile, or of the file of its key.

    What server addresses are made of stays readable: ``acme@gateway.example``.
    """
    return file_name(name, keep="@.")


def home_folder(environ: Mapping[str, str]) -> tuple[Path, list[str]]:
    """Return the home folder, or what stands in for it, and what to say about that."""
    text = environ.get("HOME", "")
    if text and Path(text).is_absolute():
        return Path(text), []
    found = _home_of_user()
    if found is not None:
        return found, []
    fallback = current_folder() / ".batchtui-home"
    note = (
        f"HOME is not set, so settings and results go to {fallback}; "
        "set HOME, or BATCHTUI_CONFIG_DIR and BATCHTUI_DATA_DIR."
    )
    return fallback, [note]


def current_folder() -> Path:
    """Return the folder we are in, or the root where that is gone."""
    try:
        return Path.cwd()
    except OSError:  # it was deleted under our feet
        return Path("/")


def _home_of_user() -> Path | None:
    """Ask the system's list of users."""
    if sys.platform == "win32":
        return None
    try:
        home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a container that runs as a user nobody listed
        return None
    return home if home.is_absolute() else None


def _given(environ: Mapping[str, str], variable: str, home: Path) -> Path | None:
    """Return the folder that a variable names, a relative one meant from here."""
    text = environ.get(variable, "")
    if not text or "\0" in text:
        return None
    return expand(text, home)


def expand(text: str, home: Path, base: Path | None = None) -> Path:
    """Make a path that a person wrote absolute.

    Args:
        text: The path; a leading ``~/`` is the home folder, ``~name/`` that of a user.
        home: The home folder.
        base: What a relative path is relative to; the current folder if not given.
    """
    if text == "~" or text.startswith("~/"):
        return home / text[2:]
    path = written_path(text)
    if path.is_absolute():
        return path
    return (base or current_folder()) / path


def _platform_dirs(
    environ: Mapping[str, str], home: Path, platform: str, notes: list[str]
) -> tuple[Path, Path]:
    """Return the platform's folders for settings and data.

    On Linux and the other Unixes the rule is two lines long and follows the environment that was
    handed in; loading platformdirs would cost each start several milliseconds.
    """
    if platform in ("darwin", "win32"):
        from platformdirs import user_config_path, user_data_path

        config = user_config_path("batchtui", appauthor=False)
        data = user_data_path("batchtui", appauthor=False)
        # macOS has one folder for both; keep what the user writes apart from what we keep.
        return (config, data / "data") if config == data else (config, data)
    return (
        _xdg(environ, "XDG_CONFIG_HOME", home / ".config", notes) / "batchtui",
        _xdg(environ, "XDG_DATA_HOME", home / ".local" / "share", notes) / "batchtui",
    )


def _xdg(environ: Mapping[str, str], variable: str, default: Path, notes: list[str]) -> Path:
    text = environ.get(variable, "")
    if not text or "\0" in text:
        return default
    if Path(text).is_absolute():
        return Path(text)
    notes.append(f"{variable} is not an absolute path and was ignored; using {default}.")
    return default
