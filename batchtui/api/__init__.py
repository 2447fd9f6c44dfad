"""The wire: what the Message Batches API says, as frozen values and one tree of errors."""

import sys
from types import ModuleType

if "httpx" not in sys.modules:
    # Where `click` happens to be installed, httpx loads its command line and with it rich and
    # pygments (35 ms). This empty module sends it down its own path for "not installed".
    sys.modules.setdefault("httpx._main", ModuleType("httpx._main"))
