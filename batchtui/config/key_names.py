"""What keys are called: by Textual, whose names the settings use."""

import unicodedata
from functools import cache

_MODIFIERS = {"ctrl", "shift", "alt", "super", "hyper", "meta"}
_NAMED_KEYS = {
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
    *("insert", "delete", "backspace", "tab", "enter", "escape", "space"),
    *("slash", "backslash", "at", "minus", "plus", "underscore", "equals_sign"),
    *(f"f{number}" for number in range(1, 25)),
}
"""Names of keys that are not Unicode's names of characters."""

HOW_KEYS_ARE_NAMED = "Keys are named as in ctrl+k, f5, slash, or by one character."


def is_key(name: str) -> bool:
    """Return whether there is a key of that name: ``a``, ``ctrl+k``, ``f5``, ``slash``."""
    *modifiers, last = name.split("+") if name != "+" else [name]
    if not set(modifiers) <= _MODIFIERS:
        return False
    return len(last) == 1 or last in _NAMED_KEYS or last in _character_names()


@cache
def _character_names() -> frozenset[str]:
    """Names of characters: Unicode's with underscores."""
    names = (unicodedata.name(chr(code), "") for code in range(0x21, 0x250))
    return frozenset(name.lower().replace("-", "_").replace(" ", "_") for name in names if name)
