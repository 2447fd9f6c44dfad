"""Requests out of a table: what is sent, under which ids, and what is refused."""

import base64
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.custom_ids import CustomIds
from batchtui.submission.make import (
    MakeError,
    Recipe,
    examples_of,
    make_requests,
    parse_param,
    write_requests,
)
from batchtui.submission.source import RequestSource
from batchtui.submission.template import Template, TemplateError
from batchtui.submission.validate import validate
from batchtui.tables import Table, TableError
from batchtui.whole_files import FileExists
from tests.json_values import inside

PNG = b"\x89PNG\r\n\x1a\n rest"


@pytest.fixture
def table(tmp_path: Path) -> Table:
    path = tmp_path / "reviews.csv"
    path.write_text('id,text,scan\na 1,"Good, but late",a.png\na 1,{{id}},\n,Bad,\n')
    (tmp_path / "a.png").write_bytes(PNG)
    return Table(path)


def recipe(prompt: str, **others: object) -> Recipe:
    made = Recipe(prompt=Template.parse(prompt), model="claude-haiku-4-5", max_tokens=50)
    return msgspec.structs.replace(made, **others)


def made(table: Table, wanted: Recipe) -> list[dict[str, object]]:
    return [json.loads(one.line) for one in make_requests(table, wanted)]


def test_each_row_is_asked_in_order(table: Table) -> None:
    requests = made(table, recipe("Judge: {{ text }}!", id_column="id"))
    assert [one["custom_id"] for one in requests] == ["a-1", "a-1-2", "row-000003"]
    assert requests[0]["params"] == {
        "model": "claude-haiku-4-5",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "Judge: Good, but late!"}],
    }


def test_a_cell_is_never_a_template(table: Table) -> None:
    second = made(table, recipe("{{text}}"))[1]
    assert second["params"] == {
        "model": "claude-haiku-4-5",
        "max_tokens": 50,
        "messages": [{"role": "user", "content": "{{id}}"}],
    }


def test_two_braces_can_be_written() -> None:
    assert Template.parse(r"\{{a}} {{b}}").columns == ("b",)


def test_system_examples_params_and_the_beginning_of_the_answer(
    table: Table, tmp_path: Path
) -> None:
    shots = tmp_path / "shots.jsonl"
    shots.write_text('{"text": "Fine", "label": "good"}\n')
    prompt = Template.parse("Judge: {{text}}")
    wanted = recipe(
        "Judge: {{text}}",
        system=Template.parse("For {{id}}"),
        examples=examples_of(Table(shots), prompt, "label"),
        params=dict([parse_param("temperature=0.10")]),
        prefill="{",
    )
    line = next(make_requests(table, wanted)).line
    assert b'"temperature":0.10' in line  # as it was typed
    params = json.loads(line)["params"]
    assert params["system"] == "For a 1"
    assert [(one["role"], one["content"]) for one in params["messages"]] == [
        ("user", "Judge: Fine"),
        ("assistant", "good"),
        ("user", "Judge: Good, but late"),
        ("assistant", "{"),
    ]


def test_an_image_goes_before_the_prompt(table: Table, tmp_path: Path) -> None:
    first, second, _ = made(table, recipe("{{text}}", attached=("scan",), folder=tmp_path))
    content = inside(first, "params", "messages", 0, "content")
    assert inside(content, 0, "source") == {
        "type": "base64",
        "media_type": "image/png",
        "data": base64.b64encode(PNG).decode(),
    }
    assert inside(content, 1) == {"type": "text", "text": "Good, but late"}
    assert inside(second, "params", "messages", 0, "content") == "{{id}}"


@pytest.mark.parametrize("name", ["../secret.png", "/etc/hostname", "notes.txt", "missing.png"])
def test_only_images_and_pdfs_of_the_tables_own_folder_are_sent(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "notes.txt").write_text("not an image")
    path = folder / "t.csv"
    path.write_text(f"scan\n{name}\n")
    with pytest.raises(MakeError, match="Line 2, column scan"):
        made(Table(path), recipe("x", attached=("scan",), folder=folder))


def test_a_column_that_is_missing_is_named_before_anything_is_made(table: Table) -> None:
    with pytest.raises(TableError, match="no column 'txt'"):
        made(table, recipe("{{txt}}"))


@pytest.mark.parametrize(
    "text",
    [
        "temperature",
        "=1",
        "temperature=warm",
        'model="x"',
        "metadata=" + "[" * 3000 + "]" * 3000,
    ],
    ids=lambda text: text[:20],
)
def test_params_that_cannot_be(text: str) -> None:
    with pytest.raises(MakeError):
        parse_param(text)


