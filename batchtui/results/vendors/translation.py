"""Other vendors' batch outputs as result lines: the same answer in the shape of this API.

A line is recognized by its own fields, so a file may hold answers and errors side by side. What
comes out is a result line with the line itself, untouched, beside it as ``original``; query,
records, groups and exports then work as on any other results.
"""

import re
from collections.abc import Callable
from enum import Enum
from typing import Final

import msgspec
from msgspec import Raw, Struct

from batchtui.results.json_text import without_newlines
from batchtui.results.vendors.gemini import read_gemini
from batchtui.results.vendors.openai import read_chat, read_failure, read_responses
from batchtui.results.vendors.shape import (
    Fields,
    Json,
    VendorError,
    errored,
    fields_of,
    string_of,
    text_block,
    vendor_id_of,
)

_MISTRAL_MODEL: Final = re.compile(
    r"(?:open-)?(?:mistral|ministral|mixtral|codestral|devstral|magistral|pixtral|voxtral)-"
)


class Vendor(Enum):
    """Whose output a line is; the value is its name for people."""

    OPENAI_CHAT = "OpenAI chat completions"
    MISTRAL = "Mistral"
    OPENAI_RESPONSES = "OpenAI responses"
    OPENAI_ERROR = "OpenAI batch errors"
    GEMINI = "Gemini"
    BEDROCK = "Bedrock"
    MESSAGES = "messages without their result"
    FLAT = "rows of a script"

    @property
    def is_told_by_errors(self) -> bool:
        """Whether it is all that errors tell; the answers beside them may tell more."""
        return self is Vendor.OPENAI_ERROR


class Translated(Struct, frozen=True):
    """A foreign line in the shape of this API."""

    vendor: Vendor
    line: bytes
    """A result line, without a newline."""


def translate(line: bytes) -> Translated | None:
    """Return a foreign line as a result line; None for one that is not recognized.

    A line that has a ``result`` already is not foreign.
    """
    fields = fields_of(line)
    if fields is None or "result" in fields:
        return None
    for vendor, read in _READERS:
        result = read(fields)
        if result is not None:
            whole = {"custom_id": vendor_id_of(fields), "result": result, "original": Raw(line)}
            # tool arguments are JSON inside a string, often printed over several lines
            one_line = without_newlines(msgspec.json.encode(whole))
            return Translated(_refined(vendor, result), one_line)
    return None


def _refined(vendor: Vendor, result: Json) -> Vendor:
    """Tell by its models a vendor that writes the shape of another."""
    message = result.get("message")
    model = message.get("model") if isinstance(message, dict) else None
    is_mistral = isinstance(model, str) and _MISTRAL_MODEL.match(model)
    return Vendor.MISTRAL if vendor is Vendor.OPENAI_CHAT and is_mistral else vendor


def _read_bedrock(fields: Fields) -> Json | None:
    """Read a record of a Bedrock batch."""
    if "recordId" not in fields:
        return None
    problem = fields_of(fields.get("error"))
    if problem is not None:
        code, message = (string_of(problem.get(name)) for name in ("errorCode", "errorMessage"))
        return errored(VendorError(message, code or "api_error"), None)
    message_fields = fields_of(fields.get("modelOutput"))
    return {"type": "succeeded", "message": message_fields} if message_fields else None


def _read_message(fields: Fields) -> Json | None:
    """Read a message that has no result around it."""
    for name in ("message", "response", "body"):
        inner = fields_of(fields.get(name))
        if inner is not None and "content" in inner and "role" in inner:
            return {"type": "succeeded", "message": inner}
    return None


_ANSWER_NAMES = ("content", "text", "output", "response", "answer", "completion", "result_text")


def _read_flat(fields: Fields) -> Json | None:
    """Read a row of a script: an id and a text."""
    if "custom_id" not in fields or "params" in fields:
        return None
    kind = string_of(fields.get("type")) or ""
    problem = string_of(fields.get("error"))
    if problem or kind == "errored":
        return errored(VendorError(problem or "no error was kept"), None)
    if kind in ("canceled", "expired"):
        return {"type": kind}
    for name in _ANSWER_NAMES:
        text = string_of(fields.get(name))
        if text is not None:
            stop, model = (string_of(fields.get(key)) for key in ("stop_reason", "model"))
            usage = fields_of(fields.get("usage"))
            message: Json = {"content": [text_block(text)], "stop_reason": stop, "model": model}
            return {"type": "succeeded", "message": {**message, "usage": usage}}
    return None


_READERS: tuple[tuple[Vendor, Callable[[Fields], Json | None]], ...] = (
    (Vendor.OPENAI_CHAT, read_chat),
    (Vendor.OPENAI_RESPONSES, read_responses),
    (Vendor.GEMINI, read_gemini),
    (Vendor.BEDROCK, _read_bedrock),
    (Vendor.MESSAGES, _read_message),
    (Vendor.OPENAI_ERROR, read_failure),
    (Vendor.FLAT, _read_flat),
)
