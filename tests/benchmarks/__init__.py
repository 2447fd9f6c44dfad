"""What the program promises about speed and memory, measured side by side."""

import os

# The programs that are measured are compiled only once, as installed ones are.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
