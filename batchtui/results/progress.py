"""How far a download is, and how fast."""

from collections import deque
from datetime import timedelta

from msgspec import Struct

from batchtui.formatting import format_count, format_duration, format_size

_WINDOW = 5.0
"""Seconds over which the speed is taken."""


class DownloadProgress(Struct, frozen=True):
    """A moment of a download."""

    rows: int = 0
    """Rows that can be read."""
    expected_rows: int = 0
    """Requests of the batch."""
    bytes: int = 0
    """Bytes in the file, those of an earlier try included."""
    expected_bytes: int | None = None
    """Bytes the file will have, where the server said so."""
    bytes_per_second: float = 0.0
    """Over the last seconds."""
    notice: str = ""
    """What the user must be told, such as a download from another host without the key."""

    @property
    def seconds_left(self) -> float | None:
        """A guess at how long it will take, None where there is nothing to guess from."""
        if self.bytes_per_second <= 0:
            return None
        if self.expected_bytes is not None:
            return max(0.0, (self.expected_bytes - self.bytes) / self.bytes_per_second)
        if not self.rows or not self.expected_rows:
            return None
        size = self.bytes / self.rows
        return max(0.0, (self.expected_rows - self.rows) * size / self.bytes_per_second)


def describe_progress(progress: DownloadProgress) -> str:
    """Return how far a download is, in a line: rows, size, speed, what is left."""
    parts = [f"{format_count(progress.rows)} of {format_count(progress.expected_rows)} rows"]
    size = format_size(progress.bytes)
    if progress.expected_bytes is not None:
        size += f" of {format_size(progress.expected_bytes)}"
    parts.append(size)
    if progress.bytes_per_second:
        parts.append(f"{format_size(progress.bytes_per_second)}/s")
    if progress.seconds_left is not None:
        parts.append(f"{format_duration(timedelta(seconds=progress.seconds_left))} left")
    return ", ".join(parts)


class Speedometer:
    """Bytes per second over the last seconds."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, int]] = deque()

    def note(self, now: float, total: int) -> float:
        """Note how many bytes there are now.

        Args:
            now: Seconds by a monotonic clock.
            total: Bytes so far.

        Returns:
            Bytes per second; 0.0 at the first call.
        """
        marks = self._marks
        marks.append((now, total))
        while len(marks) > 2 and now - marks[0][0] > _WINDOW:
            marks.popleft()
        seconds = now - marks[0][0]
        return (total - marks[0][1]) / seconds if seconds > 0 else 0.0
