"""Files that are no lines of results: made into lines where they hold results, else named.

A list of results, results printed over several lines and those of other vendors become a line
each. What is something else altogether, such as a request file or a database, is told by its name,
with what to do.
"""

import json
import re
import shlex
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from msgspec import Raw, Struct

from batchtui.packing import detect_packing
from batchtui.results.blocks import Blocks, open_blocks
from batchtui.results.errors import ResultsFileError
from batchtui.results.json_text import NOT_JSON
from batchtui.results.relined import LOOKED_AT, RelinedBlocks, is_of_another_vendor, read_start
from batchtui.results.result_line import decode

_RESULT_BEGINS = re.compile(rb'\s*\{\s*"(?:custom_id|result)"\s*:')
_MAGIC = (
    (b"SQLite format 3\0", "a SQLite database", "Write its rows as JSONL first."),
    (b"PAR1", "a Parquet file", "Write its rows as JSONL first, by duckdb for example."),
    (b"PK\x03\x04", "a zip archive", "Unpack it first."),
    (b"%PDF", "a PDF file", ""),
    (b"\x89PNG", "a picture", ""),
    (b"\xff\xfe", "text in UTF-16", "Convert it first: iconv -f UTF-16 -t UTF-8 FILE"),
    (b"\xfe\xff", "text in UTF-16", "Convert it first: iconv -f UTF-16 -t UTF-8 FILE"),
    (b"{\x00", "text in UTF-16", "Convert it first: iconv -f UTF-16LE -t UTF-8 FILE"),
    (b"\x00{", "text in UTF-16", "Convert it first: iconv -f UTF-16BE -t UTF-8 FILE"),
)


class NotResultsError(ResultsFileError):
    """A file that can be read, and is something else than results."""


class _Shape(Struct, gc=False):
    """What tells apart the objects that are taken for results."""

    type: str | None = None
    id: str | None = None
    object: str | None = None
    custom_id: Raw = Raw(b"")
    key: Raw = Raw(b"")
    result: Raw = Raw(b"")
    params: Raw = Raw(b"")
    request: Raw = Raw(b"")
    body: Raw = Raw(b"")
    url: Raw = Raw(b"")
    response: Raw = Raw(b"")
    error: Raw = Raw(b"")
    model_input: Raw = msgspec.field(default=Raw(b""), name="modelInput")
    model_output: Raw = msgspec.field(default=Raw(b""), name="modelOutput")


_decode_shape: Callable[[bytes], _Shape] = msgspec.json.Decoder(_Shape).decode
_decode_any: Callable[[bytes], Raw] = msgspec.json.Decoder(Raw).decode


def open_results_blocks(path: Path) -> Blocks:
    """Open a file of results, whatever they are packed in and however they are printed.

    Raises:
        NotResultsError: It is something else.
        ResultsFileError: It cannot be opened.
    """
    blocks = open_blocks(path)
    try:
        start = read_start(blocks)
        blocks.rewind()
        name_foreign(start, path)
        if is_printed_otherwise(start) or is_of_another_vendor(start):
            return RelinedBlocks(blocks, path)
    except ResultsFileError:
        blocks.close()
        raise
    return blocks


def has_plain_lines(path: Path) -> bool:
    """Return whether the bytes of a file are lines of results as they are.

    Raises:
        OSError: It cannot be read.
        NotResultsError: It is something else.
    """
    with path.open("rb") as file:
        start = file.read(LOOKED_AT)
    name_foreign(start, path)
    is_other = is_printed_otherwise(start) or is_of_another_vendor(start)
    return not (is_other or detect_packing(start)) and _may_be_results(start)


def _may_be_results(start: bytes) -> bool:
    """Return whether a result is among the first lines; or nothing is."""
    lines = start.split(b"\n")
    if not start.strip() or (len(lines) == 1 and _RESULT_BEGINS.match(start)):
        return True
    return any(_is_result(line) for line in lines)


def _is_result(line: bytes) -> bool:
    try:
        return decode(line).result is not None
    except NOT_JSON:
        return False


def is_printed_otherwise(start: bytes) -> bool:
    """Return whether results are a list, or are printed over several lines, or all on one.

    Args:
        start: The first bytes of the file.
    """
    text = start.removeprefix(BOM_UTF8).lstrip()
    if text[:1] == b"[":
        return True
    line, newline, _ = text.partition(b"\n")
    line = line.rstrip()
    if text[:1] != b"{" or not (newline or line.endswith(b"}")) or not line:
        return False
    try:
        _decode_any(line)
    except NOT_JSON:
        return line[-1:] in {b"{", b"[", b",", b":"} or b"}{" in line or b"} {" in line
    return False


def name_foreign(start: bytes, path: Path) -> None:
    """Refuse a file that is plainly something else than results.

    Args:
        start: Its first bytes.
        path: Its name.

    Raises:
        NotResultsError: It is.
    """
    by_magic = (
        (f"{what}, not results", hint) for magic, what, hint in _MAGIC if start.startswith(magic)
    )
    found = next(by_magic, None) or _describe_shape(_shape_of(start), path)
    if found is not None:
        what, hint = found
        raise NotResultsError(f"{path.name} is {what}", hint=hint)


def _describe_shape(shape: _Shape | None, path: Path) -> tuple[str, str] | None:
    """Return what a file is by its first object, with what to do; None if it may be results."""
    if shape is None or shape.result or shape.response or shape.error or shape.model_output:
        return None
    if shape.type == "message_batch" and shape.id:
        return (
            "a batch as the API describes it, not its results",
            f"Open that batch: batchtui {shape.id}",
        )
    if shape.object == "batch":
        return (
            "a batch as OpenAI describes it, not its results",
            "Download the file of its output_file_id.",
        )
    if shape.custom_id and shape.params:
        hint = f"{_dry_run(path)} checks it; attach ties it to its batch."
        return "a request file, not results", hint
    vendor = _vendor_of_requests(shape)
    if vendor:
        hint = (
            f"Open the file of the answers. {_dry_run(path)} shows what to change before it can be"
            " sent here."
        )
        return f"a request file for {vendor}, not results", hint
    return None


def _dry_run(path: Path) -> str:
    return f"batchtui create {shlex.quote(str(path))} --dry-run"


def _vendor_of_requests(shape: _Shape) -> str:
    """Return whose requests a line is one of; "" if none that is known."""
    if shape.body and (shape.custom_id or shape.url):
        return "OpenAI"
    if shape.request and (shape.custom_id or shape.key):
        return "Gemini"
    return "Bedrock" if shape.model_input else ""


def _shape_of(start: bytes) -> _Shape | None:
    for piece in _first_pieces(start.removeprefix(BOM_UTF8).strip()):
        try:
            return _decode_shape(piece)
        except NOT_JSON:
            continue
    return None


def _first_pieces(text: bytes) -> Iterator[bytes]:
    """Yield what may be the first object: a line, all of it, the first of several on one line."""
    yield text.partition(b"\n")[0]
    yield text
    yield _first_value(text)


def _first_value(text: bytes) -> bytes:
    """Return the first of several values behind one another, with no line end between them."""
    decoded = text.decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(decoded)
    except (ValueError, RecursionError):
        return b""
    return decoded[:end].encode(errors="replace")
