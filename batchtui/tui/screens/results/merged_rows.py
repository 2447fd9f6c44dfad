"""Rows of all tries of a batch as one, from a file that is there for as long as they are shown."""

import asyncio

from batchtui.clock import Clock
from batchtui.submission.merge import MergedResults
from batchtui.tui.screens.results.file_rows import FileRowsSource


class MergedRowsSource(FileRowsSource):
    """Merged results.

    Args:
        merged: They.
        clock: What time it is.
    """

    def __init__(self, merged: MergedResults, clock: Clock) -> None:
        super().__init__(merged.path, clock)
        self.title = f"{merged.title} merged"
        self.name = merged.tries
        self._merged = merged

    def batch_of(self, custom_id: str) -> str | None:
        """Return the batch whose row was taken."""
        return self._merged.batches.get(custom_id)

    async def close(self) -> None:
        """Close the file, and delete it: it is written anew from the results of the tries."""
        await super().close()
        await asyncio.to_thread(self._merged.path.unlink, missing_ok=True)
