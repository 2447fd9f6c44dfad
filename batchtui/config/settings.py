"""Every setting: its name, type, default, limits, help and environment variables, once.

Whoever needs a list of them (loader, settings screen, manual, command line) walks `SETTINGS`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from msgspec import NODEFAULT, Struct, structs

from batchtui.config.kinds import (
    Setting,
    Value,
    choice,
    key_table,
    line,
    names,
    seconds,
    switch,
    url,
    whole,
    words,
)
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


class Settings(Struct, frozen=True, kw_only=True):
    """What the user decided, or the defaults.

    The help of each setting stands in its declaration; `SETTINGS` has them in this order.
    """

    profile: Annotated[
        str,
        Setting(
            line("the name of a profile", ".{1,80}"),
            _CONNECTION,
            "The profile to start with: default, or the NAME of a [profiles.NAME] table.",
            in_profile=False,
            protects=True,
        ),
    ] = DEFAULT_PROFILE
    base_url: Annotated[
        str,
        Setting(
            url(),
            _CONNECTION,
            "The server to talk to; a gateway's address may have a path.",
            other_variable="ANTHROPIC_BASE_URL",
            protects=True,
        ),
    ] = STANDARD_URL
    key_env: Annotated[
        str,
        Setting(
            line(
                "the name of an environment variable, not the key itself",
                "([A-Za-z_][A-Za-z0-9_]*)?",
            ),
            _CONNECTION,
            "Variable that holds the API key; empty: ANTHROPIC_API_KEY, then ANTHROPIC_AUTH_TOKEN.",
            protects=True,
        ),
    ] = ""
    key_file: Annotated[
        str,
        Setting(
            line("the path of a file"),
            _CONNECTION,
            "File that holds the API key and nothing else; only you should be able to read it.",
            protects=True,
        ),
    ] = ""
    key_command: Annotated[
        tuple[str, ...],
        Setting(
            words('["op", "read", "op://vault/key"]'),
            _CONNECTION,
            "Command that prints the API key, such as a password manager's; run without a shell.",
            protects=True,
        ),
    ] = ()
    key_header: Annotated[
        str,
        Setting(
            choice("auto", "x-api-key", "bearer"),
            _CONNECTION,
            "How the key is sent; auto is bearer for ANTHROPIC_AUTH_TOKEN, else x-api-key.",
            protects=True,
        ),
    ] = "auto"
    workspace_id: Annotated[
        str,
        Setting(
            line("the id of a workspace, such as wrkspc_01ABC", "[A-Za-z0-9_-]{0,100}"),
            _CONNECTION,
            "Workspace to work in, for keys that may use several (anthropic-workspace-id header).",
            protects=True,
        ),
    ] = ""
    api_version: Annotated[
        str,
        Setting(
            line(f"a version such as {STANDARD_VERSION}", "[A-Za-z0-9._-]{1,40}"),
            _CONNECTION,
            "The anthropic-version header.",
        ),
    ] = STANDARD_VERSION
    use_beta_endpoints: Annotated[
        bool,
        Setting(
            switch(),
            _CONNECTION,
            "Call the endpoints with ?beta=true; some gateways know only those without it.",
        ),
    ] = True
    betas: Annotated[
        tuple[str, ...],
        Setting(
            names(),
            _CONNECTION,
            "Names to send in the anthropic-beta header, besides the one for batches.",
        ),
    ] = ()
    profile_color: Annotated[
        str,
        Setting(
            choice(*PROFILE_COLORS),
            _CONNECTION,
            "Color of the profile's name in the header, to tell production from the rest.",
        ),
    ] = "none"
    stall_seconds: Annotated[
        float,
        Setting(
            seconds(5, 3600),
            _CONNECTION,
            "Seconds without a single byte after which a call or a download has stalled.",
            unit="s",
        ),
    ] = 60.0
    page_size: Annotated[
        int | str,
        Setting(
            whole(1, 1000, word="auto"),
            _LIST,
            "Batches on one page of the list; auto: as many as the window has room for.",
        ),
    ] = "auto"
    auto_refresh: Annotated[
        bool,
        Setting(switch(), _LIST, "Check live batches automatically; if off, only on Refresh."),
    ] = True
    poll_interval: Annotated[
        float,
        Setting(
            seconds(2, 3600),
            _LIST,
            "Seconds between two checks of live batches, at the quickest.",
            unit="s",
        ),
    ] = 5.0
    time_display: Annotated[
        str, Setting(choice("local", "utc"), _LIST, "Times of day in your own time zone or in UTC.")
    ] = "local"
    read_only: Annotated[
        bool,
        Setting(
            switch(),
            _SAFETY,
            "Refuse everything that changes something: create, cancel, delete.",
            protects=True,
        ),
    ] = False
    max_cost: Annotated[
        int,
        Setting(
            whole(0, 1_000_000),
            _SAFETY,
            "Ask before a batch whose estimated cost exceeds this many US dollars; 0: no limit.",
            protects=True,
            words="money price budget limit",
            unit="US dollars",
        ),
    ] = 0
    confirm_cancel: Annotated[
        bool, Setting(switch(), _SAFETY, "Ask before a batch is canceled.", protects=True)
    ] = True
    confirm_delete: Annotated[
        bool, Setting(switch(), _SAFETY, "Ask before a batch is deleted.", protects=True)
    ] = True
    allow_plain_http: Annotated[
        bool,
        Setting(switch(), _SAFETY, "Talk to another machine over http://, which encrypts nothing."),
    ] = False
    allow_shared_key_file: Annotated[
        bool,
        Setting(switch(), _SAFETY, "Use a key file that other users of this machine can read."),
    ] = False
    keep_results: Annotated[
        bool,
        Setting(
            switch(),
            _RESULTS,
            "Keep downloaded results on this disk; off, they go when you leave them.",
        ),
    ] = True
    download_dir: Annotated[
        str,
        Setting(
            line("the path of a folder"),
            _RESULTS,
            "Folder for downloaded results; empty means the program's own data folder.",
        ),
    ] = ""
    export_dir: Annotated[
        str,
        Setting(
            line("the path of a folder"),
            _RESULTS,
            "Folder that exports go to; empty means the folder you started in.",
        ),
    ] = ""
    review_labels: Annotated[
        tuple[str, ...],
        Setting(
            names(),
            _RESULTS,
            "Verdicts of a review in the order of the keys 1 to 9.",
        ),
    ] = ("good", "bad", "unsure")
    notify_toast: Annotated[bool, Setting(switch(), _DONE, "Say it in a corner of the screen.")] = (
        True
    )
    notify_bell: Annotated[bool, Setting(switch(), _DONE, "Ring the terminal's bell.")] = False
    notify_title: Annotated[bool, Setting(switch(), _DONE, "Put it in the terminal's title.")] = (
        True
    )
    notify_osc: Annotated[
        bool,
        Setting(
            switch(), _DONE, "Ask the terminal for a desktop notification, where it can show one."
        ),
    ] = True
    on_done: Annotated[
        tuple[str, ...],
        Setting(
            words('["notify-send", "batch done"]'),
            _DONE,
            "Command to run, without a shell; the facts are in its BATCHTUI_ variables.",
        ),
    ] = ()
    on_done_gets_key: Annotated[
        bool, Setting(switch(), _DONE, "Leave the API key in the environment of that command.")
    ] = False
    theme: Annotated[
        str,
        Setting(
            line("the name of a theme", ".{1,80}"),
            _SCREEN,
            "The colors; batchtui themes lists them.",
        ),
    ] = "inkwell"
    color_depth: Annotated[
        str,
        Setting(
            choice("auto", "truecolor", "256", "16", "none"),
            _SCREEN,
            "How many colors the terminal is given; auto asks the terminal and NO_COLOR.",
        ),
    ] = "auto"
    glyphs: Annotated[
        str,
        Setting(
            choice("auto", "unicode", "ascii"),
            _SCREEN,
            "The signs for states and bars; auto takes ASCII where the locale is not UTF-8.",
        ),
    ] = "auto"
    motion: Annotated[
        str, Setting(choice("auto", "on", "off"), _SCREEN, "Animations; auto has none over SSH.")
    ] = "auto"
    mouse: Annotated[
        bool,
        Setting(switch(), _SCREEN, "Use the mouse; off, the terminal keeps it for selecting text."),
    ] = True
    driver: Annotated[
        str,
        Setting(
            choice("diff", "plain"),
            _SCREEN,
            "diff sends the terminal only what changed; plain is Textual's own way.",
        ),
    ] = "diff"
    keys: Annotated[
        Mapping[str, str],
        Setting(
            key_table(),
            "Keys",
            "Other keys for commands; batchtui keys lists their ids.",
            in_profile=False,
            in_environment=False,
        ),
    ] = {}

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
        checked = {key: SETTING_BY_KEY[key].kind.check(value) for key, value in values.items()}
        return structs.replace(self, **checked)


def _declared(field: structs.FieldInfo) -> Setting:
    """Return the setting that stands beside a field's type."""
    said: Setting = Settings.__annotations__[field.name].__metadata__[0]
    default = field.default if field.default is not NODEFAULT else {}
    return structs.replace(said, key=field.name, default=default)


SETTINGS: tuple[Setting, ...] = tuple(map(_declared, structs.fields(Settings)))
"""All settings in the order to show them; those of one group stand together."""

SETTING_BY_KEY: Mapping[str, Setting] = MappingProxyType({one.key: one for one in SETTINGS})
"""The same by name."""
