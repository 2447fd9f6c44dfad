"""What can be done with the calls that were made."""

from batchtui.tui.commands.command import Command, Group, Purpose


class CopyCall(Command):
    """Copy the call as a curl command, with the key as an environment variable."""

    keys, label, in_bar = "y,enter", "Copy as curl", True
    purpose = Purpose.SAVE
    act = "copy"
    group = Group.CALLS


CALL_COMMANDS: tuple[type[Command], ...] = (CopyCall,)
