"""The key itself: fetched where the profile says it is, checked, never shown and never saved.

A key may be typed into the program only to be written by `write_key_file` into a file that nobody
else can read.
"""

import os
import re
import signal
import stat
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from msgspec import Struct

from batchtui.config.document import replace_file
from batchtui.config.environment import STANDARD_VARIABLES
from batchtui.config.errors import (
    ConfigError,
    KeyCommandFailed,
    KeyMalformed,
    KeyUnavailable,
    NoKeyGiven,
)
from batchtui.config.profiles import CommandKey, EnvironmentKey, FileKey, KeySource
from batchtui.endpoint import LONGEST_KEY, find_key_fault
from batchtui.regular_files import read_regular

SecretKind = Literal["api_key", "auth_token"]

COMMAND_SECONDS = 60.0
"""How long a command may take to print a key: a person may have to touch a device."""

_SHORTEST_KEY = 8
"""Characters; a shorter word of a command's output is a word."""
_LIKE_A_KEY = re.compile(r"\bsk-[\w-]{6,}")

_WAYS = (
    "Set ANTHROPIC_API_KEY, or name a key file or a command that prints the key in the settings; "
    "batchtui --demo needs no key."
)


class Secret(Struct, frozen=True):
    """A key, which its ``repr`` does not show."""

    kind: SecretKind
    """How it is sent: ``x-api-key``, or ``Authorization: Bearer`` for an auth token."""
    value: str
    """The key. For a header and nothing else."""
    origin: str
    """Where it came from, in words."""
    warnings: tuple[str, ...] = ()
    """What the user should know about how it is kept, each one sentence."""

    def __repr__(self) -> str:
        return f"<{self.kind} from {self.origin}>"

    def __str__(self) -> str:
        return f"key from {self.origin}"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("origin", self.origin)]


def resolve_key(
    source: KeySource,
    environ: Mapping[str, str],
    *,
    header: str = "auto",
    allows_shared_file: bool = False,
    timeout: float = COMMAND_SECONDS,
) -> Secret:
    """Fetch the key; each call asks the source again, so that a rotated key is picked up.

    May block for as long as a command takes: call it in a thread where a screen is waiting.

    Args:
        source: Where it is.
        environ: The environment, also for the command.
        header: `Profile.key_header`.
        allows_shared_file: Whether a key file that others can read is used.
        timeout: Seconds that a command may take.

    Raises:
        NoKeyGiven: None of the usual variables is set.
        KeyUnavailable: It is not where it was said to be, or others can read it there.
        KeyMalformed: What is there cannot be a key.
        KeyCommandFailed: The command did not print one.
    """
    match source:
        case EnvironmentKey():
            return _from_environment(source, environ, header)
        case FileKey():
            return _from_file(source, header, allows_shared=allows_shared_file)
        case CommandKey():
            return _from_command(source, environ, header, timeout)


def environ_without_key(environ: Mapping[str, str], key: str) -> dict[str, str]:
    """Return an environment for a command of the user's that needs no key.

    Args:
        environ: The environment.
        key: The key in use: a variable that holds it is left out whatever its name.
    """
    return {
        name: value
        for name, value in environ.items()
        if name not in STANDARD_VARIABLES and not (key and key in value)
    }


def environ_for_viewers(environ: Mapping[str, str], source: KeySource) -> dict[str, str]:
    """Return an environment for a program that only shows or keeps text: pager, editor, clipboard.

    Args:
        environ: The environment.
        source: Where the key is: a variable that holds it is left out.
    """
    own = source.variables if isinstance(source, EnvironmentKey) else ()
    return {
        name: value for name, value in environ.items() if name not in {*STANDARD_VARIABLES, *own}
    }


def clean_key(text: str, where: str) -> str:
    """Return a key without the white space around it.

    Args:
        text: What was found or typed.
        where: For the message: ``the file /home/me/key``. The message never quotes the key.

    Raises:
        KeyMalformed: It is empty, or has something in it that no key has.
    """
    key = text.strip().strip("\ufeff\x00").strip()
    fault = find_key_fault(key)
    if fault is None:
        return key
    hint = fault.hint if key else _WAYS
    raise KeyMalformed(f"What is in {where} cannot be used as a key: {fault.what}.", hint=hint)


