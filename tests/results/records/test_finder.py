"""The record of an answer is found however it was written, and never half of one."""

import json
import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.results.answer import Answer, ToolCall
from batchtui.results.records.finder import NoRecord, Record, find_in_text, find_record
from batchtui.results.records.json_scan import BrokenJsonError, scan_json


def found(text: str) -> tuple[str, object]:
    record = find_in_text(text)
    assert isinstance(record, Record), record
    if record.form in {"json", "fence", "text"}:
        assert record.text in text or record.text.startswith("[")
    return record.form, record.value


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ('{"a": 1}', "json", {"a": 1}),
        (" \n[1, 2]\n", "json", [1, 2]),
        ('{"a":1}\n{"a":2}\n', "json", [{"a": 1}, {"a": 2}]),
        ('Here you are:\n\n```json\n{"a": 1}\n```\n\nHope this helps.', "fence", {"a": 1}),
        ('```\n[{"a": 1}]\n```', "fence", [{"a": 1}]),
        ('So: ```json {"a":1}``` done', "fence", {"a": 1}),
        ('~~~JSON\n{"a":1}\n~~~', "fence", {"a": 1}),
        ('```json\nnot this\n```\n```json\n{"a": 2}\n```', "fence", {"a": 2}),
        ('````md\n# t\n```json\n{"a":1}\n```\n````', "fence", {"a": 1}),
        ('```json\n{"code": "```py\\nx\\n```"}\n```', "fence", {"code": "```py\nx\n```"}),
        ('```json\n{"a": 1}', "fence", {"a": 1}),
        ('```json\n{"a": 1}\n{"a": 2}\n```', "fence", [{"a": 1}, {"a": 2}]),
        ('```json\n{"a": 1},\n{"a": 2}\n```', "fence", [{"a": 1}, {"a": 2}]),
        ('```json\n{"a": 1},\n{"a": 2},\n```', "fence", [{"a": 1}, {"a": 2}]),
        ('{"a": 1}, {"a": 2}', "json", [{"a": 1}, {"a": 2}]),
        ('It is {"a": {"b": [1]}} I think.', "text", {"a": {"b": [1]}}),
        ('The form {name} gives {"a": 1}.', "text", {"a": 1}),
        ('As {"a": ...} asks:\n{"a": 1} ok', "text", {"a": 1}),
        ('Tags: ["x", "y"] as in [1].', "text", ["x", "y"]),
        ("Numbers:\n[1, 2]\nDone [3].", "text", [1, 2]),
        ("Answer: [1, 2, 3]", "text", [1, 2, 3]),
        ("I counted [1].\n\n**Answer:** [4, 5, 6].\nBye", "text", [4, 5, 6]),
        ("The flags are [true, false], I think", "text", [True, False]),
        ("<title>Tea</title>\n<label>spam</label>", "tags", {"title": "Tea", "label": "spam"}),
        ("<summary>It is <b>good</b>.</summary>", "tags", {"summary": "It is <b>good</b>."}),
        ("<p>So: <answer>yes</answer></p>", "tags", {"answer": "yes"}),
        (
            "<article><title>Tea</title><score>3</score></article>",
            "tags",
            {"title": "Tea", "score": 3},
        ),
        ('```python\nd = {"a": 1}\n```\nso {"b": 2}', "text", {"b": 2}),
        ("<answer>yes</answer>", "tags", {"answer": "yes"}),
        ('<thinking>["no"] {"x":1}</thinking>\n<score>4.50</score>', "tags", {"score": 4.5}),
        (
            'As in [1]:\n<thinking>{"x": 1}</thinking>\n<answer>yes</answer>',
            "tags",
            {"answer": "yes"},
        ),
        ('As {x} [1] <think>{"x": 1}</think>\n<answer>{"x": 2}</answer>', "text", {"x": 2}),
        (
            '**[Step 1]** ok <think>{"a": 1}</think> [2] <think>{"a": 2}</think>\n{"a": 3}',
            "text",
            {"a": 3},
        ),
        ('So {"a": "<think>{1}</think>"} <think>or</think>', "text", {"a": "<think>{1}</think>"}),
        (
            'So {"a": "<think>"} <think>{"a": 2}</think> and {"a": 3}',
            "text",
            {"a": "<think>"},
        ),
        (
            '```json\n[{"a": "<think>b</think>"}]\n```\n<think>[]</think>',
            "fence",
            [{"a": "<think>b</think>"}],
        ),
        ("<x><n>1</n></x> and <x><n>2</n></x>", "tags", {"x": [{"n": 1}, {"n": 2}]}),
        ("<r><y>x < y</y><c>5 apples</c></r>", "tags", {"r": {"y": "x < y", "c": "5 apples"}}),
        ("<r>a <b>bold</b> word</r>", "tags", {"r": "a <b>bold</b> word"}),
        (
            "<subject>Hi</subject>\n<body>Dear <b>X</b></body>\n<priority>2</priority>",
            "tags",
            {"subject": "Hi", "body": "Dear <b>X</b>", "priority": 2},
        ),
        (
            "<why>so</why>\n<code>```py\n1\n```</code>",
            "tags",
            {"why": "so", "code": "```py\n1\n```"},
        ),
        (
            "<why>so</why>\nThe code: <code>\n<x>1</x>\n</code>",
            "tags",
            {"why": "so", "code": "<x>1</x>"},
        ),
        ("To: <to>me</to><body>x</body>\nBye", "tags", {"to": "me", "body": "x"}),
        ("So:\n<title>T</title>\n<body>B</body>\nBye", "tags", {"title": "T", "body": "B"}),
        ("<q>1</q><a>2</a>\n<q>3</q><a>4</a>", "tags", {"q": [1, 3], "a": [2, 4]}),
        ("<p>so</p><label>spam</label>", "tags", {"p": "so", "label": "spam"}),
        ("A <b>b</b> <i>c</i> d <u>e</u>\n<answer>yes</answer>", "tags", {"answer": "yes"}),
        ("<why>so</why>\n```jsx\n<p>x</p>\n```", "tags", {"why": "so"}),
        (
            "<mail><subject>x</subject><body>y</body></mail>",
            "tags",
            {"mail": {"subject": "x", "body": "y"}},
        ),
        ('{"a": 1, /* so */ "b": [1, 2,],} // end', "text", {"a": 1, "b": [1, 2]}),
        ('```json\n{"a": NaN, "b": "two\nlines"}\n```', "fence", {"a": "NaN", "b": "two\nlines"}),
    ],
)
def test_a_record_is_found(text: str, form: str, value: object) -> None:
    assert found(text) == (form, value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no data",
        "as [1] and [2, 3] say, see [this](there)",
        "Sources: [1]",
        "See: [1, 2].",
        "It is known: [1] says so",
        "<h2>Trees</h2><figure><img src=x><figcaption>A tree</figcaption></figure>",
        "<head><title>Tea</title></head><body><main>Tea</main></body>",
        "<form><label>Name</label> <output>3</output></form>",
        "<details><summary>More</summary>This</details>",
        '<p>A</p><svg viewBox="0"><g><path d="M0"></path></g></svg>',
        "Use <code><answer>yes</answer></code>",
        '{"a": {"b": 1}, "c": [1, 2',
        'Here: ```json\n{"a": {"b": 1}, "c": \n```',
        'so {"a": [{"b": 1}, {"c": 2}',
        '```json\n{"a": 1},\n{"a": oops}\n```',
        'so {"a": "<think>{"b": 1}</think>", "c": oops}',
        "<p>some <b>bold</b> words</p>",
        "<h2>Trees</h2>\n<p>They are tall.</p>",
        "<title>Trees</title><body><p>They are tall.</p></body>",
        "<!DOCTYPE html>\n<title>Trees</title>\n<body>They are tall.</body>",
        "```html\n<title>Trees</title>\n<body>They are tall.</body>\n```",
        "<p>Use:</p>\n<code>x</code>\n<p>so</p>",
        "<title>Trees</title><p>They</p><p>are</p>",
        "As <q>he</q>, <a>she</a>",
        "<answer>never closed",
        "{}x",
        "`code` and ``` only",
    ],
)
def test_half_a_record_is_none(text: str) -> None:
    assert isinstance(find_in_text(text), NoRecord)


