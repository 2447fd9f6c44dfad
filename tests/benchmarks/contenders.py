"""The programs that are measured, each in a process of its own.

``python -m tests.benchmarks.contenders NAME ARGUMENT...`` does one thing and prints its figures as
one line of JSON: seconds by name, and ``memory`` in bytes at the highest.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.serving import BATCH_ID

Figures = dict[str, float]


def sdk(url: str) -> Figures:
    """The official SDK: iterate all results."""
    from anthropic import Anthropic

    client = Anthropic(api_key="sk-benchmark", base_url=url)
    start = time.perf_counter()
    rows = sum(1 for _ in client.beta.messages.batches.results(BATCH_ID))
    return {"seconds": time.perf_counter() - start, "rows": rows}


def bare(url: str) -> Figures:
    """httpx: read the stream and forget it."""
    import httpx

    async def read() -> int:
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            client.stream("GET", f"{url}/results") as response,
        ):
            return sum([len(chunk) async for chunk in response.aiter_raw()])

    start = time.perf_counter()
    size = asyncio.run(read())
    return {"seconds": time.perf_counter() - start, "size": size}


def ours(url: str) -> Figures:
    """Download, write, index and total by this program's own client and library."""
    from batchtui.api.client import BatchesClient
    from batchtui.api.connection import Connection, Credential
    from batchtui.library.store import ResultsStore
    from batchtui.results.download import Download
    from batchtui.results.outcome import Verified
    from batchtui.results.progress import DownloadProgress

    figures: Figures = {}
    start = time.perf_counter()

    def note(progress: DownloadProgress) -> None:
        if progress.rows and progress.rows == progress.expected_rows:
            figures["seconds"] = time.perf_counter() - start
        elif progress.rows and "first" not in figures:
            figures["first"] = time.perf_counter() - start

    async def download(folder: Path) -> None:
        async with BatchesClient(Connection(url, Credential("api_key", "sk-b"))) as client:
            batch = await client.retrieve(BATCH_ID)
            task = Download(client, batch, ResultsStore(folder), on_progress=note)
            outcome = await task.run()
            if not isinstance(outcome, Verified):
                raise SystemExit(f"the download is not complete: {outcome}")
            figures["output_tokens"] = task.index.totals.output

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(download(Path(folder)))
        figures["safe"] = time.perf_counter() - start
    return figures


def index(path: str) -> Figures:
    """Open a local file, index it, and change the type tab."""
    from batchtui.results.opening import open_results

    figures: Figures = {}
    worst = 0.0

    async def beat() -> None:
        nonlocal worst
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            worst, last = max(worst, now - last), now

    async def load() -> None:
        start = time.perf_counter()
        file = open_results(Path(path))
        figures["first"] = time.perf_counter() - start
        beating = asyncio.create_task(beat())
        await file.load()
        beating.cancel()
        figures["seconds"] = time.perf_counter() - start
        figures["rows"] = len(file.index)
        figures["worst_pause"] = worst
        start = time.perf_counter()
        with file.reader() as reader:
            for rows in file.index.rows_by_type:
                for row in rows[:50]:
                    reader.raw(row)
                    file.index.custom_id(row)
        figures["tabs"] = (time.perf_counter() - start) / len(file.index.rows_by_type)
        file.close()

    asyncio.run(load())
    return figures


CONTENDERS = {"sdk": sdk, "bare": bare, "ours": ours, "index": index}


def highest_memory() -> int:
    """The most memory this process had resident at any moment, in bytes."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    measured = CONTENDERS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({**measured, "memory": highest_memory()}))
