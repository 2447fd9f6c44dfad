"""A request file out of a table and a template: one request a row, in the order of the rows."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from batchtui.custom_ids import CustomIds
from batchtui.formatting import format_size
from batchtui.regular_files import read_regular, written_path
from batchtui.submission.errors import SubmissionError
from batchtui.submission.template import Template
from batchtui.submission.written_files import new_file
from batchtui.table_rows import TableRow
from batchtui.tables import Table
from batchtui.whole_files import FileExists, require_other_file

_OWN_PARAMS = ("model", "max_tokens", "messages", "system")
"""Params that the recipe has a field for."""
_SHORT = 40
"""Characters of a value that an error repeats."""
_LARGEST_REQUEST = 32_000_000
"""Bytes of one image or document: what a single request may hold."""
_PATHS = msgspec.json.Decoder(list[str])
_MEDIA_TYPES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
)


class MakeError(SubmissionError):
    """A request cannot be made of a row; the message names its line."""


class Recipe(Struct, frozen=True):
    """What every row becomes."""

    prompt: Template
    """The user's message."""
    model: str
    """The model to ask."""
    max_tokens: int
    """Of each answer, at most."""
    system: Template | None = None
    """The system prompt."""
    params: Mapping[str, msgspec.Raw] = {}
    """Further params by name, as JSON."""
    id_column: str | None = None
    """The column that custom_ids are made of; None numbers the rows."""
    examples: tuple[tuple[str, str], ...] = ()
    """Questions and answers that come before the row's own question."""
    prefill: str = ""
    """How the answer has to begin."""
    attached: tuple[str, ...] = ()
    """Columns that name images and PDFs, by their paths."""
    folder: Path = Path()
    """The folder that those paths begin in and must not leave."""

    def require_columns(self, table: Table) -> None:
        """Refuse a table that lacks a column.

        Raises:
            TableError: It does.
        """
        self.prompt.require_columns(table)
        if self.system is not None:
            self.system.require_columns(table)
        for column in (*self.attached, *([self.id_column] if self.id_column else [])):
            table.require_column(column)


class MadeRequest(Struct, frozen=True):
    """One request."""

    custom_id: str
    """Valid, and unique in the file."""
    asked_id: str
    """What the table has for an id; untrusted text."""
    row: int
    """The number of its row, from 1."""
    line: bytes
    """As JSON, without a newline."""


def make_requests(table: Table, recipe: Recipe) -> Iterator[MadeRequest]:
    """Yield a request for every row.

    Raises:
        TableError: The table cannot be read, or lacks a column.
        MakeError: An image or a document cannot be put into a request.
    """
    recipe.require_columns(table)
    ids = CustomIds()
    for row in table.rows():
        asked = (row.text(recipe.id_column) or "") if recipe.id_column else ""
        custom_id = ids.next_id(row.number, asked)
        request = {"custom_id": custom_id, "params": params_of(row, recipe)}
        yield MadeRequest(custom_id, asked, row.number, msgspec.json.encode(request))


def params_of(row: TableRow, recipe: Recipe) -> dict[str, object]:
    """Return the params of a row's request.

    Raises:
        MakeError: An image or a document cannot be put into it.
    """
    params: dict[str, object] = {"model": recipe.model, "max_tokens": recipe.max_tokens}
    params |= recipe.params
    if recipe.system is not None:
        params["system"] = recipe.system.render(row)
    params["messages"] = _messages(row, recipe)
    return params


def file_of_param(text: str) -> Path | None:
    """Return the file that the value of ``NAME=@FILE`` is read from; None where there is none."""
    value = text.partition("=")[2]
    return written_path(value[1:]) if value.startswith("@") else None


def parse_param(text: str) -> tuple[str, msgspec.Raw]:
    """Read ``NAME=JSON``, or ``NAME=@FILE`` for JSON that stands in a file.

    Raises:
        MakeError: It is not of that form, or names what has an option of its own.
    """
    name, equals, value = text.partition("=")
    name = name.strip()
    if not equals or not name:
        raise MakeError(f"{text!r} is not NAME=JSON.", hint="Such as temperature=0.")
    if name in _OWN_PARAMS:
        raise MakeError(
            f"{name} cannot be set by a param.", hint="It has an option, or a file, of its own."
        )
    if (path := file_of_param(text)) is not None:
        value = _read_text(path)
    try:
        msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError) as error:
        # of a word without quotes the decoder says that it was cut
        reason = f": {error}" if value.lstrip().startswith(("{", "[", '"')) else ""
        shown = value if 0 < len(value) < _SHORT and not reason else "…"
        raise MakeError(
            f"The value of {name} is not JSON{reason}.",
            hint=f"""A text needs its own quotes: '{name}="{shown}"'.""",
        ) from None
    return name, msgspec.Raw(value.strip().encode())


def examples_of(table: Table, prompt: Template, answer: str) -> tuple[tuple[str, str], ...]:
    """Return the examples of a table with the columns of the prompt and one for the answer.

    Raises:
        TableError: It cannot be read, or lacks a column.
    """
    prompt.require_columns(table)
    table.require_column(answer)
    return tuple((prompt.render(row), row.text(answer) or "") for row in table.rows())


