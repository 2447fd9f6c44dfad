"""Answers as lists of content blocks, of every kind that the Messages API returns."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from batchtui.simulator.answers.texts import (
    CODE_ANSWERS,
    HOSTILE,
    OTHER_LANGUAGES,
    SENTENCES,
    TABLES,
)
from batchtui.simulator.dice import Dice

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

ID_MARK: Final = "\ue001"
"""Stands for the row's custom_id inside a text until the row is written."""

SUBJECTS: Final = tuple(SENTENCES)


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """What a model gave back."""

    content: Sequence[Json]
    """The content blocks."""
    stop_reason: str | None = "end_turn"
    """Why it stopped."""
    stop_sequence: str | None = None
    """The sequence it stopped at, if one was given."""
    extra: Mapping[str, Json] = field(default_factory=dict)
    """Further fields of the message."""
    usage: Mapping[str, Json] = field(default_factory=dict)
    """Further fields of its usage."""


def text_block(text: str) -> Json:
    """Return a block of text."""
    return {"type": "text", "text": text}


def paragraphs(dice: Dice, length: int) -> str:
    """Return paragraphs about one subject, at least ``length`` characters long."""
    sentences = SENTENCES[dice.pick(SUBJECTS)]
    parts: list[str] = []
    size = 0
    while size < length:
        paragraph = " ".join(dice.pick(sentences) for _ in range(dice.between(2, 5)))
        parts.append(paragraph)
        size += len(paragraph) + 2
    return "\n\n".join(parts)


def prose(dice: Dice, length: int) -> ModelAnswer:
    """Plain paragraphs, sometimes under Markdown headings."""
    text = paragraphs(dice, length)
    if dice.happens(0.3):
        text = f"## Summary\n\n{text}\n\n**Confidence:** {dice.pick(('high', 'medium', 'low'))}"
    return ModelAnswer([text_block(text)])


def bullets(dice: Dice, length: int) -> ModelAnswer:
    """Return a Markdown list."""
    sentences = paragraphs(dice, length).replace("\n\n", " ").split(". ")
    lines = [f"{number}. {sentence.rstrip('.')}." for number, sentence in enumerate(sentences, 1)]
    return ModelAnswer([text_block("Key points:\n\n" + "\n".join(lines))])


def table(dice: Dice, length: int) -> ModelAnswer:
    """Return a Markdown table with a comment."""
    return ModelAnswer([text_block(f"{dice.pick(TABLES)}\n{paragraphs(dice, length // 2)}")])


