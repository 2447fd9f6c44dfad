"""Where variables meant for many programs meet what the user said to this one."""

from collections.abc import Callable

import pytest

from batchtui.config.profiles import CommandKey, EnvironmentKey, FileKey
from tests.config.conftest import Load

Write = Callable[[str | bytes], None]

ACME = """
[profiles.acme]
base_url = "https://gateway.acme.example"
key_command = ["pass", "acme"]

[profiles.keyed]
key_command = ["pass", "keyed"]
"""
URL = "http://127.0.0.1:9"


def test_alone_they_decide(load: Load) -> None:
    loaded = load(ANTHROPIC_BASE_URL=URL + "/", ANTHROPIC_API_KEY="k")
    assert loaded.settings.base_url == URL
    assert str(loaded.origins["base_url"]) == "environment ANTHROPIC_BASE_URL"
    assert loaded.profile.key_source == EnvironmentKey(("ANTHROPIC_API_KEY",))
    assert str(loaded.origins["key_env"]) == "environment ANTHROPIC_API_KEY"
    assert loaded.profile.notes == ()


def test_a_token_serves_where_there_is_no_key(load: Load) -> None:
    loaded = load(ANTHROPIC_API_KEY=" ", ANTHROPIC_AUTH_TOKEN="t")
    assert loaded.profile.key_source == EnvironmentKey(("ANTHROPIC_AUTH_TOKEN",))


def test_they_win_over_the_file_and_say_so(load: Load, write: Write) -> None:
    write('base_url = "https://gateway.example"\nkey_file = "~/key"\n')
    loaded = load(ANTHROPIC_BASE_URL=URL, ANTHROPIC_API_KEY="k")
    assert loaded.settings.base_url == URL
    assert loaded.profile.key_source == EnvironmentKey(("ANTHROPIC_API_KEY",))
    assert loaded.profile.notes == (
        "ANTHROPIC_BASE_URL is used, not base_url in the settings file.",
        "ANTHROPIC_API_KEY is used, not key_file in the settings file.",
    )


def test_a_variable_that_the_file_names_is_meant(load: Load, write: Write) -> None:
    write('key_env = "MY_KEY"')
    loaded = load(ANTHROPIC_API_KEY="other", MY_KEY="mine")
    assert loaded.profile.key_source == EnvironmentKey(("MY_KEY",))
    assert "ANTHROPIC_API_KEY is not used" in loaded.profile.notes[0]


def test_a_profile_keeps_its_own_server_and_key(load: Load, write: Write) -> None:
    write(ACME)
    loaded = load({"profile": "acme"}, ANTHROPIC_BASE_URL=URL, ANTHROPIC_API_KEY="k")
    assert loaded.profile.base_url == "https://gateway.acme.example"
    assert loaded.profile.key_source == CommandKey(("pass", "acme"))
    assert loaded.profile.notes == (
        "ANTHROPIC_BASE_URL is not used: profile acme names its own server.",
        "ANTHROPIC_API_KEY is not used: profile acme says by key_command where its key is.",
    )


def test_nothing_is_told_where_nothing_differs(load: Load, write: Write) -> None:
    write('[profiles.a]\nbase_url = "http://127.0.0.1:9"\nkey_env = "ANTHROPIC_API_KEY"\n')
    loaded = load({"profile": "a"}, ANTHROPIC_BASE_URL=URL + "/", ANTHROPIC_API_KEY="k")
    assert loaded.profile.notes == ()


def test_a_key_that_goes_elsewhere_is_told(load: Load, write: Write) -> None:
    write(ACME)
    loaded = load({"profile": "keyed"}, ANTHROPIC_BASE_URL=URL)
    assert loaded.profile.base_url == URL
    assert f"The key from command pass goes to {URL}" in loaded.profile.notes[0]


