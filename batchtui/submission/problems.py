"""What is wrong with a request file: kinds, single findings, and a log that stays small."""

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

LISTED_PER_KIND = 2000
"""Findings of one kind that are kept; all are counted."""
_QUOTED = 60


class ProblemKind(StrEnum):
    """The kinds of findings; the value is a heading for people."""

    NOT_JSON = "not valid JSON"
    NOT_UTF8 = "not UTF-8"
    UNREADABLE = "cannot be read any further"
    NOT_OBJECT = "not an object"
    OPENAI_SHAPE = "a request for another API"
    RESULTS_LINE = "a result, not a request"
    CUSTOM_ID_MISSING = "custom_id missing"
    CUSTOM_ID_TYPE = "custom_id is not text"
    CUSTOM_ID_LENGTH = "custom_id too long or empty"
    CUSTOM_ID_PATTERN = "custom_id with characters that are not allowed"
    CUSTOM_ID_TWICE = "custom_id used twice"
    PARAMS_MISSING = "params missing"
    PARAMS_TYPE = "params is not an object"
    MODEL_MISSING = "model missing"
    MODEL_TYPE = "model is not a name"
    MAX_TOKENS_MISSING = "max_tokens missing"
    MAX_TOKENS_TYPE = "max_tokens is not a whole number"
    MAX_TOKENS_RANGE = "max_tokens below 1"
    MESSAGES_MISSING = "messages missing"
    MESSAGES_TYPE = "messages is not a list"
    MESSAGES_EMPTY = "messages is empty"
    MESSAGES_TOO_MANY = "too many messages"
    MESSAGE_TYPE = "a message is not an object"
    ROLE = "role is neither user nor assistant"
    CONTENT_MISSING = "content missing"
    CONTENT_TYPE = "content is neither text nor a list of blocks"
    BLOCK_SHAPE = "a content block without what its type needs"
    STREAM = "stream in a batch"
    BETAS = "betas inside params"
    TEMPERATURE = "temperature outside 0 to 1"
    TOP_P = "top_p outside 0 to 1"
    TOP_K = "top_k is not a whole number from 0"
    THINKING_SHAPE = "thinking without what it needs"
    THINKING_BUDGET = "thinking budget outside its range"
    PARAM_TYPE = "a param of the wrong type"
    UNKNOWN_REQUEST_KEY = "unknown key beside custom_id and params"
    UNKNOWN_PARAM = "unknown param"
    UNKNOWN_MESSAGE_KEY = "unknown key in a message"
    UNKNOWN_VALUE = "unknown value"
    EMPTY_CONTENT = "empty content"
    NULL_PARAM = "a param that is null"
    MODEL_RETIRED = "a retired model"
    MODEL_UNKNOWN = "an unknown model"
    ASKED_TWICE = "a duplicate of an earlier request"
    BETA_MISSING = "a beta header that is missing"
    NO_REQUESTS = "no requests"
    TOO_MANY_REQUESTS = "more requests than a batch takes"
    TOO_MANY_BYTES = "more bytes than a batch takes"
    NEAR_LIMIT = "close to the size a batch takes"

    @property
    def is_warning(self) -> bool:
        """Whether it may be sent anyway."""
        return self in _WARNINGS

    @property
    def is_fatal(self) -> bool:
        """Whether nothing can be made of the file: the call would fail, or rows could not be told.

        What is neither fatal nor a warning fails only the requests it is found in, after hours.
        """
        return self in _FATAL


