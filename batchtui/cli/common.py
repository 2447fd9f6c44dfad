"""What all verbs have in common: the options that choose an account, and opening it.

Nothing heavy is loaded here before it is needed: a verb that only reads this disk needs no key and
loads no HTTP client.
"""

import argparse
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from batchtui.cli.exits import note
from batchtui.cli.verbs import VERBS
from batchtui.errors import BatchtuiError

if TYPE_CHECKING:
    from batchtui.config.kinds import Value
    from batchtui.config.loading import LoadedSettings
    from batchtui.library.ledger import Ledger
    from batchtui.library.store import ResultsStore
    from batchtui.session import Session, SessionOptions

_Given = TypeVar("_Given")


STDOUT = "-"
"""Stands for standard output where a file can be named."""


class RefusedError(BatchtuiError):
    """What was asked is not done, for a reason that lies in the settings or in how it was asked."""


def add_common_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose an account."""
    group = parser.add_argument_group("account")
    group.add_argument("--profile", metavar="NAME", help="the profile of the settings to use")
    group.add_argument("--base-url", metavar="URL", help="the server to talk to")
    group.add_argument(
        "--demo", action="store_true", help="made-up batches: no key, no network, nothing kept"
    )
    group.add_argument(
        "--read-only",
        action="store_true",
        default=None,
        help="refuse everything that changes something",
    )
    group.add_argument(
        "--log-file", metavar="FILE", type=Path, help="add a line for every call, without secrets"
    )


def output_name(text: str) -> str | None:
    """Return the file that ``--output`` names; ``None`` for standard output."""
    return None if text == STDOUT else text


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--json``."""
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line, as into a pipe"
    )


@dataclass(frozen=True)
class Launch:
    """How this run of the program was started."""

    environ: Mapping[str, str]
    """The environment; in the demo, one whose folders are its own."""
    overrides: "Mapping[str, Value]"
    """What the command line says about settings."""
    log_file: Path | None = None
    """Where calls are written, or ``None``."""
    is_demo: bool = False
    """Whether the batches are made up."""

    @cached_property
    def options(self) -> "SessionOptions":
        """What sessions are opened with; all those of a demo see the same workspace."""
        if self.is_demo:
            from batchtui.cli.demo import demo_options

            return demo_options(self.environ, self.log_file)
        from batchtui.session import SessionOptions

        return SessionOptions(self.environ, log_file=self.log_file)

    def load(self, profile: str | None = None) -> "LoadedSettings":
        """Read the settings again.

        Args:
            profile: The profile to use instead of the one that counts, or ``None``.

        Raises:
            ConfigError: The command line asks for what cannot be.
        """
        from batchtui.config.loading import load_settings
        from batchtui.config.paths import Paths

        chosen = dict(self.overrides) if profile is None else {**self.overrides, "profile": profile}
        return load_settings(Paths.from_environment(self.environ), self.environ, chosen)


def launch_of(options: argparse.Namespace) -> Launch:
    """Say how the program was started, by its command line and environment."""
    environ = dict(os.environ)
    if options.demo:
        return demo_of(options, environ)
    names = ("profile", "base_url", "read_only", "theme")
    said = {name: getattr(options, name, None) for name in names}
    overrides = {name: value for name, value in said.items() if value is not None}
    return Launch(environ, overrides, options.log_file)


def demo_of(options: argparse.Namespace, environ: Mapping[str, str]) -> Launch:
    """Return the same launch with made-up batches, settings and folders of its own."""
    from batchtui.cli.demo import demo_environ

    theme = getattr(options, "theme", None)
    own: dict[str, Value] = {"theme": theme} if theme else {}
    if options.read_only:
        own["read_only"] = True
    return Launch(demo_environ(environ), own, options.log_file, is_demo=True)


