"""From a theme file's plain values to a theme of Textual."""

from msgspec.structs import fields
from textual.theme import Theme

from batchtui.config.settings import PROFILE_COLORS
from batchtui.config.theme_spec import STATES, ThemeSpec

_NOT_COLORS = ("name", "description", "dark", "code_style")


def to_textual(spec: ThemeSpec) -> Theme:
    """Make Textual's theme. All colors of the spec become variables under their own names.

    State colors are called ``$state-ok`` and so on, a profile's color ``$profile-red``.
    """
    variables: dict[str, str] = {}
    for one in fields(spec):
        if one.name in _NOT_COLORS:
            continue
        name = f"state-{one.name}" if one.name in STATES else one.name.replace("_", "-")
        variables[name] = getattr(spec, one.name)
    variables |= {f"profile-{color}": spec.hue(color) for color in PROFILE_COLORS}
    variables |= {
        "input-cursor-background": spec.accent,
        "input-cursor-foreground": spec.on_accent,
        "input-selection-background": spec.selection,
        "block-cursor-background": spec.selection,
        "block-cursor-foreground": spec.on_selection,
        "block-cursor-text-style": "bold",
        "border": spec.border,
        "scrollbar": spec.border,
    }
    if spec.is_ansi:
        # Textual's own stylesheets ask for these in a theme of the terminal's colors
        variables |= {
            "ansi-background": "ansi_black" if spec.dark else "ansi_white",
            "ansi-foreground": "ansi_white" if spec.dark else "ansi_black",
            "border-blurred": spec.border,
        }
    return Theme(
        name=spec.name,
        primary=spec.accent,
        secondary=spec.running,
        warning=spec.warning,
        error=spec.failed,
        success=spec.ok,
        accent=spec.accent,
        foreground=spec.foreground,
        background=spec.background,
        surface=spec.surface,
        panel=spec.panel,
        dark=spec.dark,
        variables=variables,
        ansi=spec.is_ansi,
    )


def default_variables() -> dict[str, str]:
    """Values for every variable the stylesheets use, for themes that are not ours."""
    names = [f"state-{name}" for name in STATES]
    names += [f"profile-{color}" for color in PROFILE_COLORS]
    names += ["muted", "selection", "selection-blurred", "on-selection", "match", "on-match"]
    values = dict.fromkeys(names, "#888888")
    return values | {"selection": "#333333", "on-selection": "#ffffff", "on-match": "#000000"}
