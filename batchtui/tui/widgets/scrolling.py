"""What lists and views share: how much there is to scroll."""

from textual.geometry import Size
from textual.scroll_view import ScrollView


def set_scroll_height(view: ScrollView, height: int) -> None:
    """Say how many lines there are to scroll through.

    The scroll bar is shown or hidden at once: left to itself, a scroll view whose own size does
    not change finds out about its content at the next resize only.
    """
    view.virtual_size = Size(view.size.width, height)
    room = view.container_size.height
    if room:
        view.show_vertical_scrollbar = height > room
