"""What goes wrong at the simulated service while somebody works."""

import json
from random import Random

from tests.journeys.support import Service

_OPERATIONS = ("create", "retrieve", "list", "cancel", "delete", "results", "any")


def plant_some(service: Service, dice: Random) -> str:
    """Let something go wrong for the next calls; return what, in words."""
    fault: dict[str, object] = {"operation": dice.choice(_OPERATIONS), "times": dice.randint(1, 4)}
    kind = dice.choice(["answer", "answer", "answer", "drop", "stall", "cut", "truncate", "delay"])
    fault["kind"] = kind
    if kind == "answer":
        fault["status"] = dice.choice([400, 401, 403, 404, 409, 413, 429, 500, 502, 503, 529])
        fault["body"] = dice.choice(["error", "error", "html", "empty", "not_json"])
        fault["retry_after"] = dice.choice([None, None, "0", "1", "soon"])
        fault["message"] = "\x1b]0;EVIL\x07\x1b[31mfault\u202e"
    elif kind == "delay":
        fault["seconds"] = dice.choice([0.2, 1.0, 3.0])
    elif kind in ("cut", "truncate", "stall"):
        fault["at_byte"] = dice.choice([0, 100, 10_000, 200_000])
        fault["at_line_end"] = dice.random() < 0.5
    if kind in ("answer", "drop", "stall"):
        fault["after_effect"] = dice.random() < 0.4
    service.plant(**fault)
    return f"fault {json.dumps(fault)}"


def change_habits(service: Service, dice: Random) -> str:
    """Let the service be another one of those there are; return how, in words."""
    habits: dict[str, object] = {
        "results_url": dice.choice(["absolute", "relative"]),
        "results_gzip": dice.random() < 0.3,
        "results_etag": dice.random() < 0.5,
        "results_ranges": dice.random() < 0.5,
        "results_rate": dice.choice([None, None, 200_000, 2_000_000]),
        "counts_move": dice.random() < 0.5,
        "extra_fields": dice.random() < 0.3,
        "delete_status": dice.choice([200, 200, 204, 405]),
        "conflict_status": dice.choice([400, 409]),
        "time_format": dice.choice(["Z", "+00:00", "seconds", "nanoseconds"]),
    }
    service.behave(**habits)
    return f"habits {json.dumps(habits)}"


def calm_down(service: Service) -> None:
    """Let nothing go wrong any more."""
    service.heal()
    service.behave(results_rate=None, delete_status=200, results_url="absolute", counts_move=False)
