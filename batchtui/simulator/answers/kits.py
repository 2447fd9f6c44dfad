"""Kits of result lines, ready but for the id: a file of 400 MB becomes a matter of memcpy.

A line is a bytes template for ``%`` with the slots ``id``, ``model``, ``serial`` and, in errors,
``number``, ``type`` and ``message``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from batchtui.simulator.answers import blocks
from batchtui.simulator.answers.blocks import ID_MARK, Json, Maker, ModelAnswer
from batchtui.simulator.dice import Dice
from batchtui.simulator.failures import CAUSES, FailureCause

_MODEL_MARK: Final = "\ue002"
_SERIAL_MARK: Final = "\ue003"
_NUMBER_MARK: Final = "\ue004"
_SLOTS: Final = (
    (ID_MARK, b"%(id)b"),
    (_MODEL_MARK, b"%(model)b"),
    (_SERIAL_MARK, b"%(serial)b"),
    (_NUMBER_MARK, b"%(number)b"),
)


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job that teams run as a batch."""

    makers: tuple[tuple[Maker, int], ...]
    """The kinds of answers, each with its weight."""
    length: int
    """The usual length of a text in characters."""
    input_tokens: tuple[int, int]
    """The usual least and greatest size of a prompt."""
    cached_tokens: int = 0
    """Tokens of a shared prompt that most requests read from the cache."""


STYLES: Final[Mapping[str, JobKind]] = {
    "triage": JobKind(
        (
            (blocks.json_answer, 90),
            (blocks.prose, 4),
            (blocks.truncated, 2),
            (blocks.refusal, 1),
            (blocks.empty, 1),
            (blocks.hostile, 2),
        ),
        420,
        (700, 2_400),
        6_144,
    ),
    "extraction": JobKind(
        ((blocks.tool_use, 70), (blocks.citations, 24), (blocks.truncated, 3), (blocks.prose, 3)),
        700,
        (9_000, 60_000),
    ),
    "summaries": JobKind(
        (
            (blocks.prose, 45),
            (blocks.bullets, 25),
            (blocks.table, 15),
            (blocks.citations, 10),
            (blocks.truncated, 5),
        ),
        1_300,
        (4_000, 30_000),
    ),
    "translation": JobKind(
        ((blocks.languages, 90), (blocks.prose, 6), (blocks.refusal, 2), (blocks.empty, 2)),
        500,
        (300, 900),
        2_048,
    ),
    "review": JobKind(
        ((blocks.code, 80), (blocks.bullets, 15), (blocks.truncated, 3), (blocks.hostile, 2)),
        1_500,
        (2_000, 14_000),
    ),
    "evaluation": JobKind(
        ((blocks.thinking, 80), (blocks.redacted, 12), (blocks.truncated, 5), (blocks.stopped, 3)),
        1_200,
        (150, 600),
    ),
    "moderation": JobKind(
        (
            (blocks.label, 60),
            (blocks.refusal, 12),
            (blocks.hostile, 14),
            (blocks.languages, 8),
            (blocks.empty, 6),
        ),
        200,
        (200, 1_200),
        4_096,
    ),
    "research": JobKind(
        (
            (blocks.web_search, 50),
            (blocks.code_execution, 20),
            (blocks.table, 12),
            (blocks.paused, 8),
            (blocks.overflowing, 4),
            (blocks.novel, 6),
        ),
        1_800,
        (20_000, 150_000),
    ),
    "mixed": JobKind(
        (
            (blocks.prose, 34),
            (blocks.json_answer, 14),
            (blocks.bullets, 12),
            (blocks.code, 10),
            (blocks.table, 8),
            (blocks.thinking, 6),
            (blocks.tool_use, 5),
            (blocks.citations, 4),
            (blocks.languages, 3),
            (blocks.truncated, 2),
            (blocks.refusal, 1),
            (blocks.hostile, 1),
        ),
        5_000,
        (500, 20_000),
        3_072,
    ),
    "giant": JobKind(((blocks.giant, 1), (blocks.prose, 60)), 900, (3_000, 9_000)),
}

LINES_PER_KIT: Final = 192


