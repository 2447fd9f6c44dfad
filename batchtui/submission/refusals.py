"""What the server refused for good, in the words of the user's file, and what is left of it.

Repeating such a create gives the same answer, so that the submission ends with it. Batches of
earlier parts stay; the requests that are in none are written to a file of their own, which can be
corrected and sent without sending the others twice.
"""

import re
from itertools import islice
from pathlib import Path

from batchtui.api.errors import ApiError, BadRequest, NotFound, RequestTooLarge, StatusError
from batchtui.filenames import file_name
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import PartState, PlannedPart, SubmissionRecord
from batchtui.request_line import custom_id_of
from batchtui.submission.body import as_line
from batchtui.submission.errors import SourceError
from batchtui.submission.prepare import label_of
from batchtui.submission.read import read_requests
from batchtui.submission.requested import requests_of_part
from batchtui.submission.source import RequestSource
from batchtui.submission.written_files import own_file

_PLACE = re.compile(r"\brequests\.(\d{1,9})(?!\d)(?:\.params\b)?[.:]?\s*")
"""Where a message of the API names one request of the body, from 0."""
_PASSING = frozenset({408, 425})
"""Statuses of `BadRequest` that another try may not meet."""


def is_final_refusal(error: ApiError) -> bool:
    """Return whether a create made nothing and the same bytes will never make anything.

    A key, a right, credit, a state or a rate can change without the file: those are not.
    """
    return (
        isinstance(error, BadRequest | NotFound | RequestTooLarge)
        and error.status not in _PASSING
        and error.should_retry is not True
    )


def explain_refusal(
    error: StatusError, record: SubmissionRecord, source: RequestSource, folder: Path | None
) -> StatusError:
    """Return the same refusal with lines and ids of the file, and what to do; works in a thread.

    Args:
        error: What the server said.
        record: The submission it refused.
        source: Its file.
        folder: Where the requests go that are in no batch, if others are; ``None`` for nowhere.
    """
    refused = next(part for part in record.parts if part.state is PartState.REFUSED)
    message = in_words_of_file(error.message, source, refused.plan)
    explained = type(error)(message, hint=_what_to_do(error, record, source, folder), **error.facts)
    explained.earlier = error.earlier
    return explained


def explain_rejection(error: ApiError) -> ApiError:
    """Return what the API answered to a create, after the list was looked at: it made nothing."""
    explained = type(error)(
        f"The API refused it ({error.status} {error.type}): {error.message}",
        hint="The list shows that nothing was made: it is safe to send it again, which is left to"
        " you.",
        **error.facts,
    )
    explained.earlier = error.earlier
    return explained


def in_words_of_file(message: str, source: RequestSource, part: PlannedPart) -> str:
    """Return a message of the API with ``line 2 (b5): `` instead of ``requests.1.params.``.

    Args:
        message: Of the API; untrusted text.
        source: The file; if it cannot be read any more the message stays as it is.
        part: Which requests of it were sent.
    """
    numbers = {int(found) for found in _PLACE.findall(message)}
    wanted = {number for number in numbers if number < part.requests}
    try:
        names = _names(source, part, wanted)
    except SourceError:
        return message
    return _PLACE.sub(lambda found: names.get(int(found[1]), found[0]), message)


def _names(source: RequestSource, part: PlannedPart, wanted: set[int]) -> dict[int, str]:
    if not wanted:
        return {}
    source.require_untouched()
    names: dict[int, str] = {}
    last = part.first_request + max(wanted)
    # lines are only known to who counts them from the beginning
    for request in islice(read_requests(source.blocks()), last + 1):
        number = request.number - part.first_request
        if number in wanted:
            custom_id = custom_id_of(request.data)
            of_id = f" ({custom_id})" if custom_id else ""
            names[number] = f"line {format_count(request.line)}{of_id}: "
    return names


def _what_to_do(
    error: StatusError, record: SubmissionRecord, source: RequestSource, folder: Path | None
) -> str:
    if not record.batch_ids:
        return f"Nothing was made. {error.hint or 'Correct the file and send it again.'}"
    made = len(record.batch_ids)
    stay = "was made and stays" if made == 1 else "were made and stay"
    stays = f"{made} of {plural(len(record.parts), 'batch', 'batches')} {stay}."
    left = [part for part in record.parts if not part.state.is_done]
    requests = plural(sum(part.plan.requests for part in left), "request")
    if folder is not None:
        try:
            rest = write_unsent(record, source, folder)
        except SourceError as problem:
            return f"{stays} {requests} not sent could not be kept: {problem.message}"
        return f"{stays} {requests} not sent: correct and send {rest}"
    return f"{stays} {requests} not sent: correct and send them as a file of their own."


def unsent_path(record: SubmissionRecord, folder: Path) -> Path:
    """Return where the requests of a refused submission are that are in no batch."""
    plan = record.plan
    # the file's own name may be as long as a name can be
    name = file_name(label_of(plan.source.path), keep=". ")
    return folder / f"{name}-rest-{plan.submission_id[:8]}.jsonl"


def write_unsent(record: SubmissionRecord, source: RequestSource, folder: Path) -> Path:
    """Write the requests that are in no batch to a file of their own, as JSON lines.

    Raises:
        SourceError: The source cannot be read or has changed, or the file not be written.
    """
    source.require_untouched()
    path = unsent_path(record, folder)
    left = [part for part in record.parts if not part.state.is_done]
    with own_file(path, sources=[source.path]) as file:
        for part in left:
            file.writelines(as_line(one.data) for one in requests_of_part(source, part.plan))
    return path
