"""Where the stylesheets lie. A screen names its own, which is read when it is first shown."""

from pathlib import Path

_FOLDER = Path(__file__).parent / "styles"

BASE = str(_FOLDER / "base.tcss")
BATCHES = str(_FOLDER / "batches.tcss")
COMPARE = str(_FOLDER / "compare.tcss")
DIALOGS = str(_FOLDER / "dialogs.tcss")
RESULTS = str(_FOLDER / "results.tcss")
REVIEW = str(_FOLDER / "review.tcss")
SETTINGS = str(_FOLDER / "settings.tcss")
SUBMISSION = str(_FOLDER / "submission.tcss")
