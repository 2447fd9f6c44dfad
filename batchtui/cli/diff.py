"""``batchtui diff``: two runs of one job, joined by custom_id."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

from msgspec import Raw

from batchtui.cli.batch_ids import IDS_HELP, find_one
from batchtui.cli.common import OfflineAccount, RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, USAGE, note
from batchtui.cli.output import Output, stdout_stream
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import (
    borrowed,
    find_results,
    is_file,
    note_vendor,
    report_query_error,
    split_fields,
)
from batchtui.cli.row_context import context_of
from batchtui.cli.table import TextColumn
from batchtui.formatting import format_count, format_share
from batchtui.prices import PriceTable, load_prices
from batchtui.results.comparison.absent import say_absent
from batchtui.results.comparison.answers import DIFFERENCES, Change
from batchtui.results.comparison.export import pair_lines
from batchtui.results.comparison.pairs import PairDetail, ResultsComparison
from batchtui.results.comparison.query import asked_fields, asks_for_changes, match_pairs
from batchtui.results.comparison.side import Side, run_totals
from batchtui.results.errors import QueryError
from batchtui.results.opening import ResultsFile
from batchtui.results.records.paths import with_dot
from batchtui.untrusted import visible

EPILOG = f"""\
A and B are batches or results files, of other vendors too.
{IDS_HELP}
Rows are joined by custom_id. "same" is to the letter; "same form" differs in fences, order of keys,
spaces or how numbers are written, and counts as the same. With --fields only these fields of the
answers' records are compared.

Only pairs that differ are listed, unless the query says which changes it means, as change:same.
Queries: change:flip|fields|text|only_a|only_b|same|any  a.score>b.score  a.vendor=ACME
  delta:.score>0.1  sort:-delta:.score  sort:b.score  and each term
  that batchtui results takes, without or and groups: all of them must match
Exit code 0: the same; 1: different; 2: one of them cannot be had, or a
field of --fields is in no answer.

JSON, one object for each of these pairs: custom_id, change (same, normalized, text, fields, type,
only_a, only_b), fields ({{".path": {{"a": …, "b": …}}}}), for type a and b (what became of the
row), and with --texts text_a and text_b."""

_EVERY_DIFFERENCE = "change:any"
_MOST_SHOWN = 50
"""Pairs written out for a person."""
_WORDS = {
    Change.SAME: "same",
    Change.NORMALIZED: "same form",
    Change.TEXT: "other text",
    Change.FIELDS: "other fields",
    Change.TYPE: "flipped",
    Change.ONLY_A: "only in A",
    Change.ONLY_B: "only in B",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("a", metavar="A", help="the first run")
    parser.add_argument("b", metavar="B", help="the second run")
    parser.add_argument(
        "--query", metavar="Q", default=_EVERY_DIFFERENCE, help="only pairs that match"
    )
    parser.add_argument("--fields", metavar="F,F", default="", help="compare only these fields")
    parser.add_argument("--texts", action="store_true", help="with both answers, in JSON")
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Compare two runs."""
    account = account_of(options)
    out = Output(as_json=options.json)
    words = options.a, options.b
    names = [word if is_file(word) else find_one(account, word) for word in words]
    batches = [name for name in names if not is_file(name)]
    with borrowed(account, batches), ExitStack() as stack, ProgressLine() as progress:
        files = [_open(account, name, stack, progress) for name in names]
        sides = [
            Side(word, file.index, stack.enter_context(file.reader()))
            for word, file in zip(words, files, strict=True)
        ]
        fields = split_fields(options.fields)
        comparison = ResultsComparison(*sides, fields=fields)
        for _ in comparison.run():
            done, total = format_count(comparison.compared), format_count(len(comparison))
            progress.show(f"Comparing: {done} of {total} pairs")
        progress.clear()
        asked = [("ab", with_dot(field)) for field in fields]
        absent = say_absent(comparison.a, comparison.b, asked)
        for problem in absent:
            note(problem)
        if absent:  # where nothing could be compared, nothing is the same
            return USAGE
        try:
            pairs = match_pairs(_of_differences(options.query), comparison)
        except QueryError as error:
            report_query_error(error, options.query)
            return USAGE
        _write(account, comparison, pairs, options, out)
        _explain(comparison, pairs, options.query)
    is_same = not any(comparison.counts()[change] for change in DIFFERENCES)
    return DONE if is_same else FAILED


