import asyncio
import base64
import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.channel import Channel, wrap
from batchtui.tui.terminal.clipboard import LONGEST_SEQUENCE, Clipboard, run_tool
from batchtui.tui.terminal.frames import Frames
from tests.terminal_emulator import Emulator

PLAIN = {"TERM": "xterm-256color"}
SSH = {**PLAIN, "SSH_TTY": "/dev/pts/1"}


class Desk:
    """A clipboard with everything around it recorded."""

    def __init__(
        self,
        folder: Path,
        environ: dict[str, str],
        *,
        tools: Sequence[str] = (),
        failing: Sequence[str] = (),
        platform: str = "linux",
    ) -> None:
        self.sent: list[str] = []
        self.ran: list[tuple[list[str], bytes]] = []
        self.failing = failing
        channel = Channel()
        channel.connect(self.sent.append)
        self.clipboard = Clipboard(
            detect(environ),
            channel,
            folder,
            run=self.run,
            find=lambda name: name if name in tools else None,
            platform=platform,
        )

    async def run(self, arguments: Sequence[str], data: bytes) -> bool:
        self.ran.append((list(arguments), data))
        return arguments[0] not in self.failing


async def test_a_desktop_tool_is_taken_where_there_is_a_desktop(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {**PLAIN, "WAYLAND_DISPLAY": "wayland-0"}, tools=["wl-copy", "xclip"])
    outcome = await desk.clipboard.copy("añb\n", "the id")
    assert desk.ran == [(["wl-copy"], "añb\n".encode())]
    assert outcome.method == "tool"
    assert outcome.message == "Copied the id"
    mac = Desk(tmp_path, PLAIN, tools=["pbcopy"], platform="darwin")
    assert (await mac.clipboard.copy("x", "the id")).message == "Copied the id"
    assert mac.ran == [(["pbcopy"], b"x")]


async def test_over_ssh_the_terminal_is_asked_and_the_tool_of_the_far_side_is_not(
    tmp_path: Path,
) -> None:
    desk = Desk(tmp_path, {**SSH, "DISPLAY": ":10"}, tools=["xclip"])
    outcome = await desk.clipboard.copy("id 1", "the id")
    assert desk.ran == []
    assert desk.sent == [f"\x1b]52;c;{base64.b64encode(b'id 1').decode()}\x07"]
    assert outcome.method == "terminal"
    assert "Sent the id to your terminal" in outcome.message


async def test_a_tool_that_fails_leaves_it_to_the_terminal(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {**PLAIN, "DISPLAY": ":0"}, tools=["xclip"], failing=["xclip"])
    assert (await desk.clipboard.copy("x", "the id")).method == "terminal"


async def test_tmux_takes_it_and_the_hint_says_what_to_set(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {**SSH, "TMUX": "/tmp/x,1,0"})
    outcome = await desk.clipboard.copy("x", "the id")
    assert desk.ran == [(["tmux", "load-buffer", "-w", "-"], b"x")]
    assert outcome.method == "tmux"
    assert "set-clipboard on" in outcome.message


async def test_an_old_tmux_lets_the_sequence_pass(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {**SSH, "TMUX": "/tmp/x,1,0"}, failing=["tmux"])
    assert (await desk.clipboard.copy("x", "the id")).method == "terminal"
    assert desk.sent == ["\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\"]


@pytest.mark.parametrize("length", [1, 300, LONGEST_SEQUENCE])
async def test_screen_gets_it_in_pieces_that_the_driver_passes_on(
    tmp_path: Path, length: int
) -> None:
    desk = Desk(tmp_path, {"TERM": "screen", "STY": "1.x", "SSH_TTY": "x"})
    await desk.clipboard.copy("x" * length, "the id")
    pieces = desk.sent[0].removeprefix("\x1bP").removesuffix("\x1b\\").split("\x1b\\\x1bP")
    assert all(len(piece) <= 250 for piece in pieces)
    whole = "".join(pieces)
    assert base64.b64decode(whole.removeprefix("\x1b]52;c;").removesuffix("\x07")) == b"x" * length
    frames = Frames(10, 5)
    frames.feed("\x1b[?1049h")
    frames.feed(desk.sent[0])
    assert frames.is_trusted
    assert frames.take() == "\x1b[?1049h" + desk.sent[0]


async def test_too_long_a_text_goes_into_a_private_file(tmp_path: Path) -> None:
    folder = tmp_path / "copied"
    desk = Desk(folder, SSH)
    outcome = await desk.clipboard.copy("é" * LONGEST_SEQUENCE, "the id")
    assert desk.sent == []
    assert outcome.method == "file"
    assert outcome.path is not None
    assert outcome.path.read_text("utf-8") == "é" * LONGEST_SEQUENCE
    assert stat.S_IMODE(outcome.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert str(outcome.path) in outcome.message


def _names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_files_of_the_days_before_go_with_the_next_copy(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"TERM": "linux"})
    old, new, other = (tmp_path / name for name in ("copied-a.txt", "copied-b.txt", "mine.txt"))
    for path in (old, new, other):
        path.write_text("x")
    now = new.stat().st_mtime
    for path in (old, other):
        os.utime(path, (now, now - 3 * 86_400))
    outcome = await desk.clipboard.copy("x", "the id")
    assert outcome.path is not None
    assert _names_in(tmp_path) == {new.name, other.name, outcome.path.name}


async def test_a_terminal_without_a_clipboard_gets_a_file(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"TERM": "linux"})
    outcome = await desk.clipboard.copy("x", "the id")
    assert outcome.method == "file"
    assert "no clipboard" in outcome.message


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    desk = Desk(tmp_path / "file", {"TERM": "linux"})
    outcome = await desk.clipboard.copy("x", "the id")
    assert outcome.method == "nowhere"
    assert "Could not copy the id" in outcome.message


async def test_lone_surrogates_do_not_stop_a_copy(tmp_path: Path) -> None:
    desk = Desk(tmp_path, SSH)
    assert (await desk.clipboard.copy("a\ud800b", "the id")).method == "terminal"


async def test_tools_run_without_a_shell_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    program = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_bytes(sys.stdin.buffer.read())"
    assert await run_tool([sys.executable, "-c", program, str(target)], b"$(x); y")
    assert target.read_bytes() == b"$(x); y"
    assert not await run_tool(["/nowhere/at/all"], b"")
    assert not await run_tool([sys.executable, "-c", "raise SystemExit(3)"], b"")
    monkeypatch.setattr("batchtui.tui.terminal.clipboard._PATIENCE", 0.05)
    forever = "import threading; threading.Event().wait()"
    async with asyncio.timeout(10):
        assert not await run_tool([sys.executable, "-c", forever], b"")


def test_a_wrapped_sequence_does_not_disturb_the_picture() -> None:
    emulator = Emulator(20, 4)
    wrapped = wrap("\x1b]52;c;eA==\x07", detect({"TERM": "tmux", "TMUX": "x"}))
    emulator.feed("ab" + wrapped + "cd")
    assert emulator.screen.display[0].rstrip() == "abcd"
