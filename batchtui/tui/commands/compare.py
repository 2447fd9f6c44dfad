"""What can be done with two runs side by side."""

from batchtui.tui.commands.command import Command, Group, Need, Purpose


class CompareNeed(Need):
    """What commands of a comparison need."""

    PAIR = "a pair under the cursor"
    PAIRS = "two runs that are compared"


class OnPairs(Command):
    """Base of the commands of a comparison."""

    group = Group.COMPARE


class ReadPair(OnPairs):
    """Read the pair on the whole screen, and back."""

    keys, label, in_bar = "enter", "Read", True
    needs = (CompareNeed.PAIR,)


class FilterPairs(OnPairs):
    """Filter the pairs by a query: change:flip, a.score>b.score, delta:.score, or as in results."""

    keys, label, in_bar = "slash", "Query", True
    purpose = Purpose.FIND
    act = "filter"
    needs = (CompareNeed.PAIRS,)


class SortPairs(OnPairs):
    """Sort by the next order: as in the first run, or the largest change first."""

    keys, label, in_bar = "s", "Sort", True
    purpose = Purpose.FIND
    act = "sort"
    needs = (CompareNeed.PAIRS,)


class ChoosePairFields(OnPairs):
    """List the fields of the answers, and choose which are columns with the values of both runs."""

    keys, label, in_bar = "F", "Fields", True
    act = "show-fields"
    needs = (CompareNeed.PAIRS,)


class ReviewPairs(OnPairs):
    """Judge the pairs that are shown: which side is better, without knowing which run it is."""

    keys, label, in_bar = "V", "Review", True
    purpose = Purpose.ACT
    act = "review"
    needs = (CompareNeed.PAIR,)


class ExportPairs(OnPairs):
    """Write the pairs that are shown to a file, one JSON object a line."""

    keys, label, in_bar = "e", "Export", True
    purpose = Purpose.SAVE
    act = "export"
    needs = (CompareNeed.PAIR,)


class CopyPair(OnPairs):
    """Copy both answers of the pair, over SSH and tmux as well."""

    keys, label, in_bar = "y", "Copy", True
    purpose = Purpose.SAVE
    act = "copy"
    needs = (CompareNeed.PAIR,)


class CopyPairId(OnPairs):
    """Copy the custom_id of the pair."""

    keys, label = "i", "Copy custom_id"
    purpose = Purpose.SAVE
    act = "copy custom_id"
    needs = (CompareNeed.PAIR,)


class SwitchSides(OnPairs):
    """Show the two answers beside each other, or one above the other."""

    keys, label, in_bar = "v", "View", True
    act = "view"


class SwitchPairQuestion(OnPairs):
    """To all that was asked and back to the answers."""

    keys, label = "Q", "Question"
    act = "question"
    needs = (CompareNeed.PAIR,)


class NextChange(OnPairs):
    """To the next tab: differing, flipped, fields, text, only in one run, the same, all."""

    keys, label = "right_square_bracket", "Next tab"
    purpose = Purpose.FIND
    act = "next"


class PreviousChange(OnPairs):
    """To the previous tab."""

    keys, label = "left_square_bracket", "Previous tab"
    purpose = Purpose.FIND
    act = "previous"


class NextPair(OnPairs):
    """To the next pair, also while reading one."""

    keys, label = "right", "Next"


class PreviousPair(OnPairs):
    """To the previous pair, also while reading one."""

    keys, label = "left", "Previous"


class ScrollPairDown(OnPairs):
    """Scroll the answers down without leaving the list."""

    keys, label = "J,shift+down", "Scroll down"


class ScrollPairUp(OnPairs):
    """Scroll the answers up without leaving the list."""

    keys, label = "K,shift+up", "Scroll up"


class LeavePairs(OnPairs):
    """Step back: from reading to the list, then clear the query, then leave."""

    keys, label, in_bar = "escape", "Back", True


COMPARE_COMMANDS: tuple[type[Command], ...] = (
    ReadPair,
    FilterPairs,
    SortPairs,
    ChoosePairFields,
    ReviewPairs,
    ExportPairs,
    CopyPair,
    SwitchSides,
    SwitchPairQuestion,
    CopyPairId,
    NextChange,
    PreviousChange,
    NextPair,
    PreviousPair,
    ScrollPairDown,
    ScrollPairUp,
    LeavePairs,
)
"""All of them, those of the action bar first."""
