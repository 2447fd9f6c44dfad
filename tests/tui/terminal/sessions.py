"""Textual's own output, recorded without a terminal."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from textual import events
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.pilot import Pilot

from batchtui.tui.terminal.frames import Frames
from tests.terminal_emulator import Emulator
from tests.tui.support import wait_until


class RecordingDriver(Driver):
    """Keeps what Textual writes; has no terminal and no input."""

    written: ClassVar[list[str]] = []

    def write(self, data: str) -> None:
        self.written.append(data)

    def start_application_mode(self) -> None:
        self.write("\x1b[?1049h")
        self.write("\x1b[?7l")  # no wrapping, as the real drivers have it
        size = Size(*(self._size or (80, 24)))
        self.send_message(events.Resize(size, size))

    async def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal."""
        raise NotImplementedError

    def disable_input(self) -> None:
        """There is none."""

    def stop_application_mode(self) -> None:
        self.write("\x1b[?1049l")


class Twins:
    """Two terminals: one gets all that Textual writes, the other one only the differences."""

    def __init__(self, columns: int, lines: int) -> None:
        self.plain = Emulator(columns, lines)
        self.thin = Emulator(columns, lines)
        self.frames = Frames(columns, lines)
        self.plain_bytes = self.thin_bytes = 0

    def feed(self, data: str) -> None:
        """Write to both; the second one is sent nothing yet."""
        self.plain_bytes += len(data.encode())
        self.plain.feed(data)
        self.frames.feed(data)

    def catch_up(self) -> str:
        """Bring the second terminal up to the newest frame; return what it was sent."""
        data = self.frames.take()
        self.thin_bytes += len(data.encode())
        self.thin.feed(data)
        return data

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return self.plain.screen.columns, self.plain.screen.lines

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of both."""
        self.plain.resize(columns, lines)
        self.thin.resize(columns, lines)
        self.frames.resize(columns, lines)

    def assert_equal(self) -> None:
        """Compare all cells with their styles, and the cursors."""
        assert self.frames.is_trusted
        assert self.thin.cells() == self.plain.cells()
        thin, plain = self.thin.screen.cursor, self.plain.screen.cursor
        assert (thin.x, thin.y) == (plain.x, plain.y)


async def play(
    app_class: Callable[[type[Driver]], App[None]],
    script: Callable[[Pilot[None]], Awaitable[None]],
    *,
    columns: int = 80,
    lines: int = 24,
) -> Twins:
    """Run an app, and compare both terminals after every frame that it draws.

    Args:
        app_class: Makes the app with a driver class.
        script: What the user does.
        columns: Width of the terminal.
        lines: Height of the terminal.

    Returns:
        The terminals as they were at the end, before the app left the screen.
    """
    twins = Twins(columns, lines)

    class Comparing(RecordingDriver):
        is_resizing = False

        def flush(self) -> None:
            for data in self.written:
                if "\x1b[?1049l" not in data:
                    twins.feed(data)
            self.written.clear()
            twins.catch_up()
            # A frame that was made for the size before spoils the plain terminal; not the other.
            if not self.is_resizing:
                twins.assert_equal()

        async def resize(self, columns: int, lines: int) -> None:
            """Change the size, and wait until Textual has followed."""
            if twins.size == (columns, lines):
                return
            size = Size(columns, lines)
            self.is_resizing = True
            twins.resize(columns, lines)
            self.send_message(events.Resize(size, size))
            await wait_until(pilot, lambda: pilot.app.screen._compositor.size == size, "the size")
            await pilot.pause()
            self.is_resizing = False
            twins.assert_equal()

    RecordingDriver.written.clear()
    app = app_class(Comparing)
    async with app.run_test(headless=False, size=(columns, lines)) as pilot:
        await pilot.pause()
        await script(pilot)
        await pilot.pause()
    return twins
