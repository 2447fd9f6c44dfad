"""What must hold for any settings and any file."""

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from batchtui.config.kinds import Setting, Value
from batchtui.config.loading import load_settings
from batchtui.config.paths import Paths
from batchtui.config.saving import save_settings
from batchtui.config.settings import KEY_SOURCE_KEYS, SETTINGS, Settings
from batchtui.config.themes import ThemeReader

ENVIRON = {"HOME": "/home/me"}

words = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20
).filter(lambda text: bool(text.strip()))
lines = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=80
)
names = st.from_regex(r"[A-Za-z0-9._-]{1,20}", fullmatch=True)
keys = st.lists(st.sampled_from(["a", "ctrl+x", "f1", "/", "[", "="]), min_size=1).map(",".join)

SPECIAL: dict[str, st.SearchStrategy[Value]] = {
    "key_env": st.from_regex(r"[A-Z_][A-Z0-9_]{0,20}", fullmatch=True),
    "api_version": names,
    "workspace_id": st.from_regex(r"[A-Za-z0-9_-]{0,30}", fullmatch=True),
    "base_url": names.map(lambda name: f"https://x{name.strip('.')}.example:8443/{name}"),
    "key_command": st.lists(words, min_size=1, max_size=4).map(tuple),
    "on_done": st.lists(words, min_size=1, max_size=4).map(tuple),
    "betas": st.lists(names, unique=True, max_size=4).map(tuple),
    "review_labels": st.lists(names, unique=True, max_size=9).map(tuple),
    "keys": st.dictionaries(st.text(st.characters(codec="utf-8")), keys, max_size=4),
    "stall_seconds": st.floats(5, 3600),
    "poll_interval": st.floats(2, 3600),
    "page_size": st.integers(1, 1000),
    "max_cost": st.integers(0, 1_000_000),
}


def values_of(setting: Setting) -> st.SearchStrategy[Value]:
    if setting.kind.is_switch:
        return st.booleans()
    if setting.kind.choices:
        return st.sampled_from(setting.kind.choices)
    return SPECIAL.get(setting.key, lines)


possible = st.fixed_dictionaries(
    {},
    optional={
        one.key: values_of(one)
        for one in SETTINGS
        if one.key not in ("profile", *KEY_SOURCE_KEYS[:2])
    },
)


@contextmanager
def fresh_paths() -> Iterator[Paths]:
    with tempfile.TemporaryDirectory() as folder:
        yield Paths(Path(folder) / "config", Path(folder) / "data")


@given(possible)
@settings(deadline=None)
def test_what_is_saved_is_what_is_loaded(values: dict[str, Value]) -> None:
    with fresh_paths() as paths:
        save_settings(paths, values)
        loaded = load_settings(paths, ENVIRON)
        assert loaded.problems == ()
        assert loaded.settings == Settings().with_values(values)
        save_settings(paths, dict.fromkeys(values))
        assert tomllib.loads(paths.settings_file.read_text()) == {"settings_version": 1}


@given(possible)
@settings(deadline=None)
def test_text_carries_every_value(values: dict[str, Value]) -> None:
    for one in SETTINGS:
        if one.key in values and one.key != "keys":
            value = one.kind.check(values[one.key])
            assert one.kind.parse(one.kind.format(value)) == value


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
@settings(deadline=None)
def test_no_file_stops_the_program(content: bytes) -> None:
    with fresh_paths() as paths:
        paths.config_dir.mkdir()
        paths.settings_file.write_bytes(content)
        load_settings(paths, ENVIRON)
        saved = save_settings(paths, {"page_size": 50})
        assert load_settings(paths, ENVIRON).settings.page_size == 50
        if saved.broken_copy is not None:
            assert saved.broken_copy.read_bytes() == content
        ThemeReader(saved.path, {}).read()


scalars = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=20)
)
trees = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
odd_files = st.dictionaries(
    st.sampled_from([*[one.key for one in SETTINGS], "profiles", "settings_version", "other"]),
    trees | st.dictionaries(st.sampled_from(["a", "b"]), trees, max_size=2),
    max_size=6,
)


@given(odd_files)
@settings(deadline=None)
def test_any_valid_toml_keeps_what_is_not_changed(tree: dict[str, object]) -> None:
    with fresh_paths() as paths:
        paths.config_dir.mkdir()
        paths.settings_file.write_bytes(tomli_w.dumps(tree).encode())
        before = tomllib.loads(paths.settings_file.read_text())
        load_settings(paths, ENVIRON)
        save_settings(paths, {"theme": "paper"})
        after = tomllib.loads(paths.settings_file.read_text())
        expected = {"settings_version": 1, **before, "theme": "paper"}
        assert repr(sorted(after.items())) == repr(sorted(expected.items()))  # nan is not itself
