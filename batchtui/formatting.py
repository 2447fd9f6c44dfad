"""How numbers, sizes, ages and ids are written, the same on every screen and in every command."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo

_MOST_DIGITS = 15
_UNITS = ("B", "kB", "MB", "GB", "TB")


def format_count(number: int) -> str:
    """Write a number with groups of three digits: ``10,000``."""
    return f"{number:,}"


def read_count(text: str) -> int | None:
    """Return a whole number that is written in digits; None of anything else, and of too many.

    Python refuses to read thousands of digits.
    """
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def plural(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun: ``1 request``, ``10,000 requests``."""
    return f"{format_count(number)} {one if number == 1 else many or one + 's'}"


def format_size(size: float) -> str:
    """Write a number of bytes in decimal units: ``512 B``, ``9.5 kB``, ``31 MB``."""
    unit = 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size /= 1000
        unit += 1
    digits = 0 if unit == 0 or size >= 9.95 else 1
    return f"{size:.{digits}f} {_UNITS[unit]}"


def format_share(part: int, whole: int) -> str:
    """Write a share in percent; never 0.0 % or 100.0 % unless it is exactly so: ``< 0.1 %``."""
    if whole <= 0:
        return "–"
    share = 100 * part / whole
    if 0 < share < 0.1:
        return "< 0.1 %"
    return f"{share if part == whole else min(share, 99.9):.1f} %"


def format_age(age: timedelta) -> str:
    """Write a length of time coarsely, in one unit: ``40 s``, ``12 m``, ``2 h``, ``26 d``.

    A negative age (clocks differ) is written as ``0 s``.
    """
    seconds = max(0, int(age.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m"
    if seconds < 86400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} d"


def format_duration(duration: timedelta) -> str:
    """Write a length of time in its two largest units: ``23 h 48 m``, ``1 d 4 h``, ``12 m``.

    Seconds are written only under a minute, so that what shows a long time stands still.
    """
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    parts = [(days, "d"), (hours, "h"), (rest // 60, "m")]
    first = next(index for index, (value, _) in enumerate(parts) if value)
    return " ".join(f"{value} {unit}" for value, unit in parts[first : first + 2] if value)


def format_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Write a moment as ``2026-11-22 09:14:07``.

    Args:
        moment: An aware moment.
        zone: The zone to write it in; ``None`` is the machine's own, ``UTC`` adds a ``Z``.
    """
    text = moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
    return text + "Z" if zone is UTC else text


_ALIKE = 0.61
"""How much a slip is like what was meant: ``success`` is still ``succeeded``; at 0.6 and below
``name`` would be ``sample``, ``cost`` be ``out`` and ``failed`` be ``canceled``."""
_BEGUN = 3
"""Characters of a beginning that stands for the whole name."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is most like ``name``, whatever its case, or ""."""
    import difflib  # only where somebody has mistyped

    by_lower = {one.lower(): one for one in known}
    # comparing takes long where a word is long
    typed = name[:100].lower()
    begun = [one for one in by_lower if len(typed) >= _BEGUN and one.startswith(typed)]
    matches = sorted(begun, key=len) or difflib.get_close_matches(typed, by_lower, 1, _ALIKE)
    return by_lower[matches[0]] if matches else ""


def cut_characters(text: str, width: int) -> str:
    """Shorten ``text`` to ``width`` characters by cutting its middle: both ends stay.

    What is painted is cut by cells: `batchtui.tui.widgets.painting.cut_cells`.
    """
    if len(text) <= width:
        return text
    room = width - 1
    if room <= 1:
        return text[:width]
    tail = room * 2 // 5
    return f"{text[: room - tail]}…{text[len(text) - tail :]}"


def enumerate_words(words: Sequence[str]) -> str:
    """Return words as a sentence lists them: ``a, b and c``."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
