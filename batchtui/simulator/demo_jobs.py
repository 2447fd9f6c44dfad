"""The demo's jobs whose questions and answers belong together: small, each with its request file.

Extractions, a judge's verdicts, two runs of one classification, structured output of which a few
rows do not fit, and summaries of which some failed for causes that pass.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from batchtui.simulator.dice import Dice
from batchtui.simulator.rules import Json
from batchtui.simulator.work import LiteralWork

OPUS: Final = "claude-opus-4-6"
SONNET: Final = "claude-sonnet-4-5-20250929"
HAIKU: Final = "claude-haiku-4-5-20251001"

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_TOKEN: Final = 3.7
"""Characters, about."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request of a job and its answer."""

    custom_id: str
    """Its id."""
    prompt: str
    """What was asked."""
    answer: str | tuple[str, str]
    """What came back, or an error as type and message."""
    stop: str = "end_turn"
    """Why the answer stopped."""


@dataclass(frozen=True, slots=True)
class TalkingJob:
    """A batch whose requests are known."""

    label: str
    """What the team calls it."""
    age: float
    """Minutes since its creation."""
    takes: float
    """Minutes from creation to the end."""
    model: str
    """The model."""
    max_tokens: int
    """Of every request."""
    exchanges: Callable[[Dice], Iterator[Exchange]]
    """Makes its requests and answers."""
    system: str = ""
    """What every request is told first."""
    schema: Mapping[str, Json] | None = None
    """What every answer is to fit; None where nothing is asked."""

    def build(self, seed: int) -> tuple[LiteralWork, bytes]:
        """Return the batch's work and its request file."""
        made = tuple(self.exchanges(Dice(seed, self.label.rpartition("-")[0])))
        requests = b"\n".join(map(self._request, made)) + b"\n"
        lines = [self._line(one) for one in made]
        errored = sum(isinstance(one.answer, tuple) for one in made)
        content = b"\n".join(lines)
        return LiteralWork(content, succeeded=len(made) - errored, errored=errored), requests

    def _request(self, one: Exchange) -> bytes:
        params: dict[str, Json] = {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "messages": [{"role": "user", "content": one.prompt}],
        }
        if self.system:
            params["system"] = self.system
        if self.schema is not None:
            params["output_config"] = {"format": {"type": "json_schema", "schema": self.schema}}
        return _encode({"custom_id": one.custom_id, "params": params})

    def _line(self, one: Exchange) -> bytes:
        result: Json
        if isinstance(one.answer, tuple):
            kind, message = one.answer
            error: Json = {"type": "error", "error": {"type": kind, "message": message}}
            result = {"type": "errored", "error": error}
        else:
            prompt = round((len(one.prompt) + len(self.system)) / _TOKEN) + 11
            result = {"type": "succeeded", "message": self._message(one, prompt)}
        return _encode({"custom_id": one.custom_id, "result": result})

    def _message(self, one: Exchange, prompt_tokens: int) -> Json:
        name = f"{self.label} {one.custom_id}"
        written = round(len(str(one.answer)) / _TOKEN) + 3
        return {
            "id": f"msg_01{blake2b(name.encode(), digest_size=11).hexdigest()}",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [{"type": "text", "text": one.answer}],
            "stop_reason": one.stop,
            "stop_sequence": None,
            "usage": {
                "input_tokens": prompt_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": self.max_tokens if one.stop == "max_tokens" else written,
                "service_tier": "batch",
            },
        }


def _encode(value: Json) -> bytes:
    return _ENCODER.encode(value).encode()


_VENDORS: Final = (
    ("Acme Supply GmbH", "EUR"),
    ("Northwind Traders Inc.", "USD"),
    ("Blue Harbour Logistics Ltd", "GBP"),
    ("Kestrel Office Furniture", "EUR"),
    ("Tanaka Precision K.K.", "JPY"),
    ("Papelería del Sur S.L.", "EUR"),
)
_GOODS: Final = (
    ("A6-STD", "Envelopes A6, 500", 18.4),
    ("TNR-44", "Toner cartridge, black", 89.9),
    ("DSK-160", "Standing desk 160 cm", 429.0),
    ("CHR-7", "Task chair", 214.5),
    ("FRT", "Freight", 35.0),
    ("SVC-HR", "Installation, per hour", 72.0),
)


