"""A file of requests becomes a batch, as a person sees it."""

import contextlib
import dataclasses
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.pilot import Pilot

from batchtui.config.saving import save_settings
from batchtui.library.ledger_values import TokenUseRecord
from batchtui.simulator.faults import Fault
from batchtui.simulator.world import World
from batchtui.submission.limits import Limits
from batchtui.submission.prepare import prepare
from batchtui.submission.source import RequestSource
from batchtui.submission.validate import validate
from batchtui.tui.app import BatchtuiApp
from batchtui.tui.commands.batches import FinishSending, NewBatch
from batchtui.tui.commands.submission import (
    CheckAgain,
    EditFile,
    FinishOther,
    MarkCache,
    SendCanary,
    SendKnowingly,
    SplitFile,
    StopSending,
    ViewRequests,
)
from batchtui.tui.screens.submission.preview_screen import PreviewScreen
from batchtui.tui.screens.submission.sending_screen import SendingScreen
from tests.tui.submission.making import (
    QUICK,
    back_in_list,
    created,
    give_path,
    list_screen,
    make_app,
    open_preview,
    press,
    previewed,
    request,
    send,
    started,
    write_many,
    write_requests,
)
from tests.tui.support import (
    MEDIUM,
    TINY,
    WIDE,
    WorldTime,
    agree,
    make_setup,
    make_world,
    notice_text,
    screen_lines,
    screen_text,
    wait_for_text,
    wait_until,
)


def lose_the_answer(world: World) -> None:
    """Let the next batch be made, and the answer to its create be lost."""
    world.faults.add(Fault(kind="drop", operation="create", after_effect=True))


def what_will_go(app: BatchtuiApp) -> str:
    """The text of the left pane, wherever its lines are broken."""
    return " ".join(" ".join(line.split("▏")[0] for line in screen_lines(app)).split())


async def test_a_file_is_shown_sent_and_landed_on(tmp_path: Path) -> None:
    world = make_world()
    path = write_many(tmp_path / "nightly evals.jsonl", 12)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        shown = screen_text(app)
        assert "Ready to send" in shown
        assert "nightly evals" in shown
        assert "Question 0" in shown
        assert created(world) == 0
        await send(pilot)
        screen = await back_in_list(pilot, app)
        await wait_until(
            pilot,
            lambda: screen.listing.labels.get(screen.listing.selected or "") == "nightly evals",
        )
        batch = screen.listing.selected_batch
        assert batch is not None
        assert batch.request_counts.total == 12
        await wait_for_text(pilot, "Source")
        assert created(world) == 1


@pytest.mark.parametrize("size", [WIDE, MEDIUM, TINY])
async def test_the_preview_shows_at_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    mistakes = [request(n, temperature=3) if n % 4 == 0 else request(n) for n in range(20)]
    path = write_requests(tmp_path / "some.jsonl", *mistakes)
    app = make_app(make_world())
    async with previewed(app, path, size) as pilot:
        await wait_for_text(pilot, "5 requests will fail if sent")
        await pilot.press("tab")
        await wait_for_text(pilot, "temperature outside 0 to 1")
        await pilot.press("escape")
        await back_in_list(pilot, app)


async def test_an_unfit_file_cannot_be_sent_until_it_is_corrected(tmp_path: Path) -> None:
    world = make_world()
    path = tmp_path / "broken.jsonl"
    write_requests(path, request(1), request(1))
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await wait_for_text(pilot, "It cannot be sent: 1 mistake makes the file unfit")
        await pilot.press("enter")
        await wait_for_text(pilot, "correct it, then press r")
        write_requests(path, request(1), request(2))
        await pilot.press("r")
        await wait_for_text(pilot, "Ready to send")
        assert isinstance(app.screen, PreviewScreen)
        assert created(world) == 0


