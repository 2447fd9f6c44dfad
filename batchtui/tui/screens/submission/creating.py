"""A new batch from a file of requests."""

from batchtui.tui.lines import line
from batchtui.tui.screens.submission.desk import Desk
from batchtui.tui.screens.submission.path_prompt import PathPrompt
from batchtui.tui.screens.submission.paths import resolve
from batchtui.tui.screens.submission.sending import Errand, preview_and_send
from batchtui.tui.screens.submission.words import home_short


async def create(desk: Desk) -> None:
    """Ask for the file, check it, show it, send it."""
    body = (
        line("A file of requests: JSON Lines, one body with all of them, or gzip of either."),
        line(("It is checked and shown before anything is sent.", "muted")),
        line((f"In {home_short(desk.folder)}", "muted")),
    )
    prompt = PathPrompt("New batch", body, desk.folder, desk.glyphs, confirm="Check it")
    text = await desk.app.push_screen_wait(prompt)
    if text is not None:
        await preview_and_send(desk, Errand(resolve(text, desk.folder)))
