"""Every kind of value: what it takes, what it refuses, what it writes."""

import math

import pytest

from batchtui.config.kinds import (
    Setting,
    SettingKind,
    choice,
    key_table,
    line,
    names,
    seconds,
    switch,
    url,
    whole,
    words,
)
from batchtui.config.settings import SETTINGS

WORDS = words('["notify-send", "done"]')


@pytest.mark.parametrize(
    ("kind", "given", "canonical"),
    [
        (switch(), True, True),
        (whole(1, 1000), 1000, 1000),
        (seconds(2, 60), 5, 5.0),
        (choice("local", "utc"), "utc", "utc"),
        (line("text"), " a b ", "a b"),
        (
            url(),
            " https://gateway.example:8443/anthropic/ ",
            "https://gateway.example:8443/anthropic",
        ),
        (url(), "http://[::1]:8080", "http://[::1]:8080"),
        (WORDS, ["notify-send", "a; rm -rf /"], ("notify-send", "a; rm -rf /")),
        (WORDS, [], ()),
        (names(), ["a-1", "b.2", "a-1"], ("a-1", "b.2")),
        (key_table(), {"cancel": ["c", "ctrl+x"]}, {"cancel": "c,ctrl+x"}),
        (key_table(), {"cancel": "c, ctrl+x"}, {"cancel": "c,ctrl+x"}),
    ],
)
def test_a_possible_value_becomes_canonical(
    kind: SettingKind, given: object, canonical: object
) -> None:
    assert kind.check(given) == canonical


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        (switch(), 1),
        (switch(), "true"),
        (whole(1, 1000), True),
        (whole(1, 1000), 0),
        (whole(1, 1000), 1001),
        (whole(1, 1000), 20.0),
        (whole(1, 1000), "20"),
        (seconds(2, 60), 1.999),
        (seconds(2, 60), math.nan),
        (seconds(2, 60), math.inf),
        (seconds(2, 60), True),
        (choice("local", "utc"), "LOCAL"),
        (line("text"), "a\x1b[31mb"),
        (line("text"), "two\nlines"),
        (line("text"), "\ud800"),
        (line("text"), 5),
        (url(), "gateway.example"),
        (url(), "ftp://gateway.example"),
        (url(), "https://me:secret@gateway.example"),
        (url(), "https://gateway.example/?a=b"),
        (url(), "https://gateway.example/#a"),
        (url(), "https://gate way.example"),
        (url(), "https://gateway.example:99999"),
        (url(), "https://gateway.example:port"),
        (url(), "https://[::1"),
        (url(), "https://"),
        (url(), ""),
        (WORDS, "notify-send done"),
        (WORDS, ["", "done"]),
        (WORDS, ["notify-send", 5]),
        (WORDS, ["notify-send", "a\0b"]),
        (names(), "beta"),
        (names(), ["a b"]),
        (names(), ["a,b"]),
        (names(), ["a\r\nx: y"]),
        (key_table(), "cancel"),
        (key_table(), {"cancel": ""}),
        (key_table(), {"cancel": []}),
        (key_table(), {"cancel": "a b"}),
        (key_table(), {"cancel": 5}),
    ],
)
def test_what_cannot_be_is_refused(kind: SettingKind, refused: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kind.check(refused)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (switch(), " Yes ", True),
        (switch(), "0", False),
        (whole(1, 1000), " 1,000 ", 1000),
        (seconds(2, 60), "5 s", 5.0),
        (seconds(2, 60), "2.5", 2.5),
        (choice("local", "utc"), "UTC", "utc"),
        (WORDS, "op read 'op://a b/key'", ("op", "read", "op://a b/key")),
        (names(), "a, b  c", ("a", "b", "c")),
        (key_table(), "cancel=c,x delete=d", {"cancel": "c,x", "delete": "d"}),
    ],
)
def test_text_is_read_as_a_person_means_it(kind: SettingKind, text: str, value: object) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (switch(), "maybe"),
        (whole(1, 1000), "1e3"),
        (whole(1, 1000), "9" * 5000),
        (whole(1, 1000), "²"),
        (seconds(2, 60), "nan"),
        (seconds(2, 60), "soon"),
        (WORDS, "op 'read"),
    ],
)
def test_text_that_means_nothing_is_refused(kind: SettingKind, text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kind.parse(text)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_default_is_possible_and_survives_its_own_text(setting: Setting) -> None:
    assert setting.kind.check(setting.default) == setting.default
    assert setting.kind.parse(setting.kind.format(setting.default)) == setting.default
