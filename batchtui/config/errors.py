"""What can go wrong with the user's own files, and the value that reports what was put right.

The tree::

    BatchtuiError
    └── ConfigError              the base of all below
        ├── InvalidSetting       a value that was just given (form, command line) is not possible
        ├── UnknownProfile       a profile that was asked for by name does not exist
        ├── SettingsNotSaved     the settings file could not be written
        └── KeyUnavailable       there is no key where one was said to be
            ├── NoKeyGiven       nobody said where a key is, and the usual variables are not set
            ├── KeyMalformed     there is something, but it cannot be a key
            └── KeyCommandFailed the command that should print the key did not

A file that is broken is not an error: the program starts, changes nothing, and a `Problem` says so.
"""

from msgspec import Struct

from batchtui.errors import BatchtuiError


class ConfigError(BatchtuiError):
    """The user's configuration stands in the way of what was asked."""


class InvalidSetting(ConfigError):
    """A value that was just given for a setting is not possible."""


class UnknownProfile(ConfigError):
    """A profile that was asked for by name does not exist."""


class SettingsNotSaved(ConfigError):
    """The settings file could not be written; what it held before is untouched."""


class KeyUnavailable(ConfigError):
    """There is no key where one was said to be."""


class NoKeyGiven(KeyUnavailable):
    """Nobody said where a key is, and the usual environment variables are not set."""


class KeyMalformed(KeyUnavailable):
    """There is something where the key should be, but it cannot be a key."""


class KeyCommandFailed(KeyUnavailable):
    """The command that should print the key could not run, failed, or took too long."""


class Problem(Struct, frozen=True):
    """Something in the user's configuration that was passed over; the program goes on without it.

    The texts may quote the user's file: whoever shows them passes them through `untrusted.visible`.
    """

    source: str
    """Where it stands: the path of a file, or the name of an environment variable."""
    key: str
    """The setting it is about, as ``profiles.acme.base_url``; empty if it is about all of it."""
    message: str
    """What is wrong and what was done instead, in one sentence."""
    hint: str = ""
    """What to do about it, or an empty string."""
    line: int = 0
    """The line of the file, or 0 where there is none to name."""

    @property
    def place(self) -> str:
        """Where it stands, as compilers name places: ``settings.toml:3``."""
        return f"{self.source}:{self.line}" if self.line else self.source

    def __str__(self) -> str:
        where = f"{self.place}: {self.key}" if self.key else self.place
        text = f"{where}: {self.message}"
        return f"{text} {self.hint}" if self.hint else text
