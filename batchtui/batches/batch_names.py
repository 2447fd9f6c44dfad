"""The words that name batches, typed or pasted: ids, labels, the beginning of an id, ``last``."""

import re
from collections.abc import Sequence
from typing import Final

from batchtui.api.paging import PageReader, iterate_pages
from batchtui.library.ledger import Ledger
from batchtui.untrusted import visible

NEWEST: Final = "last"
_SHORTEST: Final = 4
"""Characters of a beginning; fewer would be a slip of the finger."""
_FILE_NAME: Final = re.compile(
    r"\.(jsonl?|ndjson|csv|tsv|parquet|txt|gz|zst|xz|bz2)\Z", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[\s,;\"'\[\]]+")


def label_and_id(batch_id: str, label: str | None) -> str:
    """Return what a batch is called: its label, if it has one, and its id; safe to show."""
    return visible(f"{label} ({batch_id})" if label else batch_id)


def split_words(ledger: Ledger, text: str) -> Sequence[str]:
    """Return the words of a text that was pasted with several ids; a label may have spaces."""
    words = [word for word in _BETWEEN.split(text) if word]
    is_one = not words or is_file_name(text) or ledger.labeled(text)
    return [text] if is_one else words


def is_file_name(text: str) -> bool:
    """Return whether a text ends as the names of files do, and no id does."""
    return _FILE_NAME.search(text) is not None


def find_here(ledger: Ledger, word: str) -> tuple[Sequence[str], bool]:
    """Return the ids that a word may mean here, and whether it is a whole id or label."""
    if ledger.seen.known_ids([word]):
        return (word,), True
    labeled = ledger.labeled(word)
    if labeled:
        return labeled, True
    if word == NEWEST:
        return ledger.seen.recent_ids(1), False
    return (ledger.ids_beginning(word) if len(word) >= _SHORTEST else ()), False


async def find_there(reader: PageReader, word: str) -> Sequence[str]:
    """Return the ids in the server's list that a word may mean.

    Raises:
        ApiError: The list cannot be had.
    """
    if word == NEWEST:
        page = await reader.list_page(limit=1)
        return tuple(batch.id for batch in page.data[:1])
    found: list[str] = []
    async for page in iterate_pages(reader):
        found += [batch.id for batch in page.data if batch.id.startswith(word)]
    # the word itself may be a whole id that was never seen here
    return [word] if word in found else found


async def find_all(ledger: Ledger, reader: PageReader, text: str) -> Sequence[str]:
    """Return the ids of all batches that a text may mean, each once.

    What this disk knows nothing of is taken for a whole id.

    Raises:
        ApiError: The newest is asked for, and the list cannot be had.
        LedgerError: What this disk knows cannot be read.
    """
    import asyncio  # here: commands that look at this disk alone start without it

    def look_here() -> tuple[dict[str, Sequence[str]], bool]:
        found = {word: find_here(ledger, word)[0] for word in split_words(ledger, text)}
        return found, NEWEST in found and not ledger.labeled(NEWEST)

    found, is_newest_asked = await asyncio.to_thread(look_here)
    if is_newest_asked:
        found[NEWEST] = await find_there(reader, NEWEST)
    return tuple(dict.fromkeys(one for word, ids in found.items() for one in ids or [word]))
