"""The service on a socket: announced, controllable, stopped by a signal."""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

import batchtui
from batchtui.simulator.control import ACTS
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import listening
from batchtui.simulator.world import World
from tests.simulator.conftest import BATCHES, HEADERS, message_request

PROGRAM = """
from batchtui.simulator.scenarios import build_world
from batchtui.simulator.server import serve
serve("127.0.0.1", 0, build_world("demo"), lambda text: print(text, flush=True))
print("stopped")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_a_signal(number: signal.Signals) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    announced = (await process.stdout.readline()).decode().strip()
    assert announced.startswith("listening on http://127.0.0.1:")
    url = announced.removeprefix("listening on ")
    async with httpx.AsyncClient(base_url=url, headers=HEADERS) as client:
        assert len((await client.get(BATCHES, params={"limit": 3})).json()["data"]) == 3
    process.send_signal(number)
    rest, _ = await process.communicate()
    assert (process.returncode, rest) == (0, b"stopped\n")


async def test_a_port_in_use_is_an_error(world: World) -> None:
    async with listening(world) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            async with listening(world, port=port):
                pass


async def test_a_client_that_leaves_does_not_keep_the_server(world: World) -> None:
    async with listening(build_world("big")) as url, httpx.AsyncClient(headers=HEADERS) as client:
        batch = (await client.get(f"{url}{BATCHES}")).json()["data"][0]
        async with client.stream("GET", batch["results_url"]) as answer:
            await anext(answer.aiter_raw())


@asynccontextmanager
async def controlled(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        listening(world, control=True) as url,
        httpx.AsyncClient(base_url=url, headers=HEADERS) as client,
    ):
        yield client


async def test_other_processes_control_it(world: World) -> None:
    async with controlled(world) as client:
        made = await client.post(BATCHES, json={"requests": [message_request("a")]})
        assert (await client.get("/_simulator/state")).json()["scenario"] == "empty"

        await client.post("/_simulator/skip", json={"seconds": 3_600})
        ended = (await client.get(f"{BATCHES}/{made.json()['id']}")).json()
        assert ended["processing_status"] == "ended"

        fault = {"status": 529, "operation": "list", "times": None}
        assert (await client.post("/_simulator/faults", json=[fault])).status_code == 200
        assert (await client.get(BATCHES)).status_code == 529
        await client.delete("/_simulator/faults")
        assert (await client.get(BATCHES)).status_code == 200

        habits = {"extra_fields": True, "omit": ["ended_at"], "failures": {"rates": {"timeout": 1}}}
        assert (await client.post("/_simulator/behavior", json=habits)).status_code == 200
        assert world.behavior.omit == {"ended_at"}
        assert world.behavior.failures.rates == {"timeout": 1}
        assert world.behavior.results_chunk == 128 * 1024

        await client.post("/_simulator/keys", json={"sk-new": {"workspace_id": "w"}})
        assert (await client.get(BATCHES)).status_code == 401


async def test_the_manual_describes_every_control_as_it_is(world: World) -> None:
    page = (Path(batchtui.__file__).parent / "docs" / "simulator.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(GET|POST|DELETE) /_simulator/(\w+)` \|(.*)\|$", page, re.MULTILINE)
    assert {(method, path) for method, path, _ in rows} == set(ACTS)
    async with controlled(world) as client:
        for method, path, says in rows:
            for body in re.findall(r"`([\[{].*?[\]}])`", says) or [""]:
                answer = await client.request(method, f"/_simulator/{path}", content=body)
                assert answer.status_code == 200, (method, path, body)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", [{"kind": "explode"}], 400),
        ("faults", "nonsense", 400),
        ("behavior", {"mood": "bad"}, 400),
        ("behavior", {"delete_status": 201}, 400),
        ("behavior", {"failures": {"rates": {"gremlins": 1}}}, 400),
        ("skip", {"seconds": -5}, 400),
        ("unknown", {}, 404),
    ],
)
async def test_wrong_controls_are_refused(
    world: World, path: str, body: object, status: int
) -> None:
    async with controlled(world) as client:
        answer = await client.post(f"/_simulator/{path}", json=body)
        assert answer.status_code == status
        assert answer.json()["type"] == "error"
    assert world.faults.pending() == ()
