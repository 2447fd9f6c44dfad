"""What can be done in the settings."""

from batchtui.tui.commands.command import Command, Group


class InSettings(Command):
    """Base of the commands of the settings screen."""

    group = Group.SETTINGS


class EditSetting(InSettings):
    """Change the setting. It is saved at once."""

    keys, label, in_bar = "enter,space", "Change", True


class ResetSetting(InSettings):
    """Take the setting out of the file, so that its default counts again."""

    keys, label, in_bar = "backspace,delete,x", "Default", True


class StoreKey(InSettings):
    """Type an API key into a key file that only you can read, and use it from now on."""

    keys, label, in_bar = "K", "Store a key", True


class AddProfile(InSettings):
    """Add a profile: another account, workspace or gateway."""

    keys, label, in_bar = "n", "New profile", True


SETTINGS_COMMANDS: tuple[type[Command], ...] = (EditSetting, ResetSetting, StoreKey, AddProfile)
