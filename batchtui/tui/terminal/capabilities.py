"""What the terminal can do, as far as the environment tells. Textual is not loaded here."""

from collections.abc import Mapping, MutableMapping
from typing import Literal

from msgspec import Struct

ColorDepth = Literal["none", "16", "256", "truecolor"]
TerminalName = Literal[
    "apple",
    "foot",
    "ghostty",
    "iterm",
    "kitty",
    "konsole",
    "linux",
    "rxvt",
    "vscode",
    "vte",
    "wezterm",
    "windows",
    "xterm",
    "other",
]

_COLOR_SYSTEMS: Mapping[ColorDepth, str] = {
    # Colors are taken out later, by the driver: until then they tell what is selected.
    "none": "truecolor",
    "16": "standard",
    "256": "256",
    "truecolor": "truecolor",
}
_BY_PROGRAM: Mapping[str, TerminalName] = {
    "Apple_Terminal": "apple",
    "ghostty": "ghostty",
    "iTerm.app": "iterm",
    "vscode": "vscode",
    "WezTerm": "wezterm",
}
_BY_VARIABLE: Mapping[str, TerminalName] = {
    "KITTY_WINDOW_ID": "kitty",
    "GHOSTTY_RESOURCES_DIR": "ghostty",
    "WEZTERM_PANE": "wezterm",
    "ITERM_SESSION_ID": "iterm",
    "WT_SESSION": "windows",
    "KONSOLE_VERSION": "konsole",
    "VTE_VERSION": "vte",
}
_BY_TERM: Mapping[str, TerminalName] = {
    "xterm-kitty": "kitty",
    "xterm-ghostty": "ghostty",
    "foot": "foot",
    "wezterm": "wezterm",
    "rxvt": "rxvt",
    "linux": "linux",
    "xterm": "xterm",
}
_IN_TRUECOLOR: frozenset[TerminalName] = frozenset(
    {"foot", "ghostty", "iterm", "kitty", "konsole", "vscode", "vte", "wezterm", "windows"}
)


class Capabilities(Struct, frozen=True):
    """What may be asked of the terminal."""

    term: str
    """The value of ``TERM``."""
    color: ColorDepth
    """How many colors; ``none`` where there are none or the user wants none."""
    is_unicode: bool
    """Whether the locale is UTF-8: otherwise everything is drawn in ASCII."""
    name: TerminalName
    """Which program it is; inside tmux or screen the one outside, where that is known."""
    is_remote: bool = False
    """Whether there is a line in between, such as SSH or mosh: nothing is animated then."""
    in_tmux: bool = False
    """Whether tmux lies in between."""
    in_screen: bool = False
    """Whether GNU screen lies in between."""
    has_display: bool = False
    """Whether programs started here can reach a desktop and its clipboard."""

    @property
    def is_dumb(self) -> bool:
        """Whether it can only print line by line: no app can run there."""
        return self.term in ("", "dumb", "unknown")

    @property
    def erases_in_color(self) -> bool:
        """Whether what is erased gets the background color of the pen."""
        return not self.in_screen


def detect(environ: Mapping[str, str], *, color: str = "auto") -> Capabilities:
    """Read the capabilities off the environment.

    Args:
        environ: The environment.
        color: The user's choice of colors, or ``auto``.
    """
    term = environ.get("TERM", "")
    in_tmux = bool(environ.get("TMUX")) or term.startswith("tmux")
    is_remote = any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "MOSH_CONNECTION"))
    name = _name(environ, term)
    return Capabilities(
        term=term,
        color=_chosen_color(color) or _color(environ, term, name),
        is_unicode=_is_unicode(environ),
        name=name,
        is_remote=is_remote,
        in_tmux=in_tmux,
        in_screen=not in_tmux and (bool(environ.get("STY")) or term.startswith("screen")),
        has_display=not is_remote
        and any(environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")),
    )


def apply(
    environ: MutableMapping[str, str], capabilities: Capabilities, *, is_calm: bool = False
) -> None:
    """Tell Textual, which reads these variables when it is imported and when an app is made.

    To be called before Textual is loaded. What the user has set for Textual itself stays.

    Args:
        environ: The environment to change, that of the process.
        capabilities: What the terminal can do.
        is_calm: Nothing shall be animated.
    """
    environ.setdefault("TEXTUAL_COLOR_SYSTEM", _COLOR_SYSTEMS[capabilities.color])
    if is_calm or capabilities.is_remote:
        environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    # Textual would turn colors into grays; ours are taken out by the driver, which keeps what is
    # selected visible.
    environ.pop("NO_COLOR", None)


def _chosen_color(color: str) -> ColorDepth | None:
    for depth in _COLOR_SYSTEMS:
        if color == depth:
            return depth
    return None


def _color(environ: Mapping[str, str], term: str, name: TerminalName) -> ColorDepth:
    if environ.get("NO_COLOR") or term in ("", "dumb", "unknown") or term.endswith("-m"):
        return "none"
    if term.startswith("vt") and not term.startswith("vte"):
        return "none"
    says_truecolor = environ.get("COLORTERM", "").lower() in ("truecolor", "24bit")
    if name != "linux" and (says_truecolor or name in _IN_TRUECOLOR or term.endswith("-direct")):
        return "truecolor"
    return "256" if "256color" in term or name == "apple" else "16"


def _name(environ: Mapping[str, str], term: str) -> TerminalName:
    """Name the program; variables travel through tmux, where ``TERM`` is tmux's own."""
    program = environ.get("LC_TERMINAL") or environ.get("TERM_PROGRAM", "")
    if program in _BY_PROGRAM:
        return _BY_PROGRAM[program]
    if program == "iTerm2":
        return "iterm"
    for variable, name in _BY_VARIABLE.items():
        if environ.get(variable):
            return name
    for start, name in _BY_TERM.items():
        if term.startswith(start):
            return name
    return "other"


def _is_unicode(environ: Mapping[str, str]) -> bool:
    """Read the locale as the user set it.

    Where that is the C locale Python itself sets ``LC_CTYPE`` to ``C.UTF-8`` on its start: that
    says nothing about the terminal.
    """
    variables = ["LC_ALL", "LC_CTYPE", "LANG"]
    is_c = environ.get("LANG", "C") in ("", "C", "POSIX") and not environ.get("LC_ALL")
    if is_c and environ.get("LC_CTYPE") in ("C.UTF-8", "C.utf8"):
        variables.remove("LC_CTYPE")
    for variable in variables:
        value = environ.get(variable)
        if value:
            return "utf8" in value.lower().replace("-", "")
    return False
