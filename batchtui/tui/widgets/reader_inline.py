"""The inside of a paragraph of Markdown as styled text: bold, code, links."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from batchtui.tui.widgets.reader_wrapping import StyledRun
from batchtui.untrusted import visible

if TYPE_CHECKING:
    from markdown_it.token import Token

_STYLES = {"strong": "strong", "em": "emphasis", "s": "struck", "link": "link"}


def inline_runs(tokens: "Sequence[Token]", style: str = "") -> list[StyledRun]:
    """Give the text of a paragraph with its styles; a newline in it ends a line.

    The text passes the door for untrusted text once more: Markdown can spell any character, also
    those that act on a terminal.

    Args:
        tokens: What the paragraph is made of.
        style: The styles that all of it has.
    """
    runs: list[StyledRun] = []
    open_styles: list[str] = []
    target = ""
    for token in tokens:
        name = token.tag if token.nesting else token.type
        kind = token.type.rpartition("_")[0]
        if token.nesting == 1:
            open_styles.append(_STYLES.get(kind, ""))
            target = str(token.attrs.get("href", "")) if kind == "link" else target
        elif token.nesting == -1:
            if kind == "link":
                runs += _link_target(runs, target)
            if open_styles:
                open_styles.pop()
        elif name in {"softbreak", "hardbreak"}:
            runs.append(("\n", ""))
        else:
            runs.append(_run(token, " ".join(filter(None, (style, *open_styles)))))
    return runs


def _run(token: "Token", style: str) -> StyledRun:
    text = visible(token.content)
    if token.type == "code_inline":
        return text, f"{style} code".strip()
    if token.type == "image":
        return f"[image: {text or visible(str(token.attrs.get('src', '')))}]", f"{style} muted"
    return text, style


def _link_target(runs: Sequence[StyledRun], target: str) -> list[StyledRun]:
    """Say where a link goes, unless its text says so."""
    shown = visible(target)
    if not shown or (runs and runs[-1][0] in {shown, shown.removeprefix("mailto:")}):
        return []
    return [(f" ({shown})", "muted")]
