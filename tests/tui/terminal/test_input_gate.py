import os
import select
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Condition, Thread

import pytest

from batchtui.tui.terminal.input_gate import InputGate


@dataclass
class Reader:
    """A thread like Textual's, without the tenth of a second between two looks.

    Attributes:
        keys: The end that keys are typed into.
        looks: How often it has looked at the terminal.
        read: What it has read.
    """

    keys: int
    terminal: int
    gate: InputGate
    looks: int = 0
    read: bytes = b""
    changed: Condition = field(default_factory=Condition)

    def run(self) -> None:
        while not self.gate.is_set():
            ready = select.select([self.terminal], [], [], 0)[0]
            with self.changed:
                self.looks += 1
                if ready:
                    self.read += os.read(self.terminal, 64)
                self.changed.notify_all()

    def has_read(self, text: bytes) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.read == text, 5)

    def rests(self) -> bool:
        """Whether it looks no more."""
        with self.changed:
            while self.changed.wait(0.2):
                if self.looks > 1_000:
                    return False
        return True


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
    gate.clear()
    assert not gate.is_set()
    gate.close()
    os.close(terminal)
    os.close(keys)


def test_a_reader_without_keys_sleeps_after_some_looks(reader: Reader) -> None:
    assert reader.rests()
    # a lone escape is a key a tenth of a second later: it must have looked again by then
    assert reader.looks >= 2


def test_a_key_wakes_it_and_it_looks_again_for_a_while(reader: Reader) -> None:
    assert reader.rests()
    before = reader.looks
    os.write(reader.keys, b"a")
    assert reader.has_read(b"a")
    assert reader.rests()
    assert reader.looks >= before + 3
    os.write(reader.keys, b"b")
    assert reader.has_read(b"ab")


def test_the_main_thread_never_waits(reader: Reader) -> None:
    assert reader.rests()
    assert not any(reader.gate.is_set() for _ in range(100))
