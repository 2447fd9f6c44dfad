"""How much is under way on lines of different kinds, played through without waiting."""

from batchtui.tui.terminal.flow import FlowControl


class Line:
    """A line of a speed and a length, and a program that always has a frame to send."""

    def __init__(self, bytes_per_second: float, seconds: float) -> None:
        self.speed, self.length = bytes_per_second, seconds
        self.flow = FlowControl()
        self.flow.answered(0.0)
        self.now = 0.0
        self.free_at = 0.0
        self.answers: list[float] = []
        self.sent = 0
        self.longest_lag = 0.0

    def run(self, until: float, frame: int, every: float = 0.01) -> None:
        while self.now < until:
            while self.answers and self.answers[0] <= self.now:
                self.flow.answered(self.answers.pop(0))
            if self.flow.wait(self.now) == 0:
                self.send(frame)
            self.now += every

    def send(self, count: int) -> None:
        probed = self.flow.wants_probe(count)
        self.flow.sent(count, self.now, probed=probed)
        self.sent += count
        self.free_at = max(self.free_at, self.now) + count / self.speed
        self.longest_lag = max(self.longest_lag, self.free_at - self.now)
        if probed:
            self.answers.append(self.free_at + self.length)


def test_a_slow_line_never_holds_more_than_a_moment() -> None:
    line = Line(8_000, 0.02)
    line.run(10, frame=500)
    assert line.longest_lag < 0.4
    assert line.sent > 10 * 8_000 * 0.6


def test_a_fast_line_is_not_held_up() -> None:
    line = Line(10_000_000, 0.002)
    line.run(5, frame=2_000)
    assert line.sent > 5 / 0.01 * 2_000 * 0.9


def test_a_fast_but_long_line_opens_up() -> None:
    line = Line(10_000_000, 0.3)
    line.run(20, frame=2_000)
    assert line.sent > 20 / 0.01 * 2_000 * 0.5


def test_slow_typing_on_a_slow_line_does_not_open_it() -> None:
    line = Line(8_000, 0.02)
    line.run(60, frame=300, every=0.2)
    line.run(70, frame=1_500)
    assert line.longest_lag < 0.6


def test_terminals_that_never_answered_are_not_asked() -> None:
    flow = FlowControl()
    assert not flow.wants_probe(100_000)
    flow.sent(100_000, 0.0)
    assert flow.wait(0.0) == 0.0


def test_quiet_times_cost_no_question() -> None:
    flow = FlowControl()
    flow.answered(0.0)
    now = 0.0
    for _ in range(50):
        now += 2.0
        assert flow.wait(now) == 0.0
        assert not flow.wants_probe(300)
        flow.sent(300, now)


def test_a_terminal_that_stops_answering_is_given_up() -> None:
    flow = FlowControl()
    flow.answered(0.0)
    for now in (0.0, 10.0):
        assert flow.wants_probe(5_000)
        flow.sent(5_000, now, probed=True)
        assert 0 < flow.wait(now) <= 3.0
        assert flow.wait(now + 3.0) == 0.0
        assert not flow.is_asking
    assert not flow.wants_probe(5_000)
    flow.answered(20.0)
    assert not flow.wants_probe(5_000)
