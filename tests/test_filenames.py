"""Names for files, whatever they are made of."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.filenames import file_name

PLAIN = set(string.ascii_letters + string.digits + "_-%~")
EVIL = ["..", ".", "", "%", "a/b", "/etc/passwd", "a\0b", "\udcff", "é" * 200, "~", "x" * 500, "-"]


@pytest.mark.parametrize("keep", ["", "@."])
@pytest.mark.parametrize("text", EVIL)
def test_a_name_never_leaves_its_folder(text: str, keep: str, tmp_path: Path) -> None:
    inside = tmp_path / file_name(text, keep=keep)
    assert inside.parent == tmp_path
    assert inside.resolve().parent == tmp_path.resolve()
    inside.mkdir()


@given(st.text(max_size=200), st.text(max_size=200))
def test_names_are_plain_and_differ(one: str, other: str) -> None:
    for text in (one, other):
        assert set(file_name(text)) <= PLAIN
        assert 0 < len(file_name(text)) <= 120
    for keep in ("", "@."):
        assert (file_name(one, keep=keep) == file_name(other, keep=keep)) is (one == other)


def test_usual_names_stay_as_they_are() -> None:
    assert file_name("msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d") == "msgbatch_01HkcTjaV5uDC8jWR4ZsDV8d"
    assert file_name("acme@gw.example:80/x", keep="@.") == "acme@gw.example%3a80%2fx"
    assert file_name("id.part") == "id%2epart"


def test_long_names_are_told_apart_by_their_ends() -> None:
    one, other = file_name("x" * 300 + "1"), file_name("x" * 300 + "2")
    assert one != other
    assert one.startswith("x" * 40 + "~")
