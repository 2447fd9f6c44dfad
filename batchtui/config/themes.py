"""All themes: the built-in ones and the user's own.

The built-in ones are in the package (``batchtui/themes``) or, in a checkout, in the top-level
``themes/``. The user's own are in the config directory's ``themes/``; one of the same name takes
the place of a built-in one. What a file looks like is said in `theme_file`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from batchtui.config.errors import ConfigError, Problem
from batchtui.config.stored import nearest
from batchtui.config.theme_file import ThemeReader
from batchtui.config.theme_spec import ThemeSpec

DEFAULT_THEME = "inkwell"
"""The theme where none is chosen, or the chosen one cannot be had."""


class LoadedThemes(NamedTuple):
    """All themes there are, and what was wrong with files."""

    loaded: tuple[ThemeSpec, ...]
    failed: tuple[Problem, ...]


class LoadedTheme(NamedTuple):
    """One theme, and what was wrong on the way to it."""

    theme: ThemeSpec
    problems: tuple[Problem, ...]


def builtin_dir() -> Path:
    """Return the folder of the built-in themes: the installed one, or that of the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def load_themes(user_dir: Path) -> LoadedThemes:
    """Read all themes, the built-in ones first, then the user's by name.

    Raises:
        ConfigError: The built-in themes are not there: the installation is incomplete.
    """
    builtin, failed = _read_all(builtin_dir(), {})
    if DEFAULT_THEME not in builtin:
        raise ConfigError(
            f"The built-in themes are missing from {builtin_dir()}.", hint="Install batchtui again."
        )
    own, own_failed = _read_all(user_dir, builtin)
    themes = {**dict(sorted(builtin.items())), **own}
    first = themes.pop(DEFAULT_THEME)
    return LoadedThemes((first, *themes.values()), (*failed, *own_failed))


def load_theme(name: str, user_dir: Path) -> LoadedTheme:
    """Read the theme of a name.

    Args:
        name: Its name; if there is no such theme or it is broken, the default one is returned
            with the problem.
        user_dir: The folder of the user's own themes.

    Raises:
        ConfigError: The built-in themes are not there: the installation is incomplete.
    """
    themes, failed = load_themes(user_dir)
    by_name = {theme.name: theme for theme in themes}
    if name in by_name:
        return LoadedTheme(by_name[name], failed)
    guess = nearest(name, by_name)
    hint = f"Did you mean {guess}?" if guess else f"There are: {', '.join(by_name)}."
    missing = Problem(name, "theme", f"There is no such theme; {DEFAULT_THEME} is used.", hint)
    return LoadedTheme(by_name[DEFAULT_THEME], (*failed, missing))


def _read_all(
    folder: Path, bases: Mapping[str, ThemeSpec]
) -> tuple[dict[str, ThemeSpec], list[Problem]]:
    """Read the themes of a folder that may not be there."""
    themes: dict[str, ThemeSpec] = {}
    problems: list[Problem] = []
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".toml")
    except FileNotFoundError:
        return themes, problems
    except OSError as error:
        reason = error.strerror or str(error)
        return themes, [Problem(str(folder), "", f"The folder could not be read ({reason}).")]
    for path in paths:
        reader = ThemeReader(path, bases)
        theme = reader.read()
        if theme is not None and theme.name in themes:
            reader.report("name", f"It is ignored: another file has a theme {theme.name}.")
        elif theme is not None:
            themes[theme.name] = theme
        problems += reader.problems
    return themes, problems
