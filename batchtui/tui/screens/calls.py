"""The last calls to the API: what was asked, what came back, how long it took."""

from textual.app import ComposeResult

from batchtui.api.calls import Call, as_curl
from batchtui.api.connection import Connection
from batchtui.call_log import CallLog
from batchtui.formatting import format_size
from batchtui.tui.commands.general import CopyCall, Leave
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.messages import CopyWanted
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.stylesheets import SETTINGS
from batchtui.tui.widgets.columns import Cell, Column, header_line, place_columns, table_line
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import ValueList
from batchtui.untrusted import visible

_COLUMNS = (
    Column("at", "TIME", 8, gap=0, rank=1),
    Column("method", "METHOD", 6),
    Column("path", "PATH", 38, grows=True),
    Column("status", "STATUS", 6),
    Column("seconds", "TOOK", 8, "right", rank=1),
    Column("attempt", "TRY", 3, "right", rank=3),
    Column("sent", "SENT", 7, "right", rank=4),
    Column("received", "RECEIVED", 8, "right", rank=2),
    Column("request_id", "REQUEST-ID", 32, rank=5),
)
_REFRESH_SECONDS = 1.0


class CallList(ValueList[Call]):
    """The calls, newest first."""

    def watch_values(self, old: tuple[Call, ...], new: tuple[Call, ...]) -> None:
        """Keep the cursor on its call, or on the newest."""
        current = old[self.cursor] if old and self.cursor else None
        super().watch_values(old, new)
        if current in new:
            self.cursor = new.index(current)

    def header(self, width: int) -> Line:
        """Return the titles of the columns."""
        return header_line(place_columns(_COLUMNS, width))

    def value_line(self, call: Call, width: int, /) -> Line:
        """Return one call."""
        return table_line(place_columns(_COLUMNS, width), call_cells(call))


def call_cells(call: Call) -> dict[str, Cell]:
    """Return what the columns show of a call."""
    is_bad = bool(call.error) or (call.status or 0) >= 400
    status = str(call.status) if call.status else "failed"
    return {
        "at": Span(call.started_at.astimezone().strftime("%H:%M:%S"), "muted"),
        "method": call.method,
        "path": visible(call.origin + call.path),
        "status": Span(status, "failed" if is_bad else "ok"),
        "seconds": f"{call.seconds * 1000:,.0f} ms",
        "attempt": str(call.attempt),
        "sent": format_size(call.bytes_sent),
        "received": format_size(call.bytes_received),
        "request_id": Span(visible(call.request_id or ""), "muted"),
    }


class CallsScreen(CommandScreen[None]):
    """Shows the last calls and copies one as curl.

    Args:
        log: The calls, which go on coming.
        connection: Where they went, for curl.
    """

    CSS_PATH = SETTINGS
    OFFERED = (CopyCall, Leave)

    def __init__(self, log: CallLog, connection: Connection) -> None:
        super().__init__()
        self._log = log
        self._connection = connection

    def compose(self) -> ComposeResult:
        """Header, list, the error of the call under the cursor, action bar."""
        header = LineBar(classes="chrome")
        header.lines = (
            line(("Calls", "heading"), ("  newest first; secrets are never kept", "muted")),
        )
        yield header
        yield CallList(id="calls-list")
        yield LineBar(id="calls-error")
        yield self.actions

    def on_mount(self) -> None:
        """Show the calls, and those that come."""
        self._refresh()
        self.set_interval(_REFRESH_SECONDS, self._refresh)
        self.query_one(CallList).focus()
        self.show_actions()

    def _refresh(self) -> None:
        self.query_one(CallList).values = tuple(reversed(self._log.calls))
        self.on_line_list_highlighted()

    def on_line_list_highlighted(self) -> None:
        """Show what went wrong with the call under the cursor."""
        call = self._current
        error = visible(call.error) if call else ""
        self.query_one("#calls-error", LineBar).lines = (line((error, "problem")),)

    @property
    def _current(self) -> Call | None:
        calls = self.query_one(CallList)
        return calls.values[calls.cursor] if calls.values else None

    def leave(self) -> None:
        """Go back to where the user came from."""
        self.dismiss()

    def copy_call(self) -> None:
        """Copy the call under the cursor as curl."""
        call = self._current
        if call is not None:
            self.post_message(CopyWanted(as_curl(call, self._connection), "the call"))
