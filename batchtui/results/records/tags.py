"""Records written as XML-like tags: ``<answer>…</answer>``, nested and repeated."""

import re
from collections.abc import Sequence

import msgspec
from msgspec import Struct

_TAG = re.compile(r"<(/?)([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_THOUGHT_NAMES = "thinking|think|thoughts?|scratchpad|reflection|inner_monologue"
_THOUGHT = re.compile(rf"<(/?)({_THOUGHT_NAMES})>", re.IGNORECASE)
_IS_THOUGHT = re.compile(_THOUGHT_NAMES, re.IGNORECASE)
"""Tags of what a model thinks aloud, which is not its answer."""
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
    tags = _list_tags(text)
    for place, tag in enumerate(tags):
        is_shown = _HTML.fullmatch(tag.name) is not None
        if tag.start < position:
            continue
        is_html = is_html or is_shown
        if not tag.end or (is_shown and not _OPAQUE.fullmatch(tag.name)):
            continue
        position = tag.end
        if is_shown or _IS_THOUGHT.fullmatch(tag.name):
            continue
        first = tag.start if first < 0 else first
        last = tag.end
        add_value(fields, tag.name, _read_inside(text, tags, place, 0))
    if not fields or (is_html and all(map(_ALSO_HTML.fullmatch, fields))):
        return None
    return fields, first, last


def list_thoughts(text: str) -> list[tuple[int, int]]:
    """Return where each thought of a model starts and ends; some may lie in one before.

    From the end backward, in one pass: there may be thousands that are not closed.
    """
    thoughts: list[tuple[int, int]] = []
    ends: dict[str, int] = {}
    for match in reversed([*_THOUGHT.finditer(text)]):
        slash, name = match.group(1), match.group(2).lower()
        if slash:
            ends[name] = match.end()
        elif name in ends:
            thoughts.append((match.start(), ends[name]))
    thoughts.reverse()
    return thoughts


class _Tag(Struct, gc=False):
    """A tag that opens, and where it ends."""

    start: int
    name: str
    inner_start: int
    inner_end: int = 0
    end: int = 0
    """Behind its end tag; 0 without one."""
    after: int = 0
    """Which tag is the first to open behind its end."""


def _list_tags(text: str) -> list[_Tag]:
    """Return the tags that open in a text, in its order.

    In one pass: there may be thousands that are not closed.
    """
    tags: list[_Tag] = []
    unclosed: dict[str, list[_Tag]] = {}
    for match in _TAG.finditer(text):
        slash, name = match.groups()
        if not slash:
            tags.append(_Tag(match.start(), name, match.end()))
            unclosed.setdefault(name, []).append(tags[-1])
        elif waiting := unclosed.get(name):
            tag = waiting.pop()
            tag.inner_end, tag.end, tag.after = match.start(), match.end(), len(tags)
    return tags


def _read_inside(text: str, tags: Sequence[_Tag], place: int, depth: int) -> object:
    """Return the content of a tag: its own tags if it holds nothing else, or its text."""
    outer = tags[place]
    position, stop = outer.inner_start, outer.inner_end
    whole = scalar_of(text[position:stop])
    fields: dict[str, object] = {}
    inner = place + 1
    while inner < outer.after and depth < _MAX_DEPTH:
        tag = tags[inner]
        is_other = not position < tag.end <= stop or text[position : tag.start].strip()
        if is_other or _HTML.fullmatch(tag.name):
            return whole
        add_value(fields, tag.name, _read_inside(text, tags, inner, depth + 1))
        position, inner = tag.end, tag.after
    return whole if not fields or text[position:stop].strip() else fields


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