class OfflineAccount:
    """An account whose settings are read, and nothing more: no key is fetched, nothing is sent.

    Attributes:
        launch: How the program was started.
        loaded: Its settings. What was odd about them has been reported.
    """

    def __init__(self, launch: Launch, loaded: "LoadedSettings") -> None:
        self.launch = launch
        self.loaded = loaded
        self._reported: set[str] = set()

    def require_writable(self, what: str) -> None:
        """Refuse to change anything on the server where that is forbidden, and say by whom.

        Args:
            what: What was asked, as ``delete batches``.

        Raises:
            RefusedError: It is.
        """
        if self.loaded.profile.read_only:
            who, hint = _who_forbids(self.loaded)
            raise RefusedError(f"{who}: it does not {what}.", hint=hint)

    def store(self) -> "ResultsStore":
        """Return the results on this disk."""
        from batchtui.library.store import ResultsStore

        return ResultsStore(self.loaded.results_dir)

    @contextmanager
    def ledger(self, *, must_write: bool = True) -> "Iterator[Ledger]":
        """Yield what this disk knows of batches; needs no key.

        Args:
            must_write: Whether to fail where nothing can be written.

        Raises:
            LibraryError: It cannot be opened.
        """
        from batchtui.library.ledger import Ledger

        ledger = Ledger(self.loaded.ledger_file, must_write=must_write)
        if self.launch.is_demo:
            self.launch.options.begin(ledger)
        if ledger.problem and ledger.problem not in self._reported:
            self._reported.add(ledger.problem)
            note(ledger.problem)
        try:
            yield ledger
        finally:
            ledger.close()

    def run(self, work: "Callable[[Session], Awaitable[_Given]]") -> _Given:
        """Open the account and do something with it; it is closed afterwards, come what may.

        Raises:
            BatchtuiError: It cannot be opened, or the work raised it.
        """
        import asyncio

        from batchtui.session import open_session

        session = open_session(self.loaded, self.launch.options)
        for notice in session.notices:
            if notice not in self._reported:
                self._reported.add(notice)
                note(notice)

        async def all_of_it() -> _Given:
            try:
                return await work(session)
            finally:
                if session.ledger.seen.unsaved and not session.ledger.refusal:
                    note(f"What the server showed is not remembered: {session.ledger.seen.unsaved}")
                await session.aclose()

        return asyncio.run(all_of_it())


def _who_forbids(loaded: "LoadedSettings") -> tuple[str, str]:
    """Return who made this run read-only, and what to do about it."""
    origin = loaded.origins["read_only"]
    match origin.kind:
        case "command line":
            return "The option --read-only makes batchtui read-only", "Leave --read-only out."
        case "environment":
            hint = f"Unset {origin.name}, or set it to false."
            return f"The variable {origin.name} makes batchtui read-only", hint
        case "profile":
            hint = "Choose another profile, or change read_only of this one in the settings."
            return f"The profile {origin.name} is read-only", hint
        case _:
            hint = f"Change read_only in {loaded.paths.settings_file}."
            return "The setting read_only makes batchtui read-only", hint


def report_passed_over(options: argparse.Namespace) -> None:
    """Say on stderr which words of the command line mean nothing in the demo."""
    if not options.demo:
        return
    if options.profile is not None:
        note(f"The demo has no profiles: --profile {options.profile} is ignored.")
    if options.base_url is not None:
        note(f"The demo talks to no server: --base-url {options.base_url} is ignored.")


def account_of(options: argparse.Namespace) -> OfflineAccount:
    """Read the settings of the account that the command line chooses, and report what is odd.

    Raises:
        ConfigError: The command line asks for what cannot be.
        RefusedError: It asks for a change while what may protect or direct is not understood.
    """
    launch = launch_of(options)
    loaded = launch.load()
    report_passed_over(options)
    is_change = VERBS[options.verb].changes and not getattr(options, "dry_run", False)
    if loaded.damage is not None and is_change:
        hint = loaded.damage.message
        raise RefusedError(
            f"Nothing is changed until {loaded.damage.place} is corrected.", hint=hint
        )
    for problem in loaded.problems:
        note(str(problem))
    return OfflineAccount(launch, loaded)
