"""The lines around the batch list: where you are pointed, the filter, how fresh it is. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from msgspec import Struct
from rich.cells import cell_len

from batchtui.api.connection import AccountIds
from batchtui.batches.expiring import describe_expiring
from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.config.profiles import Profile
from batchtui.formatting import format_age, format_count
from batchtui.session import Session
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import Command, KeyOf
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line, spans
from batchtui.tui.screens.batches.state import DownloadState
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_GAP = "   "
_SHORTEST_FILTER = 12
"""Cells that the words of the filter may always have; else a third of the line."""
_INTERVALS = (2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds between checks as they are shown."""
STALE = timedelta(minutes=5)
"""From what age on the list is marked as stale even while nothing is live."""


class Pointing(Struct, frozen=True):
    """Where the program is pointed."""

    profile: Profile
    """The account."""
    account: AccountIds
    """What the server says it is."""
    is_demo: bool = False
    """Whether the batches are made up."""
    is_read_only: bool = False
    """Whether changing things is refused."""
    damage: str = ""
    """Which file and line of the settings make it so because they are not understood, or ""."""

    @classmethod
    def of(cls, session: Session) -> "Pointing":
        """Return where a session is pointed."""
        return cls(
            session.profile,
            session.account,
            is_demo=session.is_demo,
            is_read_only=session.settings.read_only,
            damage=session.loaded.damage.place if session.loaded.damage else "",
        )


def pointing_line(
    pointing: Pointing, status: PollStatus, now: datetime, glyphs: Glyphs, width: int
) -> Line:
    """Say where you are pointed, and at the right how fresh the list is."""
    left: list[Span] = []
    profile = pointing.profile
    name = "demo" if pointing.is_demo else visible(profile.name)
    left += spans((f" {name} ", f"profile-{profile.color}"), "  ")
    parts: list[tuple[str, str]] = []
    if pointing.is_read_only:
        where = f": {visible(pointing.damage)}" if pointing.damage else ""
        parts.append((f"read-only{where}", "warning"))
    if pointing.is_demo:
        parts.append(("made-up batches, nothing is sent", "muted"))
    else:
        parts += _account_parts(pointing, glyphs)
    right = freshness_spans(status, now)
    room = width - sum(cell_len(span.text) for span in (*left, *right)) - 2
    for text, style in parts:
        if cell_len(text) > room:
            break
        left += spans((text, style), "  ")
        room -= cell_len(text) + 2
    return Line(tuple(left), right)


def _account_parts(pointing: Pointing, glyphs: Glyphs) -> list[tuple[str, str]]:
    account = pointing.account
    parts = [(visible(pointing.profile.host), "")]
    if account.workspace_id:
        parts.append((cut_cells(visible(account.workspace_id), 16, glyphs.ellipsis), "muted"))
    if account.key_last_four:
        parts.append((f"key {glyphs.ellipsis}{visible(account.key_last_four)}", "muted"))
    if account.organization_id:
        parts.append((cut_cells(visible(account.organization_id), 16, glyphs.ellipsis), "muted"))
    return parts


def freshness_spans(status: PollStatus, now: datetime) -> tuple[Span, ...]:
    """Say how many are live and how old the list is; loud where something is wrong."""
    live = f"{format_count(status.live_count)} live   " if status.live_count else ""
    age = status.age(now)
    if status.problem is not None:
        known = "never updated" if age is None else f"as of {format_age(age)} ago"
        return spans((live, "muted"), (known, "problem"))
    if age is None:
        return spans(("loading", "muted"))
    if status.live_count or age >= STALE:
        style = "warning" if age >= STALE else "muted"
        return spans((live, "running"), (f"updated {_coarse(age)}", style))
    # while nothing can change, a clock that ticks would only cost bytes
    return spans(("nothing live", "muted"))


