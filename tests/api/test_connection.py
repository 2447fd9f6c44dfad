"""Keys and base URLs are checked before anything is sent, and never shown."""

import dataclasses
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from batchtui.api.calls import Call, as_curl
from batchtui.api.connection import Connection, Credential, origin_of
from batchtui.api.errors import InvalidConnection


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" \n", "white space"),
        ("sk-one\nsk-two", "2 lines"),
        ("sk one", "white space"),
        ('sk"one', "quotes"),
        ("ANTHROPIC_API_KEY=sk", "assignment"),
        ("sk-ключ", "characters"),
        ("sk-\x1b[31m", "characters"),
    ],
)
def test_what_cannot_be_a_key_is_refused_without_quoting_it(text: str, says: str) -> None:
    with pytest.raises(InvalidConnection, match=says) as caught:
        Credential("api_key", text)
    assert "sk" not in caught.value.message
    assert caught.value.is_permanent


def test_no_repr_shows_a_secret() -> None:
    connection = Connection("http://h", Credential("api_key", "sk-ant-secret"))
    assert "secret" not in f"{connection} {connection!r} {dataclasses.replace(connection)!r}"
    assert connection.credential is not None
    assert connection.credential.last_four == "cret"
    assert Credential("api_key", "short").last_four == ""


@pytest.mark.parametrize(
    ("given", "base_url", "origin", "prefix"),
    [
        ("https://API.Example.com/", "https://API.Example.com", "https://api.example.com", ""),
        ("https://h:443/a/b//", "https://h:443/a/b", "https://h", "/a/b"),
        (" http://127.0.0.1:8080 ", "http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
        ("http://[::1]:80", "http://[::1]:80", "http://[::1]", ""),
    ],
)
def test_base_urls(given: str, base_url: str, origin: str, prefix: str) -> None:
    connection = Connection(given)
    assert (connection.base_url, connection.origin, connection.prefix) == (base_url, origin, prefix)
    assert connection.host == origin.split("//")[1]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://h",
        "http://",
        "http://h:99999",
        "http://h:0",
        "http://user:pw@h",
        "http://h?q",
        "http://h#f",
        "http://[::1",
        "http://a b",
        "http://a\\b",
        "http://a\x00",
    ],
)
def test_what_cannot_be_a_base_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidConnection) as caught:
        Connection(url)
    assert caught.value.hint


@pytest.mark.parametrize("beta", ["", "a,b", "a\r\nx: y", "é"])
def test_odd_header_values_are_refused(beta: str) -> None:
    with pytest.raises(InvalidConnection):
        Connection(betas=(beta,))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("http://gateway.example", "plain http"),
        ("http://10.0.0.1:8000", "plain http"),
        ("http://127.0.0.1:8000", ""),
        ("http://localhost:8000", ""),
        ("http://[::1]:8000", ""),
        ("https://gateway.example", ""),
        ("https://gateway.example/v1/", "/v1"),
    ],
)
def test_what_should_be_known_before_a_key_is_sent(url: str, says: str) -> None:
    warning = Connection(url, Credential("api_key", "sk-ant-secret")).warning
    assert says in warning
    assert bool(warning) is bool(says)
    assert "plain http" not in Connection(url).warning


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://a/x", "https://A:443/y?z", True),
        ("https://a", "http://a", False),
        ("https://a", "https://a:8443", False),
        ("https://a", "https://a.b", False),
        ("https://a", "https://a.", True),
    ],
)
def test_origins(one: str, other: str, is_same: bool) -> None:
    assert (origin_of(one) == origin_of(other)) is is_same


def test_what_has_no_origin() -> None:
    assert origin_of("/path") == ""
    assert origin_of("http://[::1") == ""


CALL = Call(
    method="GET",
    path="/p/v1/x?beta=true",
    started_at=datetime(2026, 1, 1, tzinfo=UTC),
    seconds=1.0,
)


def test_a_call_as_curl_names_the_key_but_does_not_hold_it() -> None:
    connection = Connection("http://h/p", Credential("api_key", "sk-ant-secret"))
    call = replace(CALL, headers=(("accept-encoding", "gzip"), ("anthropic-version", "2023-06-01")))
    assert as_curl(call, connection) == (
        "curl --silent --show-error 'http://h/p/v1/x?beta=true' "
        '--header "x-api-key: $ANTHROPIC_API_KEY" --compressed '
        "--header 'anthropic-version: 2023-06-01'"
    )


def test_a_token_a_method_and_a_body_as_curl() -> None:
    connection = Connection("http://h", Credential("auth_token", "sk-ant-secret"))
    text = as_curl(replace(CALL, method="POST", bytes_sent=3), connection)
    assert "--request POST" in text
    assert '"Authorization: Bearer $ANTHROPIC_AUTH_TOKEN"' in text
    assert text.endswith("--data-binary @BODY.json")


def test_no_key_goes_with_a_call_to_another_host() -> None:
    connection = Connection("http://h", Credential("api_key", "sk-ant-secret"))
    text = as_curl(replace(CALL, origin="https://files.example"), connection)
    assert "https://files.example/p/v1/x" in text
    assert "KEY" not in text


def test_nothing_in_a_call_is_a_word_of_the_shell() -> None:
    call = replace(CALL, path="/$(reboot)';`x`", headers=(("x", "'; rm -rf /"),))
    text = as_curl(call, Connection("http://h"))
    assert "'http://h/$(reboot)'\"'\"';`x`'" in text
    assert "'x: '\"'\"'; rm -rf /'" in text


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("127.0.0.1:9/prefix", "http://127.0.0.1:9/prefix"),
        ("[::1]:8080", "http://[::1]:8080"),
        ("gateway.example.com", "https://gateway.example.com"),
        ("ftp://host", ""),
        ("gateway without a scheme", ""),
    ],
)
def test_a_url_without_its_scheme_is_guessed(url: str, meant: str) -> None:
    with pytest.raises(InvalidConnection) as caught:
        Connection(url)
    assert (f"is {meant} meant?" in caught.value.message) is bool(meant)
