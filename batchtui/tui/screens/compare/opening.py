"""Make the screen over two runs, with what the settings say."""

from batchtui.tui.screens.compare.browser import PairBrowser
from batchtui.tui.screens.compare.runs import Run
from batchtui.tui.screens.compare.screen import CompareScreen, CompareSetup
from batchtui.tui.setup import EffectiveSettings


def compare_screen(a: Run, b: Run, effective: EffectiveSettings) -> CompareScreen:
    """Make the screen.

    Args:
        a: The first run.
        b: The second run.
        effective: The settings.
    """
    setup = CompareSetup(effective.glyphs, effective.loaded.export_dir)
    return CompareScreen(PairBrowser(a, b), setup)
