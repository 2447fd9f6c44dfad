"""Real widgets, used at random: after every frame both terminals show the same."""

from collections.abc import Awaitable, Callable
from typing import ClassVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static, TextArea

from tests.tui.terminal.sessions import RecordingDriver, Twins, play

ITEMS = [
    f"{number:5} doc-{number * 7919 % 100_003} " + extra
    for number, extra in enumerate(
        ["", "漢字かな", "résumé", "e\u0301tude", "한국어 텍스트", "[b]not markup[/b]"] * 20
    )
]
TEXT = "The first line\n漢字 and e\u0301 in the second\n" + "x" * 90 + "\n" + "word " * 60


class Question(ModalScreen[None]):
    CSS = "Question { align: center middle; } #box { width: 30; height: 7; border: heavy red; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Close")]

    def compose(self) -> ComposeResult:
        yield Static("Cancel 漢字 this batch?\n[not markup]", id="box", markup=False)


class SmallApp(App[None]):
    """A list, a text and an input: scrolling, wide characters, overlays."""

    CSS = "OptionList { width: 2fr; } TextArea { width: 1fr; } Horizontal { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "ask", "Ask")]
    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield OptionList(*ITEMS, markup=False)
            yield TextArea(TEXT)
        yield Input("漢字 in the input")
        yield Footer()

    def action_ask(self) -> None:
        self.push_screen(Question())


KEYS = st.sampled_from(
    ["down", "down", "up", "pagedown", "pageup", "end", "home", "tab", "f2", "escape", "a", "漢"]
)
SIZES = st.tuples(st.integers(30, 110), st.integers(8, 40))
STEPS = st.lists(st.one_of(KEYS, KEYS, KEYS, SIZES), min_size=1, max_size=14)


def using(
    steps: list[str | tuple[int, int]],
) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def script(pilot: Pilot[None]) -> None:
        for step in steps:
            if isinstance(step, str):
                await pilot.press(step)
            else:
                driver = pilot.app._driver
                assert isinstance(driver, RecordingDriver)
                await driver.resize(*step)

    return script


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
async def test_both_terminals_show_the_same(steps: list[str | tuple[int, int]]) -> None:
    await play(lambda driver: SmallApp(driver_class=driver), using(steps))


async def test_scrolling_a_list_sends_much_less() -> None:
    start = await play(lambda driver: SmallApp(driver_class=driver), using(["tab", "down"]))
    end = await play(lambda driver: SmallApp(driver_class=driver), using(["tab", *["down"] * 40]))
    assert _bytes_between(start, end) < (end.plain_bytes - start.plain_bytes) / 8


def _bytes_between(start: Twins, end: Twins) -> int:
    return end.thin_bytes - start.thin_bytes
