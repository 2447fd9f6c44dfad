"""``batchtui show``: all that is known of one batch."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from batchtui.api.errors import NotFound
from batchtui.api.models import MessageBatch
from batchtui.batches.deadlines import age_of, elapsed_of, expires_in, expiry_of
from batchtui.batches.durations import Outlook, outlook_of, read_history
from batchtui.batches.rules import describe_outcome
from batchtui.cli.batch_ids import IDS_HELP, find_one
from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE, note
from batchtui.cli.fields import FIELDS_HELP, LocalFacts, batch_fields, known_of
from batchtui.cli.output import Json, Output, timestamp
from batchtui.cli.rows import results_text, state_text
from batchtui.config.settings import Settings
from batchtui.formatting import format_age, format_count, format_duration, format_size, format_time
from batchtui.library.ledger_values import BatchRecord, SeenBatch, SourceFile
from batchtui.session import Session
from batchtui.untrusted import visible, visible_lines

EPILOG = f"""\
{IDS_HELP}

{FIELDS_HELP}
and, of one batch alone:
  note           your note, or null
  source         {{path, sha256, size}} of the request file, or null
  tries          ids of the whole line of tries (retries, parts of one file), oldest first
  group_id, part_number, made_at, made_from       of a batch made here, else null
  forecast       {{typical_seconds, likely_by, surely_by, warning}} from your own ended batches"""


class Facts(Struct, frozen=True):
    """What is shown."""

    batch: MessageBatch
    """The batch as the server has it."""
    known: LocalFacts
    """What this disk knows of it."""
    record: BatchRecord | None
    """What the ledger has, or ``None``."""
    tries: tuple[str, ...]
    """The line of tries it belongs to, oldest first."""
    outlook: Outlook
    """What can be said of its end."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    parser.add_argument("id", metavar="ID", help="the batch")
    add_json_option(parser)
    parser.epilog = EPILOG


def run(options: argparse.Namespace) -> int:
    """Show a batch."""
    account = account_of(options)
    settings = account.loaded.settings
    out = Output(as_json=options.json, glyphs=settings.glyphs)
    batch_id = find_one(account, options.id)
    facts = account.run(lambda session: _look(session, batch_id))
    if out.is_table:
        for name, text in _lines(facts, out, settings):
            out.line(f"{name:<11}{text}".rstrip())
    else:
        out.record(_fields(facts))
    return DONE


async def _look(session: Session, batch_id: str) -> Facts:
    try:
        batch = await session.client.retrieve(batch_id)
    except NotFound:
        stored = session.store.stored(batch_id)
        if stored is not None:
            note(f"Its results are still on this disk: {stored.path}")
        raise
    ledger = session.ledger
    ledger.seen.remember([SeenBatch.of(batch)], scope=session.scope)
    known = known_of(session, [batch])
    history = read_history(ledger, scope=session.scope)
    return Facts(
        batch,
        known,
        ledger.record(batch_id),
        tuple(one.batch_id for one in ledger.lineage(batch_id).tries),
        outlook_of(batch, history, known.now),
    )


def _fields(facts: Facts) -> dict[str, Json]:
    record, outlook = facts.record, facts.outlook
    typical = outlook.typical
    return {
        **batch_fields(facts.batch, facts.known),
        "note": (record.note or None) if record else None,
        "source": _source_fields(record.source) if record and record.source else None,
        "tries": facts.tries,
        "group_id": record.group_id if record else None,
        "part_number": record.part_number if record else None,
        "made_at": timestamp(record.made_at) if record else None,
        "made_from": (record.made_from or None) if record else None,
        "forecast": {
            "typical_seconds": typical.p50.total_seconds() if typical else None,
            "likely_by": timestamp(outlook.likely_by),
            "surely_by": timestamp(outlook.surely_by),
            "warning": outlook.warning or None,
        },
    }


def _source_fields(source: SourceFile) -> dict[str, Json]:
    return {"path": str(source.path), "sha256": source.sha256, "size": source.size}


def _lines(facts: Facts, out: Output, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what is shown on a terminal: a name and a text that is safe to show."""
    batch, known = facts.batch, facts.known
    label = known.labels.get(batch.id)
    if label:
        yield "label", visible(label)
    yield "id", visible(batch.id)
    elapsed = elapsed_of(batch, known.now)
    time = ""
    if elapsed is not None:
        long = format_duration(elapsed)
        time = f", {long} of 24 h" if batch.is_live else f", took {long}"
    yield "state", state_text(batch, out.glyphs) + time
    counts = batch.request_counts
    yield "requests", f"{format_count(counts.total)}: {describe_outcome(batch)}"
    yield from _times(facts, settings)
    yield from _results(facts, out)
    yield from _outlook(facts, settings)
    yield from _origin(facts)


def _times(facts: Facts, settings: Settings) -> Iterator[tuple[str, str]]:
    batch, now = facts.batch, facts.known.now
    age = age_of(batch, now)
    if batch.created_at is not None and age is not None:
        yield "created", f"{_moment(batch.created_at, settings)}, {format_age(age)} ago"
    left, expiry = expires_in(batch, now), expiry_of(batch)
    if left is not None and expiry is not None:
        yield "expires", f"{_moment(expiry, settings)}, in {format_duration(left)}"
    for name, moment in (
        ("canceled", batch.cancel_initiated_at),
        ("ended", batch.ended_at),
        ("archived", batch.archived_at),
    ):
        if moment is not None:
            ago = format_age(max(now - moment, timedelta(0)))
            yield name, f"{_moment(moment, settings)}, {ago} ago"


def _moment(moment: datetime, settings: Settings) -> str:
    return format_time(moment, UTC if settings.time_display == "utc" else None)


def _results(facts: Facts, out: Output) -> Iterator[tuple[str, str]]:
    stored = facts.known.stored.get(facts.batch.id)
    text = results_text(facts.batch, facts.known, out.glyphs)
    if stored is not None:
        text = f"here, verified, {format_size(stored.size)}: {visible(str(stored.path))}"
    yield "results", text


def _outlook(facts: Facts, settings: Settings) -> Iterator[tuple[str, str]]:
    outlook = facts.outlook
    if facts.batch.is_live and outlook.typical is not None:
        typical = outlook.typical
        yield (
            "typical",
            f"{format_duration(typical.p50)}, nine in ten within {format_duration(typical.p90)}",
        )
    if outlook.likely_by is not None:
        yield "likely by", _moment(outlook.likely_by, settings)
    if outlook.warning:
        yield "warning", outlook.warning


def _origin(facts: Facts) -> Iterator[tuple[str, str]]:
    record = facts.record
    if record is None:
        return
    if record.made_from:
        yield "made from", visible(record.made_from)
    if record.source is not None:
        yield "source", visible(record.source.place)
    if len(facts.tries) > 1:
        yield "tries", ", ".join(visible(one) for one in facts.tries)
    for place, text in enumerate(visible_lines(record.note).splitlines()):
        yield ("note" if place == 0 else ""), text
