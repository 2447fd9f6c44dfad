"""The fields of the query language as data: help, completion and the parser read this.

A field that is not here does not exist; a description here is what help shows.
"""

from typing import Literal, TypeAlias

from msgspec import Struct

FieldKind: TypeAlias = Literal[
    "type",  # how the request ended
    "name",  # a name that the index numbers: `NAMES` says where
    "cause",  # of an error
    "id",
    "number",  # `NUMBERS` says which column
    "noticed",  # what the program saw in a row
    "text",  # of the answer
    "line",  # as received
    "path",  # a field of the answer's JSON
    "has",
    "fits",
    "misfit",  # why something does not fit
    "review",  # what a person said: `REVIEWED` says where
    "asked",  # the order of the requests: nothing to compare with
    "sample",  # not of a row: the parser takes it out
    "sort",  # the same
]
"""How the values of a field are compared. `binding` has a condition for each but ``misfit``
(`run`), ``sample`` and ``sort`` (`parser`) and ``asked`` (`sorting`)."""


class FieldChoice(Struct, frozen=True):
    """One value a field can be asked for."""

    value: str
    """As typed."""
    summary: str
    """What it means, in a few words."""


class Field(Struct, frozen=True):
    """One field of the language."""

    name: str
    """As typed before the operator."""
    kind: FieldKind
    """How its values are compared."""
    summary: str
    """What it looks at, in a few words."""
    operators: tuple[str, ...]
    """The operators it understands."""
    example: str
    """A term that uses it."""
    aliases: tuple[str, ...] = ()
    """Other names it answers to."""
    choices: tuple[FieldChoice, ...] = ()
    """Values known beforehand; completion adds those found in the file."""
    sortable: bool = True
    """Whether ``sort:`` can order by it."""


NO_NAME = "none"
"""Where this is a choice of a field of names, it finds answers that have no such name."""
OF_REQUEST = "request"
"""In place of a schema's file: the schema that the row's own request asks for."""

_NAME_OPERATORS = (":", "=", "~")
_NUMBER_OPERATORS = (":", "=", ">", ">=", "<", "<=")
_PATH_OPERATORS = (*_NUMBER_OPERATORS, "~")

