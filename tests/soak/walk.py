"""The walk: start the program, do something, look whether all is as it must be, and again."""

import contextlib
import re
import signal
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from batchtui.library.store import ResultsStore
from tests.journeys.acting import is_restored
from tests.journeys.support import BATCHTUI, KEY, Service, environment
from tests.soak.actions import Action, Person
from tests.soak.consent import Consent
from tests.soak.troubles import calm_down, change_habits, plant_some
from tests.terminal_harness import TerminalProgram, WaitTimeoutError

REMEMBERED = 50
_ANSWER = 1.0
"""Seconds within which the program must answer, on a machine that has nothing else to do."""
_LARGEST = 400_000_000
"""Bytes of memory that are never needed."""
_MOST_DESCRIPTORS = 120
_WIDE_TRACES = ("env", "COLUMNS=200")
"""Says how wide a traceback may be; the program itself measures its terminal."""
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FINE_CODES = {0, 2, *(128 + number for number in _SIGNALS)}
_ROW = re.compile(r"[●◐✓✗⊘–?*%+xo-] +(running|canceling|[\w,. ]+?) +msgbatch_\S*…(\w{6,}) ")
_ERROR = re.compile(
    r"^(\w+(?:Error|Exception|Match\w*|Ids|Widget|Screen\w*)\b.*?)\s*$", re.MULTILINE
)
_PAUSE = 1.3
"""Seconds after which a key ends a paste that never ended."""
_PAUSED = "[Enter goes back to batchtui]"
"""Stands on the terminal after another program had it."""
_DEMO = "made-up batches"
"""Stands in the first line of an account that is no account."""
_FRAME = re.compile(r"(\w+/\w+\.py:\d+ in \w+)")


class FoundError(Exception):
    """Something that must not be."""


@dataclass
class Finding:
    """What was found."""

    what: str
    """In a sentence."""
    actions: list[str]
    """What was done last."""
    screen: str
    """The screen then."""
    output: str
    """The end of what the program wrote."""

    def report(self) -> str:
        """Tell it, with all that is needed to look into it."""
        done = "\n".join(f"  {one}" for one in self.actions)
        return f"{self.what}\n last actions:\n{done}\n screen:\n{self.screen}\n{self.output}"


@dataclass
class Load:
    """How much slower than at the start the machine is: others use it as well."""

    base: float = 0.0

    def __post_init__(self) -> None:
        self.base = min(self._spin() for _ in range(5))

    def factor(self) -> float:
        """Measure now."""
        return max(1.0, max(self._spin() for _ in range(3)) / self.base)

    @staticmethod
    def _spin() -> float:
        began = time.perf_counter()
        sum(range(400_000))
        return time.perf_counter() - began


