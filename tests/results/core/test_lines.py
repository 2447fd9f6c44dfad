"""Any bytes in any chunks give the same lines."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from batchtui.results.lines import LineRun, LineSplitter
from tests.results.core.making import index_chunks, records, succeeded

TRICKY = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from(
            [
                b"\n",
                b"\r\n",
                b"\r",
                b"\xe2\x80\xa8",
                b"\xc2\x85",
                b"\xef\xbb\xbf",
                b"\x0b",
                b"\x1c",
                b"\xff",
                b"{}",
                b'{"custom_id":"a","result":{"type":"canceled"}}',
                succeeded("b", "x\u2028y\x85z"),
                b'{"custom_id":NaN,"result":{"type":"expired"}}',
            ]
        ),
    ),
    max_size=20,
).map(b"".join)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    bounds = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[start:stop] for start, stop in itertools.pairwise(bounds)]


def content(run: LineRun) -> bytes:
    return run.data[run.start : run.stop]


def split(chunks: list[bytes], max_line: int = 1 << 20) -> list[LineRun]:
    splitter = LineSplitter(max_line=max_line)
    runs = [run for chunk in chunks for run in splitter.feed(chunk)]
    return [*runs, *splitter.finish()]


@given(TRICKY, st.lists(st.integers(0, 400), max_size=12))
def test_chunking_changes_nothing(data: bytes, places: list[int]) -> None:
    runs = split(cut(data, places))
    assert b"".join(content(run) for run in runs) == data
    offset = 0
    for run in runs:
        assert run.offset == offset
        offset += len(content(run))
    assert all(content(run).endswith(b"\n") for run in runs[:-1])


@given(TRICKY, st.lists(st.integers(0, 400), max_size=12))
def test_any_bytes_in_any_chunks_give_the_same_rows(data: bytes, places: list[int]) -> None:
    whole, cut_up = index_chunks([data]), index_chunks(cut(data, places))
    assert records(cut_up, data) == records(whole, data)
    assert cut_up.types == whole.types
    assert cut_up.flags == whole.flags
    assert cut_up.custom_ids(0, len(cut_up)) == whole.custom_ids(0, len(whole))
    assert cut_up.totals == whole.totals
    body = data.removeprefix(b"\xef\xbb\xbf")
    expected = [line for line in body.split(b"\n") if line.strip()]
    assert records(whole, data) == [line.removesuffix(b"\r") for line in expected]


@given(st.lists(st.integers(0, 60), max_size=12))
def test_a_line_too_long_is_counted_and_not_kept(places: list[int]) -> None:
    data = b"short\n" + b"x" * 40 + b"\nshort again\n" + b"y" * 30
    runs = split(cut(data, places), max_line=16)
    kept = b"".join(content(run) for run in runs)
    assert kept.startswith(b"short\n")
    assert b"short again\n" in kept
    long = [run for run in runs if run.oversize]
    assert all(content(run) == b"" for run in long)
    assert all((run.offset, run.oversize) in {(6, 40), (59, 30)} for run in long)


def test_the_unfinished_line_can_be_seen() -> None:
    splitter = LineSplitter()
    assert [content(run) for run in splitter.feed(b"one\ntw")] == [b"one\n"]
    assert splitter.line_start == 4
    assert splitter.peek() == b"tw"
    assert splitter.held == 2
    assert [content(run) for run in splitter.feed(b"o\n")] == [b"two\n"]
    assert splitter.held == 0
