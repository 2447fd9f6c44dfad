"""What else goes into the requests of a table: each may be left out, and taken out again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from batchtui.errors import BatchtuiError
from batchtui.formatting import format_count
from batchtui.submission.make import Recipe, examples_of, parse_param
from batchtui.submission.template import Template
from batchtui.tables import Table
from batchtui.tui.lines import line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.path_prompt import ask_file
from batchtui.untrusted import visible

_ANSWER = "answer"
"""The column with the answers of examples, where a table has it."""
_MOST_COLUMNS = 12
"""Columns that are offered."""


class _Form(Struct, frozen=True):
    """A recipe, and what is said of the files it comes from."""

    context: FlowContext
    table: Table
    recipe: Recipe
    said: Mapping[str, str] = {}
    """What is in each field; untrusted text."""

    def put(self, name: str, said: str, recipe: Recipe) -> "_Form":
        """Return the form with another value in a field; an empty one takes it out."""
        return replace(self, said={**self.said, name: said}, recipe=recipe)


async def ask_extras(context: FlowContext, table: Table, recipe: Recipe) -> Recipe | None:
    """Ask what else goes into each request, until the user has it made.

    Returns:
        The whole recipe; ``None`` if the user left.
    """
    form = _Form(context, table, replace(recipe, folder=table.path.parent))
    at: int | None = 0
    while at is not None:
        choices = [Choice(line("Make the requests"), 0)]
        for number, name in enumerate(_FIELDS, 1):
            said = visible(form.said.get(name, ""))
            shown = (said, "strong") if said else ("none", "muted")
            choices.append(Choice(line(f"{name:<{_LABEL}}", shown), number))
        title = "What else goes into each request?"
        at = await context.navigation.ask(ChoiceDialog(title, choices, current=at))
        if at == 0:
            return form.recipe
        if at is not None:
            form = await list(_FIELDS.values())[at - 1](form)
    return None


async def _ask_system(form: _Form) -> _Form:
    if form.recipe.system is not None:
        return form.put("System prompt", "", replace(form.recipe, system=None))

    body = (line("A text file; {{column}} where a cell goes."),)
    read = partial(read_template, form.table)
    found = await ask_file(form.context, "System prompt", body, read)
    if found is None:
        return form
    path, system = found
    return form.put("System prompt", path.name, replace(form.recipe, system=system))


def read_template(table: Table, path: Path) -> Template:
    """Read a text for the requests of a table.

    Raises:
        BatchtuiError: It cannot be read, or names a column that the table does not have.
    """
    template = Template.read(path)
    template.require_columns(table)
    return template


async def _ask_examples(form: _Form) -> _Form:
    if form.recipe.examples:
        return form.put("Examples", "", replace(form.recipe, examples=()))
    prompt = form.recipe.prompt

    def read(path: Path) -> Table:
        table = Table(path)
        prompt.require_columns(table)
        return table

    body = (line("A table of answered rows to show first."),)
    found = await ask_file(form.context, "Examples", body, read)
    if found is None:
        return form
    path, table = found
    answer: str | None = _ANSWER
    if _ANSWER not in table.columns:
        answer = await _ask_column(form, "Which column has the answers?", table)
    if answer is None:
        return form
    examples = await asyncio.to_thread(examples_of, table, prompt, answer)
    said = f"{format_count(len(examples))} of {path.name}"
    return form.put("Examples", said, replace(form.recipe, examples=examples))


async def _ask_prefill(form: _Form) -> _Form:
    body = (line("How answers have to begin; empty for nothing."),)
    text = await form.context.navigation.ask(
        PromptDialog("Prefill", body, value=form.recipe.prefill, confirm="Go on")
    )
    if text is None:
        return form
    return form.put("Prefill", text, replace(form.recipe, prefill=text))


async def _ask_param(form: _Form) -> _Form:
    """Ask for one more param; none takes all out."""
    body = (
        line("One as NAME=JSON, such as temperature=0; NAME=@FILE reads it from a file."),
        line(("Empty takes all out.", "muted")),
    )
    text = await form.context.navigation.ask(
        PromptDialog("Params", body, check=_why_no_param, confirm="Go on")
    )
    if text is None:
        return form
    params = {**form.recipe.params, **dict([parse_param(text)])} if text.strip() else {}
    said = ", ".join(f"{name}={bytes(value).decode()}" for name, value in params.items())
    return form.put("Params", said, replace(form.recipe, params=params))


def _why_no_param(text: str) -> str:
    try:
        if text.strip():
            parse_param(text)
    except BatchtuiError as error:
        return error.sentence
    return ""


async def _ask_attached(form: _Form) -> _Form:
    if form.recipe.attached:
        return form.put("Images and PDFs", "", replace(form.recipe, attached=()))
    column = await _ask_column(form, "Which column has their paths?", form.table)
    if column is None:
        return form
    return form.put("Images and PDFs", column, replace(form.recipe, attached=(column,)))


async def _ask_column(form: _Form, title: str, table: Table) -> str | None:
    choices = [Choice(line(visible(name)), name) for name in table.columns[:_MOST_COLUMNS]]
    chosen: str | None = await form.context.navigation.ask(ChoiceDialog(title, choices))
    return chosen


_FIELDS: Mapping[str, Callable[[_Form], Awaitable[_Form]]] = {
    "System prompt": _ask_system,
    "Examples": _ask_examples,
    "Prefill": _ask_prefill,
    "Params": _ask_param,
    "Images and PDFs": _ask_attached,
}
"""By their names, how each is asked for."""
_LABEL = max(map(len, _FIELDS)) + 2
