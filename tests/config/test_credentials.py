"""Keys: fetched where they are said to be, checked, never shown."""

import os
import shlex
import stat
import sys
import time
from pathlib import Path

import pytest

from batchtui.config.credentials import (
    Secret,
    clean_key,
    environ_without_key,
    resolve_key,
    write_key_file,
)
from batchtui.config.errors import (
    ConfigError,
    KeyCommandFailed,
    KeyMalformed,
    KeyUnavailable,
    NoKeyGiven,
)
from batchtui.config.profiles import CommandKey, EnvironmentKey, FileKey

KEY = "sk-ant-api03-abcdefghijklmnop-x9Qd"


def python(code: str) -> CommandKey:
    return CommandKey((sys.executable, "-c", code))


def run(source: CommandKey, timeout: float = 30.0) -> Secret:
    return resolve_key(source, {"PATH": os.environ["PATH"], "WHO": KEY}, timeout=timeout)


def test_the_usual_variables_are_asked_in_order() -> None:
    both = {"ANTHROPIC_API_KEY": f" {KEY}\n", "ANTHROPIC_AUTH_TOKEN": "token"}
    secret = resolve_key(EnvironmentKey(), both)
    assert (secret.kind, secret.value, secret.origin) == ("api_key", KEY, "ANTHROPIC_API_KEY")
    secret = resolve_key(EnvironmentKey(), {"ANTHROPIC_AUTH_TOKEN": "token"})
    assert (secret.kind, secret.value) == ("auth_token", "token")


@pytest.mark.parametrize("environ", [{}, {"ANTHROPIC_API_KEY": ""}, {"ANTHROPIC_API_KEY": " \n"}])
def test_no_key_at_all_says_the_three_ways(environ: dict[str, str]) -> None:
    with pytest.raises(NoKeyGiven) as caught:
        resolve_key(EnvironmentKey(), environ)
    for way in ("ANTHROPIC_API_KEY", "key file", "command", "--demo"):
        assert way in caught.value.hint


def test_a_variable_that_was_named_is_named_when_missing() -> None:
    with pytest.raises(KeyUnavailable, match="ACME_KEY"):
        resolve_key(EnvironmentKey(("ACME_KEY",)), {"ANTHROPIC_API_KEY": KEY})


@pytest.mark.parametrize(
    ("header", "kind"), [("auto", "api_key"), ("x-api-key", "api_key"), ("bearer", "auth_token")]
)
def test_the_user_may_say_how_it_is_sent(header: str, kind: str) -> None:
    source = EnvironmentKey(("ACME_KEY",))
    assert resolve_key(source, {"ACME_KEY": KEY}, header=header).kind == kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (" \r\n\t", "empty"),
        (f'"{KEY}"', "quotes"),
        (f"'{KEY}'", "quotes"),
        (f"“{KEY}”", "quotes"),
        (f"{KEY}\n{KEY}", "2 lines"),
        (f"{KEY} {KEY}", "white space"),
        (f"{KEY[:9]}\u00a0{KEY[9:]}", "white space"),
        (f"ANTHROPIC_API_KEY={KEY}", "assignment"),
        (f"export ANTHROPIC_API_KEY = '{KEY}'", "assignment"),
        (f"{KEY}\x1b[31m", "no key has"),
        ("schlüssel-abcdefghijkl", "no key has"),
        ("x" * 20_000, "too long"),
        ("\ud800" * 20, "no key has"),
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(text: str, says: str) -> None:
    with pytest.raises(KeyMalformed, match=says) as caught:
        clean_key(text, "the test")
    assert KEY[:9] not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize(
    "text", [KEY, f"\n  {KEY}\r\n", f"\ufeff{KEY}", "eyJhbGciOi.J9-_~+/abc==", "abcdefgh="]
)
def test_what_may_be_around_a_key_is_taken_off(text: str) -> None:
    assert clean_key(text, "the test") == text.strip("\ufeff \r\n")


def test_a_key_is_not_shown() -> None:
    secret = Secret("api_key", KEY, "ANTHROPIC_API_KEY")
    assert KEY not in f"{secret} {secret!r}"


def test_a_key_file_is_written_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "acme"
    assert write_key_file(path, f" {KEY}\n") == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["acme"]
    secret = resolve_key(FileKey(path), {})
    assert secret.value == KEY
    assert secret.warnings == ()


