"""Requests out of a table: which prompt, which model, which ids, then as any other file."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from batchtui.errors import BatchtuiError
from batchtui.filenames import file_name
from batchtui.folders import make_private_folder
from batchtui.formatting import format_count, plural, read_count
from batchtui.submission.make import (
    MadeFile,
    MakeError,
    Recipe,
    examples_of,
    file_of_param,
    make_requests,
    parse_param,
    write_requests,
)
from batchtui.submission.template import Template
from batchtui.tables import Table
from batchtui.tui.lines import Line, line
from batchtui.tui.screens.dialogs.choice import Choice, ChoiceDialog
from batchtui.tui.screens.dialogs.prompt import PromptDialog
from batchtui.tui.screens.submission.context import FlowContext
from batchtui.tui.screens.submission.path_prompt import ask_file
from batchtui.tui.screens.submission.paths import why_not_a_file
from batchtui.untrusted import visible

_MOST_COLUMNS = 12
"""Columns that are offered, and named."""
_NUMBERS = "the rows' numbers"
_ANSWER = "answer"
"""The column with the answers of examples, where a table has it."""


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
    model = await context.ask(
        PromptDialog(
            "Model",
            placeholder="such as claude-haiku-4-5",
            check=_why_no_model,
            confirm="Go on",
        )
    )
    if model is None:
        return None
    tokens = await context.ask(
        PromptDialog(
            "max_tokens of each answer", value="1024", check=_why_no_number, confirm="Go on"
        )
    )
    if tokens is None:
        return None
    column = await _ask_ids(context, table)
    if column is None:
        return None
    recipe = Recipe(
        prompt=prompt,
        model=model.strip(),
        max_tokens=int(tokens),
        id_column=None if column == _NUMBERS else column,
    )
    return await _ask_extras(context, table, recipe)


async def _ask_prompt(context: FlowContext, table: Table) -> Template | None:
    """Ask for the prompt's file until it fits the table."""
    body = (
        line(f"{visible(table.path.name)} is a table: each row becomes a request."),
        line("The prompt is a text file with {{column}} where a cell goes."),
        line(("Columns: ", "muted"), visible(_names(table))),
    )
    found = await ask_file(context, "Prompt", body, partial(_read_template, table))
    return None if found is None else found[1]


async def _ask_ids(context: FlowContext, table: Table) -> str | None:
    numbers = Choice(line(_NUMBERS, ("  row-000001, row-000002, …", "muted")), _NUMBERS)
    choices = [numbers, *_columns_of(table)]
    body = (line("Answers come back with these ids, and find their row by them."),)
    return await context.ask(ChoiceDialog("custom_ids out of", choices, body=body))


def _columns_of(table: Table) -> list[Choice[str]]:
    return [Choice(line(visible(name)), name) for name in table.columns[:_MOST_COLUMNS]]


def _names(table: Table) -> str:
    more = ", …" if len(table.columns) > _MOST_COLUMNS else ""
    return ", ".join(table.columns[:_MOST_COLUMNS]) + more


def _why_no_model(text: str) -> str:
    return "" if text.strip() else "Name a model"


def _why_no_number(text: str) -> str:
    return "" if read_count(text) else "A whole number from 1"


def _target(context: FlowContext, path: Path) -> Path:
    """Return a new name in the folder of request files of our own."""
    moment: datetime = context.session.clock.now()
    return context.request_folder / f"{file_name(path.stem)}-{moment:%Y%m%d-%H%M%S}.jsonl"


def _make(table: Table, recipe: Recipe, target: Path) -> MadeFile:
    make_private_folder(target.parent)
    requests = make_requests(table, recipe)
    return write_requests(requests, target, id_column=recipe.id_column)


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


async def _ask_extras(context: FlowContext, table: Table, recipe: Recipe) -> Recipe | None:
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
        at = await context.ask(ChoiceDialog(title, choices, current=at))
        if at == 0:
            return form.recipe
        if at is not None:
            form = await list(_FIELDS.values())[at - 1](form)
    return None


async def _ask_system(form: _Form) -> _Form:
    if form.recipe.system is not None:
        return form.put("System prompt", "", replace(form.recipe, system=None))

    body = (line("A text file; {{column}} where a cell goes."),)
    read = partial(_read_template, form.table)
    found = await ask_file(form.context, "System prompt", body, read)
    if found is None:
        return form
    path, system = found
    return form.put("System prompt", path.name, replace(form.recipe, system=system))


def _read_template(table: Table, path: Path) -> Template:
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
    text = await form.context.ask(
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
    typed = ""
    problem: tuple[Line, ...] = ()
    while True:
        dialog = PromptDialog("Params", (*body, *problem), value=typed, confirm="Go on")
        text = await form.context.ask(dialog)
        if text is None:
            return form
        try:
            found = await asyncio.to_thread(read_params, text)
        except BatchtuiError as error:
            typed, problem = text, (line((visible(error.sentence), "problem")),)
            continue
        params = {**form.recipe.params, **found} if found else {}
        said = ", ".join(f"{name}={bytes(value).decode()}" for name, value in params.items())
        return form.put("Params", said, replace(form.recipe, params=params))


def read_params(text: str) -> dict[str, msgspec.Raw]:
    """Return the param that a text is, or none where it is empty. Touches the disk.

    Raises:
        MakeError: It is none, or its file cannot be read.
    """
    if not text.strip():
        return {}
    path = file_of_param(text)
    if path is not None and (why_not := why_not_a_file(path)):
        raise MakeError(why_not)
    return dict([parse_param(text)])


async def _ask_attached(form: _Form) -> _Form:
    if form.recipe.attached:
        return form.put("Images and PDFs", "", replace(form.recipe, attached=()))
    column = await _ask_column(form, "Which column has their paths?", form.table)
    if column is None:
        return form
    return form.put("Images and PDFs", column, replace(form.recipe, attached=(column,)))


async def _ask_column(form: _Form, title: str, table: Table) -> str | None:
    return await form.context.ask(ChoiceDialog(title, _columns_of(table)))


_FIELDS: Mapping[str, Callable[[_Form], Awaitable[_Form]]] = {
    "System prompt": _ask_system,
    "Examples": _ask_examples,
    "Prefill": _ask_prefill,
    "Params": _ask_param,
    "Images and PDFs": _ask_attached,
}
"""By their names, how each is asked for."""
_LABEL = max(map(len, _FIELDS)) + 2
