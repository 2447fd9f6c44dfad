"""Pairs of two runs as JSON lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Raw

from batchtui.results.comparison.answers import Change, FieldChange
from batchtui.results.comparison.pairs import PairDetail, ResultsComparison
from batchtui.results.errors import ResultsFileError
from batchtui.results.json_text import write_as_parsed
from batchtui.results.row_fields import on_one_line
from batchtui.whole_files import whole_file

_NAMES = {change: change.value for change in Change}


def pair_record(detail: PairDetail, *, has_texts: bool = False) -> bytes:
    """Return a pair as one JSON object, without a newline.

    Args:
        detail: The pair.
        has_texts: Whether both answers are in it.
    """
    kinds = (detail.kind_a, detail.kind_b)
    record = _record(detail.custom_id, detail.change, kinds, detail.fields)
    if has_texts:
        record |= {"text_a": detail.text_a, "text_b": detail.text_b}
    return write_as_parsed(record)


def _record(
    custom_id: str, change: Change, kinds: tuple[str, str], fields: Sequence[FieldChange]
) -> dict[str, object]:
    record: dict[str, object] = {"custom_id": custom_id, "change": _NAMES[change]}
    if change is Change.TYPE:
        record["a"], record["b"] = kinds
    if fields:
        record["fields"] = {
            one.path: {"a": _written(one.a), "b": _written(one.b)} for one in fields
        }
    return record


def pair_lines(
    comparison: ResultsComparison, pairs: Sequence[int], *, has_texts: bool = False
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
        change, kinds = comparison.change(pair), comparison.kinds(pair)
        record = _record(comparison.custom_id(pair), change, kinds, fields.get(pair, ()))
        yield write_as_parsed(record) + b"\n"


def _written(value: Raw | None) -> Raw | None:
    return None if value is None else on_one_line(bytes(value).decode(errors="surrogatepass"))


def write_pairs(comparison: ResultsComparison, pairs: Sequence[int], folder: Path) -> Path:
    """Write pairs with their answers to a new file in a folder.

    Raises:
        ResultsFileError: A run cannot be read, or the file not be written.
    """
    path = _free_name(folder)
    lines = (pair_record(comparison.detail(pair), has_texts=True) for pair in pairs)
    try:
        with whole_file(path, is_durable=True, overwrite=False) as file:
            for one in lines:
                file.write(one + b"\n")
    except OSError as error:
        raise ResultsFileError.from_os(error, path, "write") from error
    return path


def _free_name(folder: Path) -> Path:
    path, number = folder / "comparison.jsonl", 1
    while path.exists():
        number += 1
        path = folder / f"comparison-{number}.jsonl"
    return path
