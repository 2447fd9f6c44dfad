"""One account's open connection together with what this disk keeps of it.

The place where configuration, wire and library meet: screens and commands get a `Session` and
look no further. Switching the profile closes one session and opens another, so nothing of one
account can show in the other.
"""

import hashlib
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from batchtui.api.connection import AccountIds, Connection, Credential
from batchtui.batches.rate_meter import RateMeter
from batchtui.call_log import CallLog
from batchtui.clock import Clock, SystemClock
from batchtui.config.credentials import Secret, environ_without_key, resolve_key
from batchtui.config.errors import ConfigError
from batchtui.config.loading import LoadedSettings
from batchtui.config.profiles import Profile
from batchtui.config.settings import Settings
from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import SourceFile
from batchtui.library.store import ResultsStore

if TYPE_CHECKING:
    from batchtui.api.calls import Call
    from batchtui.api.client import BatchesClient, Transport
    from batchtui.api.models import MessageBatch
    from batchtui.library.store import PartialResults
    from batchtui.results.download import Download
    from batchtui.results.outcome import Outcome
    from batchtui.results.progress import DownloadProgress
    from batchtui.submission.earlier import Earlier


@dataclass(slots=True)
class Session:
    """What is needed to work with one account."""

    loaded: LoadedSettings
    """The settings as they count now, and how they came about."""
    connection: Connection
    """Where the account is, and with which key."""
    make_client: "Callable[[], BatchesClient]" = field(repr=False)
    """Makes the client; `client` calls it once."""
    ledger: Ledger
    """Labels, lineage, what was seen."""
    store: ResultsStore
    """Results on this disk."""
    clock: Clock = field(default_factory=SystemClock)
    """What time it is."""
    calls: CallLog = field(default_factory=CallLog)
    """The last calls."""
    meter: RateMeter = field(default_factory=RateMeter)
    """How many there were in the last minute, whoever made them."""
    is_demo: bool = False
    """Whether the batches are made up."""
    notices: tuple[str, ...] = ()
    """What the user should know about how this came out, each one sentence."""
    scope: str = ""
    """Whose list the ledger remembers: another key may be of another workspace."""
    sample: Path | None = None
    """A request file that is offered where one is asked for, to try things on."""
    user_environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The user's environment, perhaps with the key."""
    _client: "BatchesClient | None" = field(default=None, init=False, repr=False)
    _making: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def client(self) -> "BatchesClient":
        """The connection, made when it is first asked for; that may be in another thread.

        Loading the wire takes as long as loading all the rest: who shows something first need not
        wait for it.
        """
        with self._making:
            if self._client is None:
                self._client = self.make_client()
            return self._client

    @property
    def environ(self) -> Mapping[str, str]:
        """For the on_done command: without the key, unless the settings say so now."""
        if self.settings.on_done_gets_key:
            return self.user_environ
        credential = self.connection.credential
        return environ_without_key(self.user_environ, credential.secret if credential else "")

    @property
    def account(self) -> AccountIds:
        """Whose workspace it is, as far as the server has said."""
        if self._client is not None:
            return self._client.account
        credential = self.connection.credential
        return AccountIds(key_last_four=credential.last_four if credential else "")

    @property
    def server_offset(self) -> timedelta | None:
        """How far the server's clock is ahead; ``None`` while that is not known."""
        return None if self._client is None else self._client.server_offset

    @property
    def server_now(self) -> datetime:
        """What time it is by the server's clock, as far as that is known."""
        from batchtui.batches.deadlines import server_now

        return server_now(self.clock.now(), self.server_offset)

    @property
    def settings(self) -> Settings:
        """The settings that count."""
        return self.loaded.settings

    @property
    def profile(self) -> Profile:
        """The account's profile."""
        return self.loaded.profile

    async def obtain(
        self,
        batch: "MessageBatch",
        *,
        on_progress: "Callable[[DownloadProgress], None] | None" = None,
        on_download: "Callable[[Download], None] | None" = None,
        on_waiting: "Callable[[PartialResults | None], Awaitable[None]] | None" = None,
    ) -> "Outcome":
        """Have the results of a batch on this disk, held against its requests; see `obtain`."""
        # loaded when the first download begins: the start need not wait for it
        from batchtui.results.obtain import obtain
        from batchtui.submission.requested import count_unasked

        return await obtain(
            self.client,
            batch,
            self.store,
            clock=self.clock,
            on_progress=on_progress,
            on_download=on_download,
            on_waiting=on_waiting,
            count_unasked=partial(count_unasked, self.ledger, batch.id),
        )

    def look_up_earlier(self, source: SourceFile) -> "Earlier":
        """Find out what became of a file's contents before; works in a thread.

        Raises:
            LedgerError: The ledger cannot be read.
        """
        from batchtui.submission.earlier import look_up_earlier

        return look_up_earlier(self.ledger, source, self.scope, self.loaded.other_ledgers())

    def borrowed(self, batch_id: str) -> AbstractContextManager[None]:
        """On leaving, delete what came meanwhile if the settings keep no results; see the store."""
        return self.store.borrowed([batch_id], is_kept=lambda: self.settings.keep_results)

    async def aclose(self) -> None:
        """Close the connection and the ledger."""
        try:
            if self._client is not None:
                await self._client.aclose()
        finally:
            self.ledger.close()


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """What a session is opened with, besides the settings."""

    environ: Mapping[str, str] = field(repr=False)
    """The environment, for the key."""
    transport: "Callable[[], Transport] | None" = None
    """Makes a transport to use instead of the network, or ``None``."""
    clock: Clock = field(default_factory=SystemClock)
    """What time it is."""
    log_file: Path | None = None
    """Where calls are written, or ``None``."""
    is_demo: bool = False
    """Whether the batches are made up: no key is needed or sent."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Labels that the ledger begins with."""
    sources: Mapping[str, Path] = field(default_factory=dict)
    """Request files that batches were made from, that it begins with."""
    sample: Path | None = None
    """A request file to try things on; what is offered where a file is asked for."""

    def begin(self, ledger: Ledger) -> None:
        """Put into a ledger what it is to begin with; what it has already stays as it is."""
        known = ledger.seen.known_ids({*self.labels, *self.sources})
        for batch_id in self.sources.keys() - known:
            path = self.sources[batch_id]
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            ledger.attach_source(batch_id, SourceFile(path, digest, len(content)))
        for batch_id in self.labels.keys() - known:
            ledger.set_label(batch_id, self.labels[batch_id])