@pytest.mark.parametrize(
    "tag",
    [
        *("<x>", "<code>", "<a><x></a>", "a [1] ", "<p>", "<think>", "[<think></think>"),
        *("[/*", "[//", "```\n[/*", '```\n{"a', "```\n[[", "```\n[1,"),
    ],
)
def test_a_long_text_of_what_is_not_closed_takes_no_time(tag: str) -> None:
    began = time.process_time()
    assert isinstance(find_in_text(tag * 50_000), NoRecord)
    assert time.process_time() - began < 10


def test_lists_behind_much_code_take_no_time() -> None:
    began = time.process_time()
    assert isinstance(find_in_text("```py\nx\n```\n" * 30_000 + "[1] x\n" * 60_000), NoRecord)
    assert time.process_time() - began < 5


def test_values_before_a_thought_are_read_in_no_time() -> None:
    began = time.process_time()
    assert isinstance(find_in_text("[/*" * 50_000 + "<thinking>x</thinking>"), NoRecord)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("mark", "`~")
def test_a_long_line_of_fences_takes_no_time(mark: str) -> None:
    began = time.process_time()
    assert isinstance(find_in_text(f"<p>x</p>\n{mark * 40_000}"), NoRecord)
    assert time.process_time() - began < 5


def test_tags_nested_deeply_take_no_time() -> None:
    began = time.process_time()
    assert found("<answer>" * 50_000 + "</answer>" * 50_000)[0] == "tags"
    assert time.process_time() - began < 5


