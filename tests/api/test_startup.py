"""What importing the client loads: start-up time is a feature."""

import subprocess
import sys

PROGRAM = """
import sys
from batchtui.api.client import BatchesClient
from batchtui.api.connection import Connection, Credential
BatchesClient(Connection("http://127.0.0.1:9", Credential("api_key", "sk-ant-1234")))
print(*sys.modules)
"""


def loaded_by(program: str) -> set[str]:
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_a_client_loads_nothing_it_does_not_need() -> None:
    loaded = loaded_by(PROGRAM)
    assert "httpx" in loaded
    assert not loaded & {"rich", "pygments", "textual", "truststore", "anyio._core", "sqlite3"}


def test_values_and_errors_load_no_http() -> None:
    program = (
        "import sys, batchtui.api.models, batchtui.api.errors, batchtui.api.connection\n"
        "print(*sys.modules)"
    )
    assert not loaded_by(program) & {"httpx", "rich", "asyncio"}
