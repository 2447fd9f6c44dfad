"""Make the screen of the list of batches."""

from batchtui.tui.glyphs import Glyphs
from batchtui.tui.screens.batches.screen import BatchesScreen
from batchtui.tui.screens.batches.services import BatchServices


def batches_screen(
    services: BatchServices, glyphs: Glyphs, jump_to: str | None = None
) -> BatchesScreen:
    """Make the screen.

    Args:
        services: The services of the account.
        glyphs: The signs to draw with.
        jump_to: A batch to put the cursor on at first, or ``None``.
    """
    return BatchesScreen(services, glyphs, jump_to)
