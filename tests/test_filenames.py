"""Names for files, whatever they are made of."""

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchtui.filenames import OwnFile, file_name, own_file_name, shown_name

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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("large.jsonl", "large.jsonl"),
        ("canary-30-march.jsonl", "canary-30-march.jsonl"),
        ("canary-30-0123456789abcdef.jsonl", "a canary"),
        ("rest-30-0123456789abcdef.jsonl", "the rest after a canary"),
        ("retry-0123456789abcdef.jsonl", "rows sent again"),
    ],
)
def test_a_file_of_our_own_is_called_by_what_is_in_it(name: str, said: str) -> None:
    assert shown_name(Path("folder") / name) == said


@pytest.mark.parametrize("of", ["large.jsonl.gz", "ünd 100 %/x", "~", "a" * 200])
def test_what_is_in_a_file_of_our_own_is_known_by_its_name(of: str) -> None:
    kept = of if len(of) < 120 else of[:40] + "…"
    for kind, said in (
        (OwnFile.CANARY, f"the canary of {kept}"),
        (OwnFile.REST, f"the rest of {kept}"),
        (OwnFile.RETRY, f"the rows of {kept} sent again"),
    ):
        name = own_file_name(kind, "0123456789abcdef", of, 30)
        assert len(name) < 200
        assert "/" not in name
        assert shown_name(Path(name)) == said