def code(dice: Dice, length: int) -> ModelAnswer:
    """Return a review with fenced code."""
    language, source = dice.pick(CODE_ANSWERS)
    text = f"{paragraphs(dice, length // 2)}\n\n```{language}\n{source}```\n\n"
    return ModelAnswer([text_block(text + paragraphs(dice, length // 4))])


def json_answer(dice: Dice, length: int) -> ModelAnswer:
    """Return the JSON object a pipeline asked for, which quotes the row's id."""
    record: Json = {
        "id": ID_MARK,
        "category": dice.pick(("billing", "shipping", "login", "bug", "feature request")),
        "sentiment": round(dice.fraction() * 2 - 1, 2),
        "urgent": dice.happens(0.2),
        "entities": [dice.pick(("invoice", "refund", "parcel", "mobile app")) for _ in range(2)],
        "summary": paragraphs(dice, max(60, length // 3)),
    }
    return ModelAnswer([text_block(json.dumps(record, ensure_ascii=False))])


def label(dice: Dice, _length: int) -> ModelAnswer:
    """Return one word, as classifiers answer."""
    return ModelAnswer(
        [text_block(dice.pick(("relevant", "irrelevant", "unsure", "A", "B", "42")))]
    )


def tool_use(dice: Dice, length: int) -> ModelAnswer:
    """Return a call of the caller's own tool."""
    block: Json = {
        "type": "tool_use",
        "id": f"toolu_01{dice.letters(22)}",
        "name": dice.pick(("record_extraction", "save_summary", "get_weather")),
        "input": {
            "document_id": ID_MARK,
            "parties": ["Northwind Traders Ltd", "Contoso GmbH"],
            "effective_date": f"2025-{dice.between(1, 12):02d}-{dice.between(1, 28):02d}",
            "amount": {"value": dice.between(1_000, 900_000), "currency": "EUR"},
            "notes": paragraphs(dice, length // 2),
        },
    }
    before = [text_block("I'll record what the document says.")] if dice.happens(0.5) else []
    return ModelAnswer([*before, block], "tool_use")


def thinking(dice: Dice, length: int) -> ModelAnswer:
    """Return extended thinking before the answer; now and then its text is withheld."""
    thought = (
        "" if dice.happens(0.15) else f"Let me work through this.\n\n{paragraphs(dice, length)}"
    )
    block: Json = {"type": "thinking", "thinking": thought, "signature": _opaque(dice, 220)}
    return ModelAnswer([block, text_block(f"The answer is **{dice.between(2, 999)}**.")])


def redacted(dice: Dice, length: int) -> ModelAnswer:
    """Thinking that is encrypted."""
    block: Json = {"type": "redacted_thinking", "data": _opaque(dice, 400)}
    return ModelAnswer([block, text_block(paragraphs(dice, length // 2))])


def citations(dice: Dice, length: int) -> ModelAnswer:
    """Return text with citations of characters, of pages and of content blocks."""
    quote = dice.pick(SENTENCES["contract"])
    start = dice.between(100, 20_000)
    cited: Sequence[Json] = (
        {
            "type": "char_location",
            "cited_text": quote,
            "document_index": 0,
            "document_title": "Master agreement.txt",
            "start_char_index": start,
            "end_char_index": start + len(quote),
            "file_id": None,
        },
        {
            "type": "page_location",
            "cited_text": quote,
            "document_index": 1,
            "document_title": "Annual report 2024.pdf",
            "start_page_number": dice.between(1, 80),
            "end_page_number": dice.between(81, 90),
        },
        {
            "type": "content_block_location",
            "cited_text": quote,
            "document_index": 2,
            "document_title": None,
            "start_block_index": 3,
            "end_block_index": 4,
        },
    )
    return ModelAnswer(
        [
            text_block("The document answers this directly: "),
            {"type": "text", "text": quote, "citations": [dice.pick(cited)]},
            text_block(f" {paragraphs(dice, length // 2)}"),
        ]
    )


def web_search(dice: Dice, length: int) -> ModelAnswer:
    """Return a search made by the server, its results and an answer that cites them."""
    call = f"srvtoolu_01{dice.letters(22)}"
    hits: Json = [
        {
            "type": "web_search_result",
            "title": f"Result {number}: {dice.pick(SENTENCES['science'])}",
            "url": f"https://example.com/articles/{dice.between(1000, 9999)}",
            "encrypted_content": _opaque(dice, 160),
            "page_age": dice.pick(("2 days ago", "March 3, 2025", None)),
        }
        for number in (1, 2)
    ]
    return ModelAnswer(
        [
            {
                "type": "server_tool_use",
                "id": call,
                "name": "web_search",
                "input": {"query": "hazard ratio replication cohort"},
            },
            {"type": "web_search_tool_result", "tool_use_id": call, "content": hits},
            text_block(paragraphs(dice, length // 2)),
        ],
        usage={"server_tool_use": {"web_search_requests": 1, "web_fetch_requests": 0}},
    )


def code_execution(dice: Dice, length: int) -> ModelAnswer:
    """Code run by the server, an image it made, and a container left behind."""
    call = f"srvtoolu_01{dice.letters(22)}"
    return ModelAnswer(
        [
            {
                "type": "server_tool_use",
                "id": call,
                "name": "bash_code_execution",
                "input": {"command": "python plot.py --out chart.png"},
            },
            {
                "type": "bash_code_execution_tool_result",
                "tool_use_id": call,
                "content": {
                    "type": "bash_code_execution_result",
                    "stdout": "wrote chart.png\n",
                    "stderr": "",
                    "return_code": 0,
                    "content": [{"type": "bash_code_execution_output", "file_id": "file_011CPM"}],
                },
            },
            {"type": "container_upload", "file_id": f"file_011C{dice.letters(20)}"},
            text_block(paragraphs(dice, length // 2)),
        ],
        extra={"container": {"id": "container_011CaNRh", "expires_at": "2026-04-24T11:19:38Z"}},
    )


def languages(dice: Dice, length: int) -> ModelAnswer:
    """Return a translation into one of several scripts."""
    sentences = OTHER_LANGUAGES[dice.pick(tuple(OTHER_LANGUAGES))]
    text = " ".join(dice.pick(sentences) for _ in range(max(1, length // 90)))
    return ModelAnswer([text_block(text)])


def hostile(dice: Dice, _length: int) -> ModelAnswer:
    """Return text that would do harm if a terminal or a markup parser took it at its word."""
    return ModelAnswer([text_block(f"{dice.pick(HOSTILE)} {dice.pick(HOSTILE)}")])


def refusal(dice: Dice, _length: int) -> ModelAnswer:
    """Return a refusal, often without a word."""
    said = [text_block("I can't help with that request.")] if dice.happens(0.4) else []
    return ModelAnswer(
        said, "refusal", extra={"stop_details": {"type": "refusal", "category": None}}
    )


def empty(_dice: Dice, _length: int) -> ModelAnswer:
    """Return nothing at all."""
    return ModelAnswer([])


def truncated(dice: Dice, length: int) -> ModelAnswer:
    """Return an answer cut off by the limit of tokens, in the middle of a word."""
    return ModelAnswer([text_block(paragraphs(dice, length)[: max(40, length) - 7])], "max_tokens")


def stopped(dice: Dice, length: int) -> ModelAnswer:
    """Return an answer ended by a stop sequence of the caller."""
    return ModelAnswer([text_block(paragraphs(dice, length))], "stop_sequence", "</answer>")


def paused(dice: Dice, length: int) -> ModelAnswer:
    """Return a long turn that the server paused."""
    return ModelAnswer([text_block(paragraphs(dice, length // 2))], "pause_turn")


def overflowing(dice: Dice, length: int) -> ModelAnswer:
    """Return an answer that filled the context window."""
    return ModelAnswer([text_block(paragraphs(dice, length))], "model_context_window_exceeded")


def novel(dice: Dice, length: int) -> ModelAnswer:
    """Return a block type nobody knows yet, between two known ones."""
    block: Json = {"type": "hologram", "version": 2, "layers": [{"depth": 0.25, "ref": "h_1"}]}
    return ModelAnswer([text_block(paragraphs(dice, length // 2)), block, text_block("Done.")])


def giant(dice: Dice, _length: int) -> ModelAnswer:
    """Return one answer of more than a megabyte, as 300,000 output tokens make."""
    return ModelAnswer([text_block("\n\n".join([paragraphs(dice, 6_500)] * 200))])


Maker: TypeAlias = Callable[[Dice, int], ModelAnswer]


def _opaque(dice: Dice, length: int) -> str:
    return "E" + dice.letters(length - 2) + "="
