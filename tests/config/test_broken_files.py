"""A settings file that is odd never stops the program, and what is odd is said."""

import os
import time
from collections.abc import Callable

import pytest

from batchtui.config.document import MAX_BYTES
from batchtui.config.kinds import Setting
from batchtui.config.paths import Paths
from batchtui.config.profiles import CommandKey
from batchtui.config.settings import SETTINGS, Settings
from tests.config.conftest import Load

Write = Callable[[str | bytes], None]


@pytest.mark.parametrize(
    "content",
    [
        b"page_size = ",
        b'theme = "in',
        b"\xff\xfe\x00\x00",
        b"\x00" * 100,
        b"{}",
        b"a = 1\na = 2",
        b"a = " + b"[" * 5000,
        b"a = " + b"9" * 5000,
        b"a = 1979-99-99T00:00:00Z",
        b"page_size = 50\r\n[profiles.a\r\n",
    ],
)
def test_a_broken_file_gives_defaults_and_stays(
    content: bytes, load: Load, write: Write, paths: Paths
) -> None:
    write(content)
    loaded = load()
    assert loaded.settings == Settings(read_only=True)
    assert [problem.source for problem in loaded.problems] == [str(paths.settings_file)]
    assert "defaults are used" in loaded.problems[0].message
    assert paths.settings_file.read_bytes() == content
    assert [one.name for one in paths.config_dir.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbfpage_size = 20", b"# nothing\r\n"])
def test_an_empty_file_is_no_problem(content: bytes, load: Load, write: Write) -> None:
    write(content)
    assert load().problems == ()


def test_what_is_no_file_is_not_read(load: Load, paths: Paths) -> None:
    paths.settings_file.mkdir(parents=True)
    assert "not a regular file" in load().problems[0].message


def test_a_pipe_does_not_make_it_wait(load: Load, paths: Paths) -> None:
    paths.config_dir.mkdir()
    os.mkfifo(paths.settings_file)
    assert "not a regular file" in load().problems[0].message


def test_a_huge_file_is_something_else(load: Load, write: Write) -> None:
    write(b"#" * (MAX_BYTES + 1))
    assert "larger than" in load().problems[0].message


def test_a_link_to_itself_is_told(load: Load, paths: Paths) -> None:
    paths.config_dir.mkdir()
    paths.settings_file.symlink_to(paths.settings_file)
    assert len(load().problems) == 1


def test_a_wrong_value_falls_back_alone(load: Load, write: Write) -> None:
    write('page_size = 5000\npoll_interval = 1\ntheme = "paper"\nmouse = "no"\n')
    loaded = load()
    assert loaded.settings == Settings().with_values({"theme": "paper"})
    assert [problem.key for problem in loaded.problems] == ["page_size", "poll_interval", "mouse"]
    assert "from 1 to 1,000" in loaded.problems[0].message
    assert "from 2 to 3600" in loaded.problems[1].message


@pytest.mark.parametrize(
    "setting", [one for one in SETTINGS if one.key != "keys"], ids=lambda setting: setting.key
)
def test_no_setting_takes_a_date(setting: Setting, load: Load, write: Write) -> None:
    write(f"{setting.key} = 2026-11-22\n")
    assert [problem.key for problem in load().problems] == [setting.key]


def test_a_careful_setting_that_is_wrong_stays_careful(load: Load, write: Write) -> None:
    write('read_only = "yes"\n')
    loaded = load()
    assert loaded.settings.read_only
    assert "counts as true" in loaded.problems[0].message


def test_an_unknown_name_is_told_with_the_nearest_known(load: Load, write: Write) -> None:
    write("page_siez = 5\nqwertz = 1\n[profiles.a]\nbase_ulr = 'x'\n[profile]\nx = 1\n")
    hints = {problem.key: problem.hint for problem in load().problems}
    assert hints["page_siez"] == "Did you mean page_size?"
    assert hints["qwertz"] == ""
    assert hints["profiles.a.base_ulr"] == "Did you mean base_url?"
    assert "profile" in hints


def test_profiles_that_cannot_be_are_told(load: Load, write: Write) -> None:
    write(
        """
        profiles.plain = 5
        [profiles.acme]
        profile = "acme"
        page_size = 30
        [profiles.ACME]
        [profiles.default]
        [profiles."a\\u001bb"]
        [profiles.""]
        """
    )
    loaded = load()
    assert loaded.profile_names == ("default", "acme")
    assert len(loaded.problems) == 6


@pytest.mark.parametrize("content", ["profiles = 5", "keys = 5", "profiles = [1]", "keys = 'x'"])
def test_a_table_that_is_none_is_told(content: str, load: Load, write: Write) -> None:
    write(content)
    assert "It is ignored" in load().problems[0].message


def test_keys_are_taken_one_by_one(load: Load, write: Write) -> None:
    write('[keys]\ncancel = "x, ctrl+d"\ndelete = ["a", "b"]\nlabel = 5\n')
    loaded = load()
    assert loaded.settings.keys == {"cancel": "x,ctrl+d", "delete": "a,b"}
    assert [problem.key for problem in loaded.problems] == ["keys.label"]


def test_two_key_sources_in_one_place_are_told(load: Load, write: Write) -> None:
    write('key_env = "A"\nkey_file = "b"\nkey_command = ["c"]\n')
    loaded = load()
    assert loaded.profile.key_source == CommandKey(("c",))
    assert [problem.key for problem in loaded.problems] == ["key_file", "key_env"]


def test_a_newer_file_is_read_as_far_as_it_goes(load: Load, write: Write) -> None:
    write('settings_version = 99\ntheme = "paper"\n[future]\nx = 1\n')
    loaded = load()
    assert loaded.settings.theme == "paper"
    assert "newer batchtui" in loaded.problems[0].message


def test_a_key_typed_where_a_variable_is_named_is_not_repeated(load: Load, write: Write) -> None:
    write('key_env = "sk-ant-api03-secret"\n')
    loaded = load()
    assert "not the key itself" in loaded.problems[0].message
    assert "secret" not in repr(loaded.problems)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("read_only = true\ntheme = paper\n", 2),
        ("read_only = true\n\n[keys\n", 3),
        ("theme = 'paper'\nread_onyl = true\n", 2),
        ("[profils.acme]\nread_only = true\n", 1),
        ('page_size = 5\nprofile = "acm"\n[profiles.acme]\n', 2),
        ("mouse = false\nbase_url = 'gateway'\n", 2),
        ("page_size = 5\n[profiles.acme]\nread_only = true\n[profile.acme]\nx = 1", 4),
        ("mouse = false\n[settings]\nread_only = true\n", 2),
        ("[keys]\ncancel = 'x'\nread_only = true\n", 3),
        ("mouse = false\nkeys = [{cancel = 'x', read_only = true}]\n", 2),
        ("[profiles]\nread_only = true\n", 2),
        ("[profiles.default]\nread_only = true\n", 1),
        ("[tool.batchtui]\nread_onyl = true\n", 1),
        ("theme = {name = 'paper', read_only = true}\n", 1),
        ("\n\"profile_\" = 'acme'\n", 2),
        ("[a]\n" + "".join(f"b{number} = 1\n" for number in range(400)), 1),
    ],
)
def test_what_may_have_protected_keeps_everything_read_only(
    content: str, line: int, load: Load, write: Write, paths: Paths
) -> None:
    write(content)
    loaded = load(ANTHROPIC_BASE_URL="http://127.0.0.1:9", BATCHTUI_READ_ONLY="false")
    assert loaded.profile.read_only
    assert loaded.settings.read_only
    assert loaded.damage is not None
    assert loaded.damage.line == line
    assert f"{paths.settings_file}:{line}" in str(loaded.damage)


