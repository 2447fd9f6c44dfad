"""Copies text to where the user can paste it, near or far, and says honestly how.

In order: the desktop's own tool, where there is a desktop; tmux; the terminal itself (OSC 52),
which works over SSH too but never answers; a private file, where the text is too long or the
terminal is known not to listen.
"""

import asyncio
import base64
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from msgspec import Struct

from batchtui.folders import make_private_folder
from batchtui.tui.terminal.capabilities import Capabilities
from batchtui.tui.terminal.channel import Channel, wrap

LONGEST_SEQUENCE = 74_994
"""Bytes that go into 100,000 of base64: more is cut off or ignored by too many terminals."""

_KEPT_SECONDS = 24 * 60 * 60
"""How long a file with a copied text is there at least."""
_PATIENCE = 2.0
_DEAF = frozenset({"apple", "linux"})
"""Terminals that do not know OSC 52."""
_TMUX_HINT = "Nothing to paste outside tmux? Try: tmux set -g set-clipboard on"
_HINT = "Nothing to paste? Your terminal may have to allow it (OSC 52)"

Runner = Callable[[Sequence[str], bytes], Awaitable[bool]]
"""Runs a program without a shell with some input; returns whether it succeeded."""


class CopyOutcome(Struct, frozen=True):
    """Where a text went."""

    method: Literal["tool", "tmux", "terminal", "file", "nowhere"]
    """``terminal`` means that it was sent; whether it was taken nobody can tell."""
    message: str
    """What to tell the user, in a sentence or two."""
    path: Path | None = None
    """The file, if it went into one."""


async def run_tool(
    arguments: Sequence[str], data: bytes, environ: Mapping[str, str] | None = None
) -> bool:
    """Run a program without a shell.

    Args:
        arguments: The program and its arguments.
        data: What it reads.
        environ: Its environment; ``None`` for ours. It may outlive us.

    Returns:
        Whether it succeeded within two seconds.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            # Tools for X stay in the background to hand the text out, and would keep these open.
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=environ,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.communicate(data)
    except TimeoutError:
        process.kill()
        await process.wait()
    return process.returncode == 0


class Clipboard:
    """Copies text.

    Args:
        capabilities: What the terminal can do.
        channel: The way to it.
        folder: Where files go; made when needed, for the user alone.
        run: Runs a program.
        find: Finds a program by its name.
        platform: As ``sys.platform``.
    """

    def __init__(
        self,
        capabilities: Capabilities,
        channel: Channel,
        folder: Path,
        *,
        run: Runner = run_tool,
        find: Callable[[str], str | None] = shutil.which,
        platform: str = sys.platform,
    ) -> None:
        self._capabilities = capabilities
        self._channel = channel
        self._folder = folder
        self._run = run
        self._find = find
        self._platform = platform

    async def copy(self, text: str, what: str) -> CopyOutcome:
        """Copy a text.

        Args:
            text: Anything; it is copied as it is.
            what: What it is, in a few words, such as ``the id``.
        """
        data = text.encode(errors="replace")
        tool = self._tool()
        if tool and await self._run(tool, data):
            return CopyOutcome("tool", f"Copied {what}")
        if self._capabilities.in_tmux and await self._run(["tmux", "load-buffer", "-w", "-"], data):
            message = f"Copied {what} to tmux, and sent it on to your terminal. {_TMUX_HINT}"
            return CopyOutcome("tmux", message)
        too_long = len(data) > LONGEST_SEQUENCE
        if not too_long and self._capabilities.name not in _DEAF and self._send(data):
            return CopyOutcome("terminal", f"Sent {what} to your terminal's clipboard. {_HINT}")
        why = "it is too long for the terminal" if too_long else "the terminal has no clipboard"
        return await self._to_file(data, what, why)

    def _tool(self) -> list[str]:
        """Return the desktop's own tool, or nothing: over SSH it would copy to the far side."""
        if self._capabilities.is_remote:
            return []
        tools = [["pbcopy"]] if self._platform == "darwin" else []
        if self._capabilities.has_display:
            tools += [["wl-copy"], ["xclip", "-selection", "clipboard"], ["xsel", "-bi"]]
        return next((tool for tool in tools if self._find(tool[0])), [])

    def _send(self, data: bytes) -> bool:
        sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
        return self._channel.write(wrap(sequence, self._capabilities))

    async def _to_file(self, data: bytes, what: str, why: str) -> CopyOutcome:
        try:
            path = await asyncio.to_thread(_write_private, self._folder, data)
        except OSError as error:
            message = f"Could not copy {what}: {why}, and a file fails: {error.strerror}"
            return CopyOutcome("nowhere", message)
        return CopyOutcome("file", f"Wrote {what} to {path}: {why}", path)


def _write_private(folder: Path, data: bytes) -> Path:
    """Write a new file that only the user can read, and remove those of the days before.

    Raises:
        OSError: It cannot be written.
    """
    make_private_folder(folder)
    with tempfile.NamedTemporaryFile(
        dir=folder, prefix="copied-", suffix=".txt", delete=False
    ) as file:
        file.write(data)
    path = Path(file.name)
    oldest = path.stat().st_mtime - _KEPT_SECONDS
    for other in folder.glob("copied-*.txt"):
        with contextlib.suppress(OSError):
            if other.stat().st_mtime < oldest:
                other.unlink()
    return path
