"""Every theme that ships can be shown."""

import os

import pytest

from batchtui.config.themes import builtin_dir
from tests.tui.support import MEDIUM, make_app, make_world, wait_for_text

THEMES = sorted(path.stem for path in builtin_dir().glob("*.toml"))


@pytest.mark.parametrize("theme", THEMES)
async def test_the_app_starts_in_every_theme(theme: str) -> None:
    app = make_app(make_world(), theme=theme)
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        assert app.theme == theme


async def test_without_colors_the_terminal_s_own_theme_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = make_app(make_world())
    assert os.environ["NO_COLOR"]
    async with app.run_test(size=MEDIUM) as pilot:
        await wait_for_text(pilot, "running")
        assert app.theme == "terminal"