def test_our_own_variables_and_the_command_line_win_over_a_profile(
    load: Load, write: Write
) -> None:
    write(ACME)
    loaded = load({"profile": "acme"}, BATCHTUI_BASE_URL=URL, BATCHTUI_KEY_FILE="/k")
    assert loaded.profile.base_url == URL
    assert isinstance(loaded.profile.key_source, FileKey)
    assert load({"profile": "acme", "base_url": URL}).profile.base_url == URL


@pytest.mark.parametrize(
    ("content", "environ"),
    [
        ('base_url = "gateway"', {}),
        ('key_command = "pass acme"', {}),
        ('key_file = ["a"]', {}),
        ("", {"ANTHROPIC_BASE_URL": "gateway"}),
        ("", {"BATCHTUI_BASE_URL": "gateway"}),
        ('profile = "a"\n[profiles.a]\nbase_url = 5\n', {}),
        ('profile = "a"\nbase_url = "https://x.example"\n[profiles.a]\nbase_url = 5\n', {}),
    ],
)
def test_a_server_or_key_that_was_not_understood_stops_the_sending(
    content: str, environ: dict[str, str], load: Load, write: Write
) -> None:
    write(content)
    loaded = load(**environ)
    assert loaded.profile.blocked
    assert bool(loaded.problems) != bool(environ)  # told once


def test_it_does_not_stop_where_somebody_stronger_says_it_right(load: Load, write: Write) -> None:
    write('base_url = "gateway"\nkey_env = "not a name"\n[profiles.a]\nbase_url = 5\n')
    assert load(ANTHROPIC_BASE_URL=URL, ANTHROPIC_API_KEY="k").profile.blocked == ""
    assert load({"base_url": URL, "key_env": "K"}).profile.blocked == ""


@pytest.mark.parametrize("variable", ["ANTHROPIC_BASE_URL", "BATCHTUI_BASE_URL"])
def test_an_address_without_its_scheme_is_told_once_with_what_is_meant(
    variable: str, load: Load
) -> None:
    loaded = load(**{variable: "localhost:8080"})
    assert loaded.profile.blocked == (
        f"{variable} is not possible, so nothing is sent: it does not begin with http:// or"
        " https://: is http://localhost:8080 meant?"
    )
    assert not loaded.problems


def test_what_a_variable_says_in_vain_is_told_as_ignored(load: Load) -> None:
    loaded = load({"base_url": URL}, BATCHTUI_BASE_URL="localhost:8080")
    assert not loaded.profile.blocked
    assert "It is ignored: it does not begin with" in str(loaded.problems[0])


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("BATCHTUI_READ_ONLY", "maybe"),
        ("BATCHTUI_READONLY", "1"),
        ("BATCHTUI_REDA_ONLY", "true"),
        ("BATCHTUI_CONFIRM_DELETE", "always"),
        ("BATCHTUI_MAX_COST", "five"),
    ],
)
def test_a_variable_that_was_to_protect_and_cannot_be_keeps_everything_read_only(
    variable: str, text: str, load: Load
) -> None:
    loaded = load(**{variable: text})
    assert loaded.profile.read_only
    assert loaded.damage is not None
    assert loaded.problems == (loaded.damage,)
    assert str(loaded.damage).startswith(f"{variable}: Nothing may be changed")


@pytest.mark.parametrize("name", ["BASEURL", "BASE_ULR", "PROFIL", "KEY_FIEL"])
def test_nothing_is_sent_where_a_variable_may_have_said_where_to(name: str, load: Load) -> None:
    blocked = load(**{f"BATCHTUI_{name}": "https://gateway.example"}).profile.blocked
    assert blocked.startswith(f"BATCHTUI_{name} is not possible, so nothing is sent")


@pytest.mark.parametrize("name", ["CONFIG_DIR", "FILE", "TABLE", "COMMAND", "BATCH_LABEL", "URL"])
def test_what_else_is_called_ours_means_no_setting(name: str, load: Load) -> None:
    loaded = load(**{f"BATCHTUI_{name}": "/tmp/x"})
    assert loaded.problems == ()
    assert not loaded.profile.read_only
    assert not loaded.profile.blocked