@pytest.mark.parametrize("content", ["page_siez = 5", "mouse = 'no'", "theme = 5", "[future]\nx=1"])
def test_what_protects_nothing_forbids_nothing(content: str, load: Load, write: Write) -> None:
    write(content)
    loaded = load()
    assert len(loaded.problems) == 1
    assert loaded.damage is None
    assert not loaded.profile.read_only
    assert not loaded.profile.blocked


@pytest.mark.parametrize(
    "content",
    [
        'base_url = "https://gateway.example"\ntheme = in\n',
        'profile = "acme"\n[profiles.acme]\nkey_file = "x"\ntheme = in\n',
        'profile = "acm"\n[profiles.acme]\n',
        'bas_url = "https://gateway.example"\n',
        "key_fil = 'x'",
        "[api]\nbase_url = 'https://gateway.example'",
        "url = 'https://gateway.example'",
        "[profile.acme]\nbase_url = 'https://gateway.example'",
    ],
)
def test_nothing_is_sent_where_the_file_may_have_said_where_to(
    content: str, load: Load, write: Write
) -> None:
    write(content)
    assert load().profile.blocked
    assert not load({"profile": "default", "base_url": "http://h", "key_env": "A"}).profile.blocked


def test_a_file_that_cannot_be_read_blocks_until_the_server_is_given(
    load: Load, paths: Paths
) -> None:
    paths.settings_file.mkdir(parents=True)
    assert load().profile.blocked
    named = load({"base_url": "http://127.0.0.1:9"}).profile
    assert not named.blocked
    assert named.read_only


