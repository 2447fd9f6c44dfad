"""The main screens as text, at three sizes, over a clock that stands still.

``python -m tests.tui.pictures`` makes them again; the difference is what a person will see.
"""

import asyncio
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from screenshots.make import Scene, make_app
from tests.tui.support import MEDIUM, TINY, WIDE, idle, screen_lines, wait_for_text, wait_until

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
    with tempfile.TemporaryDirectory() as folder:
        app = make_app(scene, Path(folder))
        async with app.run_test(size=scene.size) as pilot:
            await wait_for_text(pilot, "running")
            for key in scene.keys:
                if key.startswith("'"):
                    await wait_for_text(pilot, key.strip("'"))
                else:
                    await pilot.press(key)
                    await idle(pilot)
            seen: list[list[str]] = []

            def is_still() -> bool:
                seen.append(screen_lines(app))
                return len(seen) > _STILL and seen[-_STILL:] == seen[-1:] * _STILL

            await wait_until(pilot, is_still, "a picture that stays")
            text = "".join(f"{line.rstrip()}\n" for line in seen[-1])
            return _ID.sub(lambda match: "msgbatch_".ljust(len(match.group()), "x"), text)


_STILL = 30
"""Looks at which the picture is the same."""


async def _draw_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for scene in SCENES:
        (FOLDER / f"{scene.name}.txt").write_text(await draw(scene))
        print(scene.name)


if __name__ == "__main__":
    asyncio.run(_draw_all())