async def test_the_label_can_be_chosen_before_the_send(tmp_path: Path) -> None:
    path = write_requests(tmp_path / "a.jsonl", request(1))
    app = make_app(make_world())
    async with previewed(app, path) as pilot:
        await pilot.press("l", "ctrl+u", *"my [b] eval", "enter")
        await wait_for_text(pilot, "Label       my [b] eval")
        await send(pilot)
        await back_in_list(pilot, app)
        await wait_for_text(pilot, "my [b] eval")


async def test_text_of_the_file_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07[link=http://x]\u202e"
    first = request(1, model=evil, messages=[{"role": "user", "content": evil}])
    path = write_requests(tmp_path / "evil.jsonl", first)
    app = make_app(make_world())
    async with previewed(app, path):
        shown = screen_text(app)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "\\x1b]0;owned" in shown


async def test_a_refusal_is_shown_and_nothing_is_left_to_continue(tmp_path: Path) -> None:
    world = make_world()
    world.faults.add(Fault(operation="create", status=400, message="no such beta"))
    path = write_requests(tmp_path / "a.jsonl", request(1))
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "Refused")
        assert "no such beta" in screen_text(app)
        assert "Nothing was made" in screen_text(app)
        assert "Try again" not in screen_text(app)
        assert app.session is not None
        assert not app.session.ledger.journal.submissions(open_only=True)
        await pilot.press("escape")
        await wait_for_text(pilot, "What will go")
        await send(pilot)
        await back_in_list(pilot, app)


async def test_a_refusal_while_going_on_is_told_in_lines_and_ends_it(tmp_path: Path) -> None:
    world = make_world()
    world.faults.add(Fault(operation="create", status=401))
    said = "requests.1.params.max_tokens: Field required"
    path = write_requests(tmp_path / "bad3.jsonl", request(4), request(5))
    app = make_app(world)
    async with started(app) as pilot:
        session = app.session
        assert session is not None
        plan = prepare(validate(RequestSource(path)), scope=session.scope)
        session.ledger.journal.plan(plan)
        world.faults.clear()
        world.faults.add(Fault(operation="create", status=400, message=said))
        await press(pilot, FinishSending)
        await wait_for_text(pilot, "Go on with it")
        await pilot.press("enter")
        await wait_for_text(pilot, "line 2 (r5): max_tokens: Field required")
        await pilot.press("escape")
        await back_in_list(pilot, app)
        await press(pilot, FinishSending)
        await wait_for_text(pilot, "Nothing unfinished.")


async def test_what_is_left_of_a_refused_file_is_kept_apart(tmp_path: Path) -> None:
    world = make_world()
    world.faults.add(Fault("delay", operation="create"))  # the first part comes through
    said = "requests.1.params.max_tokens: Field required"
    world.faults.add(Fault(operation="create", status=400, message=said))
    path = write_many(tmp_path / "many.jsonl", 102)
    app = make_app(world, limits=Limits(requests=100))
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "line 102 (r101): max_tokens: Field required")
        assert "1 of 2 batches was made and stays" in screen_text(app)
        await pilot.press("escape")
        await back_in_list(pilot, app)
        await wait_for_text(pilot, "2 requests not sent")
        await open_preview(pilot, path)
        await wait_for_text(pilot, "1 of 2 parts of many.jsonl was sent")


async def test_the_demo_speaks_of_no_bill(tmp_path: Path) -> None:
    setup = make_setup(make_world())
    demo = replace(setup, options=dataclasses.replace(setup.options, is_demo=True), timeouts=QUICK)
    app = BatchtuiApp(demo)
    path = write_requests(tmp_path / "a.jsonl", request(1))
    async with previewed(app, path) as pilot:
        await pilot.press("enter")
        await wait_for_text(pilot, "It can be canceled but not changed.")
        assert "nothing leaves this machine" in screen_text(app)
        assert "billed" not in screen_text(app)


