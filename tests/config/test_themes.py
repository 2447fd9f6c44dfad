"""Themes: ours are whole and legible, the user's are read with patience."""

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme

from batchtui.config.errors import ConfigError
from batchtui.config.settings import PROFILE_COLORS, SETTING_BY_KEY
from batchtui.config.theme_spec import COLORS, STATES, ThemeSpec
from batchtui.config.themes import DEFAULT_THEME, builtin_dir, load_theme, load_themes
from tests.config.contrast import SIGHTS, contrast_ratio, difference_for, find_poor_contrast

NOWHERE = Path("/nonexistent")
OURS = load_themes(NOWHERE).loaded
ANSI = next(theme for theme in OURS if theme.is_ansi)

CODE_TOKENS = (
    ("Name", "Tag"),
    ("Literal", "String", "Double"),
    ("Literal", "Number", "Integer"),
    ("Literal", "Number", "Float"),
    ("Keyword", "Constant"),
    ("Punctuation",),
)
"""What JSON is made of, as Pygments names it."""

WriteTheme = Callable[[str, str], None]

each_of_ours = pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)


@pytest.fixture
def user_dir(tmp_path: Path) -> Path:
    return tmp_path / "themes"


@pytest.fixture
def write(user_dir: Path) -> WriteTheme:
    def write_theme(name: str, content: str) -> None:
        user_dir.mkdir(exist_ok=True)
        (user_dir / f"{name}.toml").write_text(content)

    return write_theme


def test_there_is_a_choice() -> None:
    assert load_themes(NOWHERE).failed == ()
    assert OURS[0].name == DEFAULT_THEME == SETTING_BY_KEY["theme"].default
    assert len(OURS) >= 8
    assert len([theme for theme in OURS if not theme.dark]) >= 2
    assert len([theme for theme in OURS if theme.is_ansi]) == 1
    assert all(theme.description for theme in OURS)
    assert {path.stem for path in builtin_dir().glob("*")} == {theme.name for theme in OURS}


@each_of_ours
def test_ours_are_legible(theme: ThemeSpec) -> None:
    assert find_poor_contrast(theme) == ()


@each_of_ours
@pytest.mark.parametrize("sight", SIGHTS)
def test_good_and_bad_are_told_apart_by_those_who_see_less_red_or_green(
    theme: ThemeSpec, sight: str
) -> None:
    if not theme.is_ansi:
        assert difference_for(theme.ok, theme.failed, sight) >= 18
    if not theme.is_ansi and theme.name != "graphite":
        for one, other in (("ok", "warning"), ("ok", "expired"), ("failed", "running")):
            assert difference_for(getattr(theme, one), getattr(theme, other), sight) >= 10, other


@pytest.mark.parametrize("name", ["beacon", "beacon-light"])
def test_high_contrast_is_high(name: str) -> None:
    theme = load_theme(name, NOWHERE).theme
    assert find_poor_contrast(theme, text=7.0, sign=4.5) == ()


def test_no_hue_is_no_hue() -> None:
    theme = load_theme("graphite", NOWHERE).theme
    for key in (*COLORS, *STATES):
        color = getattr(theme, key)
        assert color[1:3] == color[3:5] == color[5:7], key


@each_of_ours
def test_code_is_legible_on_ours(theme: ThemeSpec) -> None:
    styles = importlib.import_module("pygments.styles")  # has no types
    style = styles.get_style_by_name(theme.code_style)
    if theme.is_ansi:
        return
    for token in CODE_TOKENS:
        color = style.style_for_token(token)["color"]
        assert not color or contrast_ratio(f"#{color}", theme.surface) >= 4.4, token


@each_of_ours
def test_textual_takes_every_color(theme: ThemeSpec) -> None:
    for key in (*COLORS, *STATES):
        Color.parse(getattr(theme, key))
    made = Theme(
        name=theme.name,
        primary=theme.accent,
        foreground=theme.foreground,
        background=theme.background,
        surface=theme.surface,
        panel=theme.panel,
        dark=theme.dark,
        ansi=theme.is_ansi,
    )
    assert made.to_color_system().generate()


@each_of_ours
def test_every_profile_color_has_a_shade(theme: ThemeSpec) -> None:
    assert theme.hue("red") == theme.failed
    assert all(theme.hue(color) for color in (*PROFILE_COLORS, "unheard of"))


def test_contrast_is_measured_as_wcag_does() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert find_poor_contrast(ANSI) == ()


