"""``batchtui help``: prints a page of the manual."""

import argparse
from pathlib import Path

import batchtui
from batchtui.cli.exits import DONE
from batchtui.cli.output import Output

DOCS = Path(batchtui.__file__).parent / "docs"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the verb."""
    topics = tuple(sorted(page.stem for page in DOCS.glob("*.md")))
    parser.add_argument(
        "topic", metavar="TOPIC", nargs="?", choices=topics, help=f"one of {', '.join(topics)}"
    )
    parser.epilog = "Without a topic: lists them. The pages are Markdown."


def run(options: argparse.Namespace) -> int:
    """Print a page, or list them."""
    out = Output(as_json=False)
    if options.topic is not None:
        out.write((DOCS / f"{options.topic}.md").read_text(encoding="utf-8"))
        return DONE
    for page in sorted(DOCS.glob("*.md")):
        with page.open(encoding="utf-8") as file:
            title = file.readline().removeprefix("# ").strip()
        out.line(f"batchtui help {page.stem:<10}  {title}")
    return DONE
