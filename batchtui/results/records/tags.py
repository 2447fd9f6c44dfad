"""Records written as XML-like tags: ``<answer>…</answer>``, nested and repeated."""

import re
from typing import NamedTuple

import msgspec

_TAG = re.compile(r"<(/?)([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
THOUGHTS = re.compile(
    r"<(thinking|think|thoughts?|scratchpad|reflection|inner_monologue)>.*?</\1>",
    re.DOTALL | re.IGNORECASE,
)
"""What a model thinks aloud, which is not its answer."""
_HTML = re.compile(
    "a|abbr|acronym|area|article|aside|audio|b|base|basefont|bdi|bdo|big|blockquote|body|br|"
    "button|canvas|caption|center|cite|code|col|colgroup|datalist|dd|del|details|dfn|dir|div|dl|"
    "dt|em|embed|fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6r]|head|header|"
    "hgroup|html|i|iframe|img|input|ins|kbd|li|link|main|mark|marquee|math|meta|nav|noscript|ol|"
    "optgroup|p|picture|pre|q|r[bpt]|rtc|ruby|s|samp|script|section|select|slot|small|span|strike|"
    "strong|style|sub|sup|svg|table|tbody|td|template|textarea|tfoot|th|thead|tr|track|tt|u|ul|"
    "var|video|wbr",
    re.IGNORECASE,
)
"""Tags that say how a text looks."""
_ALSO_HTML = re.compile(
    "address|data|dialog|label|legend|map|menu|meter|object|option|output|param|progress|search|"
    "source|summary|time|title",
    re.IGNORECASE,
)
"""Names that answers use for their parts, too: amid other tags of HTML they are HTML."""
_OPAQUE = re.compile("code|math|script|style|svg|template|textarea", re.IGNORECASE)
"""HTML in which nothing is a part of the answer."""
_MAX_DEPTH = 50


def find_tags(text: str) -> tuple[dict[str, object], int, int] | None:
    """Return what the outermost tags of a text hold.

    Args:
        text: An answer.

    Returns:
        The values by name, where the first tag starts and where the last one ends; None if there
        are no tags with an end.
    """
    fields: dict[str, object] = {}
    first, last = -1, 0
    position = 0
    is_html = False
    for tag in _list_tags(text):
        is_shown = _HTML.fullmatch(tag.name) is not None
        if tag.start < position:
            continue
        is_html = is_html or is_shown
        if not tag.end or (is_shown and not _OPAQUE.fullmatch(tag.name)):
            continue
        position = tag.end
        if is_shown or THOUGHTS.match(text, tag.start):
            continue
        first = tag.start if first < 0 else first
        last = tag.end
        add_value(fields, tag.name, _read_inside(text[tag.inner_start : tag.inner_end], 0))
    if not fields or (is_html and all(map(_ALSO_HTML.fullmatch, fields))):
        return None
    return fields, first, last


class _Tag(NamedTuple):
    """A tag that opens, and where it ends."""

    start: int
    name: str
    inner_start: int
    inner_end: int = 0
    end: int = 0
    """Behind its end tag; 0 without one."""


def _list_tags(text: str) -> list[_Tag]:
    """Return the tags that open in a text, in its order.

    In one pass: there may be thousands that are not closed.
    """
    tags: list[_Tag] = []
    unclosed: dict[str, list[int]] = {}
    for match in _TAG.finditer(text):
        slash, name = match.groups()
        places = unclosed.setdefault(name, [])
        if not slash:
            places.append(len(tags))
            tags.append(_Tag(match.start(), name, match.end()))
        elif places:
            place = places.pop()
            tags[place] = tags[place]._replace(inner_end=match.start(), end=match.end())
    return tags


def _read_inside(inside: str, depth: int) -> object:
    """Return the content of a tag: its own tags if it holds nothing else, or its text."""
    fields: dict[str, object] = {}
    position = 0
    for tag in _list_tags(inside) if depth < _MAX_DEPTH else ():
        if tag.start < position:
            continue
        is_other = not tag.end or inside[position : tag.start].strip()
        if is_other or _HTML.fullmatch(tag.name):
            return scalar_of(inside)
        add_value(
            fields, tag.name, _read_inside(inside[tag.inner_start : tag.inner_end], depth + 1)
        )
        position = tag.end
    if not fields or inside[position:].strip():
        return scalar_of(inside)
    return fields


def add_value(fields: dict[str, object], name: str, value: object) -> None:
    """Put a value among the fields of a record; a field that is there twice is a list."""
    known = fields.get(name)
    if known is None:
        fields[name] = value
    elif isinstance(known, list):
        known.append(value)
    else:
        fields[name] = [known, value]


def scalar_of(text: str) -> object:
    """Return a text without the spaces around it; a number as it is written."""
    stripped = text.strip()
    return msgspec.Raw(stripped.encode()) if _NUMBER.fullmatch(stripped) else stripped
