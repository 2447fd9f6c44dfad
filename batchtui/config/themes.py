"""All themes: the built-in ones and the user's own.

The built-in ones are in the package (``batchtui/themes``) or, in a checkout, in the top-level
``themes/``. The user's own are in the config directory's ``themes/``; one of the same name takes
the place of a built-in one.

A theme file::

    name = "harbour"              # the file's own name if not given
    description = "Gray mornings" # optional
    based_on = "inkwell"          # optional: a built-in theme to take all the rest from
    dark = true
    code_style = "nord"           # a Pygments style, for JSON and code

    [colors]                      # "#rrggbb", or all of them ansi_ names such as "ansi_blue"
    background = "#0e131b"
    accent = "#5fe0c4"

    [states]
    running = "#74b4ff"

A file that is wrong gives no theme; every wrong key is reported with what is expected there.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from batchtui.config.document import read_document
from batchtui.config.errors import ConfigError, Problem
from batchtui.config.theme_spec import ANSI_COLORS, COLORS, STATES, ThemeSpec
from batchtui.formatting import nearest

DEFAULT_THEME = "inkwell"
"""The theme where none is chosen, or the chosen one cannot be had."""

_META = ("name", "description", "based_on", "dark", "code_style")
_TABLES = {"colors": COLORS, "states": STATES}
_COLOR = 'a color such as "#74b4ff", or one of the terminal\'s such as "ansi_blue"'


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


class ThemeReader:
    """Reads one theme file and collects what is wrong with it."""

    def __init__(self, path: Path, bases: Mapping[str, ThemeSpec]) -> None:
        """Prepare.

        Args:
            path: The file.
            bases: The themes that it may be based on, by name.
        """
        self.path = path
        self.bases = bases
        self.problems: list[Problem] = []
        self._is_wrong = False

    def report(self, key: str, message: str, hint: str = "") -> None:
        """Note what is odd about a key."""
        self.problems.append(Problem(str(self.path), key, message, hint))

    def read(self) -> ThemeSpec | None:
        """Return the theme, or ``None`` if the file is wrong."""
        document = read_document(self.path)
        if document.fault:
            self._refuse("", document.fault)
            return None
        tree = document.tree
        self._report_unknown("", tree, (*_META, *_TABLES))
        base = self._base(tree)
        name = self._text(tree, "name", self.path.stem)
        description = self._text(tree, "description", base.description if base else "")
        dark = self._dark(tree, base)
        style = base.code_style if base else ("github-dark" if dark else "default")
        code_style = self._text(tree, "code_style", style)
        colors = self._colors(tree, base)
        if self._is_wrong:
            return None
        return ThemeSpec(
            name=name, description=description, dark=dark, code_style=code_style, **colors
        )

    def _refuse(self, key: str, message: str, hint: str = "") -> None:
        self._is_wrong = True
        self.report(key, message, hint)

    def _report_unknown(
        self, prefix: str, table: Mapping[str, object], known: Iterable[str]
    ) -> None:
        known = tuple(known)
        for key in table:
            if key not in known:
                guess = nearest(key, known)
                hint = f"Did you mean {guess}?" if guess else ""
                self.report(prefix + key, "No theme has such a key; it has no effect.", hint)

    def _base(self, tree: Mapping[str, object]) -> ThemeSpec | None:
        name = tree.get("based_on")
        if name is None:
            return None
        base = self.bases.get(name) if isinstance(name, str) else None
        if base is None:
            known = ", ".join(self.bases) or "nothing here"
            self._refuse("based_on", f"It must be the name of a built-in theme: {known}.")
        return base

    def _text(self, tree: Mapping[str, object], key: str, default: str) -> str:
        value = tree.get(key, default)
        text = value.strip() if isinstance(value, str) else "\n"
        if text.isprintable() and len(text) <= 80 and (text or key != "name"):
            return text
        self._refuse(key, "It must be a line of text of at most 80 characters.")
        return default

    def _dark(self, tree: Mapping[str, object], base: ThemeSpec | None) -> bool:
        value = tree.get("dark", base.dark if base else None)
        if isinstance(value, bool):
            return value
        self._refuse("dark", "It must be true or false.")
        return True

    def _colors(self, tree: Mapping[str, object], base: ThemeSpec | None) -> dict[str, str]:
        colors = {key: getattr(base, key) for key in (*COLORS, *STATES)} if base else {}
        for table_name, known in _TABLES.items():
            table = tree.get(table_name, {})
            if isinstance(table, Mapping):
                colors.update(self._table(table_name, table, known))
            else:
                self._refuse(table_name, f"It must be a table, [{table_name}].")
        self._check_whole(colors)
        return colors

    def _table(
        self, name: str, table: Mapping[str, object], known: tuple[str, ...]
    ) -> dict[str, str]:
        self._report_unknown(f"{name}.", table, known)
        colors: dict[str, str] = {}
        for key in known:
            value = table.get(key)
            if value is None:
                continue
            color = _color_of(value)
            if color is None:
                self._refuse(f"{name}.{key}", f"It must be {_COLOR}.")
            colors[key] = color or "#000000"
        return colors

    def _check_whole(self, colors: Mapping[str, str]) -> None:
        """Every color there, and all of one sort."""
        missing = [
            f"{name}.{key}" for name, known in _TABLES.items() for key in known if key not in colors
        ]
        if missing:
            self._refuse(
                missing[0],
                f"Missing: {', '.join(missing)}.",
                'Or take what is missing from a built-in theme: based_on = "inkwell".',
            )
        is_ansi = [color.startswith("ansi_") for color in colors.values()]
        if any(is_ansi) and not all(is_ansi):
            self._refuse(
                "colors", "Either all colors are #rrggbb or all are ansi_ names: Textual's rule."
            )


def _color_of(value: object) -> str | None:
    """Return a color as ``#rrggbb`` or ``ansi_...``, or ``None`` if it is neither."""
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    if text in ANSI_COLORS:
        return text
    if re.fullmatch(r"#[0-9a-f]{3}", text):
        return "#" + "".join(digit * 2 for digit in text[1:])
    return text if re.fullmatch(r"#[0-9a-f]{6}", text) else None
