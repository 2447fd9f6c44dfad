"""What all verbs that talk to an account have in common: their options, and opening it."""

import argparse
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from batchtui.config.kinds import Value
from batchtui.config.loading import LoadedSettings, load_settings
from batchtui.config.paths import Paths
from batchtui.session import SessionOptions

VALUE_OPTIONS = ("--profile", "--base-url", "--theme", "--log-file")
"""The options before a verb that take a value."""


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


@dataclass(frozen=True, slots=True)
class Launch:
    """How this run of the program was started.

    Attributes:
        environ: The environment; in the demo, one whose folders are its own.
        overrides: What the command line says about settings.
        options: What sessions are opened with.
    """

    environ: Mapping[str, str]
    overrides: Mapping[str, Value]
    options: SessionOptions

    def load(self, profile: str | None = None) -> LoadedSettings:
        """Read the settings anew.

        Args:
            profile: The profile to use instead of the one that counts, or ``None``.

        Raises:
            ConfigError: The command line asks for what cannot be.
        """
        chosen = dict(self.overrides) if profile is None else {**self.overrides, "profile": profile}
        return load_settings(Paths.from_environment(self.environ), self.environ, chosen)


def launch_of(options: argparse.Namespace, environ: Mapping[str, str] | None = None) -> Launch:
    """Say how the program was started.

    Args:
        options: The words of the command line, parsed.
        environ: The environment; that of the process if not given.
    """
    environ = dict(os.environ if environ is None else environ)
    if options.demo:
        return demo_of(options, environ)
    names = ("profile", "base_url", "read_only", "theme")
    said = {name: getattr(options, name, None) for name in names}
    overrides = {name: value for name, value in said.items() if value is not None}
    return Launch(environ, overrides, SessionOptions(environ, log_file=options.log_file))


def demo_of(options: argparse.Namespace, environ: Mapping[str, str]) -> Launch:
    """The same launch with made-up batches, settings and folders of its own."""
    from batchtui.cli.demo import demo_environ, demo_options

    theme = getattr(options, "theme", None)
    own = demo_environ(environ)
    return Launch(own, {"theme": theme} if theme else {}, demo_options(own, options.log_file))
