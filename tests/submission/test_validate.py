"""Every mistake is found at its line, and none is invented."""

import gzip
import json
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.prices import load_prices
from batchtui.submission.limits import Limits
from batchtui.submission.problems import LISTED_PER_KIND, ProblemKind
from batchtui.submission.rules import check_request
from batchtui.submission.sniff import Layout
from batchtui.submission.source import RequestSource
from batchtui.submission.specification import RequestSpec
from batchtui.submission.validate import Validation, validate
from tests.submission.making import Json, line, lines, params, request, write

MESSAGE = {"role": "user", "content": "Hello"}
THINK = {"type": "enabled", "budget_tokens": 1024}


def check(folder: Path, content: bytes, limits: Limits | None = None) -> Validation:
    return validate(RequestSource(write(folder, content)), limits=limits)


def found(validation: Validation) -> list[tuple[int | None, ProblemKind]]:
    return [(one.line, one.kind) for one in validation.problems.listed]


def other(number: int, **changes: object) -> bytes:
    made: Json = {**request(number), **changes}
    return line({name: value for name, value in made.items() if value is not ...})


def messages(*given: object) -> Json:
    return {"messages": list(given)}


MISTAKES: dict[str, tuple[ProblemKind, Callable[[int], bytes]]] = {
    "cut": (ProblemKind.NOT_JSON, lambda n: line(request(n))[:-1]),
    "comma": (ProblemKind.NOT_JSON, lambda n: line(request(n)) + b","),
    "surrogate": (ProblemKind.NOT_JSON, lambda n: other(n).replace(b"Hello", b"\\ud800 ")),
    "latin-1": (ProblemKind.NOT_UTF8, lambda n: other(n).replace(b"Hello", b"H\xe4llo")),
    "number": (ProblemKind.NOT_OBJECT, lambda n: b"%d" % n),
    "openai": (
        ProblemKind.OPENAI_SHAPE,
        lambda n: line({"custom_id": f"r{n}", "method": "POST", "url": "/v1", "body": {}}),
    ),
    "result": (ProblemKind.RESULTS_LINE, lambda n: line({"custom_id": f"r{n}", "result": {}})),
    "no id": (ProblemKind.CUSTOM_ID_MISSING, lambda n: other(n, custom_id=...)),
    "number as id": (ProblemKind.CUSTOM_ID_TYPE, lambda n: other(n, custom_id=n)),
    "long id": (ProblemKind.CUSTOM_ID_LENGTH, lambda n: other(n, custom_id=f"{n:065}")),
    "empty id": (ProblemKind.CUSTOM_ID_LENGTH, lambda n: other(n, custom_id="")),
    "newline after id": (ProblemKind.CUSTOM_ID_PATTERN, lambda n: other(n, custom_id=f"{n}\n")),
    "letters of id": (ProblemKind.CUSTOM_ID_PATTERN, lambda n: other(n, custom_id=f"{n}-ü")),
    "same id": (ProblemKind.CUSTOM_ID_TWICE, lambda n: other(n, custom_id="r0")),
    "flat": (ProblemKind.PARAMS_MISSING, lambda n: line({"custom_id": f"r{n}", **params()})),
    "params as text": (ProblemKind.PARAMS_TYPE, lambda n: other(n, params=json.dumps(params()))),
    "no model": (ProblemKind.MODEL_MISSING, lambda n: line(request(n, model=...))),
    "blank model": (ProblemKind.MODEL_TYPE, lambda n: line(request(n, model=" "))),
    "no max_tokens": (ProblemKind.MAX_TOKENS_MISSING, lambda n: line(request(n, max_tokens=...))),
    "max_tokens text": (ProblemKind.MAX_TOKENS_TYPE, lambda n: line(request(n, max_tokens="9"))),
    "max_tokens 1.5": (ProblemKind.MAX_TOKENS_TYPE, lambda n: line(request(n, max_tokens=1.5))),
    "max_tokens 0": (ProblemKind.MAX_TOKENS_RANGE, lambda n: line(request(n, max_tokens=0))),
    "no messages": (ProblemKind.MESSAGES_MISSING, lambda n: line(request(n, messages=...))),
    "one message": (ProblemKind.MESSAGES_TYPE, lambda n: line(request(n, messages=MESSAGE))),
    "empty messages": (ProblemKind.MESSAGES_EMPTY, lambda n: line(request(n, messages=[]))),
    "text message": (ProblemKind.MESSAGE_TYPE, lambda n: line(request(n, messages=["Hello"]))),
    "system role": (
        ProblemKind.ROLE,
        lambda n: line(request(n, messages=[{"role": "system", "content": "x"}, MESSAGE])),
    ),
    "no role": (ProblemKind.ROLE, lambda n: line(request(n, messages=[{"content": "x"}]))),
    "no content": (
        ProblemKind.CONTENT_MISSING,
        lambda n: line(request(n, messages=[{"role": "user"}])),
    ),
    "content object": (
        ProblemKind.CONTENT_TYPE,
        lambda n: line(request(n, messages=[{"role": "user", "content": {"text": "x"}}])),
    ),
    "block without type": (
        ProblemKind.BLOCK_SHAPE,
        lambda n: line(request(n, messages=[{"role": "user", "content": [{"text": "x"}]}])),
    ),
    "image without source": (
        ProblemKind.BLOCK_SHAPE,
        lambda n: line(request(n, messages=[{"role": "user", "content": [{"type": "image"}]}])),
    ),
    "stream": (ProblemKind.STREAM, lambda n: line(request(n, stream=True))),
    "betas": (ProblemKind.BETAS, lambda n: line(request(n, betas=["context-1m"]))),
    "hot": (ProblemKind.TEMPERATURE, lambda n: line(request(n, temperature=1.2))),
    "top_p": (ProblemKind.TOP_P, lambda n: line(request(n, top_p=-0.1))),
    "top_k": (ProblemKind.TOP_K, lambda n: line(request(n, top_k=0.5))),
    "little thought": (
        ProblemKind.THINKING_BUDGET,
        lambda n: line(request(n, thinking={**THINK, "budget_tokens": 1023})),
    ),
    "much thought": (
        ProblemKind.THINKING_BUDGET,
        lambda n: line(request(n, thinking={**THINK, "budget_tokens": 2048})),
    ),
    "thinking true": (ProblemKind.THINKING_SHAPE, lambda n: line(request(n, thinking=True))),
    "no budget": (
        ProblemKind.THINKING_SHAPE,
        lambda n: line(request(n, thinking={"type": "enabled"})),
    ),
    "stop text": (ProblemKind.PARAM_TYPE, lambda n: line(request(n, stop_sequences="END"))),
    "system number": (ProblemKind.PARAM_TYPE, lambda n: line(request(n, system=1))),
    "extra key": (ProblemKind.UNKNOWN_REQUEST_KEY, lambda n: other(n, priority=1)),
    "typo": (ProblemKind.UNKNOWN_PARAM, lambda n: line(request(n, temprature=0))),
    "name in message": (
        ProblemKind.UNKNOWN_MESSAGE_KEY,
        lambda n: line(request(n, messages=[{**MESSAGE, "name": "x"}])),
    ),
    "tier": (ProblemKind.UNKNOWN_VALUE, lambda n: line(request(n, service_tier="flex"))),
    "empty content": (
        ProblemKind.EMPTY_CONTENT,
        lambda n: line(request(n, messages=[{"role": "user", "content": ""}])),
    ),
    "null": (ProblemKind.NULL_PARAM, lambda n: line(request(n, temperature=None))),
}

