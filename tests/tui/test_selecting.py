"""Text is selected with the mouse, seen to be, and copied."""

import pytest
from textual.pilot import Pilot

from batchtui.tui.terminal.clipboard import Clipboard, CopyOutcome
from tests.tui.support import WIDE, idle, make_app, make_world, screen_lines, wait_for_text


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []

    async def note(clipboard: Clipboard, text: str, what: str) -> CopyOutcome:
        del clipboard
        texts.append(text)
        return CopyOutcome("tool", f"Copied {what}")

    monkeypatch.setattr(Clipboard, "copy", note)
    return texts


def place_of(pilot: Pilot[int], text: str) -> tuple[int, int]:
    lines = screen_lines(pilot.app)
    y = next(number for number, line in enumerate(lines) if text in line)
    return lines[y].index(text), y


def reversed_text(pilot: Pilot[int]) -> str:
    strips = pilot.app.screen._compositor.render_strips()
    return "".join(
        segment.text
        for line in strips
        for segment in line
        if segment.style is not None and segment.style.reverse
    )


@pytest.mark.parametrize("text", ["18,000", "Requests", "running"])
async def test_what_is_dragged_over_is_selected_and_copied(copied: list[str], text: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, text)
        await idle(pilot)
        x, y = place_of(pilot, text)
        await pilot.mouse_down(offset=(x, y))
        await pilot.hover(offset=(x + len(text), y))
        await pilot.mouse_up(offset=(x + len(text), y))
        await idle(pilot)
        assert text in reversed_text(pilot)
        await pilot.press("ctrl+c")
        await idle(pilot)
        assert copied == [text]


async def test_nothing_selected_copies_nothing(copied: list[str]) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("ctrl+c")
        await pilot.press("/", "ctrl+c", "ctrl+x")
        await idle(pilot)
        assert copied == []
