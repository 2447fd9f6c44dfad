"""The accounts that the app shows, one after the other: opening one, and what is shown of it."""

import asyncio
from typing import TYPE_CHECKING

from textual.screen import Screen

from batchtui.config.paths import current_folder
from batchtui.errors import BatchtuiError

if TYPE_CHECKING:
    from batchtui.session import Session
    from batchtui.tui.app import BatchtuiApp
    from batchtui.tui.screens.batches.services import BatchServices
    from batchtui.tui.screens.submission.desk import Desk


def first_screen(app: "BatchtuiApp") -> Screen[None]:
    """Open the account the settings describe; gives the screen that shows it, or why not."""
    try:
        return _batches_screen(app, _open_services(app), app.setup.jump_to)
    except BatchtuiError as error:
        return _welcome_screen(app, error)


async def open_account(app: "BatchtuiApp", jump_to: str | None = None) -> None:
    """Open the account the settings describe and show its batches, instead of what is shown.

    Args:
        app: The app.
        jump_to: A batch to put the cursor on.
    """
    before = app.session
    try:
        services = await asyncio.to_thread(_open_services, app)
    except BatchtuiError as error:
        await _show_alone(app, _welcome_screen(app, error))
        return
    await _show_alone(app, _batches_screen(app, services, jump_to))
    if before is not None:
        # not sooner: its screens work with it until they are gone
        await before.aclose()


def desk_of(app: "BatchtuiApp", session: "Session") -> "Desk":
    """What the way in of an account works with."""
    from batchtui.submission.pace import Pace
    from batchtui.tui.screens.submission.desk import Desk

    return Desk(app, session, app.glyphs, current_folder(), app.setup.pace or Pace())


def _open_services(app: "BatchtuiApp") -> "BatchServices":
    """Open the account; may take long where a command gives the key.

    Raises:
        BatchtuiError: It cannot be opened.
    """
    from batchtui.session import open_session
    from batchtui.tui.screens.batches.services import BatchServices

    return BatchServices(open_session(app.loaded, app.setup.options))


def _batches_screen(
    app: "BatchtuiApp", services: "BatchServices", jump_to: str | None
) -> Screen[None]:
    """Make the screen of an account just opened, which is the one we work with from now on."""
    from batchtui.tui.screens.batches.screen import BatchesScreen

    app.session = services.session
    app.call_after_refresh(_announce_unfinished, app)
    return BatchesScreen(services, app.glyphs, jump_to)


def _welcome_screen(app: "BatchtuiApp", problem: BatchtuiError) -> Screen[None]:
    from batchtui.tui.screens.welcome import WelcomeScreen

    return WelcomeScreen(app.loaded, problem)


def _announce_unfinished(app: "BatchtuiApp") -> None:
    from batchtui.tui.screens.submission import flows

    if app.session is not None:
        app.run_worker(flows.announce(desk_of(app, app.session)), group="announce")


async def _show_alone(app: "BatchtuiApp", screen: Screen[None]) -> None:
    """Show a screen in place of all others."""
    # a mode of its own: Textual replaces no screen that an app began with, but removes modes
    before = app.current_mode
    app.accounts_shown += 1
    mode = f"account {app.accounts_shown}"
    app.add_mode(mode, lambda: screen)
    await app.switch_mode(mode)
    await app.remove_mode(before)
