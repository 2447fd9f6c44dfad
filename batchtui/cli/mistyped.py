"""A first word that is no verb: the id of a batch, or a verb with a slip of the finger."""

from batchtui.cli.common import RefusedError
from batchtui.cli.verbs import VERBS
from batchtui.config.stored import nearest


def looks_like_id(word: str) -> bool:
    """Whether a word may be a batch's id: no verb has a digit or an underscore, every id has.

    Gateways make ids of their own, so the beginning of the API's says nothing.
    """
    return any(character.isdigit() or character == "_" for character in word)


def nearest_verb(word: str) -> str:
    """The verb that is most like a word, or an empty string where none is near."""
    # a file such as results.jsonl is no verb with a slip; comparing takes long where a word is
    return nearest(word[:64].lower(), VERBS) if word.isalpha() else ""


def no_such_verb(word: str) -> RefusedError:
    """What is said of a word that is neither a verb nor an id."""
    shown = word[:64]
    guess = nearest_verb(word)
    message = (
        f"There is no verb {shown}; did you mean {guess}?"
        if guess
        else f"{shown} is neither a verb nor the id of a batch."
    )
    return RefusedError(message, hint="batchtui --help lists the verbs.")


def refuse_mistyped(word: str) -> None:
    """Refuse a word that is most likely meant to be a verb.

    Raises:
        RefusedError: It is near to a verb, and does not look like an id.
    """
    if not looks_like_id(word) and nearest_verb(word):
        raise no_such_verb(word)
