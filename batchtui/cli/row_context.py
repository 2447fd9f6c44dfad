"""What this disk knows beside the results of a batch: its requests, its label, what was judged."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec
from msgspec import Struct

from batchtui.cli.common import OfflineAccount
from batchtui.library.ledger_values import Review, SourceFile
from batchtui.library.reviews import file_subject
from batchtui.request_line import RequestParams, params_of
from batchtui.submission.compare import RequestLookup, open_lookup


class RowContext:
    """Looks up what belongs to a custom_id; nothing is read before it is asked for.

    Args:
        source: The request file, where one is attached.
        label: The batch's label.
        reviews: Reviews by custom_id.
    """

    def __init__(
        self,
        source: SourceFile | None = None,
        label: str = "",
        reviews: Mapping[str, Review] | None = None,
    ) -> None:
        self._source = source
        self._label = label
        self._reviews = reviews

    @property
    def reviews(self) -> Mapping[str, Review]:
        """What was said of the rows, by custom_id."""
        return self._reviews or {}

    @property
    def texts(self) -> Mapping[str, Callable[[str], str]]:
        """The fields of a custom_id that are known here, by name."""
        found: dict[str, Callable[[str], str]] = {}
        if self._source is not None:
            found["question"] = self._question
        if self._reviews is not None:
            found["label"] = lambda _: self._label
            found["review"] = lambda custom_id: self._review(custom_id).verdict
            found["note"] = lambda custom_id: self._review(custom_id).note
        return found

    @property
    def request(self) -> Callable[[str], bytes | None] | None:
        """Returns the request of a custom_id; None if no file is attached."""
        return None if self._source is None else self._find

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read for this."""
        return () if self._source is None else (self._source.path,)

    @property
    def order(self) -> Mapping[str, int]:
        """The place of each custom_id among the requests."""
        return {} if self._source is None else _Order(self._lookup)

    @cached_property
    def _lookup(self) -> RequestLookup:
        if self._source is None:
            raise ValueError("no request file")
        return open_lookup(self._source)

    def _find(self, custom_id: str) -> bytes | None:
        return self._lookup.find(custom_id)

    def _question(self, custom_id: str) -> str:
        request = self._find(custom_id)
        return "" if request is None else last_question(request)

    def _review(self, custom_id: str) -> Review:
        return (self._reviews or {}).get(custom_id, Review(custom_id))


class _Order(Mapping[str, int]):
    """The place of each custom_id among the requests, looked up one by one."""

    def __init__(self, lookup: RequestLookup) -> None:
        self._lookup = lookup

    def __getitem__(self, custom_id: str) -> int:
        number = self._lookup.index().number_of(custom_id)
        if number is None:
            raise KeyError(custom_id)
        return number

    def __len__(self) -> int:
        return len(self._lookup)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the ids of requests are looked up, not listed")


class _Block(Struct, gc=False):
    type: str = ""
    text: str = ""


class _Message(Struct, gc=False):
    role: str = ""
    content: str | list[_Block] = ""


class _Params(Struct, gc=False):
    messages: list[_Message] = msgspec.field(default_factory=list)


_PARAMS = msgspec.json.Decoder(RequestParams[_Params])


def last_question(request: bytes) -> str:
    """Return the text of the last message of the user in a request; empty if there is none."""
    params = params_of(request, _PARAMS)
    for message in reversed(params.messages if params is not None else ()):
        if message.role == "user":
            content = message.content
            if isinstance(content, str):
                return content
            return "\n\n".join(block.text for block in content if block.text)
    return ""


def context_of_batch(account: OfflineAccount, batch_id: str) -> RowContext:
    """Look up what this disk knows beside the results of a batch.

    Raises:
        LibraryError: The ledger cannot be read.
    """
    with account.ledger() as ledger:
        record = ledger.record(batch_id)
        reviews = ledger.reviews.of(batch_id)
    if record is None:
        return RowContext(reviews=reviews)
    return RowContext(record.source, record.label, reviews)


def context_of_file(account: OfflineAccount, path: Path) -> RowContext:
    """Look up what was said of the rows of a results file; makes no ledger where there is none.

    Raises:
        LibraryError: The ledger cannot be read.
    """
    if not account.loaded.ledger_file.exists():
        return RowContext(reviews={})
    with account.ledger() as ledger:
        return RowContext(reviews=ledger.reviews.of(file_subject(path)))
