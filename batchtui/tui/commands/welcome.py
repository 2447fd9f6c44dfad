"""What can be done before there is an account to work with."""

from batchtui.tui.commands.command import Command, Group
from batchtui.tui.commands.settings import StoreKey


class TryDemo(Command):
    """Look around with made-up batches. Nothing of it touches your settings or files."""

    keys, label, in_bar = "enter", "Demo", True
    group = Group.EVERYWHERE


class TryAgain(Command):
    """Look for the key again."""

    keys, label, in_bar = "r", "Try again", True
    act = "again"
    group = Group.EVERYWHERE


WELCOME_COMMANDS: tuple[type[Command], ...] = (TryDemo, StoreKey, TryAgain)
