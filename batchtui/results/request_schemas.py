"""The schemas that requests ask their answers to fit: of each row that of its own request.

It is the output format of a request, or the input of the tool that it forced.
"""

import json
from array import array
from collections.abc import Callable, Iterable
from functools import lru_cache

import msgspec
from msgspec import Raw, Struct

from batchtui.request_line import RequestParams, params_of
from batchtui.results.query.reference import OF_REQUEST
from batchtui.results.schema import Schema, SchemaError


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


class RequestSchemas:
    """What the requests of a batch ask of their answers; they are read once, when it matters.

    Args:
        requests: Returns the bytes of all requests, in the order of the file.
        number_of: Returns the place of a custom_id among them.
    """

    def __init__(
        self, requests: Callable[[], Iterable[bytes]], number_of: Callable[[str], int | None]
    ) -> None:
        self._requests = requests
        self._number_of = number_of
        self._texts: list[bytes] = [b""]
        self._codes: array[int] | None = None

    @property
    def has_any(self) -> bool:
        """Whether a request asks for a schema.

        Raises:
            BatchtuiError: The requests cannot be read.
        """
        self.read()
        return len(self._texts) > 1

    def require(self) -> None:
        """Read the requests, and see that one of them asks for a schema.

        Raises:
            SchemaError: None does, or what they ask for is not a schema.
            BatchtuiError: The requests cannot be read.
        """
        self.read()
        wanted = self._texts[1:]
        if not wanted:
            raise SchemaError("No request asks for a schema", hint="Give one in a file: fits:FILE.")
        if not any(map(_compiled, wanted)):
            _compile(wanted[-1])

    def schema_of(self, custom_id: str) -> Schema | None:
        """Return what the request of a row asks for; None if that is no schema.

        Raises:
            BatchtuiError: The requests cannot be read.
        """
        codes, number = self.read(), self._number_of(custom_id)
        code = 0 if number is None else codes[number]
        return _compiled(self._texts[code]) if code else None

    def read(self) -> "array[int]":
        """Return for each request where its schema is among the texts; 0 for none.

        Raises:
            BatchtuiError: The requests cannot be read.
        """
        if self._codes is None:
            known = {b"": 0}
            texts = (_schema_text(request) for request in self._requests())
            codes = array("I", [known.setdefault(text, len(known)) for text in texts])
            self._texts, self._codes = list(known), codes
        return self._codes


def schema_of_request(request: bytes) -> Schema | None:
    """Return the schema that a request asks its answer to fit; None if it asks for none.

    Raises:
        SchemaError: What it asks for is not a schema.
    """
    text = _schema_text(request)
    return (_compiled(text) or _compile(text)) if text else None


def _schema_text(request: bytes) -> bytes:
    """Return the schema of a request as it was written; nothing if it asks for none."""
    params = params_of(request, _PARAMS)
    if params is None:
        return b""
    config = params.output_config
    wanted = (config and config.format) or params.output_format
    found = bytes(wanted.schema) if wanted is not None else b""
    choice = params.tool_choice
    if not found and choice is not None and choice.type == "tool":
        tools = (tool.input_schema for tool in params.tools if tool.name == choice.name)
        found = bytes(next(tools, b""))
    return found


@lru_cache(maxsize=256)  # most batches ask all their answers for the same
def _compiled(text: bytes) -> Schema | None:
    """Return a schema; None if it is none, which is found out once, too."""
    try:
        return _compile(text)
    except SchemaError:
        return None


def _compile(text: bytes) -> Schema:
    """Return a schema.

    Raises:
        SchemaError: It is none.
    """
    try:
        return Schema(OF_REQUEST, json.loads(text))
    except RecursionError:
        raise SchemaError(f"{OF_REQUEST} is not a JSON Schema: it is nested too deeply") from None
    except ValueError as error:  # a number of thousands of digits
        raise SchemaError(f"{OF_REQUEST} is not a JSON Schema: {error}") from None
