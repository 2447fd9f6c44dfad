"""What each name of a style looks like in the theme.

The stylesheet could say it with a component class for each name, but Textual works those out again
for every widget at every change of its styles: forty names on a dozen widgets took as long as
loading Textual does. Here they are worked out once for a theme.
"""

from collections.abc import Mapping

from msgspec import Struct
from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color, ColorParseError


class Look(Struct, frozen=True):
    """Colors by the names of the theme's variables, and attributes as Rich names them."""

    color: str = ""
    background: str = ""
    attributes: str = ""


LOOKS: Mapping[str, Look] = {
    "accent": Look("accent"),  # what is selected, the one color of the chrome
    "archived": Look("state-archived"),
    "canceled": Look("state-canceled"),
    "canceling": Look("state-canceling"),
    "button": Look("on-selection", "selection-blurred"),
    "button-chosen": Look("on-accent", "accent", "bold"),
    "button-grave": Look("state-failed", attributes="bold reverse"),
    "code": Look("secondary"),
    "code-comment": Look("muted"),
    "code-keyword": Look("state-running"),
    "code-name": Look("accent"),
    "code-number": Look("state-warning"),
    "code-string": Look("state-ok"),
    "emphasis": Look(attributes="italic"),
    "expired": Look("state-expired"),
    "failed": Look("state-failed"),
    "heading": Look(attributes="bold"),
    "key": Look("accent", attributes="bold"),  # a key to press
    "link": Look(attributes="underline"),
    "match": Look("on-match", "match"),  # a found word
    "muted": Look("muted"),  # chrome and labels: quiet
    "ok": Look("state-ok"),
    "only-a": Look("state-failed", attributes="underline"),  # words of the first run alone
    "only-b": Look("state-ok", attributes="underline"),  # words of the second run alone
    "problem": Look("state-failed", attributes="bold"),  # something needs a person
    # a profile's own color, to tell production from the rest
    "profile-none": Look("foreground", attributes="bold"),
    "profile-red": Look("profile-red", attributes="bold reverse"),
    "profile-yellow": Look("profile-yellow", attributes="bold reverse"),
    "profile-green": Look("profile-green", attributes="bold reverse"),
    "profile-cyan": Look("profile-cyan", attributes="bold reverse"),
    "profile-blue": Look("profile-blue", attributes="bold reverse"),
    "profile-magenta": Look("profile-magenta", attributes="bold reverse"),
    "running": Look("state-running"),
    "strong": Look(attributes="bold"),
    "struck": Look(attributes="strike"),
    "tab": Look("on-selection", "selection", "bold underline"),  # the tab that is open
    "warning": Look("state-warning"),  # something soon needs a person
}
"""Every style that a `Line` may name."""


def styles_of(variables: Mapping[str, str]) -> dict[str, Style]:
    """Work out every look in a theme.

    Args:
        variables: The theme's variables, as Textual gives them.
    """
    return {name: _style(look, variables) for name, look in LOOKS.items()}


def _style(look: Look, variables: Mapping[str, str]) -> Style:
    attributes = dict.fromkeys(look.attributes.split(), True)
    return Style(
        color=_color(look.color, variables),
        bgcolor=_color(look.background, variables),
        bold=attributes.get("bold"),
        reverse=attributes.get("reverse"),
        italic=attributes.get("italic"),
        strike=attributes.get("strike"),
        underline=attributes.get("underline"),
    )


def _color(variable: str, variables: Mapping[str, str]) -> RichColor | None:
    try:
        return Color.parse(variables[variable]).rich_color if variable else None
    except (KeyError, ColorParseError):
        # a theme that is not ours: plain text is better than none
        return None
