"""``batchtui cache``: what requests share, what a mark saves, and the file with the marks."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Program

Json = dict[str, object]
SYSTEM = "You read contracts with great care. " * 300


def write(path: Path, *params: Json) -> Path:
    usual: Json = {
        "model": "claude-sonnet-4-5",
        "max_tokens": 9,
        "messages": [{"role": "user", "content": "Hi"}],
    }
    rows = [{"custom_id": f"r{n}", "params": {**usual, **one}} for n, one in enumerate(params)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def questions(count: int, **more: object) -> list[Json]:
    return [
        {"messages": [{"role": "user", "content": f"Question {n}"}], **more} for n in range(count)
    ]


def without_marks(value: object) -> object:
    """The same with the marks taken out, and blocks that were made for them made text again."""
    if isinstance(value, list):
        plain = [without_marks(one) for one in value]
        was_text = len(value) == 1 and isinstance(value[0], dict) and "cache_control" in value[0]
        one = plain[0] if plain else None
        return one["text"] if was_text and isinstance(one, dict) and "text" in one else plain
    if isinstance(value, dict):
        return {key: without_marks(one) for key, one in value.items() if key != "cache_control"}
    return value


TOOL = {"name": "t", "description": SYSTEM, "input_schema": {"type": "object"}}
DOCUMENT = {"type": "text", "text": SYSTEM}


@pytest.mark.parametrize(
    "params",
    [
        questions(50, system=SYSTEM),
        [{"tools": [TOOL], "system": f"{n}"} for n in range(50)],
        [
            {
                "messages": [
                    {"role": "user", "content": [DOCUMENT, {"type": "text", "text": f"{n}"}]}
                ]
            }
            for n in range(50)
        ],
    ],
)
def test_the_marked_file_differs_by_its_marks_alone(
    program: Program, tmp_path: Path, params: list[Json]
) -> None:
    path = write(tmp_path / "a.jsonl", *params)
    target = tmp_path / "marked.jsonl"
    outcome = program("cache", path, "--output", target)
    assert outcome.code == 0
    (plan,) = outcome.records
    assert plan["long_enough"] is True
    saving = plan["saving"]
    assert isinstance(saving, dict)
    assert saving["90"] > 0 > saving["40"]
    before = [json.loads(line) for line in path.read_text().splitlines()]
    after = [json.loads(line) for line in target.read_text().splitlines()]
    assert before != after
    assert [json.dumps(one).count("cache_control") for one in after] == [1] * 50
    assert [without_marks(one) for one in after] == before
    assert program("create", "--dry-run", target).records[0]["errors"] == 0
    again = program("cache", path, "--output", target)
    assert again.code == 2
    assert again.err.endswith(f"{target} exists already\n  Choose another name.\n")


def test_after_the_marks_it_is_said_how_to_warm_the_cache(program: Program, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *questions(50, system=SYSTEM))
    target = tmp_path / "marked.jsonl"
    told = program("cache", path, "--output", target).err
    assert f"batchtui create {target} --canary 1" in told
    assert f"batchtui create {target} --rest" in told


def test_the_marked_file_goes_to_standard_output(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "a.jsonl", *questions(50, system=SYSTEM))
    piped = program("cache", path, "--output", "-")
    assert piped.code == 0
    assert "% hits" in piped.err
    assert list(tmp_path.iterdir()) == [path]
    program("cache", path, "--output", "marked.jsonl")
    assert piped.out == Path("marked.jsonl").read_bytes()
    assert program("cache", path, "--output", "-", "--json").code == 2


def test_five_minutes_cost_less_to_write(program: Program, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", *questions(20, system=SYSTEM))
    hour, minutes = (
        program("cache", path, "--ttl", ttl).records[0]["saving"] for ttl in ("1h", "5m")
    )
    assert isinstance(hour, dict)
    assert isinstance(minutes, dict)
    assert minutes["40"] > 0 > hour["40"]


def test_what_is_not_worth_it_is_said(program: Program, tmp_path: Path) -> None:
    short = program("cache", write(tmp_path / "short.jsonl", *questions(9, system="Short.")))
    assert short.code == 1
    assert short.records[0]["long_enough"] is False
    nothing = program("cache", write(tmp_path / "nothing.jsonl", *questions(9)))
    assert (nothing.code, nothing.records[0]["pieces"]) == (1, 0)
