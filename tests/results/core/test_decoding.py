"""Decoding many lines at once gives exactly what decoding them one by one gives."""

from hypothesis import example, given
from hypothesis import strategies as st

from batchtui.results.decoding import decode_at_once, decode_one_by_one, line_ends
from tests.results.core.making import errored, other, succeeded

PIECES = st.lists(
    st.sampled_from(
        [
            b"{}",
            b"{",
            b"}",
            b"[",
            b"]",
            b",",
            b'"',
            b" ",
            b"\n",
            b"\r\n",
            b'{"custom_id":"a"}',
            b'{"custom_id":',
            b'"b"}',
            b'{"result":{',
            b'"type":"expired"}}',
            b'{"x":"}\n{"}',
            b'{"x":[{}\n,{}]}',
            succeeded("c"),
            errored("d"),
            other("e", "canceled"),
        ]
    ),
    max_size=14,
).map(b"".join)


@given(data=PIECES, is_terminated=st.booleans())
@example(data=b'{"a":\n1}\n{} {}\n', is_terminated=False)
@example(data=b'{"a":{}\n{}}\n{}{}\n', is_terminated=False)
@example(data=b"{}\n{}", is_terminated=True)
def test_at_once_or_one_by_one(*, data: bytes, is_terminated: bool) -> None:
    data += b"\n" * is_terminated
    ends = line_ends(data, 0, len(data))
    if not ends:
        return
    at_once = decode_at_once(data, 0, ends)
    if at_once is not None:
        slow = decode_one_by_one(data[: ends[-1]], 0)
        assert at_once == slow.rows
        assert not any(slow.flags)
        assert [
            start + size for start, size in zip(slow.offsets, slow.lengths, strict=True)
        ] == ends


@given(st.lists(st.sampled_from([succeeded("c"), errored("d"), other("e", "canceled")])))
def test_usual_lines_are_decoded_at_once(lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    ends = line_ends(data, 0, len(data))
    assert len(ends) == len(lines)
    assert not ends or decode_at_once(data, 0, ends) is not None


def test_line_ends_within_bounds() -> None:
    assert line_ends(b"ab\ncd\nef", 0, 8) == [2, 5, 8]
    assert line_ends(b"ab\ncd\nef", 3, 6) == [5]
    assert line_ends(b"ab\ncd\nef", 3, 5) == [5]
    assert line_ends(b"", 0, 0) == []
