from batchtui.tui.terminal.monochrome import without_colors


def test_colors_go_and_attributes_stay() -> None:
    assert without_colors("\x1b[1;38;2;1;2;3mab\x1b[0m") == "\x1b[0;1mab\x1b[0m"
    assert without_colors("\x1b[31mred\x1b[0m \x1b[3;44mx") == "\x1b[0mred\x1b[0m \x1b[0;3;7mx"


def test_what_stands_out_is_reversed() -> None:
    ground = "\x1b[38;2;230;230;230;48;2;10;10;10m"
    light = "\x1b[38;2;10;10;10;48;2;200;230;230m"
    assert without_colors(ground) == "\x1b[0m"
    assert without_colors(light) == "\x1b[0;7m"


def test_unknown_styles_are_left_to_the_terminal() -> None:
    assert without_colors("\x1b[99m") == "\x1b[99m"
