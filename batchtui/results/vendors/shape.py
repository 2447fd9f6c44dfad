"""The pieces that result lines are made of, whoever the answer came from."""

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import msgspec
from msgspec import Raw, Struct

from batchtui.results.json_text import NOT_JSON

Fields: TypeAlias = Mapping[str, Raw]
Json: TypeAlias = dict[str, object]


class VendorError(Struct):
    """An error as a vendor tells it."""

    message: str | None = None
    type: str | None = None
    code: str | int | None = None
    status: str | None = None


ID_NAMES = ("custom_id", "key", "recordId", "id")


def vendor_id_of(fields: Fields) -> str | None:
    """Return the id of a line, by whichever name it has."""
    for name in ID_NAMES:
        if name in fields:
            text = string_of(fields[name])
            return text if text is not None else bytes(fields[name]).decode()
    return None


def succeeded(
    answer_id: str | None,
    model: str | None,
    content: list[Json],
    stop: str | None,
    usage: Json | None,
) -> Json:
    """Return the result of a request that was answered."""
    message: Json = {"id": answer_id, "type": "message", "role": "assistant", "model": model}
    message |= {"content": content, "stop_reason": stop, "stop_sequence": None, "usage": usage}
    return {"type": "succeeded", "message": message}


def errored(error: VendorError, request_id: str | None) -> Json:
    """Return the result of a request that failed."""
    kind = error.type or error.status or (str(error.code) if error.code is not None else None)
    inner = {"type": kind or "api_error", "message": error.message or ""}
    return {
        "type": "errored",
        "error": {"type": "error", "error": inner, "request_id": request_id},
    }


def tokens(given: int | None, made: int | None, read: int) -> Json:
    """Return the usage: tokens given (those read from a cache included), made, and read."""
    fresh = None if given is None else max(0, given - read)
    return {"input_tokens": fresh, "output_tokens": made, "cache_read_input_tokens": read}


def text_block(text: str) -> Json:
    """Return a block of text."""
    return {"type": "text", "text": text}


def tool_use(call_id: str, name: str, arguments: Raw) -> Json:
    """Return a tool call."""
    # mostly JSON inside a string; numbers keep the digits they were written with
    text = string_of(arguments)
    given = Raw(text.encode()) if text is not None else arguments
    value: object = given if fields_of(given) is not None else {"arguments": text}
    return {"type": "tool_use", "id": call_id, "name": name, "input": value}


_T = TypeVar("_T")


def decoded(data: bytes | Raw | None, kind: type[_T]) -> _T | None:
    """Return JSON as a type, or None where it is not of that type."""
    if data is None:
        return None
    try:
        return msgspec.json.decode(data, type=kind)
    except NOT_JSON:
        return None


def fields_of(data: bytes | Raw | None) -> dict[str, Raw] | None:
    """Return the members of a JSON object; None where it is none."""
    return decoded(data, dict[str, Raw])


def string_of(data: Raw | None) -> str | None:
    """Return a JSON string; None where it is none."""
    return decoded(data, str)
