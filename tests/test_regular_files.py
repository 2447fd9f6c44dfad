"""Pipes where a file is meant: whoever opens one may wait forever, so nobody does."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from batchtui.call_log import CallLog
from batchtui.config.errors import ConfigError
from batchtui.errors import BatchtuiError
from batchtui.prices import load_prices
from batchtui.regular_files import is_stream, read_regular, written_path
from batchtui.results.opening import open_results
from batchtui.results.schema import load_schema
from batchtui.results.target import resolve_target
from batchtui.submission.make import Recipe, make_requests
from batchtui.submission.source import RequestSource
from batchtui.submission.template import Template
from batchtui.tables import Table
from batchtui.tui.screens.submission.make_flow import read_params

_PATIENCE = 10


def said_of(pipe: Path, use: Callable[[Path], object]) -> str:
    """Use a pipe that nobody writes to, and return what is said about it.

    Raises:
        AssertionError: It was waited for, or nothing was said.
    """
    said = []

    def use_it() -> None:
        try:
            found = use(pipe)
        except (BatchtuiError, ConfigError, OSError) as error:
            said.append(str(error))
        else:
            said.extend([found] if isinstance(found, str) else [])

    # a thread that waits forever is left alone
    user = threading.Thread(target=use_it, daemon=True)
    user.start()
    user.join(_PATIENCE)
    assert not user.is_alive(), "it waits for a pipe"
    assert said
    return said[0]


def make_with_attachment(pipe: Path) -> object:
    table = pipe.with_name("table.jsonl")
    table.write_text(f'{{"image": "{pipe.name}"}}')
    recipe = Recipe(
        Template.parse("Look"), "m", 9, attached=("image",), id_column=None, folder=pipe.parent
    )
    return list(make_requests(Table(table), recipe))


USES: dict[str, Callable[[Path], object]] = {
    "schema": lambda pipe: load_schema(str(pipe)),
    "prices": lambda pipe: load_prices(pipe).problem,
    "log": CallLog,
    "request file": lambda pipe: list(RequestSource(pipe).blocks()),
    "results": open_results,
    "param": lambda pipe: read_params(f"tools=@{pipe}"),
    "attachment": make_with_attachment,
    "any": read_regular,
}


@pytest.mark.parametrize("name", USES)
def test_a_pipe_that_nobody_writes_to_is_said_and_not_waited_for(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert is_stream(pipe)
    said = said_of(pipe, USES[name])
    assert "pipe" in said


@pytest.mark.parametrize("name", ["schema", "request file", "param", "target", "is it a pipe"])
def test_a_home_of_nobody_is_a_name(name: str) -> None:
    uses: dict[str, Callable[[Path], object]] = {
        **USES,
        "target": lambda path: resolve_target(path, "a.jsonl"),
        "is it a pipe": lambda path: is_stream(path) or "no",
    }
    assert said_of(Path("~no-such-user") / "file", uses[name])


def test_a_path_as_it_was_written() -> None:
    assert written_path("~/a") == Path.home() / "a"
    assert written_path("~no-such-user/a") == Path("~no-such-user/a")
    assert written_path("a/~") == Path("a/~")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(OSError, match="larger than 4 bytes"):
        read_regular(path, 4)
    with pytest.raises(OSError, match="a folder, not a regular file"):
        read_regular(tmp_path)
