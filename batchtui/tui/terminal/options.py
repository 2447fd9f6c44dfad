"""What may be chosen about output and mouse."""

from typing import Literal

from msgspec import Struct, field

from batchtui.tui.terminal.channel import Channel


class DriverOptions(Struct, frozen=True):
    """Options of the driver."""

    diff: bool = True
    """Send only the cells that changed; otherwise whatever Textual writes."""
    mouse: Literal["off", "clicks", "motion"] = "clicks"
    """What the terminal reports: nothing, buttons, wheel and dragging, or every movement too."""
    erases_in_color: bool = True
    """The terminal fills what it erases with the background color (all but GNU screen do)."""
    has_colors: bool = True
    """Colors may be sent; otherwise they become reverse and bold."""
    channel: Channel = field(default_factory=Channel)
    """Through which other parts of the program reach the terminal."""
