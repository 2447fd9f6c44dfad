"""Lines of results, and the shortest ways to index them."""

import contextlib
import json
import resource
from collections.abc import Iterable, Iterator

from batchtui.results.index import RESULT_TYPES, ResultsIndex
from batchtui.results.indexing import Indexer


def succeeded(custom_id: str = "a", text: str = "Hello", **message: object) -> bytes:
    fields: dict[str, object] = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-5",
        "content": [{"type": "text", "text": text}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 10, "output_tokens": 20},
    }
    fields.update(message)
    return line(custom_id, {"type": "succeeded", "message": fields})


def errored(custom_id: str = "e", kind: str = "overloaded_error", text: str = "No") -> bytes:
    error = {"type": "error", "error": {"type": kind, "message": text}, "request_id": "req_1"}
    return line(custom_id, {"type": "errored", "error": error})


def other(custom_id: str, kind: str) -> bytes:
    return line(custom_id, {"type": kind})


def line(custom_id: object, result: object) -> bytes:
    return json.dumps({"custom_id": custom_id, "result": result}, ensure_ascii=False).encode(
        errors="surrogatepass"
    )


def index_chunks(chunks: Iterable[bytes]) -> ResultsIndex:
    indexer = Indexer()
    for chunk in chunks:
        for _ in indexer.feed(chunk):
            pass
    for _ in indexer.finish():
        pass
    return indexer.index


def index_lines(*lines: bytes) -> ResultsIndex:
    return index_chunks([b"".join(each + b"\n" for each in lines)])


def type_names(index: ResultsIndex) -> list[str]:
    return [RESULT_TYPES[kind] for kind in index.types]


def records(index: ResultsIndex, data: bytes) -> list[bytes]:
    """The bytes of each row, found by the index."""
    pairs = zip(index.offsets, index.lengths, strict=True)
    return [data[offset : offset + length] for offset, length in pairs]


@contextlib.contextmanager
def small_files(limit: int) -> Iterator[None]:
    """Let the system refuse to make a file larger than this, as a quota would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
