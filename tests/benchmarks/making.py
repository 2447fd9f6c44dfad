"""A results file of any size from a seed: rows like those of real batches, prose-like answers."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path

_SYLLABLES = [
    "an",
    "ter",
    "con",
    "de",
    "re",
    "in",
    "es",
    "ta",
    "lo",
    "mi",
    "ra",
    "ve",
    "no",
    "si",
    "ka",
    "po",
    "lu",
    "gen",
    "tor",
    "val",
    "hal",
    "der",
    "sen",
]
_COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "that",
    "is",
    "was",
    "for",
    "it",
    "with",
    "as",
    "his",
    "on",
    "be",
    "at",
    "by",
    "this",
    "had",
    "not",
    "but",
]
_CAUSES = (
    ("overloaded_error", "Overloaded"),
    ("invalid_request_error", "prompt is too long: {number} tokens > 200000 maximum"),
    ("invalid_request_error", "messages.{small}.content.0: text content blocks must be non-empty"),
    ("api_error", "Internal server error"),
    ("rate_limit_error", "This request would exceed your organization's rate limit"),
)
_MODELS = ("claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")
_VENDORS = ("Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark", "Wayne", "Wonka")
_BLOCK_ROWS = 2_000


def make_file(path: Path, rows: int, seed: int = 1) -> None:
    """Write a results file of about 4 kB a row; the same arguments give the same bytes."""
    with path.open("wb") as file:
        for block in _blocks(rows, seed):
            file.write(block)


def make_records(path: Path, rows: int, seed: int = 2) -> None:
    """Write a results file whose answers hold their JSON in a fence amid prose."""
    dice = random.Random(seed)
    paragraphs = [_paragraph(dice) for _ in range(1_500)]
    with path.open("wb") as file:
        for start in range(0, rows, _BLOCK_ROWS):
            numbers = range(start, min(start + _BLOCK_ROWS, rows))
            lines = [_extracted(number, dice, paragraphs) for number in numbers]
            file.write("".join(lines).encode())


def _extracted(number: int, dice: random.Random, paragraphs: list[str]) -> str:
    if dice.random() < 0.02:
        return _errored(number, dice)
    record = {
        "vendor": f"{dice.choice(_VENDORS)} {dice.choice(('GmbH', 'Ltd', 'Inc', 'SA', 'AS'))}",
        "date": f"2025-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
        "total": round(dice.uniform(1, 400), 2),
        "tags": dice.sample(["nf1", "nf2", "paid", "late", "copy"], dice.randint(0, 3)),
        "lines": [
            {"sku": f"A{dice.randint(1, 40)}", "qty": dice.randint(1, 9)}
            for _ in range(dice.randint(1, 6))
        ],
    }
    written = json.dumps(json.dumps(record, indent=2))[1:-1]
    before = "\\n\\n".join(dice.choices(paragraphs, k=dice.randint(1, 5)))
    after = "\\n\\n".join(dice.choices(paragraphs, k=dice.randint(2, 7)))
    text = f"{before}\\n\\n```json\\n{written}\\n```\\n\\n{after}"
    return _succeeded(number, text, dice)


def _blocks(rows: int, seed: int) -> Iterator[bytes]:
    dice = random.Random(seed)
    paragraphs = [_paragraph(dice) for _ in range(1_500)]
    write = _writer(dice, paragraphs)
    for start in range(0, rows, _BLOCK_ROWS):
        lines = [write(number) for number in range(start, min(start + _BLOCK_ROWS, rows))]
        yield "".join(lines).encode()


def _paragraph(dice: random.Random) -> str:
    words = ["".join(dice.choices(_SYLLABLES, k=dice.randint(1, 4))) for _ in range(40)]
    sentences = [
        " ".join(dice.choices(words + _COMMON, k=dice.randint(5, 18))).capitalize() + "."
        for _ in range(dice.randint(3, 8))
    ]
    text = " ".join(sentences)
    if dice.random() < 0.2:
        text = text.replace(" de", " dé").replace(" to", ' "to"')
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _writer(dice: random.Random, paragraphs: list[str]) -> Callable[[int], str]:
    def write(number: int) -> str:
        kind = dice.random()
        if kind < 0.02:
            return _errored(number, dice)
        if kind < 0.025:
            return f'{{"custom_id":"doc-{number:07}","result":{{"type":"expired"}}}}\n'
        text = "\\n\\n".join(dice.choices(paragraphs, k=dice.randint(4, 15)))
        return _succeeded(number, text, dice)

    return write


def _errored(number: int, dice: random.Random) -> str:
    name, message = dice.choice(_CAUSES)
    message = message.format(number=dice.randint(200_001, 400_000), small=dice.randint(0, 40))
    return (
        f'{{"custom_id":"doc-{number:07}","result":{{"type":"errored","error":{{"type":"error",'
        f'"error":{{"type":"{name}","message":"{message}"}},"request_id":"req_{number:024}"}}}}}}\n'
    )


def _succeeded(number: int, text: str, dice: random.Random) -> str:
    stop = "max_tokens" if dice.random() < 0.03 else "end_turn"
    cached = dice.choice((0, 0, 1_024, 4_096))
    return (
        f'{{"custom_id":"doc-{number:07}","result":{{"type":"succeeded","message":{{'
        f'"id":"msg_{number:024}","type":"message","role":"assistant",'
        f'"model":"{_MODELS[number % 7 == 0]}","content":[{{"type":"text","text":"{text}"}}],'
        f'"stop_reason":"{stop}","stop_sequence":null,"usage":{{'
        f'"input_tokens":{dice.randint(50, 9_000)},"cache_creation_input_tokens":0,'
        f'"cache_read_input_tokens":{cached},"cache_creation":{{"ephemeral_5m_input_tokens":0,'
        f'"ephemeral_1h_input_tokens":0}},"output_tokens":{len(text) // 4},'
        f'"service_tier":"batch"}}}}}}}}\n'
    )
