"""What can be done with the timeline."""

from batchtui.tui.commands.command import Command, Group


class ZoomIn(Command):
    """Look less far back: the bars get longer."""

    keys, label, in_bar = "plus,right_square_bracket", "Closer", True
    group = Group.BATCHES


class ZoomOut(Command):
    """Look further back."""

    keys, label, in_bar = "minus,left_square_bracket", "Further", True
    group = Group.BATCHES


TIMELINE_COMMANDS: tuple[type[Command], ...] = (ZoomIn, ZoomOut)
