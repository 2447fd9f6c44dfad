"""What the view models of the batch list are made with, besides the batches."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from msgspec import Struct, field

from batchtui.tui.glyphs import UNICODE, Glyphs


class ViewContext(Struct, frozen=True):
    """The facts of the moment.

    Attributes:
        now: The server's present moment.
        zone: The zone to write times in; ``None`` is the machine's own.
        glyphs: The signs to draw with.
        here: Ids of the batches whose verified results are on this disk.
        labels: Labels by batch id; untrusted text.
        fetching: How far downloads are, by batch id, in a few characters.
        tries: Ids of the batches that send rows of another one again.
        parts: Which part of a split file a batch is, by id.
    """

    now: datetime
    zone: tzinfo | None = None
    glyphs: Glyphs = UNICODE
    here: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    fetching: Mapping[str, str] = field(default_factory=dict)
    tries: frozenset[str] = frozenset()
    parts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_utc(self) -> bool:
        """Whether times are written in UTC."""
        return self.zone is UTC
