"""Checking a request file, and saying what is in it and what is wrong with it."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from batchtui.api.errors import ApiError
from batchtui.cli.common import OfflineAccount
from batchtui.cli.exits import note, write_line
from batchtui.cli.output import Json, Output
from batchtui.cli.progress import ProgressLine
from batchtui.clock import SystemClock
from batchtui.config.loading import LoadedSettings
from batchtui.config.paths import Paths
from batchtui.formatting import format_count, format_size, plural
from batchtui.library.errors import LibraryError
from batchtui.prices import PriceTable, load_prices
from batchtui.session import Session
from batchtui.submission.cost import CostEstimate, TokenCount, estimate_cost
from batchtui.submission.problems import FileProblem
from batchtui.submission.source import RequestSource
from batchtui.submission.token_count import choose_requests, count_sample
from batchtui.submission.validate import Validation, validate
from batchtui.untrusted import visible

FIELDS_HELP = """\
JSON of --dry-run, one object a file:
  file sha256 size          the file, on disk
  requests body_bytes       how many, and the bytes of the body if all went at once
  batches                   how many batches it takes
  models max_tokens_total   requests by model; what all answers may be at most
  repeated                  requests that ask the same as one before them, under another id
  cost                      {low, high, currency, assumed, advice, unknown_models, as_of,
                            discount}, an estimate in US dollars, or null where no price is known
  sent_before               {at, batches, parts, finished} of the last time, or null
  sends                     with --canary or --rest {part, requests, body_bytes, batches, cost} of
                            what would go
  longest                   {custom_id, line, size, model} of the largest request, or null
  failing                   requests that would fail, each counted once
  errors warnings           how many of each; an error fails a request or the whole file
  sendable                  whether it can be sent at all
  needs_split               whether it is too large for one batch
  problems                  [{line, custom_id, kind, severity, message}], severity fatal (nothing
                            can be sent), error (the request will fail) or warning
  problems_cut              whether there are more than are listed"""

_SHOWN = 20
"""Problems written out for a person."""


def check_file(path: Path, loaded: LoadedSettings | None = None) -> Validation:
    """Read a file to its end and check every request, with a progress line.

    Args:
        path: The file.
        loaded: Says which beta headers are sent along; None where it is not known who sends it.

    Raises:
        SourceError: It cannot be read.
    """
    paths = Paths.from_environment(os.environ) if loaded is None else loaded.paths
    source = RequestSource(path)
    size = source.stamp().size
    of_all = "" if source.packing else f" of {format_size(size)}"
    with ProgressLine() as progress:
        return validate(
            source,
            betas=None if loaded is None else loaded.profile.betas,
            prices=load_prices(paths.prices_file),
            on_progress=lambda done: progress.show(
                f"Checking {path.name}: {format_size(done)}{of_all}"
            ),
        )


def problems_of(validation: Validation) -> tuple[FileProblem, ...]:
    """Return all that is wrong, limits included."""
    return (*validation.limit_problems, *validation.problems.listed)


def severity_of(problem: FileProblem) -> str:
    """Return ``fatal``, ``error`` or ``warning``."""
    if problem.kind.is_fatal:
        return "fatal"
    return "warning" if problem.is_warning else "error"


def report_problems(validation: Validation, *, may_split: bool = False) -> None:
    """Write what is wrong to stderr, the worst first.

    Args:
        validation: The file.
        may_split: Whether it is no fault that it does not fit one batch.
    """
    found = validation.problems.listed if may_split else problems_of(validation)
    problems = sorted(found, key=lambda one: _RANK[severity_of(one)])
    name = validation.source.name
    for problem in problems[:_SHOWN]:
        where = f"{name}:{problem.line}" if problem.line else name
        who = f" {problem.custom_id}:" if problem.custom_id else ""
        write_line(visible(f"{where}: {severity_of(problem)}:{who} {problem.message}"))
    limits = 0 if may_split else len(validation.limit_problems)
    total = sum(validation.problems.counts.values()) + limits
    if total > _SHOWN:
        write_line(
            f"{visible(name)}: {format_count(total - _SHOWN)} more;"
            " create --dry-run --json lists them"
        )


_RANK: Mapping[str, int] = {"fatal": 0, "error": 1, "warning": 2}


def cost_fields(cost: CostEstimate | None, prices: PriceTable) -> Json:
    """Return what a file costs as an object of JSON; ``None`` where no price is known."""
    if cost is None:
        return None
    return {
        "low": round(cost.low, 6),
        "high": round(cost.high, 6),
        "currency": "USD",
        "assumed": cost.assumed,
        "advice": cost.advice,
        "unknown_models": cost.unknown,
        "as_of": prices.as_of.isoformat(),
        "discount": prices.batch_discount,
    }


def count_tokens(
    account: OfflineAccount, validations: Sequence[Validation], count: int
) -> Mapping[str, TokenCount]:
    """Have the API count the tokens of requests of all lengths; says so where it does not.

    Args:
        account: Whose key is used.
        validations: The files.
        count: Requests of each file that are counted, at most.
    """

    async def ask(session: Session) -> Mapping[str, TokenCount]:
        chosen = [one for file in validations for one in choose_requests(file, count)]
        try:
            return await count_sample(chosen, session.client.count_tokens)
        except ApiError as error:
            note(f"The tokens were not counted: {error.message}")
            return {}

    return account.run(ask) if count else {}


def estimate_costs(
    account: OfflineAccount,
    validations: Sequence[Validation],
    counted: Mapping[str, TokenCount] = MappingProxyType({}),
) -> tuple[PriceTable, list[CostEstimate | None]]:
    """Estimate what files cost, by what the account's own batches came to; needs no key."""
    from batchtui import token_history

    prices = load_prices(account.loaded.paths.prices_file)
    if prices.problem:
        note(prices.problem)
    # a data folder that cannot be used keeps nobody from a guess
    with contextlib.suppress(LibraryError), account.ledger() as ledger:
        store, clock = account.store(), SystemClock()
        costs = token_history.estimate_costs(
            validations, prices, ledger, store, clock, counted=counted
        )
        return prices, asyncio.run(costs)
    return prices, [estimate_cost(one.stats, prices, {}, counted) for one in validations]