def open_session(loaded: LoadedSettings, options: SessionOptions) -> Session:
    """Open the account that the settings describe. May run the command that prints the key.

    Args:
        loaded: The settings.
        options: The rest.

    Raises:
        ConfigError: There is no key where one is said to be, the profile is not understood, or the
            log cannot be written.
        InvalidConnection: Base URL, version or key cannot be used.
        LibraryError: The folder for data cannot be used.
    """
    profile = loaded.profile
    if profile.blocked:
        raise ConfigError(profile.blocked, hint="Correct the settings; nothing was sent.")
    secret = _secret_of(profile, options)
    connection = _connection_of(loaded, secret)
    calls, meter = CallLog(options.log_file), RateMeter()
    ledger = _open_ledger(loaded, options)
    notices = (*profile.notes, *secret.warnings, connection.warning, ledger.problem)
    return Session(
        loaded=loaded,
        connection=connection,
        make_client=lambda: _make_client(connection, options, calls, meter),
        ledger=ledger,
        store=ResultsStore(loaded.results_dir),
        clock=options.clock,
        calls=calls,
        meter=meter,
        is_demo=options.is_demo,
        sample=options.sample,
        user_environ=options.environ,
        scope=_scope_of(secret.value, profile.workspace_id),
        notices=tuple(filter(None, notices)),
    )


def _secret_of(profile: Profile, options: SessionOptions) -> Secret:
    """Return the key; may run the command that prints it."""
    if options.is_demo:
        return Secret("api_key", "demo", "")
    return resolve_key(
        profile.key_source,
        options.environ,
        header=profile.key_header,
        allows_shared_file=profile.allows_shared_key_file,
    )


def _connection_of(loaded: LoadedSettings, secret: Secret) -> Connection:
    """Return where and as whom to call.

    Raises:
        ConfigError: Others could read the key on its way, and nobody said that they may.
        InvalidConnection: Base URL, version or key cannot be used.
    """
    profile = loaded.profile
    connection = Connection(
        base_url=profile.base_url,
        credential=Credential(secret.kind, secret.value),
        betas=profile.betas,
        version=profile.api_version,
        workspace_id=profile.workspace_id,
        use_beta_endpoints=profile.use_beta_endpoints,
        read_timeout=loaded.settings.stall_seconds,
    )
    if connection.is_readable_on_the_way and not profile.allows_plain_http:
        raise ConfigError(
            f"{connection.host} is reached over plain http, where the key and all data can be read "
            "on the way, so nothing is sent.",
            hint="Use https, or set allow_plain_http = true in the settings.",
        )
    return connection


def _open_ledger(loaded: LoadedSettings, options: SessionOptions) -> Ledger:
    """Open the profile's ledger, with what it is to begin with."""
    # a disk that is full or read-only must not keep anybody from looking
    ledger = Ledger(loaded.ledger_file, clock=options.clock, must_write=options.is_demo)
    options.begin(ledger)
    return ledger


def _scope_of(key: str, workspace_id: str) -> str:
    """Return whose list the ledger remembers: a key's, of a workspace where one is chosen."""
    whose = f"{key} {workspace_id}" if workspace_id else key
    return hashlib.sha256(whose.encode()).hexdigest()[:16]


def _make_client(
    connection: Connection, options: SessionOptions, calls: CallLog, meter: RateMeter
) -> "BatchesClient":
    from batchtui.api.client import BatchesClient

    def note(call: "Call") -> None:
        if not call.origin:  # results that lie elsewhere are not counted against the rate
            meter.note(options.clock.monotonic())
        calls.add(call)

    return BatchesClient(
        connection,
        transport=options.transport() if options.transport else None,
        clock=options.clock,
        on_call=note,
    )
