"""Lines that are no requests, but something known: what they are, and what would have to change."""

from batchtui.submission.problems import ProblemKind, RuleFinding
from batchtui.submission.specification import REQUEST_KEYS, SPECIFIED_PARAMS, JsonObject

_OPENAI = (
    'This is the shape of OpenAI\'s batches: rename "body" to "params", remove "method" and'
    ' "url", and check the names inside (max_tokens is required; a message with role "system"'
    ' becomes the param "system").'
)
_MISTRAL = (
    'This is the shape of Mistral\'s batches: rename "body" to "params", put "model" in, and check'
    ' the names inside (max_tokens is required; a message with role "system" becomes the param'
    ' "system").'
)
_OPENAI_BATCH = "This is a batch of OpenAI as its API answers it, not a file of requests."
_GEMINI = (
    'This is the shape of Gemini\'s batches: each line has to become {"custom_id", "params"};'
    ' "contents" becomes "messages" with roles "user" and "assistant", "parts" become content'
    ' blocks, "systemInstruction" becomes "system", "maxOutputTokens" becomes "max_tokens", and'
    ' "model" is needed.'
)
_BEDROCK = (
    'This is the shape of Bedrock\'s batches: rename "recordId" to "custom_id" and'
    ' "modelInput" to "params", take "anthropic_version" out and put "model" in.'
)
_OTHER_SHAPES = (
    (frozenset({"body", "url"}), _OPENAI),
    (frozenset({"body", "method"}), _OPENAI),
    (frozenset({"custom_id", "body"}), _MISTRAL),
    (frozenset({"object", "endpoint"}), _OPENAI_BATCH),
    (frozenset({"request", "key"}), _GEMINI),
    (frozenset({"request", "custom_id"}), _GEMINI),
    (frozenset({"modelInput"}), _BEDROCK),
)
"""The names that other vendors' lines are told by, and what to say."""
_VENDORS_NAMES = frozenset().union(*(names for names, _ in _OTHER_SHAPES))


def name_look_alike(request: JsonObject) -> RuleFinding | None:
    """Name what an object without params is instead, and what would have to change."""
    if "params" in request:
        return None
    if "result" in request and "custom_id" in request:
        return RuleFinding(
            ProblemKind.RESULTS_LINE, "This line is a batch's result, not a request."
        )
    if request.get("type") == "message_batch":
        return RuleFinding(
            ProblemKind.RESULTS_LINE, "This is the answer to a create call, not a file of requests."
        )
    names = request.keys()
    if names and not names & (REQUEST_KEYS | SPECIFIED_PARAMS | _VENDORS_NAMES):
        return RuleFinding(
            ProblemKind.PARAMS_MISSING,
            "This is a row of data, not a request: batchtui make makes requests of a table and a"
            " prompt.",
        )
    if {"custom_id", "type", "content"} <= names:
        return RuleFinding(
            ProblemKind.RESULTS_LINE, "This line is an answer that was taken out of a result."
        )
    message = next((text for wanted, text in _OTHER_SHAPES if wanted <= names), "")
    return RuleFinding(ProblemKind.OPENAI_SHAPE, message) if message else None
