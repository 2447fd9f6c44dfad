"""Packed files are unpacked piece by piece, whatever is in them."""

import bz2
import gzip
import io
import lzma
from collections.abc import Callable

import pytest

from batchtui.packing import Unpacker, detect_packing

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}
ZEROS = bytes(30_000_000)


@pytest.fixture(params=sorted(PACK))
def packing(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def pack(packing: str) -> Callable[[bytes], bytes]:
    return PACK[packing]


def unpack(packing: str, packed: bytes) -> tuple[list[bytes], Unpacker]:
    unpacker = Unpacker(packing, io.BytesIO(packed).read)
    return list(iter(lambda: unpacker.read(1 << 20), b"")), unpacker


def test_little_that_holds_much_is_unpacked_in_pieces(
    packing: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(ZEROS)
    assert detect_packing(packed) == packing
    pieces, unpacker = unpack(packing, packed)
    assert max(map(len, pieces)) <= 1 << 20
    assert b"".join(pieces) == ZEROS
    assert unpacker.is_whole


def test_several_streams_are_one_file_and_a_tape_may_be_padded(
    packing: str, pack: Callable[[bytes], bytes]
) -> None:
    pieces, unpacker = unpack(packing, pack(b"one ") + pack(b"two") + bytes(600_000))
    assert b"".join(pieces) == b"one two"
    assert unpacker.is_whole


def test_a_file_that_grows_is_unpacked_further(
    packing: str, pack: Callable[[bytes], bytes]
) -> None:
    packed = pack(b"one two")
    blocks = [packed[:10], b"", packed[10:], b""]
    unpacker = Unpacker(packing, lambda _: blocks.pop(0))
    first = unpacker.read(100)
    assert not unpacker.is_whole
    assert first + unpacker.read(100) == b"one two"
    assert unpacker.is_whole


def test_damage_is_a_value_error(packing: str, pack: Callable[[bytes], bytes]) -> None:
    packed = bytearray(pack(b"".join(b"%d " % number for number in range(300_000))))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(ValueError, match=r"."):
        unpack(packing, bytes(packed))
