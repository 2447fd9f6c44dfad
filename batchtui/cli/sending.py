"""Sending a checked file: what is told on the way, and what is decided where it is not clear."""

import argparse
from collections.abc import Sequence

from msgspec import Struct

from batchtui.cli.common import RefusedError
from batchtui.cli.exits import complain, note
from batchtui.cli.fields import batch_fields, known_of
from batchtui.cli.output import Json, Output
from batchtui.cli.progress import ProgressLine
from batchtui.formatting import format_count, format_size
from batchtui.library.ledger_values import PartRecord, SubmissionRecord
from batchtui.session import Session
from batchtui.submission.errors import Unresolved
from batchtui.submission.pace import Event, Looking, Made, Uploading, Waiting
from batchtui.submission.prepare import prepare
from batchtui.submission.runner import SubmissionRunner
from batchtui.submission.validate import Validation
from batchtui.untrusted import visible


class Wishes(Struct, frozen=True):
    """How to send.

    Attributes:
        label: The name to start with; the file's, if empty.
        may_split: Whether more than one batch may be made.
        adopt: The batch that an unresolved part has become, or empty.
        anyway: Whether to send what may have been sent before.
        go_on: Whether to continue what was begun with another key.
        parents: The batches whose rows are sent again.
    """

    label: str = ""
    may_split: bool = False
    adopt: str = ""
    anyway: bool = False
    go_on: bool = False
    parents: tuple[str, ...] = ()


