"""Drivers for Linux and macOS: Textual's own, a little quieter, and one that sends less."""

import asyncio
import os
import signal
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, ClassVar, Final

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message
from textual.messages import TerminalSupportsSynchronizedOutput

from batchtui.tui.terminal.frames import Frames
from batchtui.tui.terminal.input import StopEvent, TerminalGoneError, TerminalInput
from batchtui.tui.terminal.monochrome import without_colors
from batchtui.tui.terminal.options import DriverOptions
from batchtui.tui.terminal.output import TerminalOutput
from batchtui.tui.terminal.tty import input_descriptor, measure, output_file

if TYPE_CHECKING:
    from textual.app import App

_BUTTONS = "\x1b[?1000"
_DRAGGING = "\x1b[?1002"
_MOTION = "\x1b[?1003"
_HUNG_UP: Final = 128 + signal.SIGHUP
"""What a shell tells of a program that ended with its terminal."""
_MOUSE: Final = (_BUTTONS, _MOTION, "\x1b[?1006", "\x1b[?1015", "\x1b[?1016")


class QuietDriver(LinuxDriver):
    """Textual's driver with input of its own; asks for no more mouse reports than are used."""

    options: ClassVar[DriverOptions] = DriverOptions()

    _stop: StopEvent | None = None

    def __init__(
        self,
        app: "App[int]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        # The app takes the size from here until it is told a newer one.
        super().__init__(app, debug=debug, mouse=mouse, size=size or measure())
        # Where Textual takes the standard streams, wherever they lead.
        self.fileno = input_descriptor()
        self.input_tty = os.isatty(self.fileno)
        self._file = self._terminal = output_file()

    def start_application_mode(self) -> None:
        """Set the terminal up, and let other parts of the program reach it."""
        # Textual's method has no types; its base class promises this one.
        start_textual: Callable[[], None] = super().start_application_mode
        self._close_stop()
        self.exit_event = self._stop = StopEvent()
        start_textual()
        _take_resizes_in_turn()
        self.options.channel.connect(self.write, self.hold_picture)

    def resume_application_mode(self) -> None:
        """Take the terminal again, also when woken up without having been asked to pause.

        A shell has then set the terminal up as it likes it.
        """
        if self._stop is not None:
            self.suspend_application_mode()
        super().resume_application_mode()

    def run_input_thread(self) -> None:
        """Hand on what comes from the terminal; when it is gone, leave."""
        if self._stop is None:
            return
        try:
            for message in TerminalInput(self.fileno, self._stop).messages():
                self.process_message(message)
        except TerminalGoneError:
            self._app.call_later(self._app.exit, return_code=_HUNG_UP)

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self.options.channel.disconnect()
        super().stop_application_mode()

    def close(self) -> None:
        """End all that was started for the terminal; it may be started again."""
        super().close()
        self._close_stop()

    def _close_stop(self) -> None:
        if self._stop is not None:
            self.exit_event = Event()
            # Textual leaves the thread alone where it fails to write to a terminal that is gone.
            self._stop.set()
            if self._key_thread is not None:
                self._key_thread.join()
            self._stop.close()
            self._stop = None

    def _get_terminal_size(self) -> tuple[int, int]:
        """Ask the terminal; variables of the environment may name the size of another one."""
        return measure()

    def _query_in_band_window_resize(self) -> None:
        """Ask for nothing: the kernel tells of each new size."""

    def write(self, data: str) -> None:
        """Write to the terminal, leaving out mouse modes and colors that are not wanted."""
        data = self._without_unused_mouse(data)
        if not self.options.has_colors:
            data = without_colors(data)
        if data:
            self.send(data)

    def send(self, data: str) -> None:
        """Write to the terminal."""
        super().write(data)

    def hold_picture(self, is_held: bool) -> None:
        """Do nothing: what Textual paints is written at once."""

    def _without_unused_mouse(self, data: str) -> str:
        # Textual writes each mode on its own.
        if self.options.mouse == "motion" or not data.startswith(_MOUSE):
            return data
        if self.options.mouse == "off":
            return ""
        return data.replace(_MOTION, _DRAGGING)


class DiffingDriver(QuietDriver):
    """Sends only the cells that changed, and only the newest frame.

    Textual's writer thread stays idle as long as the picture of the terminal can be trusted; when
    something unknown was written it takes over, for good.
    """

    _frames: Frames | None = None
    _output: TerminalOutput | None = None
    _has_synchronised = False

    def start_application_mode(self) -> None:
        """Start output of our own, then let Textual set the terminal up through it."""
        columns, lines = measure()
        if self._output is not None:
            # Woken up in the background, which came to nothing.
            self._output.stop()
        if self._frames is None:
            in_color = self.options.erases_in_color
            self._frames = Frames(columns, lines, erases_in_color=in_color)
        else:
            # Back after a pause: the same picture, unless the window has another size now.
            self._frames.resize(columns, lines)
        self._output = TerminalOutput(self._terminal.fileno(), self._frames, measure)
        self._output.start()
        super().start_application_mode()
        self._follow_resizes(self._output)

    def send(self, data: str) -> None:
        """Write to the terminal; returns at once, however slow that is."""
        output = self._output
        if output is None:
            super().send(data)
        elif output.is_trusted:
            output.feed(data)
        else:
            output.drain()
            super().send(data)

    def hold_picture(self, is_held: bool) -> None:
        """Keep what the terminal shows until the next picture is complete, or no longer."""
        if self._output is not None:
            self._output.hold(is_held=is_held)

    def process_message(self, message: Message) -> None:
        """Take the answers that `TerminalOutput` has asked for out of the input."""
        if isinstance(message, TerminalSupportsSynchronizedOutput):
            if self._output is not None:
                self._output.answered()
            if self._has_synchronised:
                return
            self._has_synchronised = True
        super().process_message(message)

    def stop_application_mode(self) -> None:
        """Give the terminal back, after it has answered all questions."""
        if self._output is not None:
            self._output.settle()
        super().stop_application_mode()

    def close(self) -> None:
        """Write what is left and stop writing."""
        if self._output is not None:
            self._output.stop()
            self._output = None
        super().close()

    @staticmethod
    def _follow_resizes(output: TerminalOutput) -> None:
        """Be told of every change of size, even of one that is taken back before Textual looks."""
        textual = signal.getsignal(signal.SIGWINCH)

        def resized(number: int, frame: FrameType | None) -> None:
            output.resized()
            if callable(textual):
                textual(number, frame)

        signal.signal(signal.SIGWINCH, resized)


def _take_resizes_in_turn() -> None:
    """Have Textual read the size in the event loop, one resize after the other.

    In the handler of the signal a newer resize interrupts an older one, which then goes on and
    posts its older size last.
    """
    textual = signal.getsignal(signal.SIGWINCH)
    loop = asyncio.get_running_loop()

    def resized(number: int, frame: FrameType | None) -> None:
        del frame
        if callable(textual):
            loop.call_soon_threadsafe(textual, number, None)

    signal.signal(signal.SIGWINCH, resized)
