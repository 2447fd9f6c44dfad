"""The field that text is typed in."""

from collections.abc import Mapping
from functools import cache

from textual import events
from textual.binding import Binding
from textual.widgets import Input


class TextField(Input):
    """An input in which keys count in the order in which they are pressed.

    Textual takes letters in at once, but hands the keys that edit on to the app, which brings them
    back: over a slow line, where many keys come in one piece, letters overtook them.
    """

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key is for here."""
        action = _actions_of(type(self)).get(event.key)
        if action is not None:
            event.stop()
            await self.run_action(action)


@cache
def _actions_of(field: type[TextField]) -> Mapping[str, str]:
    """The actions of a field by their keys; its own bindings go before those of its bases."""
    actions: dict[str, str] = {}
    for base in reversed(field.__mro__):
        if issubclass(base, Input) and "BINDINGS" in vars(base):
            found = Binding.make_bindings(vars(base)["BINDINGS"])
            actions |= {binding.key: binding.action for binding in found}
    return actions
