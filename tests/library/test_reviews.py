"""Verdicts and notes: kept at once, taken back, over restarts and kills."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from batchtui.library.ledger import Ledger
from batchtui.library.ledger_values import Review
from batchtui.library.reviews import UnusableVerdict, file_subject, pair_subject


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


def test_a_verdict_and_a_note_are_kept_apart_and_over_a_restart(path: Path) -> None:
    ledger = Ledger(path)
    assert ledger.reviews.judge("b1", ["a", "b"], "good") == 2
    ledger.reviews.annotate("b1", ["a"], " two\nlines ")
    ledger.reviews.judge("b1", ["a"], "bad")
    ledger.reviews.judge("b2", ["a"], "unsure")
    ledger.close()
    found = Ledger(path).reviews.of("b1")
    assert {one.custom_id: (one.verdict, one.note) for one in found.values()} == {
        "a": ("bad", "two\nlines"),
        "b": ("good", ""),
    }


def test_what_is_taken_back_is_gone(path: Path) -> None:
    reviews = Ledger(path).reviews
    reviews.judge("b1", ["a"], "good")
    reviews.judge("b1", ["a"], "")
    assert reviews.of("b1") == {}
    reviews.annotate("b1", ["a"], "but")
    assert reviews.of("b1")["a"].verdict == ""


@pytest.mark.parametrize("verdict", ["two words", "x" * 41, "\x1b[31m", "a:b"])
def test_a_verdict_is_one_word(path: Path, verdict: str) -> None:
    reviews = Ledger(path).reviews
    with pytest.raises(UnusableVerdict):
        reviews.judge("b1", ["a"], verdict)
    with pytest.raises(UnusableVerdict):
        reviews.take_in("b1", [Review("b", "good"), Review("a", verdict)])
    assert reviews.of("b1") == {}


def test_reviews_from_elsewhere_keep_their_moment(path: Path) -> None:
    reviews = Ledger(path).reviews
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    assert reviews.take_in("b1", [Review("a", "good", "n", moment), Review("\ud800", "bad")]) == 2
    assert reviews.of("b1")["a"].reviewed_at == moment
    assert len(reviews.of("b1")) == 2


def test_files_and_pairs_have_subjects_of_their_own(tmp_path: Path) -> None:
    one, other = file_subject(tmp_path / "a"), file_subject(tmp_path / "b")
    assert len({one, other, pair_subject(one, other), pair_subject(other, one)}) == 4


_JUDGE = """
import sys
from pathlib import Path
from batchtui.library.ledger import Ledger
reviews = Ledger(Path(sys.argv[1])).reviews
for number in range(100_000):
    reviews.judge("b", [str(number)], "good")
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0, 3, 17])
def test_nothing_that_was_acknowledged_is_lost_by_a_kill(path: Path, after: int) -> None:
    Ledger(path).close()
    process = subprocess.Popen(
        [sys.executable, "-c", _JUDGE, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    with process.stdout as lines:
        for line in lines:
            if int(line) >= after:
                os.kill(process.pid, signal.SIGKILL)
                break
        rest = [int(line) for line in lines]
    process.wait()
    last = max([after, *rest])
    kept = Ledger(path).reviews.of("b")
    assert {str(number) for number in range(last + 1)} <= kept.keys()
