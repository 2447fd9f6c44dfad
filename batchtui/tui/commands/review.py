"""What can be done while answers are judged one after the other."""

from typing import ClassVar

from batchtui.tui.commands.command import Command, Group, Need, Purpose


class ReviewNeed(Need):
    """What commands of a review need."""

    CARD = "a card to judge"


class OnCards(Command):
    """Base of the commands of a review."""

    group = Group.REVIEW
    purpose = Purpose.ACT
    needs: ClassVar[tuple[Need, ...]] = (ReviewNeed.CARD,)


class Judge(OnCards):
    """Base of the commands that give a verdict."""


class JudgeFirst(Judge):
    """Give the first verdict, usually good, and go to the next card without one."""

    keys, label, act = "1", "Verdict 1", "number 1"


class JudgeSecond(Judge):
    """Give the second verdict, usually bad, and go to the next card without one."""

    keys, label, act = "2", "Verdict 2", "number 2"


class JudgeThird(Judge):
    """Give the third verdict, usually unsure, and go to the next card without one."""

    keys, label, act = "3", "Verdict 3", "number 3"


class JudgeFourth(Judge):
    """Give the fourth verdict of your own."""

    keys, label, act = "4", "Verdict 4", "number 4"


class JudgeFifth(Judge):
    """Give the fifth verdict of your own."""

    keys, label, act = "5", "Verdict 5", "number 5"


class JudgeSixth(Judge):
    """Give the sixth verdict of your own."""

    keys, label, act = "6", "Verdict 6", "number 6"


class JudgeSeventh(Judge):
    """Give the seventh verdict of your own."""

    keys, label, act = "7", "Verdict 7", "number 7"


class JudgeEighth(Judge):
    """Give the eighth verdict of your own."""

    keys, label, act = "8", "Verdict 8", "number 8"


class JudgeNinth(Judge):
    """Give the ninth verdict of your own."""

    keys, label, act = "9", "Verdict 9", "number 9"


class TakeBackVerdict(OnCards):
    """Take the verdict of this card back."""

    keys, label, in_bar = "0", "Take back", True


class NoteCard(OnCards):
    """Write a note on this answer, kept on this disk."""

    keys, label, in_bar = "m", "Note", True
    act = "note"


class NextUnjudged(OnCards):
    """To the next card without a verdict."""

    keys, label, in_bar = "right_square_bracket", "Next open", True
    act = "next"


class NextCard(OnCards):
    """To the next card, judged or not: skip this one."""

    keys, label, in_bar = "right", "Skip", True


class PreviousCard(OnCards):
    """Back to the card before."""

    keys, label, in_bar = "left", "Card before", True


class SwitchCardView(OnCards):
    """Show the card in another way."""

    keys, label = "v", "View"
    act = "view"


class ScrollCardDown(OnCards):
    """Scroll the card down."""

    keys, label = "J,shift+down,down,j,pagedown", "Scroll down"


class ScrollCardUp(OnCards):
    """Scroll the card up."""

    keys, label = "K,shift+up,up,k,pageup", "Scroll up"


class LeaveReview(OnCards):
    """Leave the review; what was said is kept already."""

    keys, label, in_bar = "escape", "Back", True
    needs = ()


VERDICT_COMMANDS: tuple[type[Judge], ...] = (
    JudgeFirst,
    JudgeSecond,
    JudgeThird,
    JudgeFourth,
    JudgeFifth,
    JudgeSixth,
    JudgeSeventh,
    JudgeEighth,
    JudgeNinth,
)
"""The commands that give a verdict, by its number."""

REVIEW_COMMANDS: tuple[type[Command], ...] = (
    *VERDICT_COMMANDS,
    TakeBackVerdict,
    NoteCard,
    NextCard,
    PreviousCard,
    NextUnjudged,
    SwitchCardView,
    ScrollCardDown,
    ScrollCardUp,
    LeaveReview,
)
"""All of them, those of the action bar first."""
