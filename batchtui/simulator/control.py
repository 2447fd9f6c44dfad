"""``/_simulator/``: sets faults and habits from another process, and moves the time.

- ``GET /_simulator/state``: world time, scenario, the batches of the default workspace.
- ``POST /_simulator/faults`` ``[{"kind": "answer", "status": 529}]``: adds, see `faults.Fault`.
- ``DELETE /_simulator/faults``: clears.
- ``POST /_simulator/behavior`` ``{"counts_move": true}``: sets, see `behavior.Behavior`.
- ``POST /_simulator/skip`` ``{"seconds": 3600}``: moves the time forward.
- ``POST /_simulator/keys`` ``{"sk-a": {"workspace_id": "wrkspc_a"}}``: the only keys accepted.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Final

import msgspec

from batchtui.simulator.behavior import Behavior
from batchtui.simulator.faults import Fault
from batchtui.simulator.http import Request, Response
from batchtui.simulator.rules import Json
from batchtui.simulator.wire import batch_object, encode, error_object
from batchtui.simulator.workspace import Account
from batchtui.simulator.world import World

_PREFIX: Final = "/_simulator/"
_JSON: Final = (("content-type", "application/json"),)


@dataclass(frozen=True, slots=True)
class _Skip:
    seconds: float


async def control_answer(world: World, request: Request) -> Response | None:
    """Do what a control request says; None if it is none.

    Raises:
        DisconnectedError: The client went away while sending.
    """
    if not request.path.startswith(_PREFIX):
        return None
    act = ACTS.get((request.method, request.path.removeprefix(_PREFIX)))
    if act is None:
        return _refusal(404, "not_found_error", "Not found")
    body = b"".join([piece async for piece in request.body()])
    try:
        result = act(world, body)
    except ValueError as error:
        return _refusal(400, "invalid_request_error", str(error))
    return Response(200, encode(result), _JSON)


def _refusal(status: int, error_type: str, message: str) -> Response:
    return Response(status, encode(error_object(error_type, message, "")), _JSON)


def _state(world: World, _body: bytes) -> Json:
    return {
        "now": world.now().isoformat(),
        "scenario": world.name,
        "batches": [batch_object(view, "", world.behavior) for view in world.views()],
    }


def _add_faults(world: World, body: bytes) -> Json:
    world.faults.add(*msgspec.json.decode(body, type=list[Fault]))
    return {}


def _clear_faults(world: World, _body: bytes) -> Json:
    world.faults.clear()
    return {}


def _set_habits(world: World, body: bytes) -> Json:
    wanted = msgspec.json.decode(body, type=dict[str, object])
    known = {field.name: getattr(world.behavior, field.name) for field in fields(Behavior)}
    if unknown := wanted.keys() - known.keys():
        raise ValueError(f"unknown habits: {', '.join(sorted(unknown))}")
    changed = msgspec.convert(msgspec.to_builtins(known) | wanted, Behavior)
    for name in wanted:
        setattr(world.behavior, name, getattr(changed, name))
    return {}


def _skip(world: World, body: bytes) -> Json:
    by = timedelta(seconds=msgspec.json.decode(body, type=_Skip).seconds)
    world.timeline.skip(by)
    return {}


def _set_keys(world: World, body: bytes) -> Json:
    world.keys = msgspec.json.decode(body, type=dict[str, Account]) or None
    return {}


ACTS: Final[Mapping[tuple[str, str], Callable[[World, bytes], Json]]] = {
    ("GET", "state"): _state,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "behavior"): _set_habits,
    ("POST", "skip"): _skip,
    ("POST", "keys"): _set_keys,
}
