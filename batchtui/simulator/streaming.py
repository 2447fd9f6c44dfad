"""Results over HTTP: ranges, validators, compression, pace."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterator
from typing import Final
from urllib.parse import quote

from batchtui.simulator.http import Request, Response
from batchtui.simulator.refusals import RefusalError
from batchtui.simulator.results import BatchResults
from batchtui.simulator.workspace import Account
from batchtui.simulator.world import World

_GZIP: Final = 16 + zlib.MAX_WBITS


async def results_answer(
    world: World, request: Request, batch_id: str, account: Account, *, is_signed: bool
) -> Response:
    """Answer a request for results.

    Raises:
        RefusalError: There are none, or not here.
    """
    if not is_signed and not world.behavior.results_path_exists:
        raise RefusalError(404, "Not found")
    file = world.results(batch_id, account)
    if not is_signed and world.behavior.results_redirect:
        return _redirect(world, request, batch_id)
    return await _file_answer(world, request, file)


async def measure(file: BatchResults) -> int:
    """Return the size of a results file in bytes; lets others run meanwhile."""
    size = 0
    for chunk in file.chunks():
        size += len(chunk)
        await asyncio.sleep(0)
    return size


def signed_url(origin: str, batch_id: str) -> str:
    """Return a link that needs no key."""
    return f"{origin}/signed/{quote(batch_id, safe='')}/results.jsonl?signature=c2ltdWxhdGVk"


def _redirect(world: World, request: Request, batch_id: str) -> Response:
    origin = f"{request.scheme}://{request.header('host')}"
    if world.behavior.results_redirect == "other_origin":
        origin = world.behavior.other_origin
    return Response(307, b"", (("location", signed_url(origin, batch_id)),))


async def _file_answer(world: World, request: Request, file: BatchResults) -> Response:
    behavior = world.behavior
    headers = [("content-type", "application/x-jsonl")]
    if behavior.results_etag:
        headers.append(("etag", f'"{file.validator}"'))
    start, size = 0, None
    if behavior.results_ranges or behavior.results_length:
        size = await _size(world, file)
    if behavior.results_ranges and size is not None:
        headers.append(("accept-ranges", "bytes"))
        start = _range_start(request, f'"{file.validator}"', size)
    chunks = file.chunks(start, behavior.results_chunk)
    if behavior.results_gzip and not start and _accepts_gzip(request):
        headers.append(("content-encoding", "gzip"))
        chunks = _gzip(chunks)
    elif size is not None:
        headers.extend(_extent(start, size))
    return Response(206 if start else 200, _paced(chunks, behavior.results_rate), headers)


async def _size(world: World, file: BatchResults) -> int:
    known = world.sizes.get(file.validator)
    if known is None:
        known = world.sizes[file.validator] = await measure(file)
    return known


def _extent(start: int, size: int) -> Iterator[tuple[str, str]]:
    yield "content-length", str(size - start)
    if start:
        yield "content-range", f"bytes {start}-{size - 1}/{size}"


def _range_start(request: Request, etag: str, size: int) -> int:
    """Return where to start: 0 for the whole, as for a range that cannot be honored."""
    wanted = request.header("range").strip()
    condition = request.header("if-range")
    number = wanted.removeprefix("bytes=").removesuffix("-")
    if not number.isdecimal() or wanted != f"bytes={number}-" or condition not in {"", etag}:
        return 0
    if int(number) >= size:
        raise RefusalError(416, "The range is beyond the end of the file")
    return int(number)


def _accepts_gzip(request: Request) -> bool:
    return "gzip" in request.header("accept-encoding").lower()


def _gzip(chunks: Iterator[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(level=1, wbits=_GZIP)
    for chunk in chunks:
        if piece := squeeze.compress(chunk):
            yield piece
    yield squeeze.flush()


async def _paced(chunks: Iterator[bytes], rate: int | None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
        # Even without a limit others must get their turn, and a disconnect its chance to be seen.
        await asyncio.sleep(len(chunk) / rate if rate else 0)
