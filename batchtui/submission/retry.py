"""Sending rows again: which ones, with what changed, as a new request file of their own.

The new file lies in the data directory and is sent like any other, so a second try has its own
source: its answers stand beside the requests as they were really sent.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct, field

from batchtui.filenames import OwnFile, own_file_name
from batchtui.request_line import custom_id_of, read_request
from batchtui.submission.body import join_element
from batchtui.submission.errors import SourceError, SubmissionError
from batchtui.submission.read import RawRequest, read_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.written_files import own_folder
from batchtui.whole_files import temporary_file

WORTH_REPEATING = frozenset(
    {
        "overloaded_error",
        "rate_limit_error",
        "api_error",
        "internal_server_error",
        "timeout_error",
    }
)
"""Error types that may well not come again although nothing was changed."""

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]


class Prospect(StrEnum):
    """What is to be said of sending one row again."""

    YES = "worth sending again as it is"
    LARGER = "cut at max_tokens: worth sending with a larger one"
    CHANGED = "fails again unless something is changed"
    DONE = "has its answer"


class RowFacts(Struct, frozen=True):
    """What decides whether a row is sent again."""

    custom_id: str
    """Untrusted text."""
    type: str
    """``succeeded``, ``errored``, ``canceled``, ``expired``, or one that is not known."""
    error_type: str = ""
    """Of an errored row, such as ``overloaded_error``."""
    stop_reason: str = ""
    """Of a succeeded row, such as ``max_tokens``."""


def prospect_of(row: RowFacts) -> Prospect:
    """Say whether a row is worth sending again."""
    if row.type in {"expired", "canceled"}:
        return Prospect.YES
    if row.type == "errored":
        return Prospect.YES if row.error_type in WORTH_REPEATING else Prospect.CHANGED
    if row.type == "succeeded":
        return Prospect.LARGER if row.stop_reason == "max_tokens" else Prospect.DONE
    return Prospect.CHANGED


def choose(
    rows: Iterable[RowFacts], prospects: Collection[Prospect] = frozenset({Prospect.YES})
) -> frozenset[str]:
    """Return the ids of the rows with one of some prospects; by default those worth it as they are.

    An id that also has a row with its answer (results that name it twice) is left out, unless
    answers are asked for.
    """
    chosen: set[str] = set()
    answered: set[str] = set()
    for row in rows:
        prospect = prospect_of(row)
        if prospect in prospects:
            chosen.add(row.custom_id)
        elif prospect is Prospect.DONE:
            answered.add(row.custom_id)
    return frozenset(chosen - answered)


class Changes(Struct, frozen=True):
    """What is changed in the params of every row that is sent again."""

    set: Mapping[str, JsonValue] = field(default_factory=dict)
    """Params given a value, as ``{"max_tokens": 4096}``."""
    remove: frozenset[str] = frozenset()
    """Params taken away."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed."""
        return not self.set and not self.remove


class RetryFile(Struct, frozen=True):
    """The requests to send again, as a file."""

    path: Path
    """JSONL, named by its contents and the batch they were in."""
    requests: int
    """How many it holds."""
    missing: tuple[str, ...]
    """Ids that no source has: they cannot be sent again; sorted; untrusted text."""


_PARAMS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def changed_request(data: bytes, changes: Changes) -> bytes:
    """Return one request with the changes made; everything else keeps its bytes.

    Raises:
        msgspec.DecodeError: It is not a request.
    """
    request = read_request(data)
    params = bytes(request.params)
    if not changes.is_empty:
        values = _PARAMS.decode(params)
        kept: dict[str, object] = {
            name: value for name, value in values.items() if name not in changes.remove
        }
        params = msgspec.json.encode({**kept, **changes.set})
    return join_element(request.custom_id, params)


def write_retry(
    sources: Iterable[RequestSource],
    custom_ids: Collection[str],
    folder: Path,
    *,
    name: str = "",
    changes: Changes | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> RetryFile:
    """Write the requests to send again, in the order of their sources; works in a thread.

    Args:
        sources: The request files the rows came from; of an id in several the first counts.
        custom_ids: Of the rows to send again.
        folder: Where the file goes; made if need be, private to the user.
        name: What people call the batch whose rows they are; untrusted text.
        changes: What is changed in each.
        on_progress: Called with the number of requests found, now and then; what it raises ends
            the writing.

    Raises:
        SourceError: A source cannot be read, or the file not be written.
        SubmissionError: None of the ids is in a source.
    """
    wanted = set(custom_ids)
    asked = len(wanted)
    digest = hashlib.sha256()
    with own_folder(folder), temporary_file(folder, mode=0o600) as (file, temporary):
        for count, line in enumerate(_lines(sources, wanted, changes or Changes()), 1):
            digest.update(line)
            file.write(line)
            if on_progress is not None and count % 1000 == 0:
                on_progress(count)
        if len(wanted) == asked:
            raise _nothing_found()
        file.close()
        path = temporary.replace(
            folder / own_file_name(OwnFile.RETRY, digest.hexdigest()[:16], name)
        )
    return RetryFile(path, asked - len(wanted), tuple(sorted(wanted)))


def _lines(sources: Iterable[RequestSource], wanted: set[str], changes: Changes) -> Iterator[bytes]:
    """Yield the wanted requests as lines; an id found is no longer wanted."""
    for source in sources:
        if not wanted:
            return
        for request in read_requests(source.blocks()):
            custom_id = custom_id_of(request.data)
            if custom_id in wanted:
                wanted.remove(custom_id)
                yield _line(request, changes)


def _line(request: RawRequest, changes: Changes) -> bytes:
    try:
        return changed_request(request.data, changes) + b"\n"
    except (msgspec.DecodeError, RecursionError) as error:
        raise SourceError(
            f"Line {request.line} cannot be sent again: {error}", line=request.line
        ) from error


def _nothing_found() -> SubmissionError:
    return SubmissionError(
        "None of these rows is in a request file that is here.",
        hint="Attach the file the batch was made from (batchtui attach ID FILE).",
    )