def test_a_key_file_that_was_open_to_others_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("old")
    path.chmod(0o644)
    write_key_file(path, KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_to_a_key_file_is_written_through(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "key")
    assert write_key_file(link, KEY) == tmp_path / "key"
    assert link.is_symlink()


def test_a_key_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="could not be written"):
        write_key_file(tmp_path / "file" / "key", KEY)
    with pytest.raises(KeyMalformed):
        write_key_file(tmp_path / "key", "two words")
    assert not (tmp_path / "key").exists()


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_key_file_of_ones_own_is_used(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(mode)
    assert resolve_key(FileKey(path), {}).warnings == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_file_that_others_can_read_is_refused_until_allowed(
    mode: int, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(mode)
    with pytest.raises(KeyUnavailable, match="Others can read") as refused:
        resolve_key(FileKey(path), {})
    assert "chmod 600" in refused.value.hint
    assert "allow_shared_key_file" in refused.value.hint
    secret = resolve_key(FileKey(path), {}, allows_shared_file=True)
    assert secret.value == KEY
    assert "Others can read" in secret.warnings[0]


def test_commands_get_an_environment_without_the_key() -> None:
    environ = {
        "ANTHROPIC_API_KEY": "another",
        "ANTHROPIC_AUTH_TOKEN": "third",
        "MINE": KEY,
        "HEADERS": f"x-api-key: {KEY}",
        "PATH": "/bin",
    }
    assert environ_without_key(environ, KEY) == {"PATH": "/bin"}
    assert environ_without_key({"A": "", "B": "b"}, "") == {"A": "", "B": "b"}


def test_a_key_file_that_is_not_what_it_should_be_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="No such file"):
        resolve_key(FileKey(tmp_path / "none"), {})
    with pytest.raises(KeyUnavailable, match="not a regular file"):
        resolve_key(FileKey(tmp_path), {})
    path = tmp_path / "key"
    path.write_bytes(b"\xff\xfe\x00key")
    with pytest.raises(KeyMalformed, match="not text"):
        resolve_key(FileKey(path), {})
    path.write_bytes(b"x" * 20_000)
    with pytest.raises(KeyUnavailable, match="larger"):
        resolve_key(FileKey(path), {})


def test_a_command_prints_the_key() -> None:
    secret = run(python("import os; print(os.environ['WHO'])"))
    assert secret.value == KEY
    assert secret.origin == f"command {sys.executable}"


def test_a_rotated_key_is_picked_up(tmp_path: Path) -> None:
    path = tmp_path / "key"
    source = python(f"print(open({str(path)!r}).read())")
    values = []
    for key in ("first-key", "second-key"):
        path.write_text(key)
        values.append(run(source).value)
    assert values == ["first-key", "second-key"]


def test_no_shell_reads_the_words() -> None:
    source = CommandKey((sys.executable, "-c", "import sys; print(sys.argv[1])", "$(id);`id`"))
    with pytest.raises(KeyMalformed, match="quotes"):
        run(source)


def test_a_command_that_fails_is_quoted_in_one_line() -> None:
    source = python("import sys; print('log in first\\nmore', file=sys.stderr); sys.exit(3)")
    with pytest.raises(KeyCommandFailed) as caught:
        run(source)
    assert "exit code 3: log in first" in caught.value.message
    assert "more" not in caught.value.message


def test_what_a_failing_command_printed_is_not_shown() -> None:
    with pytest.raises(KeyCommandFailed) as caught:
        run(python(f"import sys; print({KEY!r}); sys.exit(1)"))
    assert KEY not in caught.value.message


@pytest.mark.parametrize("key", [KEY, "sk-ant-other-9999", "a-token-of-another-form"])
def test_a_failing_command_that_repeats_the_key_is_quoted_without_it(key: str) -> None:
    script = f"import sys; print({key!r}); print('+ login {key} failed', file=sys.stderr)"
    with pytest.raises(KeyCommandFailed) as caught:
        run(python(f"{script}; sys.exit(1)"))
    assert "+ login (a key) failed" in caught.value.message


def test_a_key_that_only_the_complaint_holds_is_not_quoted() -> None:
    script = "import sys; print('denied: sk-ant-api03-abc_DEF', file=sys.stderr); sys.exit(1)"
    with pytest.raises(KeyCommandFailed) as caught:
        run(python(script))
    assert caught.value.message.endswith("denied: (a key)")


def test_a_command_that_cannot_be_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeyCommandFailed, match="No such file"):
        run(CommandKey(("batchtui-no-such-command",)))
    with pytest.raises(KeyCommandFailed, match="cannot be run"):
        run(CommandKey((str(tmp_path),)))


def test_a_command_that_prints_nothing_is_told() -> None:
    with pytest.raises(KeyMalformed, match="empty"):
        run(python("pass"))
    with pytest.raises(KeyMalformed, match="not text"):
        run(python("import os; os.write(1, b'\\xff')"))


def test_a_command_that_waits_is_ended_with_its_children(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    child = f"(exec 3>{shlex.quote(str(held))}; printf x >&3; sleep 60) & sleep 60"
    source = CommandKey(("sh", "-c", child))
    started = time.monotonic()
    with os.fdopen(reader, "rb") as pipe:
        with pytest.raises(KeyCommandFailed, match="within 1 seconds"):
            run(source, timeout=1.0)
        assert pipe.read() == b"x"  # returns when the child that holds the other end is gone
    assert time.monotonic() - started < 30


def test_a_command_cannot_read_what_the_user_types() -> None:
    with pytest.raises(KeyMalformed, match="empty"):
        run(python("import sys; print(sys.stdin.read())"))
