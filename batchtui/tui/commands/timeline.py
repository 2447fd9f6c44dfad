"""What can be done with the timeline."""

from batchtui.tui.commands.command import Command, Group, Purpose


class ZoomIn(Command):
    """Look less far back: the bars get longer."""

    keys, label, in_bar = "right", "Closer", True
    moved_from = "left_square_bracket"
    group = Group.BATCHES


class ZoomOut(Command):
    """Look further back."""

    keys, label, in_bar = "left", "Further", True
    moved_from = "right_square_bracket"
    group = Group.BATCHES


class GoToBatch(Command):
    """Go to the batch in the list."""

    keys, label, in_bar = "enter", "Go to it", True
    purpose = Purpose.FIND
    group = Group.BATCHES


TIMELINE_COMMANDS: tuple[type[Command], ...] = (GoToBatch, ZoomIn, ZoomOut)
