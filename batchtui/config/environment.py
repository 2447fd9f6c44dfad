"""What the environment says about the settings, and where that meets what was said elsewhere."""

from collections.abc import Mapping

from msgspec import Struct, field

from batchtui.config.errors import Problem
from batchtui.config.kinds import Value
from batchtui.config.settings import DEFAULT_PROFILE, KEY_SOURCE_KEYS, SETTING_BY_KEY
from batchtui.config.stored import StoredSettings
from batchtui.formatting import nearest

STANDARD_VARIABLES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")
"""Where a key is looked for if nobody says where it is, the first that is set."""

URL_VARIABLE = "ANTHROPIC_BASE_URL"

_PREFIX = "BATCHTUI_"
_SLIP = 0.85
"""How alike two names are of which one is mistyped; those of other programs are less so."""
_OWN = {one.variables[0]: key for key, one in SETTING_BY_KEY.items() if one.variables}


class Refused(Struct, frozen=True):
    """What a variable says and what cannot be."""

    variable: str
    """Which."""
    why: str
    """Why it cannot be, "it ...", with the mark at its end."""


class Said(Struct):
    """What some variables say."""

    values: dict[str, Value] = field(default_factory=dict)
    """By the name of the setting."""
    variables: dict[str, str] = field(default_factory=dict)
    """Which variable said it, by the name of the setting."""
    refused: dict[str, Refused] = field(default_factory=dict)
    """What was said and cannot be, by the name of the setting."""
    slips: list[Problem] = field(default_factory=list)
    """Variables that say nothing, and were meant to."""
    notes: list[str] = field(default_factory=list)
    """What was passed over because somebody nearer said otherwise."""

    def take(self, key: str, variable: str, text: str) -> None:
        """Take the value that a variable gives a setting, or report it."""
        kind = SETTING_BY_KEY[key].kind
        try:
            self.values[key] = kind.parse(text)
            self.variables[key] = variable
        except ValueError:
            self.refused[key] = Refused(variable, kind.explain(text))


def read_own(environ: Mapping[str, str]) -> Said:
    """Read the ``BATCHTUI_`` variables; an empty one says nothing."""
    said = Said()
    for variable, text in environ.items():
        if not variable.startswith(_PREFIX) or not text:
            continue
        if variable in _OWN:
            said.take(_OWN[variable], variable, text)
        elif guess := _slip_of(variable):
            hint = f"Did you mean {guess}?"
            if SETTING_BY_KEY[_OWN[guess]].protects:
                said.refused[_OWN[guess]] = Refused(variable, f"it has no effect. {hint}")
            else:
                said.slips.append(Problem(variable, "", "It has no effect.", hint))
    return said


def _slip_of(variable: str) -> str:
    """Return the variable of ours that this one was meant to be; others may be somebody else's."""
    name = variable.removeprefix(_PREFIX)
    near = {one.removeprefix(_PREFIX): one for one in _OWN}
    guess = nearest(name, near)
    is_same = guess.replace("_", "") == name.replace("_", "")
    return near[guess] if guess and (is_same or _differ_little(name, guess)) else ""


def _differ_little(name: str, other: str) -> bool:
    """Return whether two names differ by a slip of the hand: two letters swapped, one too few."""
    from difflib import SequenceMatcher

    return SequenceMatcher(None, name, other, autojunk=False).ratio() >= _SLIP


def read_ambient(environ: Mapping[str, str], profile: str, stored: StoredSettings) -> Said:
    """Read the ``ANTHROPIC_`` variables, which are set for many programs.

    Args:
        environ: The environment.
        profile: The name of the profile that counts.
        stored: What the settings file says: what the profile names itself is not replaced.
    """
    said = Said()
    table = stored.profiles.get(profile, {})
    owner = "the settings file" if profile == DEFAULT_PROFILE else f"profile {profile}"
    url = environ.get(URL_VARIABLE, "").strip()
    if url and "base_url" not in table:
        said.take("base_url", URL_VARIABLE, url)
    elif url and url.rstrip("/") != table["base_url"]:
        said.notes.append(f"{URL_VARIABLE} is not used: {owner} names its own server.")
    variable = next((name for name in STANDARD_VARIABLES if environ.get(name, "").strip()), "")
    chosen = _key_source_in(table) or ("key_env" if stored.values.get("key_env") else "")
    if variable and not chosen:
        said.values["key_env"] = said.variables["key_env"] = variable
    elif variable and table.get(chosen, stored.values.get(chosen)) != variable:
        said.notes.append(f"{variable} is not used: {owner} says by {chosen} where its key is.")
    return said


def _key_source_in(values: Mapping[str, Value]) -> str:
    return next((key for key in KEY_SOURCE_KEYS if values.get(key)), "")


def describe_meetings(
    ambient: Said, stored: StoredSettings, key_from: str, base_url: str
) -> list[str]:
    """Say where an ``ANTHROPIC_`` variable wins over the settings file.

    Args:
        ambient: What those variables say.
        stored: What the file says.
        key_from: Where the key comes from in the end, in words; empty if from the environment.
        base_url: The server in the end.
    """
    notes: list[str] = []
    url = ambient.values.get("base_url")
    written = stored.values.get("base_url")
    if url == base_url and written not in (None, url):
        notes.append(f"{URL_VARIABLE} is used, not base_url in the settings file.")
    if url == base_url and key_from:
        notes.append(f"The key from {key_from} goes to {base_url}, as {URL_VARIABLE} says.")
    source = _key_source_in(stored.values)
    if source and "key_env" in ambient.values and not key_from:
        variable = ambient.variables["key_env"]
        notes.append(f"{variable} is used, not {source} in the settings file.")
    return notes
