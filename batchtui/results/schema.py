"""Does a record fit a JSON Schema, and if not, where and why? A library validates."""

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from msgspec import Struct

from batchtui.regular_files import read_regular, written_path
from batchtui.results.errors import ResultsError
from batchtui.results.records.json_scan import BrokenJsonError, scan_json
from batchtui.results.records.paths import step_into, write_name

if TYPE_CHECKING:
    import jsonschema_rs

_Container: TypeAlias = dict[str, object] | list[object]
_MAX_SHOWN = 80
_MAX_DEPTH = 250
"""The library cannot say why a deeper value does not fit, only that it does not."""
_WRAPPINGS = ("schema", "json_schema", "input_schema", "parameters", "function")
"""Names under which requests hold a schema, or what holds one: formats of answers, and tools."""
_SAYS_SOMETHING = frozenset(
    {
        *("$ref", "$defs", "$schema", "allOf", "anyOf", "oneOf", "not", "if", "const", "enum"),
        *("properties", "patternProperties", "additionalProperties", "required", "items"),
    }
)
"""Keywords one of which nearly every schema has, and no wrapping."""
_LARGEST = 4_000_000
"""Bytes of a schema: it is read while a query is typed."""
_KEPT = 4
"""Schemas that are not read again."""
_LIMITS = frozenset({"required", "additionalProperties", "dependentRequired"})


class SchemaError(ResultsError):
    """A schema cannot be read, or is none."""


class Misfit(Struct, frozen=True):
    """Where and why a record does not fit."""

    path: str
    """The field, as typed in a query, any place of a list as ``[]``; "." is the whole record."""
    reason: str
    """What the schema asks for there."""

    def __str__(self) -> str:
        """Write both, as ``misfit`` in a query is compared with."""
        return f"{self.path}: {self.reason}"


class Schema:
    """A JSON Schema.

    Attributes:
        name: As in the query.
    """

    def __init__(self, name: str, schema: object) -> None:
        """Understand a schema.

        Args:
            name: As in the query.
            schema: Its JSON as values.

        Raises:
            SchemaError: It is not a schema.
        """
        self.name = name
        self._schema = schema
        try:
            self._fits: Callable[[object], bool] = self._validator.is_valid
        except ValueError as error:
            reason = str(error).partition("\n")[0]
            raise SchemaError(f"{name} is not a JSON Schema: {reason}") from None

    @cached_property
    def _validator(self) -> "jsonschema_rs.Validator":
        import jsonschema_rs

        return jsonschema_rs.validator_for(json.dumps(self._schema), retriever=_refuse_to_fetch)

    def fits(self, text: str) -> bool:
        """Return whether a record, as JSON, fits."""
        value = _values_of(text)
        return value is not None and self._fits(value[0])

    def misfits(self, text: str) -> tuple[Misfit, ...]:
        """Return where a record does not fit, each place and reason once."""
        value = _values_of(text)
        if value is None:
            return (Misfit(".", "is JSON only at a second look"),)
        if self._fits(value[0]):
            return ()
        try:
            return self._list(value[0])
        except ValueError:
            return self._list(_cut(value[0])) or (Misfit(".", "does not fit deep inside"),)

    def _list(self, value: object) -> tuple[Misfit, ...]:
        found = (
            Misfit(_path_of(error.instance_path), self._reason(error.schema_path, error.message))
            for error in self._validator.iter_errors(value)
        )
        return tuple(dict.fromkeys(found))

    def _reason(self, path: Sequence[str | int], message: str) -> str:
        """Say what the schema asks for, without the value that was found: so that causes group."""
        keyword = str(path[-1]) if path else ""
        if keyword in _LIMITS or not keyword:
            return message[:_MAX_SHOWN]
        wanted: object = self._schema
        for step in path:
            if isinstance(wanted, dict):
                wanted = wanted.get(step)
            elif isinstance(wanted, list) and isinstance(step, int) and step < len(wanted):
                wanted = wanted[step]
        if wanted is None:  # the path leads through a reference
            return message[:_MAX_SHOWN]
        return f"{keyword} {json.dumps(wanted)[:_MAX_SHOWN]}"


def _refuse_to_fetch(uri: str) -> NoReturn:
    """Fetch no part of a schema from anywhere: a file from someone else must not cause calls."""
    raise ValueError(f"it refers to {uri}, and nothing is fetched")


def load_schema(name: str) -> Schema:
    """Read a schema from a file; it may be wrapped as a request has it.

    Raises:
        SchemaError: There is no such file, or it is not a schema.
    """
    path = written_path(name)
    try:
        status = path.stat()
        return _load_schema(name, path, (status.st_mtime_ns, status.st_size, status.st_ino))
    except OSError as error:
        reason = error.strerror or str(error)
        raise SchemaError(
            f"cannot read {name}: {reason}", hint="Give a JSON Schema file."
        ) from None
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{name} is not JSON: {error}") from None


@lru_cache(maxsize=_KEPT)
def _load_schema(name: str, path: Path, _stamp: tuple[int, int, int]) -> Schema:
    """Read a schema once, as long as its file is the same: a query is read at each key."""
    return Schema(name, _unwrap(json.loads(read_regular(path, _LARGEST))))


def _unwrap(wrapped: object) -> object:
    """Return the schema within a format of answers or a tool, which would fit anything."""
    while isinstance(wrapped, dict) and _SAYS_SOMETHING.isdisjoint(wrapped):
        inner = (wrapped[name] for name in _WRAPPINGS if isinstance(wrapped.get(name), dict))
        if (found := next(inner, None)) is None:
            break
        wrapped = found
    return wrapped


def _values_of(text: str) -> tuple[object] | None:
    """Return a record as the values that the library takes."""
    try:
        return (json.loads(text),)
    except (ValueError, RecursionError):
        pass
    try:
        return (scan_json(text, len(text) - len(text.lstrip()))[0],)
    except BrokenJsonError:
        return None


def _cut(value: object) -> object:
    """Return a value with what is nested too deeply left out."""
    whole = [value]
    level: list[_Container] = [whole]
    for _ in range(_MAX_DEPTH):
        level = [member for container in level for member in _copy_members(container)]
    for container in level:
        container.clear()
    return whole[0]


def _copy_members(container: _Container) -> list[_Container]:
    """Put copies in place of the lists and objects in a container, and return them."""
    if isinstance(container, dict):
        copied = {name: _copy(member) for name, member in container.items()}
        container.update(copied)
        members: Iterable[object] = copied.values()
    else:
        container[:] = members = [_copy(member) for member in container]
    return [member for member in members if isinstance(member, dict | list)]


def _copy(value: object) -> object:
    return value.copy() if isinstance(value, dict | list) else value


def _path_of(steps: Sequence[str | int]) -> str:
    path = "."
    for step in steps:
        path = step_into(path, "[]" if isinstance(step, int) else write_name(step))
    return path
