"""The request that an answer belongs to, found by its id."""

from collections.abc import Iterator

from batchtui.library.ledger_values import SourceFile
from batchtui.request_line import custom_id_of
from batchtui.submission.errors import SourceError
from batchtui.submission.index import RequestIndex
from batchtui.submission.read import read_requests
from batchtui.submission.source import RequestSource, SourceReader


class RequestLookup:
    """Finds requests of one file by their ids.

    Attributes:
        source: The file as it was indexed.
        has_changed: Whether that is another content than the ledger wrote down.
    """

    def __init__(self, source: RequestSource, index: RequestIndex, *, has_changed: bool) -> None:
        self.source = source
        self.has_changed = has_changed
        self._index = index
        self._reader = SourceReader(source)
        self._stamp = source.stamp()

    def __len__(self) -> int:
        return len(self._index)

    def find(self, custom_id: str) -> bytes | None:
        """Return the bytes of the request with an id, or ``None`` if the file has none.

        Raises:
            SourceError: The file cannot be read, or has changed since it was indexed.
        """
        number = self._index.number_of(custom_id)
        if number is None:
            return None
        self._check_stamp()
        data = self._reader.read(self._index.offsets[number], self._index.sizes[number])
        return data if custom_id_of(data) == custom_id else None

    def requests(self) -> Iterator[bytes]:
        """Yield all requests in the order of the file, which is that of their numbers.

        Raises:
            SourceError: The file cannot be read, or has changed since it was indexed.
        """
        self._check_stamp()
        return (request.data for request in read_requests(self.source.blocks()))

    def index(self) -> RequestIndex:
        """Return where the requests are."""
        return self._index

    def _check_stamp(self) -> None:
        if self.source.stamp() != self._stamp:
            raise SourceError(
                f"{self.source.path} has changed since it was opened.", hint="Open it again."
            )


def open_lookup(path: SourceFile | RequestSource) -> RequestLookup:
    """Read a file once and remember where its requests are; works in a thread.

    Args:
        path: The file, or the file as the ledger wrote it down: then a change is shown by
            `RequestLookup.has_changed`.

    Raises:
        SourceError: It cannot be read to its end.
    """
    source = path if isinstance(path, RequestSource) else RequestSource(path.path)
    index = RequestIndex()
    for request in read_requests(source.blocks()):
        custom_id = custom_id_of(request.data)
        index.append(request.offset, len(request.data), request.line, custom_id)
    expected = path if isinstance(path, SourceFile) else source.fingerprint
    changed = source.fingerprint.sha256 != expected.sha256
    return RequestLookup(source, index, has_changed=changed)
