"""How two answers to the same request differ."""

import operator
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Final

import msgspec
from msgspec import Raw, Struct

from batchtui.results.answer import Answer, read_answer
from batchtui.results.json_text import NOT_JSON
from batchtui.results.records.finder import Record, find_record
from batchtui.results.records.own_pattern import RecordPattern
from batchtui.results.records.paths import step_into, write_name

_FIRST_WORDS: Final = 16
"""Words looked at before a whole text is cut into them."""


class Change(Enum):
    """How the two sides of a pair differ; the value is its name in queries and in JSON."""

    SAME = "same"
    """To the letter."""
    NORMALIZED = "normalized"
    """But for fences, the order of keys, spaces, or how numbers are written."""
    TEXT = "text"
    """Both answered, with other words."""
    FIELDS = "fields"
    """Both answered with a record, and fields of it differ."""
    TYPE = "type"
    """One succeeded whole and the other did not, or not for the same reason."""
    ONLY_A = "only_a"
    ONLY_B = "only_b"

    @property
    def is_difference(self) -> bool:
        """Whether it counts as one."""
        return self not in (Change.SAME, Change.NORMALIZED)


DIFFERENCES: Final = tuple(change for change in Change if change.is_difference)


class FieldChange(Struct, frozen=True):
    """One field that differs."""

    path: str
    """As queries name it, such as ``.lines[0].sku``."""
    a: Raw | None
    """Its value on the first side, as written; None if it has none."""
    b: Raw | None
    """Its value on the second side."""


_decode_any: Callable[[bytes | Raw], object] = msgspec.json.Decoder().decode


def compare_answers(
    line_a: bytes,
    line_b: bytes,
    pattern_a: RecordPattern | None = None,
    pattern_b: RecordPattern | None = None,
) -> tuple[Change, Sequence[str]]:
    """Compare two answers; with the outermost fields that differ.

    Args:
        line_a: The line of the first side.
        line_b: The line of the second side.
        pattern_a: The user's own way to find the records of the first side.
        pattern_b: The same of the second side.
    """
    a, b = read_answer(line_a), read_answer(line_b)
    if a.text == b.text and a.calls == b.calls:
        return Change.SAME, ()
    record_a, record_b = record_of(a, pattern_a), record_of(b, pattern_b)
    if record_a is None or record_b is None:
        is_same = _are_same_words(a.text, b.text) and a.calls == b.calls
        return (Change.NORMALIZED if is_same else Change.TEXT), ()
    if record_a.text != record_b.text and not are_equal(record_a.value, record_b.value):
        return Change.FIELDS, outermost(record_a.value, record_b.value)
    is_same_around = _are_same_words(_around(a, record_a), _around(b, record_b))
    return (Change.NORMALIZED if is_same_around else Change.TEXT), ()


def are_equal(a: object, b: object) -> bool:
    """Return whether two values of JSON are the same; numbers are however they were written."""
    try:
        return _are_equal(a, b)
    except RecursionError:  # nested deeper than anyone can look: their texts do differ
        return False


def _are_equal(a: object, b: object) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):  # Python takes true for the number 1
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_are_equal(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_are_equal, a, b))
    return a == b


def outermost(a: object, b: object) -> Sequence[str]:
    """Return the outermost fields in which two records differ."""
    if not isinstance(a, dict) or not isinstance(b, dict):
        return (".",)
    names = dict.fromkeys([*a, *b])
    return [
        write_name(str(name))
        for name in names
        if not are_equal(a.get(name, _ABSENT), b.get(name, _ABSENT))
    ]


_ABSENT = object()


def record_of(answer: Answer, pattern: RecordPattern | None) -> Record | None:
    """Return the record of an answer, found by a pattern or all ways known, if it has one."""
    found = find_record(answer, pattern)
    return found if isinstance(found, Record) else None


def _around(answer: Answer, record: Record) -> str:
    """Return what the answer says besides its record; the fence around it is not part of that."""
    if record.start < 0:
        return answer.text
    before, after = answer.text[: record.start], answer.text[record.end :]
    if record.form == "fence":
        before, after = before_fence(before), after_fence(after)
    return f"{before} {after}"


def before_fence(text: str) -> str:
    """Return what stands before a record without the fence that opens there."""
    return text.rstrip().removesuffix("json").rstrip("`~")


def after_fence(text: str) -> str:
    """Return what stands after a record without the fence that closes there."""
    return text.lstrip().lstrip("`~")


def differ_early(a: str, b: str) -> bool:
    """Return whether texts differ in their first words, up to where one of them ends."""
    words_a, words_b = (text.split(maxsplit=_FIRST_WORDS)[:_FIRST_WORDS] for text in (a, b))
    return any(map(operator.ne, words_a, words_b))


def _are_same_words(a: str, b: str) -> bool:
    """Return whether two texts differ in nothing but spaces."""
    return not differ_early(a, b) and a.split() == b.split()


def _value(data: bytes) -> object:
    try:
        return _decode_any(data)
    except NOT_JSON:
        return data


def field_changes(a: bytes, b: bytes, path: str = ".") -> Iterator[FieldChange]:
    """Yield the fields in which two records differ, by their innermost paths.

    Numbers compare as numbers; the values are as they were written. Lists compare place by place.
    """
    if a == b:
        return
    fields_a, fields_b = _fields(a), _fields(b)
    if fields_a is None or fields_b is None:
        if not are_equal(_value(a), _value(b)):
            yield FieldChange(path, Raw(a), Raw(b))
        return
    for name in dict.fromkeys([*fields_a, *fields_b]):
        mine, theirs = fields_a.get(name), fields_b.get(name)
        if mine is None or theirs is None:
            yield FieldChange(step_into(path, name), mine, theirs)
        else:
            yield from field_changes(bytes(mine), bytes(theirs), step_into(path, name))


def _fields(data: bytes) -> dict[str, Raw] | None:
    """Return the members of an object or a list by the step of the path that leads to them."""
    try:
        if data.lstrip().startswith(b"{"):
            members = msgspec.json.decode(data, type=dict[str, Raw])
            return {write_name(name): value for name, value in members.items()}
        if data.lstrip().startswith(b"["):
            items = msgspec.json.decode(data, type=list[Raw])
            return {f"[{place}]": value for place, value in enumerate(items)}
    except NOT_JSON:
        pass
    return None
