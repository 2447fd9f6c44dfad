"""The entry point, which loads the program: ``batchtui``, and ``python -m batchtui``."""

import signal
import sys


def main() -> int:
    """Load the program and run it; an interrupt while it is loaded ends it without a word."""
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from batchtui.cli.main import main as run

    signal.signal(signal.SIGINT, before)
    return run()


if __name__ == "__main__":
    sys.exit(main())
