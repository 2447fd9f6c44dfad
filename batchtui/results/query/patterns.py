"""Regular expressions typed by a user: compiled, or refused with a place and a reason.

The `regex` library runs them: it stops at a time limit in whatever thread it runs, which Python's
own engine cannot, and on answers of some kilobytes it is the faster of the two.
"""

import fnmatch
import re
import warnings
from typing import TYPE_CHECKING

from batchtui.results.errors import QueryError

if TYPE_CHECKING:
    import regex

MAX_PATTERN = 1000
"""Characters in a pattern; more is a pasted text."""

_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}
_PLAIN_RUN = re.compile(r"[A-Za-z0-9 _@#%&=:;,<>'!-]+")


def compile_pattern(
    pattern: str, *, flags: str, ignore_case: bool, position: int
) -> "regex.Pattern[str]":
    """Compile a pattern.

    Args:
        pattern: As typed, without slashes.
        flags: Letters of ``i``, ``s`` and ``m``.
        ignore_case: Ignore case whatever the flags say.
        position: Where the pattern starts in the query, in characters, for errors.

    Raises:
        QueryError: The pattern is wrong or too long.
    """
    if len(pattern) > MAX_PATTERN:
        raise QueryError(
            f"This pattern has more than {MAX_PATTERN} characters",
            position=position,
            length=len(pattern),
        )
    options = re.IGNORECASE if ignore_case else re.NOFLAG
    for letter in flags:
        if letter not in _FLAGS:
            raise QueryError(
                f"There is no flag “{letter}”",
                position=position,
                length=len(pattern),
                hint="Flags are i (ignore case), s (. spans lines) and m (^ and $ at each line).",
            )
        options |= _FLAGS[letter]
    return _compile(pattern, options, position)


def compile_glob(text: str, *, ignore_case: bool) -> "regex.Pattern[str]":
    """Compile a text in which ``*`` and ``?`` stand for anything, and nothing else does."""
    import regex

    pattern = fnmatch.translate(text.replace("[", "[[]"))
    return regex.compile(pattern, re.IGNORECASE if ignore_case else 0)


def required_literal(pattern: str) -> str:
    """Return a text every match of ``pattern`` must contain, ignoring case, or an empty string.

    Only plain runs outside of groups, classes and choices count, so the answer may be shorter
    than it could be but is never wrong.
    """
    if re.search(r"[|(\[{]", pattern):
        return ""
    runs: list[str] = []
    position = 0
    while position < len(pattern):
        run = _PLAIN_RUN.match(pattern, position)
        if run is None:
            position += 2 if pattern[position] == "\\" else 1
            continue
        position = run.end()
        text = run.group()
        if pattern[position : position + 1] in {"*", "?"}:  # the last one may be absent
            text = text[:-1]
        runs.append(text)
    return max(runs, key=len, default="")


def _compile(pattern: str, options: re.RegexFlag, position: int) -> "regex.Pattern[str]":
    import regex

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" and the like: still patterns
            return regex.compile(pattern, int(options))
    except (regex.error, OverflowError, RecursionError) as error:
        reason, offset = _explain(pattern, str(error))
    raise QueryError(
        f"This pattern is not a regular expression: {reason}",
        position=position + offset,
        length=max(1, len(pattern) - offset),
        hint="A \\ before a sign takes away its meaning.",
    )


def _explain(pattern: str, reason: str) -> tuple[str, int]:
    """Return what is wrong and where; Python's own engine says it more precisely."""
    try:
        re.compile(pattern)
    except re.error as error:
        return error.msg, min(error.pos or 0, len(pattern))
    except (OverflowError, RecursionError):
        pass
    return reason, 0