async def test_what_was_sent_before_is_told_before_it_is_sent_again(tmp_path: Path) -> None:
    world = make_world()
    path = write_requests(tmp_path / "good.jsonl", request(1), request(2))
    app = make_app(world)
    async with previewed(app, path) as pilot:
        assert "was sent" not in screen_text(app)
        await send(pilot)
        await back_in_list(pilot, app)
        await open_preview(pilot, path)
        await wait_for_text(pilot, "s ago as good (msgbatch_")
        assert isinstance(app.screen, PreviewScreen)
        readiness, repeat = app.screen.readiness.lines
        assert "Ready to send" in readiness.text
        assert {span.style for span in repeat.left} == {"warning"}
        write_requests(path, request(1), request(3))
        await pilot.press("r")
        await wait_for_text(pilot, "Checked again")
        assert len(app.screen.readiness.lines) == 1
        assert created(world) == 1


async def test_a_lost_answer_leads_to_the_one_batch_that_was_made(tmp_path: Path) -> None:
    world = make_world()
    before = len(world.views())
    lose_the_answer(world)
    path = write_many(tmp_path / "a.jsonl", 77)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "It was probably made")
        (view,) = [one for one in world.views() if one.batch.work.total == 77]
        await wait_for_text(pilot, view.batch.id)
        assert app.session is not None
        assert app.session.ledger.journal.submissions(open_only=True)
        await pilot.press("enter")
        await wait_for_text(pilot, "The answer was lost, but the batch was made")
        batch = list_screen(app).listing.selected_batch
        assert batch is not None
        assert batch.id == view.batch.id
        assert not app.session.ledger.journal.submissions(open_only=True)
        assert len(world.views()) == before + 1
        assert created(world) == 1


async def test_what_is_probable_is_kept_and_may_be_taken_back(tmp_path: Path) -> None:
    world = make_world()
    before = len(world.views())
    lose_the_answer(world)
    path = write_many(tmp_path / "a.jsonl", 77)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "It was probably made")
        await pilot.press("escape")
        await wait_for_text(pilot, "a is not finished")
        await press(pilot, FinishSending)
        await wait_for_text(pilot, "is probably its")
        await pilot.press("enter")
        await wait_for_text(pilot, "It was probably made")
        await press(pilot, SendKnowingly)
        await wait_for_text(pilot, "Send it anyway?")
        await agree(pilot)
        await back_in_list(pilot, app)
        assert len(world.views()) == before + 2
        assert created(world) == 2


async def test_an_answer_of_the_api_is_no_silence(tmp_path: Path) -> None:
    world = make_world()
    before = len(world.views())
    world.faults.add(Fault(status=529, operation="create", message="Overloaded"))
    path = write_requests(tmp_path / "a.jsonl", request(1))
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "The API refused it (529 overloaded_error): ")
        assert "Nothing was made. r tries again." in screen_text(app)
        assert created(world) == 1
        await pilot.press("r")
        await back_in_list(pilot, app)
        assert len(world.views()) == before + 1


async def test_keys_typed_ahead_of_a_look_adopt_nothing(tmp_path: Path) -> None:
    world = make_world()
    lose_the_answer(world)
    path = write_many(tmp_path / "a.jsonl", 77)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "It was probably made")
        app.simulate_key("r")
        app.simulate_key("enter")
        await wait_for_text(pilot, "It was probably made")
        # nor where both are carried out before anything is found
        assert isinstance(app.screen, SendingScreen)
        app.screen.try_once()
        app.screen.adopt_batch()
        await wait_for_text(pilot, "It was probably made")
        assert created(world) == 1


async def test_where_nothing_was_made_the_user_decides(tmp_path: Path) -> None:
    world = make_world()
    before = len(world.views())
    world.faults.add(Fault(kind="answer", status=502, body="html", operation="create"))
    path = write_many(tmp_path / "a.jsonl", 77)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "It may have been made, or not")
        assert "No batch of that size has appeared" in screen_text(app)
        assert created(world) == 1
        await press(pilot, SendKnowingly)
        await wait_for_text(pilot, "Send it anyway?")
        await agree(pilot)
        await back_in_list(pilot, app)
        assert len(world.views()) == before + 1
        assert created(world) == 2


