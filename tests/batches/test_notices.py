"""What is said when a batch is done, once, and what the user's command gets to know."""

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from batchtui.api.models import MessageBatch, RequestCounts
from batchtui.batches.notices import (
    OnDoneFailed,
    claim_ended,
    facts_of,
    notice_of,
    notices_of,
    run_on_done,
    run_on_done_for,
)
from tests.batches.builders import make_batch

_ENVIRON: Mapping[str, str] = {"PATH": os.environ.get("PATH", "")}


def _failed(batch_id: str = "b") -> MessageBatch:
    return make_batch(
        batch_id, status="ended", ran=95, counts=RequestCounts(succeeded=588, errored=412)
    )


class TestWords:
    def test_one_batch(self) -> None:
        notice = notice_of(_failed(), "nightly")
        assert notice.title == "nightly: 412 failed"
        assert notice.body == "588 succeeded, 412 errored in 1 h 35 m"
        assert not notice.is_ok
        assert notice_of(make_batch("b", status="ended", ran=None)).body == "10 succeeded"

    def test_labels_and_ids_are_made_visible_and_cut(self) -> None:
        notice = notice_of(_failed(), "\x1b]0;owned\x07" + "x" * 200)
        assert "\x1b" not in notice.title
        assert len(notice.title) < 80

    def test_many_at_once_are_one_notice(self) -> None:
        three = [_failed(str(n)) for n in range(3)]
        assert len(notices_of(three, {})) == 3
        many = [*three, make_batch("ok", status="ended")]
        (notice,) = notices_of(many, {})
        assert (notice.title, notice.body) == ("4 batches have ended", "1 all ok, 3 not")
        assert not notice.is_ok

    def test_each_end_is_announced_once(self) -> None:
        claimed: set[str] = {"b2"}

        def claim(batch_id: str) -> bool:
            is_first = batch_id not in claimed
            claimed.add(batch_id)
            return is_first

        ended = [_failed("b1"), _failed("b2")]
        assert [b.id for b in claim_ended(ended, claim)] == ["b1"]
        assert claim_ended(ended, claim) == ()


class TestCommand:
    def test_facts(self) -> None:
        facts = facts_of(_failed("id\x00\n"), "my $(label)")
        assert facts["BATCHTUI_BATCH_ID"] == "id\\x00\\n"
        assert facts["BATCHTUI_BATCH_LABEL"] == "my $(label)"
        assert facts["BATCHTUI_BATCH_STATUS"] == "ended"
        assert facts["BATCHTUI_BATCH_OUTCOME"] == "failed"
        assert facts["BATCHTUI_BATCH_ERRORED"] == "412"
        assert facts["BATCHTUI_BATCH_ALL_OK"] == "0"

    async def test_the_command_gets_them_as_data(self, tmp_path: Path) -> None:
        script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['BATCHTUI_BATCH_LABEL'])"
        target = tmp_path / "out file; $(x)"
        facts = facts_of(_failed(), "$(touch owned); `x`")
        await run_on_done([sys.executable, "-c", script, str(target)], facts, environ=_ENVIRON)
        assert target.read_text() == "$(touch owned); `x`"
        await run_on_done([], facts, environ=_ENVIRON)

    @pytest.mark.parametrize(
        ("script", "said"),
        [
            ("import sys; sys.exit('b\\x1b[31moom')", "exit code 1. b\\x1b[31moom"),
            ("raise SystemExit(3)", "exit code 3."),
        ],
    )
    async def test_a_failing_command_is_told(self, script: str, said: str) -> None:
        with pytest.raises(OnDoneFailed) as caught:
            await run_on_done([sys.executable, "-c", script], {}, environ=_ENVIRON)
        assert said in caught.value.message

    @pytest.mark.parametrize("program", ["/nowhere/at-all", "a\x00b"])
    async def test_a_missing_command_is_told(self, program: str) -> None:
        with pytest.raises(OnDoneFailed) as caught:
            await run_on_done([program], {}, environ=_ENVIRON)
        assert "could not be started" in caught.value.message
        assert caught.value.hint

    async def test_a_command_that_hangs_is_killed_with_its_children(self, tmp_path: Path) -> None:
        held = tmp_path / "held"
        os.mkfifo(held)
        reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(reader, True)
        script = '(exec 3>"$0"; printf x >&3; sleep 60) & sleep 60'
        started = time.monotonic()
        with os.fdopen(reader, "rb") as pipe:
            with pytest.raises(OnDoneFailed, match="took longer than 1 s"):
                await run_on_done(
                    ["sh", "-c", script, str(held)], {}, environ=_ENVIRON, kill_after=1.0
                )
            # returns when the child that holds the other end is gone
            assert await asyncio.to_thread(pipe.read) == b"x"
        assert time.monotonic() - started < 30

    async def test_one_that_fails_stops_none_of_the_others(self, tmp_path: Path) -> None:
        told: list[str] = []
        script = "import os, sys; open(sys.argv[1], 'a').write(os.environ['BATCHTUI_BATCH_ID'])"
        command = [sys.executable, "-c", f"{script}; sys.exit(1)", str(tmp_path / "ran")]
        await run_on_done_for(
            [_failed("b1"), _failed("b2")],
            {},
            command,
            environ=_ENVIRON,
            on_failure=lambda error: told.append(error.message),
        )
        assert (tmp_path / "ran").read_text() == "b1b2"
        assert len(told) == 2
