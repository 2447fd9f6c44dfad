"""JSON from strangers, made fit to be read: parsed without surprises, printed with sizes for blobs.

Nothing here fails on any input: what cannot be parsed or printed is said in words.
"""

import json
import math
import re
from collections.abc import Iterator

import msgspec

from batchtui.formatting import format_size
from batchtui.results.lines import MAX_LINE
from batchtui.untrusted import visible, visible_lines

NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)
"""What decoding may raise where it is given anything at all."""

TOO_DEEP = "(nested too deeply to be shown)"
"""What stands in place of a value that cannot be printed."""

_BLOB_LENGTH = 256
"""A string of this length with nothing but base64 in it is data, not words."""
_BLOB = re.compile(r"[A-Za-z0-9+/_\-]+={0,2}\s*")
_DATA_URI = re.compile(r"data:([\w.+-]{1,60}/[\w.+-]{1,60})?;base64,([A-Za-z0-9+/_\-=\s]{32,})")
_MAX_DIGITS = 4_000


class UnreadableJsonError(ValueError):
    """A text is not JSON, or cannot be taken in; its text is the reason, for the user."""


def parse_line(line: bytes) -> object:
    """Parse a line of a file, whatever its bytes are.

    Raises:
        UnreadableJsonError: It is not JSON, too long, or nested too deeply.
    """
    if len(line) > MAX_LINE:
        raise UnreadableJsonError(f"a line of {len(line):,} bytes is too long for a result")
    return parse_json(decode_text(line))


def decode_text(line: bytes) -> str:
    """Decode a line, without a byte order mark; what is not UTF-8 is replaced."""
    return line.decode("utf-8-sig", errors="replace")


def parse_json(text: str) -> object:
    """Parse JSON into plain values; numbers no machine holds become texts.

    Raises:
        UnreadableJsonError: It is not JSON, or nested too deeply.
    """
    try:
        value: object = json.loads(
            text, parse_int=_parse_int, parse_float=_parse_float, parse_constant=str
        )
    except json.JSONDecodeError as error:
        raise UnreadableJsonError(f"not JSON: {error.msg} at character {error.pos:,}") from None
    except RecursionError:
        raise UnreadableJsonError("nested too deeply to read") from None
    return value


def write_as_parsed(value: object) -> bytes:
    """Write a value as JSON, however deeply it is nested; `msgspec.Raw` stays as it is.

    A lone surrogate in a text is escaped, as the JSON it was read from must have had it.

    Raises:
        TypeError: It is no value of JSON.
    """
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, RecursionError):
        return b"".join(_write_pieces(value))


class _Written(bytes):
    """JSON, no value that is to become JSON."""

    __slots__ = ()


def _write_pieces(value: object) -> Iterator[bytes]:
    """Write a value piece by piece: what is still to be written is on a stack."""
    waiting: list[object] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _Written):
            yield item
        elif isinstance(item, dict):
            waiting.append(_Written(b"}"))
            for at, name in reversed([*enumerate(item)]):
                before = b"," if at else b""
                waiting += (item[name], _Written(before + _write_scalar(str(name)) + b":"))
            yield b"{"
        elif isinstance(item, list):
            waiting.append(_Written(b"]"))
            for at in range(len(item) - 1, -1, -1):
                waiting += (item[at], _Written(b"," if at else b""))
            yield b"["
        else:
            yield _write_scalar(item)


def _write_scalar(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value).encode()


def without_newlines(data: bytes) -> bytes:
    """Return JSON that may be printed over several lines as one line of the same value."""
    # a string holds none: there they are escaped
    return data.replace(b"\n", b" ").replace(b"\r", b" ")


def members_of(value: object) -> dict[str, object]:
    """Return the members of a JSON object that was parsed; none of any other value."""
    return value if isinstance(value, dict) else {}


def pretty(value: object) -> str:
    """Print a value over several lines, safe to show, with base64 data replaced by its size."""
    try:
        return visible_lines(_print(without_blobs(value)))
    except RecursionError:
        return TOO_DEEP


def without_blobs(value: object) -> object:
    """Return the value with base64 data, wherever it stands, replaced by its kind and size.

    Raises:
        RecursionError: The value is nested too deeply.
    """
    if isinstance(value, str):
        return describe_text(value)
    if isinstance(value, list):
        return [without_blobs(item) for item in value]
    if not isinstance(value, dict):
        return value
    data = value.get("data")
    is_blob = isinstance(data, str) and ("media_type" in value or value.get("type") == "base64")
    return {
        key: describe_blob(value) if is_blob and key == "data" else without_blobs(item)
        for key, item in value.items()
    }


def describe_blob(source: object) -> str:
    """Say what a base64 source holds: ``<image/png, 12 kB>``."""
    fields = members_of(source)
    data, kind = fields.get("data"), fields.get("media_type")
    size = _decoded_size(data) if isinstance(data, str) else 0
    return f"<{visible(kind) if isinstance(kind, str) else 'base64'}, {format_size(size)}>"


def describe_text(text: str) -> str:
    """Return the text; if it is, or holds, base64 data, with its size in place of the data."""
    if len(text) >= _BLOB_LENGTH and _looks_encoded(text):
        return f"<base64, {format_size(_decoded_size(text))}>"
    if ";base64," in text:
        return _DATA_URI.sub(_describe_uri, text)
    return text


def _describe_uri(match: re.Match[str]) -> str:
    return f"<{match.group(1) or 'base64'}, {format_size(_decoded_size(match.group(2)))}>"


def _looks_encoded(text: str) -> bool:
    """Tell data from long words: base64 mixes capitals, small letters and digits."""
    head = text[:_BLOB_LENGTH]
    is_mixed = (
        any(map(str.isdigit, head)) and any(map(str.islower, head)) and any(map(str.isupper, head))
    )
    return is_mixed and _BLOB.fullmatch(text) is not None


def _decoded_size(data: str) -> int:
    return len(data.rstrip("=\n\r ")) * 3 // 4


def _print(value: object) -> str:
    """Print in C where possible: answers of megabytes are printed too."""
    try:
        return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError):
        return json.dumps(value, indent=2, ensure_ascii=False)


def _parse_int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS else digits


def _parse_float(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text
