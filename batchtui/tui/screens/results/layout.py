"""From one row to the sections of a document: the three ways to look at it."""

from collections.abc import Iterator
from enum import Enum

from msgspec import Struct

from batchtui.library.ledger_values import Review
from batchtui.results.conversation import Conversation, ErrorNote, plain_text, raw_view
from batchtui.results.conversation_blocks import Citation, ShownBlock
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.results.rows import verdict_cell
from batchtui.tui.widgets.reader_code import color_json
from batchtui.tui.widgets.reader_document import Lines, Section
from batchtui.tui.widgets.reader_markdown import lay_out_markdown
from batchtui.tui.widgets.reader_text import Finder, find_nothing, lay_out
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible

Steps = Iterator[Section | None]
"""Sections as they are made, and ``None`` where others may have a turn."""

LONGEST_LINE = 100
"""Cells of a line that is still easy to read."""
_NO_COLORS_ABOVE = 8 * 1024 * 1024


class View(Enum):
    """A way to look at a row; the value is its name on the screen."""

    CONVERSATION = "conversation"
    PLAIN = "plain text"
    RAW = "raw JSON"


class RowLayout(Struct, frozen=True):
    """How a row is laid out."""

    width: int
    """Cells of a line."""
    glyphs: Glyphs
    """The signs to draw with."""
    is_wrapped: bool = True
    """Whether long lines are broken."""
    find_text: Finder = find_nothing
    """Finds what is searched for in answers."""
    find_error: Finder = find_nothing
    """The same for error messages."""
    advice: str = ""
    """What to do about the row's error, or an empty string."""
    reasons: tuple[str, ...] = ()
    """Why the row needs a look."""
    review: Review | None = None
    """What a person said of it."""
    heading: str = "Answer"
    """What stands below a question, over what came of it."""


def lay_out_row(view: View, conversation: Conversation, data: bytes, layout: RowLayout) -> Steps:
    """Lay a row out.

    Args:
        view: The way to look at it.
        conversation: What the row says.
        data: The row as received.
        layout: How.
    """
    if view is View.CONVERSATION:
        yield from _conversation(conversation, layout)
    elif view is View.PLAIN:
        yield from _text(plain_text(conversation), layout)
    else:
        raw = raw_view(data)
        color = color_json if len(raw.pretty) < _NO_COLORS_ABOVE else None
        yield from lay_out(
            raw.pretty or raw.exact,
            layout.width,
            color=color if raw.pretty else None,
            find=layout.find_text,
            is_wrapped=layout.is_wrapped,
        )


def _text(text: str, layout: RowLayout, style: str = "", indent: str = "") -> Steps:
    yield from lay_out(
        text,
        layout.width,
        style=style,
        before=(Span(indent),) if indent else (),
        find=layout.find_text,
        is_wrapped=layout.is_wrapped,
    )


def _conversation(conversation: Conversation, layout: RowLayout) -> Steps:
    yield Lines([*_facts(conversation, layout), BLANK])
    if conversation.error is not None:
        yield from _error(conversation.error, layout)
    if conversation.outcome:
        style = "problem" if conversation.kind in {"unknown", "unreadable"} else "strong"
        yield _paragraph(conversation.outcome, layout, style)
        yield Lines([BLANK])
    for number, block in enumerate(conversation.blocks):
        if number:
            yield Lines([BLANK])
        yield from lay_out_block(block, layout)
    if conversation.stop is not None and conversation.stop.reason != "end_turn":
        yield Lines([BLANK])
        yield _paragraph(conversation.stop.explanation, layout, "muted")
    if conversation.usage:
        yield Lines([BLANK, *_usage(conversation, layout)])


def _facts(conversation: Conversation, layout: RowLayout) -> Iterator[Line]:
    """Yield who answered, why it ended, and what is odd about it."""
    if conversation.model:
        stop = conversation.stop.reason if conversation.stop else ""
        yield line((conversation.model, "muted"), "  ", (stop, "muted"))
    for reason in layout.reasons:
        yield line(("! ", "warning"), (reason, "warning"))
    review = layout.review
    if review is not None:
        between = ": " if review.verdict and review.note else ""
        said = verdict_cell(review.verdict), f"{between}{visible(review.note)}"
        yield line(("Review  ", "muted"), *said)


def _error(error: ErrorNote, layout: RowLayout) -> Steps:
    yield _paragraph(error.type or "error without a type", layout, "problem")
    yield Lines([BLANK])
    yield from lay_out(
        error.message, layout.width, find=layout.find_error, is_wrapped=layout.is_wrapped
    )
    if error.request_id:
        yield Lines([BLANK, line(("request_id  ", "muted"), error.request_id)])
    if layout.advice:
        yield Lines([BLANK, line(("What to do", "heading"))])
        yield _paragraph(layout.advice, layout)
    yield Lines([BLANK])


def _paragraph(text: str, layout: RowLayout, style: str = "") -> Lines:
    return Lines(wrap_runs([(text, style)], layout.width))


def lay_out_block(block: ShownBlock, layout: RowLayout) -> Steps:
    """Lay out one part of an answer, or of a message."""
    if block.title:
        yield Lines([_title(block, layout)])
    if block.kind == "thinking":
        yield from _text(block.body, layout, "muted", "  ") if block.body else ()
    elif block.form == "json":
        yield from _json(block.body, layout, "  " if block.title else "")
    elif block.form == "markdown":
        yield from lay_out_markdown(
            block.body,
            layout.width,
            is_unicode=layout.glyphs.is_unicode,
            find=layout.find_text,
            is_wrapped=layout.is_wrapped,
        )
    elif block.body:
        yield from _text(block.body, layout, "", "  ")
    for number, citation in enumerate(block.citations, 1):
        if number == 1:
            yield Lines([BLANK])
        yield _citation(number, citation, layout)


def _json(text: str, layout: RowLayout, indent: str) -> Steps:
    yield from lay_out(
        text,
        layout.width,
        before=(Span(indent),) if indent else (),
        color=color_json,
        find=layout.find_text,
        is_wrapped=layout.is_wrapped,
    )


_SIGNS = {"thinking": "~", "tool_call": ">", "tool_result": "<", "file": "+", "note": "-"}
_TITLE_STYLES = {"thinking": "muted", "unknown": "warning", "note": "muted"}


def _title(block: ShownBlock, layout: RowLayout) -> Line:
    sign = _SIGNS.get(block.kind, "?")
    if layout.glyphs.is_unicode:
        sign = {">": "→", "<": "←", "~": "┄", "-": "·"}.get(sign, sign)
    style = "failed" if block.is_error else _TITLE_STYLES.get(block.kind, "accent")
    return line((f"{sign} {block.title}", style))


def _citation(number: int, citation: Citation, layout: RowLayout) -> Lines:
    place = citation.place if citation.place != citation.title else ""
    first = (Span(f"[{number}] ", "accent"),)
    rest = (Span(" " * len(first[0].text)),)
    head = [(citation.title, "strong"), (f"  {place}" if place else "", "muted")]
    lines = wrap_runs([run for run in head if run[0]], layout.width, first, rest)
    if citation.quoted:
        lines += wrap_runs([(citation.quoted.strip(), "muted")], layout.width, rest, rest)
    return Lines(lines)


def _usage(conversation: Conversation, layout: RowLayout) -> Iterator[Line]:
    """Yield the tokens in as few lines as there is room for; zeros are left to the raw view."""
    parts = [f"{one.label} {one.value}" for one in conversation.usage if one.value != "0"]
    joined = ((" " + layout.glyphs.separator + " ").join(parts), "muted")
    yield from wrap_runs([joined], layout.width)
