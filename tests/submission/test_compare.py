"""What of the answers is missing, extra or twice."""

import pytest

from batchtui.request_line import custom_id_of
from batchtui.submission.compare import compare
from batchtui.submission.read import read_requests
from tests.submission.making import lines, request

ROWS = [request(number) for number in range(4)]


def test_missing_extra_and_twice() -> None:
    requests = read_requests([lines(*ROWS)])
    found = compare(requests, ["r3", "r0", "r0", "stranger"])
    assert (found.requests, found.answers) == (4, 4)
    assert found.missing == ("r1", "r2")
    assert found.extra == ("stranger",)
    assert found.twice == ("r0",)
    assert not found.is_exact
    assert compare(read_requests([lines(*ROWS[:2])]), ["r1", "r0"]).is_exact


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"custom_id": 3}', b'{"custom_id":"\xff"}'])
def test_what_has_no_id_has_none(data: bytes) -> None:
    assert custom_id_of(data) == ""
