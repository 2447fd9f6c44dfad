"""From all who have a say about a setting to the value that counts.

The later wins: the default, the settings file, the chosen profile's table in it, the environment,
the command line. Two things soften that where a key could reach a server it was not meant for:

- ``ANTHROPIC_BASE_URL``, ``ANTHROPIC_API_KEY`` and ``ANTHROPIC_AUTH_TOKEN`` are set for many
  programs. They win over what stands in the file outside of profiles, but **not over what a
  profile that was chosen by name says itself** about the server or the key. ``BATCHTUI_...``
  variables are meant for this program and always win.
- The key's source is one decision, whether it is said as ``key_env``, ``key_file`` or
  ``key_command``: who says one of them overrides all that was said of the three. ``key_env``
  in the file chooses among the environment's variables, so the usual ones do not override it.

Every such meeting stands in `Profile.notes`.

What protects or directs is never defaulted away (`StoredSettings.doubts`): with a file that cannot
be read whole, or with a name or value in it that may have been meant so and is not understood,
everything is read-only; and if it may have said which server or key to use, nothing is sent.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct, structs

from batchtui.config.document import read_document
from batchtui.config.environment import Refused, Said, describe_meetings, read_ambient, read_own
from batchtui.config.errors import InvalidSetting, Problem, UnknownProfile
from batchtui.config.kinds import Value
from batchtui.config.paths import Paths, expand, home_folder, profile_folder
from batchtui.config.profiles import EnvironmentKey, Profile, profile_of
from batchtui.config.settings import (
    DEFAULT_PROFILE,
    KEY_SOURCE_KEYS,
    SETTING_BY_KEY,
    SETTINGS,
    Settings,
)
from batchtui.config.stored import StoredSettings, check_document
from batchtui.formatting import nearest

OriginKind = Literal["default", "file", "profile", "environment", "command line", "damaged file"]

_RANK: Mapping[OriginKind, int] = {
    "default": 0,
    "file": 1,
    "profile": 3,
    "environment": 4,
    "command line": 5,
    "damaged file": 6,
}
_AMBIENT_RANK = 2
"""That of the ``ANTHROPIC_`` variables."""


class Origin(Struct, frozen=True):
    """Who said what a setting is."""

    kind: OriginKind
    name: str = ""
    """The profile's or the variable's name, where it is one."""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" if self.name else self.kind


DEFAULT = Origin("default")


class LoadedSettings(Struct, frozen=True):
    """The settings that count, and how they came about."""

    settings: Settings
    """The outcome."""
    origins: Mapping[str, Origin]
    """Who decided each setting."""
    profile: Profile
    """Whom to talk to."""
    stored: StoredSettings
    """What the file says, whoever won over it: what the settings screen edits."""
    paths: Paths
    """Where the files are."""
    home: Path
    """The home folder."""
    problems: tuple[Problem, ...] = ()
    """All that was passed over, in the file and in the environment."""
    damage: Problem | None = None
    """What is wrong in the file because of which everything is read-only."""

    @property
    def profile_names(self) -> tuple[str, ...]:
        """All profiles there are to choose from."""
        return self.stored.profile_names

    @property
    def choices_file(self) -> Path:
        """Where it is kept how answers are looked at: columns and patterns."""
        return self.data_dir / "columns.json"

    @property
    def data_dir(self) -> Path:
        """What is kept for this profile on this server and nothing else."""
        return self.paths.profile_data_dir(self.profile.storage_name)

    @property
    def ledger_file(self) -> Path:
        """Where this profile's labels, lineage and journal are."""
        return self.data_dir / "ledger.db"

    def other_ledgers(self) -> tuple[Path, ...]:
        """Return the ledgers of other profiles on the same server; looks at the disk."""
        own = self.data_dir
        server = profile_folder(f"@{self.profile.server_name}") if self.profile.server_name else ""
        return tuple(
            found
            for found in sorted(own.parent.glob("*/ledger.db"))
            if found.parent != own
            and (found.parent.name.endswith(server) if server else "@" not in found.parent.name)
        )

    @property
    def results_dir(self) -> Path:
        """Where this profile's downloaded results go."""
        if not self.settings.download_dir:
            return self.data_dir / "results"
        folder = expand(self.settings.download_dir, self.home)
        return folder / profile_folder(self.profile.storage_name)

    @property
    def requests_dir(self) -> Path:
        """Where request files are that were written for this profile."""
        return self.data_dir / "requests"

    @property
    def export_dir(self) -> Path:
        """Where exports go."""
        return expand(self.settings.export_dir or ".", self.home)

    def line_of(self, *path: str) -> int:
        """Return the line of the settings file that sets a key, or 0 where it cannot be told."""
        return self.stored.document.line_of(*path)

    def saved_value(self, key: str) -> Value | None:
        """Return what the file says of a setting, whether it counts or not; ``None``: nothing."""
        table = self.stored.profiles.get(self.profile.name, {})
        return table.get(key, self.stored.values.get(key))

    def is_overridden(self, key: str) -> bool:
        """Return whether environment or command line decide, so that saving has no effect yet."""
        return self.origins[key].kind in ("environment", "command line")


