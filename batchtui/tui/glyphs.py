"""The signs the screens are drawn with, each with a twin for terminals without Unicode."""

from msgspec import Struct

from batchtui.batches.outcome_bar import SegmentKind
from batchtui.batches.rules import BatchState


class Glyphs(Struct, frozen=True):
    """One set of signs; every one is one cell wide."""

    is_unicode: bool
    cursor: str
    ellipsis: str
    dash: str
    here: str
    retry: str
    separator: str
    ascending: str
    """At the head of the column that rows are sorted by."""
    descending: str
    bars: dict[SegmentKind, str]

    def state(self, state: BatchState) -> str:
        """Return the sign of a batch's state."""
        return state.glyph.unicode if self.is_unicode else state.glyph.ascii


UNICODE = Glyphs(
    is_unicode=True,
    cursor="▌",
    ellipsis="…",
    dash="–",
    here="↓",
    retry="↻",
    separator="·",
    ascending="▲",
    descending="▼",
    bars={
        SegmentKind.SUCCEEDED: "█",
        SegmentKind.ERRORED: "▒",
        SegmentKind.EXPIRED: "░",
        SegmentKind.CANCELED: "╱",
        SegmentKind.PROCESSING: "┈",
        SegmentKind.UNSAID: "┈",
    },
)
ASCII = Glyphs(
    is_unicode=False,
    cursor=">",
    ellipsis="~",
    dash="-",
    here="v",
    retry="@",
    separator="|",
    ascending="^",
    descending="v",
    bars={
        SegmentKind.SUCCEEDED: "#",
        SegmentKind.ERRORED: "x",
        SegmentKind.EXPIRED: "e",
        SegmentKind.CANCELED: "/",
        SegmentKind.PROCESSING: ".",
        SegmentKind.UNSAID: ".",
    },
)
