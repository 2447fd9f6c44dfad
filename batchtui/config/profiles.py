"""Whom the program talks to: the account, workspace or gateway that a profile describes."""

from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from batchtui.config.environment import STANDARD_VARIABLES
from batchtui.config.paths import expand
from batchtui.config.settings import DEFAULT_PROFILE, Settings
from batchtui.endpoint import STANDARD_URL


class EnvironmentKey(Struct, frozen=True):
    """The key is in an environment variable; the first of these that is set."""

    variables: tuple[str, ...] = STANDARD_VARIABLES

    def __str__(self) -> str:
        return "environment variable " + " or ".join(self.variables)


class FileKey(Struct, frozen=True):
    """The key is all that stands in a file."""

    path: Path

    def __str__(self) -> str:
        return f"file {self.path}"


class CommandKey(Struct, frozen=True):
    """A command prints the key; it runs each time the key is needed."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"command {self.words[0]}"


KeySource = EnvironmentKey | FileKey | CommandKey
"""Where a key comes from. Never the key itself."""


class Profile(Struct, frozen=True, kw_only=True):
    """One account on one server, as all that was said about it comes out."""

    name: str
    """``default``, or the NAME of a ``[profiles.NAME]`` table."""
    base_url: str
    """The server, without a slash at its end."""
    key_source: KeySource
    """Where its key comes from."""
    key_header: str
    """``auto``, ``x-api-key`` or ``bearer``."""
    workspace_id: str
    """For the anthropic-workspace-id header, or ``""``."""
    api_version: str
    """The anthropic-version header."""
    use_beta_endpoints: bool
    """Whether ``?beta=true`` is sent."""
    betas: tuple[str, ...]
    """For the anthropic-beta header."""
    color: str
    """One of `settings.PROFILE_COLORS`."""
    read_only: bool
    """Whether everything that changes something is refused."""
    allows_plain_http: bool = False
    """Whether a key may go to another machine without encryption."""
    allows_shared_key_file: bool = False
    """Whether a key file that others can read is used."""
    notes: tuple[str, ...] = ()
    """What the user should know about how this came out, each one sentence."""
    blocked: str = ""
    """Why nothing may be sent, or empty: who said which server or key was not understood, and the
    defaults would send a key to a server that it was not meant for."""

    @property
    def host(self) -> str:
        """The server's name, with its port if it has one."""
        return urlsplit(self.base_url).netloc

    @property
    def storage_name(self) -> str:
        """Under what name its files are kept: `Paths.profile_data_dir` takes it.

        The name alone for the standard server, else with the server's: what one server said must
        never show under another, also if only ``ANTHROPIC_BASE_URL`` differs.
        """
        return f"{self.name}@{self.server_name}" if self.server_name else self.name

    @property
    def server_name(self) -> str:
        """Where its server is, without the scheme; "" for the standard one."""
        return "" if self.base_url == STANDARD_URL else self.base_url.partition("://")[2]


def profile_of(settings: Settings, home: Path, base: Path) -> Profile:
    """Return the profile that settings, all sources considered, describe.

    Args:
        settings: As `loading.load_settings` made them.
        home: What ``~`` in the path of a key file is.
        base: What a relative path of a key file is relative to: the config directory.
    """
    return Profile(
        name=settings.profile or DEFAULT_PROFILE,
        base_url=settings.base_url,
        key_source=_key_source_of(settings, home, base),
        key_header=settings.key_header,
        workspace_id=settings.workspace_id,
        api_version=settings.api_version,
        use_beta_endpoints=settings.use_beta_endpoints,
        betas=settings.betas,
        color=settings.profile_color,
        read_only=settings.read_only,
        allows_plain_http=settings.allow_plain_http,
        allows_shared_key_file=settings.allow_shared_key_file,
    )


def _key_source_of(settings: Settings, home: Path, base: Path) -> KeySource:
    if settings.key_command:
        return CommandKey(settings.key_command)
    if settings.key_file:
        return FileKey(expand(settings.key_file, home, base))
    if settings.key_env:
        return EnvironmentKey((settings.key_env,))
    return EnvironmentKey()
