"""Cuts a query into tokens, each with its place, so that an error can point at it."""

import re
from typing import Literal, TypeAlias

from msgspec import Struct

from batchtui.formatting import nearest
from batchtui.results.errors import QueryError
from batchtui.results.query.operators import OPERATOR, read_operator
from batchtui.results.query.reference import field_names, find_field
from batchtui.results.query.syntax import Term, ValueForm, read_escape
from batchtui.results.records.paths import PATH_STARTS, read_meant_path, read_path

TokenKind: TypeAlias = Literal["open", "close", "or", "and", "minus", "term"]

_FIELD = re.compile(rf"([^\W\d]\w*)({OPERATOR.pattern})")
_SPACE = re.compile(r"\s*")
_FLAGS = re.compile(r"\w*")
_SIGNS: dict[str, TokenKind] = {"(": "open", ")": "close", "-": "minus"}
_TAKES_PATHS = {"has", "sort"}
"""Fields whose values may be paths."""
_OTHER_FIELD = re.compile(r"-?\w+,")
"""What may stand before a path."""
_QUOTE_HINT = "Put it in quotes to search for the text itself."


class Token(Struct, frozen=True):
    """One piece of a query."""

    kind: TokenKind
    """What it is."""
    start: int
    """Where it starts, in characters."""
    end: int
    """Where it ends, exclusive."""
    term: Term | None = None
    """The condition, for a token of kind ``term``."""

    @property
    def span(self) -> tuple[int, int]:
        """Where it starts and ends."""
        return self.start, self.end


def tokenize(text: str) -> list[Token]:
    """Cut a query into tokens.

    Raises:
        QueryError: A quote or pattern is not closed, a field is unknown or has no value.
    """
    tokens: list[Token] = []
    position = _skip_space(text, 0)
    while position < len(text):
        token = _read_token(text, position)
        if token.term is not None:
            _refuse_lonely_operator(text, token.term, tokens)
        tokens.append(token)
        position = _skip_space(text, token.end)
    return tokens


def _skip_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _read_token(text: str, start: int) -> Token:
    kind = _SIGNS.get(text[start])
    if kind is not None:
        return Token(kind, start, start + 1)
    field = read_field_and_operator(text, start)
    if field is not None:
        return _read_field_term(text, start, *field)
    _refuse_bare_path(text, start)
    value, form, end = _read_value(text, start, start)
    if form == "bare" and value.lower() == "or":
        return Token("or", start, end)
    if form == "bare" and value.lower() == "and":
        return Token("and", start, end)
    return Token("term", start, end, Term("text", ":", value, form, "", start, start, end))


def read_field_and_operator(text: str, start: int) -> tuple[str, str, int] | None:
    """Read what stands before a value, such as ``out<`` or ``.total>``.

    Returns:
        The field, the operator and the place behind them; None if no such thing stands there.
    """
    match = _FIELD.match(text, start)
    if match is not None:
        return match[1], match[2], match.end()
    path = read_path(text, start)
    sign = OPERATOR.match(text, path[1]) if path is not None else None
    return (path[0].text, sign.group(), sign.end()) if path is not None and sign else None


def _read_field_term(text: str, start: int, name: str, operator: str, value_start: int) -> Token:
    field = find_field(name)
    if field is None:
        raise QueryError(
            f"There is no field “{name}”",
            (start, start + len(name)),
            hint=_nearest_hint(name),
        )
    operator = read_operator(text, value_start - len(operator), field)
    if operator == "~" and text.startswith("/", value_start):
        value, end = _read_delimited(text, value_start, "/", "pattern")
        flags = _FLAGS.match(text, end)
        letters = flags.group() if flags else ""
        end += len(letters)
        term = Term(field.name, operator, value, "regex", letters, start, value_start, end)
        return Token("term", start, end, term)
    first = _after_paths(text, value_start) if field.name in _TAKES_PATHS else value_start
    value, form, end = _read_value(text, value_start, first)
    if not value and form == "bare":
        raise QueryError(
            f"“{text[start:value_start]}” needs a value",
            (start, value_start),
            hint=f"Such as {field.example}",
        )
    term = Term(field.name, operator, value, form, "", start, value_start, end)
    return Token("term", start, end, term)


def _read_value(text: str, start: int, first: int) -> tuple[str, ValueForm, int]:
    """Read a value, which without quotes goes from ``start`` at least up to ``first``."""
    if text.startswith('"', start):
        value, end = _read_delimited(text, start, '"', "quote")
        return value, "quoted", end
    end = _bare_end(text, first)
    return text[start:end], "bare", end


def _after_paths(text: str, start: int) -> int:
    """Return the place behind the last path of a value: a name in quotes may have spaces."""
    position = start
    while True:
        other = _OTHER_FIELD.match(text, position)
        if other is not None:
            position = other.end()
            continue
        path = read_path(text, position + text.startswith("-", position))
        if path is None:
            return position
        position = path[1] + text.startswith(",", path[1])


def _bare_end(text: str, start: int) -> int:
    """Find the end of a word: a space, or a parenthesis that was not opened inside it."""
    depth = 0
    for position in range(start, len(text)):
        character = text[position]
        if character.isspace():
            return position
        if character == "(":
            depth += 1
        elif character == ")":
            if depth == 0:
                return position
            depth -= 1
    return len(text)


def _read_delimited(text: str, start: int, delimiter: str, what: str) -> tuple[str, int]:
    """Read up to the closing delimiter; return the value and the place behind it."""
    pieces: list[str] = []
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == delimiter:
            return "".join(pieces), position + 1
        if character == "\\" and position + 1 < len(text):
            piece, position = _read_backslash(text, position + 1, delimiter)
            pieces.append(piece)
            continue
        pieces.append(character)
        position += 1
    raise QueryError(
        f"This {what} is not closed",
        (start, len(text)),
        hint=f"Add {delimiter} at its end.",
    )


def _read_backslash(text: str, position: int, delimiter: str) -> tuple[str, int]:
    """Undo a backslash; a pattern keeps all of its own but the one before its slash."""
    if delimiter == '"':
        return read_escape(text, position)
    sign = text[position]
    return (sign if sign == delimiter else "\\" + sign), position + 1


def _nearest_hint(name: str) -> str:
    near = nearest(name, field_names())
    # only the answers know their fields: a name that is none of ours may be one of theirs
    meant = f"Did you mean “{near}”? " if near else f"A field of the answers is .{name}. "
    return meant + _QUOTE_HINT


def _refuse_bare_path(text: str, start: int) -> None:
    """Explain a path such as ``.😀>5``, in which a name needs quotes."""
    meant = read_meant_path(text, start) if text.startswith(PATH_STARTS, start) else None
    sign = OPERATOR.match(text, meant[1]) if meant is not None else None
    if meant is not None and sign is not None:
        raise QueryError(
            f"“{text[start : meant[1]]}” is no field without quotes in it",
            (start, meant[1]),
            hint=f"Write {meant[0]}{sign.group()}… or put all of it in quotes to search for it.",
        )


def _refuse_lonely_operator(text: str, term: Term, before: list[Token]) -> None:
    """Explain ``out > 50``: the parts of a term must touch."""
    match = OPERATOR.match(text, term.start)
    last = before[-1].term if before else None
    if match is None or term.form != "bare" or last is None or last.form != "bare":
        return
    if last.operator == ":" and last.start == last.value_start and find_field(last.value):
        raise QueryError(
            f"“{match.group()}” must touch “{last.value}”",
            match.span(),
            hint="Write it without spaces, as in out>50",
        )