def _invoices(dice: Dice) -> Iterator[Exchange]:
    for number in range(118):
        vendor, currency = dice.pick(_VENDORS)
        serial = f"{2026_0000 + 31 * number + dice.below(30)}"
        date = f"2026-10-{1 + number // 4 % 28:02d}"
        lines = [(*dice.pick(_GOODS), dice.between(1, 12)) for _ in range(dice.between(1, 4))]
        total = round(sum(price * count for _, _, price, count in lines), 2)
        items = "\n".join(
            f"  {count} x {name} ({sku}) at {price:.2f}" for sku, name, price, count in lines
        )
        prompt = (
            "Extract vendor, total, currency, date, invoice_number and lines (sku, qty, price) as "
            f"JSON.\n\nINVOICE {serial}\n{vendor}\nDate: {date}\n{items}\n"
            f"Total: {currency} {total:.2f}"
        )
        record: dict[str, Json] = {
            "vendor": vendor,
            "total": None if number % 23 == 7 else total,
            "currency": currency,
            "date": date,
            "invoice_number": serial,
            "lines": [{"sku": sku, "qty": count, "price": price} for sku, _, price, count in lines],
        }
        text = json.dumps(record, ensure_ascii=False, indent=2)
        opening = dice.pick(("Here is the extracted data:", "Extracted from the invoice:"))
        answer, stop = f"{opening}\n\n```json\n{text}\n```", "end_turn"
        if number % 23 == 7:
            answer += "\n\nThe total at the foot of the page is not legible, so it is null."
        if number in {41, 97}:
            answer = "The scan is too faint to read. Could you send the page again in 300 dpi?"
        elif number == 66:
            answer, stop = answer[: len(answer) * 2 // 3], "max_tokens"
        yield Exchange(f"invoice-{serial}", prompt, answer, stop)


_INTENTS: Final = (
    ("refund", "I was charged twice for order {n}. Please give me the money back."),
    ("delivery", "Order {n} was due on Monday and is still not here. Where is it?"),
    ("cancel", "Please stop my subscription {n} before it renews."),
    ("account", "I can't sign in since the update, ticket {n}. It says unknown device."),
    ("praise", "Ticket {n} was solved in minutes. Thank you, that was great!"),
    ("refund", "Parcel {n} came damaged. I'd rather have my money than a new one."),
    ("delivery", "Can order {n} go to my office instead? It has not left yet."),
)
_CONFUSED: Final = {"refund": "delivery", "delivery": "refund", "cancel": "account"}


def _intents(share_wrong: float) -> Callable[[Dice], Iterator[Exchange]]:
    def exchanges(dice: Dice) -> Iterator[Exchange]:
        for number in range(160):
            intent, text = dice.pick(_INTENTS)
            chance, sure = dice.fraction(), dice.between(78, 99)
            said = _CONFUSED.get(intent, intent) if chance < share_wrong else intent
            answer = {"intent": said, "confidence": (sure if said == intent else sure - 30) / 100}
            custom_id = f"ticket-{48_000 + 7 * number}"
            yield Exchange(custom_id, text.format(n=10_400 + number), json.dumps(answer))

    return exchanges


_VERDICTS: Final = (
    ("pass", 5, "The answer is correct, complete and cites the right clause."),
    ("pass", 4, "Correct; it leaves out that the notice must be in writing."),
    ("fail", 2, "The notice period is wrong: the contract says 30 days, the answer 14."),
    ("fail", 1, "The clause that is cited does not exist in the contract."),
    ("unsure", 3, "Plausible, but the contract is silent on this point."),
)


def _judgements(dice: Dice) -> Iterator[Exchange]:
    for number in range(96):
        verdict, score, reason = dice.weighted(tuple(zip(_VERDICTS, (9, 8, 4, 2, 3), strict=True)))
        prompt = (
            "Judge the answer against the contract. Give verdict (pass, fail, unsure), score 1-5 "
            f"and a reason.\n\nQUESTION {number + 1}: How long is the notice period?\n"
            f"ANSWER: It is {dice.pick((14, 30, 30, 60))} days, see clause {dice.between(3, 19)}."
        )
        record = {"verdict": verdict, "score": score, "reason": reason}
        answer = (
            "<thinking>Compare the clause with the answer.</thinking>\n"
            f"```json\n{json.dumps(record, indent=2)}\n```"
        )
        yield Exchange(f"case-{number + 1:03d}", prompt, answer)


_CONTACT: Final[Mapping[str, Json]] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "company": {"type": "string"},
        "role": {"type": "string", "enum": ["buyer", "engineer", "manager", "other"]},
        "employees": {"type": "integer", "minimum": 1},
        "wants_call": {"type": "boolean"},
    },
    "required": ["name", "company", "role", "employees", "wants_call"],
    "additionalProperties": False,
}
_PEOPLE: Final = ("Ada Okafor", "Jonas Weber", "Mei Tanaka", "Lucía Romero", "Piet de Vries")
_ROLES: Final = ("buyer", "engineer", "manager", "other")