def _coarse(age: timedelta) -> str:
    """Return an age in steps of ten seconds, so that the clock alone seldom sends anything."""
    tens = timedelta(seconds=10) * (age // timedelta(seconds=10))
    return f"{format_age(tens)} ago" if tens else "just now"


def filter_line(
    listing: Listing, at_risk: int, key_of: KeyOf, width: int, *, keeps_results: bool = True
) -> Line:
    """Say what of the list is shown, and with which key that is changed; each part is a button.

    Args:
        listing: The list.
        at_risk: How many batches lose their results soon; the one thing here that is loud.
        key_of: The key of a command as it is set now.
        width: Cells there are; what matters least goes first.
        keeps_results: Whether the settings let results be saved from the list.
    """
    query = listing.query
    shown = cut_cells(visible(query.text), max(_SHORTEST_FILTER, width // 3))
    words = (shown, "accent") if query.text else ("filter", "muted")
    choice, count = partial(_choice_part, key_of), partial(_count_part, key_of)
    risk, new = describe_expiring(at_risk), f"{format_count(listing.pending_new)} new"
    short_risk = f"{format_count(at_risk)} expire in 48 h"
    marked = len(listing.marked)
    # what is said, and what is shortened and then goes first where there is no room (highest first)
    left = (
        _Part(_button(commands.FilterBatches, key_of, words), 1),
        choice(commands.FilterState, "State ", query.state, 7, 2),
        choice(commands.FilterOutcome, "Outcome ", query.outcome, 8, 2),
    )
    right = (
        count(
            at_risk,
            risk,
            short_risk,
            commands.DownloadAtRisk if keeps_results else None,
            "problem",
        ),
        count(listing.pending_new, new, new, commands.ShowNew, "accent"),
        _Part(spans((f"{format_count(marked)} marked", "accent")) if marked else (), 2),
        choice(commands.SortBatches, "", query.sort, 6, 3),
        _Part(spans((listing.loaded_text, "muted")) if listing.loaded_text else (), 9),
        _Part(_pages(listing, key_of), 0),
    )
    return _fitting(left, right, width)


def _choice_part(
    key_of: KeyOf,
    command: type[Command],
    name: str,
    value: StrEnum,
    rank: int,
    rank_where_set: int,
) -> "_Part":
    """Return what is chosen; loud, and kept for longer, where it is not the usual."""
    is_set = value is not next(iter(type(value)))
    words, style = value.value, "accent" if is_set else "muted"
    return _Part(
        _button(command, key_of, (name, "muted"), (words, style)),
        rank_where_set if is_set else rank,
        short=_button(command, key_of, (words.removesuffix(" first"), style)),
    )


def _count_part(
    key_of: KeyOf, number: int, words: str, short: str, command: type[Command] | None, style: str
) -> "_Part":
    """Return how many there are and the key that leads to them; nothing where there are none."""
    if not number:
        return _Part((), 0)
    if command is None:
        return _Part((Span(words, style),), 4, short=(Span(short, style),))
    texts = (f"{some}: {key_of(command)}" for some in (words, short))
    whole, brief = ((Span(text, style, _action(command)),) for text in texts)
    return _Part(whole, 4, short=brief)


def _pages(listing: Listing, key_of: KeyOf) -> tuple[Span, ...]:
    """Return where the page is, between the keys that turn it."""
    if not listing.is_begun:
        return ()
    turns = (commands.PreviousPage, listing.has_previous), (commands.NextPage, listing.has_next)
    back, forth = (
        Span(key_of(command), "key" if is_possible else "muted", _action(command))
        for command, is_possible in turns
    )
    return (back, Span(f" {listing.page_text} ", "muted"), forth)


def _button(command: type[Command], key_of: KeyOf, *words: tuple[str, str]) -> tuple[Span, ...]:
    """Return a key and what it changes; a click does the same."""
    action = _action(command)
    named = (Span(text, style, action) for text, style in words)
    return (Span(key_of(command), "key", action), Span(" ", "", action), *named)


def _action(command: type[Command]) -> str:
    return f"screen.command('{command.id()}')"


class _Part(Struct, frozen=True):
    """A piece of a line that is shortened, then left out, where there is no room."""

    spans: tuple[Span, ...]
    rank: int
    short: tuple[Span, ...] = ()
    """The same in fewer cells, or nothing."""

    @property
    def width(self) -> int:
        return sum(cell_len(span.text) for span in self.spans) + len(_GAP)


def _fitting(left: Sequence[_Part], right: Sequence[_Part], width: int) -> Line:
    """Put the parts on a line: first shorter, then without those of the highest ranks."""
    places = {at: part for at, part in enumerate((*left, *right)) if part.spans}
    loudest_last = sorted(places, key=lambda at: -places[at].rank)

    def is_too_long() -> bool:
        return sum(part.width for part in places.values()) - len(_GAP) > width

    for at in loudest_last:
        if is_too_long() and places[at].short:
            places[at] = _Part(places[at].short, places[at].rank)
    for at in loudest_last[:-1]:
        if is_too_long():
            del places[at]
    return Line(
        _joined([part for at, part in places.items() if at < len(left)]),
        _joined([part for at, part in places.items() if at >= len(left)]),
    )


def _joined(parts: Sequence[_Part]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for part in parts:
        joined += [Span(_GAP)] * bool(joined)
        joined += part.spans
    return tuple(joined)


def status_spans(
    status: PollStatus, downloads: DownloadState, now: datetime, key_of: KeyOf
) -> tuple[Span, ...]:
    """Say what happens next, for the right end of the action bar."""
    if status.is_stopped:
        return spans((f"stopped: {key_of(commands.RefreshList)} tries again", "problem"))
    if downloads.total:
        of = f"{format_count(downloads.done)} of {format_count(downloads.total)}"
        what = f"saving {of} results" if downloads.total > 1 else "saving results"
        return spans((f"{what}, {downloads.percent} %", "running"))
    if status.is_paused:
        return spans((f"paused: {key_of(commands.PausePolling)} goes on", "warning"))
    if status.next_at is None or not (status.live_count or status.problem):
        return ()
    if status.problem is None and status.updated_at is not None:
        # not a countdown: that would be a second thing to tick, on a line that may be slow
        return spans((f"every {_about(status.next_at - status.updated_at)}", "muted"))
    left = max(timedelta(0), status.next_at - now)
    return spans((f"next check {format_age(left)}", "muted"))


def _about(interval: timedelta) -> str:
    """Return an interval without its jitter, which would change the words at every check."""
    seconds = interval.total_seconds()
    return format_age(timedelta(seconds=min(_INTERVALS, key=lambda one: abs(one - seconds))))


def problem_line(status: PollStatus) -> Line | None:
    """Return what is wrong and what to do about it; ``None`` while all is well."""
    problem = status.problem
    if problem is None:
        return None
    hint = f"  {problem.hint}" if problem.hint else ""
    return line((visible(problem.message), "problem"), visible(hint))