@dataclass
class Walk:
    """One walk."""

    service: Service
    """The simulated service."""
    folder: Path
    """Where the program keeps its files."""
    dice: Random
    """Decides everything."""
    person: Person
    """What is done."""
    findings: list[Finding] = field(default_factory=list)
    actions_done: int = 0
    longest_answer: float = 0.0
    largest: int = 0
    _log: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _load: Load = field(default_factory=Load)
    _consent: Consent = field(default_factory=Consent)
    _running: TerminalProgram | None = None

    def go_on(self, seconds: float) -> None:
        """Walk for a while."""
        ends_at = time.monotonic() + seconds
        self._consent.learn(self.service.batches())
        next_agreement = time.monotonic() + 45
        try:
            while time.monotonic() < ends_at:
                with self._noting():
                    self._step()
                    if time.monotonic() > next_agreement:
                        next_agreement = time.monotonic() + 45
                        self._agree()
            with self._noting():
                self._agree()
                self._leave()
        finally:
            if self._running is not None:
                self._running.close()
                self._running = None

    @contextlib.contextmanager
    def _noting(self) -> Iterator[None]:
        """Note what is found; the program is started afresh then."""
        try:
            yield
        except (FoundError, WaitTimeoutError) as error:
            running = self._running
            screen = running.text if running else ""
            if isinstance(error, WaitTimeoutError) and running is not None and running.is_running:
                running.signal(signal.SIGABRT)  # what each of its threads does is written then
                self._pump(1.0)
            output = bytes(running.output[-3000:]).decode(errors="replace") if running else ""
            shown = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", output)[-2000:].replace("\x1b", "␛")
            is_over = running is not None and not running.is_running
            what = str(error).partition("\n")[0]
            self.findings.append(Finding(what, [*self._log], screen, shown if is_over else ""))
            print(f"--- {self.findings[-1].report()}", flush=True)
            self._stop()

    def _stop(self) -> None:
        if self._running is not None:
            self._running.close()
            self._running = None
        calm_down(self.service)
        self._consent.learn(self.service.batches())

    def _program(self) -> TerminalProgram:
        if self._running is None:
            if self.dice.random() < 0.5:
                (self.folder / "config" / "settings.toml").unlink(missing_ok=True)
            environ = environment(
                self.folder,
                self.service,
                BATCHTUI_POLL_INTERVAL="2",
                PAGER="cat",
                EDITOR="true",
                PYTHONFAULTHANDLER="1",
            )
            columns, lines = self.person.size
            self._note("start")
            self._running = TerminalProgram(
                _WIDE_TRACES + BATCHTUI,
                columns=columns,
                lines=lines,
                environ=environ,
                cwd=self.folder,
            )
            if self.dice.random() < 0.7:
                self._running.wait_for(lambda: b"1049h" in self._output, timeout=40)
                self._pump(self.dice.choice([0.0, 0.3, 1.0]))
        return self._running

    @property
    def _output(self) -> bytearray:
        return self._running.output if self._running is not None else bytearray()

    def _note(self, text: str) -> None:
        size = f"{self.person.size[0]}x{self.person.size[1]}"
        self._log.append(f"{time.strftime('%H:%M:%S')} {size} {text}")

    def _step(self) -> None:
        running = self._program()
        if self.dice.random() < 0.02:
            self._note(plant_some(self.service, self.dice))
        if self.dice.random() < 0.005:
            self._note(change_habits(self.service, self.dice))
        action = self.person.next()
        self._do(running, action)
        self.actions_done += 1
        if self.actions_done % 10 == 0 and self._running is not None:
            self._look(running)

    def _do(self, running: TerminalProgram, action: Action) -> None:
        self._note(action.what)
        if action.data:
            self._pump(0.0)
            self._consent.about_to_send(action.data, running.text, time.monotonic())
            self._type(running, action.data)
        for size in (*([action.size] if action.size else []), *action.more_sizes):
            running.resize(*size)
            if self.dice.random() < 0.5:
                self._pump(0.01)
        if action.signal:
            self._signal(running, action.signal)
        self._pump(action.pause)
        if not running.is_running:
            self._ended(running)

    def _type(self, running: TerminalProgram, data: bytes) -> None:
        try:
            while data:
                # what a terminal takes at once, while its screen is drawn
                running.send_bytes(data[:1000])
                data = data[1000:]
                self._pump(0.0)
        except OSError:
            self._pump(0.1)

    def _signal(self, running: TerminalProgram, name: str) -> None:
        running.signal(signal.Signals[f"SIG{name}"])
        if name == "TSTP":
            deadline = time.monotonic() + 3 * self._load.factor()
            while not _is_stopped(running) and time.monotonic() < deadline:
                self._pump(0.05)
            self._pump(self.dice.choice([0.0, 0.3]))
            running.signal(signal.SIGCONT)

    def _pump(self, seconds: float) -> None:
        """Draw for a while, all of it."""
        running = self._running
        ends_at = time.monotonic() + seconds
        while running is not None:
            came = running.pump(min(0.02, max(0.0, ends_at - time.monotonic())))
            if not came and (time.monotonic() >= ends_at or not running.is_running):
                return

    def _ended(self, running: TerminalProgram) -> None:
        """Look at how the program left."""
        code = running.wait_for_exit()
        self._note(f"left with {code}")
        if b"Traceback" in running.output or "Traceback" in running.text:
            raise FoundError(f"it died of {_last_error(running)}, exit code {code}")
        # before it has the terminal, and once it has given it back, a signal ends it as any program
        is_outside = -code in _SIGNALS and is_restored(running)
        if code not in _FINE_CODES and not is_outside:
            raise FoundError(f"it left with {code}: {_last_error(running)}")
        if not is_restored(running):
            left = f"{running.emulator.modes}, cooked: {running.is_cooked}"
            raise FoundError(f"the terminal is not restored: {left}")
        if KEY.encode() in running.output:
            raise FoundError("the key was shown")
        self._compare()
        running.close()
        self._running = None

    def _compare(self) -> None:
        found = [*self._consent.violations(self.service.batches(), time.monotonic())]
        if found:
            raise FoundError("; ".join(found))

    def _look(self, running: TerminalProgram) -> None:
        self._compare()
        try:
            self._answers(running)
            if self._running is not None:
                self._measure(running)
        except (FileNotFoundError, ProcessLookupError):
            # It has just ended, perhaps of a key that took its time.
            self._ended(running)

    def _measure(self, running: TerminalProgram) -> None:
        self.largest = max(self.largest, running.resident_bytes)
        if running.resident_bytes > _LARGEST:
            raise FoundError(f"it takes {running.resident_bytes / 1e6:.0f} MB")
        descriptors = len(list(Path(f"/proc/{running.process.pid}/fd").iterdir()))
        if descriptors > _MOST_DESCRIPTORS:
            raise FoundError(f"it has {descriptors} files open")

    def _answers(self, running: TerminalProgram) -> None:
        """See that it answers soon: a window one column wider is painted."""
        self._pump(0.05)
        if "".join(_PAUSED.split()) in "".join(running.text.split()):  # it may be wrapped
            # another program had the terminal; nothing is painted before this
            self._type(running, b"\r")
            self._pump(0.2)
        columns, lines = self.person.size
        self.person.size = (columns + 1, lines) if columns < 180 else (columns - 1, lines)
        seen = running.bytes_received
        cpu, queued = running.cpu_seconds, running.queued_seconds
        began = time.monotonic()
        running.resize(*self.person.size)
        while running.bytes_received == seen and running.is_running:
            self._pump(0.02)
            if time.monotonic() - began > 15 * _ANSWER:
                break
        took = time.monotonic() - began
        if not running.is_running:
            self._ended(running)
            return
        self.longest_answer = max(self.longest_answer, took)
        queued = running.queued_seconds - queued
        if took - queued > _ANSWER and took > (load := self._load.factor()) * _ANSWER:
            used = running.cpu_seconds - cpu
            raise FoundError(
                f"no answer within {took:.1f} s, of which it computed {used:.1f} s and waited for "
                f"a processor {queued:.1f} s; the machine is {load:.1f} times slower than before"
            )

    def _agree(self) -> None:
        """Let all be well, go to the list, and compare it with the service, and the disk."""
        running = self._program()
        self._note("all is well: compare")
        calm_down(self.service)
        if not self._go_back(running):
            return
        self._files_are_true()
        self.person.size = (120, 34)
        self._do(running, Action("resize (120, 34)", size=(120, 34), pause=0.3))
        # told apart where there is room for what tells them apart
        if " of " not in running.lines[1] or _DEMO in running.lines[0]:
            return  # the walk may lead to the demo, which is another world
        began = time.monotonic()
        while wrong := self._disagreements(running):
            # a connection that stalled before all was well is waited for, see ``stall_seconds``
            patience = 90 if "loading" in running.lines[0] else 20 * self._load.factor()
            if time.monotonic() > began + patience:
                raise FoundError(f"the screen does not agree with the service: {wrong}")
            self._do(running, Action("press r", b"r", pause=2.0))
            if self._running is None:
                return

    def _disagreements(self, running: TerminalProgram) -> list[str]:
        batches = self.service.batches()
        wrong = []
        for line in running.lines[3:-1]:
            found = _ROW.search(line[:70])
            if found is None:
                continue
            word, end = found.groups()
            there = next((one for one in batches if one["id"].endswith(end)), None)
            status = there["processing_status"] if there else "gone"
            shown = {"running": "in_progress", "canceling": "canceling"}.get(word, "ended")
            if shown != status:
                wrong.append(f"…{end} is shown as {word}, and is {status}")
        return wrong

    def _files_are_true(self) -> None:
        """Each results file that counts as whole is what the service has."""
        there = {one["id"] for one in self.service.batches() if one["results_url"]}
        for root in self.folder.rglob("results"):
            if not root.is_dir():
                continue
            for stored in ResultsStore(root).all():
                batch_id = stored.path.name.partition(".")[0]
                if batch_id not in there or self.dice.random() < 0.8:
                    continue
                if stored.path.read_bytes() != self.service.results(batch_id):
                    raise FoundError(f"{stored.path.name} is not what the service has")

    def _go_back(self, running: TerminalProgram) -> bool:
        """Go back to the list, from wherever it is; return whether the program still runs."""
        # a paste that never ended takes all that is typed, until a key comes after a pause
        self._do(running, Action("pause", pause=_PAUSE))
        escapes = [Action("press escape", b"\x1b", pause=0.25)] * 8
        for action in (Action("press down", b"\x1b[B", pause=0.25), *escapes):
            if not running.is_running:
                return False
            self._do(running, action)
        return running.is_running

    def _leave(self) -> None:
        """Leave as anybody would."""
        running = self._program()
        self._note("leave")
        if not self._go_back(running):
            return
        self._do(running, Action("press q", b"q", pause=0.5))
        if self._running is not None:
            running.wait_for_exit(10 * self._load.factor())
            self._ended(running)


def _is_stopped(running: TerminalProgram) -> bool:
    with contextlib.suppress(FileNotFoundError):
        stat = Path(f"/proc/{running.process.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"
    return True


def _last_error(running: TerminalProgram) -> str:
    text = bytes(running.output[-30_000:]).decode(errors="replace")
    plain = re.sub(r"\x1b\[[0-?]*[ -/]*[@-~]", "", text).replace("\r", "")
    found = _ERROR.findall(plain)
    frames = " < ".join(dict.fromkeys(reversed(_FRAME.findall(plain)[-12:])))
    return f"{found[-1][:200]} at {frames}" if found else plain[-1500:]
