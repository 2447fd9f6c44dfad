"""How a cell looks, and the shortest way from one look to the next.

Textual writes every segment with its whole style and a reset behind it. Here a style is a value;
`restyle` finds the bytes that turn the terminal's pen from one value into another.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


class UnrecognizedError(Exception):
    """The terminal was told something whose effect is not known here."""


class Style(NamedTuple):
    """A pen: everything that a cell has beside its text."""

    attributes: tuple[str, ...] = ()
    """SGR numbers that are on, such as ``1`` for bold, sorted."""
    foreground: str = ""
    """SGR parameters of the color, such as ``38;2;255;255;255``; empty is the default."""
    background: str = ""
    """SGR parameters of the color behind; empty is the default."""
    link: str = ""
    """Parameters and target of the link, as ``OSC 8`` takes them; empty is none."""


PLAIN = Style()
"""The pen after a reset."""

_ENDS = {
    "22": {"1", "2"},
    "23": {"3"},
    "24": {"4", "21"},
    "25": {"5", "6"},
    "27": {"7"},
    "28": {"8"},
    "29": {"9"},
    "54": {"51", "52"},
    "55": {"53"},
}
_ATTRIBUTES = frozenset().union(*_ENDS.values())
_ENDED_EVERYWHERE = {"1": "22", "2": "22", "4": "24", "7": "27"}
"""Attributes whose own end code even the oldest terminals know; others end by a reset."""
_DRAWN_ON_BLANKS = {"4", "5", "6", "7", "8", "9", "21", "51", "52", "53"}
_FOREGROUNDS = frozenset(str(code) for code in (*range(30, 40), *range(90, 98)))
_BACKGROUNDS = frozenset(str(code) for code in (*range(40, 50), *range(100, 108)))
_MOST_STYLES = 4096

_shared: dict[Style, Style] = {PLAIN: PLAIN}


def share(style: Style) -> Style:
    """Return the one object that stands for this style, so that ``is`` compares styles.

    Where very many styles were seen the memory of them is dropped: a style may then be repainted
    once more than needed, and nothing worse.
    """
    if len(_shared) > _MOST_STYLES:
        _shared.clear()
        _shared[PLAIN] = PLAIN
    return _shared.setdefault(style, style)


@lru_cache(maxsize=4096)
def plain_sgr(parameters: str) -> Style:
    """Return the pen after a reset and ``CSI parameters m``, which is all that Textual writes.

    Raises:
        UnrecognizedError: A parameter is unknown, or the text is not a list of numbers.
    """
    return apply_sgr(PLAIN, parameters)


@lru_cache(maxsize=4096)
def apply_sgr(style: Style, parameters: str) -> Style:
    """Return the pen after ``CSI parameters m``.

    Raises:
        UnrecognizedError: A parameter is unknown, or the text is not a list of numbers.
    """
    pen = style
    codes = iter(parameters.split(";"))
    for code in codes:
        pen = _apply(pen, code, codes)
    return share(pen)


def _apply(pen: Style, code: str, codes: Iterator[str]) -> Style:
    """Apply one SGR code; a color takes its further parameters from ``codes``."""
    if code in ("", "0"):
        return Style(link=pen.link)
    if code in _ATTRIBUTES:
        return pen._replace(attributes=tuple(sorted({*pen.attributes, code})))
    if code in _ENDS:
        return pen._replace(attributes=tuple(a for a in pen.attributes if a not in _ENDS[code]))
    if code in _FOREGROUNDS:
        return pen._replace(foreground=_color(code, codes))
    if code in _BACKGROUNDS:
        return pen._replace(background=_color(code, codes))
    raise UnrecognizedError(f"SGR {code!r}")


def _color(code: str, codes: Iterator[str]) -> str:
    """Read a color whose first parameter is ``code``, taking the rest from ``codes``."""
    if code in ("39", "49"):
        return ""
    if code not in ("38", "48"):
        return code
    kind = next(codes, "")
    count = {"5": 1, "2": 3}.get(kind, 0)
    numbers = [number for _, number in zip(range(count), codes, strict=False)]
    if not count or len(numbers) < count or not all(number.isdecimal() for number in numbers):
        raise UnrecognizedError(f"SGR {code};{kind}")
    return ";".join((code, kind, *numbers))


@lru_cache(maxsize=4096)
def restyle(pen: Style | None, wanted: Style) -> str:
    """Return the shortest sequences that turn ``pen`` into ``wanted``.

    Args:
        pen: The terminal's pen, or ``None`` where it is not known.
        wanted: The pen that is needed.
    """
    if pen is None:
        return _from_reset(wanted) + _relink("", wanted.link)
    if pen[:3] == wanted[:3]:
        return _relink(pen.link, wanted.link)
    ways = [_from_reset(wanted)]
    step = _step(pen, wanted)
    if step is not None:
        ways.append(step)
    return min(ways, key=len) + _relink(pen.link, wanted.link)


def _from_reset(wanted: Style) -> str:
    if wanted[:3] == PLAIN[:3]:
        return "\x1b[m"
    codes = ["", *wanted.attributes, wanted.foreground, wanted.background]
    return f"\x1b[{';'.join([codes[0], *filter(None, codes[1:])])}m"


def _step(pen: Style, wanted: Style) -> str | None:
    """Return only what differs, or ``None`` where that takes codes that not every terminal has."""
    had, wants = set(pen.attributes), set(wanted.attributes)
    codes: list[str] = []
    for attribute in sorted(had - wants):
        end = _ENDED_EVERYWHERE.get(attribute)
        if end is None:
            return None
        if end not in codes:
            codes.append(end)
        had -= _ENDS[end]
    codes += sorted(wants - had)
    if pen.foreground != wanted.foreground:
        codes.append(wanted.foreground or "39")
    if pen.background != wanted.background:
        codes.append(wanted.background or "49")
    return f"\x1b[{';'.join(codes)}m"


def _relink(link: str, wanted: str) -> str:
    return "" if link == wanted else f"\x1b]8;{wanted or ';'}\x1b\\"


@lru_cache(maxsize=4096)
def erases_as(style: Style, *, in_color: bool) -> bool:
    """Return whether an erased cell looks like a blank in this style.

    Args:
        style: The pen to erase with.
        in_color: The terminal fills what it erases with the background of the pen.
    """
    if style.link or not _DRAWN_ON_BLANKS.isdisjoint(style.attributes):
        return False
    return in_color or not style.background
