"""``batchtui review``: verdicts and notes on answers, without the app."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.cli.batch_ids import find_one
from batchtui.cli.common import OfflineAccount, RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, USAGE, note
from batchtui.cli.output import Json, Output, timestamp
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import (
    borrowed,
    choose_rows,
    find_results,
    is_file,
    read_query,
)
from batchtui.cli.table import TextColumn
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import Review
from batchtui.library.reviews import Reviews, file_subject
from batchtui.results.agreement import Agreement, agreement_of
from batchtui.results.errors import ResultsFileError
from batchtui.tables import Table
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.results.index import ResultsIndex

EPILOG = """\
Verdicts are kept in the ledger, by batch or results file and custom_id, and never written into
results. In the app: V in the results viewer. A verdict is one word, usually good, bad or unsure.

  batchtui review ID                                       what was said so far
  batchtui review ID --set bad --query 'out<10'            judge many at once
  batchtui review ID --set good --id doc-17 --note 'as in the contract'
  batchtui review ID --import mine.jsonl                   take in what somebody exported
  batchtui review ID --agreement theirs.jsonl              how far two people agree

A file to import or compare with is CSV or JSON lines with custom_id, verdict (or review) and note,
as --json writes them. Exit code 0: done; 1: nothing was meant, or nothing was said yet.

