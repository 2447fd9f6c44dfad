"""A canary and its rest: each request is in one of the two, or nothing is written."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batchtui.submission.canary import write_canary, write_canary_rest
from batchtui.submission.errors import SourceChanged
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from tests.submission.making import Json, line, lines, request, write

Layout = Callable[[list[Json]], bytes]


def with_blanks(requests: list[Json]) -> bytes:
    return b"\n".join(b"\r\n" + lines(one) for one in requests)


def one_body(requests: list[Json]) -> bytes:
    return line({"requests": requests})


def packed(requests: list[Json]) -> bytes:
    return gzip.compress(lines(*requests))


def ids_of(content: bytes) -> list[str]:
    return [json.loads(one)["custom_id"] for one in content.splitlines()]


@pytest.fixture(params=[lambda some: lines(*some), with_blanks, one_body, packed])
def layout(request: pytest.FixtureRequest) -> Layout:
    chosen: Layout = request.param
    return chosen


@pytest.mark.parametrize(("requests", "count"), [(2, 1), (7, 6), (60, 30), (100, 7)])
def test_canary_and_rest_are_the_file(
    tmp_path: Path, layout: Layout, requests: int, count: int
) -> None:
    # all of one length, so that the sizes alone do not decide
    whole: list[Json] = [{**request(n), "custom_id": f"r{n:03}"} for n in range(requests)]
    validation = validate(RequestSource(write(tmp_path, layout(whole))))
    canary = write_canary(validation, count, tmp_path / "kept").read_bytes()
    sent = hashlib.sha256(canary).hexdigest()
    rest = write_canary_rest(validation, count, tmp_path / "kept", sent).read_bytes()
    first, others = ids_of(canary), ids_of(rest)
    assert (len(first), len(others)) == (count, requests - count)
    assert sorted(first + others) == [str(one["custom_id"]) for one in whole]


def test_a_file_that_changes_while_the_rest_is_written_gives_none(
    tmp_path: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, layout([request(n) for n in range(60)]))
    validation = validate(RequestSource(path))
    kept = tmp_path / "kept"
    sent = hashlib.sha256(write_canary(validation, 30, kept).read_bytes()).hexdigest()
    blocks = RequestSource.blocks
    is_changed = iter([False, True])  # read once for what the canary was, once for the rest

    def changed_after_the_check(source: RequestSource, start: int = 0) -> Iterator[bytes]:
        if next(is_changed):
            path.write_bytes(layout([request(n, max_tokens=4096) for n in range(60)]))
        return blocks(source, start)

    monkeypatch.setattr(RequestSource, "blocks", changed_after_the_check)
    with pytest.raises(SourceChanged, match="has changed since"):
        write_canary_rest(validation, 30, kept, sent)
    assert [one.name[:6] for one in kept.iterdir()] == ["canary"]
