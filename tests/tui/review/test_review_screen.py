"""Judging on the screen: one key a verdict, kept at once, blind where two runs are judged."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import Review
from batchtui.library.reviews import Reviews, pair_subject
from batchtui.results.opening import ResultsFile, open_results
from batchtui.tui.messages import ReviewWanted
from batchtui.tui.screens.compare.runs import FileRun
from batchtui.tui.screens.compare.screen import CompareScreen
from batchtui.tui.screens.results.requests import FoundRequest, Requests
from batchtui.tui.screens.review.cards import RowCards
from batchtui.tui.screens.review.screen import ReviewScreen
from batchtui.tui.widgets.text_field import TextField
from tests.results.understanding.test_comparison import RUN_A, RUN_B, answer
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    make_app,
    make_world,
    screen_text,
    wait_for_text,
    wait_until,
)

LINES = [answer(f"doc-{number}", f"Answer number {number}") for number in range(3)]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger.db")


@asynccontextmanager
async def opened(
    folder: Path, reviews: Reviews, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[Pilot[int], ReviewScreen]]:
    path = folder / "results.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES))
    file: ResultsFile = open_results(path)
    app = make_app(make_world("empty"))
    async with app.run_test(size=size) as pilot:
        await file.load()
        rows = {file.index.custom_id(row): row for row in range(len(file.index))}
        reader = file.reader()
        cards = RowCards(file.index, reader, rows, Requests(), app.effective.glyphs, {})
        screen = ReviewScreen(ReviewWanted(cards, "A job", "b1", list(rows)), reviews)
        await app.push_screen(screen)
        yield pilot, screen
    reader.close()
    file.close()


@asynccontextmanager
async def judged(
    folder: Path, ledger: Ledger, size: tuple[int, int] = WIDE
) -> AsyncIterator[tuple[Pilot[int], ReviewScreen]]:
    async with opened(folder, ledger.reviews, size) as (pilot, screen):
        await wait_until(pilot, lambda: "doc-" in screen_text(pilot.app))
        yield pilot, screen


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_one_key_judges_and_shows_the_next(
    tmp_path: Path, ledger: Ledger, size: tuple[int, int]
) -> None:
    async with judged(tmp_path, ledger, size) as (pilot, screen):
        await wait_until(pilot, lambda: "Answer number 0" in screen_text(pilot.app))
        await pilot.press("1")
        await wait_until(pilot, lambda: screen.session.current == "doc-1")
        assert ledger.reviews.of("b1")["doc-0"].verdict == "good"
        await wait_until(pilot, lambda: "Answer number 1" in screen_text(pilot.app))
        await pilot.press("2", "3")
        await wait_until(pilot, lambda: "1 good, 1 bad, 1 unsure" in screen_text(pilot.app))
        assert {one: kept.verdict for one, kept in ledger.reviews.of("b1").items()} == {
            "doc-0": "good",
            "doc-1": "bad",
            "doc-2": "unsure",
        }


class SlowNotes(Reviews):
    """Keeps a note once it is let."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger.reviews._database, ledger.reviews._clock)
        self.may_keep = threading.Event()

    def annotate(self, subject: str, custom_ids: Iterable[str], note: str) -> None:
        assert self.may_keep.wait(30)
        super().annotate(subject, custom_ids, note)


async def test_a_note_is_of_the_card_it_was_written_for(tmp_path: Path, ledger: Ledger) -> None:
    reviews = SlowNotes(ledger)
    async with opened(tmp_path, reviews) as (pilot, screen):
        await wait_for_text(pilot, "Answer number 0")
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(pilot.app.focused, TextField))
        await pilot.press(*"odd", "enter")
        await wait_until(pilot, lambda: pilot.app.screen is screen)
        await pilot.press("right")
        await wait_until(pilot, lambda: screen.session.current == "doc-1")
        reviews.may_keep.set()
        await wait_until(pilot, lambda: bool(screen.session.reviews))
        assert {one: kept.note for one, kept in screen.session.reviews.items()} == {"doc-0": "odd"}


