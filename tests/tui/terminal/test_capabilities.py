import subprocess
import sys

import pytest

from batchtui.tui.terminal.capabilities import apply, detect

XTERM = {"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "color"),
    [
        (XTERM, "256"),
        ({**XTERM, "COLORTERM": "truecolor"}, "truecolor"),
        ({**XTERM, "COLORTERM": "24bit"}, "truecolor"),
        ({**XTERM, "COLORTERM": "truecolor", "NO_COLOR": "1"}, "none"),
        ({**XTERM, "NO_COLOR": ""}, "256"),
        ({"TERM": "xterm"}, "16"),
        ({"TERM": "linux", "COLORTERM": "truecolor"}, "16"),
        ({"TERM": "screen"}, "16"),
        ({"TERM": "tmux-256color"}, "256"),
        ({"TERM": "xterm-direct"}, "truecolor"),
        ({"TERM": "xterm-kitty"}, "truecolor"),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, "256"),
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, "truecolor"),
        ({"TERM": "vt220"}, "none"),
        ({"TERM": "dumb"}, "none"),
        ({}, "none"),
    ],
)
def test_colors_follow_the_environment(environ: dict[str, str], color: str) -> None:
    assert detect(environ).color == color


def test_the_users_choice_of_colors_wins() -> None:
    environ = {**XTERM, "NO_COLOR": "1"}
    assert detect(environ, color="truecolor").color == "truecolor"
    assert detect(environ, color="auto").color == "none"


@pytest.mark.parametrize(
    ("environ", "is_unicode"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "de_DE.utf8"}, True),
        ({"LANG": "C"}, False),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "C", "LC_CTYPE": "en_US.UTF-8"}, True),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),
        ({"LANG": "C.UTF-8", "LC_CTYPE": "C.UTF-8"}, True),
        ({"LC_CTYPE": "UTF-8"}, True),
        ({}, False),
    ],
)
def test_unicode_follows_the_locale_of_the_user(
    environ: dict[str, str], *, is_unicode: bool
) -> None:
    assert detect(environ).is_unicode is is_unicode


def test_ssh_mosh_tmux_and_screen_are_noticed() -> None:
    assert detect({**XTERM, "SSH_CONNECTION": "1 2 3 4"}).is_remote
    assert detect({**XTERM, "SSH_TTY": "/dev/pts/1"}).is_remote
    assert not detect(XTERM).is_remote
    in_tmux = detect({"TERM": "screen-256color", "TMUX": "/tmp/tmux,1,0"})
    assert in_tmux.in_tmux
    assert not in_tmux.in_screen
    assert in_tmux.erases_in_color
    in_screen = detect({"TERM": "screen.xterm-256color", "STY": "1.pts"})
    assert in_screen.in_screen
    assert not in_screen.erases_in_color


def test_a_display_far_away_is_none() -> None:
    assert detect({**XTERM, "DISPLAY": ":0"}).has_display
    assert not detect({**XTERM, "DISPLAY": ":10", "SSH_TTY": "/dev/pts/1"}).has_display


def test_the_terminal_outside_tmux_is_named_where_it_left_a_variable() -> None:
    assert detect({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}).name == "kitty"
    assert detect({"TERM": "tmux-256color", "TMUX": "x", "LC_TERMINAL": "iTerm2"}).name == "iterm"
    assert detect({"TERM": "tmux-256color", "TMUX": "x"}).name == "other"


def test_dumb_terminals_are_told_from_others() -> None:
    assert detect({"TERM": "dumb"}).is_dumb
    assert detect({}).is_dumb
    assert not detect(XTERM).is_dumb


def test_textual_is_told_before_it_is_loaded() -> None:
    environ = {**XTERM, "SSH_TTY": "/dev/pts/1", "COLORTERM": "truecolor"}
    apply(environ, detect(environ))
    assert environ["TEXTUAL_COLOR_SYSTEM"] == "truecolor"
    assert environ["TEXTUAL_ANIMATIONS"] == "none"
    environ = {**XTERM, "NO_COLOR": "1", "TEXTUAL_COLOR_SYSTEM": "256"}
    apply(environ, detect(environ))
    assert environ["TEXTUAL_COLOR_SYSTEM"] == "256"
    assert "NO_COLOR" not in environ
    assert "TEXTUAL_ANIMATIONS" not in environ


def test_capabilities_load_neither_textual_nor_rich() -> None:
    program = (
        "import sys, batchtui.tui.terminal.capabilities, batchtui.tui.terminal.clipboard;"
        "import batchtui.tui.terminal.notifications;"
        "print({'textual', 'rich'} & {name.split('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"set()\n"
