"""Reading the body of a create while it arrives: one request at a time, never the whole.

`RequestReader` cuts the requests out of the stream of JSON, `Intake` checks them and keeps what a
batch needs of them.
"""

import json
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Final, NoReturn

from batchtui.simulator.behavior import Behavior
from batchtui.simulator.failures import (
    ANSWERED,
    OWN_MISTAKE,
    cause_of,
)
from batchtui.simulator.refusals import RefusalError
from batchtui.simulator.rules import Json, Params, check_envelope, find_mistake, is_integer
from batchtui.simulator.shapes import Shape, shape_of
from batchtui.simulator.work import DIGEST_SIZE, ReceivedWork

_SHAPED_AT_LEAST: Final = 2_000
"""So many requests of a batch are always answered to measure; of more, those that ask for it."""
_USUAL_ANSWER: Final = 4_000
"""Output tokens that no answer of `kits` to a large batch goes beyond by much."""
_SHAPING: Final = frozenset({"tool_choice", "output_config", "output_format"})
_SPACE: Final = " \t\r\n"
_IN_NUMBERS: Final = "0123456789.eE+-"


def digest_of(params: Params) -> bytes:
    """Return a fingerprint that two params share exactly if they are equal as JSON values."""
    canonical = json.dumps(params, sort_keys=True, separators=(",", ":"))
    return blake2b(canonical.encode(), digest_size=DIGEST_SIZE).digest()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class RequestReader:
    """Cuts ``{"requests": [...]}`` into its requests while the bytes arrive.

    Feed it with `feed` and, at the end of the body, `finish`; both give the requests that became
    complete.
    """

    def __init__(self) -> None:
        self._decode = getincrementaldecoder("utf-8")().decode
        self._parse = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._text = ""
        self._at = 0
        self._try_from = 0
        self._state = "start"
        self._key = ""
        self._is_last = False
        self.saw_requests = False

    def feed(self, chunk: bytes) -> Iterator[Json]:
        """Take some bytes.

        Raises:
            RefusalError: The body is not JSON, or not of the right shape.
        """
        try:
            self._text = self._text[self._at :] + self._decode(chunk, self._is_last)
        except UnicodeDecodeError as error:
            raise RefusalError(
                400, f"The request body is not valid UTF-8: {error.reason}"
            ) from error
        self._try_from = max(0, self._try_from - self._at)
        self._at = 0
        while self._state != "end":
            if self._state == "item":
                complete, item = self._value()
                if not complete:
                    return
                self._state = "after item"
                yield item
            elif not self._step():
                return

    def finish(self) -> Iterator[Json]:
        """Say that the body is over.

        Raises:
            RefusalError: The body ended too early or is not of the right shape.
        """
        self._is_last = True
        self._try_from = 0
        yield from self.feed(b"")
        if self._state != "end":
            self._refuse("unexpected end of data")
        if self._text[self._at :].strip(_SPACE):
            self._refuse("extra data after the object")
        if not self.saw_requests:
            raise RefusalError(400, "requests: Field required")

    def _step(self) -> bool:
        """Go one token further; False if there is not enough text."""
        if self._state == "value":
            return self._other_value()
        character = self._peek()
        if not character:
            return False
        if self._state == "key":
            return self._member_name(character)
        return self._punctuation(character)

    def _punctuation(self, character: str) -> bool:
        following = {
            ("start", "{"): "first key",
            ("first key", "}"): "end",
            ("colon", ":"): "requests" if self._key == "requests" else "value",
            ("requests", "["): "first item",
            ("first item", "]"): "after value",
            ("after item", ","): "item",
            ("after item", "]"): "after value",
            ("after value", ","): "key",
            ("after value", "}"): "end",
        }.get((self._state, character))
        if following is not None:
            self._at += 1
            self._state = following
        elif self._state in {"first key", "first item"}:
            self._state = self._state.removeprefix("first ")
        elif self._state == "start":
            raise RefusalError(400, "The request body should be a JSON object")
        elif self._state == "requests":
            raise RefusalError(400, "requests: Input should be a valid list")
        else:
            self._refuse(f"unexpected {character!r}")
        return True

    def _member_name(self, character: str) -> bool:
        if character != '"':
            self._refuse("expected a name in double quotes")
        complete, name = self._value()
        if complete:
            self._key = str(name)
            self._state = "colon"
            self.saw_requests = self.saw_requests or name == "requests"
        return complete

    def _other_value(self) -> bool:
        complete, _ = self._value()
        if complete:
            raise RefusalError(400, f"{self._key}: Extra inputs are not permitted")
        return False

    def _peek(self) -> str:
        """Return the next character that is not white space, or nothing."""
        text, at, end = self._text, self._at, len(self._text)
        while at < end and text[at] in _SPACE:
            at += 1
        self._at = at
        return text[at : at + 1]

    def _value(self) -> tuple[bool, Json]:
        """Read one value if it is complete."""
        if not self._peek() or (len(self._text) < self._try_from and not self._is_last):
            return False, None
        try:
            value, end = self._parse(self._text, self._at)
        except RecursionError as error:
            raise RefusalError(400, "The request body is nested too deeply") from error
        except ValueError as error:
            if self._is_last:
                self._refuse(str(error))
            # Half a value looks like a broken one. Trying again only when there is twice as much
            # keeps the work in proportion to the size, also for a request of many megabytes.
            self._try_from = self._at + 2 * (len(self._text) - self._at)
            return False, None
        if not self._is_last and not self._text[end : end + 3].strip(_IN_NUMBERS):
            # What looks like 1 may become 1.5e3 with the next bytes.
            return False, None
        self._at = end
        return True, value

    def _refuse(self, reason: str) -> NoReturn:
        raise RefusalError(400, f"The request body is not valid JSON: {reason}")


