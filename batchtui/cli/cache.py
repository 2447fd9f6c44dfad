"""``batchtui cache``: what caching the beginning of requests would save, and the marks for it."""

import argparse
from collections.abc import Mapping
from pathlib import Path

from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, note
from batchtui.cli.output import Json, Output
from batchtui.formatting import format_count, plural
from batchtui.prices import PriceTable, load_prices
from batchtui.submission.cache_plan import HIT_RATES, ModelPlan, plan_cache, savings, write_marked
from batchtui.submission.source import RequestSource
from batchtui.untrusted import visible

EPILOG = """\
A cache holds the beginning that requests share: tools, then the system prompt, then messages, in
whole pieces. It has to be long enough for the model. Hits in a batch are best effort: what is saved
is said for 40 % and for 90 % of them. --output writes the same requests with the marks.
To warm the cache first, send one request and the others after it:
  batchtui create MARKED --canary 1; batchtui create MARKED --rest

Exit code 0: something would be saved; 1: nothing would.

JSON, one object a model: file, model, requests, marked (have marks already), pieces (that are
shared), tokens (of them, about), minimum (tokens from which the model caches), long_enough,
saving {"40": dollars, "90": dollars} or null where no price is known."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("file", metavar="FILE", type=Path, help="requests")
    parser.add_argument(
        "--ttl", choices=("5m", "1h"), default="1h", help="how long the cache lives (1h)"
    )
    parser.add_argument("--output", metavar="FILE", type=Path, help="write the marked file here")
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Plan, report, and write the marks if asked."""
    account = account_of(options)
    prices = load_prices(account.loaded.paths.prices_file)
    source = RequestSource(options.file)
    plans = plan_cache(source)
    out = Output(as_json=options.json)
    for plan in plans.values():
        if out.is_table:
            _show(plan, prices, options, out)
        else:
            out.record({"file": str(source.path), **_fields(plan, prices, options)})
    useful = {model: plan for model, plan in plans.items() if _is_useful(plan, prices, options)}
    if options.output is not None:
        _write(source, useful, options)
    return DONE if useful else FAILED


def _write(
    source: RequestSource, useful: Mapping[str, ModelPlan], options: argparse.Namespace
) -> None:
    if not useful:
        note("Nothing is worth a mark; nothing was written.")
        return
    count = write_marked(source, useful, options.ttl, options.output)
    note(f"{plural(count, 'request')} marked, written to {options.output}.")


def _minimum(plan: ModelPlan, prices: PriceTable) -> int | None:
    price = prices.find(plan.model)
    return None if price is None else price.cache_minimum


def _is_useful(plan: ModelPlan, prices: PriceTable, options: argparse.Namespace) -> bool:
    saved = savings(plan, prices, options.ttl)
    minimum = _minimum(plan, prices)
    is_long = minimum is not None and plan.tokens >= minimum
    return is_long and saved is not None and saved[-1] > 0 and plan.requests > plan.marked


def _fields(plan: ModelPlan, prices: PriceTable, options: argparse.Namespace) -> dict[str, Json]:
    saved, minimum = savings(plan, prices, options.ttl), _minimum(plan, prices)
    names = [f"{rate * 100:.0f}" for rate in HIT_RATES]
    return {
        "model": plan.model,
        "requests": plan.requests,
        "marked": plan.marked,
        "pieces": len(plan.prefix),
        "tokens": plan.tokens,
        "minimum": minimum,
        "long_enough": None if minimum is None else plan.tokens >= minimum,
        "saving": None
        if saved is None
        else {name: round(amount, 6) for name, amount in zip(names, saved, strict=True)},
    }


def _show(plan: ModelPlan, prices: PriceTable, options: argparse.Namespace, out: Output) -> None:
    out.line(f"{visible(plan.model) or '(no model)'}: {plural(plan.requests, 'request')}")
    if plan.marked:
        out.line(f"  {plural(plan.marked, 'request')} marked already, left as they are")
    if not plan.prefix:
        out.line("  they share no whole piece at their beginning")
        return
    pieces = plural(len(plan.prefix), "piece")
    out.line(
        f"  {pieces} shared, about {format_count(plan.tokens)} tokens ({plan.prefix[-1].part})"
    )
    minimum = _minimum(plan, prices)
    if minimum is not None and plan.tokens < minimum:
        out.line(f"  too short: this model caches from {format_count(minimum)} tokens on")
    saved = savings(plan, prices, options.ttl)
    if saved is None:
        out.line("  what it saves is not known: no price of this model is")
        return
    for rate, amount in zip(HIT_RATES, saved, strict=True):
        words = f"saves ${amount:,.2f}" if amount >= 0 else f"costs ${-amount:,.2f} more"
        out.line(f"  {rate * 100:.0f} % hits, {options.ttl}: {words}")
