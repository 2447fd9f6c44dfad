"""Fetching the list beyond what polling brings: turning, filling a page, load more and jump.

Every method plans its calls by the listing it is handed and gives a `Fetched`: a value that can be
applied to whatever the listing has become meanwhile. So a poll and a page turn that run at the same
time lose nothing of each other. What is new at the head is the `Poller`'s to find.
"""

from msgspec import Struct

from batchtui.api.errors import StatusError
from batchtui.api.models import LARGEST_PAGE, BatchPage, MessageBatch
from batchtui.api.paging import iterate_pages
from batchtui.batches.calls import BatchReader, is_cursor_refused
from batchtui.batches.listing import Listing


class FetchedPage(Struct, frozen=True):
    """One page and the `after_id` it was asked with."""

    page: BatchPage
    after: str | None = None


class Fetched(Struct, frozen=True):
    """What came from the server, and where the person wanted to go."""

    pages: tuple[FetchedPage, ...] = ()
    batches: tuple[MessageBatch, ...] = ()
    """Batches that were asked for one by one."""
    gone: tuple[str, ...] = ()
    """Ids the server does not know any more."""
    turn_to: int | None = None
    """The page to show, from 1."""
    jump_to: str | None = None
    """The batch to put the cursor on."""

    def apply(self, listing: Listing) -> Listing:
        """Return ``listing`` with everything taken in."""
        for fetched in self.pages:
            listing = listing.absorb(fetched.page, fetched.after)
        for batch in self.batches:
            listing = listing.put(batch)
        if self.gone:
            listing = listing.remove(*self.gone)
        if self.turn_to is not None:
            listing = listing.turn_to(self.turn_to)
        if self.jump_to is not None and listing.knows(self.jump_to):
            listing = listing.jump(self.jump_to)
        return listing


class Lister:
    """Reads the list page by page. All methods raise `ApiError` when a call fails."""

    def __init__(self, calls: BatchReader) -> None:
        self._calls = calls

    async def go_to(self, listing: Listing, page: int) -> Fetched:
        """Turn to a page, fetching what it lacks; the last page there is, where it is beyond."""
        walk = _Walk(self._calls, listing)
        while missing := walk.listing.rows_missing(page):
            if not await walk.step(min(missing, LARGEST_PAGE)):
                break
        return Fetched(tuple(walk.pages), turn_to=page)

    async def next_page(self, listing: Listing) -> Fetched:
        """Turn to the next page; with a filter or sort, to the next of what is loaded."""
        if not listing.query.is_plain:
            return Fetched(turn_to=listing.page + 1)
        return await self.go_to(listing, listing.page + 1)

    async def load_more(self, listing: Listing) -> Fetched:
        """Load older batches and stay on the page: for filter and sort."""
        if not listing.has_more:
            return Fetched()
        walk = _Walk(self._calls, listing)
        await walk.step(LARGEST_PAGE)
        return Fetched(tuple(walk.pages))

    async def find(self, listing: Listing, batch_id: str) -> Fetched:
        """Find a batch by id and load the list down to it.

        Raises:
            NotFound: If the server does not know it (with this key, in this workspace).
        """
        if listing.knows(batch_id):
            return Fetched(jump_to=batch_id)
        batch = await self._calls.retrieve(batch_id)
        walk = _Walk(self._calls, listing)
        while walk.listing.has_more and not walk.listing.knows(batch_id):
            if _is_past(walk.listing, batch) or not await walk.step(LARGEST_PAGE):
                break
        return Fetched(tuple(walk.pages), batches=(batch,), jump_to=batch_id)


class _Walk:
    """Steps down the list on a listing of its own, keeping the pages that came."""

    def __init__(self, calls: BatchReader, listing: Listing) -> None:
        self._calls = calls
        self.listing = listing
        self.pages: list[FetchedPage] = []

    async def step(self, limit: int) -> bool:
        """Fetch the next older page; from the top again if the cursor's batch was deleted.

        Returns:
            Whether that changed anything: if not, asking on would never end.
        """
        before = self.listing
        after = before.cache.cursor
        try:
            self._take(await self._calls.list_page(limit=limit, after_id=after), after)
        except StatusError as error:
            if after is None or not is_cursor_refused(error):
                raise
            await self._restart()
        return self.listing is not before

    async def _restart(self) -> None:
        """Walk from the head until past the rows that were known."""
        known = len(self.listing.cache.order)
        read = 0
        after: str | None = None
        async for page in iterate_pages(self._calls):
            self._take(page, after)
            read += len(page.data)
            if read > known:
                return
            after = page.last_id

    def _take(self, page: BatchPage, after: str | None) -> None:
        self.pages.append(FetchedPage(page, after))
        self.listing = self.listing.absorb(page, after)


def _is_past(listing: Listing, batch: MessageBatch) -> bool:
    """Return whether the loaded rows reach back beyond the creation of ``batch``."""
    order = listing.cache.order
    if batch.created_at is None or not order:
        return False
    oldest = listing.cache.batches[order[-1]].created_at
    return oldest is not None and oldest < batch.created_at
