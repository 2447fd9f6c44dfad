"""``batchtui paths``: the files and folders that are used."""

import argparse
from pathlib import Path

from batchtui.cli.common import account_of, add_json_option
from batchtui.cli.exits import DONE
from batchtui.cli.output import Output
from batchtui.cli.table import TextColumn
from batchtui.config.loading import LoadedSettings
from batchtui.untrusted import visible


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the verb."""
    add_json_option(parser)
    parser.epilog = (
        "BATCHTUI_CONFIG_DIR and BATCHTUI_DATA_DIR choose other folders.\n"
        "JSON fields: name, path, exists."
    )


def run(options: argparse.Namespace) -> int:
    """List the files and folders."""
    loaded = account_of(options).loaded
    out = Output(as_json=options.json)
    places = places_of(loaded)
    if out.is_table:
        rows = [
            (name, "" if path.exists() else "not there", visible(str(path)))
            for name, path in places.items()
        ]
        out.table((TextColumn("WHAT"), TextColumn(""), TextColumn("WHERE")), rows)
    else:
        for name, path in places.items():
            out.record({"name": name, "path": str(path), "exists": path.exists()})
    return DONE


def places_of(loaded: LoadedSettings) -> dict[str, Path]:
    """Every place that the program reads or writes by itself."""
    paths = loaded.paths
    return {
        "config": paths.config_dir,
        "settings": paths.settings_file,
        "themes": paths.themes_dir,
        "prices": paths.prices_file,
        "keys": paths.keys_dir,
        "data": paths.data_dir,
        "profile": loaded.data_dir,
        "ledger": loaded.ledger_file,
        "requests": loaded.requests_dir,
        "results": loaded.results_dir,
    }
