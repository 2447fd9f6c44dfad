"""Messages of this API in another wrapping, and rows that a script wrote."""

from batchtui.results.vendors.shape import (
    Fields,
    Json,
    Problem,
    errored,
    fields_of,
    string_of,
    text_block,
)


def read_bedrock(fields: Fields) -> Json | None:
    """Read a record of a Bedrock batch."""
    if "recordId" not in fields:
        return None
    problem = fields_of(fields.get("error"))
    if problem is not None:
        code, message = (string_of(problem.get(name)) for name in ("errorCode", "errorMessage"))
        return errored(Problem(message, code or "api_error"), None)
    message_fields = fields_of(fields.get("modelOutput"))
    return {"type": "succeeded", "message": message_fields} if message_fields else None


def read_message(fields: Fields) -> Json | None:
    """Read a message that has no result around it."""
    for name in ("message", "response", "body"):
        inner = fields_of(fields.get(name))
        if inner is not None and "content" in inner and "role" in inner:
            return {"type": "succeeded", "message": inner}
    return None


_ANSWER_NAMES = ("content", "text", "output", "response", "answer", "completion", "result_text")


def read_flat(fields: Fields) -> Json | None:
    """Read a row of a script: an id and a text."""
    if "custom_id" not in fields or "params" in fields:
        return None
    kind = string_of(fields.get("type")) or ""
    problem = string_of(fields.get("error"))
    if problem or kind == "errored":
        return errored(Problem(problem or "no error was kept"), None)
    if kind in ("canceled", "expired"):
        return {"type": kind}
    for name in _ANSWER_NAMES:
        text = string_of(fields.get(name))
        if text is not None:
            stop, model = (string_of(fields.get(key)) for key in ("stop_reason", "model"))
            usage = fields_of(fields.get("usage"))
            message: Json = {"content": [text_block(text)], "stop_reason": stop, "model": model}
            return {"type": "succeeded", "message": {**message, "usage": usage}}
    return None
