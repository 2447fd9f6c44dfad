"""The results of all tries of a batch: where they are, those that are open, and them as one."""

import asyncio
from collections.abc import Callable
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
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.merge_view import MergeState, Place, TryState, with_merged
from batchtui.tui.screens.submission.results_here import download, open_here
from batchtui.tui.screens.submission.work_dialog import Meter, Stopped, work

if TYPE_CHECKING:
    from batchtui.results.opening import ResultsFile
    from batchtui.results.reader import RowReader


class TryFiles:
    """The results of a line of tries, to be merged and written.

    Args:
        context: Whose account.
        records: The line, oldest first.
    """

    def __init__(self, context: FlowContext, records: tuple[BatchRecord, ...]) -> None:
        self._context = context
        self._records = records
        self._files: dict[str, ResultsFile] = {}
        self._readers: dict[str, RowReader] = {}
        """The results that are open and what reads their rows, by batch."""
        self._merged: Merged | None = None

    async def locate(self, batch: MessageBatch) -> MergeState:
        """Find out where the results of every try are.

        Args:
            batch: One of the tries, as the server shows it.
        """
        tries = [await self._state_of(record, batch) for record in self._records]
        name = await asyncio.to_thread(self._context.name_of, batch)
        return MergeState(name, tuple(tries))

    async def _state_of(self, record: BatchRecord, batch: MessageBatch) -> TryState:
        batch_id = record.batch_id
        name = await asyncio.to_thread(self._context.name_of, batch_id)
        stored = await asyncio.to_thread(self._context.session.store.stored, batch_id)
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
            return await self._context.session.client.retrieve(record.batch_id)
        except NotFound:
            return None

    async def download(self, state: MergeState) -> MergeState:
        """Download what lacks, as far as it comes; an error is shown."""
        try:
            for one in state.missing:
                if one.batch is None or not await download(self._context, one.batch):
                    break
                state = state.with_try(replace(one, place=Place.HERE))
        except ResultsFileError as error:
            self._context.notify_error(error)
        return state

    async def merge(self, state: MergeState) -> MergeState:
        """Open what is here and merge it."""
        for one in state.tries:
            if one.place is Place.HERE and one.batch_id not in self._files:
                try:
                    file = await open_here(self._context, one.batch_id)
                except Stopped:
                    break
                if file is not None:
                    self._files[one.batch_id] = file
                    self._readers[one.batch_id] = file.reader()
        if not self._files:
            return state
        self._merged = merged = await asyncio.to_thread(self._merge_files, state)
        indexes = {one: file.index for one, file in self._files.items()}
        return await asyncio.to_thread(with_merged, state, merged, indexes)

    def _merge_files(self, state: MergeState) -> Merged:
        here = [one.batch_id for one in state.tries if one.batch_id in self._files]
        outcomes = {one: self._files[one].index.outcomes() for one in here}
        return merge([Try(one, try_rows(outcomes[one]), self._readers[one].raw) for one in here])

    async def write_ours(self, title: str) -> MergedResults | None:
        """Write everything into a file of ours, to be read; ``None`` if the user stopped it.

        Args:
            title: What the user calls the batch; safe to show.
        """
        merged = self._merged
        if merged is None:
            return None
        folder = self._context.session.loaded.data_dir / "merged"
        path = folder / f"{file_name(self._records[0].batch_id)}.jsonl"
        if await self.write(path, is_ours=True) is None:
            return None
        batches = {row.custom_id: merged.line[row.try_number].batch_id for row in merged.rows}
        tries = f"{len(merged.line)} of {plural(len(self._records), 'try', 'tries')}"
        return MergedResults(path, title, tries, batches)

    async def write(
        self, path: Path, *, only_successes: bool = False, is_ours: bool = False
    ) -> int | None:
        """Write what is merged, and return how many lines; ``None`` if the user stopped it.

        Args:
            path: Must not exist, unless it is ours.
            only_successes: Leave out ids without an answer.
            is_ours: Whether it is a file of the program's own, which nobody else may read.
        """
        merged = self._merged
        if merged is None:
            return None
        meter = Meter(merged.successes if only_successes else len(merged.rows))
        return await work(
            self._context.navigation,
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

    def close(self) -> None:
        """Close the files."""
        for reader in self._readers.values():
            reader.close()
        for file in self._files.values():
            file.close()


def _metered(merged: Merged, meter: Meter) -> Merged:
    """Return the same, noting how many rows were read."""

    def noted(raw: Callable[[int], bytes]) -> Callable[[int], bytes]:
        def read(row: int) -> bytes:
            meter.note(meter.done + 1)
            return raw(row)

        return read

    line_of_tries = tuple(replace(one, raw=noted(one.raw)) for one in merged.line)
    return replace(merged, line=line_of_tries)
