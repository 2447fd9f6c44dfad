"""No file is written over that is read for it, by whatever name it is called."""

import os
from pathlib import Path

import pytest

from tests.cli.running import Program, finished, started
from tests.cli.service import rows_of
from tests.cli.test_join import results_for


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "res.jsonl"
    path.write_bytes(rows_of(3, 2, 0, 0))
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture(params=["same", "spelled", "symlink", "link"])
def name(request: pytest.FixtureRequest, results: Path) -> str:
    """A name of the results file."""
    match request.param:
        case "symlink":
            Path("other").symlink_to(results)
            return "other"
        case "link":
            os.link(results, "other")
            return "other"
        case "spelled":
            return f"{results.parent}/../{results.parent.name}/{results.name}"
        case _:
            return results.name


@pytest.mark.parametrize(
    "words", [(), ("--type", "succeeded"), ("--format", "csv"), ("--fields", "custom_id")]
)
def test_results_are_not_replaced_by_some_of_them(
    program: Program, results: Path, name: str, words: tuple[str, ...]
) -> None:
    before = results.read_bytes()
    for force in ((), ("--force",)):
        outcome = program("results", results, *words, "--output", name, *force)
        assert outcome.code == 2
        assert "--force" not in outcome.err
        assert "would be lost" in outcome.err
    assert results.read_bytes() == before
    assert program("results", results, *words, "--output", "new").code == 0


def test_results_that_come_through_standard_input_are_not_replaced(
    results: Path,
) -> None:
    before = results.read_bytes()
    words = ("results", "-", "--type", "succeeded", "--output", results.name, "--force")
    with results.open("rb") as stdin, started(*words, stdin=stdin.fileno()) as process:
        outcome = finished(process)
    assert outcome.code == 2
    assert "would be lost" in outcome.err
    assert results.read_bytes() == before


def test_neither_table_nor_results_are_replaced_by_their_join(
    program: Program, tmp_path: Path
) -> None:
    table = tmp_path / "people.csv"
    table.write_text("ref,name\n1,Ann\n2,Bo\n3,Cy\n")
    answers = results_for(table, "ref")
    for target in (table, answers):
        before = target.read_bytes()
        outcome = program("results", answers, "--join", table, "--output", target, "--force")
        assert (outcome.code, target.read_bytes()) == (2, before)


def test_what_requests_are_made_from_is_not_replaced_by_them(
    program: Program, tmp_path: Path
) -> None:
    names = ("requests.jsonl.ids.jsonl", "p.txt", "s.txt", "e.csv", "f.json")
    data, prompt, system, examples, param = (tmp_path / name for name in names)
    data.write_text('{"id": "a 1", "text": "x"}\n')
    prompt.write_text("{{text}}")
    system.write_text("Be kind")
    examples.write_text("text,answer\nq,a\n")
    param.write_text("0.5")
    made = ("make", data, "--prompt", prompt, "--system", system, "--examples", examples)
    rest = ("--param", f"temperature=@{param}", "--model", "m", "--max-tokens", 9, "--id", "id")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for target in (data, prompt, system, examples, param, tmp_path / "requests.jsonl"):
        outcome = program(*made, *rest, "--output", target, "--force")
        assert outcome.code == 2
        assert "would be lost" in outcome.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
