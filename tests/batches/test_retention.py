"""What is about to be lost, and what a sync fetches first."""

from datetime import timedelta

from batchtui.batches.deadlines import at_risk, fetchable
from tests.batches.builders import START, make_batch

NOW = START + timedelta(days=28)
DAY = 24 * 60.0


BATCHES = [
    make_batch("live", minutes=28 * DAY),
    make_batch("young", status="ended", minutes=26 * DAY),
    make_batch("close", status="ended", minutes=0.5 * DAY),
    make_batch("closest", status="ended", minutes=-0.9 * DAY),
    make_batch("here", status="ended", minutes=-0.5 * DAY),
    make_batch("archived", status="ended", minutes=-5 * DAY, archived=True),
    make_batch("late", status="ended", minutes=27 * DAY, has_url=False),
    make_batch("gone", status="ended", minutes=-3 * DAY),
]


def _is_here(batch_id: str) -> bool:
    return batch_id == "here"


def test_what_is_lost_within_48_hours() -> None:
    risks = at_risk(BATCHES, NOW, _is_here)
    assert [risk.batch.id for risk in risks] == ["closest", "close"]
    assert risks[1].left == timedelta(days=1.5)
    assert risks[1].until == START + timedelta(days=29.5)


def test_sync_fetches_the_nearest_loss_first() -> None:
    assert [batch.id for batch in fetchable(BATCHES, NOW, _is_here)] == [
        "closest",
        "close",
        "young",
    ]


def test_without_a_date_there_may_be_no_time_to_lose() -> None:
    undated = make_batch("undated", status="ended", minutes=None)
    wanted = fetchable([*BATCHES, undated], NOW, _is_here)
    assert wanted[0].id == "undated"
    assert all(risk.batch.id != "undated" for risk in at_risk([undated], NOW, _is_here))
