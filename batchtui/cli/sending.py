"""Sending a checked file: what is reported on the way, and who decides what is not clear."""

import asyncio
import shlex
from itertools import chain

from batchtui.cli.common import RefusedError
from batchtui.cli.exits import complain, note
from batchtui.cli.fields import batch_fields, known_of
from batchtui.cli.output import Json, Output
from batchtui.cli.progress import ProgressLine
from batchtui.cli.sending_options import SendOptions
from batchtui.formatting import format_count, format_size, plural
from batchtui.library.ledger_values import PartRecord, SubmissionPlan, SubmissionRecord
from batchtui.session import Session
from batchtui.submission.earlier import Earlier
from batchtui.submission.events import Event, Looking, Made, Uploading, Waiting
from batchtui.submission.prepare import prepare
from batchtui.submission.sending_control import SendingControl
from batchtui.submission.sending_state import SendPhase, SendState
from batchtui.submission.validate import Validation
from batchtui.untrusted import visible


class Sender:
    """Sends files of one account and reports every batch that is made.

    Args:
        session: The account.
        out: Where batches are reported.
        progress: Where it is said how far it is.
    """

    def __init__(self, session: Session, out: Output, progress: ProgressLine) -> None:
        self._session = session
        self._out = out
        self._progress = progress
        self._file = ""
        self._parts = 1
        self._parents: tuple[str, ...] = ()
        self._event: Event | None = None
        self._looked_for: set[int] = set()
        """The parts of which it was said that their batches are looked for."""

    async def send(self, validation: Validation, options: SendOptions, earlier: Earlier) -> bool:
        """Send a file, or what is left of it.

        Args:
            validation: The file.
            options: How to send.
            earlier: What became of its contents before.

        Returns:
            Whether all of it was sent; why not has been reported.

        Raises:
            BatchtuiError: It cannot be sent, or not now.
        """
        begun = self._begun(earlier, options)
        if begun is not None:
            return await self.go_on(begun, options)
        plan = prepare(
            validation,
            split=options.may_split,
            label=options.label,
            parents=options.parents,
            betas=self._session.profile.betas,
            scope=self._session.scope,
        )
        control = self._control(plan, earlier)
        if options.anyway:
            await control.send_knowingly()
        return await self._run(control, options)

    async def go_on(self, begun: SubmissionRecord, options: SendOptions) -> bool:
        """Send what is left of what was begun before.

        Returns:
            Whether all of it was sent; why not has been reported.

        Raises:
            RefusedError: It was begun with another key, and it was not said to go on.
            BatchtuiError: It cannot be sent, or not now.
        """
        if begun.plan.scope != self._session.scope and not options.go_on:
            raise _begun_by_other(begun)
        control = self._control(begun, Earlier())
        self._file = str(begun.plan.source.path)
        if begun.batch_ids:
            made, parts = format_count(len(begun.batch_ids)), format_count(self._parts)
            what = "Going on with this file" if begun.is_open else "This file was sent before"
            note(f"{what}: {made} of {parts} batches were made before.")
            if options.again:  # perhaps of the run that made them, which could not say so
                note("They may be what was asked for: the same command once more sends it again.")
        adopting = _adopting_part(begun, options.adopt)
        for part in begun.parts:
            is_open = part.state.is_unresolved or part in begun.probable
            if part.state.is_done:
                self._report_before(begun, part)
            elif part is adopting:
                await control.adopt(options.adopt, part.plan.number)
                note(f"Part {part.plan.number} is taken to have become {options.adopt}.")
            elif is_open and options.anyway:
                await control.send_knowingly(part.plan.number)
        return await self._run(control, options)

    def _begun(self, earlier: Earlier, options: SendOptions) -> SubmissionRecord | None:
        """Return what was begun of the same file and is not done, or not reported.

        Raises:
            RefusedError: It was begun with another key, and it was not said to go on.
        """
        begun = earlier.begun
        if begun is None:
            return None if options.anyway else earlier.unreported
        if not earlier.is_begun_by_other or (options.go_on and begun.batch_ids):
            return begun
        if options.anyway or not begun.batch_ids:
            return None
        raise _begun_by_other(begun)

    def _control(
        self, submission: SubmissionPlan | SubmissionRecord, earlier: Earlier
    ) -> SendingControl:
        plan = submission if isinstance(submission, SubmissionPlan) else submission.plan
        self._file = str(plan.source.path)
        self._parts = len(plan.parts)
        self._parents = plan.parents
        return SendingControl(
            self._session.client,
            self._session.ledger,
            submission,
            known=earlier.known,
            clock=self._session.clock,
            on_change=self._report,
        )

    async def _run(self, control: SendingControl, options: SendOptions) -> bool:
        try:
            state = await control.send()
        except asyncio.CancelledError:
            self._progress.clear()
            note(_words_of_stop(await control.record()))
            raise
        self._progress.clear()
        if state.error is not None and state.phase in {SendPhase.FAILED, SendPhase.REFUSED}:
            if state.made and state.phase is SendPhase.FAILED:
                made, parts = format_count(len(state.made)), format_count(self._parts)
                note(f"{made} of {parts} batches made. Run the same command again to continue.")
            raise state.error
        if state.phase in {SendPhase.UNRESOLVED, SendPhase.BLOCKED}:
            self._report_unresolved(control)
            return False
        if state.phase is SendPhase.PROBABLE:
            self._report_probable(state)
            return False
        self._label(state, options)
        # from here on the same command again is meant: all that was made has been reported
        await control.mark_reported()
        return True

    def _label(self, state: SendState, options: SendOptions) -> None:
        """Give batches their label: what was begun before has the one it was begun with."""
        if options.label and state.label != options.label:
            for batch_id in state.made.values():
                self._session.ledger.set_label(batch_id, options.label)

    def _report(self, state: SendState) -> None:
        event = state.event
        if event is None or event is self._event:
            return
        self._event = event
        part = f"Part {event.number} of {self._parts}: " if self._parts > 1 else ""
        match event:
            case Uploading(sent=sent, total=total):
                sizes = f"{format_size(sent)} of {format_size(total)}"
                self._progress.show(f"{part}sending {sizes}", is_due=sent == total)
            case Looking(number=number, seconds_left=left):
                if number not in self._looked_for:
                    self._looked_for.add(number)
                    self._progress.clear()
                    note(f"{part}{_words_of(event)}")
                self._progress.show(
                    f"{part}no answer came; looking for the batch, {left:.0f} s at most"
                )
            case Waiting(seconds=seconds, why=why) if why:
                self._progress.clear()
                note(f"{part}{why.rstrip('.')}. Trying again in {seconds:.0f} s.")
            case Made():
                self._progress.clear()
                self._report_made(event)

    def _report_made(self, event: Made) -> None:
        batch = event.batch
        known = known_of(self._session, [batch])
        if event.is_probable:
            note(
                f"{batch.id} was found in the list: it is probably what the lost answer was about."
            )
        elif event.is_adopted:
            note(f"{batch.id} was found in the list: it is what the lost answer was about.")
        if self._out.is_table:
            label = known.labels.get(batch.id, "")
            count = plural(batch.request_counts.total, "request")
            name = "probably" if event.is_probable else visible(label)
            self._out.line(f"{visible(batch.id)}  {count}  {name}".rstrip())
            return
        found = {"adopted": event.is_adopted, "probable": event.is_probable}
        self._out.record({**batch_fields(batch, known), **self._part_fields(event.number), **found})

    def _report_before(self, begun: SubmissionRecord, part: PartRecord) -> None:
        """Report a batch that an earlier run made: the answer names all batches of the file."""
        if self._out.is_table:
            count = plural(part.plan.requests, "request")
            self._out.line(f"{visible(part.batch_id or '')}  {count}  made before")
            return
        self._out.record(
            {
                "id": part.batch_id,
                "label": begun.plan.label or None,
                "requests": part.plan.requests,
                **self._part_fields(part.plan.number),
                "adopted": False,
                "probable": False,
            }
        )

    def _part_fields(self, number: int) -> dict[str, Json]:
        return {
            "file": self._file,
            "part": number,
            "parts": self._parts,
            "parents": self._parents,
        }

    def _report_probable(self, state: SendState) -> None:
        """Say what is not certain, and how it becomes so."""
        ids = [state.made[number] for number in sorted(state.probable)]
        for batch_id in ids:
            complain(
                f"No answer came, and {batch_id} fits: made at that time, of that size. It is"
                " probably yours, but a batch of somebody else would look the same.",
                "When it has ended, the same command compares the custom_ids and decides.",
            )
        note(
            f"--adopt {ids[0]} says that it is yours; --anyway sends, and it may then exist twice."
        )

    def _report_unresolved(self, control: SendingControl) -> None:
        """Say that a person has to decide, and how."""
        state = control.state
        complain(state.message)
        journal = self._session.ledger.journal
        other = journal.submission(control.blocker) if control.blocker else None
        if other is not None and str(other.plan.source.path) != self._file:
            path = other.plan.source.path
            hint = (
                f"It belonged to {path}: run batchtui create {shlex.quote(str(path))} to settle it"
            )
        elif state.candidates:
            hint = "If one of them is yours: --adopt ID"
        else:
            hint = "Run the same command again a little later"
        note(f"{hint}. --anyway sends, knowing that something may then exist twice.")


