"""The API's address and its key, as every part knows them: the standard ones, and what can be one.

Settings and connection both check what they are given, by these same rules.
"""

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

STANDARD_URL: Final = "https://api.anthropic.com"
STANDARD_VERSION: Final = "2023-06-01"
"""The ``anthropic-version`` that is sent where nobody says otherwise."""

LONGEST_KEY: Final = 16_384
"""Characters of a key; real ones have about a hundred."""

_QUOTES: Final = "\"'`“”‘’"
_KEY: Final = re.compile(r"[!-~]+")
_ASSIGNMENT: Final = re.compile(r"(export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*\S")
_HOST: Final = re.compile(r"[\w.-]+(:\d+)?(/\S*)?$|\[[0-9a-fA-F:]+\]")
_AGAIN: Final = "Copy the key again."


class KeyFault(NamedTuple):
    """Why a text cannot be a key. Quotes nothing of it."""

    what: str
    """To complete "the key cannot be used: ..."."""
    hint: str
    """What to do."""


def find_key_fault(text: str) -> KeyFault | None:
    """Return why a text cannot be sent as a key, or ``None`` if it can."""
    is_assignment = _ASSIGNMENT.match(text) is not None and not text.endswith("=")
    lines = len(text.splitlines())
    faults = (
        (not text, "it is empty", "Put the key there."),
        (
            is_assignment,
            "it is an assignment, not a key alone",
            "Leave only the key: without the name, the = and quotes.",
        ),
        (any(quote in text for quote in _QUOTES), "it has quotes in it", "Leave them out."),
        (lines > 1, f"it has {lines} lines", "Leave only the key, on one line."),
        (any(map(str.isspace, text)), "it has white space in it", _AGAIN),
        (len(text) > LONGEST_KEY, "it is too long", _AGAIN),
        (not _KEY.fullmatch(text), "it has characters that no key has", _AGAIN),
    )
    return next((KeyFault(what, hint) for holds, what, hint in faults if holds), None)


def _without_scheme(url: str) -> str:
    """Return why a URL without http:// or https:// cannot be one, with what may be meant."""
    fault = "it does not begin with http:// or https://"
    if "://" in url or not _HOST.match(url):
        return fault
    is_near = url.startswith(("localhost", "127.", "[::1]"))
    return f"{fault}: is {'http' if is_near else 'https'}://{url} meant?"


def find_url_fault(url: str) -> str:
    """Return why a text cannot be a base URL, to complete "...: it ...", or ``""`` if it can."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"it is not an address ({error})"
    has_odd_characters = any(map(str.isspace, url)) or not url.isprintable() or "\\" in url
    faults = (
        (has_odd_characters, "it holds a space, a backslash or a control character"),
        (parts.scheme not in {"http", "https"}, _without_scheme(url)),
        (not parts.hostname, "it names no host"),
        (port == 0, "its port is 0"),
        ("@" in parts.netloc, "it holds a user name or password, which does not belong there"),
        ("?" in url or "#" in url, "it holds a query or a fragment"),
    )
    return next((text for holds, text in faults if holds), "")
