"""Runs a shell command on a pseudo-terminal until the batch list shows, presses q, and waits."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

_SECONDS = 900
_SHOWN = b"made-up"


def main(command: str) -> int:
    """Run ``command`` and give its exit code, or 1 if the list never showed."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execvp("bash", ["bash", "-euo", "pipefail", "-c", command])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 34, 120, 0, 0))
    seen, has_quit = b"", False
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        ready, _, _ = select.select([terminal], [], [], 1)
        if ready:
            try:
                data = os.read(terminal, 65536)
            except OSError:  # the terminal closed: the program has ended
                break
            seen = (seen + data)[-100_000:]
        if _SHOWN in seen and not has_quit:
            os.write(terminal, b"q")
            has_quit = True
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if not has_quit:
        print(seen[-4000:].decode(errors="replace"))
        print("the demo never showed its list", file=sys.stderr)
        return 1
    print(f"the demo showed its list and ended with {code}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
