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

from batchtui.results.vendors.gemini import read_gemini
from batchtui.results.vendors.openai import read_chat, read_error, read_responses
from batchtui.results.vendors.others import read_bedrock, read_flat, read_message
from batchtui.results.vendors.shape import Fields, Json, fields_of, vendor_id_of

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
            return Translated(_refined(vendor, result), msgspec.json.encode(whole))
    return None


def _refined(vendor: Vendor, result: Json) -> Vendor:
    """Tell by its models a vendor that writes the shape of another."""
    message = result.get("message")
    model = message.get("model") if isinstance(message, dict) else None
    is_mistral = isinstance(model, str) and _MISTRAL_MODEL.match(model)
    return Vendor.MISTRAL if vendor is Vendor.OPENAI_CHAT and is_mistral else vendor


_READERS: tuple[tuple[Vendor, Callable[[Fields], Json | None]], ...] = (
    (Vendor.OPENAI_CHAT, read_chat),
    (Vendor.OPENAI_RESPONSES, read_responses),
    (Vendor.GEMINI, read_gemini),
    (Vendor.BEDROCK, read_bedrock),
    (Vendor.MESSAGES, read_message),
    (Vendor.OPENAI_ERROR, read_error),
    (Vendor.FLAT, read_flat),
)
