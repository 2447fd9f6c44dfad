"""The list as a person browses it: rows in pages, filtered and sorted, with a cursor and marks.

A `Listing` is a value: every method gives a new one. The cursor (`selected`) and the marks follow
ids, so they survive refreshes, filters, sorting and page sizes; where the selected batch goes
away, the row that takes its place is selected.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from msgspec import Struct, field
from msgspec.structs import replace

from batchtui.api.models import BatchPage, MessageBatch
from batchtui.batches import page_cache
from batchtui.batches.list_query import ListQuery, arrange
from batchtui.batches.page_cache import PageCache
from batchtui.formatting import format_count


class Listing(Struct, frozen=True):
    """Everything the list screen shows, but for the widths."""

    cache: PageCache = field(default_factory=PageCache)
    """What is known of the server's list."""
    query: ListQuery = field(default_factory=ListQuery)
    """Local filter and sort."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels by batch id, for filter and sort."""
    page_size: int = 20
    """Rows on a page."""
    page: int = 1
    """The page shown, from 1."""
    selected: str | None = None
    """The id under the cursor; None only where nothing is shown."""
    marked: frozenset[str] = frozenset()
    """Ids marked for an action on many."""
    shown: tuple[str, ...] = ()
    """Ids that pass the filter, in the order of the query, over all pages."""

    @property
    def rows(self) -> tuple[MessageBatch, ...]:
        """The batches of the page shown."""
        start = (self.page - 1) * self.page_size
        batches = self.cache.batches
        return tuple(batches[batch_id] for batch_id in self.shown[start : start + self.page_size])

    @property
    def selected_batch(self) -> MessageBatch | None:
        """The batch under the cursor."""
        return None if self.selected is None else self.cache.batches.get(self.selected)

    @property
    def live(self) -> tuple[MessageBatch, ...]:
        """All known batches that have not ended, the announced ones included."""
        return tuple(batch for batch in self.cache.batches.values() if batch.is_live)

    @property
    def marked_batches(self) -> tuple[MessageBatch, ...]:
        """The marked batches, in the order of the list, hidden ones included."""
        batches = self.cache.batches
        known = chain(self.cache.pending, self.cache.order)
        return tuple(batches[batch_id] for batch_id in known if batch_id in self.marked)

    @property
    def to_compare(self) -> tuple[MessageBatch, ...]:
        """The marked batches, or the marked one and the one under the cursor, the oldest first."""
        marked = set(self.marked)
        if len(marked) == 1 and self.selected is not None:
            marked.add(self.selected)
        order = [one for one in (*self.cache.pending, *self.cache.order) if one in marked]
        return tuple(self.cache.batches[one] for one in reversed(order))

    @property
    def pending_new(self) -> int:
        """How many batches have appeared since and wait for `accept_new`."""
        return len(self.cache.pending)

    @property
    def has_more(self) -> bool:
        """Whether the server may have older batches than those loaded."""
        return self.cache.has_more

    @property
    def is_begun(self) -> bool:
        """Whether a page has arrived yet; only then does "empty" mean an empty workspace."""
        return self.cache.is_begun

    @property
    def page_count(self) -> int:
        """How many pages what is shown makes, at least one."""
        return max(1, -(-len(self.shown) // self.page_size))

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.page > 1

    @property
    def has_next(self) -> bool:
        """Whether a next page is loaded, or may be fetched (only without filter or sort)."""
        return self.page < self.page_count or (self.query.is_plain and self.has_more)

    @property
    def page_text(self) -> str:
        """Where this page is: ``page 2 of 4+``; the plus says that the server has more."""
        more = "+" if self.has_more and self.is_begun else ""
        return f"page {format_count(self.page)} of {format_count(self.page_count)}{more}"

    @property
    def loaded_text(self) -> str:
        """What filter and sort speak of: ``12 of 80 loaded``; "" for a list that is whole.

        As long as the server has more, it says so: nothing is known of what is not loaded.
        """
        if self.query.is_plain or not (self.query.is_filtering or self.has_more):
            return ""
        count = format_count(len(self.cache.order))
        verb = "filtered" if self.query.is_filtering else "sorted"
        within = f"{verb} within {count} loaded" if self.has_more else f"of {count}"
        return f"{format_count(len(self.shown))} {within}" if self.query.is_filtering else within

    def knows(self, batch_id: str) -> bool:
        """Return whether the batch is loaded, shown or not."""
        return batch_id in self.cache.batches

    def page_of(self, batch_id: str) -> int | None:
        """Return the page a batch is shown on; None where it is not shown."""
        try:
            return self.shown.index(batch_id) // self.page_size + 1
        except ValueError:
            return None

    def rows_missing(self, page: int) -> int:
        """Return how many rows have to be fetched to fill ``page``, or to reach the end."""
        if not self.has_more:
            return 0
        return max(0, page * self.page_size - len(self.cache.order))

    def absorb(self, page: BatchPage, after: str | None = None) -> "Listing":
        """Take in a page of the server asked with `after_id` = ``after`` (None: the head)."""
        return self._with_cache(page_cache.absorb(self.cache, page, after))

    def put(self, batch: MessageBatch) -> "Listing":
        """Take in one batch: the answer to a cancel, create or retrieve."""
        return self._with_cache(page_cache.put(self.cache, batch))

    def remove(self, *batch_ids: str) -> "Listing":
        """Forget batches that are gone from the server."""
        return self._with_cache(page_cache.discard(self.cache, batch_ids))

    def accept_new(self) -> "Listing":
        """Put the announced batches in; the cursor stays on its batch, the page follows it."""
        return self._with_cache(page_cache.accept_pending(self.cache))

    def with_query(self, query: ListQuery) -> "Listing":
        """Filter and sort again.

        The cursor stays on its batch where that is still shown; another order is shown from its
        top.
        """
        if query == self.query:
            return self
        arranged = self._rearranged(replace(self, query=query))
        if (
            query.sort is self.query.sort
            and arranged.selected == self.selected
            and self.selected is not None
        ):
            return arranged
        return arranged.turn_to(1)

    def with_labels(self, labels: Mapping[str, str]) -> "Listing":
        """Return the same list with other labels."""
        return self if labels == self.labels else self._rearranged(replace(self, labels=labels))

    def with_page_size(self, page_size: int) -> "Listing":
        """Return the same list in pages of another size (at least 1), on the page of the cursor."""
        resized = replace(self, page_size=max(1, page_size))
        page = 1 if self.selected is None else resized.page_of(self.selected)
        return replace(resized, page=page or 1)

    def turn_to(self, page: int) -> "Listing":
        """Show another page (the nearest there is), with the cursor on its first row."""
        page = min(max(1, page), self.page_count)
        rows = replace(self, page=page).rows
        return replace(self, page=page, selected=rows[0].id if rows else None)

    def select(self, batch_id: str) -> "Listing":
        """Put the cursor on a row that is shown; anything else changes nothing."""
        page = self.page_of(batch_id)
        return self if page is None else replace(self, selected=batch_id, page=page)

    def jump(self, batch_id: str) -> "Listing":
        """Put the cursor on a loaded batch.

        If it is hidden, the announced batches are taken in and the filter is dropped.

        Raises:
            KeyError: If the batch is not loaded.
        """
        if not self.knows(batch_id):
            raise KeyError(batch_id)
        listing = self.accept_new() if batch_id in self.cache.pending else self
        if batch_id not in listing.shown:
            listing = listing.with_query(ListQuery(sort=self.query.sort))
        return listing.select(batch_id)

    def toggle_mark(self, batch_id: str) -> "Listing":
        """Mark a loaded batch, or take its mark away."""
        return replace(self, marked=self.marked ^ ({batch_id} & self.cache.batches.keys()))

    def mark(self, batch_ids: Iterable[str]) -> "Listing":
        """Mark all of these that are loaded."""
        return replace(self, marked=self.marked | (self.cache.batches.keys() & set(batch_ids)))

    def toggle_marks_of_page(self) -> "Listing":
        """Mark every row of the page, or none at all if all of them are marked."""
        ids = {batch.id for batch in self.rows}
        return self.clear_marks() if ids <= self.marked else self.mark(ids)

    def unmark(self, batch_ids: Iterable[str]) -> "Listing":
        """Take the marks of these away."""
        return replace(self, marked=self.marked.difference(batch_ids))

    def clear_marks(self) -> "Listing":
        """Take all marks away."""
        return replace(self, marked=frozenset()) if self.marked else self

    def _with_cache(self, cache: PageCache) -> "Listing":
        return self if cache is self.cache else self._rearranged(replace(self, cache=cache))

    def _rearranged(self, new: "Listing") -> "Listing":
        """Return ``new``, its rows arranged, with the cursor, page and marks of this one."""
        cache = new.cache
        shown = arrange(cache.batches, cache.order, new.query, new.labels)
        marked = self.marked & cache.batches.keys() if self.marked else self.marked
        new = replace(new, shown=shown, marked=marked, page=1)
        selected = _successor(self.shown, shown, self.selected)
        if selected is None:
            return replace(new, selected=None)
        return replace(new, selected=selected, page=new.page_of(selected) or 1)


def _successor(old: tuple[str, ...], new: tuple[str, ...], selected: str | None) -> str | None:
    """Return the id to select in ``new``: the same, else the next row, else the one before."""
    if not new:
        return None
    if selected is None or selected not in old:
        return new[0]
    remaining = set(new)
    place = old.index(selected)
    candidates = chain(old[place:], reversed(old[:place]))
    return next((batch_id for batch_id in candidates if batch_id in remaining), new[0])
