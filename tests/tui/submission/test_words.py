"""The pure parts of the way in: paths, params, labels, groups of rows, what is said."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from batchtui.api.models import MessageBatch
from batchtui.submission.compare import compare
from batchtui.submission.limits import Limits
from batchtui.submission.params import ParamError, parse_changes, written
from batchtui.submission.prepare import retry_label
from batchtui.submission.read import read_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from batchtui.tui.glyphs import ASCII, UNICODE
from batchtui.tui.lines import Line
from batchtui.tui.screens.submission.attach_flow import report_lines
from batchtui.tui.screens.submission.merge_view import (
    MergeState,
    Place,
    TryState,
    export_name,
    merge_summary,
    try_line,
)
from batchtui.tui.screens.submission.paths import (
    complete,
    find_candidates,
    resolve,
    why_not_a_file,
    why_not_writable,
)
from batchtui.tui.screens.submission.preview import (
    Preview,
    overview_lines,
    readiness_line,
    send_question,
    why_no_canary,
)
from batchtui.tui.screens.submission.problem_rows import problem_rows, row_line
from batchtui.tui.screens.submission.request_lines import request_lines
from tests.tui.submission.making import request, write_requests


def test_completion_goes_as_far_as_it_is_clear(tmp_path: Path) -> None:
    for name in ("evals-march.jsonl", "evals-may.jsonl", "notes.txt", ".hidden.jsonl"):
        (tmp_path / name).touch()
    (tmp_path / "evening").mkdir()
    assert complete("evals", find_candidates("evals", tmp_path).found) == "evals-ma"
    assert (
        complete("evals-mar", find_candidates("evals-mar", tmp_path).found) == "evals-march.jsonl"
    )
    assert complete("even", find_candidates("even", tmp_path).found) == "evening/"
    assert complete("nothing", find_candidates("nothing", tmp_path).found) == "nothing"
    assert [one.name for one in find_candidates("", tmp_path).found][-1] == "notes.txt"
    assert [one.name for one in find_candidates(".h", tmp_path).found] == [".hidden.jsonl"]


def test_names_that_act_on_a_terminal_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m.jsonl").touch()
    found = find_candidates("", tmp_path)
    assert not found.found
    assert found.left_out == 1


def test_paths_are_meant_from_the_folder_and_home(tmp_path: Path) -> None:
    assert resolve(" a.jsonl ", tmp_path) == tmp_path / "a.jsonl"
    assert resolve("'with space.jsonl'", tmp_path) == tmp_path / "with space.jsonl"
    assert resolve("~/a.jsonl", tmp_path) == Path.home() / "a.jsonl"
    assert resolve("~no-such-user/a", tmp_path) == tmp_path / "~no-such-user/a"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "there").touch()
    assert "nothing is overwritten" in why_not_writable(tmp_path / "there")
    assert "no folder" in why_not_writable(tmp_path / "no" / "file")
    assert why_not_writable(tmp_path / "new") == ""


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens=4096 temperature=0.2 -top_k",
        "model=claude-sonnet-4-5",
        "'system=Be brief.'",
        "model='\"5\"'",
        "",
    ],
)
def test_changes_are_written_as_they_were_typed(text: str) -> None:
    changes = parse_changes(text)
    assert parse_changes(written(changes)) == changes


def test_changes_have_the_types_of_json() -> None:
    changes = parse_changes(
        'max_tokens=1 thinking={"type":"disabled"} model=x stream=false'.replace('"', '\\"')
    )
    assert changes.set == {
        "max_tokens": 1,
        "thinking": {"type": "disabled"},
        "model": "x",
        "stream": False,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_token=1", 'Did you mean "max_tokens"'),
        ("max_tokens", "say max_tokens=VALUE"),
        ("max_tokens=1 -max_tokens", "is both set and removed"),
        ("custom_id=1", "cannot be changed"),
        ("params=1", "changed one by one"),
        ("'open", "quote"),
        ("=1", "A name is missing"),
        ("metadata=" + "[" * 3000 + "]" * 3000, "nested too deeply"),
    ],
)
def test_what_cannot_be_understood_says_why(text: str, said: str) -> None:
    with pytest.raises(ParamError, match=said):
        parse_changes(text)


@pytest.mark.parametrize(("text", "is_one"), [("1", True), ("9", True), ("10", False)])
def test_how_many_requests_a_canary_may_have(text: str, is_one: bool) -> None:
    assert (why_no_canary(text, 10) == "") == is_one
    assert why_no_canary("9" * 5_000, 10)


def test_labels_of_next_tries_count_on() -> None:
    source = Path("march.jsonl.gz")
    assert retry_label("", source) == "march again"
    assert retry_label("evals", source) == "evals again"
    assert retry_label("evals again", source) == "evals again 2"
    assert retry_label("evals again 2", source) == "evals again 3"
    assert retry_label("a again " + "9" * 5_000, source).endswith("9 again")
    assert retry_label("evals again and more", source) == "evals again and more again"


def _widest(lines: tuple[Line, ...]) -> int:
    return max(len(line.text) for line in lines)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_the_overview_keeps_its_width_and_ascii_stays_ascii(tmp_path: Path, glyphs: object) -> None:
    requests = [request(n, model="m" * 90 if n else "x") for n in range(3)]
    path = write_requests(tmp_path / ("long" * 30 + ".jsonl"), *requests)
    preview = Preview(validate(RequestSource(path)), "l" * 80, retry_of=("p" * 90,))
    chosen = ASCII if glyphs is ASCII else UNICODE
    lines = tuple(overview_lines(preview, chosen, 48))
    assert _widest(lines) <= 50
    if chosen is ASCII:
        assert "\n".join(line.text for line in lines).isascii()
        assert readiness_line(preview, "r").text.isascii()


def test_the_overview_cuts_no_id_beside_room_for_it(tmp_path: Path) -> None:
    name = "contract-0001_clause-14"
    path = write_requests(tmp_path / "a.jsonl", request(1) | {"custom_id": name})
    lines = overview_lines(Preview(validate(RequestSource(path)), "a"), UNICODE, 52)
    assert name in next(one.text for one in lines if one.text.startswith("Longest"))


@pytest.mark.parametrize("is_billed", [True, False])
def test_only_what_costs_something_is_said_to_be_billed(tmp_path: Path, is_billed: bool) -> None:
    path = write_requests(tmp_path / "a.jsonl", request(1))
    preview = Preview(
        validate(RequestSource(path)), "a", sent_before="a.jsonl was sent 3 m ago as a (b1)."
    )
    _, body, _ = send_question(preview, "the demo", is_billed=is_billed)
    words = "\n".join(one.text for one in body)
    assert ("billed" in words) is is_billed
    assert "can be canceled but not changed" in words
    assert "a.jsonl was sent 3 m ago" in words


def test_a_file_is_split_where_it_must_be_or_is_wanted_to_be(tmp_path: Path) -> None:
    path = write_requests(tmp_path / "a.jsonl", request(1), request(2))
    preview = Preview(validate(RequestSource(path), limits=Limits(requests=1)), "a")
    assert (preview.is_split, preview.parts) == (True, 2)
    assert "2, as one group" in "".join(one.text for one in overview_lines(preview, UNICODE, 80))
    fits = replace(preview, validation=replace(preview.validation, limit_problems=()))
    assert (fits.is_split, fits.parts) == (False, 1)
    assert replace(fits, wants_split=True).parts == 2


def test_problems_are_summed_by_weight_and_then_listed(tmp_path: Path) -> None:
    rows = [request(1), request(1), request(2, temperature=9), request(3, max_token=1)]
    validation = validate(RequestSource(write_requests(tmp_path / "a.jsonl", *rows)))
    shown = [row_line(row, 100).text for row in problem_rows(validation.problems)]
    assert "custom_id used twice" in shown[0]
    assert "unfit to send" in shown[0]
    assert "fails its request" in shown[1]
    assert "warning" in shown[2]
    listed = [text.split()[0] for text in shown[5:]]
    assert listed == ["2", "3", "4"]


def test_the_ids_of_problems_take_no_more_room_than_they_need(tmp_path: Path) -> None:
    rows = [{**request(1), "custom_id": "t-6"}] * 2
    validation = validate(RequestSource(write_requests(tmp_path / "a.jsonl", *rows)))
    shown = [row_line(row, 60).text for row in problem_rows(validation.problems)]
    assert shown[-2].index("WHAT IS WRONG") == shown[-2].index("CUSTOM_ID") + len("CUSTOM_ID") + 2
    assert "is used before, on line 1" in shown[-1]
    whole = "a-long-id-that-" * 3
    rows = [{**request(1), "custom_id": whole}] * 2
    validation = validate(RequestSource(write_requests(tmp_path / "a.jsonl", *rows)))
    shown = [row_line(row, 150).text for row in problem_rows(validation.problems)]
    assert f"  {whole}  " in shown[-1]
    cut = [row_line(row, 60).text for row in problem_rows(validation.problems)]
    assert cut[-2].index("WHAT IS WRONG") <= 31
    none = write_requests(tmp_path / "b.jsonl", request(1, model="nobody-knows-it"))
    problems = validate(RequestSource(none)).problems
    assert not any("CUSTOM_ID" in row_line(row, 60).text for row in problem_rows(problems))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no JSON \x1b[31m", ["no JSON \\x1b[31m"]),
        (b'{"custom_id": 1, "params": []}', ["params  []"]),
        (
            b'{"params": {"messages": [{"role": "user", "content": ['
            b'{"type": "text", "text": "a\\nb"},'
            b'{"type": "image", "source": {"data": "' + b"Aa1_" * 225 + b'"}}]}, 7]}}',
            ["user", "a", "b", '{"type":"image","source":{"data":"<base64, 675 B>"}}', "7"],
        ),
        (
            b'{"params": {"messages": [], "metadata": ' + b"[" * 600 + b"]" * 600 + b"}}",
            ["metadata  (nested too deeply to be shown)"],
        ),
        (b'{"params": {"system": [{"type": "text", "text": "S"}], "top_k": 3}}', ["top_k  3", "S"]),
    ],
)
def test_a_request_is_written_out_whatever_it_is(data: bytes, said: list[str]) -> None:
    shown = [one.text.strip() for one in request_lines(data)]
    assert all(words in shown for words in said), shown


def test_a_pipe_is_no_file_to_choose(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "only once" in why_not_a_file(pipe)
    assert "folder" in why_not_a_file(tmp_path)
    assert "no file" in why_not_a_file(tmp_path / "none")


def test_a_cause_that_is_left_is_said_to_its_end() -> None:
    message = "This request would exceed the rate limit of your organization: try it later"
    state = MergeState("mine", (), rows=2, successes=1, causes=((message, 1),))
    lines = tuple(merge_summary(state, "d", 60))
    assert not [one.text for one in lines if len(one.text) > 60]
    assert message in " ".join(" ".join(one.text for one in lines).split())


def test_tries_say_where_their_results_are_and_the_summary_what_lacks() -> None:
    first = TryState("b1", "nightly", Place.SERVER, requests=8)
    running = TryState("b2", "nightly again", Place.RUNNING)
    state = MergeState("nightly", (first, running))
    assert "on the server: d" in try_line(1, first, 80, "-", "d").text
    said = " ".join(one.text for one in merge_summary(state, "d", 80))
    assert "Nothing to merge yet" in said
    assert "nightly. d downloads them" in said
    here = state.with_try(replace(first, place=Place.HERE))
    assert not here.missing
    assert here.tries[1] is running
    said = " ".join(one.text for one in merge_summary(replace(here, rows=8, successes=8), "d", 80))
    assert "8 answered   every one has its answer" in said
    assert "1 try is still running" in said
    assert "downloads" not in said


@pytest.mark.parametrize("name", ["../..", "a/b", ".hidden", ""])
def test_a_label_names_a_file_and_no_folder(name: str) -> None:
    assert Path(export_name(name)).name == export_name(name)
    assert not export_name(name).startswith(".")


@pytest.mark.parametrize(
    ("answered", "is_another"),
    [(["x", "x", "x"], True), (["a", "a", "x", "x", "x", "x"], False), ([], False)],
)
def test_a_file_of_which_no_request_is_answered_is_another(
    answered: list[str], *, is_another: bool
) -> None:
    found = compare(read_requests([b'{"custom_id": "a"}\n{"custom_id": "b"}\n']), answered)
    said = report_lines(found, MessageBatch(id="msgbatch_1"), ASCII, is_compared=True)[-1].text
    assert ("another file" in said) is is_another