GOOD: list[Callable[[int], bytes]] = [
    lambda n: line(request(n)),
    lambda n: b"  " + line(request(n)) + b"\r",
    lambda n: line(request(n, temperature=1, top_p=0.5, top_k=5, stop_sequences=["a"])),
    lambda n: line(request(n, thinking=THINK, stream=False, system="ü \u2028")),
    lambda n: line(request(n, system=[{"type": "text", "text": "x", "cache_control": {}}])),
    lambda n: line(request(n, tools=[{"name": "t"}], tool_choice={"type": "any"}, speed="fast")),
    lambda n: line(request(n, container=None, metadata={"user_id": "u"}, output_config={})),
    lambda n: line(
        request(
            n,
            messages=[
                {"role": "user", "content": f"Good {n}"},
                {"role": "user", "content": [{"type": "document", "source": {"x": [[]]}}]},
                {"role": "assistant", "content": [{"type": "container_upload", "file_id": "f"}]},
                {"role": "assistant", "content": ""},
            ],
        )
    ),
]


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_alone(tmp_path: Path, name: str) -> None:
    kind, make = MISTAKES[name]
    content = line(request(0)) + b"\n\n" + make(7) + b"\n" + line(request(8)) + b"\n"
    assert found(check(tmp_path, content)) == [(3, kind)]


