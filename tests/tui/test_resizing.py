"""A screen settles, however many resizes come at once."""

import pytest
from textual.events import Callback, Resize
from textual.geometry import Size

from tests.tui.support import MEDIUM, WIDE, idle, make_app, make_world, wait_for_text, wait_until


@pytest.mark.parametrize("key", ["", "c", "?", ","])
async def test_two_resizes_in_one_queue_settle(key: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        screen = app.screen
        if key:
            await pilot.press(key)
            await wait_until(pilot, lambda: app.screen is not screen)
        await idle(pilot)
        screen = app.screen
        older, newer = Size(*MEDIUM), Size(100, 30)
        sizes: list[Size] = []
        for size in (older, newer):
            app.post_message(Resize(size, size))
        await wait_until(pilot, lambda: screen.size == newer)

        # as they stand in the queue when the screen was busy meanwhile
        screen.post_message(Resize(older, older))
        screen.post_message(Callback(callback=lambda: sizes.append(screen.size)))
        screen.post_message(Resize(newer, newer))
        for _ in range(10):
            screen.post_message(Callback(callback=lambda: sizes.append(screen.size)))
        await wait_until(pilot, lambda: len(sizes) == 11)
        assert set(sizes) == {newer}