async def test_two_that_may_be_it_are_shown_to_choose_from(tmp_path: Path) -> None:
    world = make_world()
    path = write_many(tmp_path / "a.jsonl", 77)
    app = make_app(world, replace(QUICK, adopt_after=60.0))
    async with previewed(app, path) as pilot:
        lose_the_answer(world)
        await send(pilot)
        await wait_for_text(pilot, "The list is looked at")
        assert app.session is not None
        twins = ",".join(json.dumps(request(number)) for number in range(77))
        other = await app.session.client.create(f'{{"requests":[{twins}]}}'.encode())
        await wait_for_text(pilot, "One of these 2 may be it")
        await pilot.press("escape")
        screen = await back_in_list(pilot, app)
        await press(pilot, FinishSending)
        await wait_for_text(pilot, "1 batch may have been made")
        await pilot.press("enter")
        await wait_for_text(pilot, "One of these 2 may be it")
        rows = screen_text(app)
        assert other.id in rows
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.screen is screen)
        assert not app.session.ledger.journal.submissions(open_only=True)


async def test_what_was_left_open_is_told_at_the_next_start(tmp_path: Path) -> None:
    world = make_world()
    world.faults.add(Fault(kind="answer", status=502, body="html", operation="create"))
    path = write_requests(tmp_path / "lost.jsonl", request(1))
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "It may have been made, or not")
        await pilot.press("escape")
        await back_in_list(pilot, app)
    again = make_app(world)
    async with again.run_test(size=WIDE, notifications=True) as pilot:
        await wait_for_text(pilot, "lost: 1 batch may have been made")
        await press(pilot, NewBatch)
        await give_path(pilot, path)
        await wait_for_text(pilot, "This file was being sent before")
        await pilot.press("escape")
        other = write_requests(tmp_path / "other.jsonl", request(2))
        await open_preview(pilot, other)
        await send(pilot)
        await wait_for_text(pilot, "An earlier batch is not accounted for")
        await press(pilot, FinishOther)
        await wait_for_text(pilot, "It may have been made, or not")


async def test_read_only_refuses_to_create() -> None:
    app = make_app(make_world(), read_only="true")
    async with started(app) as pilot:
        await press(pilot, NewBatch)
        await wait_for_text(pilot, "Read-only: the settings or the profile say so")


async def test_stopping_after_the_last_byte_leaves_it_open_and_says_so(tmp_path: Path) -> None:
    world = make_world()
    world.faults.add(Fault(kind="stall", operation="create", after_effect=True))
    path = write_many(tmp_path / "slow.jsonl", 33)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "waiting for the answer")
        await pilot.press("q")
        await wait_for_text(pilot, "Stop sending?")
        await agree(pilot)
        await wait_for_text(pilot, "It may have been made, or not")
        await pilot.press("r")
        await wait_for_text(pilot, "It was probably made")
        assert created(world) == 1


@contextlib.asynccontextmanager
async def sending(app: BatchtuiApp, world: World, path: Path) -> AsyncIterator[Pilot[int]]:
    """The app while the answer to a create is waited for; at the end that is stopped."""
    world.faults.add(Fault(kind="stall", operation="create", after_effect=True))
    async with previewed(app, write_many(path, 3)) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "waiting for the answer")
        yield pilot
        await press(pilot, StopSending)
        await wait_for_text(pilot, "Stop sending?")
        await agree(pilot)
        await wait_for_text(pilot, "It may have been made, or not")


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["P"], id="to switch the profile"),
        pytest.param(["colon", *"quit", "enter"], id="to quit by name"),
        pytest.param(["colon", *"profile: other", "enter"], id="to switch by name"),
        pytest.param(["C", "q"], id="to quit from a screen above"),
    ],
)
async def test_what_is_being_sent_is_not_torn_off_by_leaving(
    tmp_path: Path, keys: list[str]
) -> None:
    world = make_world()
    app = make_app(world)
    save_settings(app.effective.loaded.paths, {"profile_color": "red"}, profile="other")
    app.apply(app.accounts.read_settings())
    async with sending(app, world, tmp_path / "some.jsonl") as pilot:
        await pilot.press(*keys)
        await wait_until(pilot, lambda: "stop it first (Esc)" in notice_text(app))
        if not isinstance(app.screen, SendingScreen):
            await pilot.press("escape")
        assert isinstance(app.screen, SendingScreen)
        assert app.is_running
        assert created(world) == 1