def _adopting_part(begun: SubmissionRecord, batch_id: str) -> PartRecord | None:
    """Return the part that has become a batch, as the user says: what is probable counts first."""
    unresolved = (part for part in begun.parts if part.state.is_unresolved)
    own = (part for part in begun.probable if part.batch_id == batch_id)
    return next(chain(own, unresolved, begun.probable), None) if batch_id else None


def _words_of_stop(record: SubmissionRecord | None) -> str:
    """Say of what was interrupted what was sent, and how it is gone on with."""
    if record is None:
        return "Stopped: nothing was sent."
    again = "Run the same command again to continue; nothing is sent twice."
    if any(part.state.is_unresolved for part in record.parts):
        return f"Stopped while a request was on its way: it may have made a batch. {again}"
    made, parts = format_count(len(record.batch_ids)), plural(len(record.parts), "batch", "batches")
    return f"Stopped: {made} of {parts} made. {again}"


def _words_of(event: Looking) -> str:
    """Say at once what happened and what is done about it: it may take minutes."""
    why = event.why.rstrip(".") or "No answer came"
    where = "The list is looked at for the batch that it may have made"
    return f"{why}. {where}, {event.seconds_left:.0f} s at most."


def _begun_by_other(begun: SubmissionRecord) -> RefusedError:
    return RefusedError(
        f"Sending this file was begun with another key: {len(begun.batch_ids)} of"
        f" {len(begun.parts)} batches were made.",
        hint="If both keys are of one workspace, go on with --continue;"
        " --anyway sends all of it again.",
    )
