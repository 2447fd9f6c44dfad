"""What is sent for what Textual writes."""

import pytest

from batchtui.tui.terminal.frames import SYNC_END, SYNC_START, Frames
from tests.terminal_emulator import Emulator

GRAY = "38;2;224;224;224;48;2;18;18;18"


def shown(columns: int = 20, lines: int = 6, *, erases_in_color: bool = True) -> Frames:
    """Return frames after a first one, all blank, was sent."""
    frames = Frames(columns, lines, erases_in_color=erases_in_color)
    frames.feed("\x1b[?1049h")
    for row in range(lines):
        frames.feed(f"\x1b[{row + 1};1H{' ' * columns}\x1b[1;1H")
    frames.take()
    return frames


def send(frames: Frames, data: str) -> str:
    frames.feed(data)
    return frames.take()


def test_the_same_again_sends_nothing() -> None:
    frames = shown()
    frame = f"\x1b[2;3H\x1b[{GRAY}mabc\x1b[0m\x1b[1;1H"
    assert send(frames, frame) == f"\v\x1b[3G\x1b[{GRAY}mabc\x1b[H"
    assert send(frames, frame) == ""
    assert not frames.has_work


def test_one_cell_costs_one_cell() -> None:
    frames = shown()
    send(frames, "\x1b[4;1Hrow 1 of 9\x1b[1;1H")
    assert send(frames, "\x1b[4;1Hrow 2 of 9\x1b[1;1H") == "\x1b[4;5H2\x1b[H"


def test_colors_that_stand_are_not_sent_again() -> None:
    frames = shown()
    send(frames, f"\x1b[4;1H\x1b[{GRAY}mabc\x1b[0m\x1b[1;1H")
    assert send(frames, f"\x1b[4;1H\x1b[{GRAY}mabd\x1b[0m\x1b[1;1H") == "\x1b[4;3Hd\x1b[H"


@pytest.mark.parametrize("other", ["\x1b[?1049l", "\x1b[2J"])
def test_who_writes_next_finds_a_plain_pen(other: str) -> None:
    frames = shown()
    send(frames, f"\x1b[4;1H\x1b[{GRAY}mabc\x1b[0m\x1b[1;1H")
    assert send(frames, other).startswith(f"\x1b[m{other}")


def test_a_list_is_painted_column_by_column_where_that_is_shorter() -> None:
    frames = shown(60, 24)

    def page(first: int) -> str:
        rows = (f"\x1b[{row + 1};8H{first + row:03} contract-{first + row:03}" for row in range(24))
        return "".join(rows) + "\x1b[1;1H"

    send(frames, page(100))
    data = send(frames, page(124))
    # a step down and back for each row and column, and hardly an address
    assert data.count("H") <= 3
    assert len(data) < 24 * (2 * len("\v\b\b") + 2 * 2) + 30


def test_small_gaps_are_written_over_and_wide_ones_stepped_over() -> None:
    frames = shown(40)
    send(frames, "\x1b[4;1H" + "abcdefghijklmnopqrstuvwxyz" + "\x1b[1;1H")
    data = send(frames, "\x1b[4;1H" + "AbcDefghijklmnopqrstuvwxyZ" + "\x1b[1;1H")
    assert data == "\v\v\vAbcD\x1b[26GZ\x1b[H"


def test_blank_ends_of_rows_are_erased_in_their_color() -> None:
    frame = f"\x1b[4;1H\x1b[{GRAY}m{' ' * 20}\x1b[0m\x1b[1;1H"
    assert send(shown(), frame) == f"\v\v\v\x1b[{GRAY}m\x1b[K\x1b[H"
    assert "\x1b[K" not in send(shown(erases_in_color=False), frame)


def test_rows_that_move_are_moved_by_the_terminal() -> None:
    frames = shown(40, 12)
    emulator = Emulator(40, 12)

    def page(first: int) -> str:
        rows = [f"\x1b[{row + 2};1Hitem {(first + row) * 7919:<20}" for row in range(10)]
        return "\n".join(rows) + "\x1b[1;1H"

    emulator.feed(send(frames, page(1)))
    data = send(frames, page(2))
    assert data.startswith("\x1b[2;11r\x1b[11H\n\x1b[r")
    assert len(data) < 60
    back = send(frames, page(1))
    assert back.startswith("\x1b[2;11r\x1b[2H\x1bM\x1b[r")
    emulator.feed(data + back)
    assert emulator.screen.display[1].startswith(f"item {7919}")


def test_frames_in_between_are_left_out() -> None:
    frames = shown()
    for number in range(100):
        frames.feed(f"\x1b[4;1H{number:>3}\x1b[1;1H")
    assert frames.take() == "\v\v\v\x1b[C99\x1b[H"


def test_an_open_frame_waits_for_its_end() -> None:
    frames = shown()
    frames.feed(SYNC_START)
    frames.feed("\x1b[4;1Hx\x1b[1;1H")
    assert not frames.has_work
    assert frames.take() == ""
    frames.feed(SYNC_END)
    assert frames.take() == "\v\v\vx\x1b[H"


