"""What the main screens look like, and that the README shows them as they are."""

import html
import re

import pytest

from screenshots.make import FOLDER as OF_README
from screenshots.make import SCENES as SCENES_OF_README
from screenshots.make import Scene, shown
from tests.tui.pictures import FOLDER, SCENES, draw

_LINE = re.compile(r'<text [^>]*y="([\d.]+)"[^>]*>([^<]*)</text>')


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_the_screen_is_as_it_was(scene: Scene) -> None:
    """Where it is meant to be another: ``python -m tests.tui.pictures`` makes them again."""
    assert await draw(scene) == (FOLDER / f"{scene.name}.txt").read_text()


@pytest.mark.parametrize("scene", SCENES_OF_README, ids=lambda scene: scene.name)
async def test_the_picture_of_the_readme_is_of_this_code(scene: Scene) -> None:
    """Where it is not: ``python screenshots/make.py`` makes them again."""
    async with shown(scene) as app:
        svg = app.export_screenshot()
    assert lines_of(svg) == lines_of((OF_README / f"{scene.name}.svg").read_text("utf-8"))


def lines_of(svg: str) -> list[str]:
    """The text of a picture, without blanks: how it is cut into pieces says nothing."""
    lines: dict[str, str] = {}
    for height, text in _LINE.findall(svg):
        lines[height] = lines.get(height, "") + "".join(html.unescape(text).split())
    return [line for line in lines.values() if line != "batchtui"]
