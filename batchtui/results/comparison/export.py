"""Pairs of two runs as JSON lines."""

import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Raw

from batchtui.results.comparison.answers import Change
from batchtui.results.comparison.pairs import Comparison, PairDetail
from batchtui.results.errors import ResultsFileError
from batchtui.results.row_fields import on_one_line


def pair_record(detail: PairDetail, *, has_texts: bool = False) -> bytes:
    """Return a pair as one JSON object, without a newline.

    Args:
        detail: The pair.
        has_texts: Whether both answers are in it.
    """
    record: dict[str, object] = {"custom_id": detail.custom_id, "change": detail.change.value}
    if detail.change is Change.TYPE:
        record |= {"a": detail.kind_a, "b": detail.kind_b}
    if detail.fields:
        record["fields"] = {
            one.path: {"a": _written(one.a), "b": _written(one.b)} for one in detail.fields
        }
    if has_texts:
        record |= {"text_a": detail.text_a, "text_b": detail.text_b}
    return msgspec.json.encode(record)


def pair_lines(
    comparison: Comparison, pairs: Sequence[int], *, has_texts: bool = False
) -> Iterator[bytes]:
    """Yield pairs as JSON objects, each on a line, reading no more of them than is written.

    Args:
        comparison: The runs.
        pairs: Which, as many as are read together.
        has_texts: Whether both answers are in it.

    Raises:
        ResultsFileError: A run cannot be read.
    """
    if has_texts:
        for pair in pairs:
            yield pair_record(comparison.detail(pair), has_texts=True) + b"\n"
        return
    differing = comparison.select([Change.FIELDS], pairs)
    fields = dict(zip(differing, comparison.fields(differing), strict=True))
    for pair in pairs:
        change, name = comparison.change(pair), comparison.custom_id(pair)
        kind_a, kind_b = comparison.kinds(pair)
        detail = PairDetail(name, change, kind_a, kind_b, "", "", fields.get(pair, ()))
        yield pair_record(detail) + b"\n"


def _written(value: Raw | None) -> Raw | None:
    return None if value is None else on_one_line(bytes(value).decode(errors="replace"))


def write_pairs(comparison: Comparison, pairs: Sequence[int], folder: Path) -> Path:
    """Write pairs with their answers to a new file in a folder.

    Raises:
        ResultsFileError: A run cannot be read, or the file not be written.
    """
    path = _free_name(folder)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    lines = (pair_record(comparison.detail(pair), has_texts=True) for pair in pairs)
    try:
        _write(lines, temporary)
        temporary.rename(path)
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "write") from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _write(lines: Iterable[bytes], path: Path) -> None:
    with path.open("xb") as file:
        for one in lines:
            file.write(one + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _free_name(folder: Path) -> Path:
    path, number = folder / "comparison.jsonl", 1
    while path.exists():
        number += 1
        path = folder / f"comparison-{number}.jsonl"
    return path