def test_a_thousand_planted_mistakes_are_found_and_none_is_invented(tmp_path: Path) -> None:
    chance = random.Random(4)
    planted: list[tuple[int | None, ProblemKind]] = []
    rows = [line(request(0))]
    mistakes = list(MISTAKES.values())
    spots = set(chance.sample(range(1, 20_000), 1000))
    for number in range(1, 20_000):
        if number in spots:
            kind, make = mistakes[len(planted) % len(mistakes)]
            planted.append((number + 1, kind))
            rows.append(make(number))
        else:
            rows.append(chance.choice(GOOD)(number))
    validation = check(tmp_path, b"\n".join(rows))
    assert found(validation) == planted
    assert sum(validation.problems.counts.values()) == 1000
    assert len(validation.problems.counts) >= 20


@pytest.mark.parametrize(
    "changes",
    [
        {"tools": [{"name": "Zürich"}]},
        {"metadata": {"user_id": "Zürich"}},
        {"thinking": {"type": "adaptive", "display": "Zürich"}},
        {"system": [{"type": "text", "text": "x", "cache_control": "Zürich"}]},
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "text": "x", "of": "Zürich"}]}
            ]
        },
        {"container": "Zürich"},
        {"speed": "Zürich"},
        {"inference_geo": ["Zürich"]},
        {"cache_control": {"type": "Zürich"}},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_also_what_is_not_looked_at_has_to_be_utf8(tmp_path: Path, changes: Json) -> None:
    good = line(request(0, **changes))
    assert found(check(tmp_path, good)) == []
    assert found(check(tmp_path, good.decode().encode("latin-1"))) == [(1, ProblemKind.NOT_UTF8)]


def test_all_mistakes_of_one_line_are_told(tmp_path: Path) -> None:
    bad = {"custom_id": "ü", "params": {"stream": True, "betas": [], "tempreture": 3}}
    kinds = {kind for _, kind in found(check(tmp_path, line(bad)))}
    assert kinds == {
        ProblemKind.CUSTOM_ID_PATTERN,
        ProblemKind.MODEL_MISSING,
        ProblemKind.MAX_TOKENS_MISSING,
        ProblemKind.MESSAGES_MISSING,
        ProblemKind.STREAM,
        ProblemKind.BETAS,
        ProblemKind.UNKNOWN_PARAM,
    }


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (request(0, tempreture=1), '"temperature"'),
        (request(0, max_token=1), '"max_tokens"'),
        (request(0, betas=["x"]), "header"),
        (request(0, messages=[{"role": "assitant", "content": "x"}]), '"assistant"'),
        (request(0, messages=[{"role": "system", "content": "x"}]), 'the param "system"'),
        ({"custom_id": "a", "method": "POST", "url": "/", "body": {}}, '"body" to "params"'),
        ({"custom_id": "a", "params": "{}"}, "JSON inside text"),
        ({"custom_id": "a", **params()}, 'inside "params"'),
    ],
)
def test_the_message_says_what_to_do(tmp_path: Path, row: object, said: str) -> None:
    (problem,) = check(tmp_path, line(row)).problems.listed
    assert said in problem.message


def test_ids_are_unique_over_the_whole_file(tmp_path: Path) -> None:
    rows = [request(number) for number in range(3000)]
    validation = check(tmp_path, lines(*rows, request(5), request(2999), request(5)))
    assert found(validation) == [(n, ProblemKind.CUSTOM_ID_TWICE) for n in (3001, 3002, 3003)]
    assert "on line 6" in validation.problems.listed[0].message
    assert "on line 3000" in validation.problems.listed[1].message


def test_the_list_of_problems_stays_small_and_the_counts_exact(tmp_path: Path) -> None:
    content = (lines(request(0)) * 5000) + b"nonsense\n" * 5000
    problems = check(tmp_path, content).problems
    assert problems.counts == {ProblemKind.NOT_JSON: 5000, ProblemKind.CUSTOM_ID_TWICE: 4999}
    assert len(problems.listed) == 2 * LISTED_PER_KIND
    assert problems.is_cut


def test_a_hundred_thousand_messages_are_allowed_and_no_more(tmp_path: Path) -> None:
    content = lines(
        request(0, messages=[MESSAGE] * 100_000), request(1, messages=[MESSAGE] * 100_001)
    )
    assert found(check(tmp_path, content)) == [(2, ProblemKind.MESSAGES_TOO_MANY)]


