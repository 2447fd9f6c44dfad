import os
import select
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Condition, Thread

import pytest

from batchtui.tui.terminal.input_gate import InputGate


@dataclass
class Reader:
    """A thread that reads as Textual's does.

    Attributes:
        keys: The end that keys are typed into.
        terminal: The end that they are read from.
        looks: How often it has looked at the terminal without finding anything.
        read: What it has read.
        seconds_of_work: How long it works on what it has read.
    """

    keys: int
    terminal: int
    gate: InputGate
    looks: int = 0
    read: bytes = b""
    seconds_of_work: float = 0.0
    changed: Condition = field(default_factory=Condition)

    def run(self) -> None:
        while not self.gate.is_set():
            ready = select.select([self.terminal], [], [], 0.1)[0]
            with self.changed:
                if ready:
                    self.read += os.read(self.terminal, 64)
                    time.sleep(self.seconds_of_work)
                else:
                    self.looks += 1
                self.changed.notify_all()

    def has_read(self, text: bytes) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.read == text, 5)

    def looks_soon(self) -> bool:
        """Whether it looks within less than it sleeps."""
        with self.changed:
            return self.changed.wait(0.5)

    def falls_asleep(self) -> bool:
        return any(not self.looks_soon() for _ in range(50))


@pytest.fixture
def reader() -> Iterator[Reader]:
    terminal, keys = os.pipe()
    gate = InputGate(terminal)
    reader = Reader(keys, terminal, gate)
    thread = Thread(target=reader.run)
    thread.start()
    yield reader
    gate.set()
    thread.join(5)
    assert not thread.is_alive()
    gate.close()
    os.close(terminal)
    os.close(keys)


def test_a_reader_without_keys_sleeps(reader: Reader) -> None:
    assert reader.falls_asleep()


def test_a_key_wakes_it_and_it_looks_again_for_a_while(reader: Reader) -> None:
    assert reader.falls_asleep()
    before = reader.looks
    os.write(reader.keys, b"\x1b")
    assert reader.has_read(b"\x1b")
    # a lone escape is a key at the next look
    assert reader.looks_soon()
    assert reader.falls_asleep()
    assert reader.looks >= before + 3


def test_the_main_thread_never_waits(reader: Reader) -> None:
    assert reader.falls_asleep()
    assert not any(reader.gate.is_set() for _ in range(1_000))
    assert reader.gate.wait(0) is False


def test_a_key_that_takes_long_to_work_on_is_no_reason_to_sleep(reader: Reader) -> None:
    assert reader.falls_asleep()
    reader.seconds_of_work = 0.15
    os.write(reader.keys, b"\x1b")
    assert reader.has_read(b"\x1b")
    assert reader.looks_soon()
