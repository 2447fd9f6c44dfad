"""Every setting: its name, type, default, limits, help and environment variables, once.

Whoever needs a list of them (loader, settings screen, README, command line) walks `SETTINGS`.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from batchtui.config.kinds import (
    Choice,
    KeyTable,
    Line,
    Names,
    Seconds,
    Switch,
    Url,
    Value,
    Whole,
    Words,
)
from batchtui.config.schema import Setting, declare, setting_of
from batchtui.endpoint import STANDARD_URL, STANDARD_VERSION

DEFAULT_PROFILE = "default"
"""The name for what stands outside every ``[profiles.NAME]`` table."""

KEY_SOURCE_KEYS = ("key_command", "key_file", "key_env")
"""Three ways to say one thing: whoever says one of them overrides whatever was said of all three.
Said together in one place, the first in this order is used."""

PROFILE_COLORS = ("none", "red", "yellow", "green", "cyan", "blue", "magenta")

_CONNECTION = "Connection"
_LIST = "Batch list"
_SAFETY = "Safety"
_RESULTS = "Results"
_DONE = "When a batch is done"
_SCREEN = "Screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the user decided, or the defaults.

    The help of each setting stands in its declaration; `SETTINGS` has them in this order.
    """

    profile: str = field(
        default=DEFAULT_PROFILE,
        metadata=declare(
            Line("the name of a profile", r".{1,80}"),
            _CONNECTION,
            "The profile to start with: default, or the NAME of a [profiles.NAME] table.",
            in_profile=False,
        ),
    )
    base_url: str = field(
        default=STANDARD_URL,
        metadata=declare(
            Url(),
            _CONNECTION,
            "The server to talk to; a gateway's address may have a path.",
            variables=("BATCHTUI_BASE_URL", "ANTHROPIC_BASE_URL"),
        ),
    )
    key_env: str = field(
        default="",
        metadata=declare(
            Line(
                "the name of an environment variable, not the key itself",
                r"([A-Za-z_][A-Za-z0-9_]*)?",
            ),
            _CONNECTION,
            "Variable that holds the API key; empty: ANTHROPIC_API_KEY, then ANTHROPIC_AUTH_TOKEN.",
        ),
    )
    key_file: str = field(
        default="",
        metadata=declare(
            Line("the path of a file"),
            _CONNECTION,
            "File that holds the API key and nothing else; only you should be able to read it.",
        ),
    )
    key_command: tuple[str, ...] = field(
        default=(),
        metadata=declare(
            Words('["op", "read", "op://vault/key"]'),
            _CONNECTION,
            "Command that prints the API key, such as a password manager's; run without a shell.",
        ),
    )
    key_header: str = field(
        default="auto",
        metadata=declare(
            Choice(("auto", "x-api-key", "bearer")),
            _CONNECTION,
            "How the key is sent; auto is bearer for ANTHROPIC_AUTH_TOKEN, else x-api-key.",
        ),
    )
    api_version: str = field(
        default=STANDARD_VERSION,
        metadata=declare(
            Line(f"a version such as {STANDARD_VERSION}", r"[A-Za-z0-9._-]{1,40}"),
            _CONNECTION,
            "The anthropic-version header.",
        ),
    )
    use_beta_endpoints: bool = field(
        default=True,
        metadata=declare(
            Switch(),
            _CONNECTION,
            "Call the endpoints with ?beta=true; some gateways know only those without it.",
        ),
    )
    betas: tuple[str, ...] = field(
        default=(),
        metadata=declare(
            Names(),
            _CONNECTION,
            "Names to send in the anthropic-beta header, besides the one for batches.",
        ),
    )
    profile_color: str = field(
        default="none",
        metadata=declare(
            Choice(PROFILE_COLORS),
            _CONNECTION,
            "Colour of the profile's name in the header, to tell production from the rest.",
        ),
    )
    stall_seconds: float = field(
        default=60.0,
        metadata=declare(
            Seconds(5, 3600),
            _CONNECTION,
            "Seconds without a single byte after which a call or a download has stalled.",
        ),
    )
    page_size: int = field(
        default=20,
        metadata=declare(Whole(1, 1000), _LIST, "Batches on one page of the list."),
    )
    auto_refresh: bool = field(
        default=True,
        metadata=declare(
            Switch(), _LIST, "Check live batches by itself; off, only when you press refresh."
        ),
    )
    poll_interval: float = field(
        default=5.0,
        metadata=declare(
            Seconds(2, 3600),
            _LIST,
            "Seconds between two checks of live batches, at the quickest.",
        ),
    )
    time_display: str = field(
        default="local",
        metadata=declare(
            Choice(("local", "utc")), _LIST, "Times of day in your own time zone or in UTC."
        ),
    )
    read_only: bool = field(
        default=False,
        metadata=declare(
            Switch(), _SAFETY, "Refuse everything that changes something: create, cancel, delete."
        ),
    )
    confirm_cancel: bool = field(
        default=True, metadata=declare(Switch(), _SAFETY, "Ask before a batch is cancelled.")
    )
    confirm_delete: bool = field(
        default=True, metadata=declare(Switch(), _SAFETY, "Ask before a batch is deleted.")
    )
    keep_results: bool = field(
        default=True,
        metadata=declare(
            Switch(),
            _RESULTS,
            "Keep downloaded results on this disk; off, they go when you leave them.",
        ),
    )
    download_dir: str = field(
        default="",
        metadata=declare(
            Line("the path of a folder"),
            _RESULTS,
            "Folder for downloaded results; empty means the program's own data folder.",
        ),
    )
    export_dir: str = field(
        default="",
        metadata=declare(
            Line("the path of a folder"),
            _RESULTS,
            "Folder that exports go to; empty means the folder you started in.",
        ),
    )
    notify_toast: bool = field(
        default=True, metadata=declare(Switch(), _DONE, "Say it in a corner of the screen.")
    )
    notify_bell: bool = field(
        default=False, metadata=declare(Switch(), _DONE, "Ring the terminal's bell.")
    )
    notify_title: bool = field(
        default=True, metadata=declare(Switch(), _DONE, "Put it in the terminal's title.")
    )
    notify_osc: bool = field(
        default=True,
        metadata=declare(
            Switch(), _DONE, "Ask the terminal for a desktop notification, where it can show one."
        ),
    )
    on_done: tuple[str, ...] = field(
        default=(),
        metadata=declare(
            Words('["notify-send", "batch done"]'),
            _DONE,
            "Command to run, without a shell; the facts are in its BATCHTUI_ variables.",
        ),
    )
    theme: str = field(
        default="inkwell",
        metadata=declare(
            Line("the name of a theme", r".{1,80}"),
            _SCREEN,
            "The colours; batchtui themes lists them.",
        ),
    )
    color_depth: str = field(
        default="auto",
        metadata=declare(
            Choice(("auto", "truecolor", "256", "16", "none")),
            _SCREEN,
            "How many colours the terminal is given; auto asks the terminal and NO_COLOR.",
        ),
    )
    glyphs: str = field(
        default="auto",
        metadata=declare(
            Choice(("auto", "unicode", "ascii")),
            _SCREEN,
            "The signs for states and bars; auto takes ASCII where the locale is not UTF-8.",
        ),
    )
    motion: str = field(
        default="auto",
        metadata=declare(
            Choice(("auto", "on", "off")), _SCREEN, "Animations; auto has none over SSH."
        ),
    )
    mouse: bool = field(
        default=True,
        metadata=declare(
            Switch(), _SCREEN, "Use the mouse; off, the terminal keeps it for selecting text."
        ),
    )
    driver: str = field(
        default="diff",
        metadata=declare(
            Choice(("diff", "plain")),
            _SCREEN,
            "diff sends the terminal only what changed; plain is Textual's own way.",
        ),
    )
    keys: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({}),
        metadata=declare(
            KeyTable(),
            "Keys",
            "Other keys for commands; batchtui keys lists their ids.",
            variables=(),
            in_profile=False,
        ),
    )

    def value(self, key: str) -> Value:
        """Return the value of a setting by its name.

        Raises:
            KeyError: There is no such setting.
        """
        if key not in SETTING_BY_KEY:
            raise KeyError(key)
        found: Value = getattr(self, key)
        return found

    def with_values(self, values: Mapping[str, Value]) -> "Settings":
        """Return these settings with some values changed.

        Args:
            values: By name; checked here, so that no impossible value gets in.

        Raises:
            KeyError: There is no such setting.
            ValueError: A value is not possible.
        """
        twin = copy.copy(self)
        for key, value in values.items():
            # The class is frozen for everybody else; this copy is nobody's yet.
            object.__setattr__(twin, key, SETTING_BY_KEY[key].kind.check(value))
        return twin


SETTINGS: tuple[Setting, ...] = tuple(setting_of(declared) for declared in fields(Settings))
"""All settings in the order to show them; those of one group stand together."""

SETTING_BY_KEY: Mapping[str, Setting] = MappingProxyType({one.key: one for one in SETTINGS})
"""The same by name."""
