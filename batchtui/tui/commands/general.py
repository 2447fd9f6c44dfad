"""Commands that work on every screen, and the keys that move in a list."""

from batchtui.tui.commands.command import Command, Group, Purpose


class Everywhere(Command):
    """Base of what every screen offers."""

    group = Group.EVERYWHERE
    purpose = Purpose.APP


class ShowCommands(Everywhere):
    """Find any command by name. What is not possible now says why."""

    keys, label, in_bar = "colon,ctrl+p", "Commands", True


class ShowHelp(Everywhere):
    """List the keys that work here. The list shows the keys as they are set now."""

    keys, label, in_bar = "question_mark,f1", "Help", True
    words = "keys shortcuts manual"


class OpenSettings(Everywhere):
    """Change the settings. Each says what it does and where its value comes from."""

    keys, label = "comma", "Settings"
    words = "preferences options config notify bell notifications"


class ChooseTheme(Everywhere):
    """Choose the colors, with the screen behind as a preview."""

    keys, label = "T", "Theme"
    words = "dark light color colour"  # each as people type it


class ShowCalls(Everywhere):
    """Show the last calls made to the API. One can be copied as a curl command."""

    keys, label = "C", "Calls"
    words = "curl http requests api debug log"


class SwitchProfile(Everywhere):
    """Switch to another account, workspace or gateway without a restart."""

    keys, label = "P", "Profile"
    words = "account workspace gateway key"


class Leave(Everywhere):
    """Go back to where you came from."""

    keys, label, in_bar = "escape", "Back", True


class SuspendProcess(Everywhere):
    """Go back to the shell for a while; fg comes back here."""

    keys, label = "ctrl+z", "To the shell"
    words = "shell background"


class Quit(Everywhere):
    """Leave batchtui. What is on this disk stays; a running download is kept for later."""

    keys, label = "q,ctrl+q", "Quit"
    words = "exit leave close"


class Moving(Command):
    """Base of the keys that move in a list."""

    group = Group.LISTS
    purpose = Purpose.MOVE


class CursorDown(Moving):
    """One row down."""

    keys, label = "down,j", "Down"


class CursorUp(Moving):
    """One row up."""

    keys, label = "up,k", "Up"


class PageDown(Moving):
    """One screen down."""

    keys, label = "pagedown,ctrl+f,ctrl+d", "Screen down"


class PageUp(Moving):
    """One screen up."""

    keys, label = "pageup,ctrl+b,ctrl+u", "Screen up"


class CursorFirst(Moving):
    """To the first row."""

    keys, label = "home,less_than_sign", "First"


class CursorLast(Moving):
    """To the last row."""

    keys, label = "end,greater_than_sign,G", "Last"


EVERYWHERE: tuple[type[Command], ...] = (
    ShowCommands,
    ShowHelp,
    OpenSettings,
    ChooseTheme,
    SwitchProfile,
    ShowCalls,
    SuspendProcess,
    Quit,
)
MOVING: tuple[type[Command], ...] = (
    CursorDown,
    CursorUp,
    PageDown,
    PageUp,
    CursorFirst,
    CursorLast,
)
