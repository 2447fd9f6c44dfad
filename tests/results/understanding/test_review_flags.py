"""Which answers need a look, while a file grows."""

from pathlib import Path

from batchtui.results.query.engine import compile_query
from batchtui.results.records.registry import records_of
from batchtui.results.review_flags import EMPTY, PROSE, ReviewFlags
from tests.results.understanding.files import ResultsFile, answered, failed

CALL = [{"type": "tool_use", "name": "f", "input": {}}]


def test_cut_declined_paused_and_empty_answers_need_a_look(tmp_path: Path) -> None:
    stops = ["end_turn", "max_tokens", "refusal", "pause_turn", "model_context_window_exceeded"]
    lines = [answered(stop, stop=stop) for stop in stops]
    lines += [answered("empty", " \n"), failed("e", "api_error", "x"), answered("fine")]
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    flags = ReviewFlags()
    flags.update(file.index)
    assert list(flags.rows()) == [1, 2, 3, 4, 5]
    assert flags.count == 5
    assert flags.reasons(file.index, 1) == ("cut at max_tokens",)
    assert flags.reasons(file.index, 5) == (EMPTY,)
    assert flags.reasons(file.index, 0) == flags.reasons(file.index, 6) == ()


def test_text_needs_a_look_where_most_answers_are_json(tmp_path: Path) -> None:
    file = ResultsFile(tmp_path / "r.jsonl", [answered("a", "text"), answered("b", "{}")])
    flags = ReviewFlags()
    flags.update(file.index)
    assert (flags.expects_json, list(flags.rows())) == (False, [])
    more = [answered("c", '["x"]'), answered("d", stop="tool_use", content=CALL)]
    file.add([*more, answered("e", "{", stop="max_tokens")])
    flags.update(file.index)
    assert (flags.expects_json, list(flags.rows())) == (True, [0, 4])
    assert flags.count == 2
    assert flags.reasons(file.index, 0) == (PROSE,)
    assert flags.reasons(file.index, 3) == ()
    assert flags.reasons(file.index, 4) == ("cut at max_tokens",)
    assert list(compile_query("is:look").match_rows(file.index, file.reader)) == [0, 4]


def test_records_tell_which_answers_are_json(tmp_path: Path) -> None:
    fenced = 'So:\n```json\n{"a": 1}\n```\nDone.'
    lines = [answered("a", fenced), answered("b", fenced), answered("c", "{not json}")]
    file = ResultsFile(tmp_path / "r.jsonl", lines)
    flags = ReviewFlags()
    flags.update(file.index)
    assert not flags.rows()
    records_of(file.index).fill(file.reader, 3)
    flags.update(file.index)
    assert list(flags.rows()) == [2]
    assert flags.reasons(file.index, 2) == (PROSE,)
