import pytest

from batchtui.tui.terminal.capabilities import detect
from batchtui.tui.terminal.channel import Channel
from batchtui.tui.terminal.notifications import TerminalNotifier


def notifier(sent: list[str], **environ: str) -> TerminalNotifier:
    channel = Channel()
    channel.connect(sent.append)
    return TerminalNotifier(detect({"TERM": "xterm-256color", **environ}), channel)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b]99;i=batchtui:d=0;Done\x07"),
        ({"LC_TERMINAL": "iTerm2"}, "\x1b]9;batchtui - Done - 3 failed\x07"),
        ({"TERM": "foot"}, "\x1b]777;notify;Done;3 failed\x07"),
        ({"TERM_PROGRAM": "WezTerm"}, "\x1b]777;notify;Done;3 failed\x07"),
    ],
)
def test_each_terminal_is_asked_in_its_own_way(environ: dict[str, str], expected: str) -> None:
    sent: list[str] = []
    told = notifier(sent, **environ)
    assert told.notify("Done", "3 failed")
    assert "".join(sent).startswith(expected)


def test_terminals_that_are_not_known_to_notify_are_left_alone() -> None:
    sent: list[str] = []
    told = notifier(sent)
    assert not told.notify("Done", "x")
    assert sent == []


def test_hostile_text_neither_acts_nor_separates() -> None:
    sent: list[str] = []
    notifier(sent, TERM="foot").notify("a;b\x1b]0;pwned\x07", "c\x07d;e\u202e\n" + "x" * 999)
    assert sent[0].count("\x1b") == 1
    assert sent[0].count("\x07") == 1
    assert sent[0].count(";") == 3
    assert len(sent[0]) < 400


def test_the_title_comes_back_at_the_end_and_after_a_pause() -> None:
    sent: list[str] = []
    channel = Channel()
    told = TerminalNotifier(detect({"TERM": "xterm"}), channel)
    channel.connect(sent.append)
    assert told.set_title("2 done\x1b]")
    assert told.set_title("3 done")
    assert sent == ["\x1b[22;2t\x1b]2;2 done\\x1b]\x07", "\x1b]2;3 done\x07"]
    sent.clear()
    channel.disconnect()
    assert sent == ["\x1b[23;2t"]
    assert not told.bell()
    channel.connect(sent.append)
    assert sent[1:] == ["\x1b[22;2t\x1b]2;3 done\x07"]


def test_the_linux_console_has_no_title_but_a_bell() -> None:
    sent: list[str] = []
    told = notifier(sent, TERM="linux")
    assert not told.set_title("x")
    assert told.bell()
    assert sent == ["\x07"]


def test_tmux_lets_notifications_pass() -> None:
    sent: list[str] = []
    notifier(sent, TERM="tmux-256color", TMUX="x", KITTY_WINDOW_ID="1").notify("a", "b")
    assert sent[0].startswith("\x1bPtmux;\x1b\x1b]99;")
    assert sent[0].endswith("\x07\x1b\\")