FIELDS: tuple[Field, ...] = (
    Field(
        "type",
        "type",
        "how the request ended",
        (":", "="),
        "type:errored",
        aliases=("result",),
        choices=(
            FieldChoice("succeeded", "answered"),
            FieldChoice("errored", "refused by the API with an error"),
            FieldChoice("canceled", "not run: the batch was canceled"),
            FieldChoice("expired", "not run: the batch's 24 hours were over"),
            FieldChoice("unknown", "a result type this version does not know"),
            FieldChoice("unreadable", "a line that is not a result"),
            FieldChoice("failed", "errored or expired"),
        ),
    ),
    Field(
        "stop",
        "name",
        "why the answer stopped",
        _NAME_OPERATORS,
        "stop:max_tokens",
        aliases=("stop_reason",),
        choices=(
            FieldChoice("end_turn", "the answer is complete"),
            FieldChoice("max_tokens", "cut at max_tokens"),
            FieldChoice("stop_sequence", "met a stop sequence"),
            FieldChoice("tool_use", "waits for a tool's result"),
            FieldChoice("pause_turn", "paused in the middle, to be continued"),
            FieldChoice("refusal", "declined"),
            FieldChoice("model_context_window_exceeded", "ran out of context window"),
            FieldChoice(NO_NAME, "answered without a stop reason"),
        ),
    ),
    Field("model", "name", "the model that answered", _NAME_OPERATORS, "model:sonnet"),
    Field(
        "error",
        "cause",
        "the type and the message of the error",
        _NAME_OPERATORS,
        "error:overloaded",
        aliases=("cause",),
    ),
    Field(
        "id",
        "id",
        "the custom_id",
        _NAME_OPERATORS,
        "id:doc-17",
        aliases=("custom_id",),
    ),
    Field(
        "in",
        "number",
        "input tokens, without cached ones",
        _NUMBER_OPERATORS,
        "in>1000",
        aliases=("input", "input_tokens"),
    ),
    Field(
        "out",
        "number",
        "output tokens",
        _NUMBER_OPERATORS,
        "out<50",
        aliases=("output", "output_tokens"),
    ),
    Field(
        "cached",
        "number",
        "input tokens read from the cache",
        _NUMBER_OPERATORS,
        "cached>0",
        aliases=("cache_read",),
    ),
    Field(
        "written",
        "number",
        "input tokens written to the cache",
        _NUMBER_OPERATORS,
        "written>0",
        aliases=("cache_write",),
    ),
    Field(
        "tokens",
        "number",
        "all tokens of a row together",
        _NUMBER_OPERATORS,
        "tokens>=100k",
    ),
    Field(
        "size",
        "number",
        "the length of the row's line in bytes",
        _NUMBER_OPERATORS,
        "size>1M",
        aliases=("bytes",),
    ),
    Field(
        "row",
        "number",
        "the row's place in the file, from 1",
        _NUMBER_OPERATORS,
        "row:100..200",
        aliases=("line",),
    ),
    Field(
        "is",
        "noticed",
        "what was noticed about the row",
        (":", "="),
        "is:look",
        choices=(
            FieldChoice("look", "needs a look: cut, refused, paused, empty, or unlike the others"),
            FieldChoice("empty", "answered with nothing"),
            FieldChoice("json", "the answer holds JSON: a record, whose fields can be asked for"),
            FieldChoice("record", "the same"),
            FieldChoice("duplicate", "its custom_id was already seen above"),
        ),
        sortable=False,
    ),
    Field(
        "text",
        "text",
        "the answer: its text and the input of its tool calls",
        (":", "~"),
        "text~/sorry/i",
        sortable=False,
    ),
    Field(
        "raw",
        "line",
        "the line as received",
        (":", "~"),
        "raw:req_011CV",
        sortable=False,
    ),
    Field(
        "asked",
        "asked",
        "the order of the requests in the file they came from, where one is attached",
        (),
        "sort:asked",
    ),
    Field(
        "has",
        "has",
        "whether the answer's record has a field",
        (":",),
        "has:.total",
        choices=(
            FieldChoice("review", "whether you gave a verdict"),
            FieldChoice("note", "whether you wrote a note"),
        ),
        sortable=False,
    ),
    Field(
        "review",
        "review",
        "your verdict on the answer; also has:review",
        _NAME_OPERATORS,
        "review:bad",
        sortable=False,
    ),
    Field(
        "note",
        "review",
        "your note on the answer; also has:note",
        _NAME_OPERATORS,
        "note~unclear",
        sortable=False,
    ),
    Field(
        "fits",
        "fits",
        "whether the answer's record fits a JSON Schema: a file, or request for that of each row's "
        "own request; a row whose request has none matches neither fits nor -fits",
        (":",),
        "fits:request",
        choices=(FieldChoice(OF_REQUEST, "the schema that the row's own request asks for"),),
        sortable=False,
    ),
    Field(
        "misfit",
        "misfit",
        "where and why the record does not fit the schema of fits, or else of the request",
        _NAME_OPERATORS,
        "misfit:total",
        sortable=False,
    ),
    Field(
        "sample",
        "sample",
        "so many of the rows, chosen at random; the same ones for the same number behind @",
        (":",),
        "sample:50@7",
        sortable=False,
    ),
    Field(
        "sort",
        "sort",
        "orders the rows; - in front of the field reverses; rows without a value come last",
        (":",),
        "sort:-out",
        sortable=False,
    ),
)
"""Every field, in the order in which help lists them."""

_BY_NAME = {name: field for field in FIELDS for name in (field.name, *field.aliases)}

SORT_FIELDS: tuple[str, ...] = tuple(field.name for field in FIELDS if field.sortable)
"""What ``sort:`` can order by."""


def find_field(name: str) -> Field | None:
    """Return the field with this name or alias, in any case; a path is a field of the answers."""
    if name.startswith("."):
        return Field(name, "path", "a field of the answer's JSON", _PATH_OPERATORS, f"{name}:value")
    return _BY_NAME.get(name.lower())


def kind_of(name: str) -> FieldKind:
    """Return the kind of a field; words that stand for themselves are looked for in texts."""
    field = find_field(name)
    return "text" if field is None else field.kind


def field_names() -> tuple[str, ...]:
    """Return every name a field answers to, aliases included."""
    return tuple(_BY_NAME)