def test_what_is_painted_while_the_picture_is_held_is_seen_at_its_end() -> None:
    frames = shown()
    frames.is_held = True
    for text in "xyz":
        frames.feed(f"\x1b[4;1H{text}\x1b[1;1H")
        assert not frames.has_work
    frames.feed("\x07")
    assert frames.take() == "\x07", "what is no picture goes on"
    frames.is_held = False
    assert frames.take() == "\v\v\vz\x1b[H"


def test_large_frames_are_wrapped_where_the_terminal_can_wait_for_their_end() -> None:
    frames = shown(100)
    big = "\x1b[2;1H" + "xy" * 50 + "\n\x1b[3;1H" + "zw" * 50 + "\n\x1b[4;1H" + "uv" * 50
    assert not send(frames, f"{big}\x1b[1;1H").startswith(SYNC_START)
    frames = shown(100)
    frames.feed(SYNC_START)
    frames.feed(f"{big}\x1b[1;1H")
    frames.feed(SYNC_END)
    data = frames.take()
    assert data.startswith(SYNC_START)
    assert data.endswith(SYNC_END)


@pytest.mark.parametrize(
    "sequence",
    [
        "\x07",
        "\x1b]52;c;eHg=\x07",
        "\x1b]22;pointer\x07",
        "\x1b]2;title\x07",
        "\x1b]777;notify;a;b\x07",
        "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\",
        "\x1b[?25l",
        "\x1b[?1003h",
        "\x1b[22;2t",
        "\x1b[>25u",
        "\x1b[<u",
        "\x1b[6n",
    ],
)
def test_what_is_no_picture_passes_untouched_and_in_order(sequence: str) -> None:
    frames = shown()
    frames.feed(sequence)
    frames.feed("\x1b[4;1Hx\x1b[1;1H")
    frames.feed("\x1b[?25h")
    assert frames.take() == f"{sequence}\x1b[?25h\v\v\vx\x1b[H"
    assert frames.is_trusted


def test_something_unknown_passes_and_the_picture_is_painted_again() -> None:
    frames = shown()
    send(frames, "\x1b[4;1Hhello\x1b[1;1H")
    data = send(frames, "\x1b[2J")
    assert data.startswith("\x1b[2J")
    assert "hello" in data
    assert frames.is_trusted
    assert send(frames, "\x1b[3;1Hx\x1b[1;1H") == "\v\vx\x1b[H"


def test_unknown_things_again_and_again_end_the_trust() -> None:
    frames = shown()
    assert [is_trusted_after(frames, "\x1b[2J") for _ in range(3)] == [True, True, False]


def is_trusted_after(frames: Frames, data: str) -> bool:
    send(frames, data)
    return frames.is_trusted


def test_an_unknown_sequence_within_a_picture_ends_the_trust_at_once() -> None:
    frames = shown()
    frames.feed("\x1b[4;1Hx\x1b[1;1H")
    data = send(frames, "\x1b[3;1Hab\x1b[5@c\x1b[1;1H")
    assert not frames.is_trusted
    assert data == "\v\v\vx\x1b[H\x1b[3;1Hab\x1b[5@c\x1b[1;1H"


def test_outside_the_alternate_screen_everything_passes() -> None:
    frames = Frames(20, 5)
    assert send(frames, "\x1b[5;5Hhello\n") == "\x1b[5;5Hhello\n"
    send(frames, "\x1b[?1049h")
    frames.feed("\x1b[4;1Hlost\x1b[1;1H")
    assert send(frames, "\x1b[?1049l") == "\x1b[m\x1b[?1049l"
    assert send(frames, "bye\n") == "bye\n"


def test_after_a_pause_the_picture_is_back() -> None:
    frames = shown()
    send(frames, "\x1b[4;1Hhello\x1b[1;1H")
    send(frames, "\x1b[?1049l")
    assert "hello" in send(frames, "\x1b[?1049h")


def test_a_new_size_waits_for_a_new_frame_but_the_same_size_does_not() -> None:
    frames = shown()
    send(frames, "\x1b[4;1Hhello\x1b[1;1H")
    frames.resize(30, 8)
    assert not frames.has_work
    assert "hello" in send(frames, "\x1b[3;1Hx\x1b[1;1H")
    frames.resize(30, 8)
    assert "hello" in frames.take()


def test_doubtful_widths_do_not_move_what_stands_behind() -> None:
    frames = shown(30)
    data = send(frames, "\x1b[4;1H❤\ufe0f ok\x1b[1;1H")
    # Blanked first, then drawn, then the cursor finds its place by its column.
    assert data == "\v\v\v  \r❤\ufe0f\x1b[3G ok\x1b[H"


def test_lone_surrogates_and_controls_in_text_do_no_harm() -> None:
    frames = shown()
    data = send(frames, "\x1b[4;1Ha\x08\x9b\ud800b\x1b[1;1H")
    assert "\x08" not in data
    assert "\x9b" not in data
    assert frames.is_trusted
    data.encode(errors="replace")
