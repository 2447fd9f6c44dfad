"""``fits:request``, wherever rows are asked for: each is held against its own request's schema."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Program
from tests.cli.service import Service
from tests.results.understanding.files import answered, failed

ANSWERS: list[object] = [
    {"v": "free of any schema"},
    {"total": 1},
    {"total": "many"},
    {"name": "a"},
    {"total": 2},
    {"total": None},
]
TOTAL = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}
NAME = {"type": "object", "required": ["name"]}
SCHEMAS = [None, TOTAL, TOTAL, NAME, NAME, TOTAL]


@pytest.fixture
def batch_id(service: Service) -> str:
    lines = [answered(f"r{n}", json.dumps(answer)) for n, answer in enumerate(ANSWERS)]
    lines.append(failed("r6", "api_error", "x"))
    data = b"".join(line + b"\n" for line in lines)
    return service.add(content=data, succeeded=len(ANSWERS), errored=1).id


@pytest.fixture
def requests(tmp_path: Path) -> Path:
    path = tmp_path / "requests.jsonl"
    lines: list[str] = []
    for number, schema in enumerate([*SCHEMAS, None]):
        params: dict[str, object] = {
            "model": "claude-haiku-4-5",
            "max_tokens": 99,
            "messages": [{"role": "user", "content": "what is it?"}],
        }
        if schema is not None:
            params["output_config"] = {"format": {"type": "json_schema", "schema": schema}}
        lines.append(json.dumps({"custom_id": f"r{number}", "params": params}) + "\n")
    path.write_text("".join(lines))
    return path


def ids(program: Program, *words: object) -> list[object]:
    return [one["custom_id"] for one in program(*words, "--fields", "custom_id").records]


def test_results_and_groups(
    program: Program, batch_id: str, requests: Path, tmp_path: Path
) -> None:
    assert program("attach", batch_id, requests).code == 0
    assert ids(program, "results", batch_id, "--query", "fits:request") == ["r1", "r3"]
    assert ids(program, "results", batch_id, "--query", "-fits:request") == ["r2", "r4", "r5"]
    schema = tmp_path / "s.json"
    schema.write_text(json.dumps(NAME))
    for words, rows in (
        (["fits"], 7),
        (["fits:request"], 7),
        (["fits", "--query", "fits:request or -fits:request"], 5),
    ):
        found = program("results", batch_id, "--json", "--group", *words).records
        assert found == [
            {"value": '.total: type "number"', "rows": 2, "share": round(2 / rows, 6)},
            {
                "value": '.: "name" is a required property',
                "rows": 1,
                "share": round(1 / rows, 6),
            },
        ]
    for words in ([f"fits:{schema}"], ["fits", "--query", f"-fits:{schema}"]):
        found = program("results", batch_id, "--json", "--group", *words).records
        assert (found[0]["value"], found[0]["rows"]) == ('.: "name" is a required property', 5)
        assert (found[1]["value"], found[1]["rows"]) == ("no record", 1)
    assert ids(program, "results", batch_id, "--query", "misfit:total") == ["r2", "r5"]


def test_retry_chooses_only_what_does_not_fit(
    program: Program, batch_id: str, requests: Path
) -> None:
    assert program("attach", batch_id, requests).code == 0
    got = program("retry", batch_id, "--query", "-fits:request", "--dry-run", "--json")
    assert got.records[0]["chosen"] == 3


def test_review_judges_only_what_does_not_fit(
    program: Program, batch_id: str, requests: Path
) -> None:
    assert program("attach", batch_id, requests).code == 0
    assert program("review", batch_id, "--query", "-fits:request", "--set", "bad").code == 0
    said = program("review", batch_id, "--json").records
    assert [one["custom_id"] for one in said] == ["r2", "r4", "r5"]
    got = program("retry", batch_id, "--query", "review:bad", "--dry-run", "--json")
    assert got.records[0]["chosen"] == 3


def test_pairs_of_which_a_row_fits(
    program: Program, service: Service, batch_id: str, requests: Path
) -> None:
    lines = [answered(f"r{n}", json.dumps({"total": n})) for n in range(7)]
    other = service.add(content=b"".join(line + b"\n" for line in lines), succeeded=7).id
    for one in (batch_id, other):
        assert program("attach", one, requests).code == 0
    words = ("diff", batch_id, other, "--json", "--query")
    assert [one["custom_id"] for one in program(*words, "change:any fits:request").records] == [
        "r2",
        "r3",
        "r5",
    ]
    for negated in ("-fits:request", "-(fits:request)", "-FITS:request"):
        got = program(*words, f"change:any {negated}").records
        assert [one["custom_id"] for one in got] == ["r4"], negated


@pytest.mark.parametrize(
    "words",
    [
        ("results", "--query", "fits:request"),
        ("results", "--query", "-fits:request"),
        ("results", "--group", "fits"),
        ("results", "--group", "fits:request"),
        ("review", "--query", "-fits:request", "--set", "bad"),
    ],
)
def test_where_no_request_is_known_it_is_said_what_to_do(
    program: Program, batch_id: str, words: tuple[str, ...]
) -> None:
    verb, *rest = words
    got = program(verb, batch_id, *rest)
    assert (got.code, got.out) == (2, b"")
    assert "The requests of these rows are not known" in got.err
    assert "batchtui attach" in got.err
    assert program("review", batch_id, "--json").records == []
    if verb == "results":
        assert program("diff", batch_id, batch_id, "--query", "fits:request").code == 2
