"""The accounts that the app shows, one after the other: opening one, and what is shown of it."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from textual.screen import Screen

from batchtui.config.loading import LoadedSettings
from batchtui.errors import BatchtuiError
from batchtui.tui.navigation import Navigation
from batchtui.tui.setup import AppSetup

if TYPE_CHECKING:
    from batchtui.api.models import MessageBatch
    from batchtui.library.ledger import Ledger
    from batchtui.library.ledger_values import Review, SourceFile
    from batchtui.library.reviews import Reviews
    from batchtui.session import Session
    from batchtui.tui.screens.batches.screen import BatchesScreen
    from batchtui.tui.screens.batches.services import BatchServices


class Accounts:
    """Opens the account that the settings describe, and keeps the one that is open.

    Args:
        setup: What the app started with.
        navigation: Shows the screens.
        on_opened: Called when an account was opened.
    """

    def __init__(
        self, setup: AppSetup, navigation: Navigation, on_opened: Callable[[], None]
    ) -> None:
        self.session: Session | None = None
        self.opened_with: LoadedSettings | None = None
        """The settings that the session was opened with, whatever was changed since."""
        self.has_new_key = False
        """Whether a key was stored since, which the settings do not show."""
        self._list: BatchesScreen | None = None
        self._ledger: Ledger | None = None
        self._opening = threading.Lock()
        self._one_at_a_time = asyncio.Lock()
        """Held while an account is opened: what is wanted meanwhile is opened after it."""
        self._setup = setup
        self._navigation = navigation
        self._on_opened = on_opened
        self._profile: str | None = None

    @property
    def shows_file(self) -> bool:
        """Whether a results file of this disk is shown, and no account."""
        return self._setup.open_file is not None

    def read_settings(self) -> LoadedSettings:
        """Read the settings of the profile that was chosen, whichever the file names."""
        return self._setup.load(self._profile)

    def read_open_settings(self) -> LoadedSettings:
        """Read the settings of the account that is open, whichever the file names by now.

        Raises:
            ConfigError: Its profile is not there any more.
        """
        loaded, session = self.read_settings(), self.session
        if session is None or session.profile.name == loaded.profile.name:
            return loaded
        return self._setup.load(session.profile.name)

    def take_over(self, loaded: LoadedSettings) -> None:
        """Let settings count for the account that is open, and for all that is shown."""
        if self.session is not None:
            self.session.loaded = loaded
        self._navigation.apply(loaded)

    def first_screen(self) -> Screen[None]:
        """Open the account; return the screen that shows it, or why it cannot be opened."""
        loaded = self._navigation.effective.loaded
        try:
            services = open_services(loaded, self._setup)
        except BatchtuiError as error:
            return _welcome_screen(loaded, error)
        self._on_opened()
        return self._batches_screen(services, self._setup.jump_to)

    async def open(self, jump_to: str | None = None) -> None:
        """Open the account and show its batches in place of what is shown.

        Args:
            jump_to: A batch to put the cursor on.
        """
        async with self._one_at_a_time:
            opened = await self._open(self._navigation.effective.loaded, self._setup)
            if opened is not None:
                await self._show(opened, jump_to)

    async def _open(
        self, loaded: LoadedSettings, setup: AppSetup
    ) -> "BatchServices | Screen[None] | None":
        """Open an account.

        Returns:
            Its services, or the screen that says why it cannot be opened. Nothing if the user has
            to stay where they are, which is said.
        """
        if not self._navigation.may_leave():
            return None
        opened: BatchServices | Screen[None]
        try:
            opened = await asyncio.to_thread(open_services, loaded, setup)
        except BatchtuiError as error:
            opened = _welcome_screen(loaded, error)
        # it may have taken a while
        if self._navigation.may_leave():
            return opened
        if not isinstance(opened, Screen):
            await opened.session.aclose()
        return None

    async def _show(self, opened: "BatchServices | Screen[None]", jump_to: str | None) -> None:
        """Show an account that was opened, or why it could not be, and close the one before."""
        before, self.has_new_key = self.session, False
        if isinstance(opened, Screen):
            self.session = self.opened_with = self._list = None
            screen = opened
        else:
            screen = self._batches_screen(opened, jump_to)
        try:
            await self._navigation.show_alone(screen)
        finally:
            if before is not None:
                # not sooner: its screens work with it until they are gone
                await before.aclose()
        if self.session is not None:
            self._on_opened()

    def note_new_key(self) -> None:
        """Note that a key was stored: what is open has the one before."""
        self.has_new_key = True

    async def open_first(self) -> None:
        """Open the account that the app begins with, at the batch it was asked for."""
        await self.open(self._setup.jump_to)

    async def open_profile(self, name: str) -> None:
        """Open the account of another profile.

        Raises:
            ConfigError: It is not there any more; the account stays open.
        """
        await self._open_with_settings(self._setup, name)

    async def open_changed(self, loaded: LoadedSettings) -> None:
        """Open the account that changed settings describe; they count once it is shown."""
        async with self._one_at_a_time:
            await self._switch(self._setup, self._profile, loaded)

    async def open_demo(self) -> None:
        """Open made-up batches, with settings of their own."""
        if self._setup.demo is not None:
            await self._open_with_settings(self._setup.demo(), None)

    async def try_again(self) -> None:
        """Look for the key again; say so if it is still not there.

        Raises:
            ConfigError: The profile is not there any more.
        """
        await self._open_with_settings(self._setup, self._profile)
        if self.session is None:
            self._navigation.notify("Still the same problem.", severity="warning")

    async def _open_with_settings(self, setup: AppSetup, profile: str | None) -> None:
        """Read the settings again, and open the account of a profile.

        Raises:
            ConfigError: The profile is not there any more; the account stays open.
        """
        async with self._one_at_a_time:
            await self._switch(setup, profile, await asyncio.to_thread(setup.load, profile))

    async def _switch(self, setup: AppSetup, profile: str | None, loaded: LoadedSettings) -> None:
        opened = await self._open(loaded, setup)
        if opened is None:
            return
        # not sooner: until then the account before is shown, and acts by the rights of its own
        self._setup, self._profile = setup, profile
        self._navigation.apply(loaded)
        await self._show(opened, None)

    def show_created(self, batches: "Sequence[MessageBatch]") -> None:
        """Put batches that were just made into the list, with the cursor on the last of them."""
        if self._list is not None:
            self._list.add_created(batches)

    def look_again(self) -> None:
        """Show in the list what this disk knows now: results may have gone, a source come."""
        if self._list is not None:
            self._list.look_again()

    def reviews(self) -> "Reviews":
        """Return where verdicts are kept; a file of this disk needs no account for that.

        It may open the ledger: call it in a thread.

        Raises:
            LedgerError: The ledger cannot be opened.
        """
        return self._open_ledger().reviews

    def _open_ledger(self) -> "Ledger":
        if self.session is not None:
            return self.session.ledger
        from batchtui.library.ledger import Ledger

        with self._opening:
            if self._ledger is None:
                self._ledger = Ledger(self._navigation.effective.loaded.ledger_file)
            return self._ledger

    def reviews_of(self, subject: str) -> "Mapping[str, Review]":
        """Return what was said of rows before; makes no ledger where there is none.

        Raises:
            LedgerError: The ledger cannot be read.
        """
        return self.reviews().of(subject) if self._has_ledger else {}

    def source_of(self, subject: str) -> "SourceFile | None":
        """Return the requests of a batch or a results file; makes no ledger where there is none.

        Raises:
            LedgerError: The ledger cannot be read.
        """
        return self._open_ledger().source_of(subject) if self._has_ledger else None

    @property
    def _has_ledger(self) -> bool:
        ledger_file = self._navigation.effective.loaded.ledger_file
        return self.session is not None or ledger_file.exists()

    async def aclose(self) -> None:
        """Close the connection."""
        if self.session is not None:
            await self.session.aclose()
        if self._ledger is not None:
            self._ledger.close()

    @property
    def shows_list(self) -> bool:
        """Whether the list of batches is on the screen."""
        return self._list is not None and self._list.is_active

    def show_batch(self, batch_id: str) -> None:
        """Put the cursor of the list on a batch."""
        if self._list is not None:
            self._list.show_batch(batch_id)

    def _batches_screen(self, services: "BatchServices", jump_to: str | None) -> Screen[None]:
        """Make the screen of an account just opened, which is the one we work with from now on."""
        from batchtui.tui.screens.batches.screen import BatchesScreen

        self.session = services.session
        self.opened_with = services.session.loaded
        self._list = BatchesScreen(services, jump_to)
        return self._list


def open_services(loaded: LoadedSettings, setup: AppSetup) -> "BatchServices":
    """Open the account; may take long where a command gives the key.

    Raises:
        BatchtuiError: It cannot be opened.
    """
    from batchtui.session import open_session
    from batchtui.tui.screens.batches.services import BatchServices

    with ExitStack() as on_error:
        session = open_session(loaded, setup.options)
        on_error.callback(session.ledger.close)  # nothing else of it is open yet
        services = BatchServices(session)
        on_error.pop_all()
        return services


def _welcome_screen(loaded: LoadedSettings, problem: BatchtuiError) -> Screen[None]:
    from batchtui.tui.screens.welcome import WelcomeScreen

    return WelcomeScreen(loaded, problem)
