"""Every kind of value: what it takes, what it refuses, what it writes."""

import math

import pytest

from batchtui.config.kinds import (
    Choice,
    KeyTable,
    Kind,
    Line,
    Names,
    Seconds,
    Switch,
    Url,
    Whole,
    Words,
)
from batchtui.config.schema import Setting
from batchtui.config.settings import SETTINGS

WORDS = Words('["notify-send", "done"]')


@pytest.mark.parametrize(
    ("kind", "given", "canonical"),
    [
        (Switch(), True, True),
        (Whole(1, 1000), 1000, 1000),
        (Seconds(2, 60), 5, 5.0),
        (Choice(("local", "utc")), "utc", "utc"),
        (Line("text"), " a b ", "a b"),
        (
            Url(),
            " https://gateway.example:8443/anthropic/ ",
            "https://gateway.example:8443/anthropic",
        ),
        (Url(), "http://[::1]:8080", "http://[::1]:8080"),
        (WORDS, ["notify-send", "a; rm -rf /"], ("notify-send", "a; rm -rf /")),
        (WORDS, [], ()),
        (Names(), ["a-1", "b.2", "a-1"], ("a-1", "b.2")),
        (KeyTable(), {"cancel": ["c", "ctrl+x"]}, {"cancel": "c,ctrl+x"}),
        (KeyTable(), {"cancel": "c, ctrl+x"}, {"cancel": "c,ctrl+x"}),
    ],
)
def test_a_possible_value_becomes_canonical(kind: Kind, given: object, canonical: object) -> None:
    assert kind.check(given) == canonical


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (Switch(), 1),
        (Switch(), "true"),
        (Whole(1, 1000), True),
        (Whole(1, 1000), 0),
        (Whole(1, 1000), 1001),
        (Whole(1, 1000), 20.0),
        (Whole(1, 1000), "20"),
        (Seconds(2, 60), 1.999),
        (Seconds(2, 60), math.nan),
        (Seconds(2, 60), math.inf),
        (Seconds(2, 60), True),
        (Choice(("local", "utc")), "LOCAL"),
        (Line("text"), "a\x1b[31mb"),
        (Line("text"), "two\nlines"),
        (Line("text"), "\ud800"),
        (Line("text"), 5),
        (Url(), "gateway.example"),
        (Url(), "ftp://gateway.example"),
        (Url(), "https://me:secret@gateway.example"),
        (Url(), "https://gateway.example/?a=b"),
        (Url(), "https://gateway.example/#a"),
        (Url(), "https://gate way.example"),
        (Url(), "https://gateway.example:99999"),
        (Url(), "https://gateway.example:port"),
        (Url(), "https://[::1"),
        (Url(), "https://"),
        (Url(), ""),
        (WORDS, "notify-send done"),
        (WORDS, ["", "done"]),
        (WORDS, ["notify-send", 5]),
        (WORDS, ["notify-send", "a\0b"]),
        (Names(), "beta"),
        (Names(), ["a b"]),
        (Names(), ["a,b"]),
        (Names(), ["a\r\nx: y"]),
        (KeyTable(), "cancel"),
        (KeyTable(), {"cancel": ""}),
        (KeyTable(), {"cancel": []}),
        (KeyTable(), {"cancel": "a b"}),
        (KeyTable(), {"cancel": 5}),
    ],
)
def test_what_cannot_be_is_refused(kind: Kind, refused: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kind.check(refused)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Switch(), " Yes ", True),
        (Switch(), "0", False),
        (Whole(1, 1000), " 1,000 ", 1000),
        (Seconds(2, 60), "5 s", 5.0),
        (Seconds(2, 60), "2.5", 2.5),
        (Choice(("local", "utc")), "UTC", "utc"),
        (WORDS, "op read 'op://a b/key'", ("op", "read", "op://a b/key")),
        (Names(), "a, b  c", ("a", "b", "c")),
        (KeyTable(), "cancel=c,x delete=d", {"cancel": "c,x", "delete": "d"}),
    ],
)
def test_text_is_read_as_a_person_means_it(kind: Kind, text: str, value: object) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Switch(), "maybe"),
        (Whole(1, 1000), "1e3"),
        (Whole(1, 1000), "9" * 5000),
        (Whole(1, 1000), "²"),
        (Seconds(2, 60), "nan"),
        (Seconds(2, 60), "soon"),
        (WORDS, "op 'read"),
    ],
)
def test_text_that_means_nothing_is_refused(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kind.parse(text)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_default_is_possible_and_survives_its_own_text(setting: Setting) -> None:
    assert setting.kind.check(setting.default) == setting.default
    assert setting.kind.parse(setting.kind.format(setting.default)) == setting.default
