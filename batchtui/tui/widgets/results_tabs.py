"""The line of tabs."""

from typing import ClassVar

from batchtui.tui.widgets.line_bar import LineBar
from batchtui.tui.widgets.painting import PAINTED_CLASSES


class TabsBar(LineBar):
    """A line bar that can show which tab is open, with and without colour."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*PAINTED_CLASSES, "painted--tab"}
