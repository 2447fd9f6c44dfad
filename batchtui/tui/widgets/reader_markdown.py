"""Markdown as lines: what models write, set for a terminal and safe to show.

A text is cut at blank lines into pieces that take some milliseconds each, so that a long answer
never holds up a key press. What is too long for that is shown as it is written.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from batchtui.tui.lines import BLANK, Line, Span
from batchtui.tui.widgets.reader_code import color_code
from batchtui.tui.widgets.reader_document import Lines, Section
from batchtui.tui.widgets.reader_tables import MarkdownRow, table_lines
from batchtui.tui.widgets.reader_text import Finder, find_nothing, lay_out
from batchtui.tui.widgets.reader_wrapping import (
    LONGEST,
    StyledRun,
    mark_runs,
    split_lines,
    wrap_runs,
)
from batchtui.untrusted import visible, visible_lines

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_PIECE = 4 * 1024
"""Characters of a text after which it is cut at the next blank line: about 4 ms of parsing."""
_LONGEST_PIECE = 24 * 1024
"""Characters of a text without a blank line above which it is shown as it is written."""
_MOST = 512 * 1024
"""Characters of a text that are set as Markdown; what follows is shown as it is written."""


def lay_out_markdown(
    text: str,
    width: int,
    *,
    is_unicode: bool = True,
    find: Finder = find_nothing,
    is_wrapped: bool = True,
) -> Iterator[Section | None]:
    """Lay Markdown out; yields sections as they are made, and ``None`` to make pauses.

    Args:
        text: Safe text of any length.
        width: Cells of a line.
        is_unicode: Whether signs beyond ASCII may be used.
        find: What to highlight.
        is_wrapped: Whether long lines are broken.
    """
    for start, end in cut_pieces(text):
        piece = text[start:end]
        if end - start > _LONGEST_PIECE or start >= _MOST:
            yield from lay_out(piece, width, find=find, is_wrapped=is_wrapped)
            continue
        room = width if is_wrapped else LONGEST
        writer = _Writer(room, min(room, width), is_unicode=is_unicode, find=find)
        yield writer.write(_parser().parse(piece), is_first=start == 0)


def cut_pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield the pieces of a text, cut at blank lines outside of code where nothing is indented."""
    begin = position = 0
    fence = ""
    was_blank = False
    while position < len(text):
        stop = text.find("\n", position)
        stop = len(text) if stop < 0 else stop
        if begin >= _MOST:
            break
        head = text[position : min(stop, position + 200)]
        stripped = head.strip()
        if not fence and was_blank and position - begin >= _PIECE and head[:1] not in {" ", "\t"}:
            yield begin, position
            begin = position
        if stripped[:3] in {"```", "~~~"} and (not fence or stripped.startswith(fence)):
            fence = "" if fence else stripped[:3]
        was_blank = not stripped
        position = stop + 1
    if begin < len(text):
        yield begin, len(text)


@lru_cache(1)
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


