"""What those who carry out the commands of the list use of the screen."""

from collections.abc import Callable, Coroutine
from typing import Protocol, TypeVar

from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen

from batchtui.tui.screens.batches.state import ViewContext

ResultT = TypeVar("ResultT")


class Host(Protocol):
    """Asks, tells and runs things for the owners of commands."""

    @property
    def view_context(self) -> ViewContext:
        """What batches are written with now."""

    def start(
        self,
        function: Callable[[], Coroutine[None, None, None]],
        group: str,
        *,
        is_exclusive: bool = True,
    ) -> object:
        """Run something beside the screen; an error of ours is shown."""

    async def ask(self, screen: Screen[ResultT]) -> ResultT | None:
        """Show a question over the list; return the answer. Only in what was started."""

    def notify(self, message: str, *, severity: SeverityLevel = "information") -> None:
        """Show a short message."""

    def post_message(self, message: Message) -> bool:
        """Tell the app that another screen, or the terminal, is wanted."""