JSON: custom_id, verdict, note, reviewed_at (RFC 3339). --agreement: both, agreed, share, kappa
(null where it is undefined), only_mine, only_theirs, pairs [{mine, theirs, rows}]."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID|FILE", help="the batch, or a results file")
    action = parser.add_mutually_exclusive_group()
    action.add_argument("--set", metavar="VERDICT", help='give rows a verdict; "" takes it back')
    action.add_argument(
        "--import", dest="source", metavar="FILE", type=Path, help="take in reviews"
    )
    action.add_argument("--agreement", metavar="FILE", type=Path, help="compare with reviews")
    parser.add_argument("--note", metavar="TEXT", help='a note on the rows; "" takes it away')
    parser.add_argument("--query", metavar="Q", help="the rows that match")
    parser.add_argument(
        "--id", dest="rows", metavar="CUSTOM_ID", action="append", default=[], help="one row"
    )
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Show, give, take in or compare verdicts."""
    account = account_of(options)
    out = Output(as_json=options.json)
    if is_file(options.id):
        subject = file_subject(Path(options.id))
    else:
        subject = options.id = find_one(account, options.id)
    with account.ledger() as ledger:
        reviews = ledger.reviews
        if options.agreement is not None:
            return _compare(reviews.of(subject), options.agreement, out)
        if options.source is not None:
            count = reviews.take_in(subject, _read(options.source))
            note(f"{plural(count, 'review')} taken in from {options.source}.")
            return DONE
        if options.set is not None or options.note is not None:
            ids = _meant(account, options)
            return USAGE if ids is None else _judge(reviews, subject, ids, options)
        found = list(reviews.of(subject).values())
    if not found and is_file(options.id) and not Path(options.id).exists():
        raise ResultsFileError(f"there is no file {options.id}")
    return _show(found, out)


def _meant(account: OfflineAccount, options: argparse.Namespace) -> Sequence[str] | None:
    """Return the custom_ids that are meant; None where the query is not understood.

    Raises:
        RefusedError: No row is named, there is no such row, or the results cannot be had.
    """
    if options.query is None and not options.rows:
        raise RefusedError("No row is named.", hint="Say which by --query or --id.")
    query = None if options.query is None else read_query(options.query)
    if query is None and options.query is not None:
        return None
    batches = [] if is_file(options.id) else [options.id]
    with borrowed(account, batches), ProgressLine() as progress:
        path = _results_of(account, options.id, is_asked=query is not None)
        if path is None:  # of rows that are named nothing else need be known
            return list(dict.fromkeys(options.rows))
        from batchtui.cli.row_context import context_of

        with (
            closing(context_of(account, options.id).load(path, progress)) as file,
            file.reader() as reader,
        ):
            _require_rows(file.index, options.rows)
            rows = [] if query is None else choose_rows(file, reader, query, progress)
            ids = [file.index.custom_id(row) for row in rows]
    return list(dict.fromkeys(one for one in [*options.rows, *ids] if one))


def _results_of(account: OfflineAccount, name: str, *, is_asked: bool) -> Path | None:
    """Return where the results are; ``None`` if they are not here and rows are not asked for.

    Raises:
        RefusedError: They cannot be had.
    """
    if is_file(name):
        return Path(name) if is_asked or Path(name).is_file() else None
    if not is_asked:
        stored = account.store().stored(name)
        return None if stored is None else stored.path
    found = find_results(account, name)
    if found is None:
        raise RefusedError("The rows cannot be found without the results.")
    return found


def _require_rows(index: "ResultsIndex", custom_ids: Sequence[str]) -> None:
    """See that there are rows with these ids.

    Raises:
        RefusedError: One of them is in no row.
    """
    unknown = set(custom_ids).difference(index.custom_ids(0, len(index))) if custom_ids else ()
    for one in sorted(unknown):
        raise RefusedError(
            f"No row has the custom_id {one}.", hint="Nothing was judged; see how it is written."
        )


def _judge(reviews: Reviews, subject: str, ids: Sequence[str], options: argparse.Namespace) -> int:
    if not ids:
        note("No row matches; nothing was judged.")
        return FAILED
    done = []
    if options.set is not None:
        reviews.judge(subject, ids, options.set)
        done.append(options.set or "no verdict")
    if options.note is not None:
        reviews.annotate(subject, ids, options.note)
        done.append("with a note" if options.note.strip() else "without a note")
    note(f"{plural(len(ids), 'row')}: {', '.join(done)}")
    return DONE


def _show(found: Sequence[Review], out: Output) -> int:
    if not found:
        note("These answers have no reviews yet.")
        return FAILED
    if not out.is_table:
        for review in found:
            out.record(_fields(review))
        return DONE
    columns = (TextColumn("CUSTOM_ID"), TextColumn("VERDICT"), TextColumn("NOTE", can_shrink=True))
    out.table(columns, [(visible(one.custom_id), one.verdict, visible(one.note)) for one in found])
    return DONE


def _fields(review: Review) -> dict[str, Json]:
    return {
        "custom_id": review.custom_id,
        "verdict": review.verdict,
        "note": review.note,
        "reviewed_at": timestamp(review.reviewed_at),
    }


def _read(path: Path) -> Iterator[Review]:
    """Read reviews from a table.

    Raises:
        TableError: It cannot be read, or has not the columns.
    """
    table = Table(path)
    table.require_column("custom_id")
    verdict = "review" if "review" in table.columns else "verdict"
    table.require_column(verdict)
    for row in table.rows():
        custom_id, said = row.text("custom_id") or "", row.text(verdict) or ""
        text = row.text("note") or ""
        if custom_id and (said or text):
            yield Review(custom_id, said, text)


def _compare(mine: Mapping[str, Review], path: Path, out: Output) -> int:
    theirs = {review.custom_id: review.verdict for review in _read(path)}
    found = agreement_of({one: review.verdict for one, review in mine.items()}, theirs)
    if out.is_table:
        _tell_agreement(found, out)
    else:
        out.record(
            {
                "both": found.both,
                "agreed": found.agreed,
                "share": found.agreed / found.both if found.both else None,
                "kappa": found.kappa,
                "only_mine": found.only_first,
                "only_theirs": found.only_second,
                "pairs": [
                    {"mine": one, "theirs": other, "rows": count}
                    for (one, other), count in found.pairs.items()
                ],
            }
        )
    return DONE if found.both else FAILED


def _tell_agreement(found: Agreement, out: Output) -> None:
    if not found.both:
        note("No row was judged by both.")
        return
    kappa = "undefined" if found.kappa is None else f"{found.kappa:.2f}"
    share = f"{100 * found.agreed / found.both:.0f} %"
    out.line(
        f"{format_count(found.agreed)} of {format_count(found.both)} agree ({share}), kappa {kappa}"
    )
    out.line(f"only mine {found.only_first}, only theirs {found.only_second}")
    rows = [
        (visible(one), visible(other), str(count)) for (one, other), count in found.pairs.items()
    ]
    out.table((TextColumn("MINE"), TextColumn("THEIRS"), TextColumn("ROWS", is_number=True)), rows)