def test_other_profiles_are_not_held_back_by_one(load: Load, write: Write) -> None:
    write("[profiles.a]\nread_onyl = true\n[profiles.b]\n")
    assert load({"profile": "a"}).profile.read_only
    assert not load({"profile": "b"}).profile.read_only
    assert not load().profile.read_only


def test_an_own_server_of_a_profile_is_not_replaced_by_that_of_other_programs(
    load: Load, write: Write
) -> None:
    write("[profiles.a]\nbase_ulr = 'https://gateway.example'\n")
    loaded = load({"profile": "a"}, ANTHROPIC_BASE_URL="http://127.0.0.1:9")
    assert loaded.profile.blocked
    assert not load({"profile": "a"}, BATCHTUI_BASE_URL="http://127.0.0.1:9").profile.blocked


@pytest.mark.parametrize(
    "content",
    [
        ".".join("a" * 50_000) + " = 1",
        "[" + ".".join("a" * 50_000) + "]",
        "x = {" + ".".join("a" * 50_000) + " = 1}",
        ".".join(['"a"'] * 25_000) + " = 1",
        "\n".join(f"{'.'.join('a' * 31)}.b{number} = 1" for number in range(1_500)),
        "\n".join(f"[{'.'.join('a' * 31)}.b{number}]" for number in range(1_500)),
        "x = " + "{a=" * 30_000,
    ],
)
def test_a_pathological_file_is_told_quickly(content: str, load: Load, write: Write) -> None:
    write("read_only = true\n" + content)
    begun = time.process_time()
    assert load().settings.read_only
    assert time.process_time() - begun < 5


def test_lines_of_keys_are_found(load: Load, write: Write) -> None:
    write(
        'theme = "paper"\n# keys.x = 1\n[keys]\na = "x"\n"b c" = "y"\n'
        '[profiles . "p.q"] # two\nmouse = 5\n\n[profiles]\nr.mouse = 5\n'
    )
    loaded = load()
    assert loaded.line_of("theme") == 1
    assert loaded.line_of("keys", "a") == 4
    assert loaded.line_of("keys", "b c") == 5
    assert loaded.line_of("profiles", "p.q") == 6
    assert [one.line for one in loaded.problems] == [7, 10]
    assert loaded.line_of("nothing") == 0
