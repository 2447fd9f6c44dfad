"""Questions: whatever the size, title, body and keys are seen, and nothing is cut."""

import asyncio
import math
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest
from textual import events
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from batchtui.errors import BatchtuiError
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.batches import EditNote, GoToId, LabelBatch, ShowTimeline
from batchtui.tui.commands.command import Command
from batchtui.tui.commands.general import PageDown, Quit, ShowCommands
from batchtui.tui.lines import Line, Span, line
from batchtui.tui.screens.base_screen import SteadyScreen
from batchtui.tui.screens.calls import CallsScreen
from batchtui.tui.screens.command_screen import DIALOG, CommandScreen
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.dialogs.progress import ProgressDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.dialogs.question_layout import hang_lines, key_line, wrap_keys
from batchtui.tui.screens.help import help_lines
from batchtui.tui.screens.settings.screen import SettingsScreen
from batchtui.tui.typed_ahead import TypedAhead
from batchtui.tui.widgets.batch_table import BatchTable
from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.line_list import LineList
from batchtui.tui.widgets.reader_wrapping import wrap_lines
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    idle,
    make_app,
    make_world,
    notice_text,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)

A_BATCH = "msgbatch"


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_a_question_shows_what_it_is_about_and_its_answers(size: tuple[int, int]) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, A_BATCH)
        await pilot.press("c")
        await wait_for_text(pilot, "[ Leave it ]")
        text = screen_text(app)
        assert "Cancel this batch?" in text
        assert "[ Cancel this batch ]" in text
        assert A_BATCH in text
        await wait_until(pilot, lambda: "requests stop" in screen_text(app))


@pytest.mark.parametrize("size", [WIDE, MEDIUM])
async def test_no_older_message_covers_a_question_or_is_left_beside_it(
    size: tuple[int, int],
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for_text(pilot, A_BATCH)
        app.notify("said before", timeout=60)
        await wait_for_text(pilot, "said before")
        await pilot.press("c")
        await wait_for_text(pilot, "[ Leave it ]")
        await wait_until(pilot, lambda: "said before" not in screen_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: "[ Leave it ]" not in screen_text(app))
        assert "said before" not in screen_text(app)


@pytest.mark.parametrize("size", [WIDE, MEDIUM])
async def test_no_message_covers_the_answers_to_a_question(size: tuple[int, int]) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size, notifications=True) as pilot:
        await wait_for_text(pilot, A_BATCH)
        await pilot.press("plus")
        await wait_for_text(pilot, "New batch")
        foot = next(line for line in screen_lines(app) if "Leave it" in line)
        app.notify("a batch has ended meanwhile, and much is said of it " * 3, timeout=60)
        await wait_for_text(pilot, "a batch has ended")
        assert foot in screen_lines(app)
        assert "New batch" in screen_text(app)


async def test_a_word_typed_where_there_is_no_field_is_refused_once() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, A_BATCH)
        await pilot.press("comma")
        await wait_for_text(pilot, "Connection")
        for letter in "sSRcxVf":
            app.post_message(events.Key(letter, letter))
        await wait_until(pilot, lambda: "not possible here" in notice_text(app))
        await idle(pilot)
        assert notice_text(app).count("not possible here") == 1


async def test_no_word_typed_over_the_list_agrees_to_anything() -> None:
    world = make_world()
    app = make_app(world)
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        for key in ("x", "y", "enter", "x", "y", "enter"):
            # as a slow line delivers them: all in one piece
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_for_text(pilot, "[ Leave it ]")
        await pilot.press("y", "j", "a")
        assert isinstance(app.screen, ConfirmDialog)
        await pilot.press("enter")
        await wait_until(pilot, lambda: not isinstance(app.screen, ConfirmDialog))
        asked = {(seen.method, seen.path.rsplit("/", 1)[-1]) for seen in world.requests}
        assert {method for method, _ in asked} == {"GET"}


def is_seen(question: PromptDialog) -> bool:
    """Whether the question is on the screen."""
    return question.seen_at < math.inf


