"""One answer for everybody: search, table, reader and copy agree on its text and its calls."""

import csv
import io
import json
from array import array
from pathlib import Path

import pytest

from batchtui.results.answer import ToolCall, read_answer
from batchtui.results.conversation import answer_only, read_conversation
from batchtui.results.export import Export
from batchtui.results.query.engine import compile_query
from tests.results.understanding.files import ResultsFile, answered

CUT = [
    {"type": "text", "text": "The sky "},
    {"type": "thinking", "thinking": "hm"},
    {"type": "text", "text": "is blue", "citations": [{"cited_text": "not this"}]},
    {"type": "text", "text": "."},
]


@pytest.mark.parametrize("custom_id", [b'"a"', b"7"], ids=["usual", "odd"])
def test_everyone_reads_the_same_text(tmp_path: Path, custom_id: bytes) -> None:
    first = answered("a", content=CUT).replace(b'"a"', custom_id)
    file = ResultsFile(tmp_path / "r.jsonl", [first, answered("b")]).finish()
    line = file.reader.raw(0)
    assert read_answer(line).text == "The sky is blue."
    assert answer_only(read_conversation(line)) == "The sky is blue."
    stream = io.BytesIO()
    Export(file.index, file.reader, array("I", [0]), "csv").write_to(stream)
    (row,) = csv.DictReader(io.StringIO(stream.getvalue().decode(), newline=""))
    assert row["text"] == "The sky is blue."
    for text in ('"sky is blue"', "text~sky.is", '"blue."'):
        assert list(compile_query(text).match_rows(file.index, file.reader)) == [0]
    assert not compile_query('"not this"').match_rows(file.index, file.reader)


@pytest.mark.parametrize("oddity", ["", "\ud800"])
def test_calls_are_kept_as_they_were_written(oddity: str) -> None:
    line = (
        '{"custom_id":"a","result":{"type":"succeeded","message":{"content":['
        '{"type":"text","text":"so' + json.dumps(oddity)[1:-1] + '"},'
        '{"type":"server_tool_use","name":"web","input":{"query":"q"}},'
        '{"type":"tool_use","name":"f","input":{"b":12.50,"a":12345678901234567890123}}]}}}'
    ).encode()
    answer = read_answer(line)
    assert answer.text == "so" + oddity
    assert answer.calls == (
        ToolCall("web", b'{"query":"q"}', is_own=False),
        ToolCall("f", b'{"b":12.50,"a":12345678901234567890123}'),
    )
    assert answer.searched == f"so{oddity}\nq\n12.50\n12345678901234567890123"


@pytest.mark.parametrize("line", [b"", b"{}", b"\xff", b"[1]", b"[" * 9000, b'{"result":3}'])
def test_what_is_no_answer_has_none(line: bytes) -> None:
    assert read_answer(line).searched == ""
