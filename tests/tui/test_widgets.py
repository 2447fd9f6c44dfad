"""Lists and views: the cursor, what is repainted, text that is not ours."""

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip

from batchtui.tui.lines import Line, Span, line
from batchtui.tui.widgets.action_bar import ActionItem, bar_line
from batchtui.tui.widgets.columns import Column, place_columns, table_line
from batchtui.tui.widgets.line_list import GUTTER, LineList, ValueList
from batchtui.tui.widgets.line_view import LineView
from batchtui.tui.widgets.painting import fit
from tests.tui.support import idle


class NumberList(LineList):
    """Rows that say their number, and a note of which were painted."""

    painted: list[int]

    def header(self, width: int) -> Line | None:
        del width
        return line(("NUMBER", "muted"))

    def line_of(self, row: int, width: int) -> Line:
        del width
        self.painted.append(row)
        return line(f"row {row} [b]not markup[/]")


class ListApp(App[None]):
    CSS = """
    LineList > .line-list--cursor { background: blue; }
    """

    def compose(self) -> ComposeResult:
        numbers = NumberList(id="numbers")
        numbers.painted = []
        yield numbers

    def on_mount(self) -> None:
        numbers = self.query_one(NumberList)
        numbers.row_count = 1_000_000
        numbers.focus()


def screen_text(app: App[None]) -> list[str]:
    """The text of every line of the screen."""
    width, height = app.size
    return [
        "".join(segment.text for segment in app.screen._compositor.render_strips()[y])[:width]
        for y in range(height)
    ]


async def test_a_million_rows_paint_only_what_is_seen() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        numbers = app.query_one(NumberList)
        await idle(pilot)
        assert set(numbers.painted) <= set(range(10))
        await pilot.press("G")
        await idle(pilot)
        assert numbers.cursor == 999_999
        assert max(numbers.painted) == 999_999
        assert len(set(numbers.painted)) < 30
        assert "row 999999 [b]not markup[/]" in "\n".join(screen_text(app))


async def test_no_color_of_a_state_stands_on_the_color_of_the_cursor() -> None:
    class StateList(NumberList):
        def line_of(self, row: int, width: int) -> Line:
            return line((f"row {row}", "muted"), ("  failed", "strong"))

    class StateApp(ListApp):
        def compose(self) -> ComposeResult:
            states = StateList(id="numbers")
            states.painted = []
            yield states

    app = StateApp()
    async with app.run_test(size=(40, 10)) as pilot:
        states = app.query_one(StateList)
        await idle(pilot)
        header, *rows = (states.render_line(y).crop(GUTTER, 14) for y in range(3))
        cursor, other = ({segment.style for segment in row if segment.text} for row in rows)
        assert header.text.strip() == "NUMBER"
        assert len(cursor) == 1
        assert len(other) == 2


class NameList(ValueList[str]):
    def value_line(self, name: str, width: int, /) -> Line:
        return line(f"{name} in {width}")


async def test_a_list_of_values_shows_those_of_before_and_after_it_is_there() -> None:
    class NamesApp(App[None]):
        def compose(self) -> ComposeResult:
            names = NameList(id="numbers")
            names.values = ("one", "two")
            yield names

    app = NamesApp()
    async with app.run_test(size=(40, 10)) as pilot:
        names = app.query_one(NameList)
        names.focus()
        await idle(pilot)
        width = names.line_width - GUTTER
        assert [text.strip() for text in screen_text(app)[:3]] == [
            f"▌ one in {width}",
            f"two in {width}",
            "",
        ]
        await pilot.press("end")
        assert names.cursor == 1
        names.values = ("three",)
        await idle(pilot)
        assert names.cursor == 0
        assert [text.strip() for text in screen_text(app)[:2]] == [f"▌ three in {width}", ""]


async def test_one_step_of_the_cursor_repaints_two_rows() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        numbers = app.query_one(NumberList)
        await idle(pilot)
        numbers.painted.clear()
        await pilot.press("j")
        await idle(pilot)
        assert sorted(set(numbers.painted)) == [0, 1]


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["down", "j"], 2),
        (["pagedown"], 9),
        (["G", "k"], 999_998),
        (["G", "home"], 0),
        (["up"], 0),
        (["ctrl+d", "ctrl+u"], 0),
    ],
)
async def test_arrows_and_vim_keys_move(keys: list[str], row: int) -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press(*keys)
        assert app.query_one(NumberList).cursor == row


