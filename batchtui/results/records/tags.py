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
_LIKE_OWN = re.compile("a|body|caption|code|footer|header|q", re.IGNORECASE)
"""Those that answers use for their parts where nothing else stands beside them."""
_OPAQUE = re.compile("code|math|script|style|svg|template|textarea", re.IGNORECASE)
"""HTML in which nothing is a part of the answer."""
_MAX_DEPTH = 50

_SHOWN, _OWN = "\x00", "\x01"
"""What stands for a tag of HTML and for another one in the outline of a text."""
_APART = re.compile(r"(?:^|(?<=\x01))[ \t]*\x00(?:[ \t]*\x00)*(?=[ \t\r]*(?:$|\x01))", re.MULTILINE)
"""Tags of HTML that have lines for themselves, or share them with other tags."""
_CODE = re.compile(
    # from the beginning of a run and all of it: else each of its places would be tried
    r"(?<![`~])(?P<fence>`{3,}+|~{3,}+)[ \t]*+(?!xml\b|te?xt\b)\w[^\n]*\n.*?(?:(?P=fence)|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_SIDE_BY_SIDE = re.compile(r"[\x00\x01\s]+")
_PAGE = re.compile("<!doctype html", re.IGNORECASE)


def find_tags(text: str) -> tuple[dict[str, object], int, int] | None:
    """Return what the outermost tags of a text hold.

    Those of HTML are looked into; but where they stand beside other tags as parts of the answer,
    they are parts of it: better a field too many than half of an answer.

    Args:
        text: An answer.

    Returns:
        The values by name, where the first tag starts and where the last one ends; None if there
        are no tags with an end.
    """
    tags = _list_tags(text)
    parts: list[int] = []
    is_html = False
    waiting = [_Level(text, tags, range(len(tags)), 0, len(text))]
    while waiting:
        level = waiting.pop()
        chosen = level.choose_parts()
        parts += chosen
        others = sorted(set(level.shown).difference(chosen))
        is_html = is_html or level.has_unclosed_html or bool(others)
        waiting += map(level.look_into, others)
    fields: dict[str, object] = {}
    for place in sorted(parts):
        add_value(fields, tags[place].name, _read_inside(text, tags, place, 0))
    if not fields or (is_html and all(map(_is_html, fields))):
        return None
    return fields, tags[min(parts)].start, max(tags[place].end for place in parts)


def _is_html(name: str) -> bool:
    return bool(_HTML.fullmatch(name) or _ALSO_HTML.fullmatch(name))


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

    @property
    def is_bare(self) -> bool:
        """Whether it has no attributes."""
        return self.inner_start - self.start == len(self.name) + len("<>")


class _Level:
    """Tags side by side: those of a text, or in a tag of HTML; a tag is named by its place.

    Attributes:
        own: Those that are no HTML, and no thoughts.
        shown: Those that are HTML.
        has_unclosed_html: Whether there is HTML without an end, such as a line break.
    """

    def __init__(
        self, text: str, tags: Sequence["_Tag"], places: range, start: int, stop: int
    ) -> None:
        self._text, self._tags, self._start, self._stop = text, tags, start, stop
        self.has_unclosed_html = False
        self.own: list[int] = []
        self.shown: list[int] = []
        self._all: list[int] = []
        place = places.start
        while place < places.stop:
            tag = tags[place]
            is_shown = _HTML.fullmatch(tag.name) is not None
            if not start <= tag.start < tag.end <= stop:
                self.has_unclosed_html = self.has_unclosed_html or is_shown
                place += 1
                continue
            self._all.append(place)
            if is_shown or not _IS_THOUGHT.fullmatch(tag.name):
                (self.shown if is_shown else self.own).append(place)
            place = tag.after

    def look_into(self, place: int) -> "_Level":
        """Return the tags in one of them; none where what is in it is no part of an answer."""
        tag = self._tags[place]
        end = place + 1 if _OPAQUE.fullmatch(tag.name) else tag.after
        places = range(place + 1, end)
        return _Level(self._text, self._tags, places, tag.inner_start, tag.inner_end)

    def choose_parts(self) -> list[int]:
        """Return which of them are parts of the answer."""
        if not self.shown:
            return self.own
        outline, ends = self._outline()
        if _PAGE.search(outline):
            return self.own
        apart = {at for match in _APART.finditer(outline) for at in range(*match.span())}
        chosen = [
            place
            for place, at in zip(self._all, ends, strict=True)
            if outline[at] == _SHOWN and (at in apart or self._has_lines(place))
        ]
        if all(_ALSO_HTML.fullmatch(self._tags[place].name) for place in self.own):
            are_parts = len(chosen) == len(self.shown) and self._are_parts_alone()
            is_answer = are_parts and _SIDE_BY_SIDE.fullmatch(outline, ends[0], ends[-1] + 1)
            return [*self.own, *chosen] if is_answer else self.own
        return [*self.own, *chosen]

    def _has_lines(self, place: int) -> bool:
        """Return whether a tag goes over several lines, as none does that is in a sentence."""
        return self._text.find("\n", self._tags[place].start, self._tags[place].end) >= 0

    def _outline(self) -> tuple[str, list[int]]:
        """Return the text around the tags, with one sign for each; and where these are.

        In code the sign of a tag of HTML is another one.
        """
        pieces: list[str] = []
        position, size = self._start, 0
        signs: list[int] = []
        shown = set(self.shown)
        for place in self._all:
            tag = self._tags[place]
            pieces += (self._text[position : tag.start], _SHOWN if place in shown else _OWN)
            size += tag.start - position + 1
            signs.append(size - 1)
            position = tag.end
        pieces.append(self._text[position : self._stop])
        outline = _CODE.sub(lambda code: code.group().replace(_SHOWN, "x"), "".join(pieces))
        return outline, signs

    def _are_parts_alone(self) -> bool:
        """Return whether names that all are HTML, too, are used as those of parts of an answer.

        Other than in HTML, they have neither attributes nor HTML in them; and they are of several
        names, as paragraphs are not.
        """
        tags = self._tags
        layout = [
            tags[place].name for place in self.shown if not _LIKE_OWN.fullmatch(tags[place].name)
        ]
        if len(set(layout)) < len(layout) or (layout and not self.own):
            return False
        places = [*self.own, *self.shown]
        if len({tags[place].name for place in places}) == 1:
            return False
        return all(
            tags[place].is_bare
            and not any(_HTML.fullmatch(tag.name) for tag in tags[place + 1 : tags[place].after])
            for place in places
        )


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
    if depth >= _MAX_DEPTH or _OPAQUE.fullmatch(outer.name):
        return whole
    fields: dict[str, object] = {}
    has_own = False
    inner = place + 1
    while inner < outer.after:
        tag = tags[inner]
        if not position < tag.end <= stop or text[position : tag.start].strip():
            return whole
        has_own = has_own or not _HTML.fullmatch(tag.name)
        add_value(fields, tag.name, _read_inside(text, tags, inner, depth + 1))
        position, inner = tag.end, tag.after
    return fields if has_own and not text[position:stop].strip() else whole


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
