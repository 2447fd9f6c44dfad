"""What can be done in the settings."""

from batchtui.tui.commands.command import Command, Group, Need, Purpose


class SettingNeed(Need):
    """What the commands of the settings need."""

    CHANGED = "a setting that is not at its default"


class InSettings(Command):
    """Base of the commands of the settings screen."""

    group = Group.SETTINGS


class EditSetting(InSettings):
    """Change the setting. It is saved at once."""

    keys, label, in_bar = "enter", "Change", True


class FilterSettings(InSettings):
    """Filter the settings by name, value or what they do, as you type."""

    keys, label, in_bar = "slash", "Filter", True
    purpose = Purpose.FIND
    act = "filter"


class ResetSetting(InSettings):
    """Take the setting out of the file, so that its default counts again."""

    keys, label, in_bar = "backspace", "Default", True
    moved_from = "x,delete"
    changes_disk = True
    needs = (SettingNeed.CHANGED,)


class StoreKey(InSettings):
    """Type an API key into a key file that only you can read, and use it from now on."""

    keys, label, in_bar = "A", "Store a key", True
    moved_from = "K"
    words = "api key password token secret login"


class AddProfile(InSettings):
    """Add a profile: another account, workspace or gateway."""

    keys, label, in_bar = "plus", "New profile", True
    moved_from = "n"
    words = "account workspace gateway"
    act = "new"


SETTINGS_COMMANDS: tuple[type[Command], ...] = (
    EditSetting,
    FilterSettings,
    ResetSetting,
    StoreKey,
    AddProfile,
)
