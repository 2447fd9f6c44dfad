"""What a person chooses for the whole app: theme, profile, settings."""

from functools import partial
from typing import TYPE_CHECKING

from batchtui.config.loading import LoadedSettings
from batchtui.config.themes import load_themes
from batchtui.errors import BatchtuiError
from batchtui.tui.commands.command import Command
from batchtui.tui.lines import line
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.config.saving import Changes
    from batchtui.tui.app import BatchtuiApp


def open_settings(app: "BatchtuiApp", then: type[Command] | None = None) -> None:
    """Show the settings, and take over what was changed there.

    Args:
        app: The app.
        then: A command of that screen to begin with.
    """
    from batchtui.tui.screens.settings.screen import SettingsScreen

    if not isinstance(app.screen, SettingsScreen):
        screen = SettingsScreen(app.loaded, partial(app.setup.load, app.switched_to))
        app.push_screen(screen, partial(_take_over, app))
        if then is not None:
            screen.call_after_refresh(screen.run_command, then)


def _take_over(app: "BatchtuiApp", loaded: LoadedSettings | None) -> None:
    """Take over changed settings; a changed account is opened anew."""
    if loaded is None or loaded is app.loaded:
        return
    changes_account = not has_same_account(loaded, app.loaded)
    app.take_over_settings(loaded)
    if app.setup.open_file is not None:
        return
    if changes_account or app.session is None:
        app.run_worker(app.open_account(), group="session")
        return
    from batchtui.tui.screens.batches.screen import BatchesScreen

    app.session.loaded = loaded
    for screen in app.screen_stack:
        if isinstance(screen, BatchesScreen):
            screen.take_over_settings()


def has_same_account(one: LoadedSettings, other: LoadedSettings) -> bool:
    """Whether two states of the settings speak to the same account in the same way."""
    return one.profile == other.profile and one.results_dir == other.results_dir


async def choose_theme(app: "BatchtuiApp") -> None:
    """Let the user try themes on, and save the one that is taken."""
    from batchtui.tui.screens.themes import ThemePicker

    themes = load_themes(app.loaded.paths.themes_dir)
    for problem in themes.failed:
        app.tell_problem(problem)
    before = app.theme
    chosen = await app.push_screen_wait(ThemePicker(themes.loaded, before, app.try_on))
    if chosen is None:
        app.theme = before
    else:
        _save(app, {"theme": chosen})


def _save(app: "BatchtuiApp", changes: "Changes") -> None:
    """Save settings and read them anew; on failure say why."""
    from batchtui.config.saving import save_settings

    try:
        save_settings(app.loaded.paths, changes)
        app.loaded = app.setup.load(app.switched_to)
    except BatchtuiError as error:
        app.notify(f"{error.message} {error.hint}".strip(), severity="error")


async def switch_profile(app: "BatchtuiApp") -> None:
    """Let the user switch to another account."""
    from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog

    names = app.loaded.profile_names
    if len(names) == 1:
        text = "There is one profile only. Settings (,) has New profile (n)."
        app.notify(text)
        return
    choices = [Choice(line(visible(name)), name) for name in names]
    current = names.index(app.loaded.profile.name)
    chosen = await app.push_screen_wait(
        ChoiceDialog("Profile", choices, current=current, confirm="Switch")
    )
    if chosen is not None and chosen != app.loaded.profile.name:
        app.switched_to = chosen
        app.take_over_settings(app.setup.load(chosen))
        await app.open_account()
