"""What a command is: one definition feeds key, palette, help, action bar and manual."""

import re
from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from typing import ClassVar


class Group(Enum):
    """Where a command belongs; the value is the heading in the help."""

    BATCHES = "Batches"
    RESULTS = "Results"
    COMPARE = "Two runs"
    REVIEW = "Review"
    CREATE = "New batch"
    SETTINGS = "Settings"
    CALLS = "Calls"
    LISTS = "Moving about"
    EVERYWHERE = "Everywhere"


class Purpose(Enum):
    """What a command is for; the value is the heading in the help."""

    LOOK = "Look"
    FIND = "Find"
    ACT = "Act"
    SAVE = "Save and copy"
    APP = "The app"
    MOVE = "Move about"


class Need(StrEnum):
    """Base of what commands need, such as a batch under the cursor; the value says it in words."""


class Access(Need):
    """What the settings must allow."""

    WRITE = "an account that may be changed"
    KEEP = "settings that keep results on this disk"


class Command:
    """Something a person can do.

    A subclass is the whole definition; it is never instantiated. Its docstring is the help: the
    first sentence is what the palette and the list of keys show. What carries it out is the method
    of its name on one of the screen's ``command_owners``: `CancelBatch` is ``cancel_batch``.
    """

    keys: ClassVar[str]
    """The keys, comma separated, in Textual's names; the first one is shown."""
    label: ClassVar[str]
    """One or two words for the action bar and the palette."""
    group: ClassVar[Group]
    """The screen or part of the app that it belongs to."""
    purpose: ClassVar[Purpose] = Purpose.LOOK
    """The heading under which the help lists it."""
    in_bar: ClassVar[bool] = False
    """Whether the action bar shows it where there is room."""
    act: ClassVar[str] = ""
    """What its keys mean on every screen, where commands share keys; "" for it alone. It is meant
    narrowly: "next" is the next of what is looked at, "number 2" the second of what is offered."""
    moved_from: ClassVar[str] = ""
    """Keys that ran it before, comma separated; who presses one is told where it is."""
    words: ClassVar[str] = ""
    """Other words that find it in the palette."""
    changes_disk: ClassVar[bool] = False
    """Whether it writes to this disk, or removes something from it, without asking further."""
    needs: ClassVar[tuple[Need, ...]] = ()
    """What must be there for it; the reason of the first that is missing is shown."""

    @classmethod
    def id(cls) -> str:
        """Return the name to remap its key by: ``cancel-batch`` for ``CancelBatch``."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", cls.__name__).lower()

    @classmethod
    def action(cls) -> str:
        """Return the name of the method that carries it out: ``cancel_batch``."""
        return cls.id().replace("-", "_")

    @classmethod
    def help(cls) -> str:
        """Return the whole help text, one paragraph."""
        return " ".join((cls.__doc__ or "").split())

    @classmethod
    def summary(cls) -> str:
        """Return the first sentence of the help, without its full stop."""
        return cls.help().split(". ", 1)[0].rstrip(".")


_KEY_NAMES = {
    "ampersand": "&",
    "apostrophe": "'",
    "asterisk": "*",
    "at": "@",
    "backslash": "\\",
    "circumflex_accent": "^",
    "colon": ":",
    "comma": ",",
    "dollar_sign": "$",
    "down": "↓",
    "equals_sign": "=",
    "escape": "Esc",
    "exclamation_mark": "!",
    "full_stop": ".",
    "grave_accent": "`",
    "greater_than_sign": ">",
    "left": "←",
    "left_square_bracket": "[",
    "less_than_sign": "<",
    "minus": "-",
    "number_sign": "#",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "percent_sign": "%",
    "plus": "+",
    "question_mark": "?",
    "quotation_mark": '"',
    "right": "→",
    "right_square_bracket": "]",
    "semicolon": ";",
    "shift+tab": "Shift+Tab",
    "slash": "/",
    "tab": "Tab",
    "tilde": "~",
    "underscore": "_",
    "up": "↑",
    "vertical_line": "|",
}


def key_name(key: str) -> str:
    """Write one of Textual's key names as a person would: ``slash`` is ``/``, ``ctrl+p`` Ctrl+P."""
    key = key.strip()
    if key in _KEY_NAMES:
        return _KEY_NAMES[key]
    *modifiers, last = key.split("+")
    last = _KEY_NAMES.get(last, last.upper() if modifiers else last.capitalize())
    if not modifiers:
        return key if len(key) == 1 else last
    return "+".join([*(modifier.capitalize() for modifier in modifiers), last])


def key_names(keys: str) -> str:
    """Write all of a command's keys: ``j, ↓``."""
    return ", ".join(key_name(key) for key in keys.split(",") if key.strip())


def shown_key(keymap: Mapping[str, str], command: type[Command]) -> str:
    """Write the first key of a command as it is set now, for a text that names it.

    Args:
        keymap: The keys that the settings change, by the id of the command.
        command: The command.
    """
    return key_name((keymap.get(command.id()) or command.keys).split(",", 1)[0])


KeyOf = Callable[[type[Command]], str]
"""Gives the key of a command as it is set now: `shown_key` of a keymap."""


def default_key(command: type[Command]) -> str:
    """Write the first key of a command where no setting changes it."""
    return shown_key({}, command)
