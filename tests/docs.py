"""The tables of the pages under ``batchtui/docs``. ``python -m tests.docs`` makes them again."""

import argparse
import ast
import inspect
import re
from collections.abc import Mapping
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

import batchtui
from batchtui.cli.parsing import make_parser
from batchtui.cli.verbs import APP, VERBS, Verb
from batchtui.config.settings import SETTINGS
from batchtui.results.query.manual import EXAMPLES, OPERATORS
from batchtui.results.query.reference import FIELDS
from batchtui.simulator.behavior import Behavior
from batchtui.simulator.faults import Fault
from batchtui.simulator.scenarios import SCENARIOS
from batchtui.tui.commands.catalog import ALL_COMMANDS
from batchtui.tui.commands.command import Command, key_name, key_names

DOCS = Path(batchtui.__file__).parent / "docs"

_COMMON = {"-h", "--help", "--version"}
"""Options that are told once."""


def tables() -> Mapping[str, str]:
    """Every generated table by the name of its markers."""
    return {
        "keys": _keys(),
        "meanings": _meanings(),
        "fields": _fields(),
        "operators": _table("written", "means", {one.sign: one.summary for one in OPERATORS}),
        "examples": _table("query", "finds", {one.query: one.summary for one in EXAMPLES}),
        "settings": _settings(),
        "verbs": _verbs(),
        "options": "\n\n".join(map(_options, (APP, *VERBS.values()))),
        "scenarios": _table(
            "scenario", "holds", {name: build.__doc__ for name, build in SCENARIOS.items()}
        ),
        "habits": _attributes(Behavior),
        "faults": _attributes(Fault),
    }


def renewed(text: str) -> str:
    """A page with every generated table as the code has it now."""
    made = tables()

    def table(found: re.Match[str]) -> str:
        return f"{found[1]}{made[found[2]].strip()}\n<!-- end -->"

    return re.sub(r"(<!-- (\w+) -->\n).*?<!-- end -->", table, text, flags=re.DOTALL)


def _keys() -> str:
    rows: list[str] = []
    seen: set[str] = set()
    for group in dict.fromkeys(command.group for command in ALL_COMMANDS):
        rows += ["", f"**{group.value}**", "", "| key | | command |", "|---|---|---|"]
        for command in ALL_COMMANDS:
            if command.group is group and command.id() not in seen:
                seen.add(command.id())
                keys = _cell(key_names(command.keys))
                said = f"{command.summary()} (`{command.id()}`)"
                rows.append(f"| {keys} | {command.label} | {said} |")
    return "\n".join(rows)


def _meanings() -> str:
    shared: dict[str, list[type[Command]]] = {}
    for command in ALL_COMMANDS:
        if command.act:
            shared.setdefault(command.act, []).append(command)
    rows = ["| key | meaning | commands |", "|---|---|---|"]
    for act, commands in shared.items():
        ids = dict.fromkeys(command.id() for command in commands)
        if len(ids) > 1:
            names = ", ".join(f"`{one}`" for one in ids)
            rows.append(f"| {_cell(key_name(commands[0].keys.split(',')[0]))} | {act} | {names} |")
    return "\n".join(rows)


def _fields() -> str:
    rows = ["| field | looks at | example |", "|---|---|---|"]
    rows += [f"| `{field.name}` | {field.summary} | `{field.example}` |" for field in FIELDS]
    return "\n".join(rows)


def _settings() -> str:
    rows: list[str] = []
    for group in dict.fromkeys(setting.group for setting in SETTINGS):
        rows += ["", f"**{group}**", "", "| setting | default | what it does |", "|---|---|---|"]
        for setting in SETTINGS:
            if setting.group == group:
                default = setting.kind.format(setting.default)
                shown = (
                    f"`{default}`{' ' + setting.unit if setting.unit else ''}" if default else ""
                )
                rows.append(f"| `{setting.key}` | {shown} | {setting.help} |")
    return "\n".join(rows)


def _verbs() -> str:
    return _table("command", "does", {f"batchtui {one.name}": one.help for one in VERBS.values()})


def _options(verb: Verb) -> str:
    parser = make_parser(verb)
    actions: list[argparse.Action] = []

    class Collector(argparse.HelpFormatter):
        def add_argument(self, action: argparse.Action) -> None:
            actions.append(action)

    epilog, parser.epilog = parser.epilog, None
    parser.formatter_class = Collector
    parser.format_help()
    if verb is APP:
        _COMMON.update(name for action in actions for name in action.option_strings)
    lines = [f"## batchtui {verb.name}".strip(), "", f"{verb.help[0].upper()}{verb.help[1:]}", ""]
    if verb.needs_account and verb is not APP:
        lines[2] += ". Takes the options that choose an account, see above."
    for action in actions:
        if (
            not _COMMON.issuperset(action.option_strings)
            or verb is APP
            or not action.option_strings
        ):
            names = ", ".join(action.option_strings)
            value = "" if action.nargs == 0 else str(action.metavar or _choices(action))
            said = (action.help or "").replace("%%", "%")
            lines.append(f"- `{f'{names} {value}'.strip()}`: {said}")
    if epilog and verb is not APP:
        lines += ["", "```text", epilog.strip(), "```"]
    return "\n".join(lines)


def _choices(action: argparse.Action) -> str:
    return "|".join(map(str, action.choices)) if action.choices else action.dest.upper()


def _attributes(described: type[Behavior | Fault]) -> str:
    """What a class says of its fields: the text that stands beneath each."""
    body = ast.parse(inspect.cleandoc(inspect.getsource(described))).body[0]
    assert isinstance(body, ast.ClassDef)
    said = {}
    for one, beneath in pairwise(body.body):
        match one, beneath:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(str(text))):
                said[name] = text
    known = [field.name for field in fields(described)]
    assert list(said) == known, f"each field of {described.__name__} is described"
    return _table("name", "says", said)


def _table(first: str, second: str, rows: Mapping[str, str | None]) -> str:
    lines = [f"| {first} | {second} |", "|---|---|"]
    lines += [f"| `{name}` | {_cell(text or '')} |" for name, text in rows.items()]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("``", "`")


if __name__ == "__main__":
    for page in DOCS.glob("*.md"):
        page.write_text(renewed(page.read_text(encoding="utf-8")), encoding="utf-8")
