"""What the program promises for results of full size, measured side by side in one run.

``python -m tests.benchmarks.results [--rows N] [--repeat N] [--million]`` makes its own file from a
seed, serves it on loopback from another process, and prints a table. The best of the repetitions
counts; the contenders take turns, so that a busy moment of the machine hits them all.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from batchtui.formatting import format_count, format_size
from tests.benchmarks import engine, fields, opening, search
from tests.benchmarks.bench import Bench, Measurement
from tests.benchmarks.making import make_file
from tests.benchmarks.table import print_table

MEASUREMENTS: list[Measurement] = [
    engine.download,
    engine.index,
    opening.opening,
    opening.reopening,
    search.search,
    fields.fields,
]
"""What is measured, in this order."""
LARGE: list[Measurement] = [
    engine.index,
    opening.opening,
    opening.reopening,
    search.search,
]
"""What is measured with ``--million``."""


def main() -> int:
    """Measure and print.

    Returns:
        0 if every promise holds, else 1.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--million", action="store_true", help="1,000,000 rows, local file only")
    options = parser.parse_args()
    rows = 1_000_000 if options.million else options.rows
    measurements = LARGE if options.million else MEASUREMENTS
    with tempfile.TemporaryDirectory(prefix="batchtui-benchmark-") as folder:
        bench = Bench(Path(folder) / "results.jsonl", rows, options.repeat)
        make_file(bench.path, rows)
        size = format_size(bench.path.stat().st_size)
        title = f"{format_count(rows)} rows, {size}, best of {options.repeat}"
        table = [row for measure in measurements for row in measure(bench)]
        return 0 if print_table(title, table) else 1


if __name__ == "__main__":
    sys.exit(main())