def test_limits_are_told_apart_from_mistakes(tmp_path: Path) -> None:
    content = lines(*(request(number) for number in range(10)))
    size = check(tmp_path, content).body_bytes
    for limits, kinds, split in [
        (Limits(10, size, size), [], False),
        (Limits(9, size, size), [ProblemKind.TOO_MANY_REQUESTS], True),
        (Limits(10, size - 1, size), [ProblemKind.NEAR_LIMIT], False),
        (Limits(10, 10, size - 1), [ProblemKind.TOO_MANY_BYTES], True),
    ]:
        validation = check(tmp_path, content, limits)
        assert [problem.kind for problem in validation.limit_problems] == kinds
        assert validation.needs_split is split
        assert validation.is_sendable


@pytest.mark.parametrize("content", [b"", b"\n\n", b"[]"])
def test_an_empty_file_is_no_batch(tmp_path: Path, content: bytes) -> None:
    validation = check(tmp_path, content)
    assert validation.problems.counts == {ProblemKind.NO_REQUESTS: 1}
    assert not validation.is_sendable


def test_a_cut_body_is_told_with_what_came_before(tmp_path: Path) -> None:
    validation = check(tmp_path, b'{"requests": [\n' + line(request(0)) + b",\n")
    assert found(validation) == [(3, ProblemKind.UNREADABLE)]
    assert validation.requests == 1


def test_a_cut_gzip_is_told(tmp_path: Path) -> None:
    validation = check(tmp_path, gzip.compress(lines(request(0)))[:-9])
    assert [kind for _, kind in found(validation)] == [ProblemKind.UNREADABLE]


def test_the_profile_says_what_is_in_the_file(tmp_path: Path) -> None:
    long = "long " * 300
    rows = [
        request(0, tools=[{}]),
        request(1, model="other", max_tokens=10),
        request(2, messages=[MESSAGE, {"role": "user", "content": long}]),
        request(3, temprature=1),
    ]
    validation = check(tmp_path, lines(*rows))
    stats = validation.stats
    assert validation.requests == 4
    assert stats.models == {"claude-sonnet-4-5": 3, "other": 1}
    assert stats.max_tokens == {10: 1, 2048: 3}
    assert stats.max_tokens_total == 3 * 2048 + 10
    assert stats.with_tools == 1
    assert stats.longest is not None
    assert stats.longest.custom_id == "r2"
    assert [one.prompt for one in stats.first] == ["Hello 0", "Hello 1", long[:400], "Hello 3"]
    assert validation.layout is Layout.LINES
    assert validation.source.path == tmp_path / "requests.jsonl"


@pytest.mark.parametrize("flaw", [{}, {"temperature": 9}])
def test_what_a_request_asks_is_what_the_user_says_last_in_it(
    tmp_path: Path, flaw: dict[str, object]
) -> None:
    shared, own = ({"type": "text", "text": text} for text in ("The text they share", "My own"))
    messages = [
        MESSAGE,
        {"role": "assistant", "content": "An example's answer"},
        {"role": "user", "content": [shared, own]},
        {"role": "assistant", "content": "It begins"},
    ]
    validation = check(tmp_path, lines(request(0, messages=messages, **flaw)))
    assert [one.prompt for one in validation.stats.first] == ["My own"]


def test_progress_is_told_and_may_stop_it(tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    def stop(_: int) -> None:
        raise Stop

    seen: list[int] = []
    source = RequestSource(write(tmp_path, lines(request(0)) * 40_000))
    validate(source, on_progress=seen.append)
    assert seen[-1] == source.path.stat().st_size
    assert len(seen) > 3
    with pytest.raises(Stop):
        validate(source, on_progress=stop)


_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 3000)
    | st.floats(-1, 2)
    | st.sampled_from(
        ["", " ", "user", "assistant", "system", "text", "image", "enabled", "auto", "x"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "source", "budget_tokens", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
_MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "assistant", "x"]) | _VALUE}, optional={"content": _VALUE}
)
_NAMES = st.sampled_from(
    [
        "model",
        "max_tokens",
        "messages",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tools",
        "tool_choice",
        "top_k",
        "top_p",
        "metadata",
        "service_tier",
        "stop_sequences",
        "zzz",
        "container",
        "mcp_servers",
        "output_format",
        "output_config",
        "context_management",
        "betas",
        "speed",
        "cache_control",
    ]
)