def test_a_param_is_read_from_a_file_that_is_not_too_large(tmp_path: Path) -> None:
    path = tmp_path / "tools.json"
    path.write_bytes(b"\xef\xbb\xbf[1]\n")
    assert parse_param(f"tools=@{path}") == ("tools", msgspec.Raw(b"[1]"))
    with path.open("wb") as file:
        file.truncate(33_000_000)
    with pytest.raises(MakeError, match="more than 32 MB"):
        parse_param(f"tools=@{path}")


def test_an_empty_prompt_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prompt.txt"
    path.write_text("\n")
    with pytest.raises(TemplateError, match="empty"):
        Template.read(path)


def test_the_file_passes_the_check_and_the_map_is_kept(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    written = write_requests(
        make_requests(table, recipe("{{text}}", id_column="id")), path, id_column="id"
    )
    validation = validate(RequestSource(path))
    assert (written.requests, validation.problems.counts) == (3, {})
    assert written.map_file is not None
    rows = [json.loads(line) for line in written.map_file.read_text().splitlines()]
    assert rows[1] == {"row": 2, "custom_id": "a-1-2", "id": "a 1"}


def test_the_map_says_both_ids_whatever_the_column_is_called(tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_text("custom_id\na 1\n")
    written = write_requests(
        make_requests(Table(data), recipe("x", id_column="custom_id")),
        tmp_path / "requests.jsonl",
        id_column="custom_id",
    )
    assert written.map_file is not None
    entry = json.loads(written.map_file.read_text())
    assert entry == {"row": 1, "custom_id": "a-1", "asked_id": "a 1"}


def test_a_map_goes_with_the_file_that_it_was_of(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"

    def write(id_column: str | None) -> Path | None:
        requests = make_requests(table, recipe("{{text}}", id_column=id_column))
        return write_requests(requests, path, id_column=id_column, overwrite=True).map_file

    map_file = write("id")
    assert map_file is not None
    assert write(None) is None
    assert not map_file.exists()


@pytest.mark.parametrize("id_column", ["id", None])
def test_a_map_that_is_there_is_not_replaced_unasked(
    table: Table, tmp_path: Path, id_column: str | None
) -> None:
    path, kept = tmp_path / "requests.jsonl", tmp_path / "requests.jsonl.ids.jsonl"
    kept.write_text("mine")

    def write(*, overwrite: bool) -> Path | None:
        requests = make_requests(table, recipe("{{text}}", id_column=id_column))
        return write_requests(requests, path, id_column=id_column, overwrite=overwrite).map_file

    with pytest.raises(FileExists, match=r"requests\.jsonl\.ids\.jsonl exists"):
        write(overwrite=False)
    assert kept.read_text() == "mine"
    assert not path.exists()
    assert write(overwrite=True) == (kept if id_column else None)
    assert not kept.exists() or kept.read_text() != "mine"


def test_nothing_is_replaced_and_nothing_half_is_left(table: Table, tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text("mine")
    with pytest.raises(FileExists):
        write_requests(make_requests(table, recipe("x")), path, id_column=None)
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n3\n")
    with pytest.raises(TableError):
        write_requests(
            make_requests(Table(broken), recipe("{{a}}")), path, id_column=None, overwrite=True
        )
    assert path.read_text() == "mine"
    assert {one.name for one in tmp_path.iterdir()} == {
        "reviews.csv",
        "a.png",
        "requests.jsonl",
        "broken.csv",
    }


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text(max_size=80) | st.sampled_from(["a", "a-2", "é", "x" * 70]), max_size=20))
def test_ids_are_always_valid_unique_and_the_same_again(values: list[str]) -> None:
    def ids() -> list[str]:
        maker = CustomIds()
        return [maker.next_id(number, value) for number, value in enumerate(values, start=1)]

    made_ids = ids()
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", one) for one in made_ids)
    assert len(set(made_ids)) == len(values)
    assert made_ids == ids()


def test_a_column_of_one_value_makes_ids_without_counting_all_of_them_again() -> None:
    maker = CustomIds()
    ids = [maker.next_id(number, "same") for number in range(1, 50_001)]
    assert ids[:2] == ["same", "same-2"]
    assert ids[-1] == "same-50000"


def test_a_copy_takes_no_name_that_the_table_has_itself() -> None:
    maker = CustomIds()
    values = ["a-3", "a", "a", "a", "a-2", "a-2"]
    ids = [maker.next_id(number, value) for number, value in enumerate(values, start=1)]
    assert ids == ["a-3", "a", "a-2", "a-4", "a-2-2", "a-2-3"]
