"""``batchtui cache``: what caching the beginning of requests would save, and the marks for it."""

import argparse
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from batchtui.cli.common import STDOUT, RefusedError, account_of, add_json_option
from batchtui.cli.exits import DONE, FAILED, note
from batchtui.cli.output import Json, Output, stdout_stream
from batchtui.formatting import plural
from batchtui.prices import PriceTable, load_prices
from batchtui.submission.cache_plan import (
    HIT_RATES,
    ModelPlan,
    describe_prefix,
    marked_lines,
    minimum_of,
    plan_cache,
    saving_words,
    savings,
    useful_plans,
    write_marked,
)
from batchtui.submission.source import RequestSource
from batchtui.untrusted import visible

EPILOG = """\
A cache holds the beginning that requests share: tools, then the system prompt, then messages, in
whole pieces. It has to be long enough for the model. Hits in a batch are best effort. Savings are
shown for hit rates of 40 % and 90 %. --output writes the same requests with the marks.
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
    parser.add_argument(
        "--output", metavar="FILE", help="write the marked file here; - is standard output"
    )
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Plan, report, and write the marks if asked."""
    account = account_of(options)
    prices = load_prices(account.loaded.paths.prices_file)
    source = RequestSource(options.file)
    plans = plan_cache(source)
    _report(source, plans, prices, options)
    useful = useful_plans(plans, prices, options.ttl)
    if options.output is not None:
        _write(source, useful, options)
    return DONE if useful else FAILED


def _report(
    source: RequestSource,
    plans: Mapping[str, ModelPlan],
    prices: PriceTable,
    options: argparse.Namespace,
) -> None:
    """Say what caching would save; on stderr where the marked file goes to stdout."""
    if options.output == STDOUT:
        if options.json:
            raise RefusedError("--json and --output - cannot both have standard output.")
        for plan in plans.values():
            _show(plan, prices, options, note)
        return
    out = Output(as_json=options.json)
    for plan in plans.values():
        if out.is_table:
            _show(plan, prices, options, out.line)
        else:
            out.record({"file": str(source.path), **_fields(plan, prices, options)})


def _write(
    source: RequestSource, useful: Mapping[str, ModelPlan], options: argparse.Namespace
) -> None:
    if not useful:
        note("Nothing is worth a mark; nothing was written.")
        return
    if options.output == STDOUT:
        stream = stdout_stream()
        stream.writelines(line for line, _ in marked_lines(source, useful, options.ttl))
        stream.flush()
        return
    count = write_marked(source, useful, options.ttl, Path(options.output))
    note(f"{plural(count, 'request')} marked, written to {options.output}.")
    create = f"batchtui create {shlex.quote(options.output)}"
    note(f"To warm the cache, send one request first: {create} --canary 1")
    note(f"Once that has ended, the others: {create} --rest")


def _fields(plan: ModelPlan, prices: PriceTable, options: argparse.Namespace) -> dict[str, Json]:
    saved, minimum = savings(plan, prices, options.ttl), minimum_of(plan, prices)
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


def _show(
    plan: ModelPlan, prices: PriceTable, options: argparse.Namespace, say: Callable[[str], None]
) -> None:
    say(f"{visible(plan.model) or '(no model)'}: {plural(plan.requests, 'request')}")
    for sentence in describe_prefix(plan, prices):
        say(f"  {sentence}")
    saved = savings(plan, prices, options.ttl)
    if saved is None or not plan.prefix:
        return
    for rate, amount in zip(HIT_RATES, saved, strict=True):
        say(f"  {rate * 100:.0f} % hits, {options.ttl}: {saving_words(amount)}")