async def test_stopping_before_the_last_byte_leaves_nothing(tmp_path: Path) -> None:
    world = make_world()
    before = len(world.views())
    world.faults.add(Fault(status=429, operation="create", retry_after="60"))
    path = write_requests(tmp_path / "limited.jsonl", request(1))
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await send(pilot)
        await wait_for_text(pilot, "Nothing was made of it: it tries again in 60 s")
        await pilot.press("escape")
        await wait_for_text(pilot, "Stop sending?")
        await agree(pilot)
        await wait_for_text(pilot, "What will go")
        assert app.session is not None
        assert not app.session.ledger.journal.submissions(open_only=True)
        assert len(world.views()) == before


async def test_a_file_of_several_batches_is_sent_and_shown_as_one_group(tmp_path: Path) -> None:
    world = make_world()
    path = write_many(tmp_path / "many.jsonl", 1_040)
    app = make_app(world, limits=Limits(requests=1_000))
    async with previewed(app, path) as pilot:
        await wait_for_text(pilot, "It goes as 2 batches, one group")
        await press(pilot, SplitFile)
        await wait_for_text(pilot, "It does not fit into one batch")
        await send(pilot)
        await back_in_list(pilot, app)
        await wait_for_text(pilot, "many · part 2")
        await wait_for_text(pilot, "many · part 1")
        await wait_for_text(pilot, "2 of 2 of a split file")
        await wait_for_text(pilot, "All parts")
        assert "1,040" in screen_text(app)


async def test_the_editor_opens_at_the_problem_and_the_file_is_checked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_requests(tmp_path / "a.jsonl", request(1), request(2, temperature=7), request(3))
    told = tmp_path / "told"
    good = write_requests(tmp_path / "good.jsonl", request(1), request(2), request(3))
    editor = tmp_path / "editor"
    seen = tmp_path / "seen"
    editor.write_text(f'#!/bin/sh\necho "$@" > {told}\nenv > {seen}\ncp {good} "$2"\n')
    editor.chmod(0o755)
    setup = make_setup(make_world(), on_done_gets_key="true")
    own = {**setup.options.environ, "EDITOR": str(editor), "PATH": os.environ["PATH"]}
    options = dataclasses.replace(setup.options, environ=own)
    app = BatchtuiApp(replace(setup, options=options, timeouts=QUICK))
    monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
    async with previewed(app, path) as pilot:
        await wait_for_text(pilot, "1 request will fail")
        await press(pilot, EditFile)
        await wait_for_text(pilot, "Ready to send: every request follows the rules.")
        assert told.read_text().split() == ["+2", str(path)]
        assert "sk-ant" not in seen.read_text()


