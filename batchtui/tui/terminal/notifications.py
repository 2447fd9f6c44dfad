"""Tells the user that something has happened while they look elsewhere: bell, title, desktop."""

from collections.abc import Mapping

from batchtui.tui.terminal.capabilities import Capabilities, TerminalName
from batchtui.tui.terminal.channel import Channel, wrap
from batchtui.untrusted import visible

_LONGEST = 200
_PUSH_TITLE, _POP_TITLE = "\x1b[22;2t", "\x1b[23;2t"
_WITH_TITLE_AND_BODY: frozenset[TerminalName] = frozenset(
    {"foot", "ghostty", "konsole", "rxvt", "vte", "wezterm"}
)
_WITHOUT_TITLE: frozenset[TerminalName] = frozenset({"linux"})
_SEPARATORS: Mapping[int, str] = str.maketrans({";": ",", ":": "-"})


class TerminalNotifier:
    """Speaks to the terminal; whether anybody notices is the terminal's business.

    Args:
        capabilities: What the terminal can do.
        channel: The way to it.
    """

    def __init__(self, capabilities: Capabilities, channel: Channel) -> None:
        self._capabilities = capabilities
        self._channel = channel

    def bell(self) -> bool:
        """Ring the bell. Returns whether there was a terminal."""
        return self._channel.write("\x07")

    def set_title(self, text: str) -> bool:
        """Put a text into the title of the window until the app ends, when the old one returns.

        Args:
            text: Anything; it is made safe here.

        Returns:
            Whether the terminal has a title, and was there.
        """
        if self._capabilities.name in _WITHOUT_TITLE or self._capabilities.is_dumb:
            return False
        title = f"\x1b]2;{_safe(text)}\x07"
        is_first = self._channel.hold(_PUSH_TITLE + title, _POP_TITLE)
        return self._channel.write((_PUSH_TITLE if is_first else "") + title)

    def notify(self, title: str, body: str) -> bool:
        """Ask for a notification on the desktop.

        Args:
            title: Anything; it is made safe here, as is the body.
            body: What has happened.

        Returns:
            Whether a terminal that is known to show them was asked.
        """
        sequence = _notification(self._capabilities.name, _safe(title), _safe(body))
        if not sequence:
            return False
        return self._channel.write(wrap(sequence, self._capabilities))


def _notification(name: TerminalName, title: str, body: str) -> str:
    """Return what a terminal understands as a notification; empty where none is known."""
    if name == "kitty":
        return f"\x1b]99;i=batchtui:d=0;{title}\x07\x1b]99;i=batchtui:p=body;{body}\x07"
    if name == "iterm":
        # It must not begin with a number: those are other commands.
        return f"\x1b]9;batchtui - {title} - {body}\x07"
    if name in _WITH_TITLE_AND_BODY:
        return f"\x1b]777;notify;{title};{body}\x07"
    return ""


def _safe(text: str) -> str:
    """Make text safe within a sequence: nothing that acts, nothing that separates."""
    return visible(text).translate(_SEPARATORS)[:_LONGEST]
