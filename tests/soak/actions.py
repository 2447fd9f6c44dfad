"""What somebody, or something, does to the program: drawn at random, the likely more often."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.terminal_harness import KEYS

COMMANDS = "cxlnyitosrpdDXRSMaNwu/*.[]L,?:CTvOEzfegkjJKGhHqQ123456bmVW-+=<>&@#%{}()|~!"
"""Keys that are commands somewhere, and some that may become one."""
MOVES = ("up", "down", "left", "right", "pageup", "pagedown", "home", "end", "tab", "shift+tab")
DELIBERATE = ("enter", "enter", "space", "escape", "escape", "backspace", "delete", "f1")
CONTROLS = tuple(f"ctrl+{letter}" for letter in "abdefgklnoprtuwxy@_")
WORDS = (
    "proxy",
    "policy",
    "yes",
    "sync",
    "expired",
    "xylophone",
    "delete it",
    "type:errored",
    "stop:max_tokens -error:overloaded",
    "label with spaces",
    "Ünïcödé 日本語 🎉",
    "[bold red]markup[/]",
    "/(a+)+$/",
    "~/",
    "0",
)
TEXTS = (
    "one line",
    "x\x1by\ryx\ry",
    "\x1b[31mred\x1b[0m and \x1b]0;title\x07",
    "many\nlines\nx\ny\n",
    "\x00\x01\x02\x7f\x9b",
    "long " * 2_000,
    '{"custom_id": "a"}\n' * 40,
)
JUNK = (
    b"\x1b[?61;4;6;22c",
    b"\x1b[?61;4;",
    b"\x1b]11;rgb:ffff/0000/cccc\x1b\\",
    b"\x1bP>|cut (x y",
    b"\x1b[99999999999u",
    b"\x1b[48;9;9;99;99t",
    b"\x1b[<0;9999;9999M",
    b"\x1b[12;40R",
    b"\x1b[200~never closed xy",
    b"\xff\xfe\xe9",
    b"\xc3",
    b"\x1b[?2026;2$y",
    b"\x1b[I\x1b[O",
)


@dataclass(frozen=True)
class Action:
    """One thing that is done."""

    what: str
    """In words, for the report."""
    data: bytes = b""
    """What comes from the terminal."""
    size: tuple[int, int] | None = None
    """A new size of the window."""
    more_sizes: tuple[tuple[int, int], ...] = ()
    """Further sizes, at once after it."""
    signal: str = ""
    """The name of a signal."""
    pause: float = 0.0
    """Seconds until the next action."""


@dataclass
class Person:
    """Draws actions."""

    dice: Random
    """Decides everything."""
    files: Sequence[Path]
    """Paths to type where one is asked for."""
    size: tuple[int, int] = (120, 34)
    """Columns and lines of the window as it is."""
    _kinds: dict[str, tuple[int, Callable[[], Action]]] = field(init=False)

    def __post_init__(self) -> None:
        self._kinds = {
            "key": (40, self._key),
            "move": (25, self._move),
            "deliberate": (30, self._deliberate),
            "control": (4, self._control),
            "burst": (8, self._burst),
            "word": (5, self._word),
            "paste": (4, self._paste),
            "junk": (3, self._junk),
            "mouse": (14, self._mouse),
            "resize": (6, self._resize),
            "signal": (1, self._signal),
            "errand": (6, self._errand),
        }

    def next(self) -> Action:
        """Draw the next action."""
        weights = [weight for weight, _draw in self._kinds.values()]
        kind = self.dice.choices(list(self._kinds), weights)[0]
        return self._kinds[kind][1]()

    def _pause(self) -> float:
        return self.dice.choice([0.0, 0.02, 0.05, 0.1, 0.1, 0.2, 0.3])

    def _pressed(self, *keys: str) -> Action:
        return Action("press " + " ".join(keys), _bytes_of(*keys), pause=self._pause())

    def _key(self) -> Action:
        return self._pressed(self.dice.choice(COMMANDS))

    def _move(self) -> Action:
        return self._pressed(*[self.dice.choice(MOVES)] * self.dice.choice([1, 1, 2, 5]))

    def _deliberate(self) -> Action:
        return self._pressed(*[self.dice.choice(DELIBERATE)] * self.dice.choice([1, 1, 1, 2]))

    def _control(self) -> Action:
        return self._pressed(self.dice.choice(CONTROLS))

    def _burst(self) -> Action:
        pool = [*COMMANDS, *MOVES, *DELIBERATE, *DELIBERATE]
        return self._pressed(*self.dice.choices(pool, k=self.dice.randint(2, 8)))

    def _word(self) -> Action:
        word = self.dice.choice(WORDS)
        return Action(f"type {word!r}", word.encode(), pause=self._pause())

    def _paste(self) -> Action:
        text = self.dice.choice(TEXTS)
        data = b"\x1b[200~" + text.encode() + b"\x1b[201~"
        return Action(f"paste {text[:40]!r}", data, pause=self._pause())

    def _junk(self) -> Action:
        junk = self.dice.choice(JUNK)
        if self.dice.random() < 0.3:
            junk = junk[: self.dice.randint(1, len(junk))]
        return Action(f"junk {junk!r}", junk, pause=self._pause())

    def _mouse(self) -> Action:
        columns, lines = self.size
        x, y = self.dice.randint(1, columns), self.dice.randint(1, lines)
        kind = self.dice.choice(["click", "click", "double", "wheel", "drag", "right"])
        at = f";{x};{y}"
        if kind == "wheel":
            data = f"\x1b[<{self.dice.choice([64, 65])}{at}M" * self.dice.randint(1, 6)
        elif kind == "drag":
            to = f";{self.dice.randint(1, columns)};{self.dice.randint(1, lines)}"
            data = f"\x1b[<0{at}M\x1b[<32{to}M\x1b[<0{to}m"
        else:
            button = 2 if kind == "right" else 0
            data = f"\x1b[<{button}{at}M\x1b[<{button}{at}m" * (2 if kind == "double" else 1)
        return Action(f"{kind} at {x},{y}", data.encode(), pause=self._pause())

    def _resize(self) -> Action:
        sizes = [self._size() for _ in range(self.dice.choice([1, 1, 2, 2, 3, 8]))]
        self.size = sizes[-1]
        return Action(
            f"resize {sizes}", size=sizes[0], more_sizes=tuple(sizes[1:]), pause=self._pause()
        )

    def _size(self) -> tuple[int, int]:
        usual = [(120, 34), (80, 24), (200, 60), (40, 10)]
        if self.dice.random() < 0.6:
            return self.dice.choice(usual)
        return self.dice.randint(10, 180), self.dice.randint(3, 60)

    def _signal(self) -> Action:
        name = self.dice.choice(["TSTP", "TSTP", "TSTP", "WINCH", "CONT", "TERM", "HUP", "INT"])
        return Action(f"signal {name}", signal=name, pause=0.2)

    def _errand(self) -> Action:
        """Go where single keys seldom lead."""
        path = f"{self.dice.choice(self.files)}"
        errands: dict[str, tuple[str, ...]] = {
            "go to the list": ("escape",) * 6,
            "open results": ("escape", "escape", "enter"),
            "new batch": ("n", "ctrl+u", path, "enter"),
            "send": ("enter", "enter"),
            "attach": ("a", "ctrl+u", path, "enter"),
            "read": ("enter", "enter", "v", "v"),
            "send again": ("R", "enter", "enter"),
            "palette": (":", self.dice.choice(WORDS), "pagedown", "enter"),
            "palette at once": (":", "e", "enter", "enter"),
            "settings": (",", "down", "down", "enter"),
            "cancel": ("c", "tab", "enter"),
            "delete": ("x", "tab", "enter"),
            "label": ("l", self.dice.choice(WORDS), "enter", "enter"),
            "go to id": ("i", "msgbatch_x", "enter", "enter"),
            "query": ("/", self.dice.choice(WORDS), "enter"),
        }
        name = self.dice.choice(list(errands))
        data = _bytes_of(*errands[name])
        return Action(f"errand: {name}", data, pause=self._pause() + 0.1)


def _bytes_of(*keys: str) -> bytes:
    typed = []
    for key in keys:
        if key.startswith("ctrl+"):
            typed.append(chr(ord(key[-1]) & 0x1F))
        else:
            typed.append(KEYS.get(key, key))
    return "".join(typed).encode()
