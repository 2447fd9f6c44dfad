"""The main screens as text, at three sizes, over a clock that stands still.

``python -m tests.tui.pictures`` makes them again; the difference is what a person will see.
"""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from screenshots.make import Scene, shown
from tests.tui.support import MEDIUM, TINY, WIDE, screen_lines

FOLDER = Path(__file__).parent / "pictures"
SCREENS: dict[str, Sequence[str]] = {
    "batches": (),
    "failures": (
        *("slash", *"invoices", "minus", "2", "6", "enter", "'372 failed'"),
        *("enter", "'row 1/'", "f", "'ROWS'"),
    ),
    "timeline": ("H", "'Timeline'"),
    "help": ("question_mark", "'Esc'"),
}
"""What is pressed to get there; a text in quotes is waited for."""
SCENES = [
    Scene(f"{name}-{size[0]}x{size[1]}", keys, size=size)
    for name, keys in SCREENS.items()
    for size in (WIDE, MEDIUM, TINY)
]


_ID = re.compile(r"msgbatch_[\w…]*")
"""Ids are made up one after the other: with one batch more in the demo all would differ."""


async def draw(scene: Scene) -> str:
    """Draw a screen; without the blanks at the ends of lines."""
    async with shown(scene) as app:
        text = "".join(f"{line.rstrip()}\n" for line in screen_lines(app))
    return _ID.sub(lambda match: "msgbatch_".ljust(len(match.group()), "x"), text)


async def _draw_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for scene in SCENES:
        (FOLDER / f"{scene.name}.txt").write_text(await draw(scene))
        print(scene.name)


if __name__ == "__main__":
    asyncio.run(_draw_all())
