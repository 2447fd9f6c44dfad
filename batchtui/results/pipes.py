"""Pipes as files: what comes through is kept on the disk, since rows are read back by offset."""

import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Self

from batchtui.folders import large_temporary_folder
from batchtui.regular_files import is_stream
from batchtui.results.errors import ResultsFileError

_PIECE = 256 * 1024
STDIN = "-"
"""How standard input is called."""


def is_pipe(path: Path) -> bool:
    """Return whether a path is standard input, a pipe or a device, and can be read only once.

    A folder is none of these.
    """
    return str(path) == STDIN or is_stream(path)


class PipedFile:
    """What comes through a pipe, in a file that grows until the other end closes.

    Use it as a context manager: the file is gone afterwards. A pipe that never ends keeps nobody
    waiting: the thread that reads it ends with the program.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        """Open the pipe in a thread, for nobody may have opened its other end yet.

        Args:
            path: The pipe, or ``-``.

        Raises:
            ResultsFileError: There is no place for the file.
        """
        try:
            folder = tempfile.mkdtemp(prefix="batchtui-", dir=large_temporary_folder())
        except OSError as error:
            raise ResultsFileError.from_os(error, path, "keep") from error
        self._folder = Path(folder)
        self._pipe = path
        self._failure: OSError | None = None
        self._has_begun = threading.Event()
        name = "stdin" if str(path) == STDIN else path.name
        self.path = self._folder / (name or "pipe")
        self._file = self.path.open("wb", buffering=0)
        # another program's input must not be taken by whoever reads the keyboard from here on
        self._input = os.dup(sys.stdin.fileno()) if str(path) == STDIN else -1
        self._thread = threading.Thread(target=self._copy, name="pipe-reader", daemon=True)
        self._thread.start()

    def wait_for_start(self) -> None:
        """Wait until something came, or the pipe has ended; what is in it can be told then."""
        self._has_begun.wait()

    def wait(self) -> None:
        """Wait for the end of the pipe.

        Raises:
            ResultsFileError: It cannot be read, or not be kept.
        """
        self._thread.join()
        self.check()

    def check(self) -> None:
        """Make sure that all that came so far was kept.

        Raises:
            ResultsFileError: It was not.
        """
        if self._failure is not None:
            raise ResultsFileError.from_os(self._failure, self._pipe, "read") from self._failure

    def close(self) -> None:
        """Remove the file."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _copy(self) -> None:
        try:
            source = self._input if self._input >= 0 else os.open(self._pipe, os.O_RDONLY)
            try:
                while data := os.read(source, _PIECE):
                    self._file.write(data)
                    self._has_begun.set()
            finally:
                os.close(source)
        except OSError as error:
            self._failure = error
        finally:
            self._file.close()
            self._has_begun.set()
