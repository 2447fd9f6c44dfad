"""All tries of a batch as one: the newest answer of every request, written into one file."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batchtui.api.errors import NotFound
from batchtui.api.models import MessageBatch
from batchtui.batches.rules import can_view_results
from batchtui.filenames import file_name
from batchtui.formatting import format_count, plural
from batchtui.library.ledger_values import BatchRecord
from batchtui.results.errors import ResultsFileError
from batchtui.submission.merge import Merged, MergedResults, Try, export_merged, merge, try_rows
from batchtui.tui.lines import line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.merge_view import (
    MergeView,
    Place,
    TryState,
    with_merged,
)
from batchtui.tui.screens.submission.path_prompt import PathQuestion, ask_path
from batchtui.tui.screens.submission.paths import why_not_writable
from batchtui.tui.screens.submission.results_here import download, open_here
from batchtui.tui.screens.submission.words import home_short
from batchtui.tui.screens.submission.work_dialog import Meter, Stopped, work

if TYPE_CHECKING:
    from batchtui.results.index import ResultsIndex
    from batchtui.results.opening import ResultsFile
    from batchtui.results.reader import RowReader


@dataclass(slots=True)
class Merging:
    """One merged view while it is open, with the files it reads from."""

    context: FlowContext
    """Whose account."""
    records: tuple[BatchRecord, ...]
    """The line, oldest first."""
    view: MergeView = field(default_factory=lambda: MergeView("", ()))
    """What is shown."""
    merged: Merged | None = None
    """What there is, once something is."""
    files: dict[str, "ResultsFile"] = field(default_factory=dict)
    """The results that are open, by batch."""
    readers: dict[str, "RowReader"] = field(default_factory=dict)
    """What reads their rows, by batch."""

    async def begin(self, batch: MessageBatch) -> None:
        """Find out where the results of every try are, and merge those that are here."""
        tries = [await self._state_of(record, batch) for record in self.records]
        name = await asyncio.to_thread(self.context.name_of, batch)
        self.view = MergeView(name, tuple(tries))
        await self._merge()

    async def fetch(self) -> bool:
        """Download what lacks, and merge again; return whether all of it came."""
        has_all = await self._download_missing()
        # also where one did not come: those before it did
        await self._merge()
        return has_all

    async def _download_missing(self) -> bool:
        try:
            for one in self.view.missing:
                if one.batch is None or not await download(self.context, one.batch):
                    return False
                self._replace(replace(one, place=Place.HERE))
        except ResultsFileError as error:
            self.context.notify_error(error)
            return False
        return True

    async def fetch_if_wanted(self) -> bool:
        """Offer to download what lacks before what is merged is used; return whether to go on."""
        missing = self.view.missing
        if not missing:
            return True
        rows = sum(one.batch.request_counts.total for one in missing if one.batch is not None)
        choices = (
            Choice(line(f"Download {plural(rows, 'row')} first"), value=True),
            Choice(line("Go on with what is here"), value=False),
        )
        lacking = plural(len(missing), "try", "tries")
        body = (line(f"The answers of {lacking} are not on this disk yet."),)
        wants = await self.context.ask(ChoiceDialog("Download first?", choices, body=body))
        return await self.fetch() if wants else wants is not None

    async def write_ours(self) -> MergedResults | None:
        """Write everything into a file of ours, to be read; ``None`` if the user stopped it."""
        merged = self.merged
        if merged is None:
            return None
        folder = self.context.session.loaded.data_dir / "merged"
        path = folder / f"{file_name(self.records[0].batch_id)}.jsonl"
        count = await self._write(merged, path, is_ours=True)
        if count is None:
            return None
        batches = {row.custom_id: merged.line[row.try_number].batch_id for row in merged.rows}
        tries = f"{len(merged.line)} of {plural(len(self.records), 'try', 'tries')}"
        return MergedResults(path, self.view.name, tries, batches)

    async def export(self) -> None:
        """Ask what to write and where, and write it."""
        merged = self.merged
        if merged is None:
            return
        only_answers = await self._ask_what(merged)
        path = None if only_answers is None else await self._ask_where()
        if path is None:
            return
        count = await self._write(merged, path, only_successes=only_answers is True)
        if count is not None:
            self.context.notify(f"{plural(count, 'line')} written to {path}", timeout=10)

    def close(self) -> None:
        """Close the files."""
        for reader in self.readers.values():
            reader.close()
        for file in self.files.values():
            file.close()

    async def _write(
        self, merged: Merged, path: Path, *, only_successes: bool = False, is_ours: bool = False
    ) -> int | None:
        meter = Meter(merged.successes if only_successes else len(merged.rows))
        return await work(
            self.context.navigation,
            "Writing the merged results",
            asyncio.to_thread(
                export_merged,
                _metered(merged, meter),
                path,
                only_successes=only_successes,
                is_ours=is_ours,
            ),
            meter,
            lambda one: line(f"{format_count(one.done)} of {plural(one.total, 'line')}"),
        )

    async def _state_of(self, record: BatchRecord, batch: MessageBatch) -> TryState:
        batch_id = record.batch_id
        name = await asyncio.to_thread(self.context.name_of, batch_id)
        stored = await asyncio.to_thread(self.context.session.store.stored, batch_id)
        if stored is not None:
            return TryState(batch_id, name, Place.HERE, requests=stored.rows)
        known = batch if batch.id == batch_id else await self._ask_server(record)
        if known is None:
            return TryState(batch_id, name, Place.GONE)
        requests = known.request_counts.total
        place = Place.SERVER if can_view_results(known, is_here=False) else Place.GONE
        if known.is_live:
            place = Place.RUNNING
        return TryState(batch_id, name, place, known, requests)

    async def _ask_server(self, record: BatchRecord) -> MessageBatch | None:
        try:
            return await self.context.session.client.retrieve(record.batch_id)
        except NotFound:
            return None

    def _replace(self, state: TryState) -> None:
        tries = tuple(state if one.batch_id == state.batch_id else one for one in self.view.tries)
        self.view = replace(self.view, tries=tries)

    async def _merge(self) -> None:
        """Open what is here and merge it."""
        for one in self.view.tries:
            if one.place is Place.HERE and one.batch_id not in self.files:
                try:
                    file = await open_here(self.context, one.batch_id)
                except Stopped:
                    break
                if file is not None:
                    self.files[one.batch_id] = file
                    self.readers[one.batch_id] = file.reader()
        if self.files:
            self.merged, self.view = await asyncio.to_thread(self._merge_files)

    def _merge_files(self) -> tuple[Merged, MergeView]:
        here = [one.batch_id for one in self.view.tries if one.batch_id in self.files]
        indexes: dict[str, ResultsIndex] = {one: self.files[one].index for one in here}
        merged = merge(
            [Try(one, try_rows(indexes[one].outcomes()), self.readers[one].raw) for one in here]
        )
        return merged, with_merged(self.view, merged, indexes)

    async def _ask_what(self, merged: Merged) -> bool | None:
        """Return whether to write answers only; ``None`` if the user left."""
        failing = len(merged.rows) - merged.successes
        if not failing:
            return True
        everything = f"All {format_count(len(merged.rows))} rows"
        answers = f"The {plural(merged.successes, 'answer')} only"
        choices = [
            Choice(
                line(everything, ("  with the newest failure of the rest", "muted")), value=False
            ),
            Choice(line(answers, (f"  without {format_count(failing)}", "muted")), value=True),
        ]
        return await self.context.ask(ChoiceDialog("Export what?", choices))

    async def _ask_where(self) -> Path | None:
        body = (
            line("One JSON Lines file, in the form of results."),
            line((f"In {home_short(self.context.folder)}", "muted")),
        )
        question = PathQuestion(
            "Export the merged results",
            body,
            value=_file_name(self.view.name),
            check=why_not_writable,
            is_new=True,
            confirm="Write",
        )
        return await ask_path(self.context, question)


def _metered(merged: Merged, meter: Meter) -> Merged:
    """Return the same, noting how many rows were read."""

    def noted(raw: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def read(row: int) -> bytes:
            meter.note(meter.done + 1)
            return raw(row)

        return read

    line_of_tries = tuple(replace(one, raw=noted(one.raw)) for one in merged.line)
    return replace(merged, line=line_of_tries)


def _file_name(name: str) -> str:
    """Return a file name made of a label: nothing in it may mean a folder."""
    kept = "".join(one if one.isalnum() or one in "-_." else "-" for one in name).strip("-.")
    return f"{kept[:80] or 'batch'}-merged.jsonl"
