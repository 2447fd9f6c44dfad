"""Reads a whole request file and says all that is wrong with it, and what is in it.

A request without mistakes is decoded once as a `batchtui.submission.specification.RequestSpec`;
only one that does not fit is looked at by the rules, which name every mistake. Memory stays
bounded: of a request nothing is kept but 36 bytes.
"""

from array import array
from collections.abc import Callable, Collection, Iterator

import msgspec
from msgspec import Struct

from batchtui.formatting import format_count, format_size, plural
from batchtui.library.ledger_values import SourceFile
from batchtui.prices import PriceTable, load_prices
from batchtui.submission.body import body_length, element_of
from batchtui.submission.errors import SourceError
from batchtui.submission.file_stats import (
    BETA_PARAMS,
    OTHER_MODELS,
    FileStats,
    StatsCounter,
    facts_of,
    facts_of_shape,
)
from batchtui.submission.index import RequestIndex
from batchtui.submission.limits import Limits, plan_parts
from batchtui.submission.problems import FileProblem, ProblemKind, ProblemLog, Problems, RuleFinding
from batchtui.submission.read import RawRequest, layout_of, read_requests, read_requests_from
from batchtui.submission.repeats import RepeatLog, find_repeats
from batchtui.submission.rules import check_request
from batchtui.submission.sniff import Layout
from batchtui.submission.source import RequestSource
from batchtui.submission.specification import RequestSpec, suggestion

_SHAPE = msgspec.json.Decoder(RequestSpec)
_ANYTHING = msgspec.json.Decoder()
_NO_OBJECT = (
    "Not valid JSON: a request is an object. batchtui make makes requests of a table and a prompt."
)


class Validation(Struct, frozen=True):
    """What a request file is, holds and lacks."""

    source: SourceFile
    """The file, with the sha256 of what was read."""
    layout: Layout
    """How the requests stand in it."""
    packing: str
    """how it is packed, as ``gzip``; or ``""``."""
    problems: Problems
    """What is wrong with requests, or with the file."""
    limits: Limits
    """What one batch takes."""
    parts: int
    """How many batches it makes where it is split."""
    limit_problems: tuple[FileProblem, ...]
    """Why it does not fit one batch; cured by splitting."""
    stats: FileStats
    """What it holds."""
    body_bytes: int
    """Bytes of the body if all were sent in one batch."""
    index: RequestIndex
    """Where its requests are."""

    @property
    def requests(self) -> int:
        """How many requests it holds, those included that cannot be read."""
        return len(self.index)

    @property
    def is_sendable(self) -> bool:
        """Whether it can be sent at all, in one batch or several."""
        return self.problems.fatal == 0

    @property
    def needs_split(self) -> bool:
        """Whether it does not fit one batch."""
        return any(not problem.is_warning for problem in self.limit_problems)

    @property
    def batches(self) -> int:
        """How many batches it takes."""
        return self.parts if self.needs_split else min(1, self.requests)


def read_request_at(validation: Validation, number: int) -> RawRequest:
    """Read one request of a checked file by its number, from 0; works in a thread.

    Raises:
        SourceError: The file cannot be read any more, or has changed.
    """
    source, offset = RequestSource(validation.source.path), validation.index.offsets[number]
    if source.stamp().size == validation.source.size:
        for request in read_requests_from(source.blocks(offset), validation.layout, offset):
            return request
    raise SourceError(
        f"{source.path.name} has changed since it was checked.", hint="Check it again."
    )


def ignore_progress(_bytes_read: int) -> None:
    """Take no notice of progress."""


def validate(
    source: RequestSource,
    *,
    limits: Limits | None = None,
    prices: PriceTable | None = None,
    betas: Collection[str] | None = None,
    on_progress: Callable[[int], None] = ignore_progress,
) -> Validation:
    """Read a file to its end and check every request.

    Args:
        source: The file.
        limits: What one batch takes.
        prices: Says which models there are; what came with the program if not given.
        betas: The beta headers that are sent along; None where that is not known.
        on_progress: Called with the decompressed bytes read so far, about once a megabyte. What it
            raises ends the validation.

    Raises:
        SourceError: The file cannot be opened or read. What can be opened but not be read as
            requests is a problem of the validation instead.
    """
    inspector = _Inspector()
    try:
        for request in read_requests(_reporting(source.blocks(), on_progress)):
            inspector.inspect(request)
    except SourceError as error:
        inspector.add_file_problem(ProblemKind.UNREADABLE, error)
    return inspector.finish(source, limits or Limits(), prices or load_prices(), betas)


