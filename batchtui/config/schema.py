"""What is declared about a setting, once, for everybody who needs to know.

The fields of `settings.Settings` carry these declarations. The loader, the settings screen, the
command line and the table in the README read them from there.
"""

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass

from batchtui.config.kinds import Kind, Value

_SPELLINGS = {"api": "API", "env": "variable", "dir": "folder", "osc": "by OSC", "url": "URL"}
"""Words of setting names as the screen writes them."""
_METADATA = "batchtui.setting"


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a field of `Settings` says about itself besides its name, type and default."""

    group: str
    help: str
    kind: Kind
    variables: tuple[str, ...] | None
    in_profile: bool


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as everybody sees it."""

    key: str
    """Its name in the file, and the name of the field in `Settings`."""
    group: str
    """The heading it stands under."""
    help: str
    """What it does, in one line for a person."""
    kind: Kind
    """How its values are checked, read and written."""
    default: Value
    """Its value where nobody says otherwise."""
    variables: tuple[str, ...]
    """The environment variables that set it, the strongest first."""
    in_profile: bool
    """Whether a profile may have its own value."""

    @property
    def title(self) -> str:
        """Its name for the screen: ``Page size``."""
        words = [_SPELLINGS.get(word, word) for word in self.key.split("_")]
        return " ".join([words[0][0].upper() + words[0][1:], *words[1:]])


def declare(
    kind: Kind,
    group: str,
    text: str,
    *,
    variables: tuple[str, ...] | None = None,
    in_profile: bool = True,
) -> Mapping[str, Declaration]:
    """Return what `dataclasses.field` takes as metadata.

    Args:
        kind: The kind of its values.
        group: The heading it stands under.
        text: Its help, one line.
        variables: The environment variables that set it; ``BATCHTUI_`` and its name if not given.
        in_profile: Whether a profile may have its own value.
    """
    return {_METADATA: Declaration(group, text, kind, variables, in_profile)}


def setting_of(declared: "Field[Value]") -> Setting:
    """Return the setting that a field of `Settings` declares."""
    said: Declaration = declared.metadata[_METADATA]
    variables = said.variables
    if variables is None:
        variables = (f"BATCHTUI_{declared.name.upper()}",)
    default = declared.default
    if default is MISSING:
        assert declared.default_factory is not MISSING
        default = declared.default_factory()
    return Setting(
        declared.name, said.group, said.help, said.kind, default, variables, said.in_profile
    )
