"""Requests out of a table: which prompt, which model, which ids, then as any other file."""

import asyncio
from datetime import datetime
from functools import partial
from pathlib import Path

from batchtui.filenames import file_name
from batchtui.folders import make_private_folder
from batchtui.formatting import plural
from batchtui.submission.make import MadeFile, Recipe, make_requests, write_requests
from batchtui.submission.template import Template
from batchtui.tables import Table
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.make_form import ask_extras, read_template
from batchtui.tui.screens.submission.path_prompt import ask_file
from batchtui.untrusted import visible

_MOST_COLUMNS = 12
"""Columns that are offered for ids, and named."""
_NUMBERS = "the rows' numbers"


async def make_from_table(context: FlowContext, path: Path) -> Path | None:
    """Ask how a table becomes requests, and write them.

    Returns:
        The request file, or ``None`` if the user left.

    Raises:
        BatchtuiError: The table or the prompt cannot be read, or a request not be made.
    """
    table = await asyncio.to_thread(Table, path)
    recipe = await _ask(context, table)
    if recipe is None:
        return None
    target = _target(context, path)
    made = await asyncio.to_thread(_make, table, recipe, target)
    context.notify(f"{plural(made.requests, 'request')} made of {path.name}")
    if made.map_file is not None:
        changed = plural(made.changed_ids, "custom_id")
        context.notify(f"{changed} had to change: {made.map_file}", timeout=15)
    return target


async def _ask(context: FlowContext, table: Table) -> Recipe | None:
    prompt = await _ask_prompt(context, table)
    if prompt is None:
        return None
    model = await context.navigation.ask(
        PromptDialog(
            "Model",
            placeholder="such as claude-haiku-4-5",
            check=_why_no_model,
            confirm="Go on",
        )
    )
    if model is None:
        return None
    tokens = await context.navigation.ask(
        PromptDialog(
            "max_tokens of each answer", value="1024", check=_why_no_number, confirm="Go on"
        )
    )
    if tokens is None:
        return None
    column = await _ask_column(context, table)
    if column is None:
        return None
    recipe = Recipe(
        prompt=prompt,
        model=model.strip(),
        max_tokens=int(tokens),
        id_column=None if column == _NUMBERS else column,
    )
    return await ask_extras(context, table, recipe)


async def _ask_prompt(context: FlowContext, table: Table) -> Template | None:
    """Ask for the prompt's file until it fits the table."""
    body = (
        line(f"{visible(table.path.name)} is a table: each row becomes a request."),
        line("The prompt is a text file with {{column}} where a cell goes."),
        line(("Columns: ", "muted"), visible(_names(table))),
    )
    found = await ask_file(context, "Prompt", body, partial(read_template, table))
    return None if found is None else found[1]


async def _ask_column(context: FlowContext, table: Table) -> str | None:
    columns = [_NUMBERS, *table.columns[:_MOST_COLUMNS]]
    choices = [Choice(_column_line(name), name) for name in columns]
    body = (line("Answers come back with these ids, and find their row by them."),)
    return await context.navigation.ask(ChoiceDialog("custom_ids out of", choices, body=body))


def _column_line(name: str) -> Line:
    if name == _NUMBERS:
        return line(name, ("  row-000001, row-000002, …", "muted"))
    return line(visible(name))


def _names(table: Table) -> str:
    more = ", …" if len(table.columns) > _MOST_COLUMNS else ""
    return ", ".join(table.columns[:_MOST_COLUMNS]) + more


def _why_no_model(text: str) -> str:
    return "" if text.strip() else "Name a model"


def _why_no_number(text: str) -> str:
    return "" if text.isdecimal() and int(text) > 0 else "A whole number from 1"


def _target(context: FlowContext, path: Path) -> Path:
    """A new name in the folder of request files of our own."""
    moment: datetime = context.session.clock.now()
    return context.request_folder / f"{file_name(path.stem)}-{moment:%Y%m%d-%H%M%S}.jsonl"


def _make(table: Table, recipe: Recipe, target: Path) -> MadeFile:
    make_private_folder(target.parent)
    requests = make_requests(table, recipe)
    return write_requests(requests, target, id_column=recipe.id_column)
