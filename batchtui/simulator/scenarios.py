"""The worlds that can be asked for by name."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from batchtui.simulator.demo import fill, fill_showcase
from batchtui.simulator.demo_jobs import HAIKU, SONNET
from batchtui.simulator.dice import Dice
from batchtui.simulator.failures import SOME_FAILURES
from batchtui.simulator.timeline import utc_now
from batchtui.simulator.work import ScenarioWork
from batchtui.simulator.world import World

BIG_ROWS: Final = 100_000


def build_world(
    name: str,
    *,
    seed: int = 0,
    speed: float = 1.0,
    now: Callable[[], datetime] | None = None,
) -> World:
    """Build a world.

    Args:
        name: One of `SCENARIOS`.
        seed: Decides everything that is made up.
        speed: World seconds per second.
        now: The source of time, aware; the machine's if None.

    Raises:
        ValueError: No scenario has this name, or the speed is not above zero.
    """
    if name not in SCENARIOS:
        raise ValueError(f"unknown scenario {name!r}; known are {', '.join(SCENARIOS)}")
    world = World(name, seed=seed, speed=speed, now=now or utc_now)
    SCENARIOS[name](world)
    return world


def _empty(_world: World) -> None:
    """Nothing."""


def _failing(world: World) -> None:
    """Empty, and one request in twenty fails of one of several causes."""
    world.behavior.failures = SOME_FAILURES


def _many(world: World) -> None:
    """5,000 batches of the last two months; the newest are live."""
    dice = Dice(world.seed, "many")
    start = world.timeline.start
    for number in range(5_000):
        age = timedelta(seconds=40 + number * 1_040 + dice.below(900))
        total = dice.pick((1, 8, 25, 60, 144, 300, 750, 1_200))
        failed = dice.weighted(((0, 7), (total // 20, 2), (total, 1)))
        world.add(
            ScenarioWork(
                total, dice.below(2**32), "triage", "ticket", HAIKU, {"overloaded": failed}
            ),
            created_at=start - age,
            takes=timedelta(seconds=dice.between(60, 9_000)),
        )


def _big(world: World) -> None:
    """One batch of 100,000 results, about 400 MB."""
    failures = {"overloaded": 1_400, "prompt_too_long": 320, "rate_limit": 250, "filtered": 30}
    world.add(
        ScenarioWork(BIG_ROWS, world.seed, "mixed", "document", SONNET, failures),
        created_at=world.timeline.start - timedelta(hours=5),
        takes=timedelta(hours=3, minutes=12),
    )


def _live(world: World) -> None:
    """500 live batches that end one after the other over the next ten hours."""
    dice = Dice(world.seed, "live")
    start = world.timeline.start
    for number in range(500):
        age = timedelta(seconds=dice.between(10, 3_600))
        world.add(
            ScenarioWork(dice.between(1, 2_000), dice.below(2**32), "triage", "ticket", HAIKU),
            created_at=start - age,
            takes=age + timedelta(seconds=72 * (number + 1)),
        )


SCENARIOS: Final[Mapping[str, Callable[[World], None]]] = {
    "demo": fill,
    "showcase": fill_showcase,
    "empty": _empty,
    "many": _many,
    "big": _big,
    "live": _live,
    "failing": _failing,
}
