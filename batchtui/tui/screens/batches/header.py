"""The lines around the batch list: where you are pointed, the filter, how fresh it is. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from rich.cells import cell_len

from batchtui.api.connection import Account
from batchtui.batches.list_query import OutcomeFilter, Sort, StateFilter
from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.config.profiles import Profile
from batchtui.formatting import cut_middle, format_age, format_count
from batchtui.tui.commands import batches as commands
from batchtui.tui.commands.command import KeyOf
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import Line, Span, line, spans
from batchtui.untrusted import visible

_GAP = "   "
_SHORTEST_FILTER = 12
"""Cells that the words of the filter may always have; else a third of the line."""
_INTERVALS = (2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
"""Seconds between checks as they are told."""
STALE = timedelta(minutes=5)
"""From what age on the list is marked as stale even while nothing is live."""


class Pointing(Struct, frozen=True):
    """Where the program is pointed.

    Attributes:
        profile: The account.
        account: What the server says it is.
        is_demo: Whether the batches are made up.
        is_read_only: Whether changing things is refused.
    """

    profile: Profile
    account: Account
    is_demo: bool = False
    is_read_only: bool = False


def pointing_line(
    pointing: Pointing, status: PollStatus, now: datetime, glyphs: Glyphs, width: int
) -> Line:
    """Say where you are pointed, and at the right how fresh the list is."""
    left: list[Span] = []
    profile = pointing.profile
    name = "demo" if pointing.is_demo else visible(profile.name)
    left += spans((f" {name} ", f"strong profile-{profile.color}"), "  ")
    parts: list[tuple[str, str]] = []
    if pointing.is_read_only:
        parts.append(("read-only", "warning"))
    if pointing.is_demo:
        parts.append(("made-up batches, nothing is sent", "muted"))
    else:
        parts += _account_parts(pointing, glyphs)
    right = freshness_spans(status, now)
    room = width - sum(len(span.text) for span in (*left, *right)) - 1
    for text, style in parts:
        if len(text) > room:
            break
        left += spans((text, style), "  ")
        room -= len(text) + 2
    return Line(tuple(left), right)


def _account_parts(pointing: Pointing, glyphs: Glyphs) -> list[tuple[str, str]]:
    account = pointing.account
    parts = [(visible(pointing.profile.host), "")]
    if account.workspace_id:
        parts.append((cut_middle(visible(account.workspace_id), 16, glyphs.ellipsis), "muted"))
    if account.key_last_four:
        parts.append((f"key {glyphs.ellipsis}{visible(account.key_last_four)}", "muted"))
    if account.organization_id:
        parts.append((cut_middle(visible(account.organization_id), 16, glyphs.ellipsis), "muted"))
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
    """An age in steps of ten seconds, so that the clock alone seldom sends anything."""
    tens = timedelta(seconds=10) * (age // timedelta(seconds=10))
    return f"{format_age(tens)} ago" if tens else "just now"


def filter_line(listing: Listing, at_risk: int, key_of: KeyOf, width: int) -> Line:
    """Say what of the list is shown: filter, state, outcome, order, page.

    Args:
        listing: The list.
        at_risk: How many batches lose their results soon; the one thing here that is loud.
        key_of: The key of a command as it is set now.
        width: Cells there are; what matters least goes first.
    """
    query, text = listing.query, listing.query.text
    risk, show_new = key_of(commands.DownloadAtRisk), key_of(commands.ShowNew)
    new, marked, loaded = listing.pending_new, len(listing.marked), listing.loaded_text
    has_state = query.state is not StateFilter.ALL
    has_outcome = query.outcome is not OutcomeFilter.ANY
    is_sorted = query.sort is not Sort.NEWEST
    # what is said, where it stands, and what goes first where there is no room (highest first)
    page = _Part(spans(listing.page_text if listing.is_begun else ""), 0, is_right=True)
    shown = cut_middle(visible(text), max(_SHORTEST_FILTER, width // 3))
    parts = (
        _Part(spans(("/ ", "key"), (shown, "accent") if text else ("filter", "muted")), 1),
        _Part(_choice("State ", query.state.value, is_set=has_state), (7, 2)[has_state]),
        _Part(_choice("Outcome ", query.outcome.value, is_set=has_outcome), (8, 2)[has_outcome]),
        _Part(_counted(at_risk, f"lose results soon: {risk}", "problem"), 4, is_right=True),
        _Part(_counted(new, f"new: press {show_new}", "accent"), 5, is_right=True),
        _Part(_counted(marked, "marked", "accent"), 2, is_right=True),
        _Part(_choice("", query.sort.value, is_set=is_sorted), (6, 3)[is_sorted], is_right=True),
        _Part(spans((loaded, "muted")) if loaded else (), 6, is_right=True),
        page,
    )
    return _fitting(parts, width)


class _Part(Struct, frozen=True):
    """A piece of a line that is left out as a whole where there is no room."""

    spans: tuple[Span, ...]
    rank: int
    is_right: bool = False

    @property
    def width(self) -> int:
        return sum(cell_len(span.text) for span in self.spans) + len(_GAP)


def _fitting(parts: Sequence[_Part], width: int) -> Line:
    """Put the parts on a line, without those of the highest ranks where it is too short."""
    shown = [part for part in parts if part.spans]
    while len(shown) > 1 and sum(part.width for part in shown) - len(_GAP) > width:
        shown.remove(max(shown, key=lambda part: part.rank))
    left = [part for part in shown if not part.is_right]
    right = [part for part in shown if part.is_right]
    return Line(_joined(left), _joined(right))


def _joined(parts: Sequence[_Part]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for part in parts:
        joined += [Span(_GAP)] * bool(joined)
        joined += part.spans
    return tuple(joined)


def _choice(name: str, value: str, *, is_set: bool) -> tuple[Span, ...]:
    return spans((name, "muted"), (value, "accent" if is_set else "muted"))


def _counted(number: int, words: str, style: str) -> tuple[Span, ...]:
    return spans((f"{format_count(number)} {words}", style)) if number else ()


def status_spans(status: PollStatus, now: datetime, key_of: KeyOf) -> tuple[Span, ...]:
    """Say what happens next, for the right end of the action bar."""
    if status.is_stopped:
        return spans((f"stopped: {key_of(commands.RefreshList)} tries again", "problem"))
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
    """An interval without its jitter, which would change the words at every check."""
    seconds = interval.total_seconds()
    return format_age(timedelta(seconds=min(_INTERVALS, key=lambda one: abs(one - seconds))))


def problem_line(status: PollStatus) -> Line | None:
    """What is wrong and what to do about it; ``None`` while all is well."""
    problem = status.problem
    if problem is None:
        return None
    hint = f"  {problem.hint}" if problem.hint else ""
    return line((visible(problem.message), "problem"), visible(hint))
