"""``batchtui results``: the rows of a batch, from this disk or downloaded to it first."""

import argparse
import asyncio
import codecs
import io
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from batchtui.cli.common import Account, account_of
from batchtui.cli.exits import DONE, FAILED, USAGE, complain, note, tell
from batchtui.cli.output import is_terminal
from batchtui.cli.progress import ProgressLine
from batchtui.formatting import format_count, format_size
from batchtui.results.errors import QueryError, ResultsFileError
from batchtui.results.export import Export, ExportProgress, FileExists
from batchtui.results.index import RESULT_TYPES
from batchtui.results.opening import LoadProgress, ResultsFile, open_results
from batchtui.results.query.engine import Query, compile_query
from batchtui.results.reader import RowReader
from batchtui.untrusted import visible, visible_lines

if TYPE_CHECKING:
    from typing_extensions import Buffer

EPILOG = """\
JSONL is written as received, byte for byte. Examples of queries:
  type:errored error:overloaded     stop:max_tokens out>1000
  "I cannot" -model:haiku           sort:-out text~/sorry/i
Results that are not complete are never written as if they were: exit code 1 says so, what has
arrived is kept, and the next try goes on from there."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID", help="the batch")
    parser.add_argument("--query", metavar="Q", default="", help="only rows that match")
    parser.add_argument(
        "--type",
        dest="types",
        action="append",
        default=[],
        metavar="T",
        choices=RESULT_TYPES,
        help="only rows of a type, repeatable: " + ", ".join(RESULT_TYPES),
    )
    parser.add_argument(
        "--output", metavar="FILE", help="write to a file, which appears when it is whole"
    )
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="how")
    parser.add_argument("--force", action="store_true", help="replace the file if there is one")
    parser.add_argument(
        "--partial", action="store_true", help="write what is here if not all is; exit code 1"
    )
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Write a batch's results."""
    query = read_query(options.query)
    if query is None:
        return USAGE
    account = account_of(options)
    with borrowed(account, [options.id]):
        path, is_whole = find_results(account, options.id), True
        if path is None and options.partial:
            partial = account.store().partial(options.id)
            path, is_whole = (None if partial is None else partial.path), False
        if path is None:
            return FAILED
        _write(path, query, options, is_whole=is_whole)
    return DONE if is_whole else FAILED


def read_query(text: str) -> Query | None:
    """Understand a query; ``None`` where it cannot be, which has been told."""
    try:
        return compile_query(text)
    except QueryError as error:
        tell_query_error(error, text)
        return None


def tell_query_error(error: QueryError, text: str) -> None:
    """Say on stderr what is wrong with a query, and point at the place."""
    complain(error.message, error.hint)
    tell(f"  {visible(text)}")
    before = len(visible(text[: error.position]))
    tell("  " + " " * before + "^" * max(error.length, 1))


@contextmanager
def borrowed(account: Account, ids: Sequence[str]) -> Iterator[None]:
    """On leaving, remove the results that were not here before, if the settings keep none."""
    store = account.store()
    new = [one for one in ids if store.stored(one) is None]
    try:
        yield
    finally:
        for one in () if account.loaded.settings.keep_results else new:
            if store.stored(one) is not None:
                store.forget(one)


def find_results(account: Account, batch_id: str) -> Path | None:
    """Have a batch's verified results on this disk; what stands against it is told.

    Raises:
        BatchtuiError: The account cannot be opened, or the batch not be looked up.
    """
    from batchtui.cli.downloads import fetch_stored

    stored = account.store().stored(batch_id)
    if stored is None:
        stored = account.run(lambda session: fetch_stored(session, batch_id))
    return None if stored is None else stored.path


def _write(path: Path, query: Query, options: argparse.Namespace, *, is_whole: bool) -> None:
    is_everything = query.is_everything and not query.sort and not options.types
    if is_everything and is_whole and options.format == "jsonl" and options.output is None:
        _copy(path)
        return
    with ProgressLine() as progress, closing(load(path, progress)) as file, file.reader() as reader:
        rows = choose_rows(file, reader, query, options.types, progress)
        export = Export(
            file.index, reader, rows, options.format, lambda done: _tell_export(progress, done)
        )
        if options.output is None:
            export.write_to(stdout_stream())
            return
        try:
            target = export.write_file(
                options.output, title=options.id, is_partial=not is_whole, overwrite=options.force
            )
        except FileExists as error:
            error.hint = "Choose another name, or replace it with --force."
            raise
    note(f"{format_count(len(rows))} rows written to {target}.")


def load(path: Path, progress: ProgressLine) -> ResultsFile:
    """Open and index a results file; the caller closes it.

    Raises:
        ResultsFileError: It cannot be read.
    """
    file = open_results(path)

    def told(moment: LoadProgress) -> None:
        done, total = format_size(moment.bytes_read), format_size(moment.bytes_total)
        progress.show(f"Reading the results: {done} of {total}")

    try:
        asyncio.run(file.load(told))
    except (ResultsFileError, KeyboardInterrupt):
        file.close()
        raise
    return file


def choose_rows(
    file: ResultsFile,
    reader: RowReader,
    query: Query,
    types: Sequence[str],
    progress: ProgressLine,
) -> Sequence[int]:
    """The rows that match a query and are of one of some types (any, if there are none).

    Raises:
        QueryError: A pattern takes too long.
        ResultsFileError: The file cannot be read.
    """
    rows: Sequence[int] = query.match_rows(
        file.index,
        reader,
        on_progress=lambda done: progress.show(
            f"Searching: {format_count(done.matched)} found in {format_count(done.rows_done)} rows"
        ),
    )
    if not types:
        return rows
    wanted = {RESULT_TYPES.index(name) for name in types}
    kinds = file.index.types
    return [row for row in rows if kinds[row] in wanted]


def _tell_export(progress: ProgressLine, done: ExportProgress) -> None:
    if not is_terminal(sys.stdout):
        total = "" if done.total is None else f" of {format_count(done.total)}"
        progress.show(f"Writing: {format_count(done.rows)}{total} rows, {format_size(done.bytes)}")


def _copy(path: Path) -> None:
    """Write a whole file to stdout, byte for byte."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "read") from error
    with file:
        stream = stdout_stream()
        shutil.copyfileobj(file, stream, 1024 * 1024)
        stream.flush()


def stdout_stream() -> BinaryIO:
    """Stdout for bytes: as they are into a file or pipe, made visible on a terminal."""
    sys.stdout.flush()
    if is_terminal(sys.stdout):
        return io.BufferedWriter(_VisibleText(sys.stdout.buffer))
    return sys.stdout.buffer


class _VisibleText(io.RawIOBase):
    """Passes text on to a terminal with everything made visible that could act on it."""

    def __init__(self, terminal: BinaryIO) -> None:
        super().__init__()
        self._terminal = terminal
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: "Buffer", /) -> int:
        """Pass on some UTF-8."""
        piece = bytes(data)
        self._terminal.write(visible_lines(self._decoder.decode(piece)).encode())
        self._terminal.flush()
        return len(piece)
