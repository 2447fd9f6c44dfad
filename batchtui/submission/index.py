"""Where the requests of a file are, in compact columns: 28 bytes a request.

Ids are kept as 64-bit hashes, which are salted in every process; a request found by one is
read back and compared before it is believed.
"""

from array import array


class RequestIndex:
    """One entry per request, by its number from 0.

    Attributes:
        offsets: Where it begins in the decompressed file, bytes.
        sizes: Bytes it takes in the body of a create.
        lines: The line it begins on, from 1.
        hashes: Of its custom_id; 0 where it has none.
    """

    def __init__(self) -> None:
        self.offsets = array("Q")
        self.sizes = array("I")
        self.lines = array("Q")
        self.hashes = array("q")
        self._numbers: dict[int, int] | None = None

    def __len__(self) -> int:
        return len(self.offsets)

    def append(self, offset: int, size: int, line: int, custom_id: str) -> None:
        """Add the next request."""
        self.offsets.append(offset)
        self.sizes.append(size)
        self.lines.append(line)
        self.hashes.append(hash(custom_id) if custom_id else 0)

    def number_of(self, custom_id: str) -> int | None:
        """Return the number of the first request that most likely has an id, or ``None``."""
        if self._numbers is None:
            last = len(self.hashes) - 1
            self._numbers = {value: last - at for at, value in enumerate(reversed(self.hashes))}
        return self._numbers.get(hash(custom_id)) if custom_id else None