async def test_a_canary_is_sent_from_the_preview_and_the_rest_after_it(tmp_path: Path) -> None:
    time = WorldTime()
    world = make_world("demo", time)
    before = {view.batch.id for view in world.views()}
    requests = [request(n, system="x" * n, max_tokens=4_000) for n in range(60)]
    path = write_requests(tmp_path / "large.jsonl", *requests)
    app = make_app(world)
    async with previewed(app, path) as pilot:
        await press(pilot, SendCanary)
        await wait_for_text(pilot, "How many requests go first")
        await pilot.press("enter")
        await wait_for_text(pilot, "Send 30 requests of 60?")
        asked = screen_text(app)
        assert "Models  claude-sonnet-4-5" in asked
        assert "Cost    at most about $0.9" in asked
        assert "It is billed" in asked
        await agree(pilot)
        screen = await back_in_list(pilot, app)
        (canary,) = [view for view in world.views() if view.batch.id not in before]
        assert canary.batch.work.total == 30
        time.move(hours=25)
        await press(pilot, NewBatch)
        await give_path(pilot, path)
        await wait_for_text(pilot, "Download the results first?")
        await agree(pilot)
        await wait_for_text(pilot, "30 requests went as a canary")
        said = re.search(r"The other 30 requests will cost (about .*?)\.\s", screen_text(app))
        assert said is not None
        await pilot.press("enter")
        await wait_for_text(pilot, "What will go")
        assert f"Cost        {said[1]} " in screen_text(app)
        assert "as the canary's 30 requests came to" in what_will_go(app)
        await press(pilot, CheckAgain)
        await wait_for_text(pilot, "Checked again")
        assert f"Cost        {said[1]} " in screen_text(app)
        await pilot.press("enter")
        await wait_for_text(pilot, f"Cost    {said[1]} ")
        await agree(pilot)
        await wait_until(pilot, lambda: app.screen is screen)
        made = [view for view in world.views() if view.batch.id not in before]
        ids = [one for view in made for one in world.digests(view.batch.id)]
        assert sorted(ids) == sorted(f"r{n}" for n in range(60))


async def test_the_preview_rests_on_what_the_profile_measured_with_whatever_key(
    tmp_path: Path,
) -> None:
    path = write_many(tmp_path / "a.jsonl", 12)
    app = make_app(make_world())
    async with started(app) as pilot:
        assert app.session is not None
        ledger = app.session.ledger
        plan = prepare(validate(RequestSource(path)), scope="another key")
        ledger.journal.plan(plan)
        ledger.journal.begin_sending(plan.submission_id, 1)
        ledger.journal.complete(plan.submission_id, 1, "msgbatch_before")
        use = TokenUseRecord("msgbatch_before", "claude-sonnet-4-5", 12, 2_000, 500, 300)
        ledger.token_uses.note(use)
        await open_preview(pilot, write_many(tmp_path / "b.jsonl", 13))
        await wait_for_text(pilot, "as measured on 12 requests")


RULES = "Read this rule with great care and keep to it. " * 500


async def test_the_shared_beginning_is_marked_for_the_cache_from_the_preview(
    tmp_path: Path,
) -> None:
    path = write_requests(tmp_path / "large.jsonl", *(request(n, system=RULES) for n in range(60)))
    world = make_world()
    app = make_app(world)
    async with previewed(app, path) as pilot:
        assert "$ (Mark the cache) writes the marks" in what_will_go(app)
        await press(pilot, MarkCache)
        await wait_for_text(pilot, "How long is the cache to live?")
        assert "5,875 tokens" in screen_text(app)
        await pilot.press("enter")
        await wait_for_text(pilot, "large-cached.jsonl")
        await wait_for_text(pilot, "Ready to send")
        shown = what_will_go(app)
        assert "60 requests are marked for the cache (1 hour): costs $" in shown
        assert "at 90 % hits" in shown
        assert "Canary" in shown
        assert "sends one request first" in shown
        marked = (tmp_path / "large-cached.jsonl").read_text().splitlines()
        assert [one.count("cache_control") for one in marked] == [1] * 60
        await send(pilot)
        await back_in_list(pilot, app)
        assert created(world) == 1
        await wait_for_text(pilot, "large")


