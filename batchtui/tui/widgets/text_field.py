"""The field that text is typed and pasted in."""

from collections.abc import Mapping
from functools import cache

from textual import events
from textual.binding import Binding
from textual.widgets import Input

from batchtui.formatting import format_count
from batchtui.untrusted import visible

_LONGEST_PASTE = 100_000
"""Characters of a paste that are put in; a longer one is a slip of the hand."""


class TextField(Input):
    """An input in which keys count in the order in which they are pressed.

    Textual takes letters in at once, but hands the keys that edit on to the app, which brings them
    back: over a slow line, where many keys come in one piece, letters overtook them.

    What is in it can always be seen: a text that comes from elsewhere does nothing to a terminal.
    """

    def validate_value(self, value: str) -> str:
        """Turn what could act on a terminal into visible escapes."""
        return visible(value)

    def on_paste(self, event: events.Paste) -> None:
        """Take what was pasted while this had the focus."""
        event.stop()
        event.prevent_default()
        self.put_in(event.text)

    def put_in(self, pasted: str) -> None:
        """Put in all that was pasted, as one line; say so if there were several."""
        lines = pasted[:_LONGEST_PASTE].splitlines()
        text = visible(" ".join(lines))
        if self.selection.is_empty:
            self.insert_text_at_cursor(text)
        else:
            self.replace(text, *self.selection)
        if len(lines) > 1:
            self.app.notify(f"{format_count(len(lines))} pasted lines were joined into one")
        if len(pasted) > _LONGEST_PASTE:
            self.app.notify(
                f"Only the first {_LONGEST_PASTE:,} of {len(pasted):,} characters were pasted",
                severity="warning",
            )

    async def on_key(self, event: events.Key) -> None:
        """Do at once what a key is for here."""
        action = _actions_of(type(self)).get(event.key)
        if action is not None:
            event.stop()
            await self.run_action(action)


@cache
def _actions_of(field: type[TextField]) -> Mapping[str, str]:
    """Return the actions of a field by their keys; its own bindings precede those of its bases."""
    actions: dict[str, str] = {}
    for base in reversed(field.__mro__):
        if issubclass(base, Input) and "BINDINGS" in vars(base):
            found = Binding.make_bindings(vars(base)["BINDINGS"])
            actions |= {binding.key: binding.action for binding in found}
    return actions
