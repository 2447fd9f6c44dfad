"""What this disk knows beside the results of a batch: its requests, its label, what was judged."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.cli.common import OfflineAccount
from batchtui.cli.progress import ProgressLine
from batchtui.cli.results_files import is_file, kept_pattern, load
from batchtui.library.ledger_values import Review, SourceFile
from batchtui.library.reviews import file_subject
from batchtui.request_line import last_question
from batchtui.results.request_schemas import RequestSchemas
from batchtui.submission.request_lookup import RequestLookup, open_lookup

if TYPE_CHECKING:
    from batchtui.results.opening import ResultsFile


class RowContext:
    """Looks up what belongs to a custom_id; nothing is read before it is asked for.

    Args:
        sources: The request files that are attached.
        label: The batch's label.
        reviews: Reviews by custom_id.
        pattern: The user's own way to find the records; "" for all the ways that are known.
    """

    def __init__(
        self,
        sources: Sequence[SourceFile] = (),
        label: str = "",
        reviews: Mapping[str, Review] | None = None,
        pattern: str = "",
    ) -> None:
        self._sources = sources
        self._label = label
        self._reviews = reviews
        self._pattern = pattern

    def load(self, path: Path, progress: ProgressLine, pattern: str | None = None) -> "ResultsFile":
        """Open and index the results with all that a query may ask of them; the caller closes them.

        Args:
            path: Their file.
            progress: Says how far it is.
            pattern: The user's own way to find the records; None for the one that was kept.

        Raises:
            ResultsFileError: The file cannot be read.
            PatternFaulty: The pattern is none, or has no named group.
        """
        file = load(path, progress, self._pattern if pattern is None else pattern)
        file.index.reviews, file.index.schemas = self.reviews, self._schemas
        return file

    @property
    def reviews(self) -> Mapping[str, Review]:
        """What was said of the rows, by custom_id."""
        return self._reviews or {}

    @property
    def texts(self) -> Mapping[str, Callable[[str], str]]:
        """The fields of a custom_id that are known here, by name."""
        found: dict[str, Callable[[str], str]] = {}
        if self._sources:
            found["question"] = self._question
        if self._reviews is not None:
            found["label"] = lambda _: self._label
            found["review"] = lambda custom_id: self._review(custom_id).verdict
            found["note"] = lambda custom_id: self._review(custom_id).note
        return found

    @property
    def request(self) -> Callable[[str], bytes | None] | None:
        """Returns the request of a custom_id; None if no file is attached."""
        return self._find if self._sources else None

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read for this."""
        return tuple(source.path for source in self._sources)

    @property
    def _schemas(self) -> RequestSchemas | None:
        return RequestSchemas(self._requests, self._number_of) if self._sources else None

    def _requests(self) -> Iterator[bytes]:
        return chain.from_iterable(lookup.requests() for lookup in self._lookups)

    def _number_of(self, custom_id: str) -> int | None:
        return self.order.get(custom_id)

    @property
    def order(self) -> Mapping[str, int]:
        """The place of each custom_id among the requests."""
        return _Order(self._lookups) if self._sources else {}

    @cached_property
    def _lookups(self) -> Sequence[RequestLookup]:
        return [open_lookup(source) for source in self._sources]

    def _find(self, custom_id: str) -> bytes | None:
        requests = (lookup.find(custom_id) for lookup in self._lookups)
        return next((request for request in requests if request is not None), None)

    def _question(self, custom_id: str) -> str:
        request = self._find(custom_id)
        return "" if request is None else last_question(request)

    def _review(self, custom_id: str) -> Review:
        return (self._reviews or {}).get(custom_id, Review(custom_id))


class _Order(Mapping[str, int]):
    """The place of each custom_id among the requests, looked up one by one."""

    def __init__(self, lookups: Sequence[RequestLookup]) -> None:
        self._lookups = lookups

    def __getitem__(self, custom_id: str) -> int:
        before = 0
        for lookup in self._lookups:
            number = lookup.index().number_of(custom_id)
            if number is not None:
                return before + number
            before += len(lookup)
        raise KeyError(custom_id)

    def __len__(self) -> int:
        return sum(map(len, self._lookups))

    def __iter__(self) -> Iterator[str]:
        raise TypeError("the ids of requests are looked up, not listed")


def context_of(account: OfflineAccount, name: str) -> RowContext:
    """Look up what this disk knows beside the results of a batch, or of a file.

    Makes no ledger for a file where there is none.

    Raises:
        LibraryError: The ledger cannot be read.
    """
    if not is_file(name):
        return context_of_batches(account, [name])
    reviews: Mapping[str, Review] = {}
    source: SourceFile | None = None
    subject = file_subject(Path(name))
    if account.loaded.ledger_file.exists():
        with account.ledger() as ledger:
            reviews, source = ledger.reviews.of(subject), ledger.source_of(subject)
    sources = () if source is None else (source,)
    return RowContext(sources, reviews=reviews, pattern=kept_pattern(account, name))


def context_of_batches(account: OfflineAccount, ids: Sequence[str]) -> RowContext:
    """Look up what this disk knows beside the results of a batch, or of a line of tries.

    Args:
        account: Whose batches.
        ids: Oldest first; where two know something of a row, the newer one counts.

    Raises:
        LibraryError: The ledger cannot be read.
    """
    reviews: dict[str, Review] = {}
    with account.ledger() as ledger:
        known = ledger.records(ids)
        for batch_id in ids:
            reviews |= ledger.reviews.of(batch_id)
    records = [known[batch_id] for batch_id in reversed(ids) if batch_id in known]
    sources = {one.source.path: one.source for one in records if one.source is not None}
    label = next((one.label for one in records if one.label), "")
    return RowContext(tuple(sources.values()), label, reviews, kept_pattern(account, ids[-1]))