def _reporting(blocks: Iterator[bytes], on_progress: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    for block in blocks:
        yield block
        done += len(block)
        on_progress(done)


class _Inspector:
    """Takes requests one by one."""

    def __init__(self) -> None:
        self._log = ProblemLog()
        self._stats = StatsCounter()
        self._index = RequestIndex()
        self._contents = array("q")

    def inspect(self, request: RawRequest) -> None:
        data = request.data
        try:
            shape = _SHAPE.decode(data)
            params = shape.params
            # What was decoded is UTF-8; what was skipped has to be anyway.
            is_sound = params.is_within_rules and (
                data.isascii() or _is_all_decoded(data, len(params.messages)) or bool(data.decode())
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._inspect_slowly(request)
            return
        if not is_sound:
            self._inspect_slowly(request)
            return
        element = data.strip(b" \t\r\n")
        self._add_to_index(request, len(element), shape.custom_id, _content_hash(element))
        self._stats.keep_sample(data)
        self._stats.add(shape.custom_id, request.line, len(element), facts_of_shape(params))

    def add_file_problem(self, kind: ProblemKind, error: SourceError) -> None:
        message = error.sentence
        self._log.add(FileProblem(error.line, None, "", kind, message))

    def finish(
        self,
        source: RequestSource,
        limits: Limits,
        prices: PriceTable,
        betas: Collection[str] | None,
    ) -> Validation:
        layout = _layout(source)
        stats = self._stats.stats(self._log_repeats(source, layout))
        for problem in (*_check_models(stats, prices), *_check_betas(stats, betas)):
            self._log.add(problem)
        if not len(self._index) and not self._log.problems().counts:
            self._log.add(_of_file(ProblemKind.NO_REQUESTS, "The file contains no requests."))
        body_bytes = body_length(self._index.sizes)
        return Validation(
            source=source.fingerprint,
            layout=layout,
            packing=source.packing,
            problems=self._log.problems(),
            limits=limits,
            parts=len(plan_parts(self._index, limits)),
            limit_problems=tuple(_check_limits(len(self._index), body_bytes, limits)),
            stats=stats,
            body_bytes=body_bytes,
            index=self._index,
        )

    def _inspect_slowly(self, request: RawRequest) -> None:
        decoded, finding = _decode(request.data)
        if finding is not None:
            self._add(request, "", finding)
            self._add_to_index(request, len(request.data), "", 0)
            return
        fields = decoded if isinstance(decoded, dict) else {}
        given = fields.get("custom_id")
        custom_id = given if isinstance(given, str) else ""
        for found in check_request(decoded):
            self._add(request, custom_id, found)
        size = _element_size(request.data)
        self._add_to_index(request, size, custom_id, 0)
        self._stats.add(custom_id, request.line, size, facts_of(fields.get("params"), request.data))

    def _add_to_index(self, request: RawRequest, size: int, custom_id: str, content: int) -> None:
        self._index.append(request.offset, size, request.line, custom_id)
        self._contents.append(content)

    def _log_repeats(self, source: RequestSource, layout: Layout) -> int:
        """Log ids and contents that repeat, and return how many requests ask the same again."""
        log = RepeatLog(self._log, self._index, source, layout)
        twins = find_repeats(self._index.hashes)
        log.add(ProblemKind.CUSTOM_ID_TWICE, self._index.hashes, twins)
        for number in twins:
            # the same line once more is said once: its id is used twice
            self._contents[number] = 0
        repeated = find_repeats(self._contents)
        log.add(ProblemKind.ASKED_TWICE, self._contents, repeated)
        return len(repeated)

    def _add(self, request: RawRequest, custom_id: str, finding: RuleFinding) -> None:
        self._log.add(
            FileProblem(request.line, request.number + 1, custom_id, finding.kind, finding.message)
        )


def _is_all_decoded(data: bytes, messages: int) -> bool:
    """Return whether the types skip nothing of a request, as they do inside of other objects.

    There is none besides the request, its params and its messages where there are no more braces;
    one in a text counts as well.
    """
    # up to the last one, as that is found quickly, and in most requests stands near the beginning
    return data.count(b"{", 0, data.rfind(b"{")) == 1 + messages


def _content_hash(element: bytes) -> int:
    """Hash what a request asks, whatever its id is: all from its params on; 0 if not known.

    An id that stands behind the params is hashed, too: such a request is like no other.
    """
    begin = element.find(b'"params"')
    # with more braces before, that is no name of the request itself, whose own is escaped
    return hash(element[begin:]) if element.count(b"{", 0, begin) == 1 else 0


def _decode(data: bytes) -> tuple[object, RuleFinding | None]:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return None, RuleFinding(
            ProblemKind.NOT_UTF8,
            f"Byte {error.start + 1} of the request is not UTF-8: save it as UTF-8.",
        )
    try:
        return _ANYTHING.decode(data), None
    except RecursionError:
        return None, RuleFinding(ProblemKind.NOT_JSON, "The JSON is nested too deeply.")
    except msgspec.DecodeError as error:
        said = f"Not valid JSON: {error}." if data.lstrip()[:1] in b"{[" else _NO_OBJECT
        return None, RuleFinding(ProblemKind.NOT_JSON, said)


def _element_size(data: bytes) -> int:
    try:
        return len(element_of(data))
    except (msgspec.DecodeError, RecursionError):
        return len(data)


def _layout(source: RequestSource) -> Layout:
    try:
        return layout_of(source.blocks()).layout
    except SourceError:
        return Layout.LINES


def _check_models(stats: FileStats, prices: PriceTable) -> Iterator[FileProblem]:
    """Warn about models that are retired, or that the price list does not have."""
    for model, count in stats.models.items():
        day = prices.find_retired(model)
        if day is not None:
            failing = f"{plural(count, 'request')} will fail"
            yield _of_file(ProblemKind.MODEL_RETIRED, f"{model} was retired on {day}: {failing}.")
        elif model.strip() and model != OTHER_MODELS and prices.find(model) is None:
            hint = suggestion(model, frozenset(prices.prices))
            message = f"{model} is not among the models known {prices.as_of}.{hint}"
            yield _of_file(ProblemKind.MODEL_UNKNOWN, message)


def _check_betas(stats: FileStats, betas: Collection[str] | None) -> Iterator[FileProblem]:
    """Warn about params that need a beta header which is not sent along."""
    if betas is None:
        return
    for param, count in stats.features.items():
        beginning = BETA_PARAMS[param]
        if not any(beta.startswith(beginning) for beta in betas):
            yield _of_file(
                ProblemKind.BETA_MISSING,
                f"{param} in {plural(count, 'request')} needs the beta header {beginning}-…:"
                " put it into the setting betas.",
            )


def _check_limits(requests: int, body_bytes: int, limits: Limits) -> Iterator[FileProblem]:
    if requests > limits.requests:
        yield _of_file(
            ProblemKind.TOO_MANY_REQUESTS,
            f"{format_count(requests)} requests; a batch takes {format_count(limits.requests)}.",
        )
    if body_bytes > limits.refused_bytes:
        yield _of_file(
            ProblemKind.TOO_MANY_BYTES,
            f"{format_size(body_bytes)}; a batch takes {format_size(limits.body_bytes)}.",
        )
    elif body_bytes > limits.body_bytes:
        yield _of_file(
            ProblemKind.NEAR_LIMIT,
            f"{format_count(body_bytes)} bytes: whether this is within the limit depends on how"
            f" the server counts ({format_count(limits.body_bytes)} or"
            f" {format_count(limits.refused_bytes)}).",
        )


def _of_file(kind: ProblemKind, message: str) -> FileProblem:
    return FileProblem(None, None, "", kind, message)
