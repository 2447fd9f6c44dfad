"""Fetching pages from the simulator."""

import pytest

from batchtui.api.errors import NotFound
from batchtui.api.models import BatchPage, MessageBatch
from batchtui.batches.list_query import ListQuery
from batchtui.batches.lister import Fetched, FetchedPage, Lister
from batchtui.batches.listing import Listing
from tests.batches.builders import make_history, make_page
from tests.batches.simulated import Simulated


async def _first(service: Simulated, *, page_size: int = 20) -> tuple[Lister, Listing]:
    lister = Lister(service.client)
    empty = Listing(page_size=page_size)
    return lister, (await lister.go_to(empty, 1)).apply(empty)


async def _polled(service: Simulated) -> Fetched:
    """What a poll of the head brings."""
    return Fetched((FetchedPage(await service.client.list_page(limit=20)),))


async def test_an_empty_workspace(service: Simulated) -> None:
    lister, listing = await _first(service)
    assert listing.is_begun
    assert not listing.has_more
    assert (await lister.next_page(listing)).apply(listing).rows == ()
    assert len(service.asked) == 1


@pytest.mark.parametrize(("count", "pages"), [(20, 1), (41, 3), (60, 3)])
async def test_turning_pages_to_the_end_and_back(
    service: Simulated, count: int, pages: int
) -> None:
    ids = service.fill(count)
    lister, listing = await _first(service)
    seen = [batch.id for batch in listing.rows]
    while listing.has_next:
        listing = (await lister.next_page(listing)).apply(listing)
        seen += [batch.id for batch in listing.rows]
    assert seen == ids
    assert listing.page_text == f"page {pages} of {pages}"
    calls = len(service.asked)
    back = (await lister.go_to(listing, 1)).apply(listing)
    assert [batch.id for batch in back.rows] == ids[:20]
    assert len(service.asked) == calls == pages


async def test_going_to_a_far_page_takes_one_call(service: Simulated) -> None:
    ids = service.fill(300)
    lister, listing = await _first(service)
    listing = (await lister.go_to(listing, 7)).apply(listing)
    assert listing.page == 7
    assert [batch.id for batch in listing.rows] == ids[120:140]
    assert len(service.asked) == 2
    assert (await lister.go_to(listing, 900)).apply(listing).page == 15


async def test_a_deleted_cursor_starts_again_from_the_top(service: Simulated) -> None:
    for status in (400, 404):
        service.world.behavior.unknown_cursor_status = status
        ids = service.fill(100)
        lister, listing = await _first(service)
        service.world.delete(ids[19])
        listing = (await lister.next_page(listing)).apply(listing)
        assert listing.page == 2
        assert [batch.id for batch in listing.rows] == ids[21:41]
        assert ids[19] not in listing.shown


async def test_batches_deleted_and_created_while_paging(service: Simulated) -> None:
    ids = service.fill(60)
    lister, listing = await _first(service)
    service.world.delete(ids[25])
    service.add("new", age=1.0, takes=100.0)
    listing = (await lister.next_page(listing)).apply(listing)
    assert [batch.id for batch in listing.rows] == [*ids[20:25], *ids[26:41]]
    listing = (await _polled(service)).apply(listing)
    assert listing.pending_new == 1
    assert listing.accept_new().shown[0] == "new"


async def test_a_short_page_is_filled_up(service: Simulated) -> None:
    ids = service.fill(60)
    lister, listing = await _first(service)
    for batch_id in ids[:5]:
        service.world.delete(batch_id)
    listing = listing.remove(*ids[:5])
    assert len(listing.rows) == 15
    listing = (await lister.go_to(listing, 1)).apply(listing)
    assert [batch.id for batch in listing.rows] == ids[5:25]


async def test_a_server_that_ignores_cursors_ends_the_list(service: Simulated) -> None:
    service.fill(50)
    service.world.behavior.ignores_cursors = True
    lister, listing = await _first(service)
    listing = (await lister.next_page(listing)).apply(listing)
    assert (listing.page, listing.has_more) == (1, False)
    assert (await lister.next_page(listing)).apply(listing).page == 1
    assert len(service.asked) <= 4


class StuckServer:
    """Has lost the batch to go on after, and then has more pages forever, with nothing in them."""

    def __init__(self, page: BatchPage) -> None:
        self.page = page
        self.calls = 0

    async def list_page(self, *, limit: int = 20, after_id: str | None = None) -> BatchPage:
        self.calls += 1
        assert self.calls < 50, "it is asked forever"
        if self.calls == 1:
            raise NotFound("no such batch", status=404)
        return self.page

    async def retrieve(self, batch_id: str) -> MessageBatch:
        raise NotFound("no such batch", status=404)


@pytest.mark.parametrize(
    "page",
    [
        BatchPage(data=(), has_more=True, last_id="x"),
        BatchPage(data=(), has_more=True, last_id="x", unreadable=20),
        make_page(make_history(2), has_more=True),
    ],
)
async def test_starting_again_from_the_top_ends_where_nothing_new_comes(page: BatchPage) -> None:
    listing = Listing().absorb(make_page(make_history(100), has_more=True))
    server = StuckServer(page)
    await Lister(server).go_to(listing, 6)
    assert server.calls <= 4


async def test_loading_more_and_all_for_the_filter(service: Simulated) -> None:
    ids = service.fill(2_500)
    lister, listing = await _first(service)
    listing = listing.with_query(ListQuery(text="batch-02"))
    assert listing.loaded_text == "0 filtered within 20 loaded"
    assert await lister.next_page(listing) == Fetched(turn_to=2)
    listing = (await lister.load_more(listing)).apply(listing)
    assert listing.loaded_text == "0 filtered within 1,020 loaded"
    while listing.has_more:
        listing = (await lister.load_more(listing)).apply(listing)
    assert listing.loaded_text == "500 of 2,500"
    assert set(listing.cache.order) == set(ids)
    assert len(service.asked) == 4


async def test_find_loads_the_list_down_to_a_batch(service: Simulated) -> None:
    ids = service.fill(1_500)
    lister, listing = await _first(service)
    found = (await lister.find(listing, ids[1_200])).apply(listing)
    assert found.selected == ids[1_200]
    assert ids[1_200] in [batch.id for batch in found.rows]
    assert found.page == 61
    calls = len(service.asked)
    assert (await lister.find(found, ids[3])).apply(found).selected == ids[3]
    assert len(service.asked) == calls
    with pytest.raises(NotFound):
        await lister.find(listing, "elsewhere/../x")


async def test_answers_apply_to_what_the_list_has_become(service: Simulated) -> None:
    ids = service.fill(60)
    lister, listing = await _first(service)
    turned = await lister.next_page(listing)
    polled = await _polled(service)
    meanwhile = listing.remove(ids[0])
    both = polled.apply(turned.apply(meanwhile))
    assert both.page == 2
    assert both.shown == tuple(ids[1:40])
    # the poll was answered before the delete: it does not bring the batch back as a new one
    assert both.pending_new == 0
    # a server that goes on listing it is believed
    assert (await _polled(service)).apply(both).pending_new == 1