class SlowReviews(Reviews):
    """Reads what was said once it is let."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger.reviews._database, ledger.reviews._clock)
        self.may_read = threading.Event()

    def of(self, subject: str) -> Mapping[str, Review]:
        assert self.may_read.wait(60)
        return super().of(subject)


async def test_a_verdict_before_the_first_card_is_there_is_for_no_card(
    tmp_path: Path, ledger: Ledger
) -> None:
    reviews = SlowReviews(ledger)
    async with opened(tmp_path, reviews) as (pilot, screen):
        await wait_until(pilot, lambda: screen.is_shown)
        await pilot.press("1", "0", "m")
        reviews.may_read.set()
        await wait_until(pilot, lambda: screen.session.current == "doc-0")
        assert pilot.app.screen is screen
        assert not ledger.reviews.of("b1")


async def test_it_goes_on_where_it_was_left(tmp_path: Path, ledger: Ledger) -> None:
    ledger.reviews.judge("b1", ["doc-0"], "bad")
    async with judged(tmp_path, ledger) as (pilot, screen):
        assert screen.session.current == "doc-1"
        await pilot.press("left")
        await wait_until(pilot, lambda: "bad" in screen_text(pilot.app).splitlines()[1])
        await pilot.press("0")
        await wait_until(pilot, lambda: "doc-0" not in ledger.reviews.of("b1"))
        assert screen.session.current == "doc-0"
        await pilot.press("9")  # there is no ninth verdict
        assert screen.session.current == "doc-0"


async def test_a_click_judges_as_the_key_does(tmp_path: Path, ledger: Ledger) -> None:
    async with judged(tmp_path, ledger) as (pilot, screen):
        lines = screen_text(pilot.app).splitlines()
        y = next(at for at, line in enumerate(lines) if " good " in line and " bad " in line)
        await pilot.click(offset=(lines[y].index(" bad ") + 1, y))
        await wait_until(pilot, lambda: screen.session.current == "doc-1")
        assert ledger.reviews.of("b1")["doc-0"].verdict == "bad"


async def test_a_note_is_kept(tmp_path: Path, ledger: Ledger) -> None:
    async with judged(tmp_path, ledger) as (pilot, _):
        await pilot.press("m")
        await wait_until(pilot, lambda: isinstance(pilot.app.focused, TextField))
        await pilot.press(*"odd", "enter")
        await wait_until(pilot, lambda: "odd" in screen_text(pilot.app))
        assert ledger.reviews.of("b1")["doc-0"].note == "odd"


async def test_two_runs_are_judged_without_their_names(tmp_path: Path) -> None:
    app = make_app(make_world("empty"))
    paths = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    for path, lines in zip(paths, (RUN_A, RUN_B), strict=True):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    old, new = FileRun(paths[0]), FileRun(paths[1])
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.accounts.session is not None)
        screen = CompareScreen(old, new)
        await app.push_screen(screen)
        await wait_until(pilot, lambda: "pair 1/4" in screen_text(app))
        await pilot.press("V")
        await wait_until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await wait_until(pilot, lambda: "Left" in screen_text(app) and "score" in screen_text(app))
        assert "old.jsonl" not in "\n".join(screen_text(app).splitlines()[2:])
        await pilot.press("1", "1", "1", "3")
        await wait_until(pilot, lambda: "of 4" in screen_text(app))
        kept = app.accounts.reviews().of(pair_subject(old.subject, new.subject))
        said = sorted(one.verdict for one in kept.values())
        assert len(said) == 4
        assert set(said) <= {"a", "b", "tie"}
        assert said.count("tie") == 1


class SlowRequests(Requests):
    """Finds a question once it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.may_answer = asyncio.Event()

    async def find(self, custom_id: str) -> FoundRequest:
        self.asked += 1
        await self.may_answer.wait()
        message = {"role": "user", "content": f"The question of {custom_id}"}
        data = json.dumps({"custom_id": custom_id, "params": {"messages": [message]}})
        return FoundRequest("asked.jsonl", 1, data.encode(), has_changed=False)


async def test_a_question_comes_though_the_screen_got_another_size_meanwhile(
    tmp_path: Path,
) -> None:
    app = make_app(make_world("empty"))
    paths = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    for path, lines in zip(paths, (RUN_A, RUN_B), strict=True):
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    old, new = FileRun(paths[0]), FileRun(paths[1])
    old.requests = requests = SlowRequests()
    async with app.run_test(size=WIDE) as pilot:
        await wait_until(pilot, lambda: app.accounts.session is not None)
        await app.push_screen(CompareScreen(old, new))
        await wait_until(pilot, lambda: "pair 1/4" in screen_text(app))
        await pilot.press("V")
        await wait_until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        await wait_until(pilot, lambda: "Left" in screen_text(app))
        asked = requests.asked
        await pilot.resize_terminal(*MEDIUM)
        await wait_until(pilot, lambda: requests.asked > asked)
        requests.may_answer.set()
        await wait_until(pilot, lambda: "The question of" in screen_text(app))
