"""The query: shown, or typed with suggestions, understood or pointed at where it is not."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input

from batchtui.results.errors import QueryError
from batchtui.results.index import ResultsIndex
from batchtui.results.query.completion import Completion, complete_query
from batchtui.results.query.engine import Query, compile_query
from batchtui.results.query.manual import EXAMPLES, OPERATORS
from batchtui.results.query.reference import FIELDS
from batchtui.tui.commands.general import ShowHelp
from batchtui.tui.lines import BLANK, Line, Span, line, spans
from batchtui.tui.screens.results.header import caret_line
from batchtui.tui.widgets.action_bar import ActionItem
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.text_field import TextField
from batchtui.untrusted import visible

_REMEMBERED = 30
_PROMPT = 2
"""Cells before the first character of the query."""


class QueryInput(TextField):
    """The field a query is typed in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", "Complete", show=False),
        Binding("down", "choose(1)", "Next suggestion", show=False),
        Binding("up", "choose(-1)", "Previous suggestion", show=False),
        Binding("escape", "give_up", "Give up", show=False),
    ]

    @dataclass
    class CompletionAccepted(Message):
        """The chosen suggestion was taken."""

    @dataclass
    class SuggestionMoved(Message):
        """Another suggestion was chosen."""

        step: int
        """How many further down the list."""

    @dataclass
    class GivenUp(Message):
        """What was typed is not to count."""

    def action_complete(self) -> None:
        """Take the chosen suggestion."""
        self.post_message(self.CompletionAccepted())

    def action_choose(self, step: int) -> None:
        """Choose another suggestion."""
        self.post_message(self.SuggestionMoved(step))

    def action_give_up(self) -> None:
        """Give up."""
        self.post_message(self.GivenUp())


class QueryPane(Vertical):
    """Shows the query in one line; opened, it is a field with suggestions below it."""

    @dataclass
    class Changed(Message):
        """Another query was typed, and understood."""

        text: str
        query: Query | None
        """``None`` for all rows."""

    @dataclass
    class Kept(Message):
        """The field was closed; the query stays."""

    @dataclass
    class GivenUp(Message):
        """The field was closed, and the query of before is to count again."""

        text: str
        """The query of before."""

    def __init__(self) -> None:
        super().__init__(id="results-query")
        self.field = QueryInput(
            id="query-input", compact=True, placeholder="type:errored, out<50, …"
        )
        self._bar = LineBar(id="query-line")
        self._found = LineBar(id="query-found")
        self._hints = LineBar(id="query-hints")
        self.is_open = False
        """Whether a query is being typed."""
        self._index = ResultsIndex()
        self._line = BLANK
        self._position: tuple[Span, ...] = ()
        self._before = ""
        self._error: QueryError | None = None
        self._suggestions: list[Completion] = []
        self._chosen = 0
        self._recent: list[str] = []

    def compose(self) -> ComposeResult:
        """Yield the line, or the field with suggestions."""
        yield self._bar
        with Horizontal(id="query-field"):
            yield LineBar(id="query-prompt")
            yield self.field
            yield self._found
        yield self._hints

    def on_mount(self) -> None:
        """Write what never changes."""
        self.query_one("#query-prompt", LineBar).lines = (line(("/", "key")),)

    def _set_open(self, *, is_open: bool) -> None:
        self.is_open = is_open
        self.set_class(is_open, "-open")

    def show(self, query: Line, found: Line) -> None:
        """Show the query, and what was found while it is being typed."""
        self._line = query
        self._show_line()
        self._found.lines = (found,)

    def show_position(self, position: tuple[Span, ...]) -> None:
        """Show at the right which row the cursor is on."""
        self._position = position
        self._show_line()

    def _show_line(self) -> None:
        content = Line(self._line.left, (*self._line.right, *self._position))
        self._bar.lines = (content,)

    def open(self, text: str, index: ResultsIndex) -> None:
        """Let the query be typed.

        Args:
            text: The query so far.
            index: The rows, for the values to suggest.
        """
        self._index, self._before, self._error = index, text, None
        self._set_open(is_open=True)
        self.field.value = text
        self.field.cursor_position = len(text)
        # not by `Widget.focus`, which waits its turn: what is typed next would be taken as commands
        self.screen.set_focus(self.field)
        self._suggest()

    def remember(self, text: str) -> None:
        """Keep a query, to be suggested again."""
        if text:
            recent = [one for one in self._recent if one != text]
            self._recent = [text, *recent][:_REMEMBERED]

    def point_at(self, error: QueryError) -> None:
        """Say what is wrong with the query; it turned out while searching."""
        self._error = error
        self._show_hints()

    @on(Input.Changed)
    def _take_typed(self, event: Input.Changed) -> None:
        event.stop()
        if not self.is_open:
            return
        text = event.value
        try:
            query = compile_query(text) if text.strip() else None
        except QueryError as error:
            self._error = error
        else:
            self._error = None
            self.post_message(self.Changed(text, query))
        self._suggest()

    @on(Input.Submitted)
    def _keep(self, event: Input.Submitted) -> None:
        """Close the field; the query stays, if it is understood."""
        event.stop()
        if self._error is None:
            self.remember(event.value.strip())
            self._set_open(is_open=False)
            self.post_message(self.Kept())

    @on(QueryInput.GivenUp)
    def _give_up(self, event: QueryInput.GivenUp) -> None:
        event.stop()
        self._error = None
        self._set_open(is_open=False)
        self.post_message(self.GivenUp(self._before))

    # Suggestions

    def _suggest(self) -> None:
        """Find out how what is typed could go on, and show it."""
        self._chosen = 0
        if self.field.value.strip():
            self._suggestions = complete_query(
                self.field.value, self.field.cursor_position, self._index
            )
        else:
            end = len(self.field.value)
            recent = [Completion(one, 0, end, "used before") for one in self._recent[:5]]
            self._suggestions = [*recent, *complete_query("", 0)]
        self._show_hints()

    @on(QueryInput.SuggestionMoved)
    def _choose(self, event: QueryInput.SuggestionMoved) -> None:
        event.stop()
        if self._suggestions:
            self._chosen = (self._chosen + event.step) % len(self._suggestions)
            self._show_hints()

    @on(QueryInput.CompletionAccepted)
    def _accept(self, event: QueryInput.CompletionAccepted) -> None:
        """Put the chosen suggestion into the query."""
        event.stop()
        if not self._suggestions:
            return
        chosen = self._suggestions[self._chosen]
        is_whole = not chosen.insert.endswith((":", ">"))
        insert = chosen.insert + (" " if is_whole else "")
        self.field.value = (
            self.field.value[: chosen.start] + insert + self.field.value[chosen.end :].lstrip()
        )
        self.field.cursor_position = chosen.start + len(insert)

    def _show_hints(self) -> None:
        """Show the error, if there is one, below its place, and the suggestions below that."""
        offset = _PROMPT - self.field.scroll_offset.x
        width = self._hints.line_width
        first = caret_line(self._error, self.field.value, offset, width) if self._error else BLANK
        self._hints.lines = (first, suggestions_line(self._suggestions, self._chosen, width))


