"""Results files for the tests: written, indexed, and open for reading."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from batchtui.results.index import ResultsIndex
from batchtui.results.indexing import Indexer
from batchtui.results.reader import RowReader


class ResultsFile:
    """An indexed results file that can grow."""

    def __init__(self, path: Path, lines: Iterable[bytes] = ()) -> None:
        self.path = path
        self._indexer = Indexer()
        self.index: ResultsIndex = self._indexer.index
        path.write_bytes(b"")
        self.reader = RowReader(path, self.index)
        self.add(lines)

    def add(self, lines: Iterable[bytes]) -> None:
        """Append lines and index them."""
        data = b"".join(line + b"\n" for line in lines)
        with self.path.open("ab") as file:
            file.write(data)
        for _ in self._indexer.feed(data):
            pass

    def finish(self) -> "ResultsFile":
        """Do what is done at the end of a file."""
        for _ in self._indexer.finish():
            pass
        return self


def answered(
    custom_id: str,
    text: str | None = "ok",
    *,
    stop: str | None = "end_turn",
    model: str = "claude-sonnet-4-5",
    content: object = None,
    ensure_ascii: bool = True,
    usage: Mapping[str, object] | None = None,
    **tokens: int,
) -> bytes:
    """A line of a request that was answered."""
    parts = [{"type": "text", "text": text}] if content is None else content
    message = {
        "id": "msg_" + custom_id,
        "model": model,
        "content": parts,
        "stop_reason": stop,
        "usage": {"input_tokens": 10, "output_tokens": 20, **(usage or {}), **tokens},
    }
    line = {"custom_id": custom_id, "result": {"type": "succeeded", "message": message}}
    return json.dumps(line, ensure_ascii=ensure_ascii).encode()


def failed(custom_id: str, kind: str, message: str) -> bytes:
    """A line of a request that ended with an error."""
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_9"}
    line = {"custom_id": custom_id, "result": {"type": "errored", "error": error}}
    return json.dumps(line).encode()


def not_run(custom_id: str, kind: str) -> bytes:
    """A line of a request that was canceled or expired."""
    return json.dumps({"custom_id": custom_id, "result": {"type": kind}}).encode()
