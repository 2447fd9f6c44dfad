"""The grammar of the query language in words, and queries worth copying: what help shows.

The fields are in `reference`.
"""

from msgspec import Struct


class Operator(Struct, frozen=True):
    """One operator or piece of grammar."""

    sign: str
    """As typed."""
    summary: str
    """What it does."""


class Example(Struct, frozen=True):
    """A query worth copying."""

    query: str
    """As typed."""
    summary: str
    """What it finds."""


OPERATORS: tuple[Operator, ...] = (
    Operator("word", "the answer contains it; capital letters in it make case count"),
    Operator('"two words"', 'the answer contains the phrase; write \\" for a quote inside'),
    Operator(
        "field:value",
        "contains the value; * and ? match anything in ids, names, verdicts, notes",
    ),
    Operator("field:a,b", "one of several, for type, is, has, ids, names, verdicts and notes"),
    Operator("field=value", "is exactly the value"),
    Operator(".field=150", 'the number 150 and the text "150"; only the text with ="150"'),
    Operator(".field=null", 'null itself, as with true and false; the text "null" with ="null"'),
    Operator(".field=[]", "a list without elements"),
    Operator("field~pattern", "matches the regular expression; capital letters make case count"),
    Operator("field~/pattern/i", "the same with flags: i ignores case, s lets . span lines, m"),
    Operator("> >= < <=", "compare numbers; 1,500 = 1.5k, 2M; a row without the number never fits"),
    Operator(
        ".date>=2024-06",
        "also texts: dates, or how they begin, with texts that begin like one; 2024-06-15 is above "
        "2024-06, and within 2024-01..2024-06",
    ),
    Operator("field:10..20", "a range, also with =, both ends included; either may be left out"),
    Operator(".field", "a field of the answer's JSON, with all of these: .total>100, .vendor:acme"),
    Operator(".a[0].b", "a field inside a list; .a[].b is any element's"),
    Operator("-", "in front of anything: not, as in -stop=end_turn"),
    Operator("space", "and"),
    Operator("or", "either; weaker than and"),
    Operator("( )", "group"),
)
"""The grammar, in the order in which help lists it."""

EXAMPLES: tuple[Example, ...] = (
    Example("type:errored error~credit", "errors that speak of credit"),
    Example("stop:max_tokens sort:-out", "answers that were cut, longest first"),
    Example("in>1000 out<50", "long questions with short answers"),
    Example("id:doc-17", "rows whose custom_id contains doc-17"),
    Example("id~^doc-\\d+$", "rows whose custom_id fits a pattern"),
    Example('"I cannot" or text~/sorry/i', "answers that excuse themselves"),
    Example("type:succeeded -is:json", "answers without JSON"),
    Example(".total>100 sort:-.total", "answers whose JSON has a total above 100, largest first"),
    Example("type:succeeded -has:.total", "answers without a total"),
    Example(
        "(type:errored or type:expired) -error:invalid_request", "failures worth sending again"
    ),
)
"""Queries worth copying."""
