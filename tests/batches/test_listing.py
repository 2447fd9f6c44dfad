"""Pages, merging, cursor and marks of the list."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from batchtui.api.models import BatchPage, MessageBatch, RequestCounts
from batchtui.batches.list_query import ListQuery, OutcomeFilter, Sort, StateFilter
from batchtui.batches.listing import Listing
from batchtui.batches.page_cache import PageCache, absorb
from tests.batches.builders import START, make_batch, make_history, make_page


def _loaded(count: int, *, page_size: int = 20, has_more: bool = False) -> Listing:
    return Listing(page_size=page_size).absorb(make_page(make_history(count), has_more=has_more))


def _ids(listing: Listing) -> list[str]:
    return [batch.id for batch in listing.rows]


class TestPages:
    def test_nothing_loaded_is_not_an_empty_workspace(self) -> None:
        fresh = Listing()
        assert not fresh.is_begun
        empty = fresh.absorb(make_page([]))
        assert empty.is_begun
        assert (empty.rows, empty.has_more, empty.selected) == ((), False, None)
        assert empty.page_text == "page 1 of 1"

    def test_pages_chain_by_cursor(self) -> None:
        history = make_history(50)
        listing = Listing().absorb(make_page(history[:20], has_more=True))
        assert listing.page_text == "page 1 of 1+"
        assert listing.rows_missing(2) == 20
        cursor = listing.cache.cursor
        listing = listing.absorb(make_page(history[20:40], has_more=True), cursor).turn_to(2)
        assert listing.page_text == "page 2 of 2+"
        assert _ids(listing) == [batch.id for batch in history[20:40]]
        assert listing.selected == history[20].id
        listing = listing.absorb(make_page(history[40:]), listing.cache.cursor)
        assert listing.page_text == "page 2 of 3"
        assert not listing.has_more

    def test_an_exactly_full_last_page_promises_no_more(self) -> None:
        listing = _loaded(20)
        assert (listing.page_text, listing.has_next) == ("page 1 of 1", False)

    @pytest.mark.parametrize("count", [0, 20])
    def test_a_page_without_news_is_the_end(self, count: int) -> None:
        # has_more with an empty page, or a server that ignores cursors and repeats the head
        listing = _loaded(20, has_more=True)
        listing = listing.absorb(
            make_page(make_history(20)[:count], has_more=True), listing.cache.cursor
        )
        assert not listing.has_more
        assert len(listing.rows) == 20

    def test_a_page_shifted_by_new_batches_makes_no_duplicates(self) -> None:
        history = make_history(40)
        listing = Listing().absorb(make_page(history[:20], has_more=True))
        shifted = make_page(history[15:35], has_more=True)
        listing = listing.absorb(shifted, listing.cache.cursor)
        assert listing.shown == tuple(batch.id for batch in history[:35])
        assert listing.cache.cursor == history[34].id

    def test_the_same_answer_again_is_the_same_value(self) -> None:
        listing = _loaded(20, has_more=True)
        assert listing.absorb(make_page(make_history(20), has_more=True)) is listing

    def test_page_size_keeps_the_cursor_in_sight(self) -> None:
        listing = _loaded(50).select("b00010")
        assert listing.page == 2
        resized = listing.with_page_size(5)
        assert resized.page == 8
        assert "b00010" in _ids(resized)

    def test_rows_without_dates_keep_the_servers_order(self) -> None:
        undated = [make_batch(name, status="ended", minutes=None) for name in "qzab"]
        listing = Listing().absorb(make_page(undated[1:3], has_more=True))
        listing = listing.absorb(make_page(undated[3:]), listing.cache.cursor)
        listing = listing.absorb(make_page(undated[:3], has_more=True)).accept_new()
        assert listing.shown == ("q", "z", "a", "b")

    def test_an_undated_row_between_dated_ones_stays_there(self) -> None:
        data = [
            make_batch("a", minutes=9),
            make_batch("m", minutes=None),
            make_batch("n", minutes=None),
            make_batch("c", minutes=3),
        ]
        assert Listing().absorb(make_page(data)).shown == ("a", "m", "n", "c")


class TestRefresh:
    def test_new_batches_are_announced_not_shuffled_in(self) -> None:
        listing = _loaded(20, has_more=True).select("b00010")
        head = make_page(make_history(20, newest=3), has_more=True)
        refreshed = listing.absorb(head)
        assert refreshed.pending_new == 3
        assert _ids(refreshed) == _ids(listing)
        accepted = refreshed.accept_new()
        assert _ids(accepted)[:4] == ["b00022", "b00021", "b00020", "b00019"]
        assert accepted.selected == "b00010"
        assert accepted.pending_new == 0

    def test_changes_additions_and_removals_are_taken_in(self) -> None:
        history = make_history(20)
        cache = absorb(PageCache(), make_page(history, has_more=True))
        failed = MessageBatch(
            id="b00018", processing_status="ended", created_at=history[1].created_at
        )
        head = [make_batch("new", minutes=99), history[0], failed, *history[3:]]
        seen = absorb(cache, make_page(head, has_more=True))
        assert seen.batches["b00018"] == failed
        assert seen.pending == ("new",)
        assert seen.order == tuple(one for one in cache.order if one != "b00017")

    def test_a_deeper_head_extends_the_piece(self) -> None:
        listing = _loaded(20, has_more=True)
        history = make_history(20)
        older = [make_batch(f"old{i}", status="ended", minutes=-i) for i in range(1, 11)]
        listing = listing.absorb(make_page([*history, *older], has_more=True))
        assert len(listing.shown) == 30
        assert listing.pending_new == 0
        assert listing.cache.cursor == "old10"

    def test_nothing_is_concluded_from_an_unsorted_or_unreadable_page(self) -> None:
        history = make_history(20)
        cache = absorb(PageCache(), make_page(history, has_more=True))
        backwards = make_page(history[:10][::-1], has_more=True)
        assert absorb(cache, backwards).order == cache.order
        broken = replace(make_page(history[2:], has_more=True), unreadable=2)
        assert absorb(cache, broken).order == cache.order

    def test_everything_deleted_elsewhere(self) -> None:
        emptied = _loaded(20).absorb(make_page([]))
        assert (emptied.shown, emptied.selected) == ((), None)

    def test_a_created_batch_waits_for_a_list_that_lags(self) -> None:
        created = make_batch("mine", minutes=50)
        listing = _loaded(20, has_more=True).put(created)
        assert listing.shown[0] == "mine"
        head = make_page(make_history(20), has_more=True)
        assert listing.absorb(head).shown[0] == "mine"
        seen = listing.absorb(make_page([created, *make_history(20)], has_more=True))
        assert seen.absorb(head).shown[0] != "mine"

    def test_what_the_server_still_lists_after_it_was_deleted_is_hidden_once_and_no_longer(
        self,
    ) -> None:
        page = make_page(make_history(5))
        lagging = _loaded(5).remove("b00002").absorb(page)
        assert "b00002" not in _ids(lagging)
        assert "b00002" in lagging.absorb(page).cache.batches

    def test_a_batch_created_before_the_first_page(self) -> None:
        listing = Listing().put(make_batch("mine", minutes=-5))
        listing = listing.absorb(make_page(make_history(20), has_more=True))
        assert listing.pending_new == 0
        assert len(listing.shown) == 21


class TestCursor:
    def test_a_deleted_selected_batch_hands_the_cursor_to_its_successor(self) -> None:
        listing = _loaded(5).select("b00002")
        assert listing.remove("b00002").selected == "b00001"
        assert listing.remove("b00002", "b00001", "b00000").selected == "b00003"

    def test_a_deleted_list_cursor_moves_to_its_newer_neighbor(self) -> None:
        listing = _loaded(20, has_more=True)
        assert listing.remove("b00000", "b00001").cache.cursor == "b00002"
        assert listing.remove(*listing.shown).cache.cursor is None

    def test_marks_follow_ids(self) -> None:
        listing = _loaded(5).mark(["b00001", "b00003", "unknown"]).toggle_mark("b00004")
        assert [b.id for b in listing.marked_batches] == ["b00004", "b00003", "b00001"]
        listing = listing.toggle_mark("b00004").remove("b00003")
        assert listing.marked == {"b00001"}
        assert listing.mark(["b00002"]).unmark(["b00001", "unknown"]).marked == {"b00002"}
        assert listing.clear_marks().marked == frozenset()

    def test_jump_finds_hidden_and_announced_batches(self) -> None:
        listing = _loaded(50, has_more=True)
        listing = listing.absorb(make_page([make_batch("new", minutes=99)], has_more=True))
        assert listing.jump("b00003").page == 3
        assert listing.jump("new").selected == "new"
        hidden = listing.with_query(ListQuery(text="b00049"))
        assert hidden.jump("b00003").selected == "b00003"
        with pytest.raises(KeyError):
            listing.jump("elsewhere")


class TestQuery:
    @pytest.fixture
    def listing(self) -> Listing:
        data = [
            make_batch("run", minutes=9, counts=RequestCounts(processing=5)),
            make_batch("stop", minutes=8, status="canceling"),
            make_batch(
                "bad", minutes=7, status="ended", counts=RequestCounts(succeeded=1, errored=3)
            ),
            make_batch("late", minutes=6, status="ended", counts=RequestCounts(expired=7)),
            make_batch("good", minutes=5, status="ended", counts=RequestCounts(succeeded=900)),
            make_batch("old", minutes=4, status="ended", archived=True),
        ]
        listing = Listing().absorb(make_page(data, has_more=True))
        return listing.with_labels({"good": "Nightly [b] run", "bad": "alpha"})

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            (ListQuery(text="nightly RUN"), "good"),
            (ListQuery(text="[b"), "good"),
            (ListQuery(text="3 failed"), "bad"),
            (ListQuery(state=StateFilter.LIVE), "run stop"),
            (ListQuery(state=StateFilter.RUNNING), "run"),
            (ListQuery(state=StateFilter.CANCELING), "stop"),
            (ListQuery(state=StateFilter.ARCHIVED), "old"),
            (ListQuery(outcome=OutcomeFilter.FAILED), "bad late"),
            (ListQuery(outcome=OutcomeFilter.EXPIRED), "late"),
            (ListQuery(outcome=OutcomeFilter.ALL_OK), "good old"),
            (ListQuery(sort=Sort.OLDEST), "old good late bad stop run"),
            (ListQuery(sort=Sort.REQUESTS), "good stop old late run bad"),
            (ListQuery(sort=Sort.FAILURES), "late bad run stop good old"),
            (ListQuery(sort=Sort.STATE), "bad late stop run good old"),
            (ListQuery(sort=Sort.LABEL), "bad good run stop late old"),
        ],
    )
    def test_filters_and_sorts(self, listing: Listing, query: ListQuery, expected: str) -> None:
        assert " ".join(listing.with_query(query).shown) == expected

    def test_it_says_within_what_it_looked(self, listing: Listing) -> None:
        assert listing.loaded_text == ""
        found = listing.with_query(ListQuery(text="good"))
        assert found.loaded_text == "1 filtered within 6 loaded"
        assert not found.has_next
        assert listing.with_query(ListQuery(sort=Sort.OLDEST)).loaded_text == (
            "sorted within 6 loaded"
        )
        whole = replace(found, cache=replace(found.cache, has_more=False))
        assert whole.loaded_text == "1 of 6"
        assert whole.with_query(ListQuery(sort=Sort.OLDEST)).loaded_text == ""

    def test_the_cursor_stays_where_it_can(self, listing: Listing) -> None:
        listing = listing.select("late")
        assert listing.with_query(ListQuery(state=StateFilter.ENDED)).selected == "late"
        assert listing.with_query(ListQuery(state=StateFilter.LIVE)).selected == "run"
        assert listing.with_query(ListQuery(text="nothing like it")).selected is None


@st.composite
def _steps(draw: st.DrawFn) -> list[tuple[str, int]]:
    kinds = ["create", "delete", "head", "next", "select", "accept", "turn", "size"]
    return draw(
        st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 60)), min_size=1, max_size=40)
    )


class _Server:
    """A list with cursors, newest first, several batches a minute."""

    def __init__(self, count: int) -> None:
        self.batches = [self._make(number) for number in reversed(range(count))]
        self.made = count

    def _make(self, number: int) -> MessageBatch:
        return make_batch(f"b{number:05}", status="ended", minutes=number // 3)

    def create(self) -> None:
        self.batches.insert(0, self._make(self.made))
        self.made += 1
        # newest first, ids breaking ties
        self.batches.sort(key=lambda batch: batch.id)
        self.batches.sort(key=lambda batch: batch.created_at or START, reverse=True)

    def page(self, limit: int, after: str | None) -> BatchPage | None:
        ids = [batch.id for batch in self.batches]
        if after is not None and after not in ids:
            return None
        start = 0 if after is None else ids.index(after) + 1
        found = self.batches[start : start + limit]
        return make_page(found, has_more=start + limit < len(ids))


@settings(max_examples=150, deadline=None)
@given(start=st.integers(0, 30), size=st.integers(1, 7), steps=_steps())
def test_any_history_keeps_order_ids_and_cursor(
    start: int, size: int, steps: list[tuple[str, int]]
) -> None:
    server = _Server(start)
    listing = Listing(page_size=size)
    for kind, number in steps:
        before = listing.selected
        listing = _step(server, listing, kind, number)
        _check(listing)
        if kind in {"head", "next", "accept", "size"} and before in listing.shown:
            assert listing.selected == before
    whole = server.page(10_000, None)
    assert whole is not None
    final = listing.absorb(whole).accept_new()
    assert set(final.shown) == {batch.id for batch in server.batches}
    _check(final)


def _step(server: _Server, listing: Listing, kind: str, number: int) -> Listing:
    match kind:
        case "create":
            server.create()
        case "delete" if server.batches:
            server.batches.pop(number % len(server.batches))
        case "head" | "next":
            after = None if kind == "head" else listing.cache.cursor
            page = server.page(listing.page_size, after)
            return listing if page is None else listing.absorb(page, after)
        case "select" if listing.shown:
            return listing.select(listing.shown[number % len(listing.shown)])
        case "accept":
            return listing.accept_new()
        case "turn":
            return listing.turn_to(number)
        case "size":
            return listing.with_page_size(number % 9)
    return listing


def _check(listing: Listing) -> None:
    cache = listing.cache
    assert len(set(cache.order)) == len(cache.order)
    assert set(cache.order) | set(cache.pending) == cache.batches.keys() == cache.keys.keys()
    assert not set(cache.order) & set(cache.pending)
    moments = [cache.keys[batch_id] for batch_id in cache.order]
    assert moments == sorted(moments)
    assert 1 <= listing.page <= listing.page_count
    if listing.shown:
        assert listing.selected in [batch.id for batch in listing.rows]
    else:
        assert listing.selected is None
