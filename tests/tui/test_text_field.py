"""Keys that come in one piece, as over a slow line."""

from collections.abc import Sequence

import pytest
from textual.app import App, ComposeResult
from textual.events import Key, Paste

from batchtui.tui.screens.results.query_pane import QueryInput
from batchtui.tui.widgets.text_field import TextField
from tests.tui.support import idle, screen_text


class OneField(App[int]):
    def __init__(self, kind: type[TextField], value: str) -> None:
        super().__init__()
        self.kind, self.value = kind, value
        self.seen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.kind(self.value, select_on_focus=False)

    @property
    def field(self) -> TextField:
        return self.query_one(TextField)

    def on_input_submitted(self, event: TextField.Submitted) -> None:
        self.seen.append(event.value)

    def on_query_input_completion_accepted(self) -> None:
        self.seen.append(self.field.value)


async def type_at_once(kind: type[TextField], keys: Sequence[str], value: str = "") -> OneField:
    app = OneField(kind, value)
    async with app.run_test() as pilot:
        for key in keys:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await idle(pilot)
        app.value = app.field.value
    return app


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("20", ["backspace", "backspace", "1", "5"], "15"),
        ("ab", ["home", "x", "end", "y"], "xaby"),
        ("ab", ["left", "1", "delete", "2"], "a12"),
        ("a b", ["ctrl+w", "c"], "a c"),
        ("a b", ["ctrl+u", "c"], "c"),
    ],
)
async def test_they_count_in_their_order(before: str, keys: list[str], after: str) -> None:
    app = await type_at_once(TextField, keys, before)
    assert app.value == after


async def test_what_is_filled_in_shows_what_would_act() -> None:
    app = await type_at_once(TextField, [], "a\x1b]0;b\x07\u202e")
    assert app.value == r"a\x1b]0;b\x07\u202e"


async def test_enter_submits_what_was_typed_before_it() -> None:
    app = await type_at_once(TextField, ["a", "b", "enter", "c"])
    assert app.seen == ["ab"]


async def test_an_endless_paste_is_cut_and_said() -> None:
    app = OneField(TextField, "")
    async with app.run_test(notifications=True) as pilot:
        app.post_message(Paste("ab" * 60_000))
        await idle(pilot)
        assert app.field.value == "ab" * 50_000
        assert "first 100,000 of 120,000" in screen_text(app)


async def test_a_query_is_completed_with_what_was_typed_before_tab() -> None:
    app = await type_at_once(QueryInput, ["t", "y", "tab"])
    assert app.seen == ["ty"]
