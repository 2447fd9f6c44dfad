"""Operators between a field and its value, and what is written in their place by mistake."""

import re

from batchtui.results.errors import QueryError
from batchtui.results.query.reference import Field

OPERATOR = re.compile(r"!?(?:[=<>≠≤≥][=<>≠≤≥!]*~?|[:~])")
"""What stands where an operator is expected, whether there is such a one or not."""
_JOINED = re.compile(r":(?:=+|[<>]=?(?=[-+]?\.?\d))|~=")
"""A mistake whose first sign is an operator, and whose others may be a value."""
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s)]+')
_KNOWN = frozenset({":", "=", "~", "<", "<=", ">", ">="})
_MEANT = {
    "=": ("==", "===", ":=", ":=="),
    "-=": ("!=", "!==", "<>", "=!", "≠"),
    ">": (":>",),
    ">=": ("=>", ":>=", "≥"),
    "<": (":<",),
    "<=": ("=<", ":<=", "≤"),
    "~": ("=~", "~="),
    "-~": ("!~",),
    "-:": ("!:",),
}
"""What other languages, and slips, write for the operators; "-" is in front of the field."""


def read_operator(text: str, start: int, field: Field) -> str:
    """Return the operator that stands behind a field.

    Args:
        text: The query.
        start: Where the operator starts.
        field: What it stands behind.

    Raises:
        QueryError: It is no operator, or none for this field; the hint says what to write.
    """
    # what only looks for texts may look for such signs: text:=x, text~=+
    joined = _JOINED.match(text, start) if "=" in field.operators else None
    found = joined or OPERATOR.match(text, start)
    sign = found.group() if found is not None else ""
    if sign in field.operators:
        return sign
    end = start + len(sign)
    if sign in _KNOWN or not field.operators:
        problem, hint = f"“{field.name}” does not go with “{sign}”", ""
    else:
        problem, hint = f"There is no operator “{sign}”", _what_to_write(text, sign, end, field)
    takes = f"It takes {'  '.join(field.operators)}, as in {field.example}"
    raise QueryError(problem, (start, end), hint=hint or takes)


def _what_to_write(text: str, sign: str, end: int, field: Field) -> str:
    """Write the term as it is meant; "" if that is not known."""
    meant = next((operator for operator, signs in _MEANT.items() if sign in signs), "")
    operator = meant.removeprefix("-")
    if operator not in field.operators:
        return ""
    found = _VALUE.match(text, end)
    value = found.group() if found is not None else "…"
    term = f"{'-' if meant.startswith('-') else ''}{field.name}{operator}{value}"
    if field.kind == "number" or sign[0] not in ":=~":
        return f"Write {term}"
    inside = sign[1:] + value.strip('"')
    return f'Write {term}, or {field.name}{sign[0]}"{inside}" for the text'
