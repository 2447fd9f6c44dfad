"""Make the screen over a source, with what the settings say."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from batchtui.config.credentials import environ_for_viewers
from batchtui.config.loading import LoadedSettings
from batchtui.library.ledger_values import Review, SourceFile
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.screens.results.host import ResultsSetup
from batchtui.tui.screens.results.screen import ResultsScreen
from batchtui.tui.screens.results.source import ResultsSource

if TYPE_CHECKING:
    from batchtui.session import Session


def results_screen(
    source: ResultsSource,
    loaded: LoadedSettings,
    glyphs: Glyphs,
    environ: Mapping[str, str],
    session: "Session | None" = None,
    *,
    can_leave: bool = False,
    reviews_of: Callable[[str], Mapping[str, Review]] | None = None,
    source_of: Callable[[str], SourceFile | None] | None = None,
) -> ResultsScreen:
    """Make the screen.

    Args:
        source: Where the rows come from.
        loaded: The settings.
        glyphs: The signs to draw with.
        environ: The user's environment.
        session: The account the rows belong to, ``None`` for a file.
        can_leave: Whether there is a screen to go back to.
        reviews_of: Reads what was said of the rows of a subject; blocks.
        source_of: Gives the requests of a results file by its subject; blocks.
    """
    setup = ResultsSetup(
        glyphs,
        export_dir=loaded.export_dir,
        prices_file=loaded.paths.prices_file,
        choices_file=loaded.choices_file,
        can_leave=can_leave,
        reviews_of=reviews_of,
        source_of=source_of,
        session=session,
        environ=environ,
        viewer_environ=environ_for_viewers(environ, loaded.profile.key_source),
    )
    return ResultsScreen(source, setup)