@given(
    st.dictionaries(_NAMES, _VALUE, max_size=4),
    st.lists(_MESSAGE, max_size=2),
    st.sampled_from(["a", "", "ü", "a\n", 1, "a" * 64, "a" * 65]),
)
def test_the_fast_path_is_never_more_lenient_than_the_rules(
    changes: Json, some: list[Json], custom_id: object
) -> None:
    made: Json = {"messages": some or [MESSAGE], "max_tokens": 2000, "model": "m", **changes}
    data = line({"custom_id": custom_id, "params": made})
    try:
        shape = msgspec.json.decode(data, type=RequestSpec)
    except msgspec.ValidationError:
        return
    if shape.params.is_within_rules:
        assert list(check_request(msgspec.json.decode(data))) == []


def test_each_request_that_fails_counts_once(tmp_path: Path) -> None:
    worst = request(1, temperature=7, max_tokens=0, stream=True)
    content = lines(request(0), worst, request(0)) + b"{not json\n"
    validation = check(tmp_path, content)
    assert validation.requests == 4
    assert validation.problems.failing == 3
    assert validation.problems.errors == 5


def test_models_that_are_gone_or_misspelled_are_warned_about(tmp_path: Path) -> None:
    models = ["claude-3-opus-20240229", "claude-sonet-4-5", "claude-sonnet-4-5-20250929", "local"]
    rows = [request(number, model=model) for number, model in enumerate(models)]
    validation = check(tmp_path, lines(*rows))
    assert validation.problems.counts == {
        ProblemKind.MODEL_RETIRED: 1,
        ProblemKind.MODEL_UNKNOWN: 2,
    }
    said = " ".join(problem.message for problem in validation.problems.listed)
    assert "claude-3-opus-20240229 was retired on 2026-01-05: 1 request will fail" in said
    assert 'Did you mean "claude-sonnet-4-5"?' in said
    assert "local is not among the models known" in said
    assert validation.is_sendable
    assert validation.problems.failing == 0


@pytest.mark.parametrize("model", ["claude-2.1", "claude-2.0", "claude-instant-1.2"])
def test_what_answers_no_more_is_retired_in_all_its_versions(tmp_path: Path, model: str) -> None:
    (problem,) = check(tmp_path, lines(request(0, model=model))).problems.listed
    assert problem.kind is ProblemKind.MODEL_RETIRED
    assert f"{model} was retired on 202" in problem.message


def test_a_model_of_the_users_own_price_list_is_known(tmp_path: Path) -> None:
    own = tmp_path / "prices.toml"
    own.write_text('[[model]]\nname = "local"\ninput = 0.1\noutput = 0.2\n')
    path = write(tmp_path, lines(request(0, model="local")))
    counts = validate(RequestSource(path), prices=load_prices(own)).problems.counts
    assert counts == {}


def test_params_that_need_a_beta_header_are_warned_about(tmp_path: Path) -> None:
    source = RequestSource(write(tmp_path, lines(request(0, mcp_servers=[{"name": "x"}]))))
    assert validate(source).problems.counts == {}
    assert validate(source, betas=["mcp-client-2025-11-20"]).problems.counts == {}
    (problem,) = validate(source, betas=["other"]).problems.listed
    assert problem.kind is ProblemKind.BETA_MISSING
    assert "mcp-client" in problem.message


def test_requests_that_ask_the_same_are_counted(tmp_path: Path) -> None:
    asked = {"messages": [{"role": "user", "content": "The same"}]}
    changes: list[Json] = [{}, {}, {"temperature": 0.5}, {}]
    rows = [request(number, **asked, **more) for number, more in enumerate(changes)]
    validation = check(tmp_path, lines(*rows))
    assert validation.stats.repeated == 2
    found = validation.problems.listed
    assert [(one.kind, one.line, one.custom_id) for one in found] == [
        (ProblemKind.ASKED_TWICE, 2, "r1"),
        (ProblemKind.ASKED_TWICE, 4, "r3"),
    ]
    assert all("the same as line 1" in one.message for one in found)
    assert validation.problems.failing == 0
    assert validation.is_sendable


