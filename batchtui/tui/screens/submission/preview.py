"""From a validated file to what is shown before it is sent. Pure."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct

from batchtui.batches.rules import ALLOWED, Availability
from batchtui.formatting import format_count, format_share, format_size, plural, read_count
from batchtui.submission.cost import CostEstimate
from batchtui.submission.file_stats import FileStats, Sample
from batchtui.submission.validate import Validation
from batchtui.tui.commands.command import Need
from batchtui.tui.commands.submission import PreviewNeed
from batchtui.tui.glyphs import Glyphs
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.submission.words import home_short, paragraph
from batchtui.tui.widgets.painting import cut_cells
from batchtui.untrusted import visible

_LABEL = 12
_MODELS = 6
"""Models that are listed; the rest are counted together."""
_PROMPT_LINES = 3


_ONE_BATCH = Availability("It fits into one batch")
_MUST_SPLIT = Availability("It does not fit into one batch: it has to be split")
_PACKED = Availability("The file is packed: unpack it to change it")
_ONE_REQUEST = Availability("There is one request only")
_NO_REQUESTS = Availability("There are no requests")
_QUESTION_WIDTH = 60
_NO_PROBLEMS = Availability("There are no problems")


class Preview(Struct, frozen=True):
    """What is about to be sent."""

    validation: Validation
    """The file."""
    label: str
    """The name the batch will have; untrusted text."""
    wants_split: bool = False
    """Whether the user wants it split though it need not be."""
    retry_of: tuple[str, ...] = ()
    """The names of the batches whose rows it sends again; safe to show."""
    remarks: tuple[str, ...] = ()
    """What else is to be known, each one sentence; may quote untrusted text."""
    sent_before: str = ""
    """That the same was sent before, as a sentence; untrusted text, or empty."""
    cost: CostEstimate | None = None
    """What it costs; None where no price is known."""
    max_cost: float = 0
    """What it may cost at most, in US dollars; 0 for any."""

    @property
    def is_split(self) -> bool:
        """Whether it may become several batches."""
        return self.wants_split or self.validation.needs_split

    @property
    def parts(self) -> int:
        """How many batches it becomes."""
        return max(1, self.validation.parts) if self.is_split else 1

    @property
    def is_dear(self) -> bool:
        """Whether it may cost more than the settings allow, or nobody knows how much."""
        if not self.max_cost:
            return False
        return self.cost is None or bool(self.cost.unknown) or self.cost.high > self.max_cost

    @property
    def requests(self) -> int:
        """How many requests the file holds."""
        return self.validation.requests


class ToSend(Struct, frozen=True):
    """What the user agreed to send."""

    validation: Validation
    """The file as it was checked last."""
    label: str
    """The name of the new batch."""
    is_split: bool
    """Whether it may become several batches."""


class Checked(Struct, frozen=True):
    """A file that was read again."""

    validation: Validation
    """What it is and holds."""
    sent_before: str = ""
    """As of a preview."""
    cost: CostEstimate | None = None
    """As of a preview."""


class PreviewActions(Protocol):
    """What can be done with the file."""

    async def check(self) -> Checked | None:
        """Read it again; ``None`` where that was stopped."""

    async def send(self, what: ToSend) -> bool:
        """Send it; gives whether that was done."""

    async def mark_cache(self, what: ToSend) -> bool:
        """Write it with marks for the cache and show that; gives whether that was sent."""

    async def take_canary(self, what: ToSend, count: int) -> Preview | None:
        """Take so many requests of it to go first; ``None`` where that was stopped."""

    async def send_canary(self, whole: Validation, canary: Preview) -> bool:
        """Send what was taken of it; gives whether that was done."""


def readiness_line(preview: Preview, check_again: str) -> Line:
    """Say in one sentence whether it can be sent.

    Args:
        preview: What is about to be sent.
        check_again: The key that reads the file again.
    """
    validation = preview.validation
    problems = validation.problems
    warnings = f", {plural(problems.warnings, 'warning')}" if problems.warnings else ""
    if problems.fatal:
        mistakes = plural(problems.fatal, "mistake")
        makes = "makes" if problems.fatal == 1 else "make"
        words = f"It cannot be sent: {mistakes} {makes} the file unfit{warnings}."
        return line((words, "problem"), f" Correct it, then press {check_again}.")
    split = f" It goes as {plural(preview.parts, 'batch', 'batches')}, one group."
    splits = split if preview.parts > 1 else ""
    if problems.errors:
        words = f"{plural(problems.failing, 'request')} will fail if sent{warnings}."
        return line((words, "warning"), splits)
    if problems.warnings:
        words = f"Ready to send, with {plural(problems.warnings, 'warning')}."
        return line((words, "warning"), splits)
    return line(("Ready to send: every request follows the rules.", "ok"), splits)


def readiness_lines(
    preview: Preview, width: int, ellipsis: str, check_again: str
) -> tuple[Line, ...]:
    """Say whether it can be sent and, below, that it was before."""
    if not preview.sent_before:
        return (readiness_line(preview, check_again),)
    repeat = cut_cells(visible(preview.sent_before), max(8, width), ellipsis)
    return readiness_line(preview, check_again), line((repeat, "warning"))


def overview_lines(
    preview: Preview, glyphs: Glyphs, width: int, mark_cache: str = ""
) -> Iterator[Line]:
    """Write what will go.

    Args:
        preview: What is about to be sent.
        glyphs: The signs to draw with.
        width: Cells of a line.
        mark_cache: How the marks for the cache are made, as ``$ (Mark the cache)``.
    """
    validation = preview.validation
    stats = validation.stats
    room = max(8, width - _LABEL)
    yield line(("What will go", "heading"))
    label = cut_cells(visible(preview.label), room, glyphs.ellipsis)
    yield _field("Label", (label or glyphs.dash, "strong"))
    yield _field("Requests", (format_count(validation.requests), "strong"))
    yield from _size(preview)
    yield from _cost(preview.cost)
    for name in preview.retry_of:
        yield _field("Retry of", cut_cells(name, room, glyphs.ellipsis))
    yield from _models(stats, glyphs, room)
    yield from _numbers(stats, glyphs)
    yield from _longest(stats.longest, glyphs, room)
    yield _file(validation, glyphs, room)
    if preview.cost is not None:
        yield from _cost_basis(preview.cost, width, mark_cache)
    for remark in (*preview.remarks, *(one.message for one in validation.limit_problems)):
        yield BLANK
        yield from paragraph(visible(remark), width, "warning")


def _field(name: str, *parts: str | tuple[str, str]) -> Line:
    return line((f"{name:<{_LABEL}}", "muted"), *parts)


def _size(preview: Preview) -> Iterator[Line]:
    validation = preview.validation
    size = format_size(validation.body_bytes)
    if preview.parts > 1:
        yield _field("Size", size)
        yield _field("Batches", (f"{format_count(preview.parts)}, as one group", "accent"))
    else:
        share = format_share(validation.body_bytes, validation.limits.body_bytes)
        yield _field("Size", size, (f"  {share} of what a batch takes", "muted"))


def _file(validation: Validation, glyphs: Glyphs, room: int) -> Line:
    source = validation.source
    packing = f"  {validation.packing}" if validation.packing else ""
    path, kind = home_short(source.path), f"  {format_size(source.size)}{packing}"
    if source.name != source.path.name:
        # made for this batch: it is as large as the batch is, which is said above
        path, kind = visible(source.name), ""
    shown = cut_cells(path, max(8, room - len(kind)), glyphs.ellipsis)
    return _field("File", shown, (kind, "muted"))


def _cost_basis(cost: CostEstimate, width: int, mark_cache: str) -> Iterator[Line]:
    yield BLANK
    yield line(("What the cost rests on", "heading"))
    for sentence in (*cost.assumed, *cost.left_out):
        yield from paragraph(visible(sentence), width, "muted")
    for sentence in cost.advice:
        yield from paragraph(visible(f"{sentence} {mark_cache} writes the marks."), width)


def _models(stats: FileStats, glyphs: Glyphs, room: int) -> Iterator[Line]:
    names = list(stats.models.items())
    rest = sum(count for _, count in names[_MODELS:])
    shown = names[:_MODELS] + ([("other models", rest)] if rest else [])
    title = "Models" if len(names) > 1 else "Model"
    for number, (name, count) in enumerate(shown):
        text = cut_cells(visible(name) or "no model", room - 10, glyphs.ellipsis)
        counted = (Span(f"  {format_count(count)}"),) if len(names) > 1 else ()
        yield Line(_field("" if number else title, text).left, counted)


def _numbers(stats: FileStats, glyphs: Glyphs) -> Iterator[Line]:
    yield _field("max_tokens", _range(stats.max_tokens, glyphs))
    if stats.max_tokens_total:
        total = format_count(stats.max_tokens_total)
        yield _field("Output", f"at most {total} tokens", (" in all", "muted"))
    if stats.repeated:
        yield _field("Repeated", (f"{plural(stats.repeated, 'request')} asked before", "warning"))
    if stats.with_tools:
        yield _field("Tools", f"in {plural(stats.with_tools, 'request')}")


def _cost(cost: CostEstimate | None) -> Iterator[Line]:
    if cost is None:
        yield _field("Cost", ("no price of its models is known", "muted"))
    elif cost.unknown:
        yield _field("Cost", (cost.words, "strong"), ("  for a part of it", "warning"))
    else:
        yield _field("Cost", (cost.words, "strong"))


def _range(values: Mapping[int, int], glyphs: Glyphs) -> str:
    if not values:
        return glyphs.dash
    low, high = min(values), max(values)
    if low == high:
        return format_count(low)
    return f"{format_count(low)} to {format_count(high)}"


def _longest(sample: Sample | None, glyphs: Glyphs, room: int) -> Iterator[Line]:
    if sample is None:
        return
    where = f"  line {format_count(sample.line)}"
    size = format_size(sample.size)
    left = room - len(where) - len(size) - 2
    name = cut_cells(visible(sample.custom_id), max(6, left), glyphs.ellipsis)
    yield _field("Longest", f"{size}  {name}", (where, "muted"))


def prompt_lines(stats: FileStats, glyphs: Glyphs, width: int) -> Iterator[Line]:
    """Write what the first requests ask."""
    if not stats.first:
        return
    yield line(("What the first requests ask", "heading"))
    for sample in stats.first:
        about = Span(f"  {visible(sample.model)}", "muted")
        name = cut_cells(visible(sample.custom_id), max(8, width // 2), glyphs.ellipsis)
        yield line((name, "accent"), about)
        text = visible(" ".join(sample.prompt.split()))
        begins = list(paragraph(text or "(no text)", width, "" if text else "muted", 2))
        yield from begins[:_PROMPT_LINES]


def preview_needs(validation: Validation, check_again: str) -> Mapping[Need, Availability]:
    """Return what can be done with a checked file.

    Args:
        validation: The file.
        check_again: The key that reads it again.
    """
    unfit = f"Mistakes make the file unfit: correct it, then press {check_again}"
    split = _MUST_SPLIT if validation.needs_split else ALLOWED
    sendable = ALLOWED if validation.is_sendable else Availability(unfit)
    several = _ONE_REQUEST if sendable and validation.requests < 2 else sendable
    return {
        PreviewNeed.SENDABLE: sendable,
        PreviewNeed.SEVERAL: several,
        PreviewNeed.REQUESTS: ALLOWED if validation.requests else _NO_REQUESTS,
        PreviewNeed.EDITABLE: _PACKED if validation.packing else ALLOWED,
        PreviewNeed.CHOICE: split if validation.limit_problems else _ONE_BATCH,
        PreviewNeed.PROBLEM: ALLOWED if validation.problems.listed else _NO_PROBLEMS,
    }


def send_question(
    preview: Preview, where: str, *, is_billed: bool
) -> tuple[str, tuple[Line, ...], str]:
    """Ask whether to send: title, what to know before, and the words of yes."""
    stats = preview.validation.stats
    models = ", ".join(visible(name) or "no model" for name in list(stats.models)[:3])
    more = f" and {len(stats.models) - 3} more" if len(stats.models) > 3 else ""
    body = [
        line(("Label   ", "muted"), (visible(preview.label), "strong")),
        line(("Models  ", "muted"), models + more),
        line(("To      ", "muted"), where),
    ]
    if preview.cost is not None:
        body.append(line(("Cost    ", "muted"), preview.cost.words))
    if preview.parts > 1:
        body.append(line(("Goes as ", "muted"), plural(preview.parts, "batch", "batches")))
    failing = preview.validation.problems.failing
    if failing:
        words = f"{plural(failing, 'request')} will fail: the problems say why."
        body += [BLANK, line((words, "warning"))]
    if preview.is_dear:
        words = f"It may cost more than max_cost allows: ${preview.max_cost:,.0f}."
        body += [BLANK, line((words, "warning"))]
    if preview.sent_before:
        body += [BLANK, *paragraph(visible(preview.sent_before), _QUESTION_WIDTH, "warning")]
    billed = "is billed, and " if is_billed else ""
    body += [BLANK, line((f"It {billed}can be canceled but not changed.", "muted"))]
    what = plural(preview.requests, "request")
    return f"Send {what}?", tuple(body), f"Send {what}"


def why_no_canary(text: str, requests: int) -> str:
    """Say what is wrong with a number of requests to send first, or nothing."""
    if 1 <= (read_count(text) or 0) < requests:
        return ""
    return f"A number from 1 to {format_count(requests - 1)}"
