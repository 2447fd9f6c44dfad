"""A table becomes a batch in the app: prompt, model, ids, then the preview as for any file."""

import json
from pathlib import Path

import pytest

from batchtui.tables import looks_like_table
from batchtui.tui.commands.batches import NewBatch
from batchtui.tui.widgets.text_field import TextField
from tests.tui.submission.making import (
    created,
    give_path,
    make_app,
    press,
    request,
    send,
    started,
)
from tests.tui.support import make_world, screen_text, wait_for_text, wait_until


async def test_a_table_is_made_into_requests_and_sent(tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text("ref,text\na 1,Good\na 2,Bad\n")
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Judge: {{txt}}")
    world = make_world()
    app = make_app(world)
    async with started(app) as pilot:
        await press(pilot, NewBatch)
        await give_path(pilot, table)
        await wait_for_text(pilot, "Columns: ref, text")
        await give_path(pilot, prompt)
        await wait_for_text(pilot, "no column 'txt'")
        prompt.write_text("Judge: {{text}}")
        await pilot.press("enter")
        await wait_for_text(pilot, "such as claude-haiku")
        await wait_until(pilot, lambda: isinstance(app.focused, TextField))
        await pilot.press(*"claude-haiku-4-5", "enter")
        await wait_for_text(pilot, "max_tokens of each answer")
        await pilot.press("enter")
        await wait_for_text(pilot, "custom_ids out of")
        await pilot.press("down", "enter")
        await wait_for_text(pilot, "What else goes into each request?")
        await pilot.press("enter")
        await wait_for_text(pilot, "Ready to send")
        assert "Judge: Good" in screen_text(app)
        assert created(world) == 0
        await send(pilot)
        await wait_until(pilot, lambda: created(world) == 1)


async def test_what_the_command_line_puts_into_requests_goes_in_here_too(tmp_path: Path) -> None:
    table = tmp_path / "reviews.csv"
    table.write_text("ref,text\na1,Good\na2,Bad\n")
    prompt, system = tmp_path / "prompt.txt", tmp_path / "system.txt"
    prompt.write_text("Judge: {{text}}")
    system.write_text("You judge {{ref}}.")
    shown = tmp_path / "shown.csv"
    shown.write_text("text,verdict\nFine,yes\n")
    world = make_world()
    app = make_app(world)
    async with started(app) as pilot:
        await press(pilot, NewBatch)
        await give_path(pilot, table)
        await wait_for_text(pilot, "Columns: ref, text")
        await give_path(pilot, prompt)
        await wait_for_text(pilot, "such as claude-haiku")
        assert "Enter Go on" in screen_text(app)
        await wait_until(pilot, lambda: isinstance(app.focused, TextField))
        await pilot.press(*"claude-haiku-4-5", "enter")
        await wait_for_text(pilot, "max_tokens of each answer")
        assert "Enter Go on" in screen_text(app)
        await pilot.press(*"300", "enter")
        await wait_for_text(pilot, "custom_ids out of")
        await pilot.press("down", "enter")
        asked = "What else goes into each request?"
        await wait_for_text(pilot, asked)
        assert "Images and PDFs  none" in screen_text(app)
        await pilot.press("down", "enter")
        await give_path(pilot, system)
        await wait_for_text(pilot, "System prompt    system.txt")
        await pilot.press("down", "enter")
        await give_path(pilot, shown)
        await wait_for_text(pilot, "Which column has the answers?")
        await pilot.press("down", "enter")
        await wait_for_text(pilot, "Examples         1 of shown.csv")
        await pilot.press("down", "enter")
        await wait_for_text(pilot, "How answers have to begin")
        await pilot.press(*"So:", "enter")
        await wait_for_text(pilot, "Prefill          So:")
        await pilot.press("down", "enter")
        await wait_for_text(pilot, "NAME=JSON")
        await pilot.press(*"top_k=x", "enter")
        await wait_for_text(pilot, "is not JSON")
        await wait_until(pilot, lambda: isinstance(app.focused, TextField))
        await pilot.press("ctrl+u", *"top_k=3", "enter")
        await wait_for_text(pilot, "Params           top_k=3")
        await pilot.press("home", "enter")
        await wait_for_text(pilot, "What will go")
        # what each row asks, not the example that they share
        assert "Judge: Good" in screen_text(app)
        assert "Judge: Bad" in screen_text(app)
        assert "Judge: Fine" not in screen_text(app)
        assert "< 0.1 % of what a batch takes" in screen_text(app)
        assert app.session is not None
        (made,) = app.session.loaded.requests_dir.glob("reviews-*.jsonl")
        first = json.loads(made.read_text().splitlines()[0])
    assert first["params"]["system"] == "You judge a1."
    assert first["params"]["top_k"] == 3
    assert first["params"]["max_tokens"] == 300
    said = [(one["role"], one["content"]) for one in first["params"]["messages"]]
    assert said == [
        ("user", "Judge: Fine"),
        ("assistant", "yes"),
        ("user", "Judge: Good"),
        ("assistant", "So:"),
    ]


@pytest.mark.parametrize(
    ("name", "text", "is_table"),
    [
        ("a.csv", "x\n1\n", True),
        ("a.jsonl", '{"q": 1}\n', True),
        ("a.json", '[{"q": 1}]', True),
        ("a.jsonl", json.dumps(request(1)), False),
        ("a.json", json.dumps({"requests": [request(1)]}), False),
        ("a.jsonl", '{"custom_id": "a", "result": {"type": "expired"}}', False),
        ("a.json", '{"id": "msgbatch_1", "processing_status": "ended"}', False),
        ("a.jsonl", "no JSON", False),
        ("a.jsonl", "", False),
    ],
)
def test_tables_are_told_from_requests(
    tmp_path: Path, name: str, text: str, is_table: bool
) -> None:
    path = tmp_path / name
    path.write_text(text)
    assert looks_like_table(path) is is_table
