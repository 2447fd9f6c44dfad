"""Reading the settings is part of every start: it loads little."""

import json
import subprocess
import sys

HEAVY = {"asyncio", "httpx", "platformdirs", "pygments", "rich", "textual", "tomli_w"}

CODE = """
import json, sys
from batchtui.config.paths import Paths
from batchtui.config import credentials, loading, themes
paths = Paths.from_environment({"HOME": "/nonexistent"}, platform="linux")
loading.load_settings(paths, {})
themes.load_theme("paper", paths.themes_dir)
print(json.dumps(sorted(sys.modules)))
"""


def test_settings_keys_and_themes_load_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, check=True)
    assert HEAVY.isdisjoint(json.loads(done.stdout))
