"""Make the screen over two runs, with what the settings say."""

from batchtui.library.answer_choices import AnswerChoices
from batchtui.tui.screens.compare.browser import PairBrowser, ReviewsOf, no_reviews
from batchtui.tui.screens.compare.runs import ComparedRun
from batchtui.tui.screens.compare.screen import CompareScreen, CompareSetup
from batchtui.tui.setup import EffectiveSettings


def compare_screen(
    a: ComparedRun, b: ComparedRun, effective: EffectiveSettings, reviews_of: ReviewsOf = no_reviews
) -> CompareScreen:
    """Make the screen.

    Args:
        a: The first run.
        b: The second run.
        effective: The settings.
        reviews_of: Reads what was said of the pairs of a subject; blocks.
    """
    loaded = effective.loaded
    choices, prices_file = AnswerChoices(loaded.choices_file), loaded.paths.prices_file
    browser = PairBrowser(a, b, reviews_of, choices, prices_file)
    return CompareScreen(browser, CompareSetup(effective.glyphs, loaded.export_dir))