def suggestions_line(suggestions: list[Completion], chosen: int, width: int) -> Line:
    """Write suggestions beside each other, the chosen one with what it means.

    Args:
        suggestions: All of them.
        chosen: The one that Tab takes.
        width: Cells of the line.
    """
    if not suggestions:
        return BLANK
    meaning = visible(suggestions[chosen].description)
    right = spans((meaning, "muted")) if len(meaning) + 24 < width else ()
    room = width - (len(meaning) + 3 if right else 0) - 5
    shown: list[Span] = list(spans(("Tab", "key"), "  "))
    first = max(0, chosen - 2)
    for place in range(first, len(suggestions)):
        text = visible(suggestions[place].insert)
        if len(text) + 2 > room and place > chosen:
            break
        shown += spans((text, "accent strong" if place == chosen else "muted"), "  ")
        room -= len(text) + 2
    return Line(tuple(shown), right)


_NAME = 18


def query_actions() -> Iterator[ActionItem]:
    """Yield what the keys of the field do, for the action bar."""
    keys = (
        ("Enter", "Keep the query"),
        ("Tab", "Complete"),
        ("↑ ↓", "Choose what Tab takes"),
        ("Esc", "The query of before"),
    )
    for key, label in keys:
        yield ActionItem("", key, label, is_possible=True)
    yield ActionItem(ShowHelp.id(), "F1", "Query help", is_possible=True)


def query_help() -> tuple[Line, ...]:
    """Return fields, grammar and examples of the query language, for the help."""
    fields = ((field.example, field.summary) for field in FIELDS)
    operators = ((operator.sign, operator.summary) for operator in OPERATORS)
    examples = ((example.summary, example.query) for example in EXAMPLES)
    lines = (
        *_section("Query: what a row can be asked for", fields),
        *_section("Query: how it is written", operators),
        BLANK,
        line(("Query: examples", "heading")),
        *(line((f"  {summary}: ", "muted"), (query, "accent")) for summary, query in examples),
    )
    return lines[1:]


def _section(title: str, entries: Iterable[tuple[str, str]]) -> Iterator[Line]:
    yield BLANK
    yield line((title, "heading"))
    for name, summary in entries:
        yield line((f"{name:<{_NAME}}", "key"), " ", summary)
