"""A config directory and an environment of their own for every test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.config.kinds import Value
from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths

Load = Callable[..., LoadedSettings]


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "config", tmp_path / "data")


@pytest.fixture
def write(paths: Paths) -> Callable[[str | bytes], None]:
    """Write the settings file."""

    def write_settings(content: str | bytes) -> None:
        paths.config_dir.mkdir(exist_ok=True)
        raw = content.encode() if isinstance(content, str) else content
        paths.settings_file.write_bytes(raw)

    return write_settings


@pytest.fixture
def load(paths: Paths, tmp_path: Path) -> Load:
    """Load the settings with an environment of some variables, and command-line values."""

    def load_with(overrides: dict[str, Value] | None = None, **environ: str) -> LoadedSettings:
        return load_settings(paths, {"HOME": str(tmp_path), **environ}, overrides)

    return load_with
