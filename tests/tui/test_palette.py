"""What the command palette finds, and what it does."""

import asyncio

import pytest
from textual import events

from batchtui.tui.commands.command import Command
from batchtui.tui.palette_entries import Entry, search
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.dialogs.confirm import ConfirmDialog
from batchtui.tui.screens.palette import EntryList, PaletteDialog
from batchtui.tui.screens.settings.screen import SettingsScreen
from batchtui.tui.screens.themes import ThemePicker
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    make_app,
    make_world,
    screen_text,
    wait_for_text,
    wait_until,
)


async def found_by(*queries: str) -> list[list[Entry]]:
    """What each query finds over the list of batches, the best first."""
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("colon")
        await wait_until(pilot, lambda: isinstance(app.screen, PaletteDialog))
        palette = app.screen
        assert isinstance(palette, PaletteDialog)
        await palette.has_all.wait()
        return [list(search(palette._entries, query)) for query in queries]


async def no_more() -> list[Entry]:
    """No entries but those that are there."""
    return []


async def test_words_that_people_use_find_what_they_mean() -> None:
    expected = {
        "money": "Summary",
        "price": "Summary",
        "csv": "Export",
        "dark": "Theme",
        "colour": "Theme",
        "color": "Theme",
        "quit": "Quit",
        "exit": "Quit",
        "again": "Send again",
        "attach": "Attach source",
        "notify": "Setting: Notify toast",
        "retry": "Send again",
        "retry-failed": "Send again",
        "paper": "Theme: paper",
        "page size": "Setting: Page size",
        "fix request": "Editor",
    }
    found = await found_by(*expected)
    for (query, label), entries in zip(expected.items(), found, strict=True):
        assert label in [entry.label for entry in entries[:4]], query


async def test_labels_that_match_come_first_and_letters_never_beat_a_word() -> None:
    copies, state = await found_by("copy", "state")
    assert copies[0].label.startswith("Copy")
    assert state[0].label == "State"


async def test_the_settings_that_guard_money_are_found_by_it() -> None:
    for entries in await found_by("money", "price", "budget"):
        assert "Setting: Max cost" in [entry.label for entry in entries[:4]]


async def test_a_key_alone_finds_its_command_first() -> None:
    keys = {"x": "Delete", "X": "Forget copy", "s": "Sort", "esc": "Clear"}
    found = await found_by(*keys)
    assert [entries[0].label for entries in found] == list(keys.values())


async def test_what_changes_something_is_found_by_its_own_words_only() -> None:
    (scattered, inside, saved) = await found_by("dlt", "elet", "sve")
    assert "Delete" not in [entry.label for entry in (*scattered, *inside)]
    assert "Save what expires" not in [entry.label for entry in saved]


async def test_what_is_not_possible_says_why() -> None:
    (failures,) = await found_by("failures")
    reasons = {entry.label: entry.help for entry in failures if not entry.is_possible}
    assert "not here" in reasons["Failures"]


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_the_palette_shows_names_and_keys(size: tuple[int, int]) -> None:
    app = make_app(make_world())
    async with app.run_test(size=size) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("colon")
        await wait_for_text(pilot, "Esc Leave it")
        await pilot.press(*"send again")
        await wait_until(pilot, lambda: app.screen.query_one(EntryList).row_count > 0)
        await wait_for_text(pilot, "Send again")
        assert "R" in screen_text(app)


async def test_keys_in_one_read_choose_once() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        await pilot.press("colon")
        await wait_for_text(pilot, "Esc Leave it")
        for key in (*"help", "pagedown", "pageup", "enter", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await wait_for_text(pilot, "Esc Close")


@pytest.mark.parametrize("steps", range(3))
async def test_the_program_can_be_left_while_it_is_opened(steps: int) -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        app.push_screen(PaletteDialog([], no_more))
        for _ in range(steps):
            await asyncio.sleep(0)
        app.exit()


async def test_a_command_that_changes_something_still_asks() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        # the second batch is live
        await pilot.press("down", "colon")
        await wait_for_text(pilot, "Esc Leave it")
        await pilot.press(*"cancel", "enter")
        await wait_until(pilot, lambda: isinstance(app.screen, ConfirmDialog))


async def test_settings_themes_and_batches_are_opened_from_it() -> None:
    app = make_app(make_world())
    async with app.run_test(size=WIDE) as pilot:
        await wait_for_text(pilot, "running")
        screen = app.screen
        assert isinstance(screen, BatchesScreen)
        chosen = [batch.id for batch in screen.listing.rows][3]
        assert app.session is not None
        app.session.ledger.set_label(chosen, "nightly evals")
        for text, shown in (("page size", "Page size"), ("theme paper", "Use and save")):
            await pilot.press("colon")
            await wait_for_text(pilot, "Esc Leave it")
            await pilot.press(*text, "enter")
            await wait_until(pilot, lambda: not isinstance(app.screen, PaletteDialog))
            await wait_for_text(pilot, shown)
            assert isinstance(app.screen, SettingsScreen | ThemePicker)
            await pilot.press("escape", "escape")
            await wait_until(pilot, lambda: app.screen is screen)
        await pilot.press("colon")
        await wait_for_text(pilot, "Esc Leave it")
        await pilot.press(*"nightly evals", "enter")
        await wait_until(pilot, lambda: screen.listing.selected == chosen)


def test_the_best_match_is_a_word_of_the_label() -> None:
    entries = [Entry("Shorten", list), Entry("Export", list, words="sort of"), Entry("Sort", list)]
    assert [one.label for one in search(entries, "sort")] == ["Sort", "Export", "Shorten"]
    assert Command.words == ""