def test_poor_contrast_is_named(write: WriteTheme, user_dir: Path) -> None:
    write("dim", 'based_on = "inkwell"\n[colors]\nmuted = "#222"\n')
    theme = load_theme("dim", user_dir).theme
    assert any(one.startswith("muted on background") for one in find_poor_contrast(theme))


def test_a_theme_of_the_user_may_change_one_color(write: WriteTheme, user_dir: Path) -> None:
    write("mine", 'based_on = "paper"\n[colors]\naccent = "#F0A"\n[states]\nok = "#00AA00"\n')
    theme, problems = load_theme("mine", user_dir)
    paper = load_theme("paper", user_dir).theme
    assert problems == ()
    assert (theme.name, theme.accent, theme.ok) == ("mine", "#ff00aa", "#00aa00")
    assert (theme.dark, theme.background) == (paper.dark, paper.background)


def test_a_theme_of_the_user_replaces_ours(write: WriteTheme, user_dir: Path) -> None:
    write("x", 'name = "inkwell"\nbased_on = "inkwell"\ndark = true\n[colors]\naccent = "#fff"\n')
    loaded, failed = load_themes(user_dir)
    assert failed == ()
    assert [theme.accent for theme in loaded if theme.name == "inkwell"] == ["#ffffff"]
    assert load_theme("inkwell", user_dir).theme.accent == "#ffffff"


@pytest.mark.parametrize(
    ("content", "key", "says"),
    [
        ("dark = ", "", "not valid TOML"),
        ("dark = true", "colors.background", "Missing"),
        ('based_on = "paper"\ndark = 1', "dark", "true or false"),
        ('based_on = "papr"', "based_on", "paper"),
        ("based_on = 5", "based_on", "built-in theme"),
        ('based_on = "paper"\nname = ""', "name", "line of text"),
        ('based_on = "paper"\nname = "a\\u001bb"', "name", "line of text"),
        ('based_on = "paper"\ncode_style = 5', "code_style", "line of text"),
        ('based_on = "paper"\ncolors = 5', "colors", "table"),
        ('based_on = "paper"\n[colors]\naccent = "blue"', "colors.accent", "#74b4ff"),
        ('based_on = "paper"\n[colors]\naccent = "#12345"', "colors.accent", "#74b4ff"),
        ('based_on = "paper"\n[states]\nok = 5', "states.ok", "#74b4ff"),
        ('based_on = "paper"\n[states]\nok = "ansi_green"', "colors", "all are ansi_ names"),
    ],
)
def test_a_wrong_file_is_told_and_passed_over(
    content: str, key: str, says: str, write: WriteTheme, user_dir: Path
) -> None:
    write("bad", content)
    write("good", 'based_on = "paper"\n')
    loaded, failed = load_themes(user_dir)
    assert "good" in [theme.name for theme in loaded]
    assert "bad" not in [theme.name for theme in loaded]
    problem = next(one for one in failed if one.key == key)
    assert problem.source == str(user_dir / "bad.toml")
    assert says in str(problem)


def test_an_unknown_key_is_told_but_does_no_harm(write: WriteTheme, user_dir: Path) -> None:
    write("mine", 'based_on = "paper"\n[colors]\nacent = "#fff"\n[statse]\n')
    theme, problems = load_theme("mine", user_dir)
    assert theme.name == "mine"
    hints = {problem.key: problem.hint for problem in problems}
    assert hints == {"colors.acent": "Did you mean accent?", "statse": "Did you mean states?"}


def test_two_files_with_one_name_are_told(write: WriteTheme, user_dir: Path) -> None:
    write("a", 'name = "mine"\nbased_on = "paper"\n')
    write("b", 'name = "mine"\nbased_on = "ember"\n')
    loaded, failed = load_themes(user_dir)
    assert [theme.dark for theme in loaded if theme.name == "mine"] == [False]
    assert "another file" in failed[0].message


@pytest.mark.parametrize("name", ["papper", "no such theme at all", "../../etc/passwd", ""])
def test_a_theme_that_is_not_there_gives_the_default(name: str, user_dir: Path) -> None:
    theme, problems = load_theme(name, user_dir)
    assert theme.name == DEFAULT_THEME
    assert "no such theme" in problems[0].message
    assert "paper" in problems[0].hint


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    loaded, failed = load_themes(tmp_path / "file")
    assert len(loaded) == len(OURS)
    assert "could not be read" in failed[0].message


def test_an_incomplete_installation_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("batchtui.config.themes.builtin_dir", lambda: tmp_path)
    with pytest.raises(ConfigError, match="missing"):
        load_theme("paper", NOWHERE)
