"""The marks for the cache: what they save, then a file that has them beside the one without."""

import asyncio
import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.formatting import plural
from batchtui.tui.commands.submission import SendCanary
from batchtui.tui.lines import BLANK, Line, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.work_dialog import Meter, work
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.prices import PriceTable
    from batchtui.submission.cache_plan import Lifetime, ModelPlan
    from batchtui.submission.validate import Validation

_LIFETIMES: "Mapping[Lifetime, str]" = {"1h": "1 hour", "5m": "5 minutes"}


class MarkedFile(Struct, frozen=True):
    """A file with marks."""

    path: Path
    """Where it is."""
    remarks: tuple[str, ...]
    """What it saves, and how the cache is warmed, each one sentence."""


async def mark_cache(context: FlowContext, validation: "Validation") -> MarkedFile | None:
    """Ask how long the cache is to live, and write the file with the marks beside the other.

    Returns:
        The file; ``None`` where nothing is worth a mark, or the user left.

    Raises:
        BatchtuiError: The file cannot be read any more or has changed, or nothing be written.
    """
    from batchtui.submission.cache_plan import plan_cache, useful_plans, write_marked
    from batchtui.submission.source import RequestSource

    source = await asyncio.to_thread(RequestSource, validation.source.path)
    planning = asyncio.to_thread(plan_cache, source)
    title = "Looking for what the requests share"
    plans = await work(context.navigation, title, planning, Meter(), lambda _: BLANK)
    if plans is None:
        return None
    prices = await context.prices()
    lifetime = await _ask(context, plans, prices)
    if lifetime is None:
        return None
    useful = useful_plans(plans, prices, lifetime)
    await asyncio.to_thread(source.require, validation.source)
    path = await asyncio.to_thread(_free_path, validation.source.path)
    count = await asyncio.to_thread(write_marked, source, useful, lifetime, path)
    marked = f"{plural(count, 'request')} are marked for the cache ({_LIFETIMES[lifetime]})"
    canary = f"{context.key_of(SendCanary)} ({SendCanary.label})"
    return MarkedFile(
        path,
        (
            f"{marked}: {_savings(useful, prices, lifetime)}.",
            f"{canary} with 1 sends one request first, which warms the cache; the others after it.",
        ),
    )


async def _ask(
    context: FlowContext, plans: "Mapping[str, ModelPlan]", prices: "PriceTable"
) -> "Lifetime | None":
    """Say what each lifetime saves, and ask which; say why, where nothing is to be saved."""
    from batchtui.submission.cache_plan import useful_plans

    choices: list[Choice[Lifetime]] = []
    for lifetime, words in _LIFETIMES.items():
        useful = useful_plans(plans, prices, lifetime)
        if useful:
            saved = _savings(useful, prices, lifetime)
            choices.append(Choice(line(f"{words:<11}", (saved, "muted")), lifetime))
    if not choices:
        why = "; ".join(_shared(plans, prices))
        context.notify(f"No mark would save anything: {why}.", severity="warning", timeout=12)
        return None
    body: tuple[Line, ...] = (*map(line, _shared(plans, prices)), BLANK)
    title = "How long is the cache to live?"
    chosen: Lifetime | None = await context.ask(
        ChoiceDialog(title, choices, body=body, confirm="Mark")
    )
    return chosen


def _shared(plans: "Mapping[str, ModelPlan]", prices: "PriceTable") -> Iterator[str]:
    from batchtui.submission.cache_plan import describe_prefix

    for model, plan in plans.items():
        yield visible(f"{model}: {', '.join(describe_prefix(plan, prices))}")


def _savings(plans: "Mapping[str, ModelPlan]", prices: "PriceTable", lifetime: "Lifetime") -> str:
    from batchtui.submission.cache_plan import HIT_RATES, saving_words, savings

    of_each = [savings(plan, prices, lifetime) or () for plan in plans.values()]
    totals = map(sum, zip(*of_each, strict=True))
    return ", ".join(
        f"{saving_words(total)} at {rate * 100:.0f} % hits"
        for rate, total in zip(HIT_RATES, totals, strict=True)
    )


def _free_path(path: Path) -> Path:
    """Return a name beside a file that is not taken."""
    from batchtui.submission.prepare import label_of

    stem = label_of(path)
    names = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    paths = (path.with_name(f"{stem}-cached{more}.jsonl") for more in names)
    return next(one for one in paths if not one.exists())
