"""Colors for code and JSON: text in, pieces with names of styles out."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from batchtui.tui.widgets.reader_wrapping import StyledRun

if TYPE_CHECKING:
    from pygments.lexer import Lexer

_LANGUAGE = re.compile(r"[a-z][a-z0-9+#._-]{0,20}")
_JSON = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*")(?=\s*:)|(?P<string>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<word>true|false|null)"
)
_JSON_STYLES = {
    "key": "code-name",
    "string": "code-string",
    "number": "code-number",
    "word": "code-keyword",
}
_LONGEST_LINE = 4096
_MOST_CODE = 24 * 1024
"""Characters of code that are colored: a lexer needs a second for a megabyte."""


def color_json(line: str) -> Sequence[StyledRun]:
    """Color one line of JSON that was printed over several lines."""
    if len(line) > _LONGEST_LINE:
        return [(line, "")]
    runs: list[StyledRun] = []
    position = 0
    for match in _JSON.finditer(line):
        if match.start() > position:
            runs.append((line[position : match.start()], "muted"))
        runs.append((match.group(), _JSON_STYLES[match.lastgroup or "string"]))
        position = match.end()
    if position < len(line):
        runs.append((line[position:], "muted"))
    return runs


def color_code(code: str, language: str) -> list[StyledRun]:
    """Color a piece of code.

    Args:
        code: The code.
        language: What the text says it is written in; anything at all.
    """
    lexer = _lexer_of(language.lower()) if len(code) <= _MOST_CODE else None
    if lexer is None:
        return [(code, "code")]
    runs = [(text, _style_of(str(kind))) for kind, text in lexer.get_tokens(code) if text]
    # some lexers change line ends or drop what they do not know: then rather no colors
    return runs if "".join(text for text, _ in runs) == code else [(code, "code")]


@lru_cache(64)
def _lexer_of(language: str) -> "Lexer | None":
    """Return the lexer of a language, kept: to look for one that is not there takes 20 ms."""
    if not _LANGUAGE.fullmatch(language):
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _style_of(token: str) -> str:
    for beginning, style in _TOKENS:
        if token.startswith(beginning):
            return style
    return ""


_TOKENS = (
    ("Token.Comment", "code-comment"),
    ("Token.Keyword", "code-keyword"),
    ("Token.Operator.Word", "code-keyword"),
    ("Token.Literal.String", "code-string"),
    ("Token.Literal.Number", "code-number"),
    ("Token.Name.Function", "code-name"),
    ("Token.Name.Class", "code-name"),
    ("Token.Name.Tag", "code-name"),
    ("Token.Name.Attribute", "code-name"),
    ("Token.Name.Decorator", "code-name"),
    ("Token.Name.Builtin", "code-keyword"),
    ("Token.Generic.Deleted", "failed"),
    ("Token.Generic.Inserted", "ok"),
    ("Token.Generic.Heading", "heading"),
)
