"""The commands that change something on the server, and what is told when batches end."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from batchtui.api.models import MessageBatch
from batchtui.tui.commands.command import Command

if TYPE_CHECKING:
    from batchtui.tui.screens.batches.screen import BatchesScreen


async def tell_ended(screen: "BatchesScreen", ended: tuple[MessageBatch, ...]) -> None:
    """Tell that batches have ended."""


COMMANDS: Mapping[type[Command], "Callable[[BatchesScreen], None]"] = {}
