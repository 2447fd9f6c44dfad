"""Requests out of bytes: every layout, any chunking, any bytes."""

import gzip
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard
from hypothesis import example, given
from hypothesis import strategies as st

from batchtui.submission.errors import SourceError
from batchtui.submission.read import (
    RawRequest,
    layout_of,
    read_requests,
    read_requests_from,
)
from batchtui.submission.sniff import Layout
from batchtui.submission.source import RequestSource, spool
from tests.submission.making import line, lines, request, write

THREE = [request(0), request(1, system='}, {"custom_id": "trap"'), request(2, tools=[{"a": {}}])]
TRICKY = {"custom_id": "t", "params": {"list": [{"x": 1}, {"custom_id": "inner"}]}}


def chunks(content: bytes, size: int) -> Iterator[bytes]:
    yield from (content[at : at + size] for at in range(0, len(content), size))


def read(content: bytes, size: int = 7) -> list[RawRequest]:
    return list(read_requests(chunks(content, size)))


LAYOUTS = {
    Layout.LINES: lines(*THREE, TRICKY),
    Layout.BODY: b'{"betas": ["b-1"], "requests": '
    + json.dumps([*THREE, TRICKY]).encode()
    + b', "x": 1}',
    Layout.LIST: json.dumps([*THREE, TRICKY], indent=1).encode() + b"\n",
    Layout.OBJECTS: b"\n\n".join(json.dumps(one, indent=2).encode() for one in (*THREE, TRICKY)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("size", [1, 13, 100_000])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_every_layout_gives_the_same_requests(layout: Layout, size: int, bom: bytes) -> None:
    content = bom + LAYOUTS[layout]
    found = read(content, size)
    assert [json.loads(one.data) for one in found] == [*THREE, TRICKY]
    assert [one.number for one in found] == [0, 1, 2, 3]
    assert layout_of(chunks(content, size)).layout is layout
    for one in found:
        assert content[one.offset : one.offset + len(one.data)] == one.data
        assert one.line == 1 + content[: one.offset].count(b"\n")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_reading_can_begin_at_any_request(layout: Layout) -> None:
    content = LAYOUTS[layout]
    offset = read(content)[2].offset
    found = list(read_requests_from(chunks(content[offset:], 11), layout, offset))
    assert [json.loads(one.data) for one in found] == [THREE[2], TRICKY]
    assert found[0].offset == offset


def test_lines_with_crlf_blanks_and_no_last_newline() -> None:
    content = b"\r\n" + line(THREE[0]) + b"\r\n \t\r\n\n" + line(THREE[1])
    found = read(content)
    assert [one.data for one in found] == [line(THREE[0]), line(THREE[1])]
    assert [one.line for one in found] == [2, 5]


def test_lines_are_not_torn_at_other_separators() -> None:
    text = line(request(0, system="a\u2028b\u0085c\x1dd"))
    assert [one.data for one in read(text + b"\n" + text)] == [text, text]


def test_a_broken_first_line_does_not_hide_the_others() -> None:
    found = read(b'{"custom_id": "a", "params": {\n' + lines(*THREE))
    assert len(found) == 4


@pytest.mark.parametrize("empty", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"[]", b'{"requests":[]}'])
def test_nothing_in_it(empty: bytes) -> None:
    assert read(empty) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"requests": [{"custom_id": "a"}', "ends inside the list"),
        (b'{"requests": [{"custom_id": "a", "params": {"x": "', "has no end"),
        (b'{"requests": [\n{"a": 1},\n 17]}', "Line 3: expected a request"),
        (b'{"requests": [{"a": 1}] nonsense', "is not JSON"),
        ('{"custom_id": 1}'.encode("utf-16"), "UTF-16"),
    ],
)
def test_what_cannot_be_read_is_said(content: bytes, said: str) -> None:
    with pytest.raises(SourceError, match=said):
        read(content)


def test_a_line_of_several_megabytes() -> None:
    big = line(request(0, system='x\\n"' * 1_000_000))
    assert [one.data for one in read(big + b"\n" + big, 1 << 16)] == [big, big]
    body = b'{"requests":[' + big + b"," + big + b"]}"
    assert [one.data for one in read(body, 1 << 16)] == [big, big]


