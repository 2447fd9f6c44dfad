"""The line of tabs."""

from batchtui.tui.widgets.line_bar import LineBar


class TabsBar(LineBar):
    """A line bar that can show which tab is open, with and without colour."""