async def test_the_keys_of_a_question_can_be_clicked() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        for word in ("Leave it", "Save"):
            await pilot.press("l")
            await wait_for_text(pilot, "Esc Leave it")
            question = app.screen
            assert isinstance(question, PromptDialog)
            await wait_until(pilot, partial(is_seen, question))
            await pilot.press("a")
            lines = screen_lines(app)
            row = next(place for place, text in enumerate(lines) if "Esc Leave it" in text)
            await pilot.click(offset=(lines[row].index(word) + 1, row))
            await wait_until(pilot, lambda: app.screen is below)
        await wait_for_text(pilot, " a ")


async def test_a_message_shows_what_would_act() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "running")
        app.notify("a\x1b[2Jb\u202e", title="c\x07")
        await wait_until(pilot, lambda: r"a\x1b[2Jb\u202e" in notice_text(app))
        assert r"c\x07" in notice_text(app)


async def test_while_one_asks_others_wait() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        await pilot.press("l")
        await wait_for_text(pilot, "Esc Leave it")
        first = app.screen
        other = PromptDialog("Another question")
        app.start(lambda: ask(app, other), "other")
        await pilot.press("a")
        await idle(pilot)
        assert app.screen is first
        await pilot.press("escape")
        await wait_for_text(pilot, "Another question")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, PromptDialog))


class LookingPrompt(PromptDialog):
    """A question that looks something up for as long as it is there, and says so."""

    def on_mount(self) -> None:
        """Begin to look."""
        super().on_mount()
        self.run_worker(self._look())

    async def _look(self) -> None:
        while True:
            self.query_one("#dialog-problem", LineBar).lines = (line(("looking", "")),)
            await asyncio.sleep(0)


async def test_what_a_question_looks_up_ends_with_it() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        app.push_screen(LookingPrompt("What is it called?"))
        await wait_for_text(pilot, "looking")
        await pilot.press("escape")
        await wait_until(pilot, lambda: app.screen is below)
        await wait_for_text(pilot, A_BATCH)


async def ask(app: BatchtuiApp, dialog: PromptDialog) -> None:
    """Ask something, as a worker of the app."""
    await app.push_screen_wait(dialog)


