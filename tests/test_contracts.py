"""Who imports whom, where the import contracts of the project say nothing of it."""

import ast
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

import batchtui

ROOT = Path(__file__).parents[1]
TOP_LEVEL = frozenset(
    f"batchtui.{one.stem}"
    for one in Path(batchtui.__file__).parent.iterdir()
    if one.suffix == ".py" or (one / "__init__.py").exists()
) - {"batchtui.__init__", "batchtui.__main__"}


@pytest.mark.parametrize(
    ("name", "key", "others"),
    [
        ("The simulator shares no code with the rest", "forbidden_modules", {"simulator"}),
        # the command line opens the app
        ("Only the screens know Textual", "source_modules", {"cli", "tui"}),
        (
            "Only the wire and the simulator's transport know httpx",
            "source_modules",
            {"api", "simulator"},
        ),
    ],
)
def test_a_contract_names_every_other_module(name: str, key: str, others: set[str]) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["name"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    assert set(contracts[name][key]) == TOP_LEVEL - {f"batchtui.{one}" for one in others}


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("batchtui", cache_dir=None)
    imported = {one: graph.find_modules_directly_imported_by(one) for one in graph.modules}
    # a circle is an error, which names it
    assert len(tuple(TopologicalSorter(imported).static_order())) == len(graph.modules)


def test_only_the_app_imports_a_screen() -> None:
    graph = grimp.build_graph("batchtui", cache_dir=None)
    screens = [one for one in graph.modules if one.endswith(".screen") and ".screens." in one]
    importers = {
        one for screen in screens for one in graph.find_modules_that_directly_import(screen)
    }
    assert len(screens) == 5
    assert {one.rpartition(".")[0] for one in importers} == {"batchtui.tui"}


def test_no_two_classes_have_one_name() -> None:
    places: dict[str, list[str]] = {}
    for path in Path(batchtui.__file__).parent.rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(path.name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