@given(st.binary(max_size=300), st.integers(1, 50))
@example(b"[{]", 1)
@example(b'{"requests":[{"a":"\\', 3)
@example(b"[" * 5000, 50)
@example(b'{"a":' * 3000, 50)
def test_any_bytes_are_read_or_refused(content: bytes, size: int) -> None:
    assert_chunking_does_not_matter(content, size)


def assert_chunking_does_not_matter(content: bytes, size: int) -> None:
    try:
        whole = read(content, len(content) or 1)
    except SourceError:
        with pytest.raises(SourceError):
            read(content, size)
    else:
        assert read(content, size) == whole


@given(
    st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"a", b"1"])),
    st.sampled_from([b"", b"[", b'{"requests":[']),
    st.integers(1, 5),
)
def test_any_structure_is_read_or_refused(parts: list[bytes], head: bytes, size: int) -> None:
    assert_chunking_does_not_matter(head + b"".join(parts), size)


def test_gzip_is_undone_and_fingerprinted_as_it_lies(tmp_path: Path) -> None:
    content = lines(*THREE)
    plain = RequestSource(write(tmp_path, content))
    packed = RequestSource(write(tmp_path, gzip.compress(content), "r.gz"))
    assert packed.packing == "gzip"
    assert not plain.packing
    assert b"".join(packed.blocks()) == content
    assert b"".join(packed.blocks(10)) == content[10:]
    assert b"".join(plain.blocks(10)) == content[10:]
    again = RequestSource(packed.path)
    assert packed.fingerprint == again.fingerprint
    assert packed.fingerprint.size == packed.path.stat().st_size
    assert packed.fingerprint.sha256 != plain.fingerprint.sha256


@pytest.mark.parametrize("damage", ["cut", "bits"])
def test_damaged_gzip_is_said(tmp_path: Path, damage: str) -> None:
    content = gzip.compress(lines(*THREE) * 50)
    content = content[:-20] if damage == "cut" else content[:30] + b"\xff" * 40 + content[70:]
    with pytest.raises(SourceError, match="is a damaged or cut gzip file"):
        list(RequestSource(write(tmp_path, content)).blocks())


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        RequestSource(tmp_path / "none")


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    path = write(tmp_path, lines(*THREE))
    expected = RequestSource(path).fingerprint
    RequestSource(path).require(expected)
    path.write_bytes(path.read_bytes().replace(b"Hello", b"Hallo"))
    with pytest.raises(SourceError, match="has changed"):
        RequestSource(path).require(expected)


def test_standard_input_is_kept_by_its_contents(tmp_path: Path) -> None:
    content = lines(*THREE)
    first = spool(io.BytesIO(content), tmp_path / "kept")
    assert first.read_bytes() == content
    assert spool(io.BytesIO(content), tmp_path / "kept") == first
    assert first.stat().st_mode & 0o777 == 0o600
    assert len(list((tmp_path / "kept").iterdir())) == 1


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(SourceError, match="only once"):
        RequestSource(pipe)
    with pytest.raises(SourceError, match="is a folder"):
        RequestSource(tmp_path)


def test_objects_on_one_line_are_told_apart(tmp_path: Path) -> None:
    rows = [request(number, system='a } { "b') for number in range(50)]
    for between in (b"", b" ", b", "):
        path = write(tmp_path, between.join(map(line, rows)))
        assert [json.loads(one.data) for one in read_requests(RequestSource(path).blocks())] == rows


@pytest.mark.parametrize("frames", [1, 3])
def test_zstd_is_unpacked_and_damage_is_found(tmp_path: Path, frames: int) -> None:
    content = lines(*[request(number, system="x" * 900) for number in range(3_000)])
    third = len(content) // frames
    parts = [content[at * third : (at + 1) * third] for at in range(frames - 1)]
    parts.append(content[(frames - 1) * third :])
    packed = b"".join(map(zstandard.ZstdCompressor().compress, parts))
    source = RequestSource(write(tmp_path, packed, "a.jsonl.zst"))
    assert source.packing == "zstd"
    assert b"".join(source.blocks()) == content
    assert b"".join(source.blocks(12_345)) == content[12_345:]
    assert source.fingerprint.size == len(packed)
    cut = RequestSource(write(tmp_path, packed[:-5], "cut.zst"))
    with pytest.raises(SourceError, match="was cut"):
        b"".join(cut.blocks())