def write_key_file(path: Path, key: str) -> Path:
    """Write a key that the user typed into a file that only they can read (0600).

    Args:
        path: The file; what it held before is replaced as a whole or not at all.
        key: The key as typed.

    Returns:
        The file that was written; the target, if ``path`` is a link.

    Raises:
        KeyMalformed: What was typed cannot be a key.
        ConfigError: The file cannot be written.
    """
    content = clean_key(key, "what was typed") + "\n"
    target = Path(os.path.realpath(path))
    try:
        replace_file(target, content.encode(), mode=0o600)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            f"The key file {target} could not be written: {reason}.",
            hint="Choose another place, or set ANTHROPIC_API_KEY.",
        ) from error
    return target


def _kind(header: str, variable: str = "") -> SecretKind:
    if header == "auto":
        return "auth_token" if variable == "ANTHROPIC_AUTH_TOKEN" else "api_key"
    return "auth_token" if header == "bearer" else "api_key"


def _from_environment(source: EnvironmentKey, environ: Mapping[str, str], header: str) -> Secret:
    for variable in source.variables:
        text = environ.get(variable, "")
        if text.strip():
            key = clean_key(text, f"the environment variable {variable}")
            return Secret(_kind(header, variable), key, variable)
    names = " and ".join(source.variables)
    if source == EnvironmentKey():
        raise NoKeyGiven(f"No API key: {names} are not set.", hint=_WAYS)
    raise KeyUnavailable(
        f"The environment variable {names} should hold the API key, but it is not set.",
        hint="Set it, or change key_env in the settings.",
    )


def _from_file(source: FileKey, header: str, *, allows_shared: bool) -> Secret:
    where = f"the key file {source.path}"
    try:
        raw = read_regular(source.path, LONGEST_KEY)
        mode = stat.S_IMODE(source.path.stat().st_mode)
    except OSError as error:
        reason = error.strerror or str(error)
        raise KeyUnavailable(
            f"The key file {source.path} cannot be read: {reason}.",
            hint="Write the key into it, or change key_file in the settings.",
        ) from error
    try:
        key = clean_key(raw.decode("utf-8-sig"), where)
    except UnicodeDecodeError:
        raise KeyMalformed(f"What is in {where} is not text.", hint="Copy the key again.") from None
    warnings: tuple[str, ...] = ()
    if mode & 0o077 and os.name == "posix":
        fault = f"Others can read {where} (mode {mode:04o})"
        if not allows_shared:
            raise KeyUnavailable(
                f"{fault}, so it is not used.",
                hint=f"Run chmod 600 {source.path}, or set allow_shared_key_file = true.",
            )
        warnings = (f"{fault}.",)
    return Secret(_kind(header), key, f"file {source.path}", warnings)


def _from_command(
    source: CommandKey, environ: Mapping[str, str], header: str, timeout: float
) -> Secret:
    name = source.words[0]
    output = _run(source.words, environ, timeout)
    try:
        text = output.decode()
    except UnicodeDecodeError:
        raise KeyMalformed(f"What the command {name} printed is not text.") from None
    return Secret(_kind(header), clean_key(text, f"what the command {name} printed"), str(source))


def _run(words: tuple[str, ...], environ: Mapping[str, str], timeout: float) -> bytes:
    """Run a command without a shell and return what it printed."""
    name = words[0]
    try:
        # The words are the user's own setting and no shell reads them. A session of its own keeps
        # the command off our terminal, and lets everything it started be ended together.
        process = subprocess.Popen(  # noqa: S603 - the user's own words, no shell
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KeyCommandFailed(
            f"The command {name}, which should print the key, cannot be run: {reason}.",
            hint="Check key_command in the settings; it is a list of words, the program first.",
        ) from error
    with process:
        try:
            output, complaint = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise KeyCommandFailed(
                f"The command {name} did not print the key within {timeout:g} seconds.",
                hint="Run it in a terminal to see what it waits for; it cannot ask here.",
            ) from None
        finally:
            if process.returncode is None:  # too late, or we were interrupted
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        said = complaint.decode("utf-8", "replace").strip().splitlines()
        reason = f": {_without_keys(said[0], output)[:300]}" if said else "."
        raise KeyCommandFailed(
            f"The command {name} failed with exit code {process.returncode}{reason}",
            hint="Run it in a terminal; it may want you to log in first.",
        )
    return output


def _without_keys(complaint: str, printed: bytes) -> str:
    """Return what a command said without what it printed and without anything like a key.

    A script that shows what it does (``set -x``) repeats the key among its complaints.
    """
    for word in printed.decode("utf-8", "replace").split():
        if len(word) >= _SHORTEST_KEY:
            complaint = complaint.replace(word, "(a key)")
    return _LIKE_A_KEY.sub("(a key)", complaint)
