"""What is said in place of the list: loading, nothing there, nothing found, not reachable. Pure."""

from batchtui.batches.listing import Listing
from batchtui.batches.poll_schedule import PollStatus
from batchtui.formatting import format_count
from batchtui.session import Session
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible


def note_lines(
    listing: Listing, status: PollStatus, session: Session, width: int
) -> tuple[Line, ...]:
    """Say why there are no rows, in lines of ``width`` cells; nothing where there are some."""
    lines = () if listing.rows else _lines(listing, status, session)
    runs = ([(span.text, span.style) for span in one.left] for one in lines)
    return tuple(Line(part) for one in runs for part in wrap_runs(one, width))


def _lines(listing: Listing, status: PollStatus, session: Session) -> tuple[Line, ...]:
    if not listing.is_begun:
        return _not_there_yet(status, session)
    if listing.query.is_filtering and listing.cache.order:
        count = format_count(len(listing.cache.order))
        more = [line("Press ", ("L", "key"), " to load more.")] if listing.has_more else []
        return (
            line(("Nothing matches the filter", "heading")),
            BLANK,
            line(f"Of {count} loaded batches none does. Press ", ("Esc", "key"), " to clear it."),
            *more,
        )
    where = visible(session.account.workspace_id or "") or "this workspace"
    return (
        line(("No batches yet", "heading")),
        BLANK,
        line(f"There is nothing in {where}."),
        line("Press ", ("n", "key"), " to create one from a file of requests."),
        BLANK,
        line(("Expected some? Another key may belong to another workspace: P, or ,", "muted")),
    )


def _not_there_yet(status: PollStatus, session: Session) -> tuple[Line, ...]:
    problem = status.problem
    if problem is None:
        return (line((f"Asking {visible(session.profile.host)} …", "muted")),)
    return (
        line(("The list could not be loaded", "heading")),
        BLANK,
        line((visible(problem.message), "problem")),
        line(visible(problem.hint)),
        BLANK,
        line(("r", "key"), " tries again   ", (",", "key"), " opens the settings"),
    )