def _contacts(dice: Dice) -> Iterator[Exchange]:
    for number in range(84):
        name, company = dice.pick(_PEOPLE), dice.pick(_VENDORS)[0]
        role, size, call = dice.pick(_ROLES), dice.between(4, 900), dice.happens(0.4)
        record: dict[str, Json] = {
            "name": name,
            "company": company,
            "role": role,
            "employees": size,
            "wants_call": call,
        }
        if number % 21 == 5:
            record["employees"] = f"about {size}"
        elif number % 28 == 11:
            record["role"] = "procurement"
        elif number % 40 == 17:
            del record["wants_call"]
        wish = "Please call me." if call else "An e-mail is enough."
        prompt = f"Fill in the contact: “{name}, {role} at {company} ({size} people). {wish}”"
        yield Exchange(f"lead-{number + 1:04d}", prompt, json.dumps(record, ensure_ascii=False))


_OVERLOADED: Final = ("overloaded_error", "Overloaded")
_RATE: Final = (
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 400,000 input tokens per minute.",
)
_LONG: Final = ("invalid_request_error", "prompt is too long: 214822 tokens > 200000 maximum")
_TOPICS: Final = ("the renewal", "a late shipment", "the new price list", "a faulty scanner")


def _calls(dice: Dice) -> Iterator[Exchange]:
    errors: Sequence[tuple[str, str]] = (*[_OVERLOADED] * 9, *[_RATE] * 4, _LONG)
    failing = dict(zip(sorted(dice.sample(72, len(errors))), errors, strict=True))
    for number in range(72):
        topic, minutes = dice.pick(_TOPICS), dice.between(3, 28)
        day = dice.pick(("Tuesday", "Friday"))
        prompt = f"Summarize this call of {minutes} minutes about {topic} in two sentences."
        answer = (
            f"The customer called about {topic} and had looked for an answer for "
            f"{dice.between(2, 9)} days. We promised to write by {day}."
        )
        yield Exchange(f"call-{7_100 + number}", prompt, failing.get(number, answer))


_CLASSIFY: Final = "Classify the message. Answer as JSON: intent, confidence."
_CLASSIFY_BETTER: Final = (
    "Classify the message as refund, delivery, cancel, account or praise. Money back is always "
    "refund, also when a parcel is late. Answer as JSON: intent, confidence (0-1)."
)

TALKING_JOBS: Final = (
    TalkingJob("extract-invoices-131", 2.6, 1.8, SONNET, 1_024, _invoices),
    TalkingJob("summarize-calls-52", 26, 9, SONNET, 300, _calls),
    TalkingJob("classify-tickets-v2", 70, 12, SONNET, 100, _intents(0.04), system=_CLASSIFY_BETTER),
    TalkingJob("classify-tickets-v1", 84, 8, HAIKU, 100, _intents(0.17), system=_CLASSIFY),
    TalkingJob("judge-answers-9", 112, 17, OPUS, 400, _judgements),
    TalkingJob("extract-leads-77", 155, 11, HAIKU, 200, _contacts, schema=_CONTACT),
)


def sample_with_mistakes() -> bytes:
    """Return a request file of which three lines cannot be sent as they are."""

    def line(custom_id: str, **changes: Json) -> bytes:
        params: dict[str, Json] = {
            "model": SONNET,
            "max_tokens": 300,
            "messages": [{"role": "user", "content": f"Summarize the report {custom_id}."}],
        }
        return _encode({"custom_id": custom_id, "params": {**params, **changes}})

    lines = [line(f"report-{number}") for number in range(1, 25)]
    lines[6] = line("report-3")  # an id that was there before
    lines[13] = line("report-14", max_tokens=0)
    lines[19] = lines[19][:-2]  # not JSON
    return b"\n".join(lines) + b"\n"
