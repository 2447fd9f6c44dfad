"""The request beside its answer, where the file is known that the batch was made from."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from batchtui.errors import BatchtuiError
from batchtui.formatting import cut_characters, format_count
from batchtui.library.ledger_values import SourceFile
from batchtui.results.conversation_blocks import read_blocks
from batchtui.results.json_text import UnreadableJsonError, members_of, parse_json, pretty
from batchtui.tui.lines import BLANK, Line, Span, line
from batchtui.tui.screens.results.layout import RowLayout, Steps, lay_out_block
from batchtui.tui.widgets.reader_document import Lines
from batchtui.tui.widgets.reader_wrapping import wrap_runs
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from batchtui.results.request_schemas import RequestSchemas
    from batchtui.submission.request_lookup import RequestLookup

_BIG = 2 * 1024 * 1024
"""Bytes of a request above which only its facts are shown."""
_LONGEST_PARAMETER = 200
"""Characters of a parameter, of which many have a schema."""
_APART = ("model", "max_tokens", "messages", "system", "tools")


class FoundRequest(Struct, frozen=True):
    """A request of the source file."""

    file: str
    """The file's name; untrusted text."""
    line: int
    """Where it begins, from 1."""
    data: bytes
    """Its bytes."""
    has_changed: bool
    """Whether the file is another one than was sent."""


