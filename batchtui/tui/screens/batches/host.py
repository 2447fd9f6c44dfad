"""What those who carry out the commands of the list use of the screen."""

from typing import Protocol

from batchtui.tui.screens.batches.state import ViewContext
from batchtui.tui.screens.host import Host


class ListHost(Host, Protocol):
    """The list, for the owners of its commands."""

    @property
    def view_context(self) -> ViewContext:
        """What batches are written with now."""