class _Writer:
    """Writes the tokens of one piece as lines."""

    def __init__(self, width: int, ruler: int, *, is_unicode: bool, find: Finder) -> None:
        self._width = width
        self._ruler = ruler
        self._is_unicode = is_unicode
        self._find = find
        self._lines: list[Line] = []
        self._matches: list[int] = []
        self._indents: list[Span] = []
        """What stands before each line, by the lists and quotes it is in."""
        self._mark: Span | None = None
        """The bullet or number of a list item whose first line is still to come."""
        self._numbers: list[int | None] = []

    def write(self, tokens: "Sequence[Token]", *, is_first: bool) -> Lines:
        """Write all tokens."""
        if not is_first:
            self._lines.append(BLANK)
        place = 0
        while place < len(tokens):
            token = tokens[place]
            if token.type == "table_open":
                end = next(i for i in range(place, len(tokens)) if tokens[i].type == "table_close")
                self._write_table(tokens[place:end])
                place = end + 1
                continue
            self._write_token(token, tokens[place - 1] if place else None)
            place += 1
        while self._lines and not self._lines[-1].left:
            self._lines.pop()
        return Lines(self._lines, self._matches)

    def _write_token(self, token: "Token", before: "Token | None") -> None:
        if token.type == "inline":
            self._write_inline(token, before)
        elif (write := _WRITERS.get(token.type)) is not None:
            write(self, token)

    def open_list(self, token: "Token") -> None:
        """Begin a list."""
        start = token.attrs.get("start", 1)
        self._numbers.append(int(start) if token.type == "ordered_list_open" else None)

    def close_list(self, token: "Token") -> None:
        """End a list."""
        del token
        self._numbers.pop()
        if not self._numbers:
            self._gap()

    def close_item(self, token: "Token") -> None:
        """End an item of a list."""
        del token
        self._indents.pop()
        self._mark = None

    def open_quote(self, token: "Token") -> None:
        """Begin a quote."""
        del token
        self._indents.append(Span("│ " if self._is_unicode else "| ", "muted"))

    def close_quote(self, token: "Token") -> None:
        """End a quote."""
        del token
        self._indents.pop()
        self._gap()

    def write_rule(self, token: "Token") -> None:
        """Write a line across."""
        del token
        self._add([(("─" if self._is_unicode else "-") * min(self._ruler, 40), "muted")])
        self._gap()

    def write_html(self, token: "Token") -> None:
        """Write HTML as it is."""
        self._add([(visible_lines(token.content.rstrip("\n")), "muted")])
        self._gap()

    def open_item(self, token: "Token") -> None:
        """Begin an item of a list."""
        del token
        number = self._numbers[-1]
        if number is None:
            mark = "• " if self._is_unicode else "* "
        else:
            mark = f"{number}. "
            self._numbers[-1] = number + 1
        self._mark = Span(mark, "accent")
        self._indents.append(Span(" " * len(mark)))

    def _write_inline(self, token: "Token", before: "Token | None") -> None:
        is_heading = before is not None and before.type == "heading_open"
        style = ""
        if is_heading and before is not None:
            style = "heading accent" if before.tag in {"h1", "h2"} else "heading"
        self._add(inline_runs(token.children or (), style))
        if before is None or not before.hidden:
            self._gap()

    def write_code(self, token: "Token") -> None:
        """Write code."""
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        self._indents.append(Span("  "))
        self._add(color_code(token.content.rstrip("\n"), language))
        self._indents.pop()
        self._gap()

    def _write_table(self, tokens: "Sequence[Token]") -> None:
        rows: list[MarkdownRow] = []
        for place, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append(MarkdownRow([], [], is_header=tokens[place - 1].type == "thead_open"))
            elif token.type in {"th_open", "td_open"}:
                is_right = "right" in str(token.attrs.get("style", ""))
                style = "heading" if token.type == "th_open" else ""
                runs = inline_runs(tokens[place + 1].children or (), style)
                rows[-1].cells.append(mark_runs(runs, self._find_in(runs)))
                rows[-1].is_right.append(is_right)
        indent = tuple(self._indents)
        room = self._width - sum(len(span.text) for span in indent)
        for line in table_lines(rows, room, is_unicode=self._is_unicode):
            if any("match" in span.style for span in line.left):
                self._matches.append(len(self._lines))
            self._lines.append(Line((*indent, *line.left)))
        self._gap()

    def _find_in(self, runs: Sequence[StyledRun]) -> Sequence[tuple[int, int]]:
        return self._find("".join(text for text, _ in runs))

    def _add(self, runs: Sequence[StyledRun]) -> None:
        """Write styled text, each of its lines below the other."""
        rest = tuple(self._indents)
        for logical in split_lines(runs):
            marked = mark_runs(logical, self._find_in(logical))
            first = rest
            if self._mark is not None:
                first = (*rest[:-1], self._mark)
                self._mark = None
            for line in wrap_runs(marked, self._width, first, rest):
                if any("match" in span.style for span in line.left):
                    self._matches.append(len(self._lines))
                self._lines.append(line)

    def _gap(self) -> None:
        """Leave a line blank, unless the last one is."""
        if self._lines and self._lines[-1] != BLANK:
            self._lines.append(BLANK)


_WRITERS: "Mapping[str, Callable[[_Writer, Token], None]]" = {
    "bullet_list_open": _Writer.open_list,
    "ordered_list_open": _Writer.open_list,
    "bullet_list_close": _Writer.close_list,
    "ordered_list_close": _Writer.close_list,
    "list_item_open": _Writer.open_item,
    "list_item_close": _Writer.close_item,
    "blockquote_open": _Writer.open_quote,
    "blockquote_close": _Writer.close_quote,
    "fence": _Writer.write_code,
    "code_block": _Writer.write_code,
    "hr": _Writer.write_rule,
    "html_block": _Writer.write_html,
}


_STYLES = {"strong": "strong", "em": "emphasis", "s": "struck", "link": "link"}


def inline_runs(tokens: "Sequence[Token]", style: str = "") -> list[StyledRun]:
    """Give the text of a paragraph with its styles; a newline in it ends a line.

    The text passes the door for untrusted text once more: Markdown can spell any character, also
    those that act on a terminal.

    Args:
        tokens: What the paragraph is made of.
        style: The styles that all of it has.
    """
    runs: list[StyledRun] = []
    open_styles: list[str] = []
    target = ""
    for token in tokens:
        name = token.tag if token.nesting else token.type
        kind = token.type.rpartition("_")[0]
        if token.nesting == 1:
            open_styles.append(_STYLES.get(kind, ""))
            target = str(token.attrs.get("href", "")) if kind == "link" else target
        elif token.nesting == -1:
            if kind == "link":
                runs += _link_target(runs, target)
            if open_styles:
                open_styles.pop()
        elif name in {"softbreak", "hardbreak"}:
            runs.append(("\n", ""))
        else:
            runs.append(_run(token, " ".join(filter(None, (style, *open_styles)))))
    return runs


def _run(token: "Token", style: str) -> StyledRun:
    text = visible(token.content)
    if token.type == "code_inline":
        return text, f"{style} code".strip()
    if token.type == "image":
        return f"[image: {text or visible(str(token.attrs.get('src', '')))}]", f"{style} muted"
    return text, style


def _link_target(runs: Sequence[StyledRun], target: str) -> list[StyledRun]:
    """Say where a link goes, unless its text says so."""
    shown = visible(target)
    if not shown or (runs and runs[-1][0] in {shown, shown.removeprefix("mailto:")}):
        return []
    return [(f" ({shown})", "muted")]