class MadeFile(Struct, frozen=True):
    """What was written."""

    requests: int
    """How many."""
    size: int
    """In bytes."""
    changed_ids: int
    """How many custom_ids are not what the table has."""
    map_file: Path | None
    """Says which row each custom_id stands for, where that is not plain to see."""


def write_requests(
    requests: Iterator[MadeRequest],
    path: Path,
    *,
    id_column: str | None,
    overwrite: bool = False,
    sources: Sequence[Path] = (),
) -> MadeFile:
    """Write a request file, whole or not at all, and beside it whose ids had to be changed.

    Of a file that is replaced, what stood beside it goes as well.

    Args:
        requests: What to write.
        path: The file.
        id_column: The column that custom_ids are made of.
        overwrite: Whether existing files may be replaced.
        sources: The files that the requests are made from.

    Raises:
        SourceInTheWay: One of the files would replace one of its sources.
        FileExists: One of the files is there, and may not be replaced.
        SubmissionError: One cannot be written.
        TableError: The table cannot be read to its end.
    """
    map_path = _map_path(path)
    require_other_file(map_path, sources)
    if not overwrite and map_path.exists():  # said before anything is written
        raise FileExists(map_path)
    with new_file(path, sources, overwrite=overwrite, is_durable=True) as file:
        count, size, changed = _write(requests, file)
        written_map = None
        if id_column and changed:
            written_map = map_path
            with new_file(map_path, sources, overwrite=overwrite, is_durable=True) as map_file:
                map_file.writelines(_map_lines(id_column, changed))
        elif overwrite:
            map_path.unlink(missing_ok=True)
    return MadeFile(count, size, len(changed), written_map)


def _write(
    requests: Iterator[MadeRequest], file: BinaryIO
) -> tuple[int, int, list[tuple[int, str, str]]]:
    count = size = 0
    changed: list[tuple[int, str, str]] = []
    for request in requests:
        size += file.write(request.line + b"\n")
        count += 1
        if request.custom_id != request.asked_id:
            changed.append((request.row, request.custom_id, request.asked_id))
    return count, size, changed


def _map_lines(id_column: str, changed: Sequence[tuple[int, str, str]]) -> Iterator[bytes]:
    # the table's own column may have the name of one of ours
    asked_name = "asked_id" if id_column in {"row", "custom_id"} else id_column
    for row, custom_id, asked in changed:
        entry = {"row": row, "custom_id": custom_id, asked_name: asked}
        yield msgspec.json.encode(entry) + b"\n"


def _map_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.ids.jsonl")


# Messages


def _messages(row: TableRow, recipe: Recipe) -> list[dict[str, object]]:
    messages: list[dict[str, object]] = []
    for question, answer in recipe.examples:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": answer})
    text = recipe.prompt.render(row)
    blocks = [block for column in recipe.attached for block in _blocks(row, column, recipe.folder)]
    content: object = [*blocks, {"type": "text", "text": text}] if blocks else text
    messages.append({"role": "user", "content": content})
    if recipe.prefill:
        messages.append({"role": "assistant", "content": recipe.prefill})
    return messages


def _blocks(row: TableRow, column: str, folder: Path) -> Iterator[dict[str, object]]:
    for name in _names(row.text(column) or ""):
        where = f"Line {row.line}, column {column}"
        if name.startswith(("https://", "http://")):
            kind = "document" if name.lower().endswith(".pdf") else "image"
            yield {"type": kind, "source": {"type": "url", "url": name}}
            continue
        data = _attachment(folder, name, where)
        media_type = _media_type(data)
        if media_type is None:
            raise MakeError(
                f"{where}: {name} is neither an image nor a PDF.",
                hint="PNG, JPEG, GIF, WebP and PDF can be attached.",
            )
        kind = "document" if media_type == "application/pdf" else "image"
        encoded = base64.b64encode(data).decode()
        source = {"type": "base64", "media_type": media_type, "data": encoded}
        yield {"type": kind, "source": source}


def _names(cell: str) -> Sequence[str]:
    """Return one path, or a JSON list of them."""
    if cell.startswith("["):
        try:
            return _PATHS.decode(cell)
        except (msgspec.DecodeError, RecursionError):
            pass
    return [cell] if cell else []


def _attachment(folder: Path, name: str, where: str) -> bytes:
    folder = folder.resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        # a table from elsewhere must not choose what of this disk is sent
        raise MakeError(
            f"{where}: {name} lies outside {folder}.",
            hint="--files-from names the folder that the paths begin in.",
        )
    try:
        size = path.stat().st_size
        if size > _LARGEST_REQUEST:
            raise MakeError(
                f"{where}: {name} has {format_size(size)};"
                f" a request takes {format_size(_LARGEST_REQUEST)} in all."
            )
        return read_regular(path)
    except OSError as error:
        raise MakeError(f"{where}: {name} cannot be read: {error.strerror}.") from None


def _media_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((name for magic, name in _MEDIA_TYPES if data.startswith(magic)), None)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST_REQUEST + 1)
        if len(raw) > _LARGEST_REQUEST:
            limit = format_size(_LARGEST_REQUEST)
            raise MakeError(f"{path} has more than {limit}, which a request takes in all.")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MakeError(f"{path} is not UTF-8.") from None
    except OSError as error:
        raise MakeError(f"{path} cannot be read: {error.strerror}.") from None
