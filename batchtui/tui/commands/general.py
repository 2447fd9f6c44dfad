"""Commands that work on every screen, the keys that move in a list, and those of small screens."""

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


class TryDemo(Command):
    """Look around with made-up batches. Nothing of it touches your settings or files."""

    keys, label, in_bar = "enter", "Demo", True
    group = Group.EVERYWHERE


class TryAgain(Command):
    """Look for the key again."""

    keys, label, in_bar = "r", "Try again", True
    act = "again"
    group = Group.EVERYWHERE


class CopyCall(Command):
    """Copy the call as a curl command, with the key as an environment variable."""

    keys, label, in_bar = "y,enter", "Copy as curl", True
    purpose = Purpose.SAVE
    act = "copy"
    group = Group.CALLS


class ZoomIn(Command):
    """Look less far back: the bars get longer."""

    keys, label, in_bar = "right", "Closer", True
    moved_from = "left_square_bracket"
    group = Group.BATCHES


class ZoomOut(Command):
    """Look further back."""

    keys, label, in_bar = "left", "Further", True
    moved_from = "right_square_bracket"
    group = Group.BATCHES


class GoToBatch(Command):
    """Go to the batch in the list."""

    keys, label, in_bar = "enter", "Go to it", True
    purpose = Purpose.FIND
    group = Group.BATCHES


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
TIMELINE_COMMANDS: tuple[type[Command], ...] = (GoToBatch, ZoomIn, ZoomOut)
