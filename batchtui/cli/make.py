"""``batchtui make``: a request file from a table and a template."""

import argparse
import itertools
import secrets
import shlex
import sys
from pathlib import Path

import msgspec

from batchtui.cli.amounts import whole_number
from batchtui.cli.checking import check_file, report_problems
from batchtui.cli.common import STDOUT, RefusedError
from batchtui.cli.exits import DONE, FAILED, note
from batchtui.formatting import format_count, format_size, plural, read_count
from batchtui.submission.make import (
    MadeFile,
    Recipe,
    examples_of,
    file_of_param,
    make_requests,
    parse_param,
    write_requests,
)
from batchtui.submission.template import Template
from batchtui.tables import Table

EPILOG = """\
DATA is CSV, TSV, JSON lines, a JSON list or (with the extra parquet) Parquet; gzip too. The prompt
is a text with {{column}} where a cell goes; \\{{ is two braces. Each row becomes one request, in
the order of the rows. custom_ids are made of the column of --id: characters that are not allowed
become -, a repeated one gets -2; which ones had to change stands in OUTPUT.ids.jsonl. Without
--id they are row-000001 and so on.

  batchtui make reviews.csv --prompt prompt.txt --model claude-haiku-4-5 --max-tokens 300 \\
      --id review_id --output requests.jsonl
  batchtui create requests.jsonl
  batchtui results last --join reviews.csv --output answers.csv

Exit code 0: written, and every request can be sent; 1: written, but some would fail; 2: not
written."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("data", metavar="DATA", type=Path, help="the table")
    parser.add_argument(
        "--prompt", metavar="FILE", type=Path, required=True, help="the user's message"
    )
    parser.add_argument("--system", metavar="FILE", type=Path, help="the system prompt")
    parser.add_argument("--model", metavar="NAME", required=True, help="the model to ask")
    parser.add_argument(
        "--max-tokens",
        metavar="N",
        type=whole_number(1),
        required=True,
        help="of each answer, at most",
    )
    parser.add_argument("--id", metavar="COLUMN", help="the column to make custom_ids of")
    parser.add_argument(
        "--param",
        metavar="NAME=JSON",
        action="append",
        default=[],
        help="a further param, such as temperature=0; NAME=@FILE reads the JSON from a file",
    )
    parser.add_argument(
        "--examples", metavar="FILE", type=Path, help="a table of answered rows to show first"
    )
    parser.add_argument(
        "--answer", metavar="COLUMN", default="answer", help="its column with the answers"
    )
    parser.add_argument("--prefill", metavar="TEXT", default="", help="how answers have to begin")
    parser.add_argument(
        "--attach",
        metavar="COLUMN",
        action="append",
        default=[],
        help="a column with paths of images or PDFs to put before the prompt",
    )
    parser.add_argument(
        "--files-from", metavar="DIR", type=Path, help="where those paths begin; DATA's folder"
    )
    out = parser.add_mutually_exclusive_group(required=True)
    out.add_argument("--output", metavar="FILE", help="the request file; - is standard output")
    out.add_argument(
        "--preview", metavar="ROW", help="show one request as it would be sent: 1, 2, … or random"
    )
    parser.add_argument("--force", action="store_true", help="replace OUTPUT, and OUTPUT.ids.jsonl")
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Make a request file."""
    table = Table(options.data)
    recipe = _recipe_of(options)
    if not (recipe.prompt.columns or recipe.attached):
        place = f"{{{{{table.columns[0]}}}}}"
        note(f"The prompt names no column: every request asks the same. A cell goes to {place}.")
    if options.preview is not None:
        return _show_preview(table, recipe, options.preview)
    if options.output == STDOUT:
        return _write_stdout(table, recipe)
    path = Path(options.output)
    made = write_requests(
        make_requests(table, recipe),
        path,
        id_column=options.id,
        overwrite=options.force,
        sources=_sources(options),
    )
    _report(made, path)
    validation = check_file(path)
    report_problems(validation)
    if validation.problems.errors or not validation.is_sendable:
        return FAILED
    note(f"Next: batchtui create {shlex.quote(str(path))}")
    return DONE


def _sources(options: argparse.Namespace) -> list[Path]:
    """Return the files that the requests are made from."""
    named = (options.data, options.prompt, options.system, options.examples)
    found = (*map(file_of_param, options.param), *named)
    return [one for one in found if one is not None]


def _recipe_of(options: argparse.Namespace) -> Recipe:
    prompt = Template.read(options.prompt)
    examples: tuple[tuple[str, str], ...] = ()
    if options.examples is not None:
        examples = examples_of(Table(options.examples), prompt, options.answer)
    return Recipe(
        prompt=prompt,
        model=options.model,
        max_tokens=options.max_tokens,
        system=Template.read(options.system) if options.system is not None else None,
        params=dict(parse_param(one) for one in options.param),
        id_column=options.id,
        examples=examples,
        prefill=options.prefill,
        attached=tuple(options.attach),
        folder=options.files_from or options.data.parent,
    )


def _show_preview(table: Table, recipe: Recipe, wanted: str) -> int:
    """Write one request to stdout, indented.

    Raises:
        RefusedError: There is no such row.
    """
    requests = make_requests(table, recipe)
    if wanted == "random":
        rows = sum(1 for _ in table.rows())
        number = 1 + secrets.randbelow(max(1, rows))
    else:
        number = read_count(wanted) or 0
    if number < 1:
        raise RefusedError(f"{wanted!r} is not a row.", hint="Say 1, 2, … or random.")
    request = next(itertools.islice(requests, number - 1, None), None)
    if request is None:
        raise RefusedError(f"{table.path.name} has no row {format_count(number)}.")
    sys.stdout.write(msgspec.json.format(request.line, indent=2).decode() + "\n")
    return DONE


def _write_stdout(table: Table, recipe: Recipe) -> int:
    stream = sys.stdout.buffer
    for request in make_requests(table, recipe):
        stream.write(request.line + b"\n")
    stream.flush()
    return DONE


def _report(made: MadeFile, path: Path) -> None:
    size = format_size(made.size)
    note(f"{plural(made.requests, 'request')}, {size}, written to {path}")
    if made.map_file is not None:
        note(f"{plural(made.changed_ids, 'custom_id')} had to change: {made.map_file}")