def add_sending_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how to send."""
    parser.add_argument("--label", metavar="L", default="", help="the name of the new batch")
    parser.add_argument(
        "--yes", action="store_true", help="send although requests will fail, or were sent before"
    )
    doubt = parser.add_argument_group("where an earlier try left it open whether a batch was made")
    doubt.add_argument("--adopt", metavar="ID", default="", help="it has become this batch")
    doubt.add_argument("--anyway", action="store_true", help="send; it may then exist twice")
    doubt.add_argument(
        "--continue", dest="go_on", action="store_true", help="go on though the key is another"
    )


def wishes_of(options: argparse.Namespace, parents: Sequence[str] = ()) -> Wishes:
    """Read those options."""
    return Wishes(
        label=options.label,
        may_split=getattr(options, "split", False),
        adopt=options.adopt,
        anyway=options.anyway,
        go_on=options.go_on,
        parents=tuple(parents),
    )


class Sender:
    """Sends files of one account and tells of every batch that is made.

    Args:
        session: The account.
        out: Where batches are told.
        progress: Where it is said how far it is.
    """

    def __init__(self, session: Session, out: Output, progress: ProgressLine) -> None:
        self._session = session
        self._out = out
        self._progress = progress
        self._file = ""
        self._parts = 1
        self._parents: tuple[str, ...] = ()
        self._runner = SubmissionRunner(
            session.client, session.ledger, clock=session.clock, on_event=self._tell
        )

    async def send(self, validation: Validation, wishes: Wishes) -> bool:
        """Send a file, or what is left of it.

        Returns:
            Whether all of it was sent; why not has been told.

        Raises:
            BatchtuiError: It cannot be sent, or not now.
        """
        self._file = str(validation.source.path)
        self._parents = wishes.parents
        try:
            begun = self._begun(validation, wishes)
            record = await (
                self._start(validation, wishes) if begun is None else self._go_on(begun, wishes)
            )
        except Unresolved as error:
            self._progress.clear()
            self._tell_unresolved(error, validation)
            return False
        self._label(record, wishes)
        return True

    def _begun(self, validation: Validation, wishes: Wishes) -> SubmissionRecord | None:
        """What was begun of the same file and is not done."""
        journal = self._session.ledger.journal
        sha256, scope = validation.source.sha256, self._session.scope
        begun = journal.open_submission_of(sha256, scope=scope)
        if begun is not None or wishes.anyway:
            return begun
        for other in journal.submissions(open_only=True):
            if other.plan.source.sha256 == sha256 and other.batch_ids:
                if wishes.go_on:
                    return other
                raise RefusedError(
                    f"Sending this file was begun with another key: {len(other.batch_ids)} of"
                    f" {len(other.parts)} batches were made.",
                    hint="If both keys are of one workspace, go on with --continue;"
                    " --anyway sends all of it anew.",
                )
        return None

    async def _start(self, validation: Validation, wishes: Wishes) -> SubmissionRecord:
        plan = prepare(
            validation,
            split=wishes.may_split,
            label=wishes.label,
            parents=wishes.parents,
            scope=self._session.scope,
        )
        self._parts = len(plan.parts)
        return await self._runner.start(plan, knowingly=wishes.anyway)

    async def _go_on(self, begun: SubmissionRecord, wishes: Wishes) -> SubmissionRecord:
        self._parts = len(begun.parts)
        if begun.batch_ids:
            made, parts = format_count(len(begun.batch_ids)), format_count(self._parts)
            note(f"Going on with this file: {made} of {parts} batches were made before.")
        submission_id = begun.plan.submission_id
        for part in begun.parts:
            if part.batch_id is not None:
                self._tell_before(begun, part)
            elif part.state.is_unresolved and wishes.adopt:
                await self._runner.adopt(submission_id, part.plan.number, wishes.adopt)
                note(f"Part {part.plan.number} is taken to have become {wishes.adopt}.")
            elif part.state.is_unresolved and wishes.anyway:
                await self._runner.send_again(submission_id, part.plan.number)
        return await self._runner.run(submission_id)

    def _label(self, record: SubmissionRecord, wishes: Wishes) -> None:
        """What was begun before has the label it was begun with."""
        if wishes.label and record.plan.label != wishes.label:
            for batch_id in record.batch_ids:
                self._session.ledger.set_label(batch_id, wishes.label)

    def _tell(self, event: Event) -> None:
        part = f"Part {event.number} of {self._parts}: " if self._parts > 1 else ""
        match event:
            case Uploading(sent=sent, total=total):
                sizes = f"{format_size(sent)} of {format_size(total)}"
                self._progress.show(f"{part}sending {sizes}", is_due=sent == total)
            case Looking(seconds_left=left):
                self._progress.show(
                    f"{part}no answer came; looking for the batch, {left:.0f} s at most"
                )
            case Waiting(seconds=seconds, why=why) if why:
                self._progress.clear()
                note(f"{part}{why.rstrip('.')}. Trying again in {seconds:.0f} s.")
            case Made():
                self._progress.clear()
                self._tell_made(event)

    def _tell_made(self, event: Made) -> None:
        batch = event.batch
        known = known_of(self._session, [batch])
        if event.is_adopted:
            note(f"{batch.id} was found in the list: it is what the lost answer was about.")
        if self._out.is_table:
            label = known.labels.get(batch.id, "")
            count = format_count(batch.request_counts.total)
            self._out.line(f"{visible(batch.id)}  {count} requests  {visible(label)}".rstrip())
            return
        own: dict[str, Json] = {
            "file": self._file,
            "part": event.number,
            "parts": self._parts,
            "adopted": event.is_adopted,
            "parents": self._parents,
        }
        self._out.record({**batch_fields(batch, known), **own})

    def _tell_before(self, begun: SubmissionRecord, part: PartRecord) -> None:
        """Tell of a batch that an earlier run made: the answer names all batches of the file."""
        if self._out.is_table:
            count = format_count(part.plan.requests)
            self._out.line(f"{visible(part.batch_id or '')}  {count} requests  made before")
            return
        self._out.record(
            {
                "id": part.batch_id,
                "label": begun.plan.label or None,
                "requests": part.plan.requests,
                "file": self._file,
                "part": part.plan.number,
                "parts": self._parts,
                "adopted": False,
                "parents": begun.plan.parents,
            }
        )

    def _tell_unresolved(self, error: Unresolved, validation: Validation) -> None:
        """Say that a person has to decide, and how."""
        complain(error.message)
        other = self._session.ledger.journal.submission(error.submission_id)
        if other is not None and other.plan.source.sha256 != validation.source.sha256:
            hint = f"It was of {other.plan.source.path}: batchtui create that file settles it"
        elif error.candidates:
            hint = "If one of them is yours: --adopt ID"
        else:
            hint = "The same command a little later looks once more"
        note(f"{hint}. --anyway sends, knowing that something may then exist twice.")
