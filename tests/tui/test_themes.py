"""Every theme that ships can be shown."""

import os

import pytest
from rich.color import Color
from textual.events import Key

from batchtui.config.themes import builtin_dir
from batchtui.tui.screens.themes import ThemePicker
from tests.tui.support import MEDIUM, idle, make_app, make_world, wait_for_text

THEMES = sorted(path.stem for path in builtin_dir().glob("*.toml"))


@pytest.mark.parametrize("theme", THEMES)
async def test_the_app_starts_in_every_theme(theme: str) -> None:
    app = make_app(make_world(), theme=theme)
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        assert app.theme == theme


async def test_a_theme_is_chosen_by_no_key_that_was_typed_before_the_list_was_seen() -> None:
    app = make_app(make_world())
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        before = app.theme
        for key in ("T", "down", "enter"):
            app.post_message(Key(key, None))
        await wait_for_text(pilot, "Use and save")
        await idle(pilot)
        assert isinstance(app.screen, ThemePicker)
        assert app.theme == before


async def test_without_colors_the_terminal_s_own_theme_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(make_world())
    assert os.environ["NO_COLOR"]
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        assert app.theme == "terminal"


@pytest.mark.parametrize("keys", [("tab",), ("c",), ("colon",), ("T",)])
async def test_no_text_in_the_terminal_s_color_stands_on_another_ground(
    keys: tuple[str, ...],
) -> None:
    """What that looks like is known only where both come from the same palette."""
    app = make_app(make_world(), theme="terminal")
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press(*keys)
        await idle(pilot)
        segments = [one for strip in app.screen._compositor.render_strips() for one in strip]
        unknown = [
            segment.text
            for segment in segments
            if segment.text.strip()
            and segment.style is not None
            and segment.style.bgcolor not in (None, Color.parse("default"))
            and segment.style.color in (None, Color.parse("default"))
            and not segment.style.reverse
        ]
        assert not unknown
