"""Regular expressions typed by a user: compiled, or refused with a place and a reason.

Python's engine backtracks and cannot be interrupted, so a pattern such as ``(a+)+$`` could hold
the program for hours. Patterns that repeat a group which itself repeats or chooses are refused;
what remains can still be slow in the square of a text's length, so long texts are searched in
windows (see `matchers`) and a pattern that takes too long on one of them is stopped (see `guard`).
"""

import re
import warnings

from batchtui.results.errors import QueryError

MAX_PATTERN = 1000
"""Characters in a pattern; more is a pasted text."""

_FLAGS = {"i": re.IGNORECASE, "s": re.DOTALL, "m": re.MULTILINE}
_UNBOUNDED = re.compile(r"[*+]|\{\d*,\d*\}|\{\d{2,}\}")
_REPEATED = re.compile(r"[*+]|\{\d*,?\d*\}")
_CHAIN = re.compile(r"(?:[\w.](?:[*+]|\{\d*,\d*\})[?+]?){3}")
"""Three repeats side by side: they share what they match in countless ways."""
_PLAIN_RUN = re.compile(r"[A-Za-z0-9 _@#%&=:;,<>'!-]+")
_MAX_LOOSE_REPEATS = 4
_LOOSE_REPEAT = re.compile(r"(?:\.|\\[wWsSdD]|\])(?:[*+]|\{\d*,\})(?!\+)")


def compile_pattern(
    pattern: str, *, flags: str, ignore_case: bool, position: int
) -> re.Pattern[str]:
    """Compile a pattern.

    Args:
        pattern: As typed, without slashes.
        flags: Letters of ``i``, ``s`` and ``m``.
        ignore_case: Ignore case whatever the flags say.
        position: Where the pattern starts in the query, in characters, for errors.

    Raises:
        QueryError: The pattern is wrong, too long, or could take for ever.
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
    compiled = _compile(pattern, options, position)
    _refuse_explosive(pattern, position)
    return compiled


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


def _compile(pattern: str, options: re.RegexFlag, position: int) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "possible nested set" and the like: still patterns
            return re.compile(pattern, options)
    except re.error as error:
        offset = min(error.pos or 0, len(pattern))
        reason = error.msg
    except (OverflowError, RecursionError) as error:
        offset = 0
        reason = str(error)
    raise QueryError(
        f"This pattern is not a regular expression: {reason}",
        position=position + offset,
        length=max(1, len(pattern) - offset),
        hint="A \\ before a sign takes away its meaning.",
    )


def _refuse_explosive(pattern: str, position: int) -> None:
    """Refuse repeated groups that repeat or choose inside, and long chains of loose repeats."""
    plain = _blank_literals(pattern)
    opened: list[int] = []
    for index, character in enumerate(plain):
        if character == "(":
            opened.append(index)
        elif character == ")" and opened:
            start = opened.pop()
            inside = plain[start + 1 : index]
            is_endless = "|" in inside and _UNBOUNDED.match(plain, index + 1)
            is_nested = _UNBOUNDED.search(inside) and _REPEATED.match(plain, index + 1)
            if is_endless or is_nested:
                raise _explosive(position + start, index + 1 - start)
    atoms = re.sub(r"_+\]", "c", re.sub(r"\\[wWsSdD]", "w", plain))
    if len(_LOOSE_REPEAT.findall(plain)) > _MAX_LOOSE_REPEATS or _CHAIN.search(atoms):
        raise _explosive(position, len(pattern))
    if re.search(r"\(\?P=|\\[1-9]", pattern):
        raise _explosive(position, len(pattern))


def _blank_literals(pattern: str) -> str:
    """Return the pattern, as long as before, with escapes and classes made meaningless."""
    text = re.sub(r"\\[^wWsSdD]", "__", pattern, flags=re.DOTALL)
    return re.sub(r"\[\^?\]?[^\]]*\]", lambda match: "_" * (len(match.group()) - 1) + "]", text)


def _explosive(position: int, length: int) -> QueryError:
    return QueryError(
        "This pattern could take for ever on some texts",
        position=position,
        length=length,
        hint="Repeat only plain parts: not (a+)+, (a|b)* or a chain of more than four .*",
    )