_FATAL = frozenset(
    {
        ProblemKind.NOT_JSON,
        ProblemKind.NOT_UTF8,
        ProblemKind.UNREADABLE,
        ProblemKind.NOT_OBJECT,
        ProblemKind.OPENAI_SHAPE,
        ProblemKind.RESULTS_LINE,
        ProblemKind.CUSTOM_ID_MISSING,
        ProblemKind.CUSTOM_ID_TYPE,
        ProblemKind.CUSTOM_ID_LENGTH,
        ProblemKind.CUSTOM_ID_PATTERN,
        ProblemKind.CUSTOM_ID_TWICE,
        ProblemKind.PARAMS_MISSING,
        ProblemKind.PARAMS_TYPE,
        ProblemKind.NO_REQUESTS,
    }
)
_WARNINGS = frozenset(
    {
        ProblemKind.UNKNOWN_REQUEST_KEY,
        ProblemKind.UNKNOWN_PARAM,
        ProblemKind.UNKNOWN_MESSAGE_KEY,
        ProblemKind.UNKNOWN_VALUE,
        ProblemKind.EMPTY_CONTENT,
        ProblemKind.NULL_PARAM,
        ProblemKind.MODEL_RETIRED,
        ProblemKind.MODEL_UNKNOWN,
        ProblemKind.ASKED_TWICE,
        ProblemKind.BETA_MISSING,
        ProblemKind.NEAR_LIMIT,
    }
)


class RuleFinding(Struct, frozen=True):
    """One thing a rule says about one request."""

    kind: ProblemKind
    """What kind."""
    message: str
    """What is wrong and what to do; may quote untrusted text."""


class FileProblem(Struct, frozen=True):
    """One finding and where it is."""

    line: int | None
    """From 1; None where the file as a whole is meant."""
    request: int | None
    """Number of the request, from 1."""
    custom_id: str
    """Its id, or ""; untrusted text."""
    kind: ProblemKind
    """What kind."""
    message: str
    """What is wrong and what to do; may quote untrusted text."""

    @property
    def is_warning(self) -> bool:
        """Whether it may be sent anyway."""
        return self.kind.is_warning


class Problems(Struct, frozen=True):
    """All that was found."""

    listed: tuple[FileProblem, ...]
    """In order of lines; at most `LISTED_PER_KIND` of a kind."""
    counts: Mapping[ProblemKind, int]
    """How many of each kind, exactly, the most frequent first."""
    failing: int = 0
    """How many requests would fail, exactly; each counts once, whatever is wrong with it."""

    @property
    def errors(self) -> int:
        """How many would fail a request or the batch."""
        return sum(count for kind, count in self.counts.items() if not kind.is_warning)

    @property
    def warnings(self) -> int:
        """How many may be sent anyway."""
        return sum(count for kind, count in self.counts.items() if kind.is_warning)

    @property
    def fatal(self) -> int:
        """How many make it impossible to send the file."""
        return sum(count for kind, count in self.counts.items() if kind.is_fatal)

    @property
    def is_cut(self) -> bool:
        """Whether there are more than are listed."""
        return sum(self.counts.values()) > len(self.listed)


class ProblemLog:
    """Collects problems; memory is bounded however many there are."""

    def __init__(self) -> None:
        self._listed: list[FileProblem] = []
        self._counts: Counter[ProblemKind] = Counter()
        self._listed_counts: Counter[ProblemKind] = Counter()
        self._failing = bytearray()

    def add(self, problem: FileProblem) -> None:
        """Count a problem, and list it while there is room for its kind."""
        self.count(problem.kind, problem.request)
        if self._listed_counts[problem.kind] < LISTED_PER_KIND:
            self._listed_counts[problem.kind] += 1
            self._listed.append(problem)

    def count(self, kind: ProblemKind, request: int | None) -> None:
        """Count a problem without listing it.

        Args:
            kind: Of what kind.
            request: Number of the request, from 1; None where the file as a whole is meant.
        """
        self._counts[kind] += 1
        if request is not None and not kind.is_warning:
            if len(self._failing) <= request:
                self._failing.extend(bytes(request + 1 - len(self._failing)))
            self._failing[request] = 1

    def problems(self) -> Problems:
        """Return what was collected."""
        listed = sorted(self._listed, key=lambda problem: (problem.line or 0, problem.request or 0))
        return Problems(tuple(listed), dict(self._counts.most_common()), self._failing.count(1))


def quote(value: object) -> str:
    """Write a piece of untrusted data into a message: short, on one line of its own quotes."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"