@pytest.mark.parametrize(
    "wrap",
    [lines, lambda *rows: line(rows), lambda *rows: line({"requests": rows})],
    ids=["lines", "list", "body"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_what_repeats_is_listed_with_its_id(
    tmp_path: Path, wrap: Callable[..., bytes], pack: Callable[[bytes], bytes]
) -> None:
    rows = [request(0), request(1), request(2), request(3), request(1), request(4)]
    rows[3]["params"], rows[5]["params"] = rows[0]["params"], rows[2]["params"]
    validation = check(tmp_path, pack(wrap(*rows)))
    assert [(one.kind, one.request, one.custom_id) for one in validation.problems.listed] == [
        (ProblemKind.ASKED_TWICE, 4, "r3"),
        (ProblemKind.CUSTOM_ID_TWICE, 5, "r1"),
        (ProblemKind.ASKED_TWICE, 6, "r4"),
    ]


@pytest.mark.parametrize("is_gone", [True, False])
def test_what_repeats_in_a_file_that_changes_meanwhile_is_listed_without_ids(
    tmp_path: Path, *, is_gone: bool
) -> None:
    path = write(tmp_path, lines(request(0), request(1), request(1)))

    def change(_: int) -> None:
        path.write_bytes(path.read_bytes().replace(b"r1", b"r9"))
        if is_gone:
            path.unlink()

    (problem,) = validate(RequestSource(path), on_progress=change).problems.listed
    assert (problem.kind, problem.line, problem.custom_id) == (ProblemKind.CUSTOM_ID_TWICE, 3, "")


def test_a_request_whose_id_is_used_before_is_not_held_against_what_others_ask(
    tmp_path: Path,
) -> None:
    rows = [request(0), {**request(9), "custom_id": "r0"}, request(9), request(7)]
    rows[3]["params"] = rows[2]["params"]
    twin, asked = check(tmp_path, lines(*rows)).problems.listed
    assert (twin.kind, twin.line) == (ProblemKind.CUSTOM_ID_TWICE, 2)
    assert (asked.kind, asked.line) == (ProblemKind.ASKED_TWICE, 4)
    assert "the same as line 3" in asked.message


@pytest.mark.parametrize("name", [b'"par\\u0061ms"', b'"\\u0070arams"'])
def test_requests_are_not_the_same_because_their_names_are_written_with_escapes(
    tmp_path: Path, name: bytes
) -> None:
    tools = [{"name": "t", "input_schema": {"params": {}}}]
    rows = (request(number, tools=tools) for number in range(3))
    escaped = (line(row).replace(b'"params"', name, 1) for row in rows)
    assert check(tmp_path, b"\n".join(escaped)).problems.counts == {}


def test_requests_are_the_same_whatever_is_around_them(tmp_path: Path) -> None:
    same = request(0)["params"]
    rows = (line({"custom_id": f"r{n}", "params": same}) + b" " * n + b"\r\n" for n in range(3))
    validation = check(tmp_path, b"".join(rows))
    assert validation.stats.repeated == 2


@pytest.mark.parametrize(
    ("line_", "kind", "said"),
    [
        ({"recordId": "a", "modelInput": {}}, ProblemKind.OPENAI_SHAPE, "Bedrock"),
        ({"key": "a", "request": {"contents": []}}, ProblemKind.OPENAI_SHAPE, "Gemini"),
        ({"custom_id": "a", "url": "/v1", "body": {}}, ProblemKind.OPENAI_SHAPE, "OpenAI"),
        ({"custom_id": "a", "body": {"messages": []}}, ProblemKind.OPENAI_SHAPE, "Mistral"),
        ({"id": "b", "object": "batch", "endpoint": "/v1"}, ProblemKind.OPENAI_SHAPE, "OpenAI"),
        ({"type": "message_batch", "id": "b"}, ProblemKind.RESULTS_LINE, "answer to a create call"),
        (
            {"custom_id": "a", "type": "succeeded", "content": "x"},
            ProblemKind.RESULTS_LINE,
            "answer",
        ),
        ({"premise": "a", "hypothesis": "b"}, ProblemKind.PARAMS_MISSING, "batchtui make"),
    ],
)
def test_other_files_are_named(tmp_path: Path, line_: Json, kind: ProblemKind, said: str) -> None:
    (problem,) = check(tmp_path, lines(line_)).problems.listed
    assert problem.kind is kind
    assert said in problem.message


def test_a_table_is_told_what_makes_requests_of_it(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,question\n1,What?\n")
    (first, *_) = validate(RequestSource(path)).problems.listed
    assert "batchtui make makes requests of a table" in first.message