@pytest.mark.parametrize("command", [LabelBatch, GoToId, EditNote])
async def test_a_question_is_left_once_however_often_it_is_answered(
    command: type[Command],
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        await pilot.press(command.keys)
        await wait_until(pilot, lambda: isinstance(app.screen, PromptDialog))
        await wait_for_text(pilot, "Esc Leave it")
        await pilot.press("a")
        for _ in range(2):
            app.post_message(events.Key("enter", "\r"))
            app.post_message(events.Key("escape", None))
        await wait_until(pilot, lambda: app.screen is below or "id" in screen_text(app))


async def test_a_screen_that_is_told_to_go_twice_takes_no_other_with_it() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below, dialog, answers = app.screen, PromptDialog("A question"), list[str | None]()
        app.push_screen(dialog, answers.append)
        await wait_until(pilot, lambda: is_seen(dialog))
        dialog.dismiss("first")
        dialog.dismiss("second")
        assert not dialog.heeds(events.Key("enter", "\r"))
        await idle(pilot)
        assert app.screen is below
        assert answers == ["first"]


async def test_a_screen_that_is_told_to_go_under_another_one_waits_for_it() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below, under, over = app.screen, PromptDialog("Under"), PromptDialog("Over")
        answers = list[str | None]()
        app.push_screen(under, answers.append)
        await wait_until(pilot, lambda: is_seen(under))
        app.push_screen(over)
        await wait_for_text(pilot, "Over")
        under.dismiss("an answer")
        await idle(pilot)
        assert app.screen is over
        over.dismiss(None)
        await wait_until(pilot, lambda: app.screen is below)
        await wait_until(pilot, lambda: answers == ["an answer"])


@pytest.mark.parametrize(
    ("keys", "left"), [("100", "100"), (["end", "5"], "10245"), (["left", "x"], "x1024")]
)
async def test_what_is_filled_in_is_replaced_by_typing_and_kept_by_an_arrow(
    keys: Sequence[str], left: str
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        dialog = PromptDialog("How many", value="1024")
        app.run_worker(ask(app, dialog))
        await wait_until(pilot, lambda: dialog.focused is not None)
        await pilot.press(*keys)
        field = dialog.query_one(Input)
        await wait_until(pilot, lambda: field.value == left, left)


@pytest.mark.parametrize("command", [LabelBatch, GoToId, EditNote, ShowCommands])
async def test_what_is_typed_on_in_one_read_goes_into_the_field_that_opens(
    command: type[Command],
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        app.post_message(events.Key(command.keys.split(",")[0], None))
        # each of these is a command of the list as well
        for letter in "dxy d":
            app.post_message(events.Key("space" if letter == " " else letter, letter))
        await wait_until(pilot, lambda: app.screen is not below and bool(app.screen.query(Input)))
        field = app.screen.query_one(Input)
        await wait_until(pilot, lambda: field.value == "dxy d", "what was typed")


async def test_an_enter_that_was_typed_before_a_field_was_seen_is_no_answer() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        for key in ("l", "a", "b", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await wait_until(pilot, lambda: isinstance(app.screen, PromptDialog))
        await wait_for_text(pilot, "Esc Leave it")
        field = app.screen.query_one(Input)
        await wait_until(pilot, lambda: field.value == "ab", "what was typed")
        await idle(pilot)
        assert isinstance(app.screen, PromptDialog)


@pytest.mark.parametrize(("key", "shown"), [("C", CallsScreen), ("comma", SettingsScreen)])
async def test_a_key_that_is_pressed_twice_opens_one_screen(
    key: str, shown: type[Screen[object]]
) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        for _ in range(3):
            app.post_message(events.Key(key, None))
        await wait_until(pilot, lambda: isinstance(app.screen, shown))
        app.post_message(events.Key("escape", None))
        await wait_until(pilot, lambda: app.screen is below)


async def test_what_is_about_to_ask_goes_on_and_a_second_key_opens_nothing() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        screen = app.screen
        assert isinstance(screen, CommandScreen)
        may_ask, asked = asyncio.Event(), []

        async def ask_slowly(name: str) -> None:
            await may_ask.wait()
            asked.append(name)

        for name in ("first", "second"):
            screen.start(partial(ask_slowly, name), DIALOG)
        may_ask.set()
        await wait_until(pilot, lambda: bool(asked))
        await idle(pilot)
        assert asked == ["first"]


@pytest.mark.parametrize("key", ["enter", "x", "s", "colon"])
async def test_what_was_typed_for_a_question_does_nothing_to_what_lies_below(key: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(app.screen, PromptDialog))
        await wait_for_text(pilot, "Esc Leave it")
        app.post_message(events.Key("enter", "\r"))
        app.post_message(events.Key(key, None))
        # to move is safe, and is done in its turn
        app.post_message(events.Key("j", "j"))
        await wait_until(pilot, lambda: app.screen is below)
        cursor = app.screen.query_one(BatchTable)
        await wait_until(pilot, lambda: cursor.cursor == 1, "the cursor to move")
        await idle(pilot)
        assert app.screen is below
        assert "newest first" in screen_text(app)


async def test_keys_go_on_where_nothing_is_asked() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        never = asyncio.Event()

        async def ask_nothing() -> None:
            await never.wait()

        app.start(ask_nothing, DIALOG)
        app.post_message(events.Key("question_mark", "?"))
        await wait_for_text(pilot, "Read the results")
        never.set()


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_the_help_takes_all_rows_there_are_and_can_be_left(size: tuple[int, int]) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, A_BATCH)
        await pilot.press("question_mark")
        await wait_for_text(pilot, "Read the results")
        await wait_until(pilot, lambda: "Esc Close" in "".join(screen_lines(app)[-4:]))
        assert "…" not in "".join(one for one in screen_lines(app) if "Cancel the" in one)
        await pilot.press("end")
        await wait_for_text(pilot, "of the same requests")


async def test_many_answers_leave_room_for_title_and_keys() -> None:
    app = make_app(make_world())
    async with app.run_test(size=TINY) as pilot:
        await wait_for_text(pilot, A_BATCH)
        choices = [Choice(line(f"answer {number}"), number) for number in range(40)]
        app.push_screen(ChoiceDialog("Which one?", choices, body=(line("Read this."),)))
        await wait_for_text(pilot, "Esc Leave it")
        await pilot.press("end")
        await wait_until(pilot, lambda: app.screen.query_one(LineList).cursor == 39)
        await wait_for_text(pilot, "answer 39")
        text = screen_text(app)
        assert "Which one?" in text
        assert "Read this." in text
        assert "Esc Leave it" in text


def test_keys_go_to_another_line_together_with_their_words() -> None:
    keys = line(
        Span("y", "key", "screen.answer(True)"), " Do it    ", ("Tab", "key"), " Other    ", "more"
    )
    assert wrap_keys(keys, 80) == (keys,)
    first, second = wrap_keys(keys, 7)
    assert first.text == "y Do it"
    assert first.left[0].action == "screen.answer(True)"
    assert second.text == "Tab Other    more"


def test_keys_are_those_of_the_bindings_and_can_be_clicked() -> None:
    keys = key_line(
        [
            Binding("escape,q", "leave", "Leave it"),
            Binding("up", "choose(-1)", "Choose"),
            Binding("down,ctrl+n", "choose(1)", "Choose"),
            Binding("pagedown", "page", "Page", show=False),
            Binding("enter", "submit", "Save"),
        ],
        {"submit": "Send"},
    )
    assert keys.text == "Enter Send    ↑ ↓ Choose    Esc Leave it"
    assert keys.left[0].action == "screen.submit"
    assert keys.left[-1].action == "screen.leave"


def test_only_lines_that_are_too_long_are_broken() -> None:
    whole = Line((Span("short"),), (Span("right"),))
    assert wrap_lines([whole], 8) == (whole,)
    broken = wrap_lines([line(("red and long", "problem"))], 8)
    assert [one.text for one in broken] == ["red and", "long"]
    assert {span.style for one in broken for span in one.left} == {"problem"}


def test_what_goes_on_stands_below_its_own_column() -> None:
    short, long = line(("name  ", "key"), "a long text"), line(("a long name: ", "muted"), "a text")
    assert [one.text for one in hang_lines([short], 14)] == ["name  a long", "      text"]
    assert [one.text for one in hang_lines([long], 14)] == ["a long name: ", "    a text"]


@pytest.mark.parametrize("width", [34, 60, 100])
def test_help_keeps_its_columns_at_every_width(width: int) -> None:
    commands: tuple[type[Command], ...] = (Quit, PageDown)
    lines = [one.text for one in help_lines(commands, {}, width)]
    assert all(len(one) <= width for one in lines)
    assert "PgDn, Ctrl+F, Ctrl+D" in "\n".join(lines)
    assert " ".join(" ".join(lines).split()).count("Leave batchtui") == 1


@pytest.mark.parametrize("key", [ShowTimeline.keys, "C", "comma"])
async def test_a_click_on_back_leaves_a_screen_as_its_key_does(key: str) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, A_BATCH)
        below = app.screen
        await pilot.press(key)
        await wait_for_text(pilot, "Esc Back")
        bar = screen_lines(app)[-1]
        await pilot.click(offset=(bar.index("Esc"), WIDE[1] - 1))
        await wait_until(pilot, lambda: app.screen is below)


def test_a_click_waits_for_no_screen_that_cannot_be_seen_yet() -> None:
    """It was meant for the picture that is being replaced."""
    screen: SteadyScreen[object] = SteadyScreen()
    ahead = TypedAhead(lambda: screen, tuple)
    click = events.MouseDown(None, 1, 1, 0, 0, 1, shift=False, meta=False, ctrl=False)
    assert ahead.holds(click)
    screen.is_shown = True
    assert not ahead.holds(click)
    assert ahead.next() is None


async def test_what_fails_beside_a_question_is_said_and_the_question_can_be_left() -> None:
    async def outcomes() -> AsyncIterator[Line]:
        yield line("the first")
        raise BatchtuiError("The disk is full.")

    app = make_app(make_world())
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, A_BATCH)
        await app.push_screen(ProgressDialog("Canceling", 2, outcomes(), lambda: None))
        await wait_for_text(pilot, "The disk is full.")
        await wait_for_text(pilot, "Close")
        await pilot.press("escape")
        await wait_until(pilot, lambda: not isinstance(app.screen, ProgressDialog))
