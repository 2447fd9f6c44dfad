"""What the main screens look like; ``python -m tests.tui.pictures`` makes them again."""

import pytest

from screenshots.make import Scene
from tests.tui.pictures import FOLDER, SCENES, draw


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
async def test_the_screen_is_as_it_was(scene: Scene) -> None:
    assert await draw(scene) == (FOLDER / f"{scene.name}.txt").read_text()