def test_it_is_told_where_the_json_breaks() -> None:
    broken = find_in_text('Look:\n```json\n{"a": 1,\n "b": oops}\n```')
    assert isinstance(broken, NoRecord)
    assert (broken.line, broken.column) == (4, 7)
    assert str(broken) == "the JSON breaks at line 4, character 7: expected a value"


def test_the_last_call_of_an_own_tool_comes_first() -> None:
    calls = (
        ToolCall("f", b'{"a":1}'),
        ToolCall("f", b'{"a": 2.50, "a": 3}'),
        ToolCall("web", b'{"q":1}', is_own=False),
    )
    record = find_record(Answer("id", '{"b":1}', calls))
    assert isinstance(record, Record)
    assert (record.form, record.text, record.value) == ("tool", '{"a": 2.50, "a": 3}', {"a": 3})


def test_numbers_are_what_was_written() -> None:
    text = '{"i": 123456789012345678901234567890, "d": 0.12345678901234567890, "f": 1.5, "z": -0.0}'
    _, value = found(text)
    assert value == {
        "i": 123456789012345678901234567890,
        "d": Decimal("0.12345678901234567890"),
        "f": 1.5,
        "z": -0.0,
    }
    assert found("[" + "9" * 5000 + "]") == ("json", [Decimal("9" * 5000)])


def test_depth_and_size_do_not_matter() -> None:
    deep = '{"a":' * 2000 + "1" + "}" * 2000
    record = find_in_text(f"So:\n```json\n{deep}\n```")
    assert isinstance(record, Record)
    assert record.text == deep
    large = json.dumps({"rows": [{"id": number, "text": "x" * 90} for number in range(45_000)]})
    assert len(large) > 5_000_000
    assert isinstance(find_in_text(f"{large}\nDone."), Record)
    assert isinstance(find_in_text("[" * 30_000), NoRecord)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
records = st.dictionaries(st.text(max_size=6), values, min_size=1, max_size=4)
prose = st.text(st.sampled_from("abc .,:\n'\"()[]12é`"), max_size=40).filter(
    lambda text: "```" not in text
)


@settings(max_examples=150, deadline=None)
@given(record=records, before=prose, after=prose, indent=st.sampled_from([None, 2]))
def test_whatever_stands_around_a_fence(
    record: dict[str, object], before: str, after: str, indent: int | None
) -> None:
    written = json.dumps(record, indent=indent, ensure_ascii=False)
    text = f"{before}\n```json\n{written}\n```\n{after}"
    if "```" not in written:
        assert found(text) == ("fence", record)


NAMES = ("answer", "label", "title", "body", "code", "p", "q", "b", "h2", "table", "style")


@settings(max_examples=150, deadline=None)
@given(
    names=st.lists(st.sampled_from(NAMES), max_size=6),
    place=st.integers(0, 6),
    between=st.sampled_from(["", " ", "\n", "\r\n\n"]),
    around=st.sampled_from(["", "\n", "Here:\n", "```xml\n"]),
    content=st.sampled_from(["x", "a <b>b</b>", "<p>x</p>", "a\nb", "```html\n<p>x</p>\n```", ""]),
)
def test_no_tag_beside_others_is_left_out(
    names: list[str], place: int, between: str, around: str, content: str
) -> None:
    names.insert(place, "score")
    text = around + between.join(f"<{name}>{content}</{name}>" for name in names)
    form, value = found(text)
    assert form == "tags"
    assert isinstance(value, dict)
    for name in names:
        count = names.count(name)
        assert value[name] == (content if count == 1 else [content] * count)


@settings(max_examples=150, deadline=None)
@given(record=records, cut=st.integers(1, 200))
def test_a_cut_record_is_never_taken_for_a_whole_one(record: dict[str, object], cut: int) -> None:
    written = json.dumps(record)
    if cut < len(written):
        for text in (written[:-cut], f"```json\n{written[:-cut]}"):
            assert isinstance(find_in_text(text), NoRecord)


@settings(max_examples=150, deadline=None)
@given(value=values)
def test_the_patient_reader_reads_what_json_does(value: object) -> None:
    text = json.dumps(value)
    assert scan_json(text) == (value, len(text))
    lax = text.replace("[", "[ /* c */ ").replace("{", "{ // c\n")
    if '"' not in text:
        assert scan_json(lax)[0] == value


@given(st.text(st.sampled_from('{}[]",:1a \n/*'), max_size=30))
def test_anything_is_a_value_or_broken(text: str) -> None:
    with suppress(BrokenJsonError):
        scan_json(text)
    record = find_in_text(text)
    assert record.position <= len(text) if isinstance(record, NoRecord) else record.text