class Intake:
    """Checks the requests of one create and keeps what the batch needs.

    Args:
        behavior: Limits and failures.
        seed: Of the batch to be.
        failed_before: Ids that have failed in this workspace; changed by `work`.
    """

    def __init__(self, behavior: Behavior, seed: int, failed_before: set[str]) -> None:
        self._behavior = behavior
        self._seed = seed
        self._failed_before = failed_before
        self._reader = RequestReader()
        self._size = 0
        self._seen: dict[str, int] = {}
        self._models: dict[str, bytes] = {}
        self._model_names: list[bytes] = []
        self._planned = bytearray()
        self._mistakes: dict[int, tuple[str, str]] = {}
        self._digests = bytearray()
        self._shapes: dict[int, Shape] = {}
        self.kept: list[Json] | None = []

    def expect(self, content_length: str) -> None:
        """Hear what the client says of the size, which may be nothing.

        Raises:
            RefusalError: It is more than is allowed.
        """
        if content_length.isdecimal():
            self._check_size(int(content_length))

    def feed(self, chunk: bytes) -> None:
        """Take some bytes of the body.

        Raises:
            RefusalError: The batch is refused.
        """
        self._size += len(chunk)
        self._check_size(self._size)
        if self._size > self._behavior.keeps_requests_below:
            self.kept = None
        for item in self._reader.feed(chunk):
            self._admit(item)

    def work(self) -> ReceivedWork:
        """Return the requests, once all of the body was fed.

        Raises:
            RefusalError: The batch is refused.
        """
        for item in self._reader.finish():
            self._admit(item)
        if not self._seen:
            raise RefusalError(
                400, "requests: List should have at least 1 item after validation, not 0"
            )
        self._remember_failures()
        return ReceivedWork(
            seed=self._seed,
            style="mixed" if self._size > 64 * 1024 * 1024 else "summaries",
            custom_ids=[custom_id.encode() for custom_id in self._seen],
            model_names=self._model_names,
            planned=bytes(self._planned),
            mistakes=self._mistakes,
            digests=bytes(self._digests),
            shapes=self._shapes,
        )

    def _check_size(self, size: int) -> None:
        most = self._behavior.max_body
        if size > most:
            raise RefusalError(413, f"Request exceeds the maximum size of {most} bytes")

    def _admit(self, item: Json) -> None:
        index = len(self._seen)
        place = f"requests.{index}"
        if index >= self._behavior.max_requests:
            raise RefusalError(413, f"requests: at most {self._behavior.max_requests} are allowed")
        custom_id, params = check_envelope(place, item)
        first = self._seen.setdefault(custom_id, index)
        if first != index:
            raise RefusalError(
                400, f"{place}.custom_id: duplicate of requests.{first}.custom_id: {custom_id!r}"
            )
        self._plan(index, custom_id, params)
        self._digests += digest_of(params)
        if self.kept is not None:
            self.kept.append(item)

    def _plan(self, index: int, custom_id: str, params: Mapping[str, Json]) -> None:
        name = str(params["model"])
        self._model_names.append(self._models.setdefault(name, json.dumps(name)[1:-1].encode()))
        if mistake := self._mistake(params):
            if self._behavior.strict_params:
                raise RefusalError(400, f"requests.{index}.params.{mistake[1]}", mistake[0])
            self._mistakes[index] = mistake
            self._planned.append(OWN_MISTAKE)
            return
        fate = self._behavior.failures.fate(custom_id, self._seed)
        if fate != ANSWERED and self._behavior.failures.once and custom_id in self._failed_before:
            fate = ANSWERED
        self._planned.append(fate)
        limit = params["max_tokens"]
        is_short = is_integer(limit) and limit < _USUAL_ANSWER
        if index < _SHAPED_AT_LEAST or is_short or not _SHAPING.isdisjoint(params):
            self._shapes[index] = shape_of(params)

    def _mistake(self, params: Params) -> tuple[str, str] | None:
        model, known = params["model"], self._behavior.models
        if known and isinstance(model, str) and model not in known:
            return "not_found_error", f"model: {model}"
        return find_mistake(params)

    def _remember_failures(self) -> None:
        for custom_id, fate in zip(self._seen, self._planned, strict=True):
            cause = cause_of(fate)
            if cause is not None and cause.passes:
                self._failed_before.add(custom_id)