async def test_the_cursor_stays_on_a_row_when_rows_go() -> None:
    app = ListApp()
    async with app.run_test(size=(40, 10)) as pilot:
        numbers = app.query_one(NumberList)
        await pilot.press("G")
        numbers.row_count = 5
        await idle(pilot)
        assert numbers.cursor == 4
        assert "row 4" in "\n".join(screen_text(app))
        numbers.row_count = 0
        await idle(pilot)
        assert numbers.cursor == 0


class ViewApp(App[None]):
    def compose(self) -> ComposeResult:
        yield LineView(id="view")


async def test_a_view_repaints_only_lines_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ViewApp()
    async with app.run_test(size=(20, 6)) as pilot:
        view = app.query_one(LineView)
        view.lines = (line("one"), line("two"), line("three"))
        await idle(pilot)
        seen: list[int] = []
        paint = view.render_line

        def noting(y: int) -> Strip:
            seen.append(y)
            return paint(y)

        monkeypatch.setattr(view, "render_line", noting)
        view.lines = (line("one"), line("TWO"), line("three"))
        await idle(pilot)
        assert seen == [1]
        assert "TWO" in screen_text(app)[1]


@pytest.mark.parametrize(
    ("text", "width", "align", "expected"),
    [
        ("abc", 5, "left", "abc  "),
        ("abc", 5, "right", "  abc"),
        ("abcdef", 4, "left", "abc…"),
        ("日本語", 5, "left", "日本…"),
        ("日本語", 4, "left", "日… "),
        ("x", 0, "left", ""),
    ],
)
def test_fit_counts_cells(text: str, width: int, align: str, expected: str) -> None:
    assert fit(text, width, align) == expected


def test_columns_of_high_rank_go_first_and_one_grows() -> None:
    columns = [
        Column("id", "ID", 10, grows=True, gap=0),
        Column("age", "AGE", 5, "right", rank=1),
        Column("note", "NOTE", 8, rank=2),
    ]
    assert [(p.column.key, p.width) for p in place_columns(columns, 40)] == [
        ("id", 23),
        ("age", 5),
        ("note", 8),
    ]
    assert [(p.column.key, p.width) for p in place_columns(columns, 20)] == [("id", 13), ("age", 5)]
    assert [(p.column.key, p.width) for p in place_columns(columns, 5)] == [("id", 5)]


def test_blanks_have_a_style_only_between_cells_of_that_style() -> None:
    columns = [Column("a", "A", 4, gap=0), Column("b", "B", 4), Column("c", "C", 4, "right")]
    placed = place_columns(columns, 16)

    def styles(*cells: Span) -> str:
        shown = table_line(placed, dict(zip("abc", cells, strict=True)))
        assert shown.text == "ab    cd      ef"
        return "".join((span.style or "-")[0] * len(span.text) for span in shown.left)

    plain = Span("ab"), Span("cd"), Span("ef")
    assert styles(*plain) == "-" * 16
    assert styles(plain[0], Span("cd", "failed"), plain[2]) == "------ff--------"
    assert styles(*(Span(one.text, "muted") for one in plain)) == "m" * 16


def test_the_first_command_is_worth_more_than_the_status() -> None:
    items = [ActionItem(one, one, one * 6, is_possible=True) for one in "ABCD"]
    status = (Span("every 5 s"),)
    assert bar_line(items, status, 60).right == status
    small = bar_line(items, status, 36)
    assert small.text.startswith("A AAAAAA")
    assert not small.right


def test_all_of_a_column_can_be_clicked() -> None:
    placed = place_columns([Column("a", "A", 6, gap=2)], 8)
    (title,) = (
        span for span in table_line(placed, {"a": Span("AGE", "", "sort")}).left if span.text
    )
    assert title == Span("  AGE   ", "", "sort")
