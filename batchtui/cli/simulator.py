"""``batchtui simulator``: the simulated API on a socket."""

import argparse

from batchtui.cli.amounts import number_above_zero, whole_number
from batchtui.cli.exits import DONE, USAGE, complain
from batchtui.simulator.scenarios import SCENARIOS, build_world


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the simulator."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument(
        "--port",
        type=whole_number(0, 65535),
        default=0,
        help="the port; 0 takes any that is free",
    )
    parser.add_argument(
        "--scenario", choices=tuple(SCENARIOS), default="demo", help="what the workspace holds"
    )
    parser.add_argument(
        "--seed", type=whole_number(), default=0, help="decides everything that is made up"
    )
    parser.add_argument(
        "--speed",
        type=number_above_zero,
        default=1.0,
        help="simulated seconds in a second (default 1)",
    )
    parser.add_argument(
        "--control", action="store_true", help="serve /_simulator/ too, by which faults are planted"
    )


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted."""
    try:
        from batchtui.simulator.server import serve
    except ModuleNotFoundError as error:
        complain(
            f"The simulator needs {error.name}, which is not installed.",
            "Install batchtui with its extra: batchtui[simulator].",
        )
        return USAGE
    try:
        world = build_world(options.scenario, seed=options.seed, speed=options.speed)
        serve(options.host, options.port, world, _announce, control=options.control)
    except (OSError, OverflowError, ValueError) as error:
        complain(f"The simulator cannot be started: {error}.")
        return USAGE
    return DONE


def _announce(text: str) -> None:
    print(text, flush=True)