class _Layer(Struct, frozen=True):
    """What one source says; ``origins`` only where they differ from the layer's own."""

    origin: Origin
    values: Mapping[str, Value]
    variables: Mapping[str, str] | None = None

    def origin_of(self, key: str) -> Origin:
        if self.variables is not None and key in self.variables:
            return Origin(self.origin.kind, self.variables[key])
        return self.origin


def load_settings(
    paths: Paths,
    environ: Mapping[str, str],
    overrides: Mapping[str, Value] | None = None,
) -> LoadedSettings:
    """Read the settings file and the environment and say what counts.

    Writes nothing, and a broken file does not stop it: nothing may be changed then.

    Args:
        paths: Where the file is.
        environ: The environment.
        overrides: What the command line says, by the name of the setting: typed values, or texts
            as they were given. ``profile`` chooses the profile.

    Raises:
        InvalidSetting: The command line gives a value that cannot be, or an unknown setting.
        UnknownProfile: The command line or ``BATCHTUI_PROFILE`` names a profile that is not there.
    """
    stored = check_document(read_document(paths.settings_file), str(paths.settings_file))
    problems = [Problem("environment", "", note) for note in paths.notes]
    own = read_own(environ)
    command_line = _from_command_line(overrides or {})
    name = _profile_name(stored, own.values, command_line)
    ambient = read_ambient(environ, name, stored)
    damage = _damage(stored, name) or _unprotected(own.refused, command_line)
    values, origins = _merge(
        _Layer(Origin("file"), stored.values),
        _Layer(Origin("profile", name), stored.profiles.get(name, {})),
        _Layer(Origin("environment"), ambient.values, ambient.variables),
        _Layer(Origin("environment"), own.values, own.variables),
        _Layer(Origin("command line"), command_line),
        _Layer(Origin("damaged file"), {} if damage is None else {"read_only": True}),
    )
    settings = Settings().with_values({**values, "profile": name})
    home, _ = home_folder(environ)
    profile = profile_of(settings, home, paths.config_dir)
    notes = _notes(profile, ambient, stored)
    refused = ambient.refused | own.refused
    blocked = _blocked(name, stored, refused, origins)
    return LoadedSettings(
        settings,
        origins,
        structs.replace(profile, notes=notes, blocked=blocked),
        stored,
        paths,
        home,
        (*problems, *stored.problems, *_ignored(refused, blocked, damage), *own.slips),
        damage,
    )


def _notes(profile: Profile, ambient: Said, stored: StoredSettings) -> tuple[str, ...]:
    """Return what the user should know about how a profile came out."""
    from_file = not isinstance(profile.key_source, EnvironmentKey)
    key_from = str(profile.key_source) if from_file else ""
    return (*ambient.notes, *describe_meetings(ambient, stored, key_from, profile.base_url))


def _merge(*layers: _Layer) -> tuple[dict[str, Value], dict[str, Origin]]:
    values: dict[str, Value] = {}
    origins = {setting.key: DEFAULT for setting in SETTINGS}
    for layer in layers:
        if any(key in layer.values for key in KEY_SOURCE_KEYS):
            for key in KEY_SOURCE_KEYS:
                values.pop(key, None)
                origins[key] = DEFAULT
        for key, value in layer.values.items():
            values[key] = value
            origins[key] = layer.origin_of(key)
    return values, origins