def validation_fields(validation: Validation) -> dict[str, Json]:
    """Return what a file is, holds and lacks, as a JSON object."""
    stats, problems = validation.stats, validation.problems
    longest = stats.longest
    return {
        "file": str(validation.source.path),
        "sha256": validation.source.sha256,
        "size": validation.source.size,
        "requests": validation.requests,
        "body_bytes": validation.body_bytes,
        "batches": validation.batches,
        "models": stats.models,
        "max_tokens_total": stats.max_tokens_total,
        "repeated": stats.repeated,
        "longest": None
        if longest is None
        else {
            "custom_id": longest.custom_id,
            "line": longest.line,
            "size": longest.size,
            "model": longest.model,
        },
        "failing": problems.failing,
        "errors": problems.errors,
        "warnings": problems.warnings,
        "sendable": validation.is_sendable,
        "needs_split": validation.needs_split,
        "problems": [
            {
                "line": problem.line,
                "custom_id": problem.custom_id or None,
                "kind": problem.kind.name.lower(),
                "severity": severity_of(problem),
                "message": problem.message,
            }
            for problem in problems_of(validation)
        ],
        "problems_cut": problems.is_cut,
    }


def show_validation(validation: Validation, cost: CostEstimate | None, out: Output) -> None:
    """Write for a person what a file holds and costs."""
    for name, text in (*_lines(validation), *cost_lines(cost)):
        out.line(f"{name:<12}{visible(text)}")


def cost_lines(cost: CostEstimate | None) -> Iterator[tuple[str, str]]:
    """Yield what a file costs and what that rests on, each with its title."""
    if cost is None:
        yield "cost", "not known: no price of its models is known"
        return
    yield "cost", cost.words
    for sentence in cost.assumed:
        yield "", sentence
    for sentence in cost.advice:
        yield "", f"{sentence} See batchtui cache."
    for sentence in cost.left_out:
        yield "", sentence


def _lines(validation: Validation) -> Iterator[tuple[str, str]]:
    stats, problems = validation.stats, validation.problems
    yield "file", f"{validation.source.place}, {format_size(validation.source.size)}"
    count, size = format_count(validation.requests), format_size(validation.body_bytes)
    yield "requests", f"{count}, {size} to send"
    batches = validation.batches
    if batches > 1:
        yield "batches", f"{format_count(batches)} (--split)"
    for model, number in stats.models.items():
        yield "model", f"{model or '(none)'}: {format_count(number)}"
    yield "max_tokens", f"{format_count(stats.max_tokens_total)} in all"
    if stats.longest is not None:
        longest = stats.longest
        size = format_size(longest.size)
        yield "longest", f"{longest.custom_id}, line {format_count(longest.line)}, {size}"
    errors, warnings = format_count(problems.errors), format_count(problems.warnings)
    if stats.repeated:
        yield "repeated", f"{plural(stats.repeated, 'request')} the same as one before"
    failing = f" in {plural(problems.failing, 'request')}" if problems.failing else ""
    yield "problems", f"{errors} errors{failing}, {warnings} warnings"
    yield "sendable", _sendable(validation)


def _sendable(validation: Validation) -> str:
    if not validation.is_sendable:
        return "no"
    if validation.problems.errors:
        return "only with --yes: requests with errors will fail"
    return "yes"
