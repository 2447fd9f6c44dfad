"""The tables of the README, made from the code. ``python -m tests.readme`` writes them anew."""

from pathlib import Path

from batchtui.cli.verbs import VERBS
from batchtui.config.settings import SETTINGS
from batchtui.results.query import reference
from batchtui.tui.commands.catalog import ALL_COMMANDS
from batchtui.tui.commands.command import key_names

README = Path(__file__).parents[1] / "README.md"


def tables() -> dict[str, str]:
    """Every generated table by the name of its markers."""
    return {
        "keys": _keys(),
        "fields": reference.fields_markdown(),
        "operators": reference.operators_markdown(),
        "examples": reference.examples_markdown(),
        "settings": _settings(),
        "verbs": _verbs(),
    }


def renewed(text: str) -> str:
    """The README with every generated table as the code has it now."""
    for name, table in tables().items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        assert begin, f"the README has no place for the table {name}"
        assert end, f"the place for the table {name} has no end"
        text = f"{before}{begin}{table.strip()}\n{end}{after}"
    return text


def _keys() -> str:
    rows: list[str] = []
    seen: set[str] = set()
    for group in dict.fromkeys(command.group for command in ALL_COMMANDS):
        rows += ["", f"**{group.value}**", "", "| key | | command |", "|---|---|---|"]
        for command in ALL_COMMANDS:
            if command.group is group and command.id() not in seen:
                seen.add(command.id())
                keys = key_names(command.keys).replace("|", "\\|")
                rows.append(
                    f"| {keys} | {command.label} | {command.summary()} (`{command.id()}`) |"
                )
    return "\n".join(rows)


def _settings() -> str:
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for setting in SETTINGS:
        default = setting.kind.format(setting.default) or " "
        rows.append(f"| `{setting.key}` | `{default}` | {setting.help} |".replace("` `", ""))
    return "\n".join(rows)


def _verbs() -> str:
    rows = ["| command | does |", "|---|---|"]
    return "\n".join(
        rows + [f"| `batchtui {verb.name}` | {verb.help} |" for verb in VERBS.values()]
    )


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8")