def _from_command_line(overrides: Mapping[str, Value]) -> dict[str, Value]:
    values: dict[str, Value] = {}
    for key, value in overrides.items():
        if key not in SETTING_BY_KEY:
            guess = nearest(key, SETTING_BY_KEY)
            hint = f"Did you mean {guess}?" if guess else ""
            raise InvalidSetting(f"There is no setting {key}.", hint=hint)
        kind = SETTING_BY_KEY[key].kind
        try:
            values[key] = kind.parse(value) if isinstance(value, str) else kind.check(value)
        except ValueError:
            raise InvalidSetting(kind.explain(value, key)) from None
    return values


def _profile_name(
    stored: StoredSettings, own: Mapping[str, Value], command_line: Mapping[str, Value]
) -> str:
    """Return which profile counts.

    Raises:
        UnknownProfile: The command line or the environment asks for one that is not there.
    """
    for values, who in ((command_line, "the command line"), (own, "BATCHTUI_PROFILE")):
        if "profile" in values:
            name = str(values["profile"])
            if name in stored.profile_names:
                return name
            hint = f"There are: {', '.join(stored.profile_names)}."
            raise UnknownProfile(
                f"There is no profile {name}, which {who} asks for.",
                hint=str(stored.problems[0]) if stored.document.fault else hint,
            )
    return str(stored.values.get("profile", DEFAULT_PROFILE))


def _damage(stored: StoredSettings, name: str) -> Problem | None:
    """Return what is wrong in the file because of which nothing may be changed."""
    doubts = (one.problem for one in stored.doubts if one.profile in ("", name))
    return next(doubts, None)


def _not_sent(one: Refused) -> str:
    return f"{one.variable} is not possible, so nothing is sent: {one.why}"


def _unprotected(
    refused: Mapping[str, Refused], command_line: Mapping[str, Value]
) -> Problem | None:
    """Return which variable of ours was to protect something, and is not understood."""
    for key, one in refused.items():
        is_settled = key in _DIRECTED or key in command_line
        if SETTING_BY_KEY[key].protects and not is_settled:
            return Problem(one.variable, "", f"Nothing may be changed, because {one.why}")
    return None


def _ignored(
    refused: Mapping[str, Refused], blocked: str, damage: Problem | None
) -> Iterator[Problem]:
    """Yield what variables say in vain, but for what nothing is sent or changed because of."""
    for one in refused.values():
        if damage is not None and damage.source == one.variable:
            yield damage
        elif blocked != _not_sent(one):
            yield Problem(one.variable, "", f"It is ignored: {one.why}")


def _blocked(
    name: str, stored: StoredSettings, refused: Mapping[str, Refused], origins: Mapping[str, Origin]
) -> str:
    """Say why nothing may be sent, if who said the server or the key was not understood."""
    for key, one in refused.items():
        if key in _DIRECTED and _rank(key, origins) < _RANK["environment"]:
            return _not_sent(one)
    for doubt in stored.doubts:
        said_in = _RANK["profile" if doubt.profile else "file"]
        is_ours = doubt.profile in ("", name) and doubt.setting in _DIRECTED
        if is_ours and _rank(doubt.setting, origins) < said_in:
            return f"Nothing is sent, because the settings are not understood: {doubt.problem}"
    return ""


_DIRECTED: Mapping[str, tuple[str, ...]] = {
    "profile": ("profile", "base_url"),
    "base_url": ("base_url",),
    **dict.fromkeys(KEY_SOURCE_KEYS, KEY_SOURCE_KEYS),
}
"""What says where things go, with the settings that say the same."""


def _rank(key: str, origins: Mapping[str, Origin]) -> int:
    """Return the rank of the strongest that said where something goes."""
    return max(
        _AMBIENT_RANK if origin.name.startswith("ANTHROPIC_") else _RANK[origin.kind]
        for origin in (origins[one] for one in _DIRECTED[key])
    )
