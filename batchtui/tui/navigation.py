"""What leads from screen to screen and talks to the user, without knowing the app."""

from collections.abc import Callable, Coroutine
from typing import Protocol

from textual.notifications import SeverityLevel
from textual.screen import Screen, ScreenResultType
from textual.worker import Worker

from batchtui.config.loading import LoadedSettings
from batchtui.config.theme_spec import ThemeSpec
from batchtui.errors import BatchtuiError
from batchtui.tui.setup import EffectiveSettings


class Navigation(Protocol):
    """The part of the app that its services use."""

    @property
    def effective(self) -> EffectiveSettings:
        """The settings as they count now."""

    def apply(self, loaded: LoadedSettings) -> None:
        """Make everything that is open what settings say."""

    @property
    def theme_shown(self) -> str:
        """The name of the theme that is shown."""

    def try_on(self, theme: ThemeSpec) -> None:
        """Show a theme, without saying that it counts."""

    def show_theme(self, name: str) -> None:
        """Show a theme that was shown before."""

    def push(
        self,
        screen: Screen[ScreenResultType],
        then: Callable[[ScreenResultType | None], None] | None = None,
    ) -> None:
        """Show a screen over the others, and hand on what it is closed with."""

    async def ask(self, screen: Screen[ScreenResultType]) -> ScreenResultType | None:
        """Show a screen over the others; return what it is closed with. Only in a worker."""

    def may_leave(self) -> bool:
        """Whether all screens may be left; says why not."""

    async def show_alone(self, screen: Screen[None]) -> None:
        """Show a screen in place of all others."""

    def start(
        self, function: Callable[[], Coroutine[None, None, None]], group: str
    ) -> Worker[None]:
        """Run something beside the screens; an error of ours is shown."""

    def notify(
        self,
        message: str,
        *,
        severity: SeverityLevel = "information",
        timeout: float | None = None,
    ) -> None:
        """Show a short message; it may quote untrusted text."""

    def notify_error(self, error: BatchtuiError) -> None:
        """Show what went wrong and what to do about it."""
