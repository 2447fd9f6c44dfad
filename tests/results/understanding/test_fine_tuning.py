"""Conversations are written as the API takes them: the request's messages, then the answer."""

import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from batchtui.results.export import Export, NoRequestsError
from batchtui.results.lines import MAX_LINE
from tests.results.understanding.files import ResultsFile, answered, failed

ASKED = '{"role":"user","content":"Q"}'
BIG = "123456789012345678901234567890.10"


def written(file: ResultsFile, *messages: str) -> bytes:
    request = f'{{"params":{{"system":"s","messages":[{",".join(messages or (ASKED,))}]}}}}'
    stream = io.BytesIO()
    Export(
        file.index,
        file.reader,
        range(len(file.index)),
        "messages",
        question=lambda name: None if name == "not asked" else request.encode(),
    ).write_to(stream)
    return stream.getvalue()


def answer_of(line: bytes) -> object:
    """Return the content of the last message of a conversation."""
    return json.loads(line)["messages"][-1]["content"]


def file_of(path: Path, *lines: bytes) -> ResultsFile:
    return ResultsFile(path / "r.jsonl", lines).finish()


def test_the_answer_follows_the_messages_of_the_request(tmp_path: Path) -> None:
    file = file_of(tmp_path, answered("a", "yes"), answered("not asked"), failed("b", "e", "x"))
    (line,) = written(file).splitlines()
    assert [message["role"] for message in json.loads(line)["messages"]] == [
        "system",
        "user",
        "assistant",
    ]
    assert answer_of(line) == "yes"
    with pytest.raises(NoRequestsError):
        Export(file.index, file.reader, [0], "messages").write_to(io.BytesIO())


def test_a_line_too_long_to_be_an_answer_is_no_conversation(tmp_path: Path) -> None:
    file = file_of(tmp_path, answered("a"))
    file.index.lengths[0] = MAX_LINE + 1
    assert written(file) == b""


CALL = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": 1}}
SERVED = {"type": "server_tool_use", "id": "x", "name": "web", "input": {}}
TEXT = {"type": "text", "text": "So:"}


@pytest.mark.parametrize(
    ("blocks", "content"),
    [
        ([TEXT, CALL], [TEXT, CALL]),
        ([CALL, {**CALL, "id": "toolu_2"}], [CALL, {**CALL, "id": "toolu_2"}]),
        ([{"type": "thinking", "thinking": "hm"}, SERVED, TEXT, TEXT], "So:So:"),
        ([{"type": "tool_use", "name": "f"}], [{"type": "tool_use", "name": "f", "input": {}}]),
    ],
)
def test_tool_calls_are_blocks_of_the_answer(
    blocks: Sequence[dict[str, object]], content: object, tmp_path: Path
) -> None:
    assert answer_of(written(file_of(tmp_path, answered("a", content=blocks)))) == content


@pytest.mark.parametrize("blocks", [[], [{"type": "text", "text": ""}], [SERVED]])
def test_an_empty_answer_is_no_conversation(
    blocks: Sequence[dict[str, object]], tmp_path: Path
) -> None:
    assert written(file_of(tmp_path, answered("a", content=blocks))) == b""


@pytest.mark.parametrize("half", ["", "\ud800"])
def test_a_tools_input_is_as_written(half: str, tmp_path: Path) -> None:
    call = {"type": "tool_use", "id": f"t{half}", "name": f"f{half}", "input": {"a": "BIG"}}
    line = answered("a", content=[call]).replace(b'"BIG"', BIG.encode())
    conversation = written(file_of(tmp_path, line))
    assert BIG.encode() in conversation
    (block,) = json.loads(conversation)["messages"][-1]["content"]
    assert (block["id"], block["name"]) == (f"t{half}", f"f{half}")


@pytest.mark.parametrize(
    ("begun", "blocks", "content"),
    [
        ('{"a": "', [{"type": "text", "text": 'b"}'}], '{"a": "b"}'),
        ("\ud83d", [{"type": "text", "text": "\ude00"}], "\U0001f600"),
        ("Well. ", [TEXT, CALL], [{"type": "text", "text": "Well. So:"}, CALL]),
        ("Well.", [CALL], [{"type": "text", "text": "Well."}, CALL]),
        ([TEXT, {**TEXT, "x": 1}], [TEXT], [TEXT, {**TEXT, "x": 1, "text": "So:So:"}]),
    ],
)
def test_an_answer_goes_on_with_what_it_had_to_begin_with(
    begun: object, blocks: Sequence[object], content: object, tmp_path: Path
) -> None:
    file = file_of(tmp_path, answered("a", content=blocks))
    conversation = written(file, ASKED, json.dumps({"role": "assistant", "content": begun}))
    roles = [message["role"] for message in json.loads(conversation)["messages"]]
    assert roles == ["system", "user", "assistant"]
    assert answer_of(conversation) == content


def test_messages_that_are_none_are_written_as_they_are(tmp_path: Path) -> None:
    for message in ('"assistant"', '{"role":1}', '{"role":"user","content":3}'):
        assert message.encode() in written(file_of(tmp_path, answered("a")), ASKED, message)


@pytest.mark.parametrize(
    "request_line", ["", "[" * 5000, '{"params":{"system":"s"}}', '{"params":{"messages":3}}']
)
def test_a_request_without_messages_makes_no_conversation(
    request_line: str, tmp_path: Path
) -> None:
    file = file_of(tmp_path, answered("a"))
    stream = io.BytesIO()
    Export(
        file.index, file.reader, [0], "messages", question=lambda _: request_line.encode()
    ).write_to(stream)
    assert stream.getvalue() == b""
