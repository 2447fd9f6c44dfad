"""What the API says, however oddly, becomes values or is left out."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.api.decoding import as_count, as_moment
from batchtui.api.models import (
    BatchPage,
    DeletedMessageBatch,
    MessageBatch,
    RequestCounts,
    decode_batch,
    decode_deleted,
    decode_page,
    encode_batch,
)
from tests.api.scripted import batch_json

MOMENT = datetime(2024, 8, 20, 18, 37, 24, tzinfo=UTC)
_FIRST, _LAST = map(datetime.fromisoformat, ("1971-01-01", "9000-01-01"))
"""Between these moments are drawn; hypothesis wants them without a zone, which it adds itself."""


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-08-20T18:37:24Z", MOMENT),
        ("2024-08-20T18:37:24+00:00", MOMENT),
        ("2024-08-20t18:37:24z", MOMENT),
        ("2024-08-20 18:37:24", MOMENT),
        ("2024-08-20T20:37:24+02:00", MOMENT),
        (" 2024-08-20T18:37:24.100435Z", MOMENT + timedelta(microseconds=100435)),
        ("2024-08-20T18:37:24.1Z", MOMENT + timedelta(microseconds=100000)),
        ("2024-08-20T18:37:24.123456789Z", MOMENT + timedelta(microseconds=123456)),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1724179044, None),
        ({}, None),
    ],
)
def test_moments_are_read_or_left_out(text: object, moment: datetime | None) -> None:
    assert as_moment(text) == moment


@given(
    st.datetimes(_FIRST, _LAST),
    st.integers(-23 * 60, 23 * 60),
)
def test_any_offset_is_brought_to_utc(naive: datetime, minutes: int) -> None:
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert as_moment(moment.isoformat()) == moment
    read = as_moment(moment.isoformat())
    assert read is not None
    assert read.tzinfo is UTC


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text())))
def test_no_value_breaks_a_moment_or_a_count(value: object) -> None:
    as_moment(value)
    assert 0 <= as_count(value) <= 2**53


@pytest.mark.parametrize(
    ("value", "count"),
    [(3, 3), (3.0, 3), (-1, 0), (None, 0), ("7", 0), (True, 0), (10**30, 2**53), ([], 0)],
)
def test_counts_are_sensible(value: object, count: int) -> None:
    assert as_count(value) == count


def test_a_full_batch() -> None:
    batch = decode_batch(msgspec.json.encode(batch_json(results_url="/r", new_field={"a": 1})))
    assert batch.id == "msgbatch_1"
    assert batch.request_counts == RequestCounts(0, 2, 1, 0, 0)
    assert (batch.request_counts.total, batch.request_counts.failed) == (3, 1)
    assert batch.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert batch.results_url == "/r"
    assert batch.has_ended
    assert not batch.is_live


def test_only_an_id_is_needed() -> None:
    assert decode_batch(b'{"id":"x"}') == MessageBatch(id="x")
    assert decode_batch(b'{"id":"x","request_counts":[],"results_url":7}') == MessageBatch(id="x")


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"id":""}', b'{"id":7}', b"null", b"\xff"])
def test_what_is_no_batch_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_batch(data)


@pytest.mark.parametrize(
    ("status", "ended_at", "is_live"),
    [
        ("in_progress", None, True),
        ("canceling", None, True),
        ("ended", None, False),
        ("paused", None, True),
        ("paused", MOMENT, False),
        ("in_progress", MOMENT, True),
        ("", None, True),
    ],
)
def test_whether_a_batch_lives(status: str, ended_at: datetime | None, is_live: bool) -> None:
    batch = MessageBatch(id="x", processing_status=status, ended_at=ended_at)
    assert batch.is_live is is_live
    assert batch.has_ended is not is_live


moments = st.none() | st.datetimes(
    _FIRST,
    _LAST,
    timezones=st.just(UTC),
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
counts = st.integers(0, 2**53)


@given(
    st.builds(
        MessageBatch,
        id=texts,
        processing_status=texts,
        request_counts=st.builds(RequestCounts, counts, counts, counts, counts, counts),
        created_at=moments,
        archived_at=moments,
        results_url=st.none() | texts,
    )
)
def test_a_batch_survives_the_disk(batch: MessageBatch) -> None:
    assert decode_batch(encode_batch(batch)) == batch


def test_a_page_keeps_what_can_be_read() -> None:
    entries = [batch_json("a"), {"id": None}, 7, batch_json("b", request_counts=None)]
    page = decode_page(msgspec.json.encode({"data": entries, "has_more": True}))
    assert [batch.id for batch in page.data] == ["a", "b"]
    assert (page.last_id, page.has_more, page.unreadable) == ("b", True, 2)


def test_an_entry_with_an_absurd_number_is_left_out() -> None:
    page = decode_page(b'{"data":[{"id":"a","request_counts":{"errored":1e999}},{"id":"b"}]}')
    assert [batch.id for batch in page.data] == ["b"]


@pytest.mark.parametrize("data", [b'{"data":[]}', b'{"data":null,"first_id":null,"has_more":null}'])
def test_an_empty_page(data: bytes) -> None:
    assert decode_page(data) == BatchPage()


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"data":{}}', b'{"type":"error"}'])
def test_what_is_no_page_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode_page(data)


@pytest.mark.parametrize("data", [b"", b"null", b"{}", b'{"id":"x"}', b"gone", b'{"id":null}'])
def test_every_answer_to_a_delete_will_do(data: bytes) -> None:
    assert decode_deleted(data, "x") == DeletedMessageBatch("x", "message_batch_deleted")