@dataclass(frozen=True, slots=True)
class Kit:
    """The lines of one style."""

    answers: tuple[bytes, ...]
    """Successes of every kind the style has."""
    whole: tuple[bytes, ...]
    """The successes that were not cut off by the limit of tokens."""
    truncated: tuple[bytes, ...]
    """Successes that were."""
    errors: tuple[bytes, ...]
    """One line for each of `CAUSES`, in their order."""
    mistake: bytes
    """An error with slots ``type`` and ``message`` (JSON strings with their quotes)."""
    canceled: bytes
    """A request that was canceled."""
    expired: bytes
    """A request that ran out of time."""


@lru_cache(maxsize=16)
def kit(style_name: str, seed: int) -> Kit:
    """Make the lines of a style; the same for the same seed.

    Raises:
        KeyError: No style has that name.
    """
    style = STYLES[style_name]
    dice = Dice(seed, style_name)
    answers: list[bytes] = []
    whole: list[bytes] = []
    for _ in range(LINES_PER_KIT):
        answer = dice.weighted(style.makers)(dice, _length(dice, style))
        line = _success(answer, style, dice)
        answers.append(line)
        if answer.stop_reason != "max_tokens":
            whole.append(line)
    return Kit(
        answers=tuple(answers),
        whole=tuple(whole),
        truncated=tuple(
            _success(blocks.truncated(dice, dice.between(40, 200)), style, dice) for _ in range(16)
        ),
        errors=tuple(_error(cause, dice) for cause in CAUSES),
        mistake=_mistake(dice),
        canceled=_line({"type": "canceled"}),
        expired=_line({"type": "expired"}),
    )


def _length(dice: Dice, style: JobKind) -> int:
    """Most answers are short, some are several times as long as usual."""
    factor = dice.weighted(((0.25, 4), (0.6, 8), (1.0, 6), (1.8, 2), (4.0, 1)))
    return max(20, int(style.length * factor))


def _success(answer: ModelAnswer, style: JobKind, dice: Dice) -> bytes:
    size = len(json.dumps(answer.content, ensure_ascii=False))
    message: dict[str, Json] = {
        "model": _MODEL_MARK,
        "id": f"msg_01{dice.letters(14)}{_SERIAL_MARK}",
        "type": "message",
        "role": "assistant",
        "content": answer.content,
        "stop_reason": answer.stop_reason,
        "stop_sequence": answer.stop_sequence,
        **answer.extra,
        "usage": {**_usage(style, dice, max(1, size // 4)), **answer.usage},
    }
    return _line({"type": "succeeded", "message": message})


def _usage(style: JobKind, dice: Dice, output_tokens: int) -> dict[str, Json]:
    hit = style.cached_tokens if dice.happens(0.8) else 0
    written = style.cached_tokens - hit
    usage: dict[str, Json] = {
        "input_tokens": dice.between(*style.input_tokens),
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": hit,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": written},
        "output_tokens": output_tokens,
        "service_tier": "batch",
    }
    if dice.happens(0.1):
        # Older answers lack the newer fields.
        usage.update(cache_creation=None, cache_creation_input_tokens=None)
        del usage["service_tier"]
    return usage


def _error(cause: FailureCause, dice: Dice) -> bytes:
    message = cause.message % {"number": _NUMBER_MARK, "model": _MODEL_MARK}
    error: Json = {
        "type": "error",
        "error": {"type": cause.type, "message": message},
        "request_id": f"req_011C{dice.letters(10)}{_SERIAL_MARK}",
    }
    return _line({"type": "errored", "error": error})


def _mistake(dice: Dice) -> bytes:
    request_id = f"req_011C{dice.letters(10)}".encode()
    return (
        b'{"custom_id":"%(id)b","result":{"type":"errored","error":{"type":"error","error":'
        b'{"type":%(type)b,"message":%(message)b},"request_id":"' + request_id + b'%(serial)b"}}}\n'
    )


def _line(result: Json) -> bytes:
    row: Json = {"custom_id": ID_MARK, "result": result}
    line = json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n"
    template = line.encode().replace(b"%", b"%%")
    for mark, slot in _SLOTS:
        template = template.replace(mark.encode(), slot)
    return template
