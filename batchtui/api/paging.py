"""Reading the list of batches down, page by page, from any server."""

from collections.abc import AsyncIterator
from typing import Protocol

from batchtui.api.models import LARGEST_PAGE, BatchPage


class PageReader(Protocol):
    """Where pages of the list are read. The call raises `api.errors.ApiError` when it fails."""

    async def list_page(self, *, limit: int = 20, after_id: str | None = None) -> BatchPage:
        """Return one page of the list, newest first."""
        ...


async def iterate_pages(
    reader: PageReader, *, limit: int = LARGEST_PAGE, after_id: str | None = None
) -> AsyncIterator[BatchPage]:
    """Yield pages, newest first, until one brings no batch that was not there before.

    So a server that ignores cursors or repeats pages is not asked forever.

    Args:
        reader: Where they are read.
        limit: Batches on a page.
        after_id: The batch to begin after; None begins with the newest.

    Raises:
        ApiError: If a page cannot be had; the cursor's own batch may have been deleted (400 or
            404), and then only starting again from the top helps.
    """
    seen: set[str] = set()
    while True:
        page = await reader.list_page(limit=limit, after_id=after_id)
        found = {batch.id for batch in page.data}
        if found and found <= seen:
            return
        seen |= found
        yield page
        after_id = page.last_id
        if not found or not page.has_more or after_id is None:
            return
