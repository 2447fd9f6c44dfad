"""Records written as XML-like tags: ``<answer>…</answer>``, nested and repeated."""

import re

import msgspec

_OPEN = re.compile(r"<([A-Za-z_][\w.-]*)(?:\s[^<>]*)?>")
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
    while (match := _OPEN.search(text, position)) is not None:
        name = match.group(1)
        is_shown = _HTML.fullmatch(name) is not None
        is_html = is_html or is_shown
        is_read = not is_shown or _OPAQUE.fullmatch(name) is not None
        end = _find_end(text, name, match.end()) if is_read else None
        if end is None:
            position = match.end()
            continue
        inner_end, position = end
        if is_shown:
            continue
        if THOUGHTS.match(text, match.start()):
            continue
        first = match.start() if first < 0 else first
        last = position
        add_value(fields, name, _read_inside(text[match.end() : inner_end], 0))
    if not fields or (is_html and all(map(_ALSO_HTML.fullmatch, fields))):
        return None
    return fields, first, last


def _find_end(text: str, name: str, start: int) -> tuple[int, int] | None:
    """Return where the content of a tag ends, and the place behind its end tag."""
    depth = 1
    pattern = re.compile(rf"<(/?){re.escape(name)}(?:\s[^<>]*)?>")
    for match in pattern.finditer(text, start):
        depth += -1 if match.group(1) else 1
        if not depth:
            return match.start(), match.end()
    return None


def _read_inside(inside: str, depth: int) -> object:
    """Return the content of a tag: its own tags if it holds nothing else, or its text."""
    fields: dict[str, object] = {}
    position = 0
    while (match := _OPEN.search(inside, position)) is not None and depth < _MAX_DEPTH:
        end = _find_end(inside, match.group(1), match.end())
        if end is None or inside[position : match.start()].strip():
            return scalar_of(inside)
        name = match.group(1)
        if _HTML.fullmatch(name):
            return scalar_of(inside)
        add_value(fields, name, _read_inside(inside[match.end() : end[0]], depth + 1))
        position = end[1]
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
