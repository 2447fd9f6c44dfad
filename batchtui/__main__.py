"""``python -m batchtui`` is the console script."""

import sys

from batchtui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