async def test_any_request_is_read_whole_before_it_goes(tmp_path: Path) -> None:
    asked = "First line\nsecond " + "long " * 300 + "END"
    requests = [request(n) for n in range(7)]
    requests[1] = request(1, system="Be kind.", messages=[{"role": "user", "content": asked}])
    path = write_requests(tmp_path / "a.jsonl", *requests)
    app = make_app(make_world())
    async with previewed(app, path) as pilot:
        await press(pilot, ViewRequests)
        await wait_for_text(pilot, "Request 1 of 7: r0")
        await pilot.press("n")
        await wait_for_text(pilot, "Request 2 of 7: r1")
        shown = screen_text(app)
        for words in ("max_tokens", "1024", "system", "Be kind.", "user", "First line", "END"):
            assert words in shown
        await pilot.press("p", "p")
        await wait_for_text(pilot, "Request 7 of 7: r6")
        for key, number in (("]", 1), ("right", 2), ("[", 1), ("left", 7)):
            await pilot.press(key)
            await wait_for_text(pilot, f"Request {number} of 7: r{number - 1}")
        await pilot.press("x")
        await wait_until(pilot, lambda: "Request 7 of 7" not in screen_text(app))
        await pilot.press("R")
        await wait_until(pilot, lambda: "is not possible here: it works in" in notice_text(app))
        await pilot.press("question_mark")
        await wait_until(pilot, lambda: "Help is not possible here: Esc" in notice_text(app))
        await pilot.press("escape")
        await wait_until(pilot, lambda: isinstance(app.screen, PreviewScreen))


async def test_the_request_of_the_problem_under_the_cursor_is_read(tmp_path: Path) -> None:
    requests = [request(n, temperature=9) if n == 4 else request(n) for n in range(7)]
    path = write_requests(tmp_path / "a.jsonl", *requests)
    app = make_app(make_world())
    async with previewed(app, path) as pilot:
        await pilot.press("end")
        await press(pilot, ViewRequests)
        await wait_for_text(pilot, "Request 5 of 7: r4")
        path.write_text("changed")
        await pilot.press("n")
        await wait_for_text(pilot, "has changed")


async def test_what_is_not_worth_a_mark_is_said(tmp_path: Path) -> None:
    path = write_many(tmp_path / "small.jsonl", 12)
    app = make_app(make_world())
    async with previewed(app, path) as pilot:
        assert "Mark the cache" not in screen_text(app)
        await press(pilot, MarkCache)
        await wait_until(pilot, lambda: "they share no whole piece" in notice_text(app))
        assert not (tmp_path / "small-cached.jsonl").exists()


async def send_canary(pilot: Pilot[int], app: BatchtuiApp, count: str) -> None:
    """Send so many requests of 60 first; the number takes the place of the one filled in."""
    await press(pilot, SendCanary)
    await wait_for_text(pilot, "How many requests go first")
    await pilot.press(*count, "enter")
    await wait_for_text(pilot, f"Send {count} requests of 60?")
    await agree(pilot)
    await back_in_list(pilot, app)


async def test_a_canary_is_called_so_and_not_by_the_name_of_its_file(tmp_path: Path) -> None:
    path = write_requests(tmp_path / "large.jsonl", *(request(n) for n in range(60)))
    app = make_app(make_world())
    async with previewed(app, path) as pilot:
        await send_canary(pilot, app, "20")
        await wait_for_text(pilot, "Source   the canary of large.jsonl")


async def test_after_two_canaries_no_rest_is_offered(tmp_path: Path) -> None:
    path = write_requests(tmp_path / "large.jsonl", *(request(n) for n in range(60)))
    app = make_app(make_world())
    async with previewed(app, path) as pilot:
        for count in ("30", "20"):
            await send_canary(pilot, app, count)
            await press(pilot, NewBatch)
            await give_path(pilot, path)
            await wait_for_text(pilot, f"{count} requests went as a canary")
            if count == "30":
                assert "Send the other 30 requests" in screen_text(app)
                await pilot.press("down", "enter")
                await wait_for_text(pilot, "30 requests of large.jsonl went as a canary")
        assert "Canaries of 20 and 30 requests of large.jsonl were sent" in screen_text(app)
        assert "Send the other" not in screen_text(app)


async def test_a_pipe_given_as_a_request_file_keeps_nobody_from_leaving(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    app = make_app(make_world())
    async with started(app) as pilot:
        await press(pilot, NewBatch)
        await give_path(pilot, pipe)
        await wait_for_text(pilot, "only once")
        await pilot.press("escape")
        await back_in_list(pilot, app)
        await pilot.press("q")
        await wait_until(pilot, lambda: app.return_code == 0)