class Requests:
    """Finds requests by id in the files that batches were made from.

    Args:
        source_of: Gives the file with the requests of a batch or a results file; blocks.
        batch_of: Gives the batch that answered an id, or the results file; ``None`` finds nothing.
    """

    def __init__(
        self,
        source_of: Callable[[str], SourceFile | None] = lambda _subject: None,
        batch_of: Callable[[str], str | None] = lambda _custom_id: None,
    ) -> None:
        self._source_of = source_of
        self._batch_of = batch_of
        self._openings: dict[str, asyncio.Future[RequestLookup | None]] = {}
        self._refused: set[str] = set()
        self._schemas: tuple[frozenset[str], RequestSchemas] | None = None

    def forget(self) -> None:
        """Look again which files they are."""
        self._schemas = None
        self._openings.clear()
        self._refused.clear()

    @property
    def is_known(self) -> bool:
        """Whether a file with the requests is known, and was found."""
        return any(known is not None for known in self._opened().values())

    @property
    def lookup(self) -> Callable[[str], bytes | None] | None:
        """Gives the bytes of a request by its id, and blocks; ``None`` without a file."""
        if not self.is_known:
            return None
        lookups = self._opened()

        def find(custom_id: str) -> bytes | None:
            batch_id = self._batch_of(custom_id)
            if batch_id is not None and batch_id not in lookups:
                lookups[batch_id] = self._open(batch_id)
            lookup = lookups.get(batch_id) if batch_id is not None else None
            return None if lookup is None else lookup.find(custom_id)

        return find

    @property
    def files(self) -> tuple[Path, ...]:
        """The files with the requests, as far as they are known."""
        return tuple(one.source.path for one in self._opened().values() if one is not None)

    async def prepare(self) -> None:
        """Read the file, so that the first row has its request when it comes.

        Raises:
            SourceError: The file cannot be read; said once.
            LedgerError: The ledger cannot be read; said once.
        """
        await self._open_all(())

    async def find(self, custom_id: str) -> FoundRequest | None:
        """Find the request with an id; reads the whole file at the first call.

        Raises:
            SourceError: The file cannot be read; said once.
            LedgerError: The ledger cannot be read; said once.
        """
        batch_id = self._batch_of(custom_id)
        lookup = None if batch_id is None else await self._open_once(batch_id)
        if lookup is None or not custom_id:
            return None
        data = await asyncio.to_thread(lookup.find, custom_id)
        number = lookup.index().number_of(custom_id)
        if data is None or number is None:
            return None
        name = Path(lookup.source.path).name
        return FoundRequest(name, lookup.index().lines[number], data, lookup.has_changed)

    async def find_schemas(self, ids: Iterable[str]) -> "RequestSchemas | None":
        """Return what the requests ask of their answers; reads whole files at the first call.

        Args:
            ids: The custom_id of each row.

        Returns:
            None where no file is known.

        Raises:
            SourceError: A file cannot be read; said once.
            LedgerError: The ledger cannot be read; said once.
        """
        from batchtui.results.request_schemas import RequestSchemas

        lookups = await self._open_all(ids)
        if not lookups:
            return None
        if self._schemas is None or self._schemas[0] != frozenset(lookups):
            numbers = AllRequests(lookups, self._batch_of)
            schemas = RequestSchemas(numbers.requests, numbers.number_of)
            await asyncio.to_thread(schemas.read)
            self._schemas = frozenset(lookups), schemas
        return self._schemas[1]

    async def find_order(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Return the place of each id among the requests; reads whole files at the first call.

        Args:
            ids: The custom_id of each row.

        Returns:
            Nothing where no file is known.

        Raises:
            SourceError: A file cannot be read; said once.
            LedgerError: The ledger cannot be read; said once.
        """
        ids = tuple(ids)
        lookups = await self._open_all(ids)
        if not lookups:
            return {}
        number_of = AllRequests(lookups, self._batch_of).number_of

        def look_up() -> Mapping[str, int]:
            return {one: number for one in ids if (number := number_of(one)) is not None}

        return await asyncio.to_thread(look_up)

    async def _open_all(self, ids: Iterable[str]) -> "dict[str, RequestLookup]":
        batches = {batch_id for one in ("", *ids) if (batch_id := self._batch_of(one)) is not None}
        opened = {batch_id: await self._open_once(batch_id) for batch_id in sorted(batches)}
        return {batch_id: lookup for batch_id, lookup in opened.items() if lookup is not None}

    async def _open_once(self, batch_id: str) -> "RequestLookup | None":
        if batch_id in self._refused:
            return None
        opening = self._openings.get(batch_id)
        if opening is None:
            opening = asyncio.ensure_future(asyncio.to_thread(self._open, batch_id))
            self._openings[batch_id] = opening
        try:
            # who asked may be gone by then, but not the next one who asks
            return await asyncio.shield(opening)
        except BatchtuiError:
            self._refused.add(batch_id)
            raise

    def _opened(self) -> "dict[str, RequestLookup | None]":
        """Return what was found out already, by batch."""
        return {
            batch_id: opening.result()
            for batch_id, opening in self._openings.items()
            if opening.done() and not opening.cancelled() and opening.exception() is None
        }

    def _open(self, batch_id: str) -> "RequestLookup | None":
        from batchtui.submission.request_lookup import open_lookup

        source = self._source_of(batch_id)
        if source is None or not source.path.exists():
            return None
        return open_lookup(source)


class AllRequests:
    """The requests of several batches, one after the other.

    Args:
        lookups: The file of each batch.
        batch_of: Gives the batch that answered an id.
    """

    def __init__(
        self, lookups: "Mapping[str, RequestLookup]", batch_of: Callable[[str], str | None]
    ) -> None:
        self._lookups = lookups
        self._batch_of = batch_of
        ends = accumulate(map(len, lookups.values()), initial=0)
        self._starts = dict(zip(lookups, ends, strict=False))

    def requests(self) -> Iterator[bytes]:
        """Yield them all.

        Raises:
            SourceError: A file cannot be read.
        """
        return chain.from_iterable(lookup.requests() for lookup in self._lookups.values())

    def number_of(self, custom_id: str) -> int | None:
        """Return the place among them of the one that an id answers."""
        batch_id = self._batch_of(custom_id)
        if batch_id is None or batch_id not in self._lookups:
            return None
        number = self._lookups[batch_id].index().number_of(custom_id)
        return None if number is None else self._starts[batch_id] + number


def lay_out_question(found: FoundRequest, layout: RowLayout, *, most: int) -> Steps:
    """Lay out what was asked last, or its beginning, above the answer.

    Args:
        found: The request.
        layout: How.
        most: Lines that it may take.
    """
    params = _params(found)
    messages = params.get("messages") if params else None
    if not isinstance(messages, list) or not messages:
        return
    last = members_of(messages[-1])
    shown: list[Line] = []
    for section in _message("Question", last.get("content"), layout):
        if section is not None:
            room = most + 2 - len(shown)
            shown += [section.line(number) for number in range(min(len(section), room))]
        # the blank line in front is not shown, and no last line is left out for a sign of it
        if len(shown) > most + 1:
            shown[most:] = [line((layout.glyphs.ellipsis, "muted"))]
            break
    yield Lines([*shown[1:], BLANK, line((layout.heading, "strong"))])


def _params(found: FoundRequest) -> Mapping[str, object] | None:
    """Read the parameters of a request that is not too big; ``None`` where it has none."""
    if len(found.data) > _BIG:
        return None
    try:
        value = parse_json(found.data.decode("utf-8", errors="replace"))
    except UnreadableJsonError:
        return None
    return members_of(members_of(value).get("params"))


def lay_out_request(found: FoundRequest, layout: RowLayout) -> Steps:
    """Lay a request out as a whole."""
    rule = ("─" if layout.glyphs.is_unicode else "-") * 2
    title = f"{rule} Request ({visible(found.file)}, line {format_count(found.line)}) {rule}"
    yield Lines([line((title, "muted"))])
    if found.has_changed:
        text = "The file has changed since it was sent: this may be another request."
        yield Lines([line((text, "warning"))])
    if len(found.data) > _BIG:
        yield Lines([line((f"a request of {format_count(len(found.data))} bytes", "muted"))])
        return
    try:
        value = parse_json(found.data.decode("utf-8", errors="replace"))
    except UnreadableJsonError as error:
        yield Lines([line((visible(str(error)), "warning"))])
        return
    yield from _parameters(members_of(members_of(value).get("params")), layout)


def _parameters(params: Mapping[str, object], layout: RowLayout) -> Steps:
    yield Lines(_facts(params, layout))
    if params.get("system") is not None:
        yield from _message("system", params["system"], layout)
    messages = params.get("messages")
    for message in messages if isinstance(messages, list) else []:
        fields = members_of(message)
        role = fields.get("role")
        name = visible(role) if isinstance(role, str) else "message"
        yield from _message(name, fields.get("content"), layout)


def _facts(params: Mapping[str, object], layout: RowLayout) -> list[Line]:
    """Return the parameters in as few lines as there is room for, the tools by their names."""
    parts = [f"{name} {_value(params[name])}" for name in ("model", "max_tokens") if name in params]
    tools = params.get("tools")
    if isinstance(tools, list) and tools:
        names = [
            _value(members_of(tool).get("name", members_of(tool).get("type"))) for tool in tools
        ]
        parts.append(f"tools {', '.join(names)}")
    parts += [f"{visible(key)} {_value(params[key])}" for key in params if key not in _APART]
    return wrap_runs([("  ".join(parts), "muted")], layout.width)


def _value(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return format_count(value)
    text = visible(value) if isinstance(value, str) else " ".join(pretty(value).split())
    return cut_characters(text, _LONGEST_PARAMETER)


def _message(role: str, content: object, layout: RowLayout) -> Steps:
    yield Lines([BLANK, Line((Span(role, "strong"),))])
    for block in read_blocks(content):
        yield from lay_out_block(block, layout)
