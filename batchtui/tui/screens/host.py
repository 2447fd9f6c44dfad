"""What owners of commands use of the screen that offers the commands."""

from collections.abc import Callable, Coroutine
from typing import Protocol

from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen, ScreenResultType


class Host(Protocol):
    """Asks, says and runs things for the owners of commands; a `CommandScreen` is one."""

    def start(
        self,
        function: Callable[[], Coroutine[None, None, None]],
        group: str,
        *,
        is_exclusive: bool = True,
    ) -> object:
        """Run something beside the screen; an error of ours is shown."""

    async def ask(self, screen: Screen[ScreenResultType]) -> ScreenResultType | None:
        """Show a question over the screen; return the answer. Only in what was started."""

    def notify(self, message: str, *, severity: SeverityLevel = "information") -> None:
        """Show a short message."""

    def post_message(self, message: Message) -> bool:
        """Ask the app for another screen, or for the terminal."""
