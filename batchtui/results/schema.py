"""Do answers fit their JSON Schema? A library validates; here is where the schema comes from.

It is a file of the user's, or what the request asked for: its output format, or the input of the
tool that it forced.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec
from msgspec import Raw, Struct

from batchtui.request_line import RequestParams, params_of
from batchtui.results.errors import ResultsError
from batchtui.results.groups import Group, Grouping
from batchtui.results.index import ResultsIndex
from batchtui.results.query.syntax import quote
from batchtui.results.records.json_scan import BrokenJsonError, scan_json
from batchtui.results.records.paths import write_name
from batchtui.results.records.table import records_of
from batchtui.results.row_block import LineSource

if TYPE_CHECKING:
    import jsonschema_rs

OF_REQUEST = "request"
"""How the schema of the attached request is called in a query: ``fits:request``."""
_MAX_SHOWN = 80
_LIMITS = frozenset({"required", "additionalProperties", "dependentRequired"})


class SchemaError(ResultsError):
    """A schema cannot be read, or is none."""


class Misfit(Struct, frozen=True):
    """Where and why a record does not fit."""

    path: str
    """The field, as typed in a query, any place of a list as ``[]``; "." is the whole record."""
    reason: str
    """What the schema asks for there."""


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
        """Whether a record, as JSON, fits."""
        value = _values_of(text)
        return value is not None and self._fits(value[0])

    def misfits(self, text: str) -> tuple[Misfit, ...]:
        """Return where a record does not fit, each place and reason once."""
        value = _values_of(text)
        if value is None:
            return (Misfit(".", "is JSON only at a second look"),)
        found = (
            Misfit(_path_of(error.instance_path), self._reason(error.schema_path, error.message))
            for error in self._validator.iter_errors(value[0])
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
    """Read a schema from a file.

    Raises:
        SchemaError: There is no such file, or it is not a schema.
    """
    path = Path(name).expanduser()
    try:
        return Schema(name, json.loads(path.read_bytes()))
    except OSError as error:
        reason = error.strerror or str(error)
        raise SchemaError(
            f"cannot read {name}: {reason}", hint="Give a JSON Schema file."
        ) from None
    except (ValueError, RecursionError) as error:
        raise SchemaError(f"{name} is not JSON: {error}") from None


class _Format(Struct):
    schema: Raw = Raw(b"")


class _OutputConfig(Struct):
    format: _Format | None = None


class _Tool(Struct):
    name: str = ""
    input_schema: Raw = Raw(b"")


class _ToolChoice(Struct):
    type: str = ""
    name: str = ""


class _Params(Struct):
    output_config: _OutputConfig | None = None
    output_format: _Format | None = None
    tools: list[_Tool] = []
    tool_choice: _ToolChoice | None = None


_PARAMS = msgspec.json.Decoder(RequestParams[_Params])


def schema_of_request(request: bytes) -> Schema | None:
    """Return the schema that a request asks its answer to fit; None if it asks for none.

    Raises:
        SchemaError: What it asks for is not a schema.
    """
    params = params_of(request, _PARAMS)
    if params is None:
        return None
    config = params.output_config
    wanted = (config and config.format) or params.output_format
    found = bytes(wanted.schema) if wanted is not None else b""
    choice = params.tool_choice
    if not found and choice is not None and choice.type == "tool":
        tools = (tool.input_schema for tool in params.tools if tool.name == choice.name)
        found = bytes(next(tools, b""))
    return Schema(OF_REQUEST, json.loads(found)) if found else None


def group_misfits(
    index: ResultsIndex, source: LineSource, rows: Sequence[int], schema: Schema
) -> Grouping:
    """Group the rows that do not fit a schema by field and reason.

    Args:
        index: The rows of the file.
        source: Where their bytes are.
        rows: The rows to look at; those without a record are the last group.
        schema: What their records are to fit.

    Raises:
        ResultsFileError: The file cannot be read.
    """
    records = records_of(index)
    records.fill(source, len(index))
    counts: Counter[Misfit] = Counter()
    missing = 0
    for row in rows:
        text = records.text(source, row)
        if text is None:
            missing += 1
        else:
            counts.update(schema.misfits(text))
    total = max(1, len(rows))
    query = f"-fits:{quote(schema.name)}"
    groups = [
        Group(f"{misfit.path}: {misfit.reason}", count, count / total, query)
        for misfit, count in counts.most_common()
    ]
    if missing:
        groups.append(Group("", missing, missing / total, "-is:record", "", is_missing=True))
    return Grouping(f"fits:{schema.name}", tuple(groups), len(rows), len(counts), None)


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


def _path_of(steps: Sequence[str | int]) -> str:
    return "".join("[]" if isinstance(step, int) else write_name(step) for step in steps) or "."
