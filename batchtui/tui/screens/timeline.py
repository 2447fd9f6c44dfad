"""The recent batches along time: when each was made, how long it ran, how it came out."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, tzinfo

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult

from batchtui.api.models import MessageBatch
from batchtui.batches.chronology import Bar, Chronology, chronology
from batchtui.formatting import format_duration, plural
from batchtui.tui.commands.general import TIMELINE_COMMANDS, Leave
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.batches.rows import STATE_STYLES, state_text
from batchtui.tui.screens.command_screen import CommandScreen
from batchtui.tui.stylesheets import SETTINGS
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.painting import cut_cells, fit
from batchtui.untrusted import visible

_WINDOWS: tuple[timedelta | None, ...] = (
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=29),
    None,
)
_LEAST_NAME, _STATE, _TOOK = 22, 16, 10
"""Cells of the columns beside the plot; where there is room for it a label is whole."""
_ROOMY = 60
"""Cells of a line from which there is room to say how long each took."""
_LEAST_PLOT, _SHORTEST_NAME = 8, 10


class TimelineList(LineList):
    """One batch a line, with its bar at its place in time.

    Args:
        batches: Newest first.
        labels: Labels by batch id; untrusted text.
        now: The server's present moment.
        zone: The zone of the axis.
        glyphs: The signs to draw with.
    """

    def __init__(
        self,
        batches: Sequence[MessageBatch],
        labels: Mapping[str, str],
        now: datetime,
        zone: tzinfo | None,
        glyphs: Glyphs,
    ) -> None:
        super().__init__(id="timeline-list")
        self._batches = batches
        self._labels = labels
        self._now = now
        self._zone = zone
        self._glyphs = glyphs
        shown = (visible(labels.get(batch.id, "")) for batch in batches)
        self._longest_label = max(map(cell_len, shown), default=0)
        self._window = 1
        self._plot: tuple[int, Chronology] | None = None

    def on_mount(self) -> None:
        """Show the window."""
        self.zoom(0)

    def zoom(self, steps: int) -> None:
        """Look further back (positive) or less far."""
        self._window = max(0, min(self._window + steps, len(_WINDOWS) - 1))
        self._plot = None
        self.row_count = len(self._chronology(max(1, self.line_width)).bars)
        self.refresh()

    def _chronology(self, width: int) -> Chronology:
        """Return the plot for a line of ``width`` cells."""
        cells = max(_LEAST_PLOT, width - self._name_width(width) - _beside(width))
        if self._plot is None or self._plot[0] != cells:
            window = _WINDOWS[self._window]
            self._plot = (cells, chronology(self._batches, self._now, cells, window=window))
        return self._plot[1]

    def _name_width(self, width: int) -> int:
        room = max(_SHORTEST_NAME, width - _beside(width) - _LEAST_PLOT)
        return min(room, max(_LEAST_NAME, min(self._longest_label, width // 4)))

    def header(self, width: int) -> Line:
        """Return the axis: when the plot begins, its middle, now."""
        plot = self._chronology(width)
        form = "%m-%d %H:%M"
        start = plot.start.astimezone(self._zone).strftime(form)
        middle = plot.moment_at(plot.width // 2).astimezone(self._zone).strftime(form)
        axis = axis_text((start, middle, "now"), plot.width)
        name = self._name_width(width)
        took = f" {'TOOK':>{_TOOK}}" if width >= _ROOMY else ""
        return line(f"{'BATCH':<{name}} {'STATE':<{_STATE}}{took}  ", axis)

    @property
    def chosen_id(self) -> str | None:
        """The batch under the cursor."""
        bars = self._chronology(max(1, self.line_width)).bars
        return bars[self.cursor].batch_id if bars else None

    def line_of(self, row: int, width: int) -> Line:
        """Return one batch."""
        plot = self._chronology(width)
        bar = plot.bars[row]
        label = self._labels.get(bar.batch_id, "")
        cells = self._name_width(width)
        text = cut_cells(visible(label or bar.batch_id), cells, self._glyphs.ellipsis)
        name = Span(fit(text, cells), "" if label else "muted")
        return bar_line(bar, name, plot.width, self._glyphs, has_took=width >= _ROOMY)


def _beside(width: int) -> int:
    """Cells of a line beside name and plot."""
    return _STATE + 3 + (_TOOK + 1 if width >= _ROOMY else 0)


def axis_text(marks: tuple[str, str, str], width: int) -> str:
    """Write begin, middle and end of an axis; where they would meet the middle goes, then more."""
    begin, middle, end = marks
    half = width // 2
    room = width - len(end)
    if len(begin) + 2 <= half and half + len(middle) + 2 <= room:
        return f"{begin:<{half}}{middle:<{room - half}}{end}"
    return f"{begin:<{room}}{end}" if len(begin) + 2 <= room else f"{end:>{width}}"


def bar_line(bar: Bar, name: Span, width: int, glyphs: Glyphs, *, has_took: bool) -> Line:
    """Write one batch, by its name, with its bar in a plot of ``width`` cells."""
    took = glyphs.dash if bar.duration is None else format_duration(bar.duration)
    style = STATE_STYLES[bar.state.kind]
    sign = "━" if glyphs.is_unicode else "="
    end = (">" if bar.is_live else "") if not glyphs.is_unicode else ("▸" if bar.is_live else "")
    run = (sign * max(0, bar.cells - len(end))) + end
    return line(
        name,
        " ",
        Span(fit(state_text(bar.state, glyphs), _STATE), style),
        Span(f" {fit(took, _TOOK, 'right')}" if has_took else "", "muted"),
        "  ",
        " " * bar.first_cell,
        Span(run, style),
        " " * max(0, width - bar.first_cell - len(run)),
    )


class TimelineScreen(CommandScreen[str | None]):
    """Shows the loaded batches along time; gives the one that was chosen.

    Args:
        timeline: The list of bars.
        count: How many batches are loaded.
    """

    CSS_PATH = SETTINGS
    OFFERED = (*TIMELINE_COMMANDS, Leave)

    def __init__(self, timeline: TimelineList, count: int) -> None:
        super().__init__()
        self.timeline = timeline
        self.header = LineBar(classes="chrome")
        about = f"  of {plural(count, 'loaded batch', 'loaded batches')}"
        self.header.lines = (line(("Timeline", "heading"), (about, "muted")),)

    def compose(self) -> ComposeResult:
        """Header, bars, action bar."""
        yield self.header
        yield self.timeline
        yield self.actions

    def on_mount(self) -> None:
        """Show the keys."""
        self.timeline.focus()
        self.show_actions()

    def zoom_in(self) -> None:
        """Look less far back."""
        self.timeline.zoom(-1)

    def zoom_out(self) -> None:
        """Look further back."""
        self.timeline.zoom(1)

    def leave(self) -> None:
        """Go back to the list."""
        self.dismiss(None)

    def go_to_batch(self) -> None:
        """Go to the batch under the cursor in the list."""
        self.dismiss(self.timeline.chosen_id)

    @on(LineList.Chosen)
    def go_to_chosen(self) -> None:
        """A double click is Enter."""
        self.go_to_batch()