def _explain(comparison: ResultsComparison, pairs: Sequence[int], query: str) -> None:
    """Say on stderr why a query finds nothing."""
    if not pairs and query not in {"", _EVERY_DIFFERENCE}:
        note("No pair matches the query.")
    for absent in say_absent(comparison.a, comparison.b, asked_fields(query)):
        note(absent)


def _of_differences(query: str) -> str:
    """Return a query for those of its pairs that differ, unless it says which changes it means."""
    return query if asks_for_changes(query) else f"{query} {_EVERY_DIFFERENCE}"


def _open(
    account: OfflineAccount, name: str, stack: ExitStack, progress: ProgressLine
) -> ResultsFile:
    """Have the results of one run here.

    Raises:
        RefusedError: It cannot be had whole; why has been reported.
        BatchtuiError: It cannot be had.
    """
    path = Path(name) if is_file(name) else find_results(account, name)
    if path is None:
        raise RefusedError(f"{name} cannot be compared: its complete results are not on this disk.")
    file = stack.enter_context(closing(context_of(account, name).load(path, progress)))
    note_vendor(file, name)
    return file


def _write(
    account: OfflineAccount,
    comparison: ResultsComparison,
    pairs: Sequence[int],
    options: argparse.Namespace,
    out: Output,
) -> None:
    if not out.is_table:
        stream = stdout_stream()
        for some in comparison.in_blocks(pairs):
            stream.writelines(pair_lines(comparison, some, has_texts=options.texts))
            stream.flush()
        return
    for line in _summary(comparison, load_prices(account.loaded.paths.prices_file)):
        out.line(line)
    if pairs:
        rows = [_row(comparison.detail(pair)) for pair in pairs[:_MOST_SHOWN]]
        columns = (
            TextColumn("CUSTOM_ID"),
            TextColumn("CHANGE"),
            TextColumn("A > B", can_shrink=True),
        )
        out.line("")
        out.table(columns, rows)
    if len(pairs) > _MOST_SHOWN:
        out.line(f"{format_count(len(pairs) - _MOST_SHOWN)} more; --json lists them all")


def _summary(comparison: ResultsComparison, prices: PriceTable) -> Iterator[str]:
    for letter, side in (("A", comparison.a), ("B", comparison.b)):
        totals = run_totals(side, prices)
        mean = "-" if totals.mean_output is None else f"{totals.mean_output:,.0f}"
        yield (
            f"{letter}  {visible(side.name)}: {format_count(totals.succeeded)} of"
            f" {format_count(totals.rows)} succeeded, {format_count(totals.input_tokens)} in,"
            f" {format_count(totals.output_tokens)} out, {mean} out each,"
            f" {totals.cost_words}"
        )
    counts = comparison.counts()
    for change, count in counts.items():
        if count:
            share = format_share(count, len(comparison))
            yield f"   {_WORDS[change]:<13}{format_count(count):>9}  {share:>7}"
    for path, count in comparison.field_counts().items():
        yield f"   {visible(path):<13}{format_count(count):>9}  of these fields"


def _row(detail: PairDetail) -> tuple[str, str, str]:
    match detail.change:
        case Change.FIELDS:
            what = "; ".join(
                f"{one.path} {_value(one.a)} > {_value(one.b)}" for one in detail.fields
            )
        case Change.TYPE:
            what = f"{detail.kind_a} > {detail.kind_b}"
        case _:
            what = f"{_start(detail.text_a)} > {_start(detail.text_b)}"
    return visible(detail.custom_id), _WORDS[detail.change], visible(what)


def _value(value: Raw | None) -> str:
    return "-" if value is None else bytes(value).decode(errors="replace")


def _start(text: str) -> str:
    return " ".join(text[:80].split()) or "-"
